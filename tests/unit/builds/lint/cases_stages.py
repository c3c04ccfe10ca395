"""Stages, and what is copied from the context."""

from __future__ import annotations

from tests.unit.builds.lint.case import breaks, right

COPIES = (
    breaks("a file named for an architecture", "FROM scratch\nCOPY bin/linux_amd64/tool /tool\n", "2 prebuilt-binary"),
    breaks("ADD of an archive", "FROM scratch\nADD rootfs-x86_64.tar.gz /\n", "2 prebuilt-binary"),
    right("by TARGETARCH", "FROM scratch\nARG TARGETARCH\nCOPY bin/linux_${TARGETARCH}/tool /tool\n"),
    right("all of them", "FROM scratch\nCOPY bin/tool-amd64 bin/tool-arm64 /bin/\n"),
    breaks(
        "on the line where it stands",
        """
        FROM scratch
        COPY LICENSE \\
             bin/linux_amd64/tool \\
             /
        COPY ["docs", "bin/x86_64/tool", "/"]
        """,
        "3 prebuilt-binary",
        "5 prebuilt-binary",
    ),
    right("an emulator is for the building machine", "FROM debian:12\nCOPY qemu-aarch64-static /usr/bin/\n"),
    right("source is for everybody", "FROM a\nCOPY start.amd64.S setup_x86_64.sh x86_64.json /src/\n"),
    right("a folder of everything", "FROM scratch\nCOPY . /\n"),
)

STAGES = (
    breaks(
        "a final stage of one platform",
        """
        FROM --platform=linux/amd64 debian:12
        RUN true
        """,
        "1 fixed-platform",
    ),
    breaks(
        "a final stage of the building machine's",
        """
        FROM --platform=$BUILDPLATFORM debian:12
        RUN true
        """,
        "1 build-platform",
    ),
    breaks(
        "and all that it hides",
        """
        FROM --platform=linux/amd64 debian:12
        RUN curl -LO https://x.org/tool-amd64
        """,
        "1 fixed-platform",
        "2 fixed-download",
    ),
    breaks(
        "a stage that others begin from too",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS base
        FROM base AS tool
        RUN go build -o /out/tool .
        FROM base
        COPY --from=tool /out/tool /tool
        """,
        "1 build-platform",
    ),
    breaks(
        "by an argument, and through another stage",
        """
        ARG PLATFORM=linux/amd64
        FROM --platform=$PLATFORM debian:12 AS base
        FROM base
        RUN true
        """,
        "2 fixed-platform",
    ),
    breaks("an image for one architecture", "FROM amd64/debian:12\nRUN true\n", "1 base-image-name"),
    breaks(
        "an image to copy from",
        "FROM debian:12\nCOPY --from=example.org/tool:v1-amd64 /tool /tool\n",
        "2 base-image-name",
    ),
    breaks(
        "a script that refuses",
        """
        FROM debian:12
        RUN if [ "$(uname -m)" != "x86_64" ]; then \\
              echo "only x86_64" >&2; \\
              exit 1; \\
            fi
        """,
        "4 refuses-platform",
    ),
    breaks(
        "no branch but the one that refuses",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN case $TARGETARCH in amd64) true;; *) exit 1;; esac
        RUN [ "$TARGETARCH" = amd64 ] || exit 1
        """,
        "3 refuses-platform",
        "4 refuses-platform",
    ),
    right(
        "scratch is of the target's platform whatever is said",
        "FROM --platform=linux/amd64 scratch\nCOPY x /x\n",
    ),
    right(
        "a fixed stage that only gives files",
        """
        FROM --platform=linux/amd64 node:22 AS ui
        RUN npm run build
        FROM nginx:1
        COPY --from=ui /dist /usr/share/nginx/html
        """,
    ),
    right("the target's own", "FROM --platform=$TARGETPLATFORM debian:12\nRUN true\n"),
    right(
        "a stage per architecture",
        """
        FROM amd64/debian:12 AS base-amd64
        FROM arm64v8/debian:12 AS base-arm64
        FROM base-${TARGETARCH}
        RUN true
        """,
    ),
    right(
        "a script that refuses everybody",
        """
        FROM debian:12
        ARG VERSION=
        RUN if [ -z "$VERSION" ]; then echo "give a version"; exit 1; fi; curl -LO https://x.org/x-$(uname -m)
        RUN echo amd64
        """,
    ),
)
