"""Every rule on what breaks, and on what only looks like it."""

from __future__ import annotations

import pytest

from buildkit.builds.lint.check import Asked, check_dockerfile
from buildkit.builds.lint.context import Nothing
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.model.platform import parse_platform
from tests.unit.builds.lint.case import Case
from tests.unit.builds.lint.cases_arguments import ARGUMENTS
from tests.unit.builds.lint.cases_downloads import DOWNLOADS
from tests.unit.builds.lint.cases_go import GO
from tests.unit.builds.lint.cases_lookalikes import LOOKALIKES
from tests.unit.builds.lint.cases_names import CHECKSUMS, LISTS, OPTIONS, PACKAGES, PATHS
from tests.unit.builds.lint.cases_stages import COPIES, STAGES

CASES = (*DOWNLOADS, *LOOKALIKES, *ARGUMENTS, *GO, *OPTIONS, *PATHS, *PACKAGES, *LISTS, *CHECKSUMS, *COPIES, *STAGES)

BOTH = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))


def told(text: str) -> list[str]:
    checked = check_dockerfile(parse_dockerfile(text), Asked(platforms=BOTH, context=Nothing()))
    return [f"{one.line} {one.rule}" for one in checked.findings]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_breaks_is_told_and_nothing_else(case: Case) -> None:
    assert told(case.text) == list(case.told)
