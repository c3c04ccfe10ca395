"""Downloads that break."""

from __future__ import annotations

from tests.unit.builds.lint.case import breaks

DOWNLOADS = (
    breaks(
        "an address with linux/amd64 fixed",
        """
        FROM debian:12
        RUN curl -fsSLo /usr/bin/kubectl https://dl.k8s.io/release/v1.34.0/bin/linux/amd64/kubectl
        """,
        "2 fixed-download",
    ),
    breaks(
        "x86_64 in a file name, on the line where it stands",
        """
        FROM debian:12
        RUN apt-get update \\
            # what follows is the compiler
            && curl -LO https://github.com/x/protobuf/releases/download/v31/protoc-31-linux-x86_64.zip \\
            && unzip protoc-31-linux-x86_64.zip
        """,
        "4 fixed-download",
    ),
    breaks(
        "linux-64, linux64, x64 and Linux-64bit are the same machine",
        """
        FROM debian:12
        RUN wget https://micro.mamba.pm/api/micromamba/linux-64/latest
        RUN wget https://x.org/geckodriver-v0.36.0-linux64.tar.gz
        RUN wget -q https://nodejs.org/dist/v22.0.0/node-v22.0.0-linux-x64.tar.xz
        RUN wget https://x.org/trivy_0.60.0_Linux-64bit.deb
        """,
        "2 fixed-download",
        "3 fixed-download",
        "4 fixed-download",
        "5 fixed-download",
    ),
    breaks("ADD fetches too", "FROM debian:12\nADD https://x.org/tool-amd64 /usr/bin/tool\n", "2 fixed-download"),
    breaks(
        "an address without its scheme",
        "FROM debian:12\nRUN curl -Lo /tool example.org/tool-linux-amd64\n",
        "2 fixed-download",
    ),
    breaks(
        "a variable of the script holds the architecture",
        """
        FROM debian:12
        RUN set -e; \\
            arch=amd64; \\
            file="tool-${arch}.tgz"; \\
            curl -LO "https://x.org/$file"
        """,
        "3 fixed-download",
    ),
    breaks(
        "the default of a modifier is all that there is",
        """
        FROM debian:12
        RUN curl -LO https://x.org/tool-${TOOL_ARCH:-amd64}
        """,
        "2 fixed-download",
    ),
    breaks(
        "TARGETARCH is not declared, so its default is taken",
        """
        FROM debian:12
        RUN curl -LO https://x.org/tool-${TARGETARCH:-amd64}
        """,
        "2 fixed-download",
    ),
    breaks(
        "declared before FROM is not declared in the stage",
        """
        ARG TARGETARCH
        FROM debian:12
        RUN curl -LO https://x.org/tool-${TARGETARCH:-amd64}
        """,
        "3 fixed-download",
    ),
    breaks(
        "declared in another stage",
        """
        FROM debian:12 AS tools
        ARG TARGETARCH
        RUN echo "$TARGETARCH"
        FROM debian:12
        COPY --from=tools /etc/hostname /x
        RUN curl -LO https://x.org/tool-${TARGETARCH:-amd64}
        """,
        "6 fixed-download",
    ),
    breaks(
        "only one of the branches is for the platform, and it fetches the wrong thing",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN case "$TARGETARCH" in \\
              amd64) curl -LO https://x.org/tool-amd64 ;; \\
              arm64) curl -LO https://x.org/tool-x86_64 ;; \\
            esac
        """,
        "5 fixed-download",
    ),
    breaks(
        "a here-document is a script",
        """
        FROM debian:12
        RUN <<EOF
        set -e
        curl -LO https://x.org/tool-amd64
        EOF
        """,
        "4 fixed-download",
    ),
    breaks(
        "a here-document with its interpreter, and one handed to bash",
        """
        FROM debian:12
        RUN <<EOF
        #!/usr/bin/env bash
        curl -LO https://x.org/tool-amd64
        EOF
        RUN bash -e <<'EOF'
        curl -LO https://x.org/other-amd64
        EOF
        """,
        "4 fixed-download",
        "7 fixed-download",
    ),
    breaks(
        "scripts inside scripts, and the exec form",
        """
        FROM debian:12
        RUN bash -c "curl -LO https://x.org/tool-amd64"
        RUN ["/bin/sh", "-c", "curl -LO https://x.org/tool-amd64"]
        RUN ["curl", "-LO", "https://x.org/tool-amd64"]
        RUN sudo -E env X=1 sh -ec 'wget https://x.org/tool-amd64'
        """,
        "2 fixed-download",
        "3 fixed-download",
        "4 fixed-download",
        "5 fixed-download",
    ),
    breaks(
        "a function fetches what it is told",
        """
        FROM debian:12
        RUN fetch() { curl -LO "https://x.org/$1-$2"; }; fetch tool amd64
        """,
        "2 fixed-download",
    ),
    breaks(
        "a tool for the building machine is one for every building machine",
        """
        FROM --platform=$BUILDPLATFORM debian:12 AS tools
        RUN curl -Lo /protoc https://x.org/protoc-linux-x86_64 && /protoc --version
        FROM debian:12
        COPY --from=tools /etc/hostname /x
        """,
        "2 fixed-download",
    ),
    breaks(
        "a stage that the final one is based on",
        """
        FROM debian:12 AS base
        RUN curl -LO https://x.org/tool-amd64
        FROM base
        RUN true
        """,
        "2 fixed-download",
    ),
    breaks(
        "what ONBUILD holds back for a stage, and for everybody",
        """
        FROM debian:12 AS base
        ONBUILD RUN curl -LO https://x.org/tool-amd64
        FROM base
        ONBUILD RUN curl -LO https://x.org/other-amd64
        """,
        "2 fixed-download",
        "4 fixed-download",
    ),
    breaks("32 bits are for neither", "FROM a\nRUN wget https://x.org/x-linux-386.tgz\n", "2 fixed-download"),
)
