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


def test_what_is_for_386_runs_on_amd64_and_breaks_on_arm64() -> None:
    text = "FROM debian:12\nRUN dpkg --add-architecture i386 && apt-get install -y wine32:i386\n"
    checked = check_dockerfile(parse_dockerfile(text), Asked(platforms=BOTH, context=Nothing()))
    assert {one.platforms for one in checked.findings} == {("linux/arm64",)}


@pytest.mark.parametrize("name", ["Dockerfile.windows", "x/windows.Dockerfile", "windows/Dockerfile"])
def test_a_file_for_windows_is_not_looked_at_for_linux(name: str) -> None:
    text = "FROM mcr.microsoft.com/windows/servercore:ltsc2022-amd64\nRUN true\n"
    asked = Asked(platforms=BOTH, context=Nothing())
    assert check_dockerfile(parse_dockerfile(text, name), asked).skipped
    assert not check_dockerfile(parse_dockerfile(text, "windowsill/Dockerfile"), asked).skipped
