"""Trees and plans that a fix must not touch, and what it leaves as it is when it writes."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildkit.errors import UndeterminedError, UsageError
from tests.integration.pins.fixing import NEW, OLD, examined, fix, planned, pod, resources, write_tree

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def small(tmp_path: Path, **more: str) -> Path:
    return write_tree(
        tmp_path / "t", {"kustomization.yaml": resources("pod.yaml"), "pod.yaml": pod(f"x@{OLD}"), **more}
    )


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("place", ["pod.yaml", "."])
def test_a_read_only_tree_is_said_to_be_one_before_anything_is_rendered(tmp_path: Path, place: str) -> None:
    root = small(tmp_path)
    result = examined(root, planned(root, "pod.yaml"))
    (root / place).chmod(0o555 if place == "." else 0o444)
    try:
        with pytest.raises(UsageError, match="read-only: nothing was written") as told:
            fix(result)
        assert fix(result, write=False).patch  # the patch is there all the same
    finally:
        root.chmod(0o755)
    assert told.value.exit == 2
    assert OLD in (root / "pod.yaml").read_text()


def test_a_file_that_changed_between_examination_and_plan_is_refused(tmp_path: Path) -> None:
    root = small(tmp_path)
    result = examined(root, planned(root, "pod.yaml"))
    (root / "pod.yaml").write_text("# new\n" + pod(f"x@{OLD}"))
    with pytest.raises(UndeterminedError, match=r"pod.yaml: changed while it was examined") as told:
        fix(result)
    assert told.value.exit == 3
    assert (root / "pod.yaml").read_text() == "# new\n" + pod(f"x@{OLD}")


def test_a_file_that_changed_between_plan_and_write_is_refused_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small(tmp_path, **{"a.yaml": pod(f"x@{OLD}", "a")})
    (root / "kustomization.yaml").write_text(resources("a.yaml", "pod.yaml"))
    result = examined(root, planned(root, "a.yaml"), planned(root, "pod.yaml"))

    def prove_slowly(*arguments: object) -> object:
        from buildkit.flows.proof import prove  # noqa: PLC0415

        proof = prove(*arguments)  # type: ignore[arg-type]
        (root / "pod.yaml").write_text("edited by hand\n")
        return proof

    monkeypatch.setattr("buildkit.flows.fix.prove", prove_slowly)
    with pytest.raises(UndeterminedError, match=r"pod.yaml: changed while the plan was made: nothing was written"):
        fix(result)
    assert (root / "pod.yaml").read_text() == "edited by hand\n"
    assert OLD in (root / "a.yaml").read_text()


def test_two_pins_in_one_value_are_both_freed(tmp_path: Path) -> None:
    root = small(tmp_path)
    (root / "pod.yaml").write_text(pod(f"amd64/x:1-amd64@{OLD}"))
    pins = (
        planned(root, "pod.yaml", "amd64/x", "x", kind="tag"),
        planned(root, "pod.yaml", "1-amd64", "1", kind="tag"),
        planned(root, "pod.yaml"),
    )
    judged = fix(examined(root, *pins))
    assert {pin.outcome for pin in judged.pins} == {"done"}
    assert (root / "pod.yaml").read_text() == pod(f"x:1@{NEW}")


def test_two_pins_that_want_different_things_of_the_same_characters_are_refused_with_file_and_line(
    tmp_path: Path,
) -> None:
    root = small(tmp_path, **{"b.yaml": pod(f"x@{OLD}", "b")})
    (root / "kustomization.yaml").write_text(resources("b.yaml", "pod.yaml"))
    other = planned(root, "pod.yaml", new="sha256:" + "c" * 64)
    judged = fix(examined(root, planned(root, "pod.yaml"), other, planned(root, "b.yaml")))
    assert [pin.outcome for pin in judged.pins] == ["refused", "refused", "done"]
    assert judged.pins[0].why == "pod.yaml:8: two edits want the same characters"
    assert OLD in (root / "pod.yaml").read_text()


def test_a_kustomization_that_did_not_render_before_is_no_proof(tmp_path: Path) -> None:
    root = small(tmp_path)
    (root / "kustomization.yaml").write_text(resources("pod.yaml", "gone.yaml"))
    judged = fix(examined(root, planned(root, "pod.yaml")))
    assert [pin.outcome for pin in judged.pins] == ["refused"]
    assert "gone.yaml" in (judged.pins[0].why or "")
    assert judged.proof is None
    assert judged.exit == 1


def test_uncommitted_changes_are_allowed_and_stay(tmp_path: Path) -> None:
    root = small(tmp_path, **{"staged.txt": "a\n", "worktree.txt": "a\n", "deleted.txt": "a\n"})
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "staged.txt").write_text("b\n")
    git(root, "add", "staged.txt")
    (root / "worktree.txt").write_text("b\n")
    (root / "deleted.txt").unlink()
    (root / "new.txt").write_text("new\n")
    (root / "pod.yaml").write_text(pod(f"x@{OLD}") + "# mine\n")
    before = git(root, "status", "--porcelain")
    judged = fix(examined(root, planned(root, "pod.yaml")))
    assert [pin.outcome for pin in judged.pins] == ["done"]
    assert git(root, "status", "--porcelain") == before
    assert (root / "pod.yaml").read_text() == pod(f"x@{NEW}") + "# mine\n"


def test_other_hard_links_of_a_file_are_told_of(tmp_path: Path) -> None:
    root = small(tmp_path)
    os.link(root / "pod.yaml", tmp_path / "other")
    told: list[str] = []
    fix(examined(root, planned(root, "pod.yaml")), told=told)
    assert any("hard links" in line for line in told)
    assert OLD in (tmp_path / "other").read_text()


def test_no_link_out_of_the_tree_is_written_through(tmp_path: Path) -> None:
    """It is none of the tree's files, so the kustomization that names it does not render."""
    outside = tmp_path / "outside.yaml"
    outside.write_text(pod(f"x@{OLD}"))
    root = write_tree(tmp_path / "t", {"kustomization.yaml": resources("pod.yaml")})
    (root / "pod.yaml").symlink_to(outside)
    judged = fix(examined(root, planned(root, "pod.yaml")))
    assert [pin.outcome for pin in judged.pins] == ["refused"]
    assert outside.read_text() == pod(f"x@{OLD}")


