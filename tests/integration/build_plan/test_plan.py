"""`kfkit build plan` as a user runs it: real git, and a real `buildx bake` that takes what it prints."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildkit.builds.plan import Plan
from buildkit.report.json import json_schema
from tests.integration.build_plan.project import commit, git, kfkit, labels, names, write
from tests.support.kfkit import environment
from tests.support.tools import ROOT, tool

if TYPE_CHECKING:
    from pathlib import Path


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


def test_buildx_takes_a_bake_file_of_nothing(project: Path) -> None:
    run = kfkit(project, "--version", "1", "--changed-since", "HEAD", "--format", "bake")
    assert bake_print(project, run.out)["group"] == {"default": {"targets": []}}


def test_the_samples_are_planned_from_the_checkout(tmp_path: Path) -> None:
    run = kfkit(
        tmp_path, "--catalogue", str(ROOT / "examples" / "builds.yaml"), "--version", "1.2.0", "--format", "json"
    )
    assert run.code == 0
    assert names(run) == ["console", "runs", "serving", "agent"]


def test_a_linked_work_tree_is_one_and_a_repository_without_a_commit_is_told(project: Path) -> None:
    git(project, "worktree", "add", "--quiet", "../linked")
    linked = project.parent / "linked"
    run = kfkit(linked, "--version", "1", "--format", "json")
    assert run.document()["builds"][0]["revision"] == git(project, "rev-parse", "HEAD")
    (linked / ".git").unlink()
    git(linked, "init", "--quiet")
    run = kfkit(linked, "--version", "1", "--format", "json")
    assert run.code == 0
    told = "git tells no commit of it, so images will not say what they are built from: there is none yet, or "
    assert run.err.startswith(f"{linked}: {told}")
    assert "revision" not in run.document()["builds"][0]
    run = kfkit(linked, "--version", "1", "--changed-since", "HEAD")
    assert run.code == 2
    assert f"--changed-since: git tells no commit of {linked}\n  there is none yet, or " in run.err


def test_source_date_epoch_and_platform_are_what_is_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    run = kfkit(project, "web", "--version", "1", "--platform", "linux/arm64", "--format", "json")
    assert run.document()["epoch"] == 1
    assert labels(run)["org.opencontainers.image.created"] == "1970-01-01T00:00:01Z"
    assert [one["platform"] for one in run.document()["builds"][0]["platforms"]] == ["linux/arm64"]
    for wrong in ("now", "-1", "999999999999"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        run = kfkit(project, "--version", "1")
        assert (run.code, run.err) == (2, "kfkit: error: SOURCE_DATE_EPOCH is no number of seconds since 1970.\n")


def test_a_commit_of_a_time_that_no_calendar_has_is_built_without_it(project: Path) -> None:
    head = git(project, "cat-file", "commit", "HEAD").replace(" 1767323045 ", " 99999999999999999 ")
    argv = ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
    made = subprocess.run(argv, cwd=project, check=True, capture_output=True, text=True, input=head + "\n").stdout
    git(project, "update-ref", "HEAD", made.strip())
    run = kfkit(project, "web", "--version", "1", "--format", "json")
    assert run.code == 0
    assert set(labels(run)) == {f"org.opencontainers.image.{name}" for name in ("revision", "title", "version")}


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


def test_an_ignore_file_that_leads_out_is_none(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("*\n")
    (project / "src/.dockerignore").unlink()
    (project / "src/.dockerignore").symlink_to(tmp_path / "outside")
    commit(project)
    write(project, {"src/docs/a.txt": "b\n"})
    (found,) = kfkit(project, "all", "--version", "1", "--format", "json").document()["builds"]
    assert found["revision"].endswith("+dirty")


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
