"""Where `kfkit build plan` takes files from: git URLs, checkouts, and nothing that these say of themselves."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.integration.build_plan.project import git, kfkit, write
from tests.support.kfkit import run_kfkit

if TYPE_CHECKING:
    from pathlib import Path


def test_a_repository_is_a_git_url_and_a_checkout_a_folder(remote: Path) -> None:
    common = ("ui", "--catalogue", "remote.yaml", "--version", "1.0", "--format", "json")
    (ui,) = kfkit(remote, *common).document()["builds"]
    assert ui["context"] == "https://github.com/kubeflow/katib.git#v1.0:web"
    assert ui["dockerfile"] == "Dockerfile"
    assert "revision" not in ui
    (ui,) = kfkit(remote, *common, "--source", "kubeflow/katib=../checkout").document()["builds"]
    assert (ui["context"], ui["dockerfile"]) == ("../checkout/web", "../checkout/web/Dockerfile")
    assert ui["revision"] == git(remote.parent / "checkout", "rev-parse", "HEAD")
    assert ui["repository"] == "https://github.com/kubeflow/katib"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--version", "1/2"], "--version: '1/2' is no tag"),
        (["--version", "-x"], "--version: '-x' is no tag"),
        (["--version", "1", "--tag", "a b"], "--tag: 'a b' is no tag"),
        (["--version", "1", "nope"], "remote.yaml: no component is called 'nope'"),
        (["--version", "1", "--registry", "ghcr"], "--registry: 'ghcr' is no registry host, such as ghcr.io"),
        (["--version", "1", "--registry", "https://ghcr.io"], "--registry: a reference has neither a scheme"),
        (["--version", "1", "--platform", "arm64"], "--platform: 'arm64' is no platform"),
        (["--version", "1", "ui", "--platform", "linux/s390x"], "platforms: linux/s390x is not among those of ui"),
        (["--version", "1", "--cache", "local"], "--cache local and --cache-dir belong together"),
        (["--version", "1", "out"], "dockerfile: outside the context, where builders that fetch it from git do not"),
        (["--version", "1", "ui", "--changed-since", "main"], "of which no checkout is named"),
        (["--version", "1", "--source", "kubeflow/katib"], "there is no folder ''"),
        (["--version", "1", "--source", "kubeflow/katib=gone"], "there is no folder 'gone'"),
        (["--version", "1", "--source", "katib=."], "is neither OWNER/REPO nor the https:// address"),
        (["--version", "1", "--source", "a/b=."], "has no component of that repository"),
        (["--version", "1", "one", "--source", "kubeflow/notebooks=../checkout"], "of which branch is it?"),
        (["--version", "1", "--source", "kubeflow/notebooks@v3=."], "no component of that branch, but v1, v2"),
        (["--version", "1", "ui", "--source", "kubeflow/katib=."], "context: ui: there is no folder 'web' in ."),
        (["--version", "1", "--catalogue", "gone.yaml"], "gone.yaml: there is no such file"),
        (["--version", "1", "--source", "kubeflow/katib=a\x1bb"], "a path that cannot be printed"),
        (["--version", "1", "--cache", "local", "--cache-dir", "a\udcff"], "a path that cannot be printed"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_printed(arguments: list[str], says: str, remote: Path) -> None:
    more = [] if "--catalogue" in arguments else ["--catalogue", "remote.yaml"]
    run = kfkit(remote, *arguments, *more)
    assert (run.code, run.out) == (2, "")
    assert says in " ".join(run.err.split())


def test_a_branch_is_told_apart_by_its_name(remote: Path) -> None:
    found = kfkit(
        remote,
        "one",
        "two",
        "--catalogue",
        "remote.yaml",
        "--version",
        "1",
        "--source",
        "kubeflow/notebooks@v1=../checkout",
        "--format",
        "json",
    ).document()["builds"]
    assert [one["context"] for one in found] == ["../checkout", "https://github.com/kubeflow/notebooks.git#1"]


def test_a_link_out_of_the_source_is_refused(remote: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    shutil.rmtree(tmp_path / "checkout" / "web")
    (tmp_path / "checkout" / "web").symlink_to("../secret", target_is_directory=True)
    run = kfkit(remote, "out", "--catalogue", "remote.yaml", "--version", "1", "--source", "kubeflow/katib=../checkout")
    assert run.code == 2
    assert "context: out: leads out of ../checkout" in run.err


@pytest.mark.parametrize("path", ["web", "web/Dockerfile"])
def test_links_in_a_circle_are_no_files(path: str, remote: Path, tmp_path: Path) -> None:
    place = tmp_path / "checkout" / path
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    place.symlink_to(place.name)
    run = kfkit(remote, "ui", "--catalogue", "remote.yaml", "--version", "1", "--source", "kubeflow/katib=../checkout")
    assert run.code == 2
    assert "ui: there is no f" in run.err


def test_a_catalogue_and_settings_inside_a_source_are_read_only_when_named(remote: Path) -> None:
    checkout = remote.parent / "checkout"
    write(checkout, {"builds.yaml": "components: [hostile]\n", "kfkit.toml": "hostile = 1\n"})
    run = run_kfkit("build", "plan", "katib-ui", "--version", "1", "--source", "kubeflow/katib=.", work=checkout)
    assert "builds.yaml lies inside . and is not read unless --catalogue names it" in run.err
    assert "kfkit.toml lies inside what --source names and is not read unless --config names it" in run.err
    assert "katib-ui: there is no file 'cmd/ui/v1beta1/Dockerfile' in ." in run.err
    assert run.code == 2
