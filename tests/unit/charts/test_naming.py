"""Names of values."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.naming import camel, image_names, object_names, repository_of

STEP = re.compile(r"[a-zA-Z][A-Za-z0-9]*")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("katib-controller",), "katibController"),
        (("UI",), "uI"),
        (("a.b_c",), "aBC"),
        (("3scale",), "n3scale"),
        (("web", "Deployment"), "webDeployment"),
        (("",), "unnamed"),
        (("--",), "unnamed"),
        (("é",), "unnamed"),
    ],
)
def test_a_name_is_in_camel_case_and_begins_with_a_letter(words: tuple[str, ...], name: str) -> None:
    assert camel(*words) == name


def test_an_image_is_named_after_the_last_part_of_its_repository() -> None:
    names = image_names(["ghcr.io/kubeflow/katib/katib-ui:v1", "mysql:8", "mysql:9"], {})
    assert names == {"ghcr.io/kubeflow/katib/katib-ui": "katibUi", "docker.io/library/mysql": "mysql"}


def test_images_alike_by_their_last_part_are_told_apart_by_more_of_it() -> None:
    assert image_names(["a.io/x/web", "a.io/y/web", "other"], {}) == {
        "a.io/x/web": "xWeb",
        "a.io/y/web": "yWeb",
        "docker.io/library/other": "other",
    }


def test_a_name_that_the_specification_gives_counts_however_the_repository_is_written() -> None:
    assert image_names(["mysql:8"], {"mysql": "db"}) == {"docker.io/library/mysql": "db"}
    assert image_names(["x/db", "mysql"], {"docker.io/library/mysql": "db"})["docker.io/x/db"] == "xDb"


def test_images_that_no_part_tells_apart_get_numbers() -> None:
    names = image_names(["a.io/x-y", "a.io/x_y", "a.io/x.y"], {})
    assert sorted(names.values()) == ["aIoXY", "aIoXY2", "aIoXY3"]


def test_what_is_no_reference_names_no_image() -> None:
    assert image_names(["https://a/b", "", "UPPER CASE"], {}) == {}
    assert repository_of("a b") == ""


def test_objects_alike_by_name_are_told_apart_by_kind_and_then_by_namespace() -> None:
    web = ("apps", "Deployment", "a", "web")
    again = ("apps", "Deployment", "b", "web")
    claim = ("", "PersistentVolumeClaim", "a", "web")
    alone = ("apps", "Deployment", "a", "db")
    assert object_names([web, again, claim, alone]) == {
        web: "aWebDeployment",
        again: "bWebDeployment",
        claim: "webPersistentVolumeClaim",
        alone: "db",
    }


words = st.sampled_from(("a", "a-b", "a.b", "ab", "1", "", "A"))


@given(st.lists(st.tuples(words, st.sampled_from(("Job", "Deployment")), words, words), max_size=8))
def test_every_object_gets_a_name_of_its_own(keys: list[tuple[str, str, str, str]]) -> None:
    names = object_names(keys)
    assert names.keys() == set(keys)
    assert len(set(names.values())) == len(names)
    assert all(STEP.fullmatch(name) for name in names.values())


@given(st.lists(st.lists(st.sampled_from(("a", "a-b", "a.b", "a_b", "b")), min_size=1, max_size=3).map("/".join)))
def test_every_image_gets_a_name_of_its_own(references: list[str]) -> None:
    names = image_names(references, {})
    assert len(set(names.values())) == len(names) == len({repository_of(one) for one in references})
