"""Downloads that only look as if they broke."""

from __future__ import annotations

from tests.unit.builds.lint.case import right

LOOKALIKES = (
    right(
        "the name follows TARGETARCH",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN curl -LO https://x.org/tool-linux-${TARGETARCH}
        RUN curl -LO https://x.org/tool-${TARGETARCH:-amd64}
        """,
    ),
    right(
        "case on TARGETARCH",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN case "${TARGETARCH}" in \\
              amd64) arch=x86_64 ;; \\
              arm64) arch=aarch64 ;; \\
              *) echo "unsupported" >&2; exit 1 ;; \\
            esac \\
         && curl -LO https://x.org/tool-${arch}.tgz
        """,
    ),
    right(
        "uname -m with a branch for each",
        """
        FROM debian:12
        RUN if [ "$(uname -m)" = "aarch64" ]; then \\
              curl -LO https://x.org/tool-arm64; \\
            else \\
              curl -LO https://x.org/tool-amd64; \\
            fi
        """,
    ),
    right(
        "uname -m in backticks, arch, dpkg, apk, rpm, dpkg-architecture",
        """
        FROM debian:12
        RUN curl -LO https://x.org/tool-`uname -m`
        RUN ARCH=$(arch); [ "$ARCH" != x86_64 ] || curl -LO https://x.org/tool-x86_64
        RUN [ "$(dpkg --print-architecture)" = amd64 ] && curl -LO https://x.org/tool-amd64 || true
        RUN test "$(apk --print-arch)" != x86_64 || curl -LO https://x.org/tool-x64
        RUN case $(rpm -E %{_arch}) in x86_64) curl -LO https://x.org/tool-x64;; esac
        RUN case $(dpkg-architecture -q DEB_HOST_ARCH) in amd64) curl -LO https://x.org/tool-x64;; esac
        """,
    ),
    right(
        "bash's own condition, with a pattern and with an expression",
        """
        FROM debian:12
        SHELL ["/bin/bash", "-c"]
        RUN if [[ $(uname -m) == x86* ]]; then curl -LO https://x.org/tool-x64; fi
        RUN if [[ "$(uname -m)" =~ ^(x86_64|amd64)$ ]]; then curl -LO https://x.org/tool-x64; fi
        """,
    ),
    right(
        "grep decides",
        """
        FROM debian:12
        RUN if uname -m | grep -q x86_64; then curl -LO https://x.org/tool-x64; fi
        """,
    ),
    right(
        "what is not known is compared with an architecture",
        """
        FROM debian:12
        ARG MACHINE
        RUN if [ "$MACHINE" = "x86_64" ]; then curl -LO https://x.org/tool-x64; fi
        RUN case "$(some-program)" in *amd64*) curl -LO https://x.org/tool-amd64;; *) curl -LO https://x.org/t;; esac
        """,
    ),
    right(
        "the choice is not understood, but every platform has its branch",
        """
        FROM debian:12
        RUN if some-program; then curl -LO https://x.org/tool-amd64; else curl -LO https://x.org/tool-arm64; fi
        RUN some-program && arch=amd64 || arch=arm64; curl -LO https://x.org/tool-$arch
        """,
    ),
    right(
        "every platform's file is fetched",
        """
        FROM debian:12
        RUN for arch in amd64 arm64; do curl -LO https://x.org/tool-$arch; done
        RUN curl -LO https://x.org/other-amd64.tgz && curl -LO https://x.org/other-arm64.tgz
        """,
    ),
    right(
        "names are mapped by sed, by a modifier, by a function",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN curl -LO https://x.org/tool-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
        SHELL ["/bin/bash", "-c"]
        RUN curl -LO https://x.org/tool-${TARGETARCH/amd64/x86_64}
        RUN machine() { case $1 in amd64) echo x86_64;; arm64) echo aarch64;; esac; }; \\
            curl -LO https://x.org/tool-$(machine $TARGETARCH)
        """,
    ),
    right(
        "a comment, a user agent, a label, a message",
        """
        # needs x86_64: https://x.org/tool-amd64
        FROM debian:12
        LABEL description="tested on x86_64, https://x.org/tool-amd64"
        RUN curl -A "Mozilla/5.0 (X11; Linux x86_64)" -LO https://x.org/page \\
            # https://x.org/tool-amd64
            && curl -H "User-Agent: x (x86_64)" https://x.org/page \\
            && echo "see https://x.org/tool-amd64 for x86_64"
        """,
    ),
    right(
        "a stage that the image is not made of",
        """
        FROM debian:12 AS debug
        RUN curl -LO https://x.org/tool-amd64
        FROM debian:12
        RUN true
        """,
    ),
    right(
        "a tool for the stage's own, fixed platform",
        """
        FROM --platform=linux/amd64 debian:12 AS assets
        RUN curl -Lo /protoc https://x.org/protoc-linux-x86_64 && /protoc --out=/dist x.proto
        FROM debian:12
        COPY --from=assets /dist /dist
        """,
    ),
    right(
        "a tool for the building machine, by its name",
        """
        FROM --platform=$BUILDPLATFORM debian:12 AS tools
        ARG BUILDARCH
        RUN curl -Lo /protoc https://x.org/protoc-linux-${BUILDARCH} && /protoc --version
        RUN curl -Lo /other https://x.org/other-$(uname -m)
        FROM debian:12
        COPY --from=tools /dist /dist
        """,
    ),
    right("a key is the same for all", "FROM a\nRUN curl https://x.org/repos/x86_64/key.pub | apt-key add -\n"),
    right("words that only hold such letters", "FROM a\nRUN curl -LO https://x.org/max64/samd64.tgz\n"),
    right(
        "a script that is no shell's",
        """
        FROM python:3.13
        RUN <<EOF
        #!/usr/bin/env python3
        print("https://x.org/tool-amd64")
        EOF
        SHELL ["powershell", "-Command"]
        RUN Invoke-WebRequest https://x.org/tool-amd64
        """,
    ),
    right(
        "files for another operating system",
        """
        FROM debian:12
        RUN curl -LO https://x.org/agent-windows-amd64.exe && wget https://x.org/agent_Darwin_x86_64.tar.gz
        ADD https://x.org/tool_darwin_amd64-2.1.0.tar.gz /darwin/
        """,
    ),
)
