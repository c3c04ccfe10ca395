from __future__ import annotations

import pytest

from buildkit.edges.charts import check_schema
from buildkit.edges.helm import lint_messages, stored_bytes
from buildkit.edges.helm_run import split_messages
from buildkit.errors import UndeterminedError

LINK = 'level=INFO msg="found symbolic link in path. Contents of linked file included and used" path=/a resolved=/b\n'
OLD_LINK = "walk.go:75: found symbolic link in path: /a resolves to /b. Contents of linked file included and used\n"
WARN = 'level=WARN msg="missing \\"required\\" value" key=color\n'


def test_warnings_and_the_error_are_told_apart() -> None:
    warnings, error = split_messages(
        f"{LINK}{WARN}{WARN}coalesce.go:1: warning: cannot overwrite\n"
        "Error: demo/templates/x.yaml:5:15\n  at <.a>:\n\nUse --debug flag to render out invalid YAML\n"
    )
    assert warnings == ("coalesce.go:1: warning: cannot overwrite", 'missing "required" value key=color')
    assert error == "demo/templates/x.yaml:5:15\n  at <.a>:"


@pytest.mark.parametrize(
    ("text", "result"), [("", ((), "")), (LINK, ((), "")), (OLD_LINK, ((), "")), ("Error: x\n", ((), "x"))]
)
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


LINTED = """==> Linting /tmp/x
[INFO] Chart.yaml: icon is recommended
[ERROR] templates/: template: x/templates/a.yaml:1:10: executing "a" at <b>:
  nil pointer

  evaluating b
[WARNING] Chart.yaml: version 'one'

Error: 1 chart(s) linted, 1 chart(s) failed
"""


def test_messages_of_a_lint_are_one_line_each() -> None:
    assert list(lint_messages(LINTED)) == [
        "[INFO] Chart.yaml: icon is recommended",
        '[ERROR] templates/: template: x/templates/a.yaml:1:10: executing "a" at <b>: nil pointer evaluating b',
        "[WARNING] Chart.yaml: version 'one' Error: 1 chart(s) linted, 1 chart(s) failed",
    ]
    assert list(lint_messages("1 chart(s) linted, 0 chart(s) failed")) == []


def release(first: str, last: str) -> bytes:
    info = f'"info":{{"first_deployed":"{first}","last_deployed":"{last}","status":"pending-install"}}'
    return f'{{"name":"x",{info},"manifest":"first_deployed"}}\n'.encode()


def test_the_size_of_a_release_does_not_depend_on_the_time() -> None:
    early, late = release("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), release("2031-02-03T04:05:06.7Z", "")
    assert stored_bytes(early) == stored_bytes(late)
    assert stored_bytes(early) % 4 == 0
    more = stored_bytes(early.replace(b"pending", b"somewhat longer"))
    assert stored_bytes(early) < more < stored_bytes(early) + 40
    with pytest.raises(UndeterminedError, match="something else"):
        stored_bytes(b"{}")
