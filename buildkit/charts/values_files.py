"""`values.yaml` with comments, and the strict `values.schema.json`: no key that the chart does not know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from buildkit.charts.scalars import plain
from buildkit.charts.values import Value

if TYPE_CHECKING:
    from buildkit.charts.spec import Profile

_HEAD: Final = """\
# Values of the chart {chart}. With none of them set it renders to what Kustomize builds for the profile `{default}`.
# "", null, [] and {{}} mean: not set, as Kustomize has it. null is for single values: sections, `profile` and what is
# true or false here refuse it. Unknown keys are refused, but those in `global`, which helm hands to all charts.
"""
_TYPES: Final = {"string": "string", "integer": ["integer", "null"], "boolean": ["boolean", "null"], "array": "array"}
# What helm reads without rounding: its numbers are floats until a template takes them.
_LIMITS: Final[Mapping[str, Mapping[str, int]]] = {"integer": {"minimum": -(2**53), "maximum": 2**53}}
_ENABLED: Final = "What a parent chart's condition reads; nothing here depends on it."
_SECTIONS: Final = {
    "global": "For all images and pods.",
    "namespace": "",
    "crds": "Custom resource definitions.",
    "data": "",
    "images": "Images, by name. A part that is set reaches every place where the image stands, text in ConfigMaps\n"
    "# too; a tag drops the digest that Kustomize has, a digest stands behind the tag.",
    "workloads": "What makes pods. resources and env are those of the main container; the others are below sidecars.\n"
    "# What is set takes the place of what Kustomize has; only env adds to it, and no variable may stand there twice.",
    "storage": "Volume claims.",
}


def values_yaml(chart: str, profiles: Sequence[Profile], default: str, values: Sequence[Value]) -> str:
    """Write `values.yaml`."""
    lines = [_HEAD.format(chart=chart, default=default)]
    lines += [f"# {one.name}: {_line(one.description or one.path)}" for one in profiles]
    lines += [f"profile: {default}"]
    _section(_nested(values), 0, lines, ())
    return "\n".join(lines) + "\n"


def _section(tree: Mapping[str, Any], indent: int, lines: list[str], steps: tuple[str, ...]) -> None:
    pad = " " * indent
    for key, value in tree.items():
        if isinstance(value, Mapping):
            if indent == 0:
                lines.append("")
                if said := _SECTIONS.get(key):
                    lines.append(f"# {said}")
            first = next(iter(value.values()))
            if isinstance(first, Value) and first.heading:
                lines.append(f"{pad}# {_line(first.heading)}")
            lines.append(f"{pad}{key}:")
            _section(value, indent + 2, lines, (*steps, key))
            continue
        said = "" if value.known else value.description
        said += f" Kustomize has: {value.shown}." if value.shown else ""
        if said:
            lines.append(f"{pad}# {_line(said)}")
        written = json.dumps(value.default) if isinstance(value.default, list | dict) else plain(value.default)
        lines.append(f"{pad}{key}: {written}")


def _line(text: str) -> str:
    """Write a text so that a comment holds it."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))


def values_schema(profiles: Sequence[Profile], values: Sequence[Value]) -> str:
    """Write `values.schema.json` (JSON Schema, draft 7, the one that both majors of helm know)."""
    root: dict[str, Any] = {"$schema": "http://json-schema.org/draft-07/schema#", **_object(_nested(values))}
    names = [one.name for one in profiles]
    properties = {"profile": {"type": "string", "enum": names, "description": "Which install the chart renders as."}}
    root["properties"] = {**properties, **root["properties"]}
    root["required"] = ["profile", *root["required"]]
    # Of a dependency: what its parent's `condition` reads, and the one `global` that helm hands to all charts.
    root["properties"].setdefault("enabled", {"type": "boolean", "description": _ENABLED})
    root["properties"].setdefault("global", {"type": "object"}).pop("additionalProperties", None)
    return json.dumps(root, indent=2) + "\n"


def _object(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        # Templates rely on them; `null` takes a default away, and then says so here.
        "required": [
            key for key, value in tree.items() if isinstance(value, Mapping) or isinstance(value.default, bool)
        ],
        "properties": {
            key: _object(value) if isinstance(value, Mapping) else _leaf(value) for key, value in tree.items()
        },
    }


def _leaf(value: Value) -> dict[str, Any]:
    type_ = value.kind if isinstance(value.default, bool) else _TYPES.get(value.kind, value.kind)
    return {"type": type_, "description": value.description, **_LIMITS.get(value.kind, {}), **value.schema}


def _nested(values: Sequence[Value]) -> dict[str, Any]:
    """Values by the steps of their paths, those of one section together."""
    tree: dict[str, Any] = {}
    for value in values:
        *heads, last = value.path.split(".")
        place = tree
        for step in heads:
            place = place.setdefault(step, {})
        place[last] = value
    return tree


def nest(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted paths into nested mappings, as files of values have them."""
    tree: dict[str, Any] = {}
    for path, value in settings.items():
        *heads, last = path.split(".")
        place = tree
        for step in heads:
            place = place.setdefault(step, {})
        place[last] = value
    return tree


def defaults(default_profile: str, values: Sequence[Value]) -> dict[str, Any]:
    """Give what `values.yaml` holds."""
    return {"profile": default_profile, **nest({value.path: value.default for value in values})}
