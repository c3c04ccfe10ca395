"""`kfkit build plan` as a user runs it: real git, and a real `buildx bake` that takes what it prints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildkit.builds.plan import Plan
from buildkit.flows.build_plan import PlanRequest, content_keys, make_plan
from buildkit.flows.watch import Watch
from buildkit.report.json import json_schema
from tests.support.kfkit import Run, environment, run_kfkit
from tests.support.tools import ROOT, tool

if TYPE_CHECKING:
    from collections.abc import Mapping

CATALOGUE = """\
components:
  - name: web
    image: registry.example/web
    source: {directory: src}
    context: web
    dockerfile: build/web.Dockerfile
  - name: api.v2
    image: registry.example/api
    source: {directory: src}
    context: api
    dockerfile: api/Dockerfile
    args: {TEXT: 'a "b" ${c} %{d} $e', COMMIT: "{revision}"}
  - name: all
    image: registry.example/all
    source: {directory: src}
    dockerfile: Dockerfile
"""
FILES = {
    "builds.yaml": CATALOGUE,
    "src/web/main": "web\n",
    "src/api/main": "api\n",
    "src/api/Dockerfile": "ARG TEXT\nFROM scratch\nARG COMMIT\nCOPY main /\n",
    "src/build/web.Dockerfile": "FROM scratch\nCOPY main /\n",
    "src/Dockerfile": "FROM scratch\nCOPY . /\n",
    "src/.dockerignore": "docs\n*.md\n",
    "src/docs/a.txt": "a\n",
    "README.md": "x\n",
}


def git(folder: Path, *arguments: str) -> str:
    argv = ["git", *arguments]
    return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit(folder: Path, files: Mapping[str, str] | None = None) -> str:
    write(folder, files or {})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a catalogue, and the current directory."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
    commit(folder, FILES)
    monkeypatch.chdir(folder)
    return folder


def kfkit(folder: Path, *arguments: str) -> Run:
    return run_kfkit("build", "plan", *arguments, work=folder)


def names(run: Run) -> list[str]:
    return [one["component"] for one in run.document()["builds"]]


def labels(run: Run, number: int = 0) -> dict[str, str]:
    return dict(run.document()["builds"][number]["labels"])


def keys(version: str = "1") -> dict[tuple[str, str], str | None]:
    return content_keys(make_plan(PlanRequest(version=version, catalogue=Path("builds.yaml")), Watch()))


def bake_print(folder: Path, bake: str) -> dict[str, Any]:
    """What buildx makes of a bake file."""
    (folder / "bake.json").write_text(bake)
    done = subprocess.run(
        [tool("buildx"), "bake", "--print", "--file", "bake.json"],
        cwd=folder,
        env={**environment(folder), "BUILDX_CONFIG": str(folder / "buildx")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_catalogue_of_the_current_directory_is_planned_with_its_commit(project: Path) -> None:
    run = kfkit(project, "--version", "1.2.0", "--format", "json")
    assert (run.code, run.err) == (0, "")
    assert names(run) == ["web", "api.v2", "all"]
    jsonschema.validate(run.document(), json.loads(json_schema("build-plan", Plan)))
    web = run.document()["builds"][0]
    head = git(project, "rev-parse", "HEAD")
    assert (web["context"], web["dockerfile"], web["revision"]) == ("src/web", "src/build/web.Dockerfile", head)
    assert labels(run)["org.opencontainers.image.created"] == "2026-01-02T03:04:05Z"
    assert kfkit(project, "--version", "1.2.0", "--format", "json").out == run.out


def test_buildx_takes_the_bake_file_as_it_was_meant(project: Path) -> None:
    run = kfkit(project, "--version", "1.2.0", "--format", "bake", "--cache", "local", "--cache-dir", '/c,"d')
    made = bake_print(project, run.out)
    assert set(made["group"]) == {"default", "web", "api_v2", "all"}
    api = made["target"]["api_v2-linux-arm64"]
    head = git(project, "rev-parse", "HEAD")
    # What buildx prints is a bake file again: `${` is written `$${`.
    assert api["args"] == {"TEXT": 'a "b" $${c} %%{d} $e', "COMMIT": head}
    assert (api["context"], api["dockerfile"], api["platforms"]) == ("src/api", "Dockerfile", ["linux/arm64"])
    assert api["cache-from"] == [{"type": "local", "src": '/c,"d/api.v2-linux-arm64'}]
    assert api["attest"] == [{"type": "provenance", "mode": "max"}]
    assert made["target"]["web-linux-amd64"]["dockerfile"] == "../build/web.Dockerfile"
    assert not any("tags" in target for target in made["target"].values())
    assert all(
        target["output"]
        == [
            {
                "type": "image",
                "name": target["output"][0]["name"],
                "name-canonical": "true",
                "push": "true",
                "push-by-digest": "true",
            }
        ]
        for target in made["target"].values()
    )


def test_buildx_takes_the_plan_of_all_of_kubeflow(tmp_path: Path) -> None:
    run = kfkit(tmp_path, "--version", "v1.0.0", "--format", "bake", "--cache", "registry", "--sbom")
    assert run.code == 0
    made = bake_print(tmp_path, run.out)
    assert len(made["target"]) > 200
    katib = made["target"]["katib-ui-linux-arm64"]
    assert katib["context"] == "https://github.com/kubeflow/katib.git#v1.0.0"
    assert katib["dockerfile"] == "cmd/ui/v1beta1/Dockerfile"
    assert made["target"]["notebook-server-jupyter-linux-arm64"]["contexts"] == {
        "ghcr.io/kubeflow/kubeflow/notebook-servers/base:v1.0.0": "target:notebook-server-base-linux-arm64"
    }


def test_the_samples_are_planned_from_the_checkout(tmp_path: Path) -> None:
    run = kfkit(
        tmp_path, "--catalogue", str(ROOT / "examples" / "builds.yaml"), "--version", "1.2.0", "--format", "json"
    )
    assert run.code == 0
    assert names(run) == ["console", "runs", "serving", "agent"]


def test_source_date_epoch_and_platform_are_what_is_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    run = kfkit(project, "web", "--version", "1", "--platform", "linux/arm64", "--format", "json")
    assert run.document()["epoch"] == 1
    assert labels(run)["org.opencontainers.image.created"] == "1970-01-01T00:00:01Z"
    assert [one["platform"] for one in run.document()["builds"][0]["platforms"]] == ["linux/arm64"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "now")
    run = kfkit(project, "--version", "1")
    assert (run.code, run.err) == (2, "kfkit: error: SOURCE_DATE_EPOCH is no number of seconds since 1970.\n")


@pytest.mark.parametrize(
    ("path", "text", "dirty"),
    [
        ("src/web/main", "other\n", [True, False, True]),
        ("src/web/new", "n\n", [True, False, True]),
        ("src/build/web.Dockerfile", "FROM other\n", [True, False, True]),
        ("src/docs/a.txt", "b\n", [False, False, False]),
        ("README.md", "y\n", [False, False, False]),
    ],
)
def test_local_changes_are_told_where_the_builder_sees_them(
    path: str, text: str, dirty: list[bool], project: Path
) -> None:
    write(project, {path: text})
    builds = kfkit(project, "--version", "1", "--format", "json").document()["builds"]
    assert [one["revision"].endswith("+dirty") for one in builds] == dirty


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"src/web/main": "other\n"}, ["web", "all"]),
        ({"src/build/web.Dockerfile": "FROM other\n"}, ["web", "all"]),
        ({"src/build/web.Dockerfile.dockerignore": "x\n"}, ["web", "all"]),
        ({"src/docs/a.txt": "b\n", "README.md": "y\n"}, []),
        ({"src/.dockerignore": "docs\n"}, ["all"]),
        ({"src/api/new": "n\n"}, ["api.v2", "all"]),
    ],
)
def test_only_what_changed_is_planned(
    files: dict[str, str], wanted: list[str], *, committed: bool, project: Path
) -> None:
    git(project, "branch", "before")
    if committed:
        commit(project, files)
    else:
        write(project, files)
    run = kfkit(project, "--version", "1", "--changed-since", "before", "--format", "json")
    assert run.code == 0
    assert names(run) == wanted
    assert run.document()["unchanged"] == [name for name in ("web", "api.v2", "all") if name not in wanted]


def test_deleted_files_count_and_nothing_changed_is_no_error(project: Path) -> None:
    git(project, "branch", "before")
    (project / "src/api/main").unlink()
    assert names(kfkit(project, "--version", "1", "--changed-since", "before", "--format", "json")) == ["api.v2", "all"]
    git(project, "checkout", "--quiet", ".")
    run = kfkit(project, "--version", "1", "--changed-since", "before", "--format", "matrix")
    assert (run.code, run.out) == (0, '{"include":[]}\n')


def test_what_others_changed_after_the_branch_left_does_not_count(project: Path) -> None:
    git(project, "checkout", "--quiet", "-b", "feature")
    commit(project, {"src/api/main": "mine\n"})
    git(project, "checkout", "--quiet", "main")
    commit(project, {"src/web/main": "theirs\n"})
    git(project, "checkout", "--quiet", "feature")
    run = kfkit(project, "--version", "1", "--changed-since", "main", "--format", "json")
    assert names(run) == ["api.v2", "all"]


REMOTE = """\
sources:
  katib: {repository: kubeflow/katib, ref: "v{version}"}
  n1: {repository: kubeflow/notebooks, branch: v1}
  n2: {repository: kubeflow/notebooks, branch: v2}
