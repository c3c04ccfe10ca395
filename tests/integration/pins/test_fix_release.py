"""Whole releases freed: every class of digest in them, proof over every kustomization that an edit reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.pins.classes import CLASSES, FREED, ROLES, Stage, staged
from tests.support.kfkit import share_renders
from tests.support.tools import release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.integration, pytest.mark.release]


@pytest.fixture(scope="module", params=["26.03", "v1.11.0"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, renders: Path) -> Iterator[Stage]:
    work = tmp_path_factory.mktemp("staged")
    share_renders(work / "cache", renders)
    with staged(release(request.param), work) as made:
        yield made


@pytest.fixture(scope="module")
def before(stage: Stage) -> dict[str, bytes]:
    return stage.contents()


@pytest.fixture(scope="module")
def checked(stage: Stage) -> dict[str, Any]:
    return stage.pins("check", "--format", "json").document()


@pytest.fixture(scope="module")
def withheld(stage: Stage, before: dict[str, bytes], checked: dict[str, Any]) -> dict[str, Any]:
    """What a run without --include-vendored would do."""
    assert before
    assert checked
    return stage.pins("fix", "--check", "--format", "json").document()


@pytest.fixture(scope="module")
def fixed(stage: Stage, withheld: dict[str, Any]) -> dict[str, Any]:
    assert withheld
    run = stage.pins("fix", "--include-vendored", "--format", "json")
    assert run.code == 1, run.err  # what is refused stays tied
    return run.document()


@pytest.fixture(scope="module")
def after(stage: Stage, fixed: dict[str, Any]) -> dict[str, bytes]:
    assert fixed
    return stage.contents()


def counted(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [pin for pin in document["pins"] if pin["kind"] == "digest" and not pin["sample"]]


def test_every_class_occurs_and_each_digest_has_the_one_of_its_role(stage: Stage, checked: dict[str, Any]) -> None:
    pins = counted(checked)
    roles = {stage.by_digest[pin["value"]].role for pin in pins}
    assert roles == set(ROLES)
    for pin in pins:
        assert pin["class"] == CLASSES[stage.by_digest[pin["value"]].role], pin


def test_what_has_one_parent_is_freed_and_nothing_else(stage: Stage, fixed: dict[str, Any]) -> None:
    for pin in counted(fixed):
        cast = stage.by_digest[pin["value"]]
        assert (pin["edit"] == "done") is (cast.role in FREED), pin
        if cast.role in FREED:
            assert pin["proposed"] == cast.parent
    assert sum(pin["edit"] == "done" for pin in fixed["pins"]) >= 8


def test_the_proof_has_no_unintended_difference_and_covers_the_install(fixed: dict[str, Any]) -> None:
    proof = fixed["proof"]
    assert proof["unintended"] == []
    assert proof["unproven"] == []
    rendered = {one for change in proof["changed"] for one in change["kustomizations"]}
    assert "example" in rendered
    assert proof["kustomizations"] >= len(rendered)


def test_bytes_change_only_in_the_values(
    before: dict[str, bytes], after: dict[str, bytes], fixed: dict[str, Any]
) -> None:
    assert before.keys() == after.keys()
    freed = {pin["value"].encode(): pin["proposed"].encode() for pin in fixed["pins"] if pin["edit"] == "done"}
    touched = {pin["file"] for pin in fixed["pins"] if pin["edit"] == "done"}
    assert {path for path in before if before[path] != after[path]} == touched
    for pin in fixed["pins"]:
        if pin["edit"] == "done":
            line = after[pin["file"]].decode().split("\n")[pin["line"] - 1]
            assert line[pin["column"] - 1 :].startswith(pin["proposed"])
    for path in touched:
        expected = before[path]
        for old, new in freed.items():
            expected = expected.replace(old, new)
        assert after[path] == expected


def test_without_the_option_what_upstream_owns_becomes_a_patch_for_it(withheld: dict[str, Any]) -> None:
    refused = [pin for pin in counted(withheld) if "--include-vendored" in pin.get("why", "")]
    assert refused
    assert all("/upstream/" in pin["file"] for pin in refused)
    assert all("knative/" in pin["why"] for pin in refused)


def test_a_second_run_writes_nothing(stage: Stage, after: dict[str, bytes]) -> None:
    run = stage.pins("fix", "--include-vendored", "--format", "json")
    assert run.code == 1  # stale, incomplete, several parents: they stay
    assert not [pin for pin in run.document()["pins"] if pin["edit"] in {"done", "planned"}]
    assert stage.contents() == after


def test_the_audit_agrees_afterwards(stage: Stage, after: dict[str, bytes]) -> None:
    assert after
    document = stage.audit("--scope", "all", "--format", "json").document()
    verdicts = {
        image["name"].rpartition("@")[2]: image["verdict"] for image in document["images"] if "@" in image["name"]
    }
    for cast in stage.by_digest.values():
        if cast.parent in verdicts:
            assert verdicts[cast.parent] == "supported"
    freed = {cast.new for cast in stage.by_digest.values() if cast.role in FREED}
    samples = {pin["value"] for pin in stage.pins("check", "--format", "json").document()["pins"] if pin["sample"]}
    assert not (freed - samples) & verdicts.keys()
