"""Ties of whole trees, rendered by the real kustomize: what each belongs to, and what takes it in."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from buildkit.flows.images import ImagesRequest, ImagesResult, collect_images
from buildkit.flows.reach import reaching
from buildkit.flows.ties import find_ties
from buildkit.flows.watch import Watch
from buildkit.model.platform import parse_platform
from tests.support.kfkit import share_renders
from tests.support.tools import release, remotes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit.pins.pin import Tie

pytestmark = pytest.mark.integration

A, B = ("sha256:" + letter * 64 for letter in "ab")
REQUIRED = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))
BASE = "resources: [web.yaml]\n"


def deployment(image: str, more: str = "") -> str:
    head = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n"
    pod = f"containers:\n- name: main\n  image: {image}\n{textwrap.dedent(more)}"
    return head + textwrap.indent(pod, "      ")


def read(root: Path, bases: tuple[Path, ...] = ()) -> ImagesResult:
    lock = root.parent / "kfkit.lock"
    return collect_images(ImagesRequest(manifests=str(root), remotes=bases, offline=True, lock=lock), Watch())


def ties(folder: Path, files: Mapping[str, str]) -> tuple[Tie, ...]:
    root = folder / "tree"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    result = read(root)
    assert result.tree is not None
    found = find_ties(result, REQUIRED, Watch())
    for tie in found:
        content = (root / tie.file).read_bytes().decode()
        if tie.start >= 0:
            assert content[tie.start : tie.start + len(tie.value)] == tie.value
    return found


def test_a_digest_of_an_images_entry_belongs_to_the_name_it_puts_in(tmp_path: Path) -> None:
    entry = f"images:\n- name: old/web\n  newName: ghcr.io/new/web\n  newTag: v1\n  digest: {A}\n"
    found = ties(
        tmp_path,
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": deployment(f"old/web:v0@{B}"),
            "over/kustomization.yaml": f"resources: [../base]\n{entry}",
        },
    )
    base, over = found
    assert (base.file, base.line, base.value) == ("base/web.yaml", 10, B)
    assert base.reference is not None
    assert base.reference.name == f"docker.io/old/web:v0@{B}"
    assert base.kustomizations == ("base", "over")
    assert over.reference is not None
    assert over.reference.name == f"ghcr.io/new/web:v1@{A}"
    assert [(edit.old, edit.new) for edit in over.strip] == [(f"  digest: {A}\n", "")]
    assert over.kustomizations == ("over",)
    assert not over.sample


def test_a_base_that_renders_need_differently_is_refused(tmp_path: Path) -> None:
    (found,) = ties(
        tmp_path,
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": deployment(f"ghcr.io/old/web@{A}"),
            "over/kustomization.yaml": "resources: [../base]\n"
            "images: [{name: ghcr.io/old/web, newName: quay.io/x/web}]\n",
            "third/kustomization.yaml": "resources: [../base]\n",
        },
    )
    assert found.blocked
    assert "need" in found.blocked
    assert "quay.io/x/web in over" in found.blocked


def test_digests_of_generators_and_variables_are_told_by_the_render(tmp_path: Path) -> None:
    generator = (
        "resources: [web.yaml]\nconfigMapGenerator:\n- name: c\n  envs: [params.env]\n"
        f"  literals: [other=ghcr.io/a/literal:v2@{B}]\n  files: [config.json]\n"
    )
    env = f"- name: AGENT_IMAGE\n  value: ghcr.io/a/agent\n- name: AGENT_DIGEST\n  value: {B}\n"
    found = ties(
        tmp_path,
        {
            "base/kustomization.yaml": generator,
            "base/params.env": f"# ghcr.io/a/no@{A}\nimage=ghcr.io/a/env:v1@{A}\nchecksum={B}\n",
            "base/config.json": f'{{"image": "ghcr.io/a/json:v1@{A}"}}',
            "base/web.yaml": deployment("ghcr.io/a/b:v1", "  env:\n" + textwrap.indent(env, "  ")),
        },
    )
    named = {(tie.file, tie.line): tie.reference.name for tie in found if tie.reference}
    assert named == {
        ("base/config.json", 1): f"ghcr.io/a/json:v1@{A}",
        ("base/kustomization.yaml", 5): f"ghcr.io/a/literal:v2@{B}",
        ("base/params.env", 2): f"ghcr.io/a/env:v1@{A}",
        ("base/web.yaml", 15): f"ghcr.io/a/agent@{B}",
    }


def test_a_digest_that_no_file_holds_in_one_piece_is_reported_and_refused(tmp_path: Path) -> None:
    text = deployment(f'"ghcr.io/a/b@{A[:30]}\\\n          {A[30:]}"')
    (found,) = ties(tmp_path, {"base/kustomization.yaml": BASE, "base/web.yaml": text})
    assert (found.start, found.value, found.file) == (-1, A, "base/web.yaml")
    assert found.blocked


def test_tags_and_names_are_untied_and_what_an_entry_looks_for_is_refused(tmp_path: Path) -> None:
    entry = "images: [{name: ghcr.io/a/web-amd64, newTag: v2-amd64}]\n"
    found = ties(
        tmp_path,
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": deployment("ghcr.io/a/web-amd64:v1"),
            "over/kustomization.yaml": "resources: [../base]\n" + entry,
        },
    )
    name, tag = found
    assert (name.value, name.untied and name.untied.name) == ("a/web-amd64", "ghcr.io/a/web:v1")
    assert name.blocked
    assert "over/kustomization.yaml" in name.blocked
    assert (tag.value, [edit.new for edit in tag.edits]) == ("v2-amd64", ["v2"])


def test_a_selector_knows_the_images_of_its_pods(tmp_path: Path) -> None:
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec:\n  template:\n    spec:\n      nodeSelector:\n        kubernetes.io/arch: amd64\n"
    )
    (found,) = ties(
        tmp_path,
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": deployment("ghcr.io/a/b:v1"),
            "over/kustomization.yaml": "namePrefix: my-\nresources: [../base]\npatches: [{path: patch.yaml}]\n",
            "over/patch.yaml": patch,
        },
    )
    assert (found.kind, found.file, found.line, found.value) == ("selector", "over/patch.yaml", 8, "amd64")
    assert found.excludes == ("linux/arm64",)
    assert found.images == ("ghcr.io/a/b:v1",)
    assert found.kustomizations == ("over",)


def test_downloads_are_reported_and_variables_are_not(tmp_path: Path) -> None:
    script = (
        "curl -LO https://x.io/v1/tool-linux-amd64 # amd64\n"
        "# curl https://x.io/no-amd64\nwget $BASE/tool_arm64.tar.gz\ncurl https://x.io/tool-${ARCH}\n"
    )
    found = ties(
        tmp_path,
        {
            "base/kustomization.yaml": "configMapGenerator:\n- name: c\n  files: [run.sh]\n",
            "base/run.sh": script,
            "other/run.sh": script,
        },
    )
    assert [(tie.kind, tie.line, tie.value) for tie in found] == [
        ("text", 1, "https://x.io/v1/tool-linux-amd64"),
        ("text", 3, "$BASE/tool_arm64.tar.gz"),
    ]


def test_what_no_kustomization_takes_in_is_a_sample(tmp_path: Path) -> None:
    found = ties(
        tmp_path,
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": deployment("ghcr.io/a/b:v1"),
            "samples/pod.yaml": deployment(f"ghcr.io/a/b@{A}"),
            "README.md": f"```yaml\n{deployment(f'ghcr.io/a/c@{B}')}```\n",
            "values.yaml": f"image: ghcr.io/a/d@{B}\n",
        },
    )
    assert [(tie.file, tie.sample, tie.kustomizations) for tie in found] == [("samples/pod.yaml", True, ())]


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    ties(
        tmp_path,
        {"base/kustomization.yaml": "configMapGenerator:\n- name: c\n  files: [run.txt]\n", "base/run.txt": ""},
    )
    (tmp_path / "tree/base/run.txt").write_bytes(b"\xff image = ghcr.io/a/b@" + A.encode() + b"\n")
    (found,) = find_ties(read(tmp_path / "tree"), REQUIRED, Watch())
    assert found.start == -1
    assert found.blocked == "the file is not UTF-8, so no place in it can be told"


def test_files_are_reached_through_bases_and_components(tmp_path: Path) -> None:
    ties(
        tmp_path,
        {
            "base/kustomization.yaml": BASE,
            "base/web.yaml": deployment("ghcr.io/a/b:v1"),
            "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
            "patches: [{path: patch.yaml, target: {kind: Deployment}}]\n",
            "part/patch.yaml": "- {op: add, path: /metadata/labels, value: {a: b}}\n",
            "over/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
        },
    )
    result = read(tmp_path / "tree")
    assert result.tree is not None
    assert reaching(result.tree) == {
        "base/kustomization.yaml": ("base", "over"),
        "base/web.yaml": ("base", "over"),
        "over/kustomization.yaml": ("over",),
        "part/kustomization.yaml": ("over",),
        "part/patch.yaml": ("over",),
    }


@pytest.fixture
def cache(tmp_path: Path, renders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share_renders(tmp_path / "cache", renders)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.release
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(("name", "digests", "samples"), [("26.03", 34, 6), ("v1.11.0", 21, 6)])
def test_the_releases_hold_the_digests_of_knative_and_no_other_tie(
    name: str, digests: int, samples: int, tmp_path: Path
) -> None:
    request = ImagesRequest(
        manifests=str(release(name)), remotes=(remotes(),), offline=True, lock=tmp_path / "kfkit.lock"
    )
    result = collect_images(request, Watch())
    found = find_ties(result, REQUIRED, Watch())
    assert {tie.kind for tie in found} == {"digest"}
    assert len(found) == digests
    assert sum(tie.sample for tie in found) == samples
    assert all("/knative/" in tie.file and tie.reference and tie.hints and not tie.blocked for tie in found)
    # As many as the text has, comments and documentation aside: none is missed.
    written = sum(
        path.read_bytes().count(b"@sha256:") for path in release(name).rglob("*.yaml") if "knative" in str(path)
    )
    assert written == digests
