"""The project holds to its own rules: layers, sizes, pins, and a Makefile that says what it does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.tools import ROOT
from tools.provide import TOOLS, pinned_version
from tools.sizes import long_modules

PINS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"([a-z0-9-]+)==(\S+)((?: --hash=sha256:[0-9a-f]{64})+)")


def pins(file: Path) -> dict[str, str]:
    """Name to version; fails on a line that is anything else than a pin with hashes."""
    text = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("#"))
    lines = re.sub(r" \\\n\s+", " ", text).splitlines()
    found = [PIN.fullmatch(line) for line in lines]
    assert [line for line, match in zip(lines, found, strict=True) if match is None] == []
    return {match[1]: match[2] for match in found if match}


def test_no_module_is_too_long() -> None:
    assert long_modules() == []


def test_the_import_layers_hold() -> None:
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert program is not None, "run the tests with `make test-unit`: import-linter is in requirements/dev.txt"
    command = [program, "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", PINS, ids=lambda file: file.stem)
def test_every_python_package_is_pinned_with_hashes_and_without_an_address(file: Path) -> None:
    assert pins(file)
    assert "://" not in file.read_text()


def test_no_package_is_pinned_twice() -> None:
    names = [name for file in PINS for name in pins(file)]
    assert sorted(names) == sorted(set(names))


def test_the_pins_serve_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    asked += [one for group in groups.values() for one in group]
    pinned = {name: version for file in PINS for name, version in pins(file).items()}
    for text in asked:
        requirement = Requirement(text)
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert requirement.specifier.contains(pinned.get(name, "0")), f"{text}: run `make pins-update`"


@pytest.mark.parametrize("name", TOOLS)
def test_every_program_is_pinned_by_its_module(name: str) -> None:
    assert pinned_version(name).startswith("v")
    assert (ROOT / "tools" / name / "go.sum").stat().st_size > 0


def test_kustomize_is_the_version_upstream_renders_with() -> None:
    assert pinned_version("kustomize") == "v5.8.1"


def test_every_target_a_person_needs_explains_itself() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = {line.split()[1] for line in shown.splitlines()}
    wanted = {
        "help",
        "demo",
        "test",
        "test-unit",
        "lint",
        "system",
        "tools",
        "audit",
        "audit-simulated",
        "bench",
        "clean",
    }
    assert wanted <= targets


def test_actions_are_pinned_to_commits_with_their_version_beside_them() -> None:
    uses = re.findall(r"uses: (.*)", "".join(file.read_text() for file in (ROOT / ".github/workflows").glob("*.yml")))
    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
