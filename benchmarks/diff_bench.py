"""`kfkit diff` against `dyff between`, side by side, and the peak memory of ours.

    python benchmarks/diff_bench.py [RELEASE] [--runs N]

Two renders of the training operator (3.5 MB) and two whole platforms (12 MB), one value changed in the middle of each,
and platforms whose documents all differ in text, since the keys of one are sorted otherwise. Limits (issue 5): no
slower than dyff for the first, 1.3 times dyff for the second, 600 MB; none for the third. The two take turns, after a
run that is not counted: it compiles our modules to bytecode, as installing does, also where the environment forbids it.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.peak import peak_command, read_peak  # noqa: E402
from tests.integration.images.test_release import render  # noqa: E402
from tests.support.kfkit import environment  # noqa: E402
from tests.support.tools import tool  # noqa: E402

RELEASES = Path(os.environ.get("KFKIT_RELEASES", ROOT.parent / "shared" / "manifests"))
OPERATOR = "applications/training-operator/upstream/overlays/kubeflow"
VALUE, OTHER = "type: string", "type: strong"
MEGABYTES = 600


def operator(release: Path) -> str:
    command = [tool("kustomize"), "build", str(release / OPERATOR)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def changed(text: str) -> str:
    """One value changed, in the middle."""
    start = text.index(VALUE, len(text) // 2)
    return text[:start] + OTHER + text[start + len(VALUE) :]


def rewritten(text: str) -> str:
    """Every document the same in value, its top-level keys in the opposite order."""
    each = text.removeprefix("---\n").split("\n---\n")
    return "\n---\n".join("\n".join(reversed(re.split(r"\n(?=[A-Za-z])", one.rstrip("\n")))) for one in each) + "\n"


def compiled(work: Path) -> dict[str, str]:
    """Give an environment in which Python keeps bytecode, in a folder of this run."""
    kept = {name: value for name, value in environment(work).items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(work / "bytecode")}


def seconds(command: list[str], work: Path) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=work, env=compiled(work), capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{command[0]} ended with {done.returncode}\n{done.stderr}")
    return time.perf_counter() - start


def measure(name: str, work: Path, pair: tuple[str, str], runs: int, limit: float | None) -> bool:
    """Print both times and our peak; tell whether a limit was missed."""
    for file, text in zip(("a.yaml", "b.yaml"), pair, strict=True):
        (work / file).write_text(text, encoding="utf-8")
    ours_command = [sys.executable, "-m", "buildkit.cli", "diff", "a.yaml", "b.yaml"]
    ours, dyffs = [], []
    seconds(ours_command, work)
    for _ in range(runs):
        ours.append(seconds(ours_command, work))
        dyffs.append(seconds([tool("dyff"), "between", "a.yaml", "b.yaml"], work))
    command = peak_command("diff", "a.yaml", "b.yaml")
    done = subprocess.run(command, cwd=work, env=compiled(work), capture_output=True, text=True, check=False)
    peak = read_peak(done.stderr)
    ratio = statistics.median(ours) / statistics.median(dyffs)
    told = f"limit {limit}" if limit else "no limit"
    print(
        f"{name:34} kfkit {statistics.median(ours):5.2f} s  dyff {statistics.median(dyffs):5.2f} s  "
        f"ratio {ratio:4.2f} ({told})  peak {peak:3.0f} MB (limit {MEGABYTES})"
    )
    return (limit is not None and ratio > limit) or peak >= MEGABYTES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", type=Path, default=RELEASES / "26.03")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        small, whole = operator(chosen.release), render(chosen.release.name, work)
        missed = [
            measure("training operator, one value", work, (small, changed(small)), chosen.runs, 1.0),
            measure("platform, one value", work, (whole, changed(whole)), chosen.runs, 1.3),
            measure("platform, every document otherwise", work, (whole, rewritten(whole)), 1, None),
        ]
    return int(any(missed))


if __name__ == "__main__":
    sys.exit(main())
