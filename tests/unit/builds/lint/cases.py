"""Dockerfiles that break on another platform, and those that only look like it: what lint says of each.

`told` is `line rule` of every finding for linux/amd64 and linux/arm64, nothing for what is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    text: str
    told: tuple[str, ...] = ()


def breaks(name: str, text: str, *told: str) -> Case:
    assert told
    return Case(name=name, text=dedent(text).lstrip("\n"), told=told)


def right(name: str, text: str) -> Case:
    return Case(name=name, text=dedent(text).lstrip("\n"))


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
        RUN wget https://example.org/geckodriver-v0.36.0-linux64.tar.gz
        RUN wget -q https://nodejs.org/dist/v22.0.0/node-v22.0.0-linux-x64.tar.xz
        RUN wget https://example.org/trivy_0.60.0_Linux-64bit.deb
        """,
        "2 fixed-download",
        "3 fixed-download",
        "4 fixed-download",
        "5 fixed-download",
    ),
    breaks("ADD fetches too", "FROM debian:12\nADD https://example.org/tool-amd64 /usr/bin/tool\n", "2 fixed-download"),
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
            curl -LO "https://example.org/$file"
        """,
        "3 fixed-download",
    ),
    breaks(
        "the default of a modifier is all that there is",
        """
        FROM debian:12
        RUN curl -LO https://example.org/tool-${TOOL_ARCH:-amd64}
        """,
        "2 fixed-download",
    ),
    breaks(
        "TARGETARCH is not declared, so its default is taken",
        """
        FROM debian:12
        RUN curl -LO https://example.org/tool-${TARGETARCH:-amd64}
        """,
        "2 fixed-download",
    ),
    breaks(
        "declared before FROM is not declared in the stage",
        """
        ARG TARGETARCH
        FROM debian:12
        RUN curl -LO https://example.org/tool-${TARGETARCH:-amd64}
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
        RUN curl -LO https://example.org/tool-${TARGETARCH:-amd64}
        """,
        "6 fixed-download",
    ),
    breaks(
        "only one of the branches is for the platform, and it fetches the wrong thing",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN case "$TARGETARCH" in \\
              amd64) curl -LO https://example.org/tool-amd64 ;; \\
              arm64) curl -LO https://example.org/tool-x86_64 ;; \\
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
        curl -LO https://example.org/tool-amd64
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
        curl -LO https://example.org/tool-amd64
        EOF
        RUN bash -e <<'EOF'
        curl -LO https://example.org/other-amd64
        EOF
        """,
        "4 fixed-download",
        "7 fixed-download",
    ),
    breaks(
        "scripts inside scripts, and the exec form",
        """
        FROM debian:12
        RUN bash -c "curl -LO https://example.org/tool-amd64"
        RUN ["/bin/sh", "-c", "curl -LO https://example.org/tool-amd64"]
        RUN ["curl", "-LO", "https://example.org/tool-amd64"]
        RUN sudo -E env X=1 sh -ec 'wget https://example.org/tool-amd64'
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
        RUN fetch() { curl -LO "https://example.org/$1-$2"; }; fetch tool amd64
        """,
        "2 fixed-download",
    ),
    breaks(
        "a tool for the building machine is one for every building machine",
        """
        FROM --platform=$BUILDPLATFORM debian:12 AS tools
        RUN curl -Lo /protoc https://example.org/protoc-linux-x86_64 && /protoc --version
        FROM debian:12
        COPY --from=tools /etc/hostname /x
        """,
        "2 fixed-download",
    ),
    breaks(
        "a stage that the final one is based on",
        """
        FROM debian:12 AS base
        RUN curl -LO https://example.org/tool-amd64
        FROM base
        RUN true
        """,
        "2 fixed-download",
    ),
    breaks(
        "what ONBUILD holds back for a stage, and for everybody",
        """
        FROM debian:12 AS base
        ONBUILD RUN curl -LO https://example.org/tool-amd64
        FROM base
        ONBUILD RUN curl -LO https://example.org/other-amd64
        """,
        "2 fixed-download",
        "4 fixed-download",
    ),
    breaks("a package for 32 bits is for neither", "FROM a\nRUN wget https://example.org/x-linux-386.tgz\n", "2 fixed-download"),
    right(
        "the name follows TARGETARCH",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN curl -LO https://example.org/tool-linux-${TARGETARCH}
        RUN curl -LO https://example.org/tool-${TARGETARCH:-amd64}
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
         && curl -LO https://example.org/tool-${arch}.tgz
        """,
    ),
    right(
        "uname -m with a branch for each",
        """
        FROM debian:12
        RUN if [ "$(uname -m)" = "aarch64" ]; then \\
              curl -LO https://example.org/tool-arm64; \\
            else \\
              curl -LO https://example.org/tool-amd64; \\
            fi
        """,
    ),
    right(
        "uname -m in backticks, arch, dpkg, apk, rpm, dpkg-architecture",
        """
        FROM debian:12
        RUN curl -LO https://example.org/tool-`uname -m`
        RUN ARCH=$(arch); [ "$ARCH" != x86_64 ] || curl -LO https://example.org/tool-x86_64
        RUN [ "$(dpkg --print-architecture)" = amd64 ] && curl -LO https://example.org/tool-amd64 || true
        RUN test "$(apk --print-arch)" != x86_64 || curl -LO https://example.org/tool-x64
        RUN case $(rpm -E %{_arch}) in x86_64) curl -LO https://example.org/tool-x64;; esac
        RUN case $(dpkg-architecture -q DEB_HOST_ARCH) in amd64) curl -LO https://example.org/tool-x64;; esac
        """,
    ),
    right(
        "bash's own condition, with a pattern and with an expression",
        """
        FROM debian:12
        SHELL ["/bin/bash", "-c"]
        RUN if [[ $(uname -m) == x86* ]]; then curl -LO https://example.org/tool-x64; fi
        RUN if [[ "$(uname -m)" =~ ^(x86_64|amd64)$ ]]; then curl -LO https://example.org/tool-x64; fi
        """,
    ),
    right(
        "grep decides",
        """
        FROM debian:12
        RUN if uname -m | grep -q x86_64; then curl -LO https://example.org/tool-x64; fi
        """,
    ),
    right(
        "what is not known is compared with an architecture",
        """
        FROM debian:12
        ARG MACHINE
        RUN if [ "$MACHINE" = "x86_64" ]; then curl -LO https://example.org/tool-x64; fi
        RUN case "$(some-program)" in *amd64*) curl -LO https://example.org/tool-amd64;; *) curl -LO https://example.org/tool-arm;; esac
        """,
    ),
    right(
        "the choice is not understood, but every platform has its branch",
        """
        FROM debian:12
        RUN if some-program; then curl -LO https://example.org/tool-amd64; else curl -LO https://example.org/tool-arm64; fi
        RUN some-program && arch=amd64 || arch=arm64; curl -LO https://example.org/tool-$arch
        """,
    ),
    right(
        "every platform's file is fetched",
        """
        FROM debian:12
        RUN for arch in amd64 arm64; do curl -LO https://example.org/tool-$arch; done
        RUN curl -LO https://example.org/other-amd64.tgz && curl -LO https://example.org/other-arm64.tgz
        """,
    ),
    right(
        "names are mapped by sed, by a modifier, by a function",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN curl -LO https://example.org/tool-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
        SHELL ["/bin/bash", "-c"]
        RUN curl -LO https://example.org/tool-${TARGETARCH/amd64/x86_64}
        RUN machine() { case $1 in amd64) echo x86_64;; arm64) echo aarch64;; esac; }; \\
            curl -LO https://example.org/tool-$(machine $TARGETARCH)
        """,
    ),
    right(
        "a comment, a user agent, a label, a message",
        """
        # needs x86_64: https://example.org/tool-amd64
        FROM debian:12
        LABEL description="tested on x86_64, https://example.org/tool-amd64"
        RUN curl -A "Mozilla/5.0 (X11; Linux x86_64)" -LO https://example.org/page \\
            # https://example.org/tool-amd64
            && curl -H "User-Agent: x (x86_64)" https://example.org/page \\
            && echo "see https://example.org/tool-amd64 for x86_64"
        """,
    ),
    right(
        "a stage that the image is not made of",
        """
        FROM debian:12 AS debug
        RUN curl -LO https://example.org/tool-amd64
        FROM debian:12
        RUN true
        """,
    ),
    right(
        "a tool for the stage's own, fixed platform",
        """
        FROM --platform=linux/amd64 debian:12 AS assets
        RUN curl -Lo /protoc https://example.org/protoc-linux-x86_64 && /protoc --out=/dist x.proto
        FROM debian:12
        COPY --from=assets /dist /dist
        """,
    ),
    right(
        "a tool for the building machine, by its name",
        """
        FROM --platform=$BUILDPLATFORM debian:12 AS tools
        ARG BUILDARCH
        RUN curl -Lo /protoc https://example.org/protoc-linux-${BUILDARCH} && /protoc --version
        RUN curl -Lo /other https://example.org/other-$(uname -m)
        FROM debian:12
        COPY --from=tools /dist /dist
        """,
    ),
    right("a key is the same for all", "FROM a\nRUN curl https://example.org/repos/x86_64/key.pub | apt-key add -\n"),
    right("words that only hold such letters", "FROM a\nRUN curl -LO https://example.org/max64/samd64.tgz\n"),
    right(
        "a script that is no shell's",
        """
        FROM python:3.13
        RUN <<EOF
        #!/usr/bin/env python3
        print("https://example.org/tool-amd64")
        EOF
        SHELL ["powershell", "-Command"]
        RUN Invoke-WebRequest https://example.org/tool-amd64
        """,
    ),
)

