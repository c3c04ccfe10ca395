"""ARG and ENV."""

from __future__ import annotations

from tests.unit.builds.lint.case import breaks, right

ARGUMENTS = (
    breaks(
        "an ENV that ends up in an address",
        """
        FROM debian:12 AS base
        ENV NVARCH=x86_64
        FROM base
        RUN curl -LO https://x.org/repos/${NVARCH}/keyring.deb
        """,
        "2 fixed-argument",
    ),
    breaks(
        "an ARG that ends up in the source of COPY",
        """
        ARG BASE=debian:12
        FROM ${BASE}
        ARG TOOLS_ARCH=x86_64
        COPY tools/${TOOLS_ARCH}/wrap /usr/bin/wrap
        """,
        "3 fixed-argument",
    ),
    breaks(
        "through two others, and declared before FROM",
        """
        ARG MACHINE=amd64
        FROM debian:12
        ARG MACHINE
        ENV TOOL=tool-${MACHINE}
        RUN url="https://x.org/$TOOL" && curl -LO "$url"
        """,
        "1 fixed-argument",
    ),
    breaks(
        "a whole address",
        """
        FROM fedora:43
        ARG CHROME=https://x.org/chrome_x86_64.rpm
        RUN dnf install -y $CHROME
        """,
        "2 fixed-argument",
    ),
    breaks(
        "the later one counts, of an ENV with several",
        """
        FROM debian:12
        ENV A=1 \\
            MACHINE=aarch64 \\
            B=2
        ARG MACHINE=x86_64
        RUN curl -LO https://x.org/tool-$MACHINE
        """,
        "5 fixed-argument",
    ),
    breaks(
        "a default that hides what every build is given",
        """
        FROM debian:12
        ARG TARGETARCH=amd64
        RUN case "$TARGETARCH" in amd64) curl -LO https://x.org/x64;; arm64) curl -LO https://x.org/arm64;; esac
        """,
        "2 fixed-argument",
    ),
    breaks(
        "and the same before FROM",
        """
        ARG TARGETARCH=amd64
        FROM debian:12
        ARG TARGETARCH
        RUN curl -LO https://x.org/tool-$TARGETARCH
        """,
        "1 fixed-argument",
    ),
    breaks(
        "an image's name",
        """
        ARG MACHINE=amd64
        FROM ${MACHINE}/debian:12
        RUN true
        """,
        "2 base-image-name",
    ),
    right("nobody uses it", "FROM debian:12\nARG MACHINE=x86_64\nENV OTHER=amd64\nRUN true\n"),
    right(
        "it is used where a name means nothing",
        """
        FROM debian:12
        ARG MACHINE=x86_64
        LABEL machine=$MACHINE
        RUN echo "for $MACHINE"
        """,
    ),
    right(
        "an ENV of the same name is set from TARGETARCH",
        """
        FROM debian:12
        ARG MACHINE=x86_64
        ARG TARGETARCH
        ENV MACHINE=$TARGETARCH
        RUN curl -LO https://x.org/tool-$MACHINE
        """,
    ),
    right(
        "a script sets it anew",
        """
        FROM debian:12
        ARG MACHINE=x86_64
        RUN MACHINE=$(uname -m); curl -LO https://x.org/tool-$MACHINE
        """,
    ),
    right("TARGETARCH has a default that nothing uses", "FROM debian:12\nARG TARGETARCH=amd64\nRUN true\n"),
    right("without a value, nobody knows", "FROM debian:12\nARG MACHINE\nRUN curl -LO https://x.org/$MACHINE\n"),
)
