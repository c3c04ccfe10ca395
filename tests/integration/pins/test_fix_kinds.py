"""Every kind of tie found, judged, edited, proven and written in one run, with a real registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.pins.fixing import pod, resources, write_tree
from tests.support.kfkit import Run, run_kfkit
from tests.support.push import build, index, push_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry

pytestmark = pytest.mark.integration
BOTH = ("linux/amd64", "linux/arm64")
AFFINITY = """  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions:
          - key: kubernetes.io/arch
            operator: In
            values:
            - amd64   # the only one
"""
FLOW = AFFINITY.replace("\n            - amd64   # the only one", ' ["amd64"]')
CHOSEN = "  nodeSelector: # nodes\n    disk: ssd\n    kubernetes.io/arch: amd64 # here\n"
ALONE = "  nodeSelector:\n    kubernetes.io/arch: amd64\n"


@pytest.fixture(scope="module")
def image(registry: Registry) -> str:
    shape = index(*BOTH, salt="kinds")
    for tag in ("v1", "v2"):
        push_image(registry.host, "kinds/x", tag, shape)
    push_image(registry.host, "kinds/x", "v1-amd64", shape.entries[0].content)
    push_image(registry.host, "kinds/x", "v1-arm64", shape.entries[1].content)
    return f"{registry.host}/kinds/x"


SHAPE = index(*BOTH, salt="kinds")
SINGLE, PARENT = build(SHAPE.entries[0].content).digest, build(SHAPE).digest


def fix(root: Path, *arguments: str) -> Run:
    return run_kfkit("pins", "fix", root, "--format", "json", *arguments, work=root.parent / "work", seconds=120)


def edits(run: Run) -> list[tuple[str, str]]:
    return [(pin["kind"], pin["edit"]) for pin in run.document()["pins"]]


def tree(tmp_path: Path, text: str, end: str = "\n", start: str = "", **more: str) -> Path:
    text = start + text.replace("\n", end)
    return write_tree(tmp_path / "t", {"kustomization.yaml": resources("pod.yaml"), "pod.yaml": text, **more})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AFFINITY, AFFINITY + "            - arm64\n"),
        (FLOW, FLOW.replace('["amd64"]', '["amd64", "arm64"]')),
        (CHOSEN, CHOSEN.replace("    kubernetes.io/arch: amd64 # here\n", "")),
        (ALONE, ""),
    ],
    ids=["list", "flow list", "one key of several", "the only key"],
)
def test_selectors_are_widened_and_nothing_else_changes(
    tmp_path: Path, image: str, before: str, after: str, end: str
) -> None:
    root = tree(tmp_path, pod(f"{image}:v1") + before, end)
    run = fix(root)
    assert run.code == 0, run.err + run.out
    assert edits(run) == [("selector", "done")]
    assert (root / "pod.yaml").read_bytes().decode() == (pod(f"{image}:v1") + after).replace("\n", end)
    assert run.document()["proof"]["unintended"] == []
    assert fix(root).document()["pins"] == []


@pytest.mark.parametrize("selector", [AFFINITY, FLOW, CHOSEN, ALONE], ids=["list", "flow", "key", "only key"])
def test_selectors_in_a_text_of_a_config_map_are_widened_there(tmp_path: Path, image: str, selector: str) -> None:
    rows = (pod(f"{image}:v1") + selector).splitlines()
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  pod: |\n"
    root = tree(tmp_path, head + "".join(f"    {row}\n" for row in rows) + "  next: 1\n")
    run = fix(root)
    assert run.code == 0, run.err + run.out
    assert edits(run) == [("selector", "done")]
    proof = run.document()["proof"]
    assert proof["unintended"] == []
    assert [change["path"] for change in proof["changed"]] == ["data.pod"]
    assert fix(root).document()["pins"] == []


def test_the_only_entry_between_braces_leaves_them_empty(tmp_path: Path, image: str) -> None:
    chosen = '"nodeSelector": {"kubernetes.io/arch": "amd64"}'
    text = f'{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "p"}}, "spec": {{{chosen}, IMAGES}}}}\n'
    text = text.replace("IMAGES", f'"containers": [{{"name": "c", "image": "{image}:v1"}}]')
    root = tree(tmp_path, text)
    run = fix(root)
    assert run.code == 0, run.err + run.out
    assert edits(run) == [("selector", "done")]
    assert (root / "pod.yaml").read_text() == text.replace(chosen, '"nodeSelector": {}')
    assert fix(root).document()["pins"] == []


def test_tags_lose_their_architecture_in_a_value_and_in_a_kustomization(tmp_path: Path, image: str) -> None:
    root = tree(tmp_path, pod(f"'{image}:v1-amd64' # tied"), "\r\n", "\ufeff")
    more = f"images:\n- name: other\n  newName: {image}\n  newTag: v1-amd64\n"
    (root / "kustomization.yaml").write_text(resources("pod.yaml", "other.yaml", more=more))
    (root / "other.yaml").write_text(pod("other", "other"))
    run = fix(root)
    assert run.code == 0, run.err + run.out
    assert edits(run) == [("tag", "done"), ("tag", "done")]
    expected = "\ufeff" + pod(f"'{image}:v1' # tied").replace("\n", "\r\n")
    assert (root / "pod.yaml").read_bytes().decode() == expected
    assert "newTag: v1\n" in (root / "kustomization.yaml").read_text()


def test_a_digest_goes_and_leaves_its_tag_in_a_value_and_in_a_kustomization(tmp_path: Path, image: str) -> None:
    root = tree(tmp_path, pod(f'"{image}:v1@{SINGLE}"'))
    more = f"images:\n- name: other\n  newName: {image}\n  digest: {SINGLE}\n  newTag: v1\n"
    (root / "kustomization.yaml").write_text(resources("pod.yaml", "other.yaml", more=more))
    (root / "other.yaml").write_text(pod("other", "other"))
    run = fix(root, "--mode", "strip")
    assert run.code == 0, run.err + run.out
    assert {edit for _, edit in edits(run)} == {"done"}
    assert (root / "pod.yaml").read_text() == pod(f'"{image}:v1"')
    assert (root / "kustomization.yaml").read_text() == resources(
        "pod.yaml", "other.yaml", more=f"images:\n- name: other\n  newName: {image}\n  newTag: v1\n"
    )


def test_a_digest_in_every_place_is_repinned(tmp_path: Path, image: str) -> None:
    pinned = f"{image}:v1@{SINGLE}"
    root = write_tree(
        tmp_path / "t",
        {
            "kustomization.yaml": resources("pod.yaml", "map.yaml", "custom.yaml")
            + f"configMapGenerator:\n- name: lit\n  literals: ['IMAGE={pinned}']\n- name: env\n  envs: [a.env]\n"
            + f"images:\n- name: other\n  newName: {image}\n  newTag: v1\n  digest: {SINGLE}\n"
            + "patches:\n- target: {kind: Pod, name: web}\n  patch: |-\n    - op: add\n      path: /spec/containers/-\n"
            + f"      value: {{name: second, image: '{pinned}'}}\n",
            "pod.yaml": pod("other") + f"    args: ['--image={pinned}']\n",
            "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  a.json: |\n"
            f'    {{"image": "{pinned}"}}\n  folded: >-\n    one\n    {pinned}\n',
            "custom.yaml": f"apiVersion: a.b/v1\nkind: C\nmetadata:\n  name: c\nspec:\n  image: &i {pinned}\n",
            "a.env": f"IMAGE={pinned}\n",
        },
    )
    before = {path.name: path.read_bytes() for path in root.iterdir()}
    run = fix(root)
    assert run.code == 0, run.err + run.out
    assert {edit for _, edit in edits(run)} == {"done"}
    for path in root.iterdir():
        assert path.read_bytes() == before[path.name].replace(SINGLE.encode(), PARENT.encode())