ARGUMENTS = (
    breaks(
        "an ENV that ends up in an address",
        """
        FROM debian:12 AS base
        ENV NVARCH=x86_64
        FROM base
        RUN curl -LO https://example.org/repos/${NVARCH}/keyring.deb
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
        RUN url="https://example.org/$TOOL" && curl -LO "$url"
        """,
        "1 fixed-argument",
    ),
    breaks(
        "a whole address",
        """
        FROM fedora:43
        ARG CHROME=https://example.org/chrome_x86_64.rpm
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
        RUN curl -LO https://example.org/tool-$MACHINE
        """,
        "5 fixed-argument",
    ),
    breaks(
        "a default that hides what every build is given",
        """
        FROM debian:12
        ARG TARGETARCH=amd64
        RUN case "$TARGETARCH" in amd64) curl -LO https://example.org/x64;; arm64) curl -LO https://example.org/arm64;; esac
        """,
        "2 fixed-argument",
    ),
    breaks(
        "and the same before FROM",
        """
        ARG TARGETARCH=amd64
        FROM debian:12
        ARG TARGETARCH
        RUN curl -LO https://example.org/tool-$TARGETARCH
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
        RUN curl -LO https://example.org/tool-$MACHINE
        """,
    ),
    right(
        "a script sets it anew",
        """
        FROM debian:12
        ARG MACHINE=x86_64
        RUN MACHINE=$(uname -m); curl -LO https://example.org/tool-$MACHINE
        """,
    ),
    right("TARGETARCH has a default that nothing uses", "FROM debian:12\nARG TARGETARCH=amd64\nRUN true\n"),
    right("without a value, nobody knows", "FROM debian:12\nARG MACHINE\nRUN curl -LO https://example.org/$MACHINE\n"),
)

