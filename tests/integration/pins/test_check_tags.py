"""Tags with an architecture in them, and selectors, judged by a real registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.pins.planting import both, child, fill, plant
from tests.support.kfkit import Run, run_kfkit
from tests.support.push import Entry, Image, Index, build, index

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry

TOOL = both("tool")
TAGS = {
    "good": ("tool:v1-amd64", "single-platform", "planned", "v1", ""),
    "rebuilt": ("rebuilt:v1-amd64", "single-platform", "planned", "v1", "rebuilt:v1 is another build"),
    "wrapped": ("wrapped:v1-amd64", "single-platform", "planned", "v1", ""),
    "alone": ("alone:v1-amd64", "single-platform", "refused", None, "with the tag v1"),
    "single": ("single-too:v1-amd64", "single-platform", "refused", None, "it is no index"),
    "other": ("other:v1-s390x", "single-platform", "refused", None, "other:v1 has no linux/s390x"),
    "right": ("right:v1-amd64", "index", "none", None, ""),
    "gone": ("tool:v9-amd64", "stale", "refused", None, "v9-amd64"),
    "named": ("tool-amd64:v1", "single-platform", "planned", "tool", ""),
}


@pytest.fixture(scope="module")
def host(registry: Registry) -> str:
    single = Image(salt="tool")
    fill(
        registry.host,
        {
            "tags/tool": {"v1": TOOL, "v1-amd64": single},
            "tags/tool-amd64": {"v1": single},
            "tags/rebuilt": {"v1": both("new"), "v1-amd64": Image(salt="old")},
            "tags/wrapped": {
                "v1": both("wrapped"),
                "v1-amd64": index("linux/amd64", salt="wrapped", attested=True),
            },
            "tags/alone": {"v1-amd64": single},
            "tags/single-too": {"v1-amd64": single, "v1": single},
            "tags/other": {"v1": both("other"), "v1-s390x": Image(platform="linux/s390x")},
            "tags/right": {"v1-amd64": both("right")},
        },
    )
    return registry.host


def check(tree: Path, *arguments: str) -> tuple[Run, list[dict[str, Any]]]:
    done = run_kfkit("pins", "check", tree, "--format", "json", *arguments, work=tree.parent / "work", seconds=120)
    return done, done.document()["pins"]


def test_a_tag_is_untied_where_the_registry_shows_an_index_with_that_variant(host: str, tmp_path: Path) -> None:
    plant(tmp_path / "tree", {name: f"{host}/tags/{one[0]}" for name, one in TAGS.items()})
    done, pins = check(tmp_path / "tree")
    found = {pin["file"].removeprefix("example/").removesuffix(".yaml"): pin for pin in pins}
    told = {name: (pin["class"], pin["edit"]) for name, pin in found.items()}
    assert told == {name: (class_, edit) for name, (_, class_, edit, _, _) in TAGS.items()}
    for name, (_, _, edit, proposed, why) in TAGS.items():
        assert why in found[name].get("why", "")
        if edit == "planned":
            assert str(found[name]["proposed"]).endswith(str(proposed)), name
    assert done.code == 1


SELECTOR = """apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  nodeSelector:
    kubernetes.io/arch: amd64
  containers:
  - name: main
    image: {image}
"""
AFFINITY = """apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions:
          - key: kubernetes.io/arch
            operator: In
            values: [amd64]
  containers:
  - name: main
    image: {image}
"""


def select(folder: Path, pods: dict[str, tuple[str, str]]) -> Path:
    (folder / "example").mkdir(parents=True)
    (folder / "example" / "kustomization.yaml").write_text("resources:\n" + "".join(f"- {one}.yaml\n" for one in pods))
    for name, (text, image) in pods.items():
        (folder / "example" / f"{name}.yaml").write_text(text.format(name=name, image=image))
    return folder


def selectors(pins: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {pin["file"][8:-5]: pin for pin in pins if pin["kind"] == "selector"}


def test_a_selector_is_widened_where_its_images_run_on_what_it_leaves_out(host: str, tmp_path: Path) -> None:
    pods = {
        "free": (SELECTOR, f"{host}/tags/tool:v1"),
        "spread": (AFFINITY, f"{host}/tags/tool:v1"),
        "right": (SELECTOR, f"{host}/tags/alone:v1-amd64"),
        "dead": (SELECTOR, "127.0.0.1:9/x/y:v1"),
        "pinned": (SELECTOR, f"{host}/tags/tool:v1@{child(TOOL)}"),
    }
    tree = select(tmp_path / "tree", pods)
    found = selectors(check(tree)[1])
    assert {name: (pin["class"], pin["edit"]) for name, pin in found.items()} == {
        "free": ("excludes-platform", "planned"),
        "spread": ("excludes-platform", "planned"),
        "right": ("excludes-platform", "refused"),
        "dead": ("excludes-platform", "refused"),
        "pinned": ("excludes-platform", "planned"),
    }
    assert (found["free"]["platforms"], found["free"]["proposed"]) == (["linux/amd64"], "amd64, arm64")
    assert f"{host}/tags/alone:v1-amd64 has no linux/arm64: the selector is right" in found["right"]["why"]
    assert "Connection refused" in found["dead"]["why"]
    assert "once the other pins are freed" in found["pinned"]["why"]


def test_a_selector_is_not_widened_where_its_image_stays_tied(host: str, tmp_path: Path) -> None:
    orphan = build(Image(salt="tool")).digest
    tree = select(tmp_path / "tree", {"left": (SELECTOR, f"{host}/tags/alone@{orphan}")})
    done, pins = check(tree)
    assert (done.code, selectors(pins)["left"]["edit"]) == (1, "refused")


def test_offline_no_selector_is_edited_and_that_it_ties_is_known(host: str, tmp_path: Path) -> None:
    tree = select(tmp_path / "tree", {"free": (SELECTOR, f"{host}/tags/tool:v1")})
    done, pins = check(tree, "--offline")
    assert (done.code, selectors(pins)["free"]["edit"]) == (1, "refused")
    assert "offline" in selectors(pins)["free"]["why"]


def test_a_digest_in_an_index_within_an_index_is_found(registry: Registry, tmp_path: Path) -> None:
    inner = both("nested")
    outer = Index(entries=(Entry(content=inner),))
    fill(registry.host, {"tags/nested": {"v1": outer}})
    plant(tmp_path / "tree", {"nested": f"{registry.host}/tags/nested:v1@{child(inner)}"})
    _, (pin,) = check(tmp_path / "tree")
    assert (pin["edit"], pin["proposed"]) == ("planned", build(outer).digest)
