"""Where a planned value may change in a render: in references and under its own key, not wherever it was copied to."""

from __future__ import annotations

import pytest

from buildkit.pins.places import Place, fits, place_of

DIGEST = "sha256:" + "a" * 64
LABELS = "metadata:\n  labels:\n    # which\n    version: v1-amd64\nspec: {}\n"
OPERATION = "- op: add\n  path: /metadata/annotations/img\n  value: x:v1-amd64\n"


@pytest.mark.parametrize(
    ("text", "token", "key", "in_metadata"),
    [
        ("    image: x/y:v1-amd64\n", "v1-amd64", "image", False),
        ("newTag: 'v1-amd64'\n", "v1-amd64", "newTag", False),
        ('{"tag":"v1-amd64"}', "v1-amd64", "tag", False),
        (f"TAG={DIGEST}", DIGEST, "TAG", False),
        ("  - --image=x:v1-amd64\n", "v1-amd64", "image", False),
        ("  - x:v1-amd64\n", "v1-amd64", "", False),
        ("  tag: &t !!str v1-amd64\n", "v1-amd64", "tag", False),
        ("{name: A, value: x:v1-amd64}", "v1-amd64", "", False),
        (LABELS, "v1-amd64", "version", True),
        ("commonAnnotations: {a.b/img: x:v1-amd64}", "v1-amd64", "a.b/img", True),
        (OPERATION, "v1-amd64", "", True),
        ("metadata:\n  labels:\n    a: b\nspec:\n  image: x:v1-amd64\n", "v1-amd64", "image", False),
    ],
)
def test_a_source_tells_the_key_and_whether_it_is_metadata(text: str, token: str, key: str, in_metadata: bool) -> None:  # noqa: FBT001
    assert place_of(text, text.index(token)) == Place(key=key, in_metadata=in_metadata)


IMAGE, TAG, NOWHERE = Place(key="image"), Place(key="tag"), Place()
LABEL = Place(key="version", in_metadata=True)


@pytest.mark.parametrize(
    ("place", "path", "value", "token"),
    [
        (IMAGE, "spec.containers[0].image", "x:v1-amd64", "v1-amd64"),
        (TAG, "spec.containers[0].image", "x/y:v1-amd64", "v1-amd64"),
        (IMAGE, "spec.args[0]", f"--image=x@{DIGEST}", DIGEST),
        (TAG, 'data["tag"]', "v1-amd64", "v1-amd64"),
        (TAG, 'data["a.yaml"]', "a: 1\ntag: v1-amd64\n", "v1-amd64"),
        (TAG, "spec.image", f"x:1@{DIGEST}", f"@{DIGEST}"),
        (IMAGE, "spec.repository", "amd64/mysql", "amd64/mysql"),
        (NOWHERE, "spec.digest", DIGEST, DIGEST),
        (LABEL, "metadata.labels.version", "v1-amd64", "v1-amd64"),
        (LABEL, "spec.selector.version", "v1-amd64", "v1-amd64"),
    ],
)
def test_a_reference_and_a_field_of_the_same_key_belong_to_it(place: Place, path: str, value: str, token: str) -> None:
    assert fits(place, path, value, value.index(token), value.index(token) + len(token))


@pytest.mark.parametrize(
    ("place", "path", "value", "token"),
    [
        (IMAGE, "metadata.labels.version", "v1-amd64", "v1-amd64"),
        (TAG, "metadata.labels.tag", "v1-amd64", "v1-amd64"),
        (NOWHERE, "metadata.name", "web-v1-amd64", "v1-amd64"),
        (IMAGE, "metadata.annotations.image", f"x@{DIGEST}", DIGEST),
        (IMAGE, "spec.template.metadata.labels.version", "v1-amd64", "v1-amd64"),
        (IMAGE, "spec.selector.matchLabels.version", "v1-amd64", "v1-amd64"),
        (IMAGE, "spec.selector.version", "v1-amd64", "v1-amd64"),
        (LABEL, "metadata.labels.other", "v1-amd64", "v1-amd64"),
        (IMAGE, "spec.containers[0].env[0].value", "v1-amd64", "v1-amd64"),
        (IMAGE, 'data["expected.txt"]', DIGEST, DIGEST),
        (TAG, "spec.args[0]", "--version=v1-amd64", "v1-amd64"),
    ],
)
def test_a_copy_in_metadata_or_in_a_field_of_another_key_does_not(
    place: Place, path: str, value: str, token: str
) -> None:
    assert not fits(place, path, value, value.index(token), value.index(token) + len(token))
