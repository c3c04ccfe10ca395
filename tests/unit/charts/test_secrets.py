"""Text behind the base64 of a Secret's data: marked like any other, and left alone where nothing is in it."""

from __future__ import annotations

import base64
from typing import Any

from buildkit.charts.evaluation import evaluate
from buildkit.charts.marks import Text
from buildkit.charts.spec import NamespaceText
from tests.support.chart_parts import marked

FOLLOW = (NamespaceText(text=".{namespace}.svc", follow=True),)
IMAGE = "quay.io/zoo/worker:v1.2"


def secret(**texts: str) -> str:
    data = "".join(f"  {name}: {coded(text)}\n" for name, text in texts.items())
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: kubeflow}}\ndata:\n{data}"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def data(text: str, values: dict[str, Any], namespace: str = "kubeflow") -> Any:
    found = marked(text, (IMAGE,), namespace_text=FOLLOW)
    assert found.problems == ()
    return evaluate(found.profiles["one"], values, namespace)[0]["data"]


def test_the_namespace_follows() -> None:
    text = secret(url="http://api.kubeflow.svc:80/")
    assert data(text, {}) == {"url": coded("http://api.kubeflow.svc:80/")}
    assert data(text, {}, "park") == {"url": coded("http://api.park.svc:80/")}


def test_an_image_value_reaches_it() -> None:
    text = secret(env=f"IMAGE={IMAGE}\n")
    assert data(text, {"images": {"worker": {"tag": "v2"}}}) == {"env": coded("IMAGE=quay.io/zoo/worker:v2\n")}


def test_a_namespace_that_nobody_speaks_of_is_told() -> None:
    (problem,) = marked(secret(url="kubeflow/x")).problems
    assert problem.message.startswith("Secret/s: data.url: `kubeflow/x` names the namespace")


def test_what_names_nothing_or_is_no_text_stays_as_it_is() -> None:
    text = secret(plain="hello").replace("data:\n", "data:\n  bytes: //4A\n")
    body = marked(text).profiles["one"][0].body["data"]
    assert body == {"bytes": "//4A", "plain": coded("hello")}
    assert not any(isinstance(value, Text) for value in body.values())
