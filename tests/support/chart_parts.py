"""Small specifications, renders and marked objects for tests of charts."""

from __future__ import annotations

import dataclasses
from typing import Any

from buildkit.charts.marking import Marked, mark
from buildkit.charts.marks import Condition, MarkedObject, Tree
from buildkit.charts.spec import About, ChartSpec, Profile
from buildkit.compare.objects import Object, Text, read_objects

NAMESPACE = "kubeflow"


def spec(*profiles: str, **changes: Any) -> ChartSpec:
    names = profiles or ("one",)
    made = ChartSpec(
        about=About(name="demo", description="A demo.", home="https://example.org"),
        app_version="ghcr.io/kubeflow/web",
        component="applications/demo",
        namespace=NAMESPACE,
        release="demo",
        profiles=tuple(Profile(name=name, path=f"installs/{name}") for name in names),
        default=names[0],
    )
    return dataclasses.replace(made, **changes)


def read(text: str) -> tuple[Object, ...]:
    return read_objects(Text("render", text))


def marked(renders: dict[str, str] | str, references: tuple[str, ...] = (), **changes: Any) -> Marked:
    """Mark renders by profile; one text is the only profile's."""
    texts = {"one": renders} if isinstance(renders, str) else renders
    return mark({name: read(text) for name, text in texts.items()}, references, spec(*texts, **changes))


def thing(name: str, held: Tree, conditions: tuple[Condition, ...] = ()) -> MarkedObject:
    body: dict[str, Tree] = {"apiVersion": "test/v1", "kind": "Thing", "metadata": {"name": name}, "held": held}
    return MarkedObject(key=("test", "Thing", "", name), body=body, conditions=conditions)
