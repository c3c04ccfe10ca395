"""`kfkit audit` of a whole release against the simulated registries: seconds and our process's peak memory.

    python benchmarks/audit_bench.py [RELEASE] [--remotes DIR]

A real registry process stands in for every host (tests/simulation). Cold: empty caches; warm: those of the run before.
Limit (issue 3, "Speed and memory"): 400 MB, the kustomize processes aside.
"""

from __future__ import annotations

import argparse
import os
import re
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
LIMIT = 400.0
UNIT = 1e6 / (1 if sys.platform == "darwin" else 1024)  # ru_maxrss: bytes on macOS, KiB elsewhere
CODE = (
    "import resource, sys; from buildkit.cli.main import guarded; code = guarded(sys.argv[1:]);"
    "print('rss', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(code)"
)
RSS = re.compile(r"^rss (\d+)$", re.MULTILINE)


def audit(tree: str, remotes: str, work: Path, caches: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one whole process."""
    argv = [sys.executable, "-c", CODE, "audit", tree, "--remotes", remotes, "--registries-conf", "registries.conf"]
    settings = {**environment(work), "XDG_CACHE_HOME": str(caches)}
    start = time.perf_counter()
    done = subprocess.run(
        [*argv, "--format", "json"], cwd=work, env=settings, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    found = RSS.search(done.stderr)
    if done.returncode != 1 or found is None:
        raise SystemExit(f"audit ended with {done.returncode}\n{done.stderr}")
    return seconds, int(found[1]) / UNIT


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