GO = (
    breaks(
        "GOARCH fixed for a command",
        """
        FROM golang:1.26
        RUN CGO_ENABLED=1 GOOS=linux GOARCH=amd64 make clean build
        """,
        "2 fixed-goarch",
    ),
    breaks(
        "GOARCH fixed in ENV, exported, as an argument",
        """
        FROM golang:1.26 AS a
        ENV GOOS=linux GOARCH=amd64
        RUN go build -o /x .
        FROM golang:1.26 AS b
        RUN export GOARCH=amd64 && \\
            go build -o /x .
        FROM golang:1.26 AS c
        RUN make GOARCH=amd64 build
        FROM scratch
        COPY --from=a /x /a
        COPY --from=b /x /b
        COPY --from=c /x /c
        """,
        "2 fixed-goarch",
        "5 fixed-goarch",
        "8 fixed-goarch",
    ),
    breaks(
        "GOARCH from a fixed ARG",
        """
        FROM golang:1.26
        ARG ARCH=amd64
        RUN GOARCH=${ARCH} go build -o /x .
        """,
        "2 fixed-argument",
    ),
    breaks(
        "TARGETARCH with a default, not declared",
        """
        FROM golang:1.26
        RUN GOARCH=${TARGETARCH:-amd64} go build -o /x .
        """,
        "2 fixed-goarch",
    ),
    breaks(
        "a stage of the building machine that compiles for itself",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        WORKDIR /src
        RUN CGO_ENABLED=0 GOOS=linux go build -o manager main.go
        FROM scratch
        COPY --from=build /src/manager /manager
        """,
        "3 foreign-binary",
    ),
    breaks(
        "the same with TARGETARCH that is not declared",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /out/manager . && mv /out/manager /manager
        FROM scratch
        COPY --from=build /manager /manager
        """,
        "2 foreign-binary",
    ),
    breaks(
        "go install in a stage of a fixed platform",
        """
        FROM --platform=linux/amd64 golang:1.26 AS build
        RUN go install example.org/tool@v1
        FROM debian:12
        COPY --from=0 /go/bin/tool /usr/bin/tool
        """,
        "2 foreign-binary",
    ),
    breaks(
        "a download for the stage's own platform that the image gets",
        """
        FROM --platform=linux/amd64 debian:12 AS tools
        RUN curl -Lo kubectl https://example.org/linux/amd64/kubectl && install kubectl /usr/local/bin/
        FROM debian:12
        COPY --from=tools /usr/local/bin/kubectl /usr/bin/
        """,
        "2 foreign-binary",
    ),
    breaks(
        "cgo without a compiler for the target",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETARCH
        RUN CGO_ENABLED=1 GOARCH=$TARGETARCH go build -o /x .
        FROM debian:12
        COPY --from=build /x /x
        """,
        "3 cgo-cross",
    ),
    right(
        "cross-compiled",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETOS
        ARG TARGETARCH
        RUN CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH} go build -o /x .
        FROM scratch
        COPY --from=build /x /x
        """,
    ),
    right(
        "GOOS alone, in a stage of the target's platform",
        """
        FROM golang:1.26 AS build
        RUN CGO_ENABLED=1 GOOS=linux go build -o /x .
        FROM debian:12
        COPY --from=build /x /x
        """,
    ),
    right(
        "ENV GOARCH from TARGETARCH",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETARCH
        ENV GOARCH=$TARGETARCH CGO_ENABLED=0
        RUN go build -o /x .
        FROM scratch
        COPY --from=build /x /x
        """,
    ),
    right(
        "cgo with a compiler for each",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETARCH
        RUN case $TARGETARCH in arm64) export CC=aarch64-linux-gnu-gcc;; amd64) export CC=x86_64-linux-gnu-gcc;; esac; \\
            CGO_ENABLED=1 GOARCH=$TARGETARCH go build -o /x .
        FROM debian:12
        COPY --from=build /x /x
        """,
    ),
    right(
        "xx knows the target",
        """
        FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.6 AS xx
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        COPY --from=xx / /
        ARG TARGETPLATFORM
        RUN CGO_ENABLED=1 xx-go build -o /x . && xx-verify /x
        FROM debian:12
        COPY --from=build /x /x
        """,
    ),
    right(
        "binaries for everybody",
        """
        FROM golang:1.26 AS build
        RUN GOARCH=amd64 go build -o /out/x-amd64 . && GOARCH=arm64 go build -o /out/x-arm64 .
        FROM scratch
        COPY --from=build /out /out
        """,
    ),
    right(
        "a tool for the building machine stays there",
        """
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        RUN go install example.org/generator@v1 && generator > /out.json
        FROM scratch
        COPY --from=build /out.json /out.json
        """,
    ),
)

