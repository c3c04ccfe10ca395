"""What the finder's tests share: objects written as YAML, findings as short tuples."""

from __future__ import annotations

import functools
import textwrap
from importlib.resources import files

from buildkit.images.finder import find
from buildkit.images.found import Found
from buildkit.images.knowledge import Knowledge, parse_knowledge
from buildkit.model.documents import parse_documents


@functools.cache
def knowledge() -> Knowledge:
    return parse_knowledge(
        files("buildkit").joinpath("data/kubeflow.yaml").read_text(encoding="utf-8"), "kubeflow.yaml"
    )


def found(*documents: str) -> list[Found]:
    """Everything found in a render of these documents."""
    text = "\n---\n".join(textwrap.dedent(one).strip("\n") for one in documents) + "\n"
    return list(find(parse_documents(text), knowledge()))


def places(*documents: str) -> list[tuple[str, str, str]]:
    """Path, text and how of everything found."""
    return [(one.path, one.text, one.how) for one in found(*documents)]


def texts(*documents: str) -> list[str]:
    return sorted({one.text for one in found(*documents)})


def config_map(**data: str) -> str:
    """A ConfigMap with these values, each as a block scalar; `__` in a key stands for a dot."""
    rows = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: c, namespace: n}", "data:"]
    for key, value in data.items():
        rows += [f"  {key.replace('__', '.')}: |-", textwrap.indent(textwrap.dedent(value).strip("\n"), "    ")]
    return "\n".join(rows)


def deployment(container: str, more: str = "") -> str:
    """A Deployment with one container; `container` and `more` (of the pod spec) are YAML."""
    body = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: n}\nspec:\n  template:\n    spec:\n"
    inner = textwrap.indent(textwrap.dedent(container).strip("\n"), " " * 8)
    body += "      containers:\n      - name: main\n" + inner + "\n"
    return body + textwrap.indent(textwrap.dedent(more).strip("\n"), " " * 6)


def custom(spec: str, kind: str = "Widget", api: str = "example.org/v1") -> str:
    """A custom resource; `spec` is YAML."""
    head = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: w, namespace: n}}\nspec:\n"
    return head + textwrap.indent(textwrap.dedent(spec).strip("\n"), "  ")
