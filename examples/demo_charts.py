"""The demo's steps on charts: the sample platform as a Helm chart, proven equal to Kustomize, packed and published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.demo import Demo
    from tests.support.registry_process import Registry

PLATFORM = "examples/platform"
VERSION = "1.1.0"
PREFIX = "charts"


def charts(demo: Demo, registry: Registry, first: int) -> None:
    """Generate, check, package, publish; `first` is the number of the first step."""
    folder, packages = demo.out / "charts", demo.out / "packages"
    common = ("--manifests", PLATFORM, "--specs", "examples/charts", "--version", VERSION)
    demo.say(
        f"{first}. The platform as a Helm chart: both its installs are profiles of one chart, its custom resource\n"
        "   definitions a chart of their own."
    )
    demo.kfkit("charts", "generate", *common, "--output", demo.shown(folder), codes=(0,), show=12)
    report = demo.out / "charts.json"
    demo.say(
        f"{first + 1}. Is it what Kustomize renders, for every profile? Does every value do what it says, and nothing\n"
        "   else? Each is set by itself, then pairs of them, then another namespace."
    )
    demo.kfkit("charts", "check", *common, "--report", f"json={demo.shown(report)}", codes=(0,), show=24)
    found = json.loads(report.read_text()) if report.exists() else {}
    demo.expect(
        bool(found) and all(one["differences"] == 0 for one in (*found["profiles"], *found["values"])),
        "a profile or a value of the chart differs",
    )
    demo.say(f"{first + 2}. Packed (the same bytes each time) and published to the registry, read back and compared.")
    demo.kfkit("charts", "package", "--charts", demo.shown(folder), "--output", demo.shown(packages), codes=(0,))
    target = f"oci://{registry.host}/{PREFIX}"
    demo.kfkit("charts", "publish", "--packages", demo.shown(packages), "--registry", target, codes=(0,))
