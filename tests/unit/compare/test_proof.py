"""Differences told into what was intended, with what follows from it, and the rest."""

from __future__ import annotations

from buildkit.compare.comparison import ABSENT, Comparison, Difference
from buildkit.compare.proof import Change, merge_changes, sort_differences

OLD, NEW = "sha256:old", "sha256:new"
POD, MAP, SECRET = "apps/v1/Deployment/ns/web", "v1/ConfigMap/ns/cfg-", "v1/Secret/ns/key-"
A, B, C = "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"


def intended(one: Difference) -> bool:
    return isinstance(one.a, str) and one.b == one.a.replace(OLD, NEW) != one.a


def image(holder: str = POD, path: str = "spec.image") -> Difference:
    return Difference(object=holder, path=path, a=f"x@{OLD}", b=f"x@{NEW}")


def reference(text: str = "{}", old: str = f"cfg-{A}", new: str = f"cfg-{B}", holder: str = POD) -> Difference:
    return Difference(object=holder, path="spec.ref", a=text.format(old), b=text.format(new))


def renamed(*pairs: tuple[str, str], inside: tuple[Difference, ...] = ()) -> Comparison:
    return Comparison(
        only_a=tuple(a for a, _ in pairs),
        only_b=tuple(b for _, b in pairs),
        renamed=pairs,
        differences=inside,
    )


MAPS = (MAP + A, MAP + B)


def test_what_was_asked_for_is_told_from_the_rest() -> None:
    other = Difference(object=POD, path="spec.replicas", a=1, b=2)
    heaps = sort_differences(Comparison(differences=(image(), other)), intended)
    assert (heaps.changed, heaps.unintended) == ((image(),), (other,))


def test_a_hash_suffix_and_the_references_to_it_follow_from_an_intended_change_inside() -> None:
    heaps = sort_differences(renamed(MAPS, inside=(image(MAPS[0], "data.a"), reference())), intended)
    assert heaps.unintended == ()
    assert Difference(object=MAPS[0], path="metadata.name", a=f"cfg-{A}", b=f"cfg-{B}") in heaps.changed
    assert reference() in heaps.changed


def test_a_renamed_object_with_no_change_inside_is_not_intended() -> None:
    heaps = sort_differences(renamed(MAPS, inside=(reference(),)), intended)
    assert heaps.changed == ()
    assert {one.path for one in heaps.unintended} == {"metadata.name", "spec.ref"}


def test_one_unintended_change_inside_makes_the_new_name_and_its_references_unintended() -> None:
    inside = (image(MAPS[0], "data.a"), Difference(object=MAPS[0], path="data.b", a="1", b="2"), reference())
    heaps = sort_differences(renamed(MAPS, inside=inside), intended)
    assert [one.path for one in heaps.changed] == ["data.a"]
    assert {one.path for one in heaps.unintended} == {"data.b", "metadata.name", "spec.ref"}


def test_an_object_renamed_for_a_reference_alone_is_as_good_as_what_it_refers_to() -> None:
    secrets = (SECRET + C, SECRET + A)
    follows = reference(holder=secrets[0])
    good = sort_differences(renamed(MAPS, secrets, inside=(image(MAPS[0], "data.a"), follows)), intended)
    assert good.unintended == ()
    bad = sort_differences(renamed(MAPS, secrets, inside=(follows,)), intended)
    assert bad.changed == ()


def test_objects_renamed_for_references_to_each_other_have_no_cause() -> None:
    secrets = (SECRET + C, SECRET + A)
    around = (
        reference(holder=secrets[0]),
        reference(old=f"key-{C}", new=f"key-{A}", holder=MAPS[0]),
    )
    assert sort_differences(renamed(MAPS, secrets, inside=around), intended).changed == ()


def test_a_name_is_followed_as_a_whole_only() -> None:
    inside = (image(MAPS[0], "data.a"),)
    for text in ("{}", "/etc/{}/x", "see {}."):
        assert not sort_differences(renamed(MAPS, inside=(*inside, reference(text))), intended).unintended, text
    for text in ("x{}", "x-{}", "{}x", "{}-x", "{}.ns.svc"):
        assert sort_differences(renamed(MAPS, inside=(*inside, reference(text))), intended).unintended, text


def test_a_text_may_hold_a_reference_and_an_intended_change() -> None:
    both = Difference(object=POD, path="spec.text", a=f"cfg-{A} {OLD}", b=f"cfg-{B} {NEW}")
    heaps = sort_differences(renamed(MAPS, inside=(image(MAPS[0], "data.a"), both)), intended)
    assert heaps.unintended == ()


def test_names_that_several_namespaces_share_are_followed_in_each() -> None:
    here, there = (MAP + A, MAP + B), (f"v1/ConfigMap/other/cfg-{A}", f"v1/ConfigMap/other/cfg-{C}")
    inside = (
        image(here[0], "data.a"),
        image(there[0], "data.a"),
        reference(),
        reference(new=f"cfg-{C}", holder="apps/v1/Deployment/other/web"),
    )
    assert sort_differences(renamed(here, there, inside=inside), intended).unintended == ()


def test_objects_that_come_or_go_are_not_intended() -> None:
    heaps = sort_differences(Comparison(only_a=("v1/Pod/-/a",), only_b=("v1/Pod/-/b",)), intended)
    assert heaps.unintended == (
        Difference(object="v1/Pod/-/a", path="", a=None, b=ABSENT),
        Difference(object="v1/Pod/-/b", path="", a=ABSENT, b=None),
    )


def test_a_duplicate_counts_unless_it_was_there_before() -> None:
    found = Comparison(duplicates=("v1/Pod/-/a", "v1/Pod/-/b"))
    heaps = sort_differences(found, intended, doubled=("v1/Pod/-/a",))
    assert [one.object for one in heaps.unintended] == ["v1/Pod/-/b"]


def test_equal_changes_of_several_kustomizations_are_one() -> None:
    other = Difference(object=POD, path="spec.image", a=ABSENT, b={"b": 1, "a": [None]})
    changes = merge_changes([("two", image()), ("one", image()), ("two", other)])
    assert changes == (
        Change(kustomizations=("two",), object=POD, path="spec.image", a=ABSENT, b={"b": 1, "a": [None]}),
        Change(kustomizations=("one", "two"), object=POD, path="spec.image", a=f"x@{OLD}", b=f"x@{NEW}"),
    )


def test_null_and_absence_are_two_changes() -> None:
    null = Difference(object=POD, path="x", a=None, b=1)
    absent = Difference(object=POD, path="x", a=ABSENT, b=1)
    assert len(merge_changes([("one", null), ("one", absent)])) == 2
