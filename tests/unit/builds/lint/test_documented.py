"""docs/reference/lint.md has every rule, and its examples are what it says they are."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from buildkit.builds.lint.check import Asked, check_dockerfile
from buildkit.builds.lint.context import Nothing
from buildkit.builds.lint.ignore import apply_ignores
from buildkit.builds.lint.known import KNOWN
from buildkit.builds.lint.wheel_data import parse_wheels
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.model.platform import parse_platform
from tests.support.tools import ROOT

TEXT = (ROOT / "docs" / "reference" / "lint.md").read_text()
RULES = TEXT.partition("\n## Rules\n")[2].partition("\n## ")[0]
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", RULES, re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"^```dockerfile\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKED_OF_A_REGISTRY = {"base-image", "base-image-unknown"}
WITHOUT_EXAMPLE = {*ASKED_OF_A_REGISTRY, "unread-script"}


def told(text: str) -> set[str]:
    wheels = parse_wheels(files("buildkit").joinpath("data", "wheels.yaml").read_text("utf-8"), "wheels.yaml")
    platforms = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))
    dockerfile = parse_dockerfile(text)
    found = check_dockerfile(dockerfile, Asked(platforms=platforms, wheels=wheels, context=Nothing())).findings
    kept, _ = apply_ignores(dockerfile, found, asked=True)
    return {one.rule for one in kept}


def test_every_rule_is_documented_and_nothing_else() -> None:
    assert sorted(SECTIONS) == sorted(KNOWN)


@pytest.mark.parametrize("rule", sorted(KNOWN.keys() - WITHOUT_EXAMPLE))
def test_the_examples_are_what_they_are_said_to_be(rule: str) -> None:
    breaks, right = BLOCK.findall(SECTIONS[rule])
    assert rule in told(breaks)
    assert told(right) == set()
