"""JSON documents: `{"schema": "kfkit/<report>/v1", …}`, the same bytes for the same answers.

A key without a value is left out, lists are always there (DESIGN.md, "JSON"). Field names are the dataclasses'. The
two sides of a difference, `a` and `b`, are values of the tree's own: null is one of them; an absent side has no key.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

_SIDES: Final = frozenset({"a", "b"})


def without_nulls(value: Any) -> Any:
    """`value` (msgspec builtins) without the keys that have no value."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if item is not None or key in _SIDES}
        return {key: item if key in _SIDES else without_nulls(item) for key, item in kept.items()}
    if isinstance(value, list | tuple):
        return [without_nulls(item) for item in value]
    return value


def encode(schema: str, document: object) -> bytes:
    """One JSON document ending in a newline; `schema` is the report's short name ("images")."""
    body = without_nulls(msgspec.to_builtins(document))
    head = {"schema": f"kfkit/{schema}/v1"}
    return msgspec.json.format(msgspec.json.encode({**head, **body}), indent=1) + b"\n"


def json_schema(schema: str, document: type) -> bytes:
    """The JSON schema (2020-12) of a document, from its dataclass; optional keys are absent, never null."""
    (root,), definitions = msgspec.json.schema_components([document], ref_template="#/$defs/{name}")
    name = root["$ref"].rsplit("/", 1)[-1]
    definitions = {key: _without_null(value) for key, value in definitions.items()}
    body = definitions.pop(name)
    properties = {"schema": {"const": f"kfkit/{schema}/v1"}, **body["properties"]}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **body,
        "properties": properties,
        "required": ["schema", *body.get("required", [])],
        "$defs": definitions,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _without_null(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    cleaned = {key: _without_null(value) for key, value in schema.items() if not (key == "default" and value is None)}
    if "anyOf" in cleaned:
        rest = [choice for choice in cleaned.pop("anyOf") if choice != {"type": "null"}]
        cleaned = {**cleaned, **rest[0]} if len(rest) == 1 else {**cleaned, "anyOf": rest}
    if isinstance(cleaned.get("properties"), dict):
        cleaned["additionalProperties"] = False
    return cleaned
