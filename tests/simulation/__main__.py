"""`make audit-simulated MANIFESTS=…`: audit a release without its registries, and check every verdict.

Prints the audit of the default install and what was compared; exit code 0 when each verdict of the whole release is
the one that platforms.yaml expects, 1 when one is not, 3 when the audit could not be made.
"""

# ruff: noqa: T201  # a command of its own: what it prints is its result
from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.simulation.platforms import Facts, read_facts
from tests.simulation.simulate import Simulation, audit, differences, simulated


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("manifests", type=Path, help="a release tree")
    parser.add_argument("--remotes", type=Path, help="default: kustomize-remotes beside the releases' folder")
    parser.add_argument("--out", type=Path, default=Path("dist/audit-simulated"), help="where the reports go")
    options = parser.parse_args()
    manifests = options.manifests.resolve()
    remotes: Path = (options.remotes or manifests.parent.parent / "kustomize-remotes").resolve()
    for folder in (manifests, remotes):
        if not folder.is_dir():
            print(f"{folder} is not a folder", file=sys.stderr)
            return 2
    out: Path = options.out.resolve() / manifests.name
    out.mkdir(parents=True, exist_ok=True)
    facts = read_facts()
    with tempfile.TemporaryDirectory(prefix="kfkit-simulated-") as scratch:
        work = Path(scratch)
        with simulated(manifests, remotes, facts, work) as simulation:
            return report(simulation, facts, out)


def report(simulation: Simulation, facts: Facts, out: Path) -> int:
    reports = ("--report", f"json={out / 'default.json'}", "--report", f"text={out / 'default.txt'}")
    default = audit(simulation, "--format", "text", *reports, "--timings")
    whole = audit(simulation, "--scope", "all", "--format", "json", "--report", f"text={out / 'all.txt'}")
    (out / "all.json").write_text(whole.out)
    print(default.out)
    print(default.err, file=sys.stderr)
    if not whole.out or not default.out:
        print(whole.err, file=sys.stderr)
        return 3
    document = whole.document()
    problems = differences(document, facts) + unaccounted(simulation, document)
    names = [image["name"] for image in document["images"]]
    known = sum(facts.about(name).source is not None for name in names)
    took = ", ".join(f"{name} {value:.1f} s" for name, value in simulation.seconds.items())
    print(
        f"SIMULATION: a local registry stood in for every registry. Of {len(names)} images the platforms of {known} "
        f"are publicly known (tests/simulation/platforms.yaml names the sources); {len(names) - known} were given "
        f"{' and '.join(facts.required)} for want of knowledge.\n"
        f"Verdicts compared with what was to be expected: {len(names)}, of which {len(problems)} differ. ({took})\n"
        f"Reports: {out}"
    )
    for line in problems:
        print(f"  {line}")
    return 1 if problems else 0


def unaccounted(simulation: Simulation, document: dict[str, Any]) -> list[str]:
    """Images that only one of `kfkit images` and `kfkit audit --scope all` names."""
    audited = {image["name"] for image in document["images"]}
    listed = set(simulation.images)
    return [f"{name}: not audited" for name in sorted(listed - audited)] + [
        f"{name}: not listed by kfkit images" for name in sorted(audited - listed)
    ]


if __name__ == "__main__":
    sys.exit(main())
