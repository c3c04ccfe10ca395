"""`values.yaml` and its schema."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from buildkit.charts.spec import Profile
from buildkit.charts.values import Value
from buildkit.charts.values_files import defaults, nest, values_schema, values_yaml

PROFILES = (Profile(name="one", path="a", description="The one."), Profile(name="two", path="b/two"))
VALUES = (
    Value(path="global.x", kind="string", description="An x.", sample="s", default=""),
    Value(
        path="images.web.tag", kind="string", description="Its tag.", sample="s", default="", heading="a:1", known=True
    ),
    Value(path="workloads.web.replicas", kind="integer", description="Replicas.", sample=1, shown="2", known=True),
    Value(path="crds.keep", kind="boolean", description="Kept.", sample=True, default=False),
    Value(path="own.list", kind="array", description="A\x85list\x1b[31m.", sample=[1], default=[]),
)


def test_values_yaml_says_what_each_value_is_and_what_kustomize_has() -> None:
    text = values_yaml("demo", PROFILES, "one", VALUES)
    assert "# one: The one.\n# two: b/two\nprofile: one\n" in text
    assert '  # An x.\n  x: ""\n' in text
    assert '  # a:1\n  web:\n    tag: ""\n' in text
    assert "    # Kustomize has: 2.\n    replicas: null\n" in text
    assert "  # A list?[31m.\n  list: []\n" in text


def test_values_yaml_reads_back_as_the_defaults() -> None:
    assert yaml.safe_load(values_yaml("demo", PROFILES, "one", VALUES)) == defaults("one", VALUES)


def test_the_schema_knows_every_value_and_no_other() -> None:
    schema = json.loads(values_schema(PROFILES, VALUES))
    assert schema["properties"]["profile"]["enum"] == ["one", "two"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["workloads"]["properties"]["web"]["properties"]["replicas"]["type"] == [
        "integer",
        "null",
    ]
    assert schema["required"] == ["profile", "global", "images", "workloads", "crds", "own"]
    assert schema["properties"]["crds"]["required"] == ["keep"]


def test_a_chart_without_values_for_all_still_takes_what_its_parent_has_for_all() -> None:
    schema = json.loads(values_schema(PROFILES, VALUES[3:4]))
    assert schema["properties"]["global"] == {"type": "object"}


def test_a_parent_chart_may_say_enabled_and_hand_on_a_global_of_others_and_nothing_else() -> None:
    schema = json.loads(values_schema(PROFILES, VALUES))
    good = {**defaults("one", VALUES), "enabled": True, "global": {"x": "", "storageClass": "fast"}}
    jsonschema.validate(good, schema)
    for wrong in ({"enabled": "yes"}, {"other": 1}, {"crds": {"keep": True, "other": 1}}, {"global": {"x": 1}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, **wrong}, schema)


def test_dotted_paths_are_nested() -> None:
    assert nest({"a.b.c": 1, "a.d": 2, "e": 3}) == {"a": {"b": {"c": 1}, "d": 2}, "e": 3}
