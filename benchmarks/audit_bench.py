"""`kfkit audit` of a whole release against the simulated registries: seconds and our process's peak memory.

    python benchmarks/audit_bench.py [RELEASE] [--remotes DIR]

A real registry process stands in for every host (tests/simulation). Cold: empty caches; warm: those of the run before.
Limit (issue 3, "Speed and memory"): 400 MB, the kustomize processes aside.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.peak import peak_command, read_peak  # noqa: E402
from tests.simulation.platforms import read_facts  # noqa: E402
from tests.simulation.simulate import simulated  # noqa: E402
from tests.support.kfkit import environment  # noqa: E402

RELEASES = Path(os.environ.get("KFKIT_RELEASES", ROOT.parent / "shared" / "manifests"))
LIMIT = 400.0


def audit(tree: str, remotes: str, work: Path, caches: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one whole process."""
    options = ("--remotes", remotes, "--registries-conf", "registries.conf", "--format", "json")
    settings = {**environment(work), "XDG_CACHE_HOME": str(caches)}
    start = time.perf_counter()
    command = peak_command("audit", tree, *options)
    done = subprocess.run(command, cwd=work, env=settings, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 1:
        raise SystemExit(f"audit ended with {done.returncode}\n{done.stderr}")
    return seconds, read_peak(done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", type=Path, default=RELEASES / "26.03")
    parser.add_argument("--remotes", type=Path, default=RELEASES.parent / "kustomize-remotes")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        with simulated(chosen.release, chosen.remotes, read_facts(), work) as simulation:
            caches = work / "fresh"
            cold, memory = audit(simulation.tree, "simulated-remotes", work, caches)
            warm, _ = audit(simulation.tree, "simulated-remotes", work, caches)
        images = len(simulation.images)
    print(f"kfkit audit, cold             {cold:7.2f} s   ({images} images, simulated registries)")
    print(f"kfkit audit, unchanged        {warm:7.2f} s")
    print(f"peak memory of our process    {memory:7.0f} MB (limit {LIMIT:.0f})")
    return int(memory > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
