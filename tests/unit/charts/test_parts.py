"""Definitions apart from the rest, as many in a chart as one release of it has room for."""

from __future__ import annotations

import hashlib

from buildkit.charts.parts import split
from tests.support.chart_parts import marked, spec

THING = "---\napiVersion: test/v1\nkind: Thing\nmetadata: {name: x}\n"
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {name}
spec:
  group: b
  description: {text}
"""


def crd(name: str, kilobytes: int) -> str:
    """A definition of text that no packing makes smaller."""
    text = "".join(hashlib.sha256(f"{name}{number}".encode()).hexdigest() for number in range(kilobytes * 16))
    return f"---\n{CRD.format(name=name, text=text)}"


def test_all_objects_go_into_one_part_or_the_other() -> None:
    profiles = marked(crd("a.b", 1) + THING).profiles
    parts = split(spec(crds="chart"), profiles)
    assert [one.key[1] for one in parts["demo-crds"]["one"]] == ["CustomResourceDefinition"]
    assert len(parts["demo"]["one"]) + 1 == len(profiles["one"])


def test_where_definitions_stay_with_the_rest_there_is_one_part() -> None:
    profiles = marked(crd("a.b", 1) + THING).profiles
    assert split(spec(), profiles) == {"demo": profiles}


def test_definitions_that_are_too_large_for_one_release_get_more_charts() -> None:
    profiles = marked("".join(crd(f"{name}.b", 230) for name in "abcd")).profiles
    parts = split(spec(crds="chart"), profiles)
    found = {name: [one.key[3] for one in ones["one"] if one.key[1] != "Namespace"] for name, ones in parts.items()}
    assert found == {"demo": [], "demo-crds": ["a.b", "b.b"], "demo-crds-2": ["c.b", "d.b"]}


def test_a_specification_without_definitions_gets_no_chart_of_them() -> None:
    assert list(split(spec(crds="chart"), marked(THING).profiles)) == ["demo"]
