"""`kfkit build lint` and `build plan` of 60 Dockerfiles, each a whole process; beside `docker buildx bake --print`.

    python benchmarks/build_plan_bench.py [--dockerfiles N] [--runs N]

The tree is generated: a repository with N components in folders of their own and a catalogue, offline. The peer reads
the plan's bake file, which it did not have to make. Limit (issue 6): lint and plan together under 1 s.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.kfkit import environment  # noqa: E402

SECONDS = 1.0
DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG GO_VERSION=1.26
FROM --platform=$BUILDPLATFORM golang:${{GO_VERSION}} AS build
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/component-{number} ./cmd/...

FROM debian:bookworm-slim AS tools
ARG TOOL_VERSION=1.{number}.0
ENV TOOL_ARCH=x86_64
RUN apt-get update && apt-get install -y --no-install-recommends curl ca-certificates \\
 && curl -fsSLo /usr/local/bin/tool https://example.com/tool/${{TOOL_VERSION}}/tool-linux-${{TOOL_ARCH}} \\
 && chmod +x /usr/local/bin/tool && rm -rf /var/lib/apt/lists/*

FROM gcr.io/distroless/static:nonroot
COPY --from=build /out/component-{number} /component
COPY --from=tools /usr/local/bin/tool /usr/local/bin/tool
USER 65532:65532
ENTRYPOINT ["/component"]
"""
COMPONENT = """\
  - name: component-{number}
    image: registry.example/project/component-{number}
    source: {{directory: components/{number}}}
    args: {{TOOL_VERSION: "2.{number}.0", GO_VERSION: "1.26"}}
    labels: {{org.opencontainers.image.description: Component {number}}}
    smoke: [/component, --version]
"""


def make_tree(folder: Path, number: int) -> None:
    """A repository of components: a Dockerfile and some files each."""
    for one in range(number):
        place = folder / "components" / str(one)
        (place / "cmd").mkdir(parents=True)
        (place / "Dockerfile").write_text(DOCKERFILE.format(number=one))
        for name in ("go.mod", "go.sum", *(f"cmd/file{count}.go" for count in range(20))):
            (place / name).write_text(f"// {name} of {one}\n" * 40)
    (folder / "builds.yaml").write_text(
        "components:\n" + "".join(COMPONENT.format(number=one) for one in range(number))
    )
    for arguments in (
        ("init", "--quiet"),
        ("add", "--all"),
        ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "commit", "--quiet", "--message=x"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def run(argv: list[str], folder: Path, work: Path) -> tuple[float, bytes]:
    """Seconds of one whole process, and what it printed."""
    env = {**environment(work), "BUILDX_CONFIG": str(work / "buildx")}
    start = time.perf_counter()
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{argv} ended with {done.returncode}\n{done.stderr.decode()}")
    return seconds, done.stdout


def kfkit(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "buildkit.cli", "build", *arguments]


def show(name: str, seconds: list[float], note: str = "") -> float:
    median = statistics.median(seconds)
    print(f"{name:<30}{median:7.2f} s   ({min(seconds):.2f} to {max(seconds):.2f}{note})")
    return median


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dockerfiles", type=int, default=60)
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, work = Path(name, "tree").resolve(), Path(name, "work").resolve()
        for one in (folder, work):
            one.mkdir()
        make_tree(folder, chosen.dockerfiles)
        plan = kfkit("plan", "--version", "1.2.0", "--cache", "gha", "--format", "bake")
        _, bake = run(plan, folder, work)
        (work / "bake.json").write_bytes(bake)
        plans = [run(plan, folder, work)[0] for _ in range(chosen.runs)]
        lints = [run(kfkit("lint", "--offline", "."), folder, work)[0] for _ in range(chosen.runs)]
        together = show("lint", lints) + show("plan", plans)
        buildx = shutil.which("buildx", path=os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ["PATH"]]))
        if buildx is not None:
            peer = [buildx, "bake", "--print", "--file", str(work / "bake.json")]
            show(
                "buildx bake --print",
                [run(peer, folder, work)[0] for _ in range(chosen.runs)],
                "; its bake file is ours",
            )
    print(f"{'lint and plan':<30}{together:7.2f} s   ({chosen.dockerfiles} Dockerfiles; limit {SECONDS:.0f})")
    return int(together >= SECONDS)


if __name__ == "__main__":
    sys.exit(main())
