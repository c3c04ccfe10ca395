"""The same requests over urllib3: reads request targets from stdin, prints the seconds they took.

inspect_urllib3.py HOST PORT CONNECTIONS < targets
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import urllib3


def main() -> None:
    host, port, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    targets = sys.stdin.read().split()
    accept = {"Accept": "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"}
    pool = urllib3.HTTPConnectionPool(host, port, maxsize=connections, block=True)
    start = time.perf_counter()
    with ThreadPoolExecutor(connections) as workers:
        for answer in workers.map(lambda target: pool.request("GET", target, headers=accept), targets):
            if answer.status != 200:
                raise SystemExit(f"{answer.status}")
    print(f"{time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main()
