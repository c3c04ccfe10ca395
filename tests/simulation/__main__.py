"""`make audit-simulated MANIFESTS=…`: audit a release without its registries, and check every verdict.

Prints the audit of the default install and what was compared; exit code 0 when each verdict of the whole release is
the one that platforms.yaml expects, 1 when one is not, 3 when the audit could not be made.
"""

# ruff: noqa: T201  # a command of its own: what it prints is its result
from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.simulation.platforms import Facts, read_facts
from tests.simulation.simulate import Simulation, simulated

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMATS: Final = {"text": "txt", "json": "json", "markdown": "md", "csv": "csv", "sarif": "sarif", "html": "html"}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("manifests", type=Path, help="a release tree")
    parser.add_argument("--remotes", type=Path, help="default: kustomize-remotes beside the releases' folder")
    parser.add_argument("--baseline", type=Path, help="a report of another simulation: what changed since then")
    parser.add_argument("--out", type=Path, default=Path("dist/audit-simulated"), help="where the reports go")
    options = parser.parse_args()
    manifests = options.manifests.resolve()
    remotes: Path = (options.remotes or manifests.parent.parent / "kustomize-remotes").resolve()
    for folder in (manifests, remotes):
        if not folder.is_dir():
            print(f"{folder} is not a folder", file=sys.stderr)
            return 2
    baseline = ("--baseline", options.baseline.resolve()) if options.baseline else ()
    out: Path = options.out.resolve() / manifests.name
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="kfkit-simulated-") as scratch,
        simulated(manifests, remotes, read_facts(), Path(scratch)) as simulation,
    ):
        return _report(simulation, out, baseline)


def _report(simulation: Simulation, out: Path, baseline: Sequence[str | Path]) -> int:
    reports = [part for name, ending in _FORMATS.items() for part in ("--report", f"{name}={out / 'default'}.{ending}")]
    default = simulation.audit("--format", "text", *reports, *baseline, "--timings")
    whole = simulation.audit("--scope", "all", "--format", "json", "--report", f"text={out / 'all.txt'}")
    print(default.out)
    print(default.err, file=sys.stderr)
    if not whole.out or not default.out:
        print(whole.err, file=sys.stderr)
        return 3
    (out / "all.json").write_text(whole.out)
    (out / "platforms.txt").write_text(_platforms(simulation.images, simulation.facts))
    problems = simulation.differences(whole.document())
    known = sum(simulation.facts.about(name).source is not None for name in simulation.images)
    took = ", ".join(f"{name} {value:.1f} s" for name, value in simulation.seconds.items())
    print(
        f"SIMULATION: a local registry stood in for every registry. Of {len(simulation.images)} images the platforms\n"
        f"of {known} are publicly known; the other {len(simulation.images) - known} were given "
        f"{' and '.join(simulation.facts.required)}.\n"
        f"Verdicts compared with what was to be expected: {len(simulation.images)}, of which {len(problems)} differ. "
        f"({took})\n"
        f"Reports, and the source for each image (platforms.txt): {out}"
    )
    for line in problems:
        print(f"  {line}")
    return 1 if problems else 0


def _platforms(names: Sequence[str], facts: Facts) -> str:
    """One line per image: the platforms of its stand-in, and where they are known from."""
    lines = []
    for name in names:
        fact = facts.about(name)
        source = fact.source or "simulation: nothing is known"
        lines.append(f"{name}  {','.join(fact.platforms)}  {source}{f' ({fact.partial})' if fact.partial else ''}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: the registry stops too
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("interrupted: the registry is stopped", file=sys.stderr)
        sys.exit(130)
