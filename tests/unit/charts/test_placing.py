"""Values in the places that a specification names: what stands beside a text counts as it is with no value set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from buildkit.charts.marks import Namespace, Text, Tree, Word
from buildkit.charts.namespaces import NamespaceMarker
from buildkit.charts.placing import Placing
from buildkit.charts.rewriting import mark_whole, plain_text
from buildkit.charts.spec import About, ChartSpec, NamespaceText, Profile, SpecValue, Spot

KEY = ("", "ConfigMap", "land", "a")


def spec(*values: SpecValue) -> ChartSpec:
    return ChartSpec(
        about=About(name="app", description="-", home="https://app.example"),
        app_version="x",
        component="x",
        namespace="land",
        release="app",
        profiles=(Profile(name="plain", path="app"),),
        default="plain",
        values=values,
    )


def value(name: str, text: str, before: str = "", after: str = "") -> SpecValue:
    spot = Spot(object="**", text=text, before=before, after=after)
    return SpecValue(name=name, kind="string", description="-", sample="x", at=(spot,))


HOST, PORT, NAME = (
    value("db.host", "db", after=":3306"),
    value("db.port", "3306", before=":", after="/"),
    value("db.name", "land", before=":3306/"),
)
MARKED = Text(
    (Word("db.host", "string", "db"), ":", Word("db.port", "string", "3306"), "/", Word("db.name", "string", "land"))
)


def placed(*values: SpecValue) -> tuple[Tree, list[str]]:
    placing = Placing(spec(*values))
    body = placing.place(KEY, {"data": {"url": "db:3306/land"}})
    return cast("Mapping[str, Tree]", body["data"])["url"], [message for message, _ in placing.unplaced()]


def test_a_text_beside_another_that_a_value_has_taken_is_found_in_any_order() -> None:
    assert placed(HOST, PORT, NAME) == (MARKED, [])
    assert placed(NAME, PORT, HOST) == (MARKED, [])


def test_a_place_that_is_taken_or_not_there_is_told() -> None:
    again = value("db.again", "3306")
    assert placed(PORT, again)[1] == ["db.again: no profile has `3306` anywhere in **"]
    assert placed(PORT, value("db.other", "nothing"))[1] == ["db.other: no profile has `nothing` anywhere in **"]


def test_marks_go_where_the_whole_text_says_and_nowhere_into_other_marks() -> None:
    mark = Namespace("ns")
    text = Text(("a", Word("v", "string", "bc"), "d"))
    assert plain_text(text) == "abcd"
    assert mark_whole(text, [(0, 1, mark), (1, 3, mark), (2, 4, mark)]) == Text((mark, *text.pieces[1:]))
    assert mark_whole(text, [(1, 2, mark), (0, 4, mark)]) is text
    assert mark_whole("abcd", []) == "abcd"


def marked(tree: Tree, *rules: NamespaceText) -> tuple[Tree, set[tuple[str, str, str]]]:
    marker = NamespaceMarker(namespace="land", rules=rules)
    return marker.mark(KEY, {"data": {"a": tree}})["data"]["a"], marker.unsaid  # type: ignore[call-overload, index]


def follow(text: str, path: str = "") -> NamespaceText:
    return NamespaceText(text=text, object="**", path=path, follow=True, reason="")


def test_the_namespace_in_what_a_value_stands_for_is_read_with_what_is_around_it() -> None:
    name = Word("db.name", "string", Text((Namespace("land"),)))
    assert marked(MARKED, follow(":3306/{namespace}")) == (Text((*MARKED.pieces[:-1], name)), set())
    assert marked(MARKED, follow(":3307/{namespace}"))[1] == {("ConfigMap/a", "data.a", "db:3306/land")}


def test_the_namespace_alone_is_a_whole_value_or_any_word_at_its_path() -> None:
    alone, within = Text((Namespace("land"),)), Text(("a ", Namespace("land")))
    assert marked("land", follow("{namespace}")) == (alone, set())
    assert marked("a land", follow("{namespace}")) == ("a land", {("ConfigMap/a", "data.a", "a land")})
    assert marked("a land", follow("{namespace}", "data.a")) == (within, set())
