"""An edited value that a render copies elsewhere, or that something else names: only the image itself was meant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.pins.fixing import NEW, OLD, examined, fix, planned, pod, resources, write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.pins.pin import Kind

pytestmark = pytest.mark.integration
TIED, UNTIED = "v1-amd64", "v1"
SCRIPT = f'#!/bin/sh\n[ "$DIGEST" = "{OLD}" ] || exit 1\n'
GENERATED = "configMapGenerator:\n- name: s\n  files: [check.sh]\n"
POLICY = f'apiVersion: a.b/v1\nkind: Policy\nmetadata:\n  name: p\nspec:\n  allowed: ["{OLD}"]\n'


def replacement(options: str, target: str) -> str:
    options = f", options: {{{options}}}" if options else ""
    return (
        f"replacements:\n- source: {{kind: Pod, name: web, fieldPath: spec.containers.0.image{options}}}\n"
        f"  targets:\n  - select: {{kind: Pod}}\n    fieldPaths: [{target}]\n    options: {{create: true}}\n"
    )


@pytest.mark.parametrize(
    ("kind", "old", "new", "options", "target"),
    [
        ("tag", TIED, UNTIED, "delimiter: ':', index: 1", "metadata.labels.version"),
        ("tag", TIED, UNTIED, "delimiter: ':', index: 1", "spec.hostname"),
        ("digest", OLD, NEW, "delimiter: '@', index: 1", "metadata.annotations.digest"),
        ("digest", OLD, NEW, "", "metadata.annotations.image"),
    ],
    ids=["tag to label", "tag to field", "digest to annotation", "image to annotation"],
)
def test_a_copy_that_is_no_image_is_not_intended(  # noqa: PLR0913, PLR0917
    tmp_path: Path, kind: Kind, old: str, new: str, options: str, target: str
) -> None:
    image = f"x:{old}" if kind == "tag" else f"x@{old}"
    more = replacement(options, target)
    root = write_tree(tmp_path / "t", {"kustomization.yaml": resources("pod.yaml", more=more), "pod.yaml": pod(image)})
    judged = fix(examined(root, planned(root, "pod.yaml", old, new, kind=kind)))
    assert [pin.outcome for pin in judged.pins] == ["refused"]
    assert judged.proof is not None
    assert [change.path for change in judged.proof.unintended] == [target]
    assert (root / "pod.yaml").read_text() == pod(image)


def test_a_copy_that_completes_an_image_is(tmp_path: Path) -> None:
    more = (
        "replacements:\n- source: {kind: ConfigMap, name: m, fieldPath: data.tag}\n  targets:\n"
        "  - select: {kind: Pod}\n    fieldPaths: [spec.containers.0.image]\n    options: {delimiter: ':', index: 1}\n"
    )
    config = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  tag: {TIED}\n"
    root = write_tree(
        tmp_path / "t",
        {"kustomization.yaml": resources("pod.yaml", "m.yaml", more=more), "m.yaml": config, "pod.yaml": pod("x:v0")},
    )
    judged = fix(examined(root, planned(root, "m.yaml", TIED, UNTIED, kind="tag")))
    assert [pin.outcome for pin in judged.pins] == ["done"]
    assert judged.proof is not None
    assert [change.path for change in judged.proof.changed] == ["data.tag", "spec.containers[0].image"]


@pytest.mark.parametrize("where", ["a script in a generated ConfigMap", "another object"])
def test_a_digest_that_something_names_by_itself_stays_and_the_others_do_not(tmp_path: Path, where: str) -> None:
    script = where.startswith("a script")
    root = write_tree(
        tmp_path / "t",
        {
            "one/kustomization.yaml": resources("pod.yaml", more=GENERATED)
            if script
            else resources("pod.yaml", "policy.yaml"),
            "one/pod.yaml": pod(f"x@{OLD}"),
            **({"one/check.sh": SCRIPT} if script else {"one/policy.yaml": POLICY}),
            "two/kustomization.yaml": resources("pod.yaml"),
            "two/pod.yaml": pod(f"x@{OLD}"),
        },
    )
    judged = fix(examined(root, planned(root, "one/pod.yaml"), planned(root, "two/pod.yaml")))
    assert [pin.outcome for pin in judged.pins] == ["refused", "done"]
    assert "names this digest by itself" in (judged.pins[0].why or "")
    assert (root / "one/pod.yaml").read_text() == pod(f"x@{OLD}")


def test_a_secret_is_compared_as_what_it_stands_for(tmp_path: Path) -> None:
    more = "secretGenerator:\n- name: s\n  envs: [a.env]\n"
    root = write_tree(
        tmp_path / "t", {"kustomization.yaml": f"namespace: a\n{more}", "a.env": f"IMAGE=x@{OLD}\nOTHER=1\n"}
    )
    judged = fix(examined(root, planned(root, "a.env")))
    assert [pin.outcome for pin in judged.pins] == ["done"]
    assert judged.proof is not None
    assert [change.path for change in judged.proof.changed] == ["data.IMAGE", "metadata.name"]


@pytest.mark.parametrize("quote", ["'", ""])
def test_json_in_one_row_loses_a_selector_s_key(tmp_path: Path, quote: str) -> None:
    row = json.dumps({"nodeSelector": {"disk": "ssd", "kubernetes.io/arch": "amd64"}})
    old = ', "kubernetes.io/arch": "amd64"'
    text = (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  a: {quote or '|-'}{'' if quote else chr(10)}"
    )
    text += f"{'' if quote else '    '}{row}{quote}\n"
    root = write_tree(tmp_path / "t", {"kustomization.yaml": resources("m.yaml"), "m.yaml": text})
    judged = fix(examined(root, planned(root, "m.yaml", old, "", kind="selector")))
    assert [pin.outcome for pin in judged.pins] == ["done"], judged.proof
    assert (root / "m.yaml").read_text() == text.replace(old, "")
