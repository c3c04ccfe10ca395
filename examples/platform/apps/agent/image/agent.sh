#!/bin/sh
# Reports the machine once, or every minute.
report() { echo "agent built for $(cat /machine), running on $(uname -m)"; }
report
[ "${1:-}" = --once ] && exit
while sleep 60; do report; done
