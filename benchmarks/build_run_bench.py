"""`kfkit build run` of a component for two platforms against the same calls of buildx by hand (issue 6, "Speed").

    .venv/bin/python benchmarks/build_run_bench.py [ROUNDS]    # root on Linux: it starts a BuildKit node

One node, one registry, one component whose RUN executes on the target: natively, and emulated. In turns, ROUNDS times,
each after a file of the context changed, so that nothing comes from the cache: kfkit (whole process: plan, builder,
reading back, proof and tag), and by hand `buildx build --output …,push-by-digest=true` for each platform, one after the
other on that node, then `buildx imagetools create`. What kfkit costs more is the median of the rounds' own differences;
it has to stay under a second.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from examples.bases import push_base  # noqa: E402
from tests.support.binfmt import provide_emulation  # noqa: E402
from tests.support.builder_process import run_node  # noqa: E402
from tests.support.kfkit import environment  # noqa: E402
from tests.support.mirror import write_registries_conf  # noqa: E402
from tests.support.registry_process import run_registry  # noqa: E402
from tests.support.tools import tool  # noqa: E402

HOST = "registry.quarry.example"
PLATFORMS = ("linux/amd64", "linux/arm64")
DOCKERFILE = f"FROM {HOST}/build/base:1\nCOPY stamp /stamp\nRUN uname -m > /machine\n"
CATALOGUE = f"components:\n  - {{name: app, image: {HOST}/app, source: {{directory: app}}}}\n"
MOST_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where both sides build: their folder, the registry, the node."""

    work: Path
    registry: str
    conf: Path
    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        kept = environment(self.work)
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
        return {**kept, "BUILDX_CONFIG": str(self.work / "buildx"), "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}

    def change(self) -> None:
        (self.work / "app" / "stamp").write_text(secrets.token_hex(8))

    def call(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(argv, cwd=self.work, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{argv[:4]} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def run_kfkit(self, tag: str) -> float:
        self.change()
        nodes = [f"--node={platform}={self.endpoint}" for platform in PLATFORMS]
        argv = [sys.executable, "-m", "buildkit.cli", "build", "run", *nodes, "--version", tag, "--format", "json"]
        argv += ["--registry", self.registry, "--registries-conf", str(self.conf), "--results", f"results-{tag}"]
        start = time.perf_counter()
        done = self.call(argv)
        seconds = time.perf_counter() - start
        (component,) = json.loads(done.stdout)["components"]
        if [one["state"] for one in component["tags"]] != ["set"]:
            raise SystemExit(f"kfkit set no tag: {done.stdout}")
        return seconds

    def run_by_hand(self, tag: str) -> float:
        self.change()
        start = time.perf_counter()
        sources = [f"{self.registry}/hand@{self.build_by_hand(platform)}" for platform in PLATFORMS]
        create = [tool("buildx"), "imagetools", "create", "--builder", "bench", "--tag", f"{self.registry}/hand:{tag}"]
        self.call([*create, *sources])
        return time.perf_counter() - start

    def build_by_hand(self, platform: str) -> str:
        """Push one platform by digest; gives the digest."""
        metadata = self.work / "metadata.json"
        output = f"type=image,name={self.registry}/hand,push-by-digest=true,name-canonical=true,push=true"
        argv = [tool("buildx"), "build", "--builder", "bench", "--platform", platform, "--output", output]
        argv += ["--attest", "type=provenance,mode=max", "--metadata-file", str(metadata), "--progress", "plain", "app"]
        self.call(argv)
        return str(json.loads(metadata.read_text())["containerimage.digest"])


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    if os.geteuid():
        print("left out: a BuildKit node of its own needs root")
        return 0
    provide_emulation()
    with tempfile.TemporaryDirectory() as folder, run_registry(Path(folder, "registry")) as registry:
        work, conf = Path(folder).resolve(), Path(folder, "registries.conf")
        push_base(registry.host, f"{HOST}/")
        write_registries_conf(conf, registry.host, [HOST])
        (work / "app").mkdir()
        (work / "app" / "Dockerfile").write_text(DOCKERFILE)
        (work / "builds.yaml").write_text(CATALOGUE)
        with run_node(work / "node", conf) as node:
            bench = Bench(work=work, registry=f"{registry.host}/bench", conf=conf, endpoint=node.endpoint)
            bench.call([tool("buildx"), "create", "--name", "bench", "--driver", "remote", node.endpoint])
            bench.run_kfkit("warm")  # bytecode, and the files of all programs in memory
            bench.run_by_hand("warm")
            ours, theirs = [], []
            for number in range(rounds):
                ours.append(bench.run_kfkit(f"v{number}"))
                theirs.append(bench.run_by_hand(f"v{number}"))
    return report(ours, theirs)


def report(ours: list[float], theirs: list[float]) -> int:
    more = [a - b for a, b in zip(ours, theirs, strict=True)]
    print(f"one component, {len(PLATFORMS)} platforms on one node, median of {len(ours)} rounds")
    print(f"kfkit build run                     {statistics.median(ours):.2f} s")
    print(f"buildx build, twice, and imagetools {statistics.median(theirs):.2f} s")
    spread = f"{min(more):.2f} to {max(more):.2f}"
    print(f"difference                          {statistics.median(more):.2f} s  ({spread}; under {MOST_SECONDS:.0f})")
    return int(statistics.median(more) >= MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
