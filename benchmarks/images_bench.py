"""`kfkit images` against `kustomize build` one by one over all kustomizations of a release.

    python benchmarks/images_bench.py [RELEASE] [--remotes DIR]

Prints seconds and the two ratios of issue B ("Speed and memory"): cold at most 0.5, warm and unchanged at most 0.05,
and the peak memory of our own process. Both sides run in this one run, kustomize on a copy in which remote bases are
local, since it has to render the same.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.peak import peak_command, read_peak  # noqa: E402
from buildkit.edges.remotes import RemoteStore  # noqa: E402
from buildkit.edges.tools import KUSTOMIZE, find_program  # noqa: E402
from buildkit.flows.rendering import Scratch  # noqa: E402
from buildkit.flows.sources import gather  # noqa: E402

RELEASES = Path(os.environ.get("KFKIT_RELEASES", ROOT.parent / "shared" / "manifests"))
COLD, WARM, MEMORY = 0.5, 0.05, 400


def one_by_one(release: Path, remotes: Path) -> tuple[float, int]:
    """Seconds that kustomize takes for every kustomization by itself, and how many rendered."""
    program = str(find_program(KUSTOMIZE).path)
    with tempfile.TemporaryDirectory() as name:
        store = RemoteStore((remotes,), Path(name), offline=True, lock=None, refresh=False)
        sources = gather(release, store)
        copy = Scratch(sources, Path(name, "copy"))
        folders = [copy.prepare(folder) for folder in sources.graph.local if not sources.graph.problems(folder)]
        start = time.perf_counter()
        codes = [
            subprocess.run([program, "build", str(folder)], capture_output=True, check=False).returncode
            for folder in folders
        ]
        return time.perf_counter() - start, codes.count(0)


def kfkit_images(release: Path, remotes: Path, cache: Path) -> float:
    """Seconds of one whole process."""
    argv = [sys.executable, "-m", "buildkit.cli", "images", str(release), "--remotes", str(remotes), "--offline"]
    start = time.perf_counter()
    subprocess.run(
        [*argv, "--format", "json"],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def own_memory(release: Path, remotes: Path) -> float:
    """Peak memory in MB of a cold run of our process, the kustomize processes aside."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            peak_command("images", str(release), "--remotes", str(remotes), "--offline"),
            env={**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    return read_peak(done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", type=Path, default=RELEASES / "26.03")
    parser.add_argument("--remotes", type=Path, default=RELEASES.parent / "kustomize-remotes")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        cold = kfkit_images(chosen.release, chosen.remotes, Path(cache))
        warm = statistics.median(kfkit_images(chosen.release, chosen.remotes, Path(cache)) for _ in range(3))
    plain, rendered = one_by_one(chosen.release, chosen.remotes)
    with tempfile.TemporaryDirectory() as cache:
        # Before and after, averaged: a machine that gets busier or quieter must not decide the ratio.
        cold = (cold + kfkit_images(chosen.release, chosen.remotes, Path(cache))) / 2
    memory = own_memory(chosen.release, chosen.remotes)
    print(f"kustomize build, one by one   {plain:7.2f} s   ({rendered} rendered)")
    print(f"kfkit images, cold            {cold:7.2f} s   ratio {cold / plain:.3f} (limit {COLD})")
    print(f"kfkit images, unchanged       {warm:7.2f} s   ratio {warm / plain:.3f} (limit {WARM})")
    print(f"peak memory of our process    {memory:7.0f} MB (limit {MEMORY})")
    return int(cold / plain > COLD or warm / plain > WARM or memory > MEMORY)


if __name__ == "__main__":
    sys.exit(main())
