"""Options, paths, packages, checksums."""

from __future__ import annotations

from tests.unit.builds.lint.case import breaks, right

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
    breaks(
        "instructions of a compiler",
        """
        FROM debian:12
        RUN gcc -O3 -mavx2 -o /x x.c
        RUN CFLAGS="-O3 -msse4.2" make
        RUN gcc -march=x86-64-v3 -o /x x.c
        """,
        "2 fixed-architecture",
        "3 fixed-architecture",
        "4 fixed-architecture",
    ),
    right(
        "instructions in a branch",
        "FROM debian:12\nARG TARGETARCH\nRUN if [ $TARGETARCH = amd64 ]; then F=-mavx2; fi; CFLAGS=$F make\n",
    ),
    right("an architecture that is looked for", "FROM a\nRUN file /bin/sh | grep x86-64 || echo --arch=amd64\n"),
    breaks(
        "dotnet is told by an option of one letter",
        """
        FROM mcr.microsoft.com/dotnet/sdk:9.0
        RUN dotnet publish -c Release -r linux-musl-x64 -o /app
        RUN dotnet publish -p:RuntimeIdentifier=linux-x64 -o /app
        RUN dotnet publish -a $(uname -m | sed s/x86_64/x64/) -o /app
        """,
        "2 fixed-architecture",
        "3 fixed-architecture",
    ),
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
    breaks(
        "where something is put, looked for, or started",
        """
        FROM debian:12
        COPY libfoo.so /usr/lib/x86_64-linux-gnu/
        RUN find /usr/lib/x86_64-linux-gnu -name 'lib*' && rm /usr/lib/x86_64-linux-gnu/libfoo.so
        RUN echo /opt/lib/x86_64-linux-gnu > /etc/ld.so.conf.d/foo.conf
        ENTRYPOINT ["/tool-linux-amd64"]
        """,
        "2 fixed-path",
        "3 fixed-path",
        "3 fixed-path",
        "4 fixed-path",
        "5 fixed-path",
    ),
    right("what is taken away need not be there", "FROM a\nRUN rm -rf /usr/lib/x86_64-linux-gnu/perl\n"),
    right("what another stage starts", "FROM a AS b\nCMD /tool-amd64\nFROM a\nCOPY --from=b /x /x\n"),
)

PACKAGES = (
    breaks(
        "package files, packages and sources",
        """
        FROM debian:12
        RUN dpkg -i /tmp/tool_1.0_amd64.deb
        RUN apt-get install -y libc6:amd64
        RUN dpkg --add-architecture i386
        RUN echo "deb [arch=amd64 signed-by=/k.gpg] https://x.org/apt stable main" > /etc/apt/sources.list.d/x.list
        RUN add-apt-repository "deb [arch=amd64] https://x.org/apt stable"
        RUN npm install --no-save @rollup/rollup-linux-x64-gnu
        """,
        "2 fixed-package",
        "3 fixed-package",
        "4 fixed-package",
        "5 fixed-package",
        "6 fixed-package",
        "7 fixed-package",
    ),
    breaks(
        "sources in here-documents",
        """
        FROM fedora:43
        RUN cat <<EOF > /etc/yum.repos.d/x.repo
        [x]
        baseurl=https://x.org/el9/x86_64
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
        RUN curl -LO https://x.org/tool_1.0_amd64.deb && dpkg -i tool_1.0_amd64.deb
        """,
        "2 fixed-download",
    ),
    right(
        "by the platform",
        """
        FROM debian:12
        RUN echo "deb [arch=$(dpkg --print-architecture)] https://x.org/a stable main" > /etc/apt/sources.list.d/x.list
        RUN echo "deb [arch=amd64,arm64] https://x.org/apt stable main" >> /etc/apt/sources.list.d/x.list
        RUN apt-get install -y libc6 && dpkg -i tool_1.0_all.deb
        """,
    ),
    breaks(
        "a file that was fetched to a name of its own is told of once",
        """
        FROM debian:12
        RUN curl -fsSL https://x.org/tool_1.2_amd64.deb -o /tmp/tool-amd64.deb && dpkg -i /tmp/tool-amd64.deb
        RUN curl -fsSL https://x.org/latest -o /tmp/other-amd64.deb && dpkg -i /tmp/other-amd64.deb
        """,
        "2 fixed-download",
        "3 fixed-package",
    ),
)

LISTS = (
    right(
        "packages of several architectures, to compile for them",
        """
        FROM debian:12
        RUN for one in i386 armel armhf ppc64el s390x; do dpkg --add-architecture $one; done
        RUN apt-get install -y libc-dev:i386 libc-dev:armhf libc-dev:s390x
        """,
    ),
    right(
        "a list of platforms",
        """
        FROM golang:1.26
        ENV CROSS_PLATFORMS="linux/386 linux/arm darwin/amd64 freebsd/amd64"
        RUN for platform in $CROSS_PLATFORMS; do PLATFORM=$platform make --platform $platform; done
        """,
    ),
    right(
        "a list of systems and architectures that a loop takes apart",
        """
        FROM golang:1.26
        ENV CROSS="linux/386 linux/arm linux/amd64"
        RUN bash -xc 'for one in $CROSS; do GOARCH=${one##*/} ./make.bash && GOARCH=${one##*/} go build .; done'
        """,
    ),
)

CHECKSUMS = (
    breaks(
        "the address follows the platform, the checksum does not",
        f"""
        FROM debian:12
        ARG TARGETARCH
        ARG SUM={"a" * 64}
        RUN curl -fsSLo tool.tgz https://x.org/tool-$TARGETARCH.tgz \\
         && echo "$SUM  tool.tgz" | sha256sum -c -
        ADD --checksum=sha256:{"b" * 64} https://x.org/other-$TARGETARCH /other
        """,
        "5 fixed-checksum",
        "6 fixed-checksum",
    ),
    right(
        "one for each, or of something else",
        f"""
        FROM debian:12
        ARG TARGETARCH
        RUN case $TARGETARCH in amd64) sum={"a" * 64};; arm64) sum={"b" * 64};; esac; \\
            curl -fsSLo tool.tgz https://x.org/tool-$TARGETARCH.tgz \\
         && curl -LO https://x.org/all.tgz \\
         && echo "$sum tool.tgz" | sha256sum -c - && echo "{"c" * 64}  all.tgz" | sha256sum -c -
        """,
    ),
)