components:
  - {name: ui, image: ghcr.io/k/ui, source: katib, context: web, dockerfile: web/Dockerfile}
  - {name: out, image: ghcr.io/k/out, source: katib, context: web, dockerfile: build/web.Dockerfile}
  - {name: one, image: ghcr.io/k/one, source: n1}
  - {name: two, image: ghcr.io/k/two, source: n2}
"""


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A folder with a catalogue of repositories, and a checkout of one beside it."""
    write(tmp_path, {"work/remote.yaml": REMOTE})
    write(
        tmp_path / "checkout",
        {"web/Dockerfile": "FROM a\n", "build/web.Dockerfile": "FROM a\n", "Dockerfile": "FROM a\n"},
    )
    git(tmp_path / "checkout", "init", "--quiet")
    commit(tmp_path / "checkout")
    return tmp_path / "work"


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
        (["--version", "1", "--catalogue", "gone.yaml"], "'gone.yaml' does not exist"),
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


def test_a_catalogue_and_settings_inside_a_source_are_read_only_when_named(remote: Path) -> None:
    checkout = remote.parent / "checkout"
    write(checkout, {"builds.yaml": "components: [hostile]\n", "kfkit.toml": "hostile = 1\n"})
    run = run_kfkit("build", "plan", "katib-ui", "--version", "1", "--source", "kubeflow/katib=.", work=checkout)
    assert "builds.yaml lies inside . and is not read unless --catalogue names it" in run.err
    assert "kfkit.toml lies inside what --source names and is not read unless --config names it" in run.err
    assert "katib-ui: there is no file 'cmd/ui/v1beta1/Dockerfile' in ." in run.err
    assert run.code == 2


