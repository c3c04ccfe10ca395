"""Pins in files that upstream owns: left as they are, with a patch that upstream's own repository takes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.integration.pins.fixing import NEW, OLD, examined, fix, planned, pod, resources, write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.pins.judged import JudgedPins

pytestmark = pytest.mark.integration
FOLDER = "applications/katib/upstream"
SCRIPT = """COMPONENT_NAME="katib"
REPOSITORY_NAME="kubeflow/katib"
COMMIT="v0.19.0"
SOURCE_MANIFESTS_PATH="manifests/v1beta1"
DESTINATION_MANIFESTS_PATH="applications/${COMPONENT_NAME}/upstream"
"""


def copied(tmp_path: Path, text: str = pod(f"x@{OLD}"), **more: str) -> Path:
    return write_tree(
        tmp_path / "t",
        {f"{FOLDER}/kustomization.yaml": resources("pod.yaml"), f"{FOLDER}/pod.yaml": text, **more},
    )


def why(judged: JudgedPins) -> str:
    assert [pin.outcome for pin in judged.pins] == ["refused"]
    return judged.pins[0].why or ""


def test_a_copy_is_left_and_its_owner_gets_a_patch_at_the_ref_that_the_script_names(tmp_path: Path) -> None:
    root = copied(tmp_path, **{"scripts/synchronize-katib-manifests.sh": SCRIPT})
    judged = fix(examined(root, planned(root, f"{FOLDER}/pod.yaml")))
    assert "--include-vendored" in why(judged)
    assert "kubeflow/katib at v0.19.0: manifests/v1beta1/pod.yaml" in why(judged)
    (patch,) = judged.upstream
    assert (patch.repository, patch.ref, patch.path) == ("kubeflow/katib", "v0.19.0", "manifests/v1beta1/pod.yaml")
    clone = write_tree(tmp_path / "clone", {patch.path: "# a line more than the copy has\n" + pod(f"x@{OLD}")})
    subprocess.run(["git", "apply"], cwd=clone, input=patch.patch.encode(), check=True)
    assert NEW in (clone / patch.path).read_text()
    assert OLD in (root / FOLDER / "pod.yaml").read_text()
    assert judged.proof is None
    assert judged.patch is None
    assert judged.exit == 1


def test_without_a_script_the_ref_is_the_version_that_the_object_s_labels_tell(tmp_path: Path) -> None:
    labels = "metadata:\n  labels:\n    app.kubernetes.io/version: v0.19.0\n"
    text = pod("y", "other") + "---\n" + pod(f"x@{OLD}").replace("metadata:\n", labels)
    root = copied(tmp_path, text)
    judged = fix(examined(root, planned(root, f"{FOLDER}/pod.yaml")))
    assert "kubeflow/katib at v0.19.0" in why(judged)
    (patch,) = judged.upstream
    assert patch.ref == "v0.19.0"
    assert patch.path.startswith("manifests/v1beta1/")


def test_where_nothing_tells_the_ref_that_is_said(tmp_path: Path) -> None:
    root = copied(tmp_path)
    judged = fix(examined(root, planned(root, f"{FOLDER}/pod.yaml")))
    assert "kubeflow/katib at a ref that nothing here tells" in why(judged)
    assert [patch.ref for patch in judged.upstream] == [None]


def test_where_nobody_is_known_to_own_a_copy_that_is_said(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "t",
        {
            "kustomization.yaml": resources("pod.yaml"),
            "pod.yaml": "# This file is generated. DO NOT EDIT.\n" + pod(f"x@{OLD}"),
        },
    )
    judged = fix(examined(root, planned(root, "pod.yaml")))
    assert "nothing says which repository" in why(judged)
    assert judged.upstream == ()


def test_a_file_of_a_release_is_built_so_no_patch_of_it_helps(tmp_path: Path) -> None:
    script = (
        "DESTINATION_DIRECTORY=$MANIFESTS_DIRECTORY/common\n"
        'wget -O $DESTINATION_DIRECTORY/core.yaml "https://github.com/knative/serving/releases/download/v1/core.yaml"\n'
    )
    root = write_tree(
        tmp_path / "t",
        {
            "scripts/sync.sh": script,
            "common/kustomization.yaml": resources("core.yaml"),
            "common/core.yaml": pod(f"x@{OLD}"),
        },
    )
    judged = fix(examined(root, planned(root, "common/core.yaml")))
    assert "knative/serving at v1, which builds it" in why(judged)
    assert judged.upstream == ()


def test_what_the_data_file_knows_to_be_built_gets_no_patch_either(tmp_path: Path) -> None:
    folder = "common/knative/knative-eventing/base/upstream"
    root = write_tree(
        tmp_path / "t",
        {f"{folder}/kustomization.yaml": resources("core.yaml"), f"{folder}/core.yaml": pod(f"x@{OLD}")},
    )
    judged = fix(examined(root, planned(root, f"{folder}/core.yaml")))
    assert "knative/eventing at a ref that nothing here tells, which builds it" in why(judged)
    assert judged.upstream == ()


def test_copies_are_edited_with_proof_where_that_is_asked_for(tmp_path: Path) -> None:
    root = copied(tmp_path)
    judged = fix(examined(root, planned(root, f"{FOLDER}/pod.yaml")), include_vendored=True)
    assert [pin.outcome for pin in judged.pins] == ["done"]
    assert judged.upstream == ()
    assert judged.proof is not None
    assert judged.proof.kustomizations == 1
    assert NEW in (root / FOLDER / "pod.yaml").read_text()


@pytest.mark.parametrize("include", [True, False])
def test_a_remote_base_is_never_edited(tmp_path: Path, include: bool) -> None:  # noqa: FBT001
    place = "github.com/o/r@v1"
    base = write_tree(
        tmp_path / "remotes" / place / "config",
        {"kustomization.yaml": resources("pod.yaml"), "pod.yaml": pod(f"x@{OLD}")},
    )
    root = write_tree(tmp_path / "t", {"kustomization.yaml": resources("https://github.com/o/r/config?ref=v1")})
    pin = planned(base, "pod.yaml")
    file = f"remote:{place}/config/pod.yaml"
    pin = replace(pin, tie=replace(pin.tie, file=file), edits=(replace(pin.edits[0], file=file),))
    judged = fix(examined(root, pin, remotes=(tmp_path / "remotes",)), include_vendored=include)
    assert why(judged) == "it lies in a remote base; change it in o/r at v1: config/pod.yaml"
    (patch,) = judged.upstream
    assert (patch.repository, patch.ref, patch.path) == ("o/r", "v1", "config/pod.yaml")
    assert OLD in (base / "pod.yaml").read_text()
