"""What rendering before and after lets pass and what it does not, in small trees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildkit.flows.options import RemoteOptions
from buildkit.flows.sources import gather
from buildkit.flows.store import open_store
from tests.integration.pins.fixing import NEW, OLD, examined, fix, planned, pod, resources, write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.pins.judged import JudgedPins

pytestmark = pytest.mark.integration
GENERATOR = "configMapGenerator:\n- name: cfg\n  files: [a.json]\n"
USER = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: user\nspec:\n  containers:\n  - name: x\n    image: y\n"
    "    envFrom:\n    - configMapRef:\n        name: cfg\n"
)


def outcomes(judged: JudgedPins) -> list[str]:
    return [pin.outcome for pin in judged.pins]


def paths(judged: JudgedPins) -> set[str]:
    assert judged.proof is not None
    assert judged.proof.unintended == ()
    return {change.path for change in judged.proof.changed}


def test_an_intended_value_is_written_and_the_proof_names_every_render_that_has_it(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "base/kustomization.yaml": resources("pod.yaml"),
            "base/pod.yaml": pod(f"x@{OLD}"),
            "over/kustomization.yaml": resources("../base", more="namePrefix: a-\n"),
            "other/kustomization.yaml": resources("pod.yaml"),
            "other/pod.yaml": pod("y", "other"),
        },
    )
    judged = fix(examined(root, planned(root, "base/pod.yaml")))
    assert outcomes(judged) == ["done"]
    assert (root / "base/pod.yaml").read_text() == pod(f"x@{NEW}")
    assert judged.proof is not None
    assert judged.proof.kustomizations == 2
    assert {change.kustomizations for change in judged.proof.changed} == {("base",), ("over",)}
    assert judged.proof.unproven == ()


def test_the_hash_of_a_generated_config_map_and_the_references_to_it_follow(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "kustomization.yaml": resources("user.yaml", more=GENERATOR),
            "user.yaml": USER,
            "a.json": f'{{"image": "x@{OLD}"}}',
        },
    )
    judged = fix(examined(root, planned(root, "a.json")))
    assert outcomes(judged) == ["done"]
    assert paths(judged) == {'data["a.json"]', "metadata.name", "spec.containers[0].envFrom[0].configMapRef.name"}


def test_an_edit_that_a_render_spreads_further_than_its_value_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    """A replacement copies a part of the value elsewhere: what comes out there was not asked for."""
    copied = (
        "replacements:\n- source: {kind: Pod, name: web, fieldPath: spec.containers.0.image,"
        " options: {delimiter: ':', index: 1}}\n"
        "  targets:\n  - select: {kind: Pod}\n    fieldPaths: [metadata.annotations.digest]\n"
        "    options: {create: true}\n"
    )
    root = write_tree(
        tmp_path / "t", {"kustomization.yaml": resources("pod.yaml", more=copied), "pod.yaml": pod(f"x@{OLD}")}
    )
    before = (root / "pod.yaml").read_bytes()
    judged = fix(examined(root, planned(root, "pod.yaml")))
    assert outcomes(judged) == ["refused"]
    assert judged.proof is not None
    assert [(one.path, one.a) for one in judged.proof.unintended] == [("metadata.annotations.digest", "a" * 64)]
    assert judged.exit == 1
    assert judged.patch is None
    assert (root / "pod.yaml").read_bytes() == before


def test_one_unintended_difference_stops_all_pins(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "kustomization.yaml": resources("one.yaml", "two.yaml"),
            "one.yaml": pod(f"x@{OLD}", "one"),
            "two.yaml": pod(f"x@{OLD}", "two"),
        },
    )
    wrong = planned(root, "two.yaml")
    wrong = replace(wrong, proposed="sha256:" + "c" * 64)
    wrong = replace(wrong, edits=planned(root, "two.yaml", "name: two", "name: too").edits)
    judged = fix(examined(root, planned(root, "one.yaml"), wrong))
    assert outcomes(judged) == ["refused", "refused"]
    assert OLD in (root / "one.yaml").read_text()


def test_a_pin_that_nothing_rendering_takes_in_is_refused_and_the_others_are_freed(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "good/kustomization.yaml": resources("pod.yaml"),
            "good/pod.yaml": pod(f"x@{OLD}"),
            "bad/kustomization.yaml": resources("pod.yaml", "missing.yaml"),
            "bad/pod.yaml": pod(f"x@{OLD}"),
        },
    )
    judged = fix(examined(root, planned(root, "bad/pod.yaml"), planned(root, "good/pod.yaml")))
    assert outcomes(judged) == ["refused", "done"]
    assert "bad" in (judged.pins[0].why or "")
    assert "missing.yaml" in (judged.pins[0].why or "")
    assert OLD in (root / "bad/pod.yaml").read_text()


def test_a_pin_is_proven_by_one_that_renders_and_the_broken_one_is_listed(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "base/kustomization.yaml": resources("pod.yaml"),
            "base/pod.yaml": pod(f"x@{OLD}"),
            "bad/kustomization.yaml": resources("../base", "missing.yaml"),
        },
    )
    judged = fix(examined(root, planned(root, "base/pod.yaml")))
    assert outcomes(judged) == ["done"]
    assert judged.proof is not None
    assert len(judged.proof.unproven) == 1
    assert judged.proof.unproven[0].startswith("bad: ")


def test_a_file_that_two_kustomizations_share_is_proven_in_both(tmp_path: Path) -> None:
    """One of them sets the digest anew: there the edit changes nothing, in the other it does."""
    override = f"images:\n- name: x\n  digest: {'sha256:' + 'd' * 64}\n"
    root = write_tree(
        tmp_path / "t",
        {
            "base/kustomization.yaml": resources("pod.yaml"),
            "base/pod.yaml": pod(f"x@{OLD}"),
            "over/kustomization.yaml": resources("../base", more=override),
        },
    )
    judged = fix(examined(root, planned(root, "base/pod.yaml")))
    assert outcomes(judged) == ["done"]
    assert judged.proof is not None
    assert judged.proof.kustomizations == 2
    assert {change.kustomizations for change in judged.proof.changed} == {("base",)}


def test_a_component_is_proven_by_what_takes_it_in(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "kustomization.yaml": "components:\n- part\nresources:\n- pod.yaml\n",
            "pod.yaml": pod("x"),
            "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
            f"images:\n- name: x\n  digest: {OLD}\n",
        },
    )
    judged = fix(examined(root, planned(root, "part/kustomization.yaml")))
    assert outcomes(judged) == ["done"]
    assert paths(judged) == {"spec.containers[0].image"}


def test_links_inside_the_tree_are_proven_and_stay_links(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "a/kustomization.yaml": resources("pod.yaml"),
            "shared/kustomization.yaml": resources("pod.yaml"),
            "shared/pod.yaml": pod(f"x@{OLD}"),
        },
    )
    (root / "b").symlink_to("shared", target_is_directory=True)
    (root / "a/pod.yaml").symlink_to("pod-real.yaml")
    (root / "a/pod-real.yaml").write_text(pod(f"x@{OLD}"))
    judged = fix(examined(root, planned(root, "shared/pod.yaml"), planned(root, "a/pod-real.yaml")))
    assert outcomes(judged) == ["done", "done"]
    assert (root / "a/pod.yaml").is_symlink()
    assert (root / "b").is_symlink()
    assert NEW in (root / "b/pod.yaml").read_text()
    assert NEW in (root / "a/pod.yaml").read_text()


@pytest.mark.parametrize("write", [True, False])
def test_a_fix_writes_and_gives_the_patch_and_a_check_gives_the_patch_only(
    tmp_path: Path,
    write: bool,  # noqa: FBT001
) -> None:
    root = write_tree(tmp_path / "t", {"kustomization.yaml": resources("pod.yaml"), "pod.yaml": pod(f"x@{OLD}")})
    pin = planned(root, "pod.yaml")
    judged = fix(examined(root, pin), write=write)
    assert outcomes(judged) == ["done" if write else "planned"]
    assert judged.exit == (0 if write else 1)
    assert judged.patch is not None
    assert judged.patch.startswith("--- a/pod.yaml\n+++ b/pod.yaml\n@@ ")
    assert (OLD in (root / "pod.yaml").read_text()) is not write


def test_the_edited_copy_reads_the_remote_bases_that_were_read_before(tmp_path: Path) -> None:
    base = tmp_path / "remotes/github.com/o/r@v1/config"
    write_tree(base, {"kustomization.yaml": resources("pod.yaml"), "pod.yaml": pod("x:1", "remote")})
    root = write_tree(
        tmp_path / "t",
        {
            "kustomization.yaml": f"images:\n- name: x\n  digest: {OLD}\n"
            + resources("https://github.com/o/r/config?ref=v1"),
        },
    )
    judged = fix(examined(root, planned(root, "kustomization.yaml"), remotes=(tmp_path / "remotes",)))
    assert outcomes(judged) == ["done"]
    assert gather(root, open_store(RemoteOptions(remotes=(tmp_path / "remotes",), offline=True))).graph.local == (".",)