def test_keys_stay_the_same_until_something_that_counts_changes(project: Path) -> None:
    before = keys()
    assert None not in before.values()
    assert len(set(before.values())) == len(before) == 6
    assert keys() == before
    shutil.copytree(project, project.parent / "copy", symlinks=True)
    os.chdir(project.parent / "copy")
    assert keys() == before
    os.chdir(project)
    write(project, {"README.md": "y\n"})
    assert keys() == before
    assert not set(keys("2").values()) & set(before.values())


def test_a_local_change_changes_the_keys_of_those_that_have_it(project: Path) -> None:
    before = keys()
    write(project, {"src/web/main": "other\n"})
    after = keys()
    assert {name for name, _ in before if before[name, _] != after[name, _]} == {"web", "all"}
    write(project, {"src/web/main": "another\n"})
    assert keys()["web", "linux/amd64"] not in {before["web", "linux/amd64"], after["web", "linux/amd64"]}


def test_what_git_ignores_is_seen_by_the_builder_and_counts(project: Path) -> None:
    commit(project, {"src/api/.gitignore": "*.bin\n"})
    before = keys()
    write(project, {"src/api/a.bin": "1\n"})
    one = keys()["api.v2", "linux/amd64"]
    write(project, {"src/api/a.bin": "2\n"})
    two = keys()["api.v2", "linux/amd64"]
    assert len({before["api.v2", "linux/amd64"], one, two}) == 3
    assert keys()["web", "linux/amd64"] == before["web", "linux/amd64"]


def test_keys_of_a_folder_in_no_repository_are_of_its_files(project: Path) -> None:
    shutil.rmtree(project / ".git")
    before = keys()
    assert None not in before.values()
    write(project, {"src/web/main": "other\n"})
    assert keys()["web", "linux/amd64"] != before["web", "linux/amd64"]
    assert keys()["api.v2", "linux/amd64"] == before["api.v2", "linux/amd64"]


def test_a_remote_ref_has_a_key_only_where_it_is_a_commit(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(remote)
    text = REMOTE.replace('ref: "v{version}"', "ref: " + "a" * 40)
    write(remote, {"pinned.yaml": text})
    for file, known in (("remote.yaml", False), ("pinned.yaml", True)):
        plan = make_plan(PlanRequest(version="1", components=("ui",), catalogue=Path(file)), Watch())
        assert {key is not None for key in content_keys(plan).values()} == {known}


def test_resolve_pins_the_commit_of_each_ref(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The public host is this checkout: git itself is told so."""
    checkout = remote.parent / "checkout"
    git(checkout, "tag", "-a", "-m", "x", "v1.0")
    head = git(checkout, "rev-parse", "HEAD")
    monkeypatch.chdir(remote)
    git(checkout, "config", "--global", f"url.{checkout}.insteadOf", "https://github.com/kubeflow/katib.git")
    plan = make_plan(
        PlanRequest(version="1.0", components=("ui",), catalogue=Path("remote.yaml"), resolve=True), Watch()
    )
    assert plan.builds[0].context == f"https://github.com/kubeflow/katib.git#{head}:web"
    assert plan.builds[0].revision == head
    assert None not in content_keys(plan).values()
    run = kfkit(remote, "one", "--catalogue", "remote.yaml", "--version", "1", "--resolve")
    assert run.code == 3
