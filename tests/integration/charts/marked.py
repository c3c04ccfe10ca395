"""Objects with every kind of mark in any place, and values for them."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from hypothesis import strategies as st

from buildkit.charts.evaluation import evaluate
from buildkit.charts.marks import (
    ABSENT,
    Condition,
    Extended,
    Hashed,
    Image,
    MarkedObject,
    Namespace,
    Piece,
    Setting,
    Text,
    Tree,
    When,
    Word,
)
from tests.integration.charts.hostile import keys, scalars, texts, trees

NAMESPACE = "kubeflow"
REFERENCES = {
    "web": ("ghcr.io/kubeflow/web:v1", "ghcr.io/kubeflow/web@sha256:" + "a" * 64, "localhost/web", "h:5000/web:v2"),
    "mysql": ("mysql", "mysql:8", "docker.io/library/mysql:8", "index.docker.io/mysql", "library/mysql:1"),
    "both": (f"a/b:1@sha256:{'b' * 64}", "UPPER/x:1", "docker.io/b", "on", "12"),
}
SAFE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=6) | st.sampled_from(
    ('"', "a b", "\\", "`", "{{", "}}", "{{ x }}", "%s", "'", "#", "a: b", "1", "on", "{")
)


@st.composite
def words(draw: st.DrawFn) -> Word:
    kind = draw(st.sampled_from(("string", "integer", "boolean")))
    default = {"string": draw(texts()), "integer": "80", "boolean": "true"}[kind]
    return Word({"string": "own.word", "integer": "own.port", "boolean": "own.flag"}[kind], kind, default)  # type: ignore[arg-type]


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    way = draw(st.integers(0, 4))
    if way < 2:
        return draw(texts())
    if way == 2:
        return Namespace(NAMESPACE)
    if way == 3:
        return draw(words())
    name = draw(st.sampled_from(sorted(REFERENCES)))
    return Image(name, draw(st.sampled_from(REFERENCES[name])))


@st.composite
def marked_texts(draw: st.DrawFn) -> Text:
    found: list[Piece] = []
    for piece in draw(st.lists(pieces(), min_size=1, max_size=5)):
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return Text(tuple(found)) if any(not isinstance(one, str) for one in found) else Text((Namespace(NAMESPACE),))


@st.composite
def settings(draw: st.DrawFn, *, absent: bool) -> Setting:
    path, kind = draw(
        st.sampled_from(
            (("own.text", "string"), ("own.port", "integer"), ("own.flag", "boolean"), ("own.list", "array"),
             ("own.map", "object"))
        )
    )  # fmt: skip
    default: Any = draw(st.one_of(scalars(), marked_texts(), trees(1)))
    return Setting((path,), kind, ABSENT if absent and draw(st.booleans()) else default)  # type: ignore[arg-type]


@st.composite
def lists(draw: st.DrawFn) -> Extended:
    named: list[Tree] = [{"name": name, "value": draw(texts())} for name in draw(NAMES)]
    empty: Any = draw(st.sampled_from((ABSENT, [], None)))
    if draw(st.booleans()):
        return Extended("own.env", tuple(named), "", empty)
    return Extended("own.secrets", tuple({"name": name} for name in draw(NAMES)), "name", empty)


NAMES = st.lists(st.sampled_from(("A", "B", "C", 'd"', "on")), max_size=3, unique=True)


@st.composite
def marked_trees(draw: st.DrawFn, depth: int = 2, *, absent: bool = True) -> Tree:
    ways: list[st.SearchStrategy[Any]] = [marked_texts(), settings(absent=absent), scalars()]
    if absent:
        ways += [lists(), whens(depth)]
    if depth:
        deeper = marked_trees(depth - 1)
        ways += [st.dictionaries(keys(), deeper, max_size=4)] * 2
        ways += [st.lists(marked_trees(depth - 1, absent=False), max_size=3)]
    tree: Tree = draw(draw(st.sampled_from(ways)))
    return tree


@st.composite
def whens(draw: st.DrawFn, depth: int) -> When:
    return When("own.flag", draw(marked_trees(depth - 1)) if depth else "on")


def writable(tree: Any) -> Any:
    """Values that helm reads and its `toYaml` writes back as they are: no odd line breaks, `<<` or large numbers."""
    if tree == "<<" or (isinstance(tree, int) and abs(tree) > 2**53):
        return "?"
    if isinstance(tree, str):
        return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", "?", tree)
    if isinstance(tree, dict):
        return {writable(key): writable(value) for key, value in tree.items()}
    return [writable(one) for one in tree] if isinstance(tree, list) else tree


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    own = {
        "word": draw(SAFE.filter(lambda text: text == text.strip())),
        "text": draw(texts()),
        "port": draw(st.sampled_from((0, 1, -5, 8080, 1_000_000, 2**53))),
        "flag": draw(st.booleans()),
        "list": writable(draw(st.lists(trees(1), max_size=3))),
        "map": writable(draw(st.dictionaries(keys(), trees(1), max_size=3))),
        "env": [
            {"name": name, "value": writable(draw(texts()))}
            for name in draw(st.lists(st.sampled_from("XYZ"), unique=True))
        ],
        "secrets": draw(st.lists(st.sampled_from(("A", "X", "on", 'd"')), unique=True)),
    }
    image = {
        "registry": draw(st.sampled_from(("", "mirror.example", "h:1/x"))),
        "repository": draw(st.sampled_from(("", "other/web", "12"))),
        "tag": draw(st.sampled_from(("", "v9", "30"))),
        "digest": draw(st.sampled_from(("", "sha256:" + "c" * 64))),
    }
    said = draw(st.sets(st.sampled_from(sorted(own))))
    unset: dict[str, Any] = {
        "word": "",
        "text": "",
        "port": None,
        "flag": None,
        "list": [],
        "map": {},
        "env": [],
        "secrets": [],
    }
    parts = draw(st.sets(st.sampled_from(sorted(image))))
    return {
        "own": {key: own[key] if key in said else unset[key] for key in own},
        "global": {"imageRegistry": draw(st.sampled_from(("", "", "all.example")))},
        "images": {
            name: {part: value if part in parts and name != "both" else "" for part, value in image.items()}
            for name in REFERENCES
        },
    }


@st.composite
def generated(draw: st.DrawFn, stem: str, namespace: str) -> MarkedObject:
    """A ConfigMap or Secret with the name that kustomize would give it."""
    kind = draw(st.sampled_from(("ConfigMap", "Secret")))
    held: Any = (
        st.one_of(texts(), marked_texts())
        if kind == "ConfigMap"
        else st.one_of(st.just("YQ=="), words().map(lambda word: Text((word,), encoded=True)))
    )
    body: dict[str, Tree] = {"apiVersion": "v1", "kind": kind}
    if draw(st.booleans()):
        body["data"] = draw(st.dictionaries(st.sampled_from(("a", "b.yaml", "c")), held, max_size=3))
    if kind == "ConfigMap" and draw(st.booleans()):
        body["binaryData"] = draw(st.dictionaries(st.sampled_from(("x", "y")), st.just("//4A"), max_size=2))
    if kind == "Secret":
        body["type"] = "Opaque"
    piece = Hashed(kind, stem, "unknown", namespace)
    key = ("", kind, namespace, stem)
    named = MarkedObject(key=key, body={**body, "metadata": {"name": Text((piece,)), "namespace": namespace}})
    (plain,) = evaluate([named], {}, NAMESPACE)
    piece = dataclasses.replace(piece, default=str(plain["metadata"]["name"]))  # type: ignore[call-overload, index]
    return dataclasses.replace(named, body={**body, "metadata": {"name": Text((piece,)), "namespace": namespace}})


def name_of(one: MarkedObject) -> Text:
    return one.body["metadata"]["name"]  # type: ignore[call-overload, index, return-value]


@st.composite
def things(draw: st.DrawFn, name: str, named: list[Text]) -> MarkedObject:
    held: Any = draw(marked_trees())
    body: dict[str, Tree] = {"apiVersion": "test/v1", "kind": "Thing", "metadata": {"name": name}, "held": held}
    conditions: tuple[Condition, ...] = ()
    if named:
        body["named"] = list(named)
    if draw(st.integers(0, 3)) == 0:
        conditions = (Condition("own.word", "unless"), Condition("own.flag", "is"))[: draw(st.integers(1, 2))]
    return MarkedObject(key=("test", "Thing", "", name), body=body, conditions=conditions)


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, list[MarkedObject]]:
    found: dict[str, list[MarkedObject]] = {}
    shared: dict[str, MarkedObject] = {}
    for profile in ("p0", "p1", "p2")[: draw(st.integers(1, 3))]:
        makers = [
            draw(generated(stem, space)) for stem, space in (("g", NAMESPACE), ("g", "other"), ("h", NAMESPACE))
            if draw(st.booleans())
        ]  # fmt: skip
        names = list(map(name_of, makers))
        ones = [draw(things(f"o{at}", names)) for at in range(draw(st.integers(1, 5)))]
        ones = [shared.setdefault(one.key[3], one) if not names and draw(st.booleans()) else one for one in ones]
        found[profile] = [*makers, *ones]
    conditions = {one.key: one.conditions for objects in found.values() for one in objects}
    return {
        profile: [dataclasses.replace(one, conditions=conditions[one.key]) for one in objects]
        for profile, objects in found.items()
    }
