"""Tags and names with an architecture: the characters that change, and who vouches for them."""

from __future__ import annotations

import pytest

from tests.unit.pins.finding import A, applied, tags

SURE = {
    "image: quay.io/x/y-amd64:v1\n": "image: quay.io/x/y:v1\n",
    "image: foo-amd64\n": "image: foo\n",
    "image: 'x/y:v1-amd64'\n": "image: 'x/y:v1'\n",
    'image: "amd64/mysql:8" # why\n': 'image: "mysql:8" # why\n',
    "image: docker.io/amd64/mysql:8\n": "image: docker.io/mysql:8\n",
    "image: amd64/mysql:8-amd64\n": "image: mysql:8\n",
    "c: [{é: 🙂, image: x/y-amd64:v1}]\n": "c: [{é: 🙂, image: x/y:v1}]\n",
    '{"image": "x/y-amd64:v1"}\n': '{"image": "x/y:v1"}\n',
    "args:\n- --image=quay.io/x/y:v1.2-amd64\n": "args:\n- --image=quay.io/x/y:v1.2\n",
    "args:\n- run quay.io/x/y:v1.2-amd64 now\n": "args:\n- run quay.io/x/y:v1.2 now\n",
    "image: {repository: quay.io/x/y, tag: v1-amd64}\n": "image: {repository: quay.io/x/y, tag: v1}\n",
    "image:\n  repository: x/y-amd64\n  tag: v1\n": "image:\n  repository: x/y\n  tag: v1\n",
    "data:\n  x: |\n    image: x/y:v1-amd64\n": "data:\n  x: |\n    image: x/y:v1\n",
    "data:\n  x: |\n    [a]\n    image = x/y:v1-amd64 # c\n": "data:\n  x: |\n    [a]\n    image = x/y:v1 # c\n",
}


@pytest.mark.parametrize(("text", "wanted"), SURE.items())
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_the_architecture_goes_and_nothing_else(text: str, wanted: str, bom: str, ends: str) -> None:
    text, wanted = (bom + one.replace("\n", ends) for one in (text, wanted))
    (found,) = tags(text)
    assert found.sure
    assert found.tie.untied is not None
    assert applied(text, found.tie.edits) == wanted


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("{name: b, newName: quay.io/x/y, newTag: v1-amd64}", "{name: b, newName: quay.io/x/y, newTag: v1}"),
        ("{name: b, newName: quay.io/x/y-amd64, newTag: v1}", "{name: b, newName: quay.io/x/y, newTag: v1}"),
    ],
)
def test_an_images_entry_is_edited_where_the_architecture_stands(entry: str, wanted: str) -> None:
    text = f"images:\n- {entry}\n"
    (found,) = tags(text, "kustomization.yaml")
    assert applied(text, found.tie.edits) == f"images:\n- {wanted}\n"
    assert found.tie.reference is not None
    assert found.tie.untied is not None
    assert found.tie.untied.name == "quay.io/x/y:v1"


@pytest.mark.parametrize(
    ("tag", "wanted"), [("1.10-amd64", '"1.10"'), ("12_amd64", '"12"'), ("'1.10-amd64'", "'1.10'"), ("v1-amd64", "v1")]
)
def test_a_tag_stays_text(tag: str, wanted: str) -> None:
    for text, file in (
        (f"image: {{repository: quay.io/x/y, tag: {tag}}}\n", "base/x.yaml"),
        (f"images: [{{name: quay.io/x/y, newTag: {tag}}}]\n", "kustomization.yaml"),
    ):
        (found,) = tags(text, file)
        assert applied(text, found.tie.edits) == text.replace(tag, wanted)
        assert found.tie.untied is not None
        assert found.tie.untied.tag == wanted.strip("\"'")


def test_where_the_name_stands_elsewhere_only_the_tag_is_untied() -> None:
    (found,) = tags("images: [{name: quay.io/x/y-amd64, newTag: v1-amd64}]\n", "kustomization.yaml")
    assert found.tie.untied is not None
    assert found.tie.untied.name == "quay.io/x/y-amd64:v1"


def test_the_name_that_an_images_entry_looks_for_is_no_tie() -> None:
    assert tags("images:\n- {name: quay.io/x/y-amd64, newTag: v1}\n", "kustomization.yaml") == ()


def test_a_digest_decides() -> None:
    assert tags(f"image: x/y:v1-amd64@{A}\n") == ()
    assert tags(f"images:\n- {{name: b, newTag: v1-amd64, digest: '{A}'}}\n", "kustomization.yaml") == ()


@pytest.mark.parametrize(
    "text",
    [
        "# image: x/y-amd64:v1\n",
        "a: https://github.com/x/y/releases/download/v1/y-amd64\n",
        "a: https://x.io/y-amd64:v1\n",
        "a: ${HUB}/y-amd64:v1\n",
        "description: for amd64 and arm64 nodes\n",
    ],
)
def test_what_is_no_image_is_no_tie(text: str) -> None:
    assert [one for one in tags(text) if one.sure] == []


def test_a_lone_tag_needs_a_use() -> None:
    for tag in ("v1-amd64", "1-amd64-alpine"):
        (found,) = tags(f"- value: {tag}\n  name: X_TAG\n")
        assert not found.sure
        assert found.tie.value == tag


def test_a_name_and_a_tag_of_one_entry_go_together() -> None:
    text = "images:\n- name: x\n  newName: quay.io/a/b-amd64\n  newTag: 1.10-amd64\n"
    (found,) = tags(text, "kustomization.yaml")
    assert found.tie.value == "a/b-amd64"
    assert found.tie.untied is not None
    assert found.tie.untied.name == "quay.io/a/b:1.10"
    assert applied(text, found.tie.edits) == 'images:\n- name: x\n  newName: quay.io/a/b\n  newTag: "1.10"\n'
