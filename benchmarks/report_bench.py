"""Writing every report of an audit against JSON alone, from a warm cache: seconds more, and the page's size.

    python benchmarks/report_bench.py [RELEASE] [--remotes DIR] [--runs N]

The two take turns, each a whole process, on simulated registries (tests/simulation); the difference is between the
medians. Limits (issue 4): 1 s more for all six formats, 1 MB for the HTML page.
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

from tests.simulation.platforms import read_facts  # noqa: E402
from tests.simulation.simulate import simulated  # noqa: E402
from tests.support.kfkit import environment  # noqa: E402

RELEASES = Path(os.environ.get("KFKIT_RELEASES", ROOT.parent / "shared" / "manifests"))
FORMATS = ("json", "text", "markdown", "csv", "sarif", "html")
SECONDS, BYTES = 1.0, 1_000_000


def audit(tree: str, work: Path, formats: tuple[str, ...]) -> float:
    """Seconds of one whole process that writes the reports."""
    reports = [part for name in formats for part in ("--report", f"{name}={work / f'report.{name}'}")]
    options = ("--remotes", "simulated-remotes", "--registries-conf", "registries.conf", "--format", "json")
    command = [sys.executable, "-m", "buildkit.cli", "audit", tree, *options, *reports]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=work, env=environment(work), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 1:
        raise SystemExit(f"audit ended with {done.returncode}\n{done.stderr}")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", type=Path, default=RELEASES / "26.03")
    parser.add_argument("--remotes", type=Path, default=RELEASES.parent / "kustomize-remotes")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    alone: list[float] = []
    every: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        with simulated(chosen.release, chosen.remotes, read_facts(), work) as simulation:
            audit(simulation.tree, work, FORMATS)  # warms the caches
            for _ in range(chosen.runs):
                alone.append(audit(simulation.tree, work, ("json",)))
                every.append(audit(simulation.tree, work, FORMATS))
        sizes = {name: (work / f"report.{name}").stat().st_size for name in FORMATS}
        images = len(simulation.images)
    more = statistics.median(every) - statistics.median(alone)
    print(f"JSON alone                    {statistics.median(alone):7.2f} s   ({images} images, {chosen.runs} runs)")
    print(f"all six formats               {statistics.median(every):7.2f} s   ({min(every):.2f} to {max(every):.2f} s)")
    print(f"difference                    {more:7.2f} s   (limit {SECONDS:.0f})")
    print(f"HTML page                     {sizes['html'] / 1000:7.0f} kB  (limit {BYTES / 1000:.0f})")
    print(f"others: {', '.join(f'{name} {size / 1000:.0f} kB' for name, size in sizes.items() if name != 'html')}")
    return int(more > SECONDS or sizes["html"] >= BYTES)


if __name__ == "__main__":
    sys.exit(main())
