"""What Go compiles, and what is copied of it."""

from __future__ import annotations

from tests.unit.builds.lint.case import breaks, right

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
        "2 undeclared-argument",
    ),
    breaks(
        "declared for FROM lines only, and used where it must not be empty",
        """
        ARG TARGETARCH
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ENV GOARCH=$TARGETARCH
        RUN make build
        FROM debian:12
        COPY bin/$TARGETARCH/tool /tool
        RUN curl -LO https://x.org/tool-$TARGETARCH
        COPY --from=build /x /x
        """,
        "3 undeclared-argument",
        "6 undeclared-argument",
        "7 undeclared-argument",
    ),
    right(
        "empty, which is the stage's own platform",
        """
        FROM golang:1.26 AS build
        RUN GOARCH=$TARGETARCH go build -o /x . && echo "for $TARGETPLATFORM"
        FROM debian:12
        COPY --from=build /x /x
        """,
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
        RUN curl -Lo kubectl https://x.org/linux/amd64/kubectl && install kubectl /usr/local/bin/
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
        RUN case $TARGETARCH in arm64) export CC=aarch64-linux-gnu-gcc;; *) export CC=x86_64-linux-gnu-gcc;; esac; \\
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
    right(
        "programs for another operating system",
        """
        FROM golang:1.26 AS build
        RUN GOOS=darwin GOARCH=amd64 go build -o /out/x-darwin . && make GOOS=windows GOARCH=amd64 \\
         && CGO_ENABLED=0 go build -o /out/x .
        FROM scratch
        COPY --from=build /out /out
        """,
    ),
    breaks(
        "GOOS is that of the image, or not known",
        """
        FROM golang:1.26 AS build
        ARG GOOS
        RUN GOOS=linux GOARCH=amd64 go build -o /x .
        RUN GOOS=$GOOS GOARCH=amd64 go build -o /y .
        FROM scratch
        COPY --from=build /x /y /
        """,
        "3 fixed-goarch",
        "4 fixed-goarch",
    ),
)
