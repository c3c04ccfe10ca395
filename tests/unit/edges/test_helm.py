from __future__ import annotations

import pytest

from buildkit.edges.charts import check_schema
from buildkit.edges.helm_run import split_messages
from buildkit.errors import UndeterminedError

LINK = 'level=INFO msg="found symbolic link in path. Contents of linked file included and used" path=/a resolved=/b\n'
WARN = 'level=WARN msg="missing \\"required\\" value" key=color\n'


def test_warnings_and_the_error_are_told_apart() -> None:
    warnings, error = split_messages(
        f"{LINK}{WARN}{WARN}coalesce.go:1: warning: cannot overwrite\n"
        "Error: demo/templates/x.yaml:5:15\n  at <.a>:\n\nUse --debug flag to render out invalid YAML\n"
    )
    assert warnings == ("coalesce.go:1: warning: cannot overwrite", 'missing "required" value key=color')
    assert error == "demo/templates/x.yaml:5:15\n  at <.a>:"


@pytest.mark.parametrize(("text", "result"), [("", ((), "")), (LINK, ((), "")), ("Error: x\n", ((), "x"))])
def test_messages_of_one_kind(text: str, result: tuple[tuple[str, ...], str]) -> None:
    assert split_messages(text) == result


@pytest.mark.parametrize(
    "schema",
    [
        '{"$ref": "#/definitions/a", "$id": "https://example.invalid/a"}',
        '{"$schema": "http://json-schema.org/draft-07/schema#"}',
        '{"properties": {"$ref": {"type": "string"}}}',
        '\ufeff{"type": "object"}',
        "true",
    ],
)
def test_schemas_that_stay_in_their_file(schema: str) -> None:
    check_schema("values.schema.json", schema.encode())


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ('{"$ref": "other.json"}', "refers to other.json"),
        ('{"$ref": ""}', "refers to"),
        ('{"allOf": [[{"$dynamicRef": "HTTP://a"}]]}', "refers to HTTP://a"),
        ('{"$ref": "//json-schema.org/x"}', "refers to //json-schema.org/x"),
        ('{"$ref": "http://json-schema.org.example.invalid/"}', "refers to http://json-schema.org.example"),
        ("[" * 100_000, "no JSON"),
        ('{"a": 1} x', "no JSON"),
    ],
)
def test_schemas_that_do_not(schema: str, why: str) -> None:
    with pytest.raises(UndeterminedError, match=why):
        check_schema("values.schema.json", schema.encode())
