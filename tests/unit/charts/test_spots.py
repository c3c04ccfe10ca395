"""Globs of objects and paths, and words in texts."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.marks import ABSENT, Hashed, Image, Namespace, Setting, Text, Tree, Word
from buildkit.charts.spec import Spot
from buildkit.charts.spots import (
    GlobError,
    Steps,
    check_object_glob,
    check_path_glob,
    find_paths,
    object_matches,
    path_matches,
    path_steps,
    path_text,
    spans,
    wild,
)

DEPLOYMENT = ("apps", "Deployment", "kubeflow", "katib-db-manager")
SECRET = ("", "Secret", "kubeflow", "katib-mysql-secrets")
CA = 'annotations["cert-manager.io/inject-ca-from"]'
CONTAINERS: Tree = {
    "spec": {
        "containers": [
            {"name": "web", "env": [{"name": "DB_HOST", "value": "mysql"}, {"name": "DB_PORT", "value": "3306"}]},
            {"name": Text(("side-", Namespace("kubeflow"))), "env": [{"name": "DB_HOST", "value": "other"}]},
        ]
    },
    "metadata": {"annotations": {"cert-manager.io/inject-ca-from": "kubeflow/katib"}},
}
_KEYS = st.text(st.sampled_from('abz09-_./" \\*[]=é'), max_size=6).filter(lambda key: not key.endswith("\\"))
_TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(_KEYS, below, max_size=4),
    max_leaves=20,
)


def found(glob: str, tree: Tree = CONTAINERS) -> list[str]:
    return [path_text(path) for path in find_paths(tree, glob)]


@pytest.mark.parametrize(
    ("glob", "key", "is_meant"),
    [
        ("apps/Deployment/katib-db-manager", DEPLOYMENT, True),
        ("apps/Deployment/katib-*", DEPLOYMENT, True),
        ("apps/*/*", DEPLOYMENT, True),
        ("*/Deployment/*-db-*", DEPLOYMENT, True),
        ("*/*/*", SECRET, True),
        ("**", SECRET, True),
        ("Secret/katib-mysql-*", SECRET, True),
        ("Secret/katib-mysql", SECRET, False),
        ("Deployment/katib-db-manager", DEPLOYMENT, False),
        ("apps/Deployment/katib-db", DEPLOYMENT, False),
        ("apps/Secret/katib-mysql-secrets", SECRET, False),
        ("rbac.authorization.k8s.io/ClusterRole/a:b", ("rbac.authorization.k8s.io", "ClusterRole", "", "a:b"), True),
    ],
)
def test_objects_are_named_by_group_kind_and_name(glob: str, key: tuple[str, str, str, str], is_meant: object) -> None:
    assert check_object_glob(glob) == glob
    assert object_matches(glob, key) is is_meant


@pytest.mark.parametrize(
    "glob",
    [
        "",
        "x",
        "/",
        "a/b/c/d",
        "//x",
        "/Secret/x",
        "apps//x",
        "apps/Deployment/",
        "apps/Deployment/**",
        "a b/C/d",
        "a/b-c/d",
    ],
)
def test_what_is_no_glob_of_objects_is_an_error(glob: str) -> None:
    with pytest.raises(GlobError, match="is no glob of objects"):
        object_matches(glob, DEPLOYMENT)


@pytest.mark.parametrize(
    ("glob", "paths"),
    [
        ("spec.containers[0].env[1].value", ["spec.containers[0].env[1].value"]),
        ("spec.containers[*].name", ["spec.containers[0].name", "spec.containers[1].name"]),
        ("spec.*[*].env[name=DB_HOST].value", ["spec.containers[0].env[0].value", "spec.containers[1].env[0].value"]),
        ("**[name=web].env[name=*].value", ["spec.containers[0].env[0].value", "spec.containers[0].env[1].value"]),
        ("spec.containers[name=side-*].name", ["spec.containers[1].name"]),
        ('**[name="DB_PORT"].value', ["spec.containers[0].env[1].value"]),
        ("**.containers[0].name", ["spec.containers[0].name"]),
        (f"metadata.{CA}", [f"metadata.{CA}"]),
        ('metadata.annotations["*/*"]', [f"metadata.{CA}"]),
        ("metadata.*", ["metadata.annotations"]),
        ("meta*.ann*s", ["metadata.annotations"]),
        ("spec.*", ["spec.containers"]),
        ("spec.containers.*", []),
        ("spec.containers", ["spec.containers"]),
        ("spec[0]", []),
        ("spec.containers[2]", []),
        ("spec.containers[name=nobody]", []),
        ("spec.containers[0][name=web]", []),
        ("spec.containers.0", []),
    ],
)  # fmt: skip
def test_paths_of_a_tree_are_found_in_its_order(glob: str, paths: list[str]) -> None:
    assert found(check_path_glob(glob)) == paths


def test_two_stars_are_any_number_of_steps_and_an_empty_glob_is_every_path() -> None:
    tree: Tree = {"a": {"b": [1]}, "c": "x"}
    assert found("**", tree) == ["", "a", "a.b", "a.b[0]", "c"]
    assert found("", tree) == found("**", tree) == found("**.**", tree)
    assert found("a.**", tree) == ["a", "a.b", "a.b[0]"]
    assert found("**.b", tree) == ["a.b"]
    assert found("a.**.b.**", tree) == ["a.b", "a.b[0]"]


def test_what_a_mark_holds_is_not_looked_into_and_its_default_names_an_element() -> None:
    items: list[Tree] = [
        {"n": Text((Word("db.host", "string", "m"), "-", Hashed("Secret", "s", "s-abc")))},
        {"n": Text((Image("x", "r/x:1"),))},
        {"n": Setting(("a",), "integer", 8080)},
        {"n": Setting(("a",), "object", {"n": 1})},
        {"n": Setting(("a",), "string", ABSENT)},
        {"n": True},
        {"n": ["x"]},
    ]
    wanted = {'[n="m-s-abc"]': 0, "[n=r/x:1]": 1, "[n=8080]": 2, "[n=true]": 5}
    assert {glob: path[0] for glob in wanted for path in find_paths(items, glob)} == wanted
    assert found("[*].n.**", items) == [f"[{number}].n" for number in range(6)] + ["[6].n", "[6].n[0]"]


@pytest.mark.parametrize(
    "glob",
    [
        ".", "a.", ".a", "a..b", "a[", "a[]", "a[-1]", "a[1", "a[x]", "a[x=]", "a[=x]", 'a["b]', "a.[0]", 'a.["b"]',
        "[0]b", "a b", "a.b***", "x**", "a | b", "a/b", "$", "a[0000000]", "a" * 501, "é", 'a["b\\"]',
    ],
)  # fmt: skip
def test_what_is_no_glob_of_paths_is_an_error(glob: str) -> None:
    with pytest.raises(GlobError):
        check_path_glob(glob)


def test_an_element_named_by_a_field_is_none_where_the_tree_is_not_given() -> None:
    path: Steps = ("spec", "containers", 0, "name")
    assert path_matches("spec.containers[*].name", path)
    assert path_matches("spec.containers[name=web].name", path, CONTAINERS)
    assert not path_matches("spec.containers[name=side-*].name", path, CONTAINERS)
    assert not path_matches("spec.containers[name=web].name", path)
    assert not path_matches("spec.containers[name=web].name", ("spec", "containers", 5, "name"), CONTAINERS)
    assert not path_matches("a[name=b]", ("a", 0), {"a": "text"})
    assert not path_matches("a[name=b]", ("a", 0), ["text"])


@given(_TREES)
def test_what_is_found_is_what_matches_and_each_path_names_itself_alone(tree: Tree) -> None:
    every = list(find_paths(tree, "**"))
    assert len(set(every)) == len(every)
    for glob in ("a", "*", "**.a", "[*]", "**[0]", "*.**.*", '["*"]'):
        assert list(find_paths(tree, glob)) == [path for path in every if path_matches(glob, path, tree)]
    for path in every:
        written = path_text(path)
        assert path_steps(written) == path
        if len(written) <= 500 and "*" not in written and written:
            assert list(find_paths(tree, written)) == [path]


@pytest.mark.parametrize("text", ["a.*", "a[*]", "a[x=y]", "**", "a b", "a."])
def test_a_glob_is_no_path(text: str) -> None:
    with pytest.raises(GlobError):
        path_steps(text)


@pytest.mark.parametrize(
    ("text", "spot", "words"),
    [
        ("mysql", Spot(object="**", text="mysql"), ["mysql"]),
        ("mysql:3306, mysql.svc", Spot(object="**", text="mysql"), ["mysql", "mysql"]),
        ("katib-mysql mysql-db mysqld _mysql mysql_", Spot(object="**", text="mysql"), []),
        ("éмysql/mysqlé", Spot(object="**", text="mysql"), ["mysql"]),
        ("a.kubeflow.svc kubeflow", Spot(object="**", text="kubeflow", before="a.", after=".svc"), ["kubeflow"]),
        ("xkubeflow", Spot(object="**", text="kubeflow", before="x"), ["kubeflow"]),
        ("kubeflow-x", Spot(object="**", text="kubeflow", after="-"), ["kubeflow"]),
        ("-kubeflow-x", Spot(object="**", text="kubeflow", after="-"), []),
        ("a.b", Spot(object="**", text="."), []),
        ("a . b", Spot(object="**", text="."), ["."]),
        ("(.*)", Spot(object="**", text=".*"), [".*"]),
        ("a, a", Spot(object="**", text="a, a"), ["a, a"]),
        ("", Spot(object="**", text="x"), []),
        ("any thing", Spot(object="**"), ["any thing"]),
        ("", Spot(object="**"), [""]),
    ],
)
def test_a_text_stands_as_a_word_of_its_own_or_beside_what_the_spot_says(
    text: str, spot: Spot, words: list[str]
) -> None:
    assert [text[start:end] for start, end in spans(text, spot)] == words


@given(st.text("ab-", max_size=30), st.text("ab-", min_size=1, max_size=3))
def test_words_do_not_overlap_and_are_in_order(text: str, word: str) -> None:
    places = spans(text, Spot(object="**", text=word, before="a"))
    assert all(text[start:end] == word and text[start - 1] == "a" for start, end in places)
    assert all(end <= later for (_, end), (later, _) in pairwise(places))


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_stars_stand_for_any_characters(glob: str, text: str) -> None:
    def slow(glob: str, text: str) -> bool:
        if not glob:
            return not text
        if glob[0] == "*":
            return any(slow(glob[1:], text[at:]) for at in range(len(text) + 1))
        return text[:1] == glob[0] and slow(glob[1:], text[1:])

    assert wild(glob, text) is slow(glob, text)


def test_hostile_globs_and_trees_take_no_time() -> None:
    start = time.monotonic()
    deep: Tree = "x"
    for _ in range(300):
        deep = {"a": [deep, "y"]}
    assert len(list(find_paths(deep, ".".join(["**", "*"] * 60)))) > 0
    wide = cast("Tree", {"a" * 50: {str(number): ["x"] for number in range(20_000)}})
    assert len(list(find_paths(wide, "**[*]"))) == 20_000
    assert not wild("*a" * 200 + "b", "a" * 400)
    assert spans("a" * 200_000, Spot(object="**", text="a" * 100)) == []
    with pytest.raises(GlobError):
        check_path_glob('["' + "\\" * 100_000)
    assert time.monotonic() - start < 10