def test_an_edit_that_reads_differently_elsewhere_is_refused_with_file_and_line(tmp_path: Path) -> None:
    root = small(tmp_path)
    broken = planned(root, "pod.yaml", new="x # y")
    judged = fix(examined(root, broken))
    assert [pin.outcome for pin in judged.pins] == ["refused"]
    assert (judged.pins[0].why or "").startswith("pod.yaml:8: ")


def test_a_selector_stays_where_an_image_of_its_pods_does(tmp_path: Path) -> None:
    """The image's pin stands in a copy that is not edited here, so the selector has to keep the other nodes out."""
    root = small(
        tmp_path, **{"upstream/pod.yaml": pod(f"x@{OLD}"), "upstream/kustomization.yaml": resources("pod.yaml")}
    )
    (root / "kustomization.yaml").write_text(resources("upstream"))
    (root / "pod.yaml").write_text(
        pod("y", "other") + "  nodeSelector:\n    kubernetes.io/arch: amd64\n    disk: ssd\n"
    )
    (root / "kustomization.yaml").write_text(resources("upstream", "pod.yaml"))
    line = "    kubernetes.io/arch: amd64\n"
    selector = replace(planned(root, "pod.yaml", line, "", kind="selector"), needs=("x",))
    judged = fix(examined(root, planned(root, "upstream/pod.yaml"), selector))
    assert [pin.outcome for pin in judged.pins] == ["refused", "refused"]
    assert "x" in (judged.pins[1].why or "")


def test_a_render_has_no_files_to_edit(tmp_path: Path) -> None:
    root = small(tmp_path)
    result = examined(root, planned(root, "pod.yaml"))
    with pytest.raises(UsageError, match="no tree of files"):
        fix(replace(result, images=replace(result.images, tree=None)))