OPTIONS = (
    breaks(
        "options and variables",
        """
        FROM debian:12
        RUN ./install.sh --arch amd64
        RUN ./install.sh --target-platform=linux/amd64
        RUN make ARCH=x86_64 install
        RUN ARCH=amd64 ./install.sh
        RUN cmake -DTARGET_ARCH=x86_64 .
        RUN cargo build --release --target x86_64-unknown-linux-musl
        RUN rustup target add x86_64-unknown-linux-musl
        RUN pip download --platform manylinux2014_x86_64 --only-binary=:all: x
        """,
        "2 fixed-architecture",
        "3 fixed-architecture",
        "4 fixed-architecture",
        "5 fixed-architecture",
        "6 fixed-architecture",
        "7 fixed-architecture",
        "8 fixed-architecture",
        "9 fixed-architecture",
    ),
    breaks(
        "variables that installers read",
        "FROM debian:12\nENV CONDA_SUBDIR=linux-64 CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu\nRUN true\n",
        "2 fixed-architecture",
        "2 fixed-architecture",
    ),
    right(
        "they follow the platform, or name both",
        """
        FROM debian:12
        ARG TARGETARCH
        RUN ./install.sh --arch $TARGETARCH && make ARCH=$(uname -m)
        RUN ./install.sh --platform linux/amd64,linux/arm64
        """,
    ),
    right("an architecture that is looked for", "FROM debian:12\nRUN file /bin/sh | grep x86-64 || echo --arch=amd64\n"),
)

