"""The same compile in a RUN step, natively and emulated, as `kfkit build run` times it (issue 6, "Speed").

    .venv/bin/python benchmarks/build_native_bench.py [ROUNDS]    # root on Linux: it starts a BuildKit node

The Go toolchain as an image of both platforms, made of what this machine has (the foreign one is compiled once, and
kept in .tools/sample), builds a small program and all of the standard library that it takes: without
`--platform=$BUILDPLATFORM`, so that the compiler itself runs on the target's platform. One after the other on one node,
ROUNDS times, nothing from a cache. What is printed has no limit to keep: it says what a native runner is worth.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from examples.bases import push_compilers  # noqa: E402
from tests.support.binfmt import foreign_architecture, own_architecture, provide_emulation  # noqa: E402
from tests.support.builder_process import run_node  # noqa: E402
from tests.support.kfkit import environment  # noqa: E402
from tests.support.mirror import write_registries_conf  # noqa: E402
from tests.support.registry_process import run_registry  # noqa: E402

HOST = "registry.quarry.example"
DOCKERFILE = f"""FROM {HOST}/build/go:1.26
WORKDIR /src
COPY go.mod main.go ./
RUN go build -o /program .
"""
PROGRAM = 'package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString("%s") }\n'
CATALOGUE = f"components:\n  - {{name: app, image: {HOST}/app, source: {{directory: app}}}}\n"
PLATFORMS = (f"linux/{own_architecture()}", f"linux/{foreign_architecture()}")


def run(work: Path, registry: str, conf: Path, endpoint: str) -> dict[str, float]:
    """Seconds of the build of each platform."""
    (work / "app" / "main.go").write_text(PROGRAM % secrets.token_hex(8))
    nodes = [f"--node={platform}={endpoint}" for platform in PLATFORMS]
    argv = [sys.executable, "-m", "buildkit.cli", "build", "run", *nodes, "--version", secrets.token_hex(4)]
    argv += ["--registry", f"{registry}/bench", "--registries-conf", str(conf), "--format", "json"]
    done = subprocess.run(argv, cwd=work, env=environment(work), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"kfkit ended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    (component,) = json.loads(done.stdout)["components"]
    found = {one["platform"]: one for one in component["platforms"]}
    if [found[name]["way"] for name in PLATFORMS] != ["native", "emulated"]:
        raise SystemExit(f"this is no comparison: {found}")
    return {name: float(found[name]["seconds"]) for name in PLATFORMS}


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    if os.geteuid():
        print("left out: a BuildKit node of its own needs root")
        return 0
    provide_emulation()
    with tempfile.TemporaryDirectory() as folder, run_registry(Path(folder, "registry")) as registry:
        work, conf = Path(folder).resolve(), Path(folder, "registries.conf")
        push_compilers(registry.host, f"{HOST}/")
        write_registries_conf(conf, registry.host, [HOST])
        (work / "app").mkdir()
        (work / "app" / "Dockerfile").write_text(DOCKERFILE)
        (work / "app" / "go.mod").write_text("module quarry.example/app\n\ngo 1.24\n")
        (work / "builds.yaml").write_text(CATALOGUE)
        with run_node(work / "node", conf) as node:
            figures = [run(work, registry.host, conf, node.endpoint) for _ in range(rounds)]
    native, emulated = ([one[name] for one in figures] for name in PLATFORMS)
    ratio = statistics.median(b / a for a, b in zip(native, emulated, strict=True))
    print(f"a Go compile in a RUN step, {os.cpu_count()} processors, median of {rounds} rounds")
    print(f"{PLATFORMS[0]}, natively            {statistics.median(native):6.1f} s")
    print(f"{PLATFORMS[1]}, emulated            {statistics.median(emulated):6.1f} s")
    print(f"emulated / native                 {ratio:6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
