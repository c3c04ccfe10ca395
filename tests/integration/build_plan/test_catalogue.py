"""`kfkit build catalogue` as a user runs it, on checkouts that drift."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import jsonschema
import pytest

from buildkit.report.build_catalogue_document import CatalogueDocument
from buildkit.report.json import json_schema
from tests.support.kfkit import Run, run_kfkit
from tests.support.tools import ROOT

CATALOGUE = """\
sources:
  katib:
    repository: kubeflow/katib
    ignored: [{dockerfile: "test/**", reason: for tests}]
components:
  - name: ui
    image: ghcr.io/k/ui
    source: katib
    dockerfile: cmd/ui/Dockerfile
    target: final
    args: {COMMIT: "{revision}"}
  - name: own
    image: ghcr.io/k/own
    source: {directory: own}
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    files = {
        "builds.yaml": CATALOGUE,
        "own/Dockerfile": "FROM a\n",
        "katib/cmd/ui/Dockerfile": "FROM a AS final\nARG COMMIT\n",
        "katib/test/e2e/Dockerfile": "FROM a\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def kfkit(work: Path, *arguments: str) -> Run:
    return run_kfkit("build", "catalogue", *arguments, work=work)


CHECK = ("--source", "kubeflow/katib=katib")


def test_components_are_shown_and_what_was_not_checked_is_said(work: Path) -> None:
    run = kfkit(work)
    assert run.code == 0
    lines = run.out.splitlines()
    assert lines[0] == "Catalogue builds.yaml"
    assert "  ui  ghcr.io/k/ui  linux/amd64, linux/arm64  cmd/ui/Dockerfile --target final" in lines
    assert lines[-4:] == [
        "Checked: own in own, 1 Dockerfile",
        "Not checked: kubeflow/katib",
        "",
        "Result: 2 components, 1 source as the catalogue says",
    ]


def test_a_checkout_that_is_as_the_catalogue_says(work: Path) -> None:
    run = kfkit(work, *CHECK, "--format", "json")
    assert run.code == 0
    document = run.document()
    jsonschema.validate(document, json.loads(json_schema("build-catalogue", CatalogueDocument)))
    assert document["checked"] == [
        {"source": "kubeflow/katib", "folder": "katib", "dockerfiles": 2},
        {"source": "own", "folder": "own", "dockerfiles": 1},
    ]
    assert (document["drift"], document["unchecked"]) == ([], [])
    assert document["components"][0]["args"] == {"COMMIT": "{revision}"}


def test_what_drifted_is_told_with_its_place_and_ends_with_1(work: Path) -> None:
    (work / "katib/cmd/ui/Dockerfile").write_text("FROM a AS last\n")
    (work / "katib/new").mkdir()
    (work / "katib/new/Dockerfile").write_text("FROM a\n")
    (work / "katib/new/b.Dockerfile").write_text("NOT A DOCKERFILE\n")
    shutil.rmtree(work / "katib/test")
    shutil.rmtree(work / "own")
    run = kfkit(work, *CHECK)
    assert run.code == 1
    told = [line.strip() for line in run.out.splitlines() if line.startswith("  ") and "  " in line.strip()]
    new = "no component is built from it: add one, or ignore it with a reason"
    assert told[-7:] == [
        "no-stage  builds.yaml:6: cmd/ui/Dockerfile: ui: no stage 'final'; its stages are: last",
        "no-argument  builds.yaml:6: cmd/ui/Dockerfile: ui: declares no ARG COMMIT",
        f"unnamed  kubeflow/katib: new/Dockerfile: {new}",
        f"unnamed  kubeflow/katib: new/b.Dockerfile: {new}",
        "ignores-nothing  builds.yaml:4: test/**: there is no such Dockerfile that no component names",
        "no-context  builds.yaml:12: .: own: there is no such folder",
        "no-dockerfile  builds.yaml:12: Dockerfile: own: there is no such file",
    ]
    assert run.out.splitlines()[-1] == "Result: 2 components, 7 not as the catalogue says"


def test_of_named_components_only_these_are_checked(work: Path) -> None:
    (work / "katib/new.Dockerfile").write_text("FROM a\n")
    assert kfkit(work, *CHECK).code == 1
    run = kfkit(work, "ui", *CHECK)
    assert run.code == 0
    assert "own" not in run.out


def test_a_dockerfile_that_leads_out_or_cannot_be_parsed_is_drift(work: Path) -> None:
    (work / "secret").write_text("FROM a AS final\nARG COMMIT\n")
    (work / "katib/cmd/ui/Dockerfile").unlink()
    (work / "katib/cmd/ui/Dockerfile").symlink_to("../../../secret")
    run = kfkit(work, "ui", *CHECK, "--format", "json")
    assert run.code == 1
    assert [one["rule"] for one in run.document()["drift"]] == ["unreadable"]
    assert "leads out of" in run.document()["drift"][0]["message"]
    (work / "katib/cmd/ui/Dockerfile").unlink()
    (work / "katib/cmd/ui/Dockerfile").write_text("RUN x\n")
    (drift,) = kfkit(work, "ui", *CHECK, "--format", "json").document()["drift"]
    assert drift["message"].startswith("line 1: ")


def test_names_of_a_hostile_checkout_steer_no_terminal(work: Path) -> None:
    name = "\x1b[31m\u202e.Dockerfile"
    (work / "katib" / name).write_text("FROM a\n")
    (work / "katib/\x1b[2J").mkdir()
    (work / "katib/\x1b[2J/Dockerfile").write_text("FROM a\n")
    run = kfkit(work, *CHECK)
    assert not {"\x1b", "\u202e"} & set(run.out + run.err)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("components:\n  - {name: a, image: 'a:1'}\n", "builds.yaml:2: image: 'a:1' has a tag or a digest"),
        ("", "builds.yaml:1: components: is missing"),
        ("\xff", "builds.yaml: not UTF-8 text"),
    ],
)
def test_a_wrong_catalogue_is_one_message(text: str, says: str, work: Path) -> None:
    (work / "builds.yaml").write_bytes(text.encode("latin-1"))
    run = kfkit(work)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"kfkit: error: {says}")


def test_the_built_in_catalogue_is_shown_where_there_is_none(tmp_path: Path) -> None:
    run = kfkit(tmp_path, "kubeflow/katib")
    assert run.code == 0
    assert run.out.startswith("Catalogue buildkit/data/builds.yaml\n")
    assert run.out.splitlines()[-1] == (
        "Result: 23 components; nothing was checked: --source OWNER/REPO=DIR names a checkout"
    )


def test_the_built_in_catalogue_has_a_name_too(work: Path) -> None:
    run = kfkit(work, "katib-ui", "--catalogue", "kubeflow")
    assert (run.code, run.out.splitlines()[0]) == (0, "Catalogue buildkit/data/builds.yaml")
    assert kfkit(work, "katib-ui").code == 2


def test_the_sample_is_as_its_catalogue_says(tmp_path: Path) -> None:
    assert kfkit(tmp_path, "--catalogue", os.fspath(ROOT / "examples" / "builds.yaml")).code == 0
