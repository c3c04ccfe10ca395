"""docs/reference/chart-spec.md: its example is read, and it has every key that the reader knows."""

from __future__ import annotations

import re

from buildkit.charts.spec_file import read_spec
from tests.support.tools import ROOT

REFERENCE = (ROOT / "docs/reference/chart-spec.md").read_text(encoding="utf-8")


def test_the_example_is_a_specification() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", REFERENCE, re.DOTALL | re.MULTILINE)
    spec = read_spec(example, "example")
    assert spec.about.name == "katib"
    assert (len(spec.profiles), len(spec.values), len(spec.accepted)) == (2, 2, 1)


def test_every_key_that_is_read_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", "\n".join(line for line in REFERENCE.splitlines() if line.startswith("| `"))))
    read = {
        key
        for name in ("spec_file", "spec_values")
        for known in re.findall(
            r"(?:\.keys\(|_KEYS: Final = )(.*?)\)\n", (ROOT / f"buildkit/charts/{name}.py").read_text(), re.DOTALL
        )
        for key in re.findall(r'"(\w+)"', known)
    }
    assert len(read) > 30
    assert read <= told
