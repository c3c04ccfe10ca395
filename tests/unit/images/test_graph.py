from __future__ import annotations

import pytest

from buildkit.images.graph import Graph, Node, parse_kustomization, resolve
from buildkit.model.documents import DocumentError

EVERYTHING = """\
resources: [a, ../b, c.yaml]
bases: [d]
components: [e]
generators: [f.yaml, "kind: inline\\nx: y"]
crds: [crd.yaml]
configurations: [conf.yaml]
patchesStrategicMerge: [p.yaml, "kind: inline\\nx: y"]
patches: [{path: q.yaml}, {patch: "- op: add"}]
patchesJson6902: [{path: r.json}]
replacements: [{path: s.yaml}, {source: {kind: X}}]
openapi: {path: schema.json}
configMapGenerator: [{files: [t.txt, k=u.txt], envs: [v.env], env: w.env, literals: [a=b]}]
secretGenerator: [{files: [https://h.example/x.yaml]}]
"""


def test_every_field_that_names_something_is_read() -> None:
    parsed = parse_kustomization(EVERYTHING, "x/kustomization.yaml")
    found = [(entry.kind, entry.text) for entry in parsed.entries]
    assert found == [
        ("base", "a"),
        ("base", "../b"),
        ("base", "c.yaml"),
        ("base", "d"),
        ("component", "e"),
        ("plugin", "f.yaml"),
        ("file", "crd.yaml"),
        ("file", "conf.yaml"),
        ("file", "p.yaml"),
        ("file", "q.yaml"),
        ("file", "r.json"),
        ("file", "s.yaml"),
        ("file", "schema.json"),
        ("file", "w.env"),
        ("file", "t.txt"),
        ("file", "u.txt"),
        ("file", "v.env"),
        ("file", "https://h.example/x.yaml"),
    ]
    assert [entry.remote.place for entry in parsed.remotes if entry.remote] == ["https/h.example/x.yaml"]
    assert parsed.folder == "x"
    assert not parsed.is_component


def test_the_span_of_an_address_is_what_gets_replaced() -> None:
    text = "# ü\nresources:\n- https://github.com/o/r//x?ref=v1  # why\n- 'https://github.com/o/r?ref=v1'\n"
    spans = [entry.leaf for entry in parse_kustomization(text, "kustomization.yaml").remotes]
    assert [text[leaf.start : leaf.end] for leaf in spans] == [
        "https://github.com/o/r//x?ref=v1",
        "'https://github.com/o/r?ref=v1'",
    ]


@pytest.mark.parametrize("text", ["", "[]", "text", "a: [", "- a"])
def test_what_is_no_kustomization(text: str) -> None:
    with pytest.raises(DocumentError):
        parse_kustomization(text, "kustomization.yaml")


@pytest.mark.parametrize("text", ["resources: {a: b}", "patches: [x]", "configMapGenerator: [{files: x}]", "images: 3"])
def test_fields_of_a_wrong_shape_are_kustomize_s_to_refuse(text: str) -> None:
    assert all(entry.text for entry in parse_kustomization(text, "kustomization.yaml").entries)


@pytest.mark.parametrize(
    ("folder", "text", "home", "path"),
    [
        ("a/b", "../c", ".", "a/c"),
        ("a/b", "./x.yaml", ".", "a/b/x.yaml"),
        (".", "a/", ".", "a"),
        ("a", "..", ".", "."),
        ("a", "../..", ".", None),
        ("a", "../../a", ".", None),
        ("a", "/a", ".", None),
        ("remote:h/o/r@v/a", "../b", "remote:h/o/r@v", "remote:h/o/r@v/b"),
        ("remote:h/o/r@v/a", "..", "remote:h/o/r@v", "remote:h/o/r@v"),
        ("remote:h/o/r@v/a", "../../b", "remote:h/o/r@v", None),
        ("remote:h/o/r@a/b", "x", "remote:h/o/r@a/b", "remote:h/o/r@a/b/x"),
    ],
)
def test_resolve_stays_at_home(folder: str, text: str, home: str, path: str | None) -> None:
    assert resolve(folder, text, home) == path


def test_roots_reach_and_problems() -> None:
    graph = Graph(
        {
            "top": Node(folder="top", parsed=None, bases=("base", "remote:x/y")),
            "base": Node(folder="base", parsed=None, bases=("deep",)),
            "deep": Node(folder="deep", parsed=None, problems=("deep/k.yaml:1: broken",)),
            "alone": Node(folder="alone", parsed=None, bases=("alone",)),
            "remote:x/y": Node(folder="remote:x/y", parsed=None),
        }
    )
    assert graph.local == ("alone", "base", "deep", "top")
    assert graph.roots == ("alone", "top")
    assert graph.reached("top") == {"top", "base", "deep", "remote:x/y"}
    assert graph.problems("deep") == ("deep/k.yaml:1: broken",)
    assert graph.problems("top") == ("deep/k.yaml:1: broken (reached through deep)",)
