"""Charts of a release against the `kustomize build` and `helm template` calls that they cannot do without.

    python benchmarks/charts_bench.py [RELEASE] [--remotes DIR] [--runs N] [--values NAME …]

`kfkit charts check --equality-only` makes every chart of helm-charts/ and compares every profile. The peer is those
calls alone, as many at a time as kfkit starts, on trees and charts that lie ready; they take turns, after a run that is
not counted. Limit (issue 7): 3 times the peer. `--values` names charts whose values are checked as well, each alone:
limit 120 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from buildkit.flows.chart_renders import read_specs  # noqa: E402
from buildkit.flows.options import RemoteOptions  # noqa: E402
from buildkit.flows.rendering import Scratch, usual_workers  # noqa: E402
from buildkit.flows.sources import gather  # noqa: E402
from buildkit.flows.store import open_store  # noqa: E402
from tests.support.kfkit import environment  # noqa: E402
from tests.support.tools import tool  # noqa: E402

RELEASES = Path(os.environ.get("KFKIT_RELEASES", ROOT.parent / "shared" / "manifests"))
LIMIT, VALUES_LIMIT = 3.0, 120.0


def kfkit(work: Path, *arguments: str) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "buildkit.cli", "charts", *arguments]
    done = subprocess.run(command, cwd=work, env=environment(work), capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr}")
    return time.perf_counter() - start


def peer_calls(release: Path, remotes: Path, work: Path) -> list[list[str]]:
    """The calls: each kustomization once, each chart and profile once."""
    specs = read_specs(ROOT / "helm-charts", ())
    sources = gather(release, open_store(RemoteOptions(remotes=(remotes,), offline=True, lock=work / "lock")))
    scratch = Scratch(sources, work / "trees")
    folders = sorted({one.path for spec in specs for one in spec.profiles if one.path in sources.graph.nodes})
    calls = [[tool("kustomize"), "build", str(scratch.prepare(folder))] for folder in folders]
    for spec in specs:
        names = [spec.about.name, *([f"{spec.about.name}-crds"] if spec.crds == "chart" else [])]
        profiles = [one.name for one in spec.profiles if one.path in sources.graph.nodes]
        calls += [
            [
                tool("helm"),
                "template",
                spec.release,
                str(work / "charts" / name),
                "--skip-tests",
                f"--set=profile={one}",
            ]
            for name in names
            for one in profiles
        ]
    return calls


def seconds(calls: list[list[str]]) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(usual_workers()) as pool:
        list(pool.map(lambda call: subprocess.run(call, capture_output=True, check=True), calls))
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", type=Path, default=RELEASES / "26.03")
    parser.add_argument("--remotes", type=Path, default=RELEASES.parent / "kustomize-remotes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--values", nargs="*", default=["katib", "pipelines", "pipelines-multi-user"])
    chosen = parser.parse_args()
    common = [
        f"--manifests={chosen.release}",
        f"--remotes={chosen.remotes}",
        "--offline",
        f"--specs={ROOT}/helm-charts",
    ]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        kfkit(work, "generate", *common, f"--output={work / 'charts'}")
        calls = peer_calls(chosen.release, chosen.remotes, work)
        ours, peers = [], []
        for _ in range(chosen.runs):
            ours.append(kfkit(work, "check", *common, "--equality-only"))
            peers.append(seconds(calls))
        ratio = statistics.median(ours) / statistics.median(peers)
        print(
            f"{chosen.release.name}: kfkit {statistics.median(ours):.2f} s, its {len(calls)} calls of kustomize and "
            f"helm {statistics.median(peers):.2f} s, ratio {ratio:.2f} (limit {LIMIT})"
        )
        missed = ratio > LIMIT
        for name in chosen.values:
            took = kfkit(work, "check", name, *common)
            missed |= took > VALUES_LIMIT
            print(f"{name}: all checks {took:.1f} s (limit {VALUES_LIMIT:.0f})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
