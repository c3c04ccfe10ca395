from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.edges.tools import BUILDKITD, HELM, HELM3, HELM4, KUSTOMIZE, RUNC, find_buildx, find_program
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
    found = find_program(HELM)
    assert (found.path, found.version) == (wanted, "3.18.4")


def test_what_was_found_and_will_not_do_is_named(path: Path) -> None:
    program = add(path / "one", "helm", "v3.17.0+gabc")
    with pytest.raises(UndeterminedError) as error:
        find_program(HELM)
    assert str(error.value) == f"no helm >= 3.18 or >= 4.2: {program} is v3.17.0+gabc"
    assert "make tools" in error.value.hint


def test_none_at_all_is_said_too(path: Path) -> None:
    with pytest.raises(UndeterminedError, match=r"no kustomize 5\.8\.x: none on PATH"):
        find_program(KUSTOMIZE)
    add(path / "two", "kustomize", "v5.8.3")
    assert find_program(KUSTOMIZE).version == "5.8.3"


def test_helm_3_goes_by_two_names(path: Path) -> None:
    new = add(path / "one", "helm", "v4.2.4")
    with pytest.raises(UndeterminedError) as error:
        find_program(HELM3)
    assert str(error.value) == f"no helm3 3.18 or a newer 3.x: {new} is v4.2.4"
    plain = add(path / "two", "helm", "v3.18.0+gabc")
    assert (find_program(HELM3).path, find_program(HELM4).path) == (plain, new)
    named = add(path / "two", "helm3", "v3.22.0")
    assert find_program(HELM3).path == named


BUILDX = "github.com/docker/buildx v0.37.2 0123456789abcdef"


def test_dockers_plugin_comes_before_buildx_by_itself(path: Path) -> None:
    alone = add(path / "one", "buildx", BUILDX)
    plugin = add(path / "two", "docker-buildx", BUILDX)
    assert find_buildx() == ((str(plugin),), "0.37.2")
    docker = add(path / "two", "docker", "github.com/docker/buildx v0.30.0 abc")
    assert find_buildx() == ((str(docker), "buildx"), "0.30.0")
    docker.unlink()
    plugin.unlink()
    assert find_buildx() == ((str(alone),), "0.37.2")


def test_a_docker_without_the_plugin_is_passed_over(path: Path) -> None:
    docker = add(path / "one", "docker", "")
    docker.write_text("#!/bin/sh\necho \"docker: 'buildx' is not a docker command.\" >&2\nexit 1\n")
    alone = add(path / "one", "buildx", BUILDX)
    assert find_buildx() == ((str(alone),), "0.37.2")


def test_an_old_buildx_is_named(path: Path) -> None:
    docker = add(path / "one", "docker", "github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3")
    with pytest.raises(UndeterminedError) as error:
        find_buildx()
    assert str(error.value) == (f"no buildx >= 0.30: {docker} is github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3")
    assert "docker-buildx-plugin" in error.value.hint


def test_without_buildx_that_is_said(path: Path) -> None:
    (path / "one").mkdir()
    with pytest.raises(UndeterminedError, match=r"no buildx >= 0\.30: none on PATH"):
        find_buildx()


def test_what_the_local_builder_takes_is_found_by_version(path: Path) -> None:
    buildkitd = add(path / "one", "buildkitd", "buildkitd github.com/moby/buildkit v0.33.1 abc")
    runc = add(path / "one", "runc", "runc version 1.4.0")
    assert (find_program(BUILDKITD).path, find_program(BUILDKITD).version) == (buildkitd, "0.33.1")
    assert (find_program(RUNC).path, find_program(RUNC).version) == (runc, "1.4.0")
    add(path / "one", "buildkitd", "buildkitd github.com/moby/buildkit v0.12.5 abc")
    with pytest.raises(UndeterminedError, match=r"no buildkitd >= 0\.30"):
        find_program(BUILDKITD)


def test_one_program_by_two_names_is_asked_once(path: Path) -> None:
    asked = path / "asked"
    helm = add(path / "one", "helm", "")
    helm.write_text(f"#!/bin/sh\necho x >> {asked}\necho v3.17.0\n")
    (path / "two").symlink_to(path / "one")
    with pytest.raises(UndeterminedError) as error:
        find_program(HELM)
    assert str(error.value) == f"no helm >= 3.18 or >= 4.2: {helm} is v3.17.0"
    assert asked.read_text() == "x\n"
