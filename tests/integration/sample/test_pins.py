"""`kfkit pins` on the sample: each of its traps is told for what it is, and freed where it can be; `diff` agrees."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.kfkit import run_kfkit

if TYPE_CHECKING:
    from tests.integration.sample.conftest import Sample

# Place -> kind, class, and what a fix makes of it.
TRAPS = {
    "apps/agent/base/daemonset.yaml:21": ("selector", "excludes-platform", "refused"),
    "apps/agent/base/daemonset.yaml:25": ("digest", "index", "none"),
    "apps/runs/base/scripts/clean.sh:8": ("text", None, "none"),
    "common/database/base/statefulset.yaml:18": ("selector", "excludes-platform", "done"),
    "common/database/components/backup/cronjob.yaml:17": ("tag", "single-platform", "done"),
    "common/gateway/base/deployment.yaml:20": ("digest", "single-platform", "done"),
    "contrib/eventing/kustomization.yaml:13": ("digest", "single-platform", "done"),
    "contrib/eventing/kustomization.yaml:18": ("digest", "stale", "refused"),
    "contrib/eventing/upstream/eventing.yaml:20": ("digest", "single-platform", "refused"),
    "contrib/eventing/upstream/eventing.yaml:29": ("digest", "single-platform", "refused"),
    "contrib/eventing/workers.yaml:21": ("digest", "index-incomplete", "refused"),
}


@pytest.fixture
def copy(sample: Sample, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample.tree, tmp_path / "platform"))


def fix(sample: Sample, tree: Path, *arguments: str) -> dict[str, Any]:
    data = sample.tree.parent / "quarry.yaml"
    run = sample.run("pins", "fix", tree, "--data", data, "--format", "json", *arguments)
    assert run.code == 1, run.err
    return run.document()


def told(document: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {f"{pin['file']}:{pin['line']}": (pin["kind"], pin.get("class"), pin["edit"]) for pin in document["pins"]}


def files(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def test_each_trap_is_told_for_what_it_is_and_freed_where_it_can_be(sample: Sample, copy: Path) -> None:
    document = fix(sample, copy)
    assert told(document) == TRAPS
    assert document["proof"]["unintended"] == []
    before, after = files(sample.tree), files(copy)
    edited = {place.partition(":")[0] for place, (*_, edit) in TRAPS.items() if edit == "done"}
    assert {name for name in before | after if before.get(name) != after.get(name)} == edited


def test_a_copied_file_gets_a_patch_for_where_it_comes_from_or_is_edited_when_asked(sample: Sample, copy: Path) -> None:
    (patch,) = fix(sample, copy, "--check")["upstream"]
    assert (patch["repository"], patch["path"]) == ("quarry-example/eventing", "deploy/eventing.yaml")
    document = fix(sample, copy, "--include-vendored")
    edits = {pin["edit"] for pin in document["pins"] if "/upstream/" in pin["file"]}
    assert (edits, document["upstream"]) == ({"done"}, [])


def test_diff_sees_what_the_fix_says_it_changed(sample: Sample, copy: Path) -> None:
    changed = fix(sample, copy)["proof"]["changed"]
    run = run_kfkit("diff", sample.tree, copy, "--format", "json", work=sample.work)
    document = run.document()
    assert (run.code, document["only_a"], document["only_b"]) == (1, [], [])
    said = {(one["object"], one["path"]) for one in document["differences"]}
    assert said == {(one["object"], one["path"]) for one in changed}
