from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.edges.tools import find_helm, find_kustomize
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders on PATH, and no checkout's tools."""
    monkeypatch.setattr("buildkit.edges.tools.checkout_tools", lambda: None)
    monkeypatch.setenv("PATH", f"{tmp_path / 'one'}:{tmp_path / 'two'}")
    return tmp_path


def add(folder: Path, name: str, output: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{output}'\n")
    program.chmod(0o755)
    return program


def test_a_program_whose_version_will_not_do_is_passed_over(path: Path) -> None:
    add(path / "one", "helm", "v4.1.0+gabc")
    wanted = add(path / "two", "helm", "v3.18.4+gabc")
    found = find_helm()
    assert (found.path, found.version) == (wanted, "3.18.4")


def test_what_was_found_and_will_not_do_is_named(path: Path) -> None:
    program = add(path / "one", "helm", "v3.17.0+gabc")
    with pytest.raises(UndeterminedError) as error:
        find_helm()
    assert str(error.value) == f"no helm >= 3.18 or >= 4.2: {program} is v3.17.0+gabc"
    assert "make tools" in error.value.hint


def test_none_at_all_is_said_too(path: Path) -> None:
    with pytest.raises(UndeterminedError, match=r"no kustomize 5\.8\.x: none on PATH"):
        find_kustomize()
    add(path / "two", "kustomize", "v5.8.3")
    assert find_kustomize().version == "5.8.3"
