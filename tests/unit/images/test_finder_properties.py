"""The finder on any input: what is planted is found where it was planted, and nothing costs more than reading it."""

from __future__ import annotations

import json
import string
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.images.finder import find
from buildkit.model.documents import DocumentError, parse_documents
from buildkit.model.path import child, item
from tests.unit.images.finding import config_map, found, knowledge

_WORD = st.text(alphabet=string.ascii_lowercase + string.digits, min_size=1, max_size=8)
_PATH = st.lists(_WORD, min_size=1, max_size=3).map("/".join)
_TAG = st.text(alphabet=string.ascii_letters + string.digits + "_.-", min_size=1, max_size=12).filter(
    lambda text: text[0] not in ".-" and text not in {"dummy", "placeholder", "replace-me"}
)
_DIGEST = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format)
_HOST = st.sampled_from(
    ["docker.io", "ghcr.io", "quay.io", "registry.k8s.io", "gcr.io", "localhost:5000", "r.local:5000"]
)
references = st.builds("{}/{}:{}".format, _HOST, _PATH, _TAG) | st.builds("{}/{}@{}".format, _HOST, _PATH, _DIGEST)

_KEYS = st.sampled_from(["a", "b-c", "d.e", "spec", "template", "items", "x/y", "options"])
_NAMES = st.sampled_from(["image", "sidecarImage", "proxy_image", "HELPER_IMAGE"])
_INERT = st.none() | st.sampled_from(
    [
        "",
        "plain",
        "1.2.3",
        "apps/v1",
        "http://a.b/c:1",
        "/a/b",
        "a.b.svc:80",
        "$(X)",
        "<image>",
        "{{ .x }}",
        "some words here",
    ]
)


def structures(leaf: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        _INERT | leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
        max_leaves=12,
    )


def planted(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            where = child(path, key)
            if isinstance(one, str) and "mage" in key.lower():
                yield where, one
            else:
                yield from planted(one, where)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from planted(one, item(path, index))


@given(structures(st.builds(lambda name, text: {name: text}, _NAMES, references)))
def test_planted_references_are_found_at_their_paths(value: object) -> None:
    document = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"x": value}}
    assert {(one.path, one.text) for one in found(json.dumps(document))} == set(planted(value, "spec.x"))


@given(structures(st.builds(lambda name, text: {name: text}, _NAMES, references)))
def test_planted_references_are_found_in_texts_too(value: object) -> None:
    text = json.dumps({"y": value})
    expected = {(path, one) for path, one in planted(value, "data.c | y")}
    assert {(one.path, one.text) for one in found(config_map(c=text))} == expected


@given(structures(st.nothing()))
def test_where_nothing_is_planted_nothing_is_found(value: object) -> None:
    document = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"x": value}}
    assert found(json.dumps(document)) == []
    assert found(config_map(c=json.dumps({"x": value, "image": "$(X)"}))) == []


@given(st.text(max_size=300))
def test_any_text_in_a_config_map_is_survived(text: str) -> None:
    document = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c"},
        "data": {"a.py": "image=" + text, "b": "\nimage: " + text, "image": text, "_example": "# image: " + text},
    }
    try:
        resources = parse_documents(json.dumps(document))
    except DocumentError:
        return
    find(resources, knowledge())


HOSTILE = {
    "open directives": "image {{ " * 40_000,
    "directives": "a: {{ x }} image\n" * 8_000,
    "directives in one line": "{{ x }} image " * 8_000,
    "image lines": "image: a/b\n: [\n" * 8_000,
    "assignments": "image = a/b\n" * 8_000,
    "spaces": "image" + " " * 200_000 + ":",
    "long line": "image: " + "a/" * 100_000,
    "colons": "image:" * 50_000 + "\n",
    "quotes": "image: '" + '"' * 100_000 + "\n",
    "brackets": "image: " + "[" * 100_000 + "\n",
    "comments": "# image: a/b:1\n" * 8_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("key", ["a.yaml", "a.py", "_example", "values"])
def test_hostile_texts_take_no_longer_than_reading_them(text: str, key: str) -> None:
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {key: text}}
    (resource,) = parse_documents(json.dumps(document))
    start = time.process_time()
    find([resource], knowledge())
    assert time.process_time() - start < 8


@pytest.mark.parametrize(
    "spec",
    [
        {f"a{index}Image": "a/b" for index in range(20_000)},
        {"env": [{"name": f"A{index}_IMAGE", "value": "a/b"} for index in range(20_000)]},
        {"images": ["a/b:1"] * 50_000},
        {"args": ["--image"] * 50_000},
    ],
    ids=["fields", "variables", "list", "arguments"],
)
def test_hostile_structures_take_no_longer_than_reading_them(spec: object) -> None:
    document = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}
    (resource,) = parse_documents(json.dumps(document))
    start = time.process_time()
    find([resource], knowledge())
    assert time.process_time() - start < 20