PATHS = (
    breaks(
        "library folders in ENV and RUN",
        """
        FROM debian:12
        ENV LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2
        ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64
        RUN ln -s /usr/lib/x86_64-linux-gnu/libfoo.so.1 /usr/lib/libfoo.so
        RUN LD_LIBRARY_PATH=/usr/local/cuda/targets/x86_64-linux/lib ./run
        """,
        "2 fixed-path",
        "3 fixed-path",
        "4 fixed-path",
        "5 fixed-path",
    ),
    breaks(
        "libraries of another stage",
        """
        FROM debian:12 AS build
        FROM gcr.io/distroless/base
        COPY --from=build /usr/lib/x86_64-linux-gnu/libssl.so.3 /usr/lib/
        COPY --from=build /go/bin/linux_amd64/tool /tool
        """,
        "3 fixed-path",
        "4 fixed-path",
    ),
    right(
        "by the machine's name, or both",
        """
        FROM debian:12
        ENV LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu:/usr/lib/aarch64-linux-gnu
        RUN ln -s /usr/lib/$(uname -m)-linux-gnu/libfoo.so.1 /usr/lib/libfoo.so
        RUN ln -s /usr/lib/$(gcc -print-multiarch)/libbar.so.1 /usr/lib/libbar.so
        """,
    ),
    right("what is taken away need not be there", "FROM a\nRUN rm -rf /usr/lib/x86_64-linux-gnu/perl\n"),
)

PACKAGES = (
    breaks(
        "package files, packages and sources",
        """
        FROM debian:12
        RUN dpkg -i /tmp/tool_1.0_amd64.deb
        RUN apt-get install -y libc6:amd64
        RUN dpkg --add-architecture i386
        RUN echo "deb [arch=amd64 signed-by=/k.gpg] https://example.org/apt stable main" > /etc/apt/sources.list.d/x.list
        RUN add-apt-repository "deb [arch=amd64] https://example.org/apt stable"
        """,
        "2 fixed-package",
        "3 fixed-package",
        "4 fixed-package",
        "5 fixed-package",
        "6 fixed-package",
    ),
    breaks(
        "sources in here-documents",
        """
        FROM fedora:43
        RUN cat <<EOF > /etc/yum.repos.d/x.repo
        [x]
        baseurl=https://example.org/el9/x86_64
        EOF
        COPY <<EOF /etc/apt/sources.list.d/x.sources
        Types: deb
        Architectures: amd64
        EOF
        """,
        "3 fixed-package",
        "8 fixed-package",
    ),
    breaks(
        "a package that was fetched is told where it is fetched",
        """
        FROM debian:12
        RUN curl -LO https://example.org/tool_1.0_amd64.deb && dpkg -i tool_1.0_amd64.deb
        """,
        "2 fixed-download",
    ),
    right(
        "by the platform",
        """
        FROM debian:12
        RUN echo "deb [arch=$(dpkg --print-architecture)] https://example.org/apt stable main" > /etc/apt/sources.list.d/x.list
        RUN echo "deb [arch=amd64,arm64] https://example.org/apt stable main" >> /etc/apt/sources.list.d/x.list
        RUN apt-get install -y libc6 && dpkg -i tool_1.0_all.deb
        """,
    ),
)

COPIES = (
    breaks("a file named for an architecture", "FROM scratch\nCOPY bin/linux_amd64/tool /tool\n", "2 prebuilt-binary"),
    breaks("ADD of an archive", "FROM scratch\nADD rootfs-x86_64.tar.gz /\n", "2 prebuilt-binary"),
    right("by TARGETARCH", "FROM scratch\nARG TARGETARCH\nCOPY bin/linux_${TARGETARCH}/tool /tool\n"),
    right("all of them", "FROM scratch\nCOPY bin/tool-amd64 bin/tool-arm64 /bin/\n"),
    right("an emulator is for the building machine", "FROM arm64v8/debian:12\nCOPY qemu-aarch64-static /usr/bin/\n")
    if False
    else right("a folder of everything", "FROM scratch\nCOPY . /\n"),
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
        RUN if [ -z "$VERSION" ]; then echo "give a version"; exit 1; fi; curl -LO https://example.org/x-$(uname -m)
        RUN echo amd64
        """,
    ),
)

CASES = (*DOWNLOADS, *ARGUMENTS, *GO, *OPTIONS, *PATHS, *PACKAGES, *COPIES, *STAGES)
