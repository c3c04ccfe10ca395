"""Plans as text, JSON, bake file and matrix; those of the sample platform are kept as goldens."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import jsonschema
import pytest

from buildkit.builds.plan import Plan
from buildkit.errors import UsageError
from buildkit.flows.build_plan import PlanRequest, make_plan
from buildkit.flows.watch import Watch
from buildkit.report.build_bake import plan_bake
from buildkit.report.build_matrix import plan_matrix
from buildkit.report.build_plan_text import plan_text
from buildkit.report.json import encode, json_schema
from tests.support.tools import ROOT
from tests.unit.builds.components import TEXT, plan

GOLDEN = ROOT / "tests" / "golden" / "builds"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The sample platform's plan, in no repository: a golden with a commit in it would never hold."""
    shutil.copytree(ROOT / "examples" / "platform" / "apps", tmp_path / "examples" / "platform" / "apps")
    shutil.copy(ROOT / "examples" / "builds.yaml", tmp_path / "examples" / "builds.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    catalogue = Path("examples/builds.yaml")
    return make_plan(PlanRequest(version="1.2.0", catalogue=catalogue, tags=("stable",), cache="gha"), Watch())


@pytest.mark.parametrize("name", ["plan.txt", "plan.json", "bake.json", "matrix.json"])
def test_the_samples_whole_plan(name: str, sample: Plan) -> None:
    content = {
        "plan.txt": plan_text,
        "plan.json": lambda one: encode("build-plan", one),
        "bake.json": plan_bake,
        "matrix.json": plan_matrix,
    }[name](sample)
    if UPDATE:
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_bytes(content)
    assert content == (GOLDEN / name).read_bytes(), f"{name}: UPDATE_GOLDEN=1 pytest tests/unit/report, read git diff"


def test_text_tells_what_cannot_be_built_what_is_needed_and_what_is_left_out() -> None:
    lines = plan_text(plan(TEXT, tags=("a", "b"))).decode().splitlines()
    assert lines[0] == "Plan of b.yaml, version 1.2.0"
    (ui,) = (line for line in lines if line.startswith("ui "))
    assert "ghcr.io/kubeflow/katib/ui:1.2.0 and 2 more" in ui
    assert ui.endswith("../src at 0123456789ab")
    (jupyter,) = (line for line in lines if line.startswith("jupyter "))
    assert jupyter.endswith(", after base")
    assert "  suggestion.gpu  linux/arm64  no wheel  https://example.com/1" in lines
    assert lines[-1] == "Result: 4 components, 8 builds"


def test_text_of_nothing_to_build_says_so() -> None:
    empty = Plan(catalogue="b.yaml", version="1", builds=(), unchanged=("a", "b"))
    assert plan_text(empty).decode().splitlines() == [
        "Plan of b.yaml, version 1",
        "",
        "Unchanged, not built: a, b",
        "",
        "Result: nothing to build",
    ]
    assert json.loads(plan_matrix(empty)) == {"include": []}
    assert json.loads(plan_bake(empty)) == {"group": {"default": {"targets": []}}}


def test_colour_marks_titles_and_nothing_else() -> None:
    plain, coloured = plan_text(plan()), plan_text(plan(), colour=True)
    assert b"\x1b[1m" in coloured
    assert re.sub(rb"\x1b\[\d*m", b"", coloured) == plain


def test_json_is_as_its_schema_says() -> None:
    for each in (plan(), Plan(version="1", builds=())):
        jsonschema.validate(json.loads(encode("build-plan", each)), json.loads(json_schema("build-plan", Plan)))


def test_bake_has_no_tags_and_pushes_by_digest() -> None:
    bake = json.loads(plan_bake(plan(tags=("latest",))))
    assert len(bake["target"]) == 8
    for target in bake["target"].values():
        assert "tags" not in target
        (output,) = target["output"]
        assert re.fullmatch(r"type=image,name=[^:]+,push-by-digest=true,name-canonical=true,push=true", output)
        assert len(target["platforms"]) == 1


def test_bake_gets_the_time_and_values_that_it_must_not_take_for_its_own_variables() -> None:
    text = TEXT.replace('EMPTY: ""', 'EMPTY: "${x} %{y} $z"')
    args = json.loads(plan_bake(plan(text, epoch=5)))["target"]["ui-linux-amd64"]["args"]
    assert args["EMPTY"] == "$${x} %%{y} $z"
    assert args["SOURCE_DATE_EPOCH"] == "5"


def test_bake_builds_on_targets_of_its_own_where_one_is_needed() -> None:
    targets = json.loads(plan_bake(plan(tags=("latest",))))["target"]
    assert targets["jupyter-linux-arm64"]["contexts"] == {
        "ghcr.io/kubeflow/base:1.2.0": "target:base-linux-arm64",
        "ghcr.io/kubeflow/base": "target:base-linux-arm64",
    }
    assert "contexts" not in targets["base-linux-arm64"]


def test_a_matrix_row_without_a_runner_of_its_own_is_not_native() -> None:
    rows = json.loads(plan_matrix(plan()))["include"]
    assert plan_matrix(plan()).count(b"\n") == 1
    assert rows[-3] == {
        "component": "base",
        "platform": "linux/ppc64le",
        "runner": "ubuntu-24.04",
        "native": False,
        "image": "ghcr.io/kubeflow/base",
        "name": "base-linux-ppc64le",
    }
    assert [row["native"] for row in rows].count(False) == 1


def test_more_jobs_than_github_makes_are_refused() -> None:
    many = "components:\n" + "".join(f"  - {{name: c{number}, image: c{number}}}\n" for number in range(129))
    with pytest.raises(UsageError, match="258 builds: GitHub makes at most 256 jobs"):
        plan_matrix(plan(many))
