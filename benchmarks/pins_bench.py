"""`kfkit pins check` after `images`, and a proof that renders only what an edit can reach against rendering all twice.

    python benchmarks/pins_bench.py [RELEASE] [--remotes DIR] [--runs N]

The check is a whole process, offline, from a warm cache. The proof is of one digest replaced in a copy of the release,
that of Knative's queue proxy, which the default install has; rendering all twice is without any comparison. Limits
(issue 5): the check under 2 s, the proof faster.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from buildkit.edges.tools import KUSTOMIZE, Program, find_program  # noqa: E402
from buildkit.flows.options import RemoteOptions  # noqa: E402
from buildkit.flows.proof import prove  # noqa: E402
from buildkit.flows.reach import reaching  # noqa: E402
from buildkit.flows.rendering import render_each  # noqa: E402
from buildkit.flows.sources import Sources, gather  # noqa: E402
from buildkit.flows.store import open_store  # noqa: E402
from buildkit.flows.watch import Watch  # noqa: E402
from tests.support.kfkit import environment  # noqa: E402

RELEASES = Path(os.environ.get("KFKIT_RELEASES", ROOT.parent / "shared" / "manifests"))
DIGEST = re.compile(rb"cmd/queue@(sha256:[0-9a-f]{64})")
NEW = b"sha256:" + b"0" * 64
SECONDS = 2.0


def run(command: str, release: Path, remotes: Path, work: Path) -> float:
    """Seconds of one whole process."""
    argv = [
        sys.executable,
        "-m",
        "buildkit.cli",
        *command.split(),
        str(release),
        "--remotes",
        str(remotes),
        "--offline",
    ]
    start = time.perf_counter()
    done = subprocess.run(argv, cwd=work, env=environment(work), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in {0, 1, 3}:  # 3: offline, what a digest serves is not known
        raise SystemExit(f"{command} ended with {done.returncode}\n{done.stderr}")
    return seconds


def sources_of(root: Path, remotes: Path) -> Sources:
    return gather(root, open_store(RemoteOptions(remotes=(remotes,), offline=True, lock=root / "no.lock")))


def edited(release: Path, folder: Path) -> tuple[Path, str]:
    """Copy the release with one digest replaced; the copy and the file."""
    copy = folder / "copy"
    shutil.copytree(release, copy, symlinks=True)
    for path in sorted(copy.rglob("*.yaml")):
        content = path.read_bytes()
        found = DIGEST.search(content)
        if found:
            path.chmod(0o644)
            path.write_bytes(content.replace(found[1], NEW))
            return copy, path.relative_to(copy).as_posix()
    raise SystemExit(f"{release}: no digest of a queue proxy in it")


def proof(before: Sources, after: Sources, file: str, program: Program) -> tuple[float, int]:
    """Seconds of a proof, and how many kustomizations it rendered."""
    start = time.perf_counter()
    folders = {one: one for one in reaching(before)[file]}
    found = prove(before, after, folders, lambda _, one: NEW.decode() in str(one.b), program, Watch())
    if found.unintended or found.unproven or not found.changed:
        raise SystemExit(f"the proof does not hold: {found.unintended or found.unproven}")
    return time.perf_counter() - start, found.kustomizations


def everything(before: Sources, after: Sources, program: Program) -> tuple[float, int]:
    """Seconds of rendering every kustomization on both sides, and how many there are."""
    folders = [one for one in before.graph.local if not before.graph.nodes[one].is_component]
    start = time.perf_counter()
    for sources in (before, after):
        for _ in render_each(sources, program, folders):
            pass
    return time.perf_counter() - start, len(folders)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", type=Path, default=RELEASES / "26.03")
    parser.add_argument("--remotes", type=Path, default=RELEASES.parent / "kustomize-remotes")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    release, remotes = chosen.release.resolve(), chosen.remotes.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve()
        run("images", release, remotes, work)  # warms the caches
        seconds = [run("pins check", release, remotes, work) for _ in range(chosen.runs)]
        program = find_program(KUSTOMIZE)
        copy, file = edited(release, work)
        before, after = sources_of(release, remotes), sources_of(copy, remotes)
        reached, few = proof(before, after, file, program)
        twice, many = everything(before, after, program)
    check = statistics.median(seconds)
    spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
    print(f"pins check, warm, offline     {check:7.2f} s   ({spread}; limit {SECONDS:.0f})")
    print(f"proof of one digest           {reached:7.2f} s   ({few} kustomizations that {file} reaches)")
    print(f"all rendered twice            {twice:7.2f} s   ({many} kustomizations)")
    print(f"ratio                         {twice / reached:7.1f}")
    return int(check >= SECONDS or reached >= twice)


if __name__ == "__main__":
    sys.exit(main())
