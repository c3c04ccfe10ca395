"""Which values a chart has."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from buildkit.charts.marking import Marked
from buildkit.charts.spec import SpecValue
from buildkit.charts.values import Value, values_of
from buildkit.charts.values_files import nest, values_schema
from tests.support.chart_parts import marked, spec

RENDER = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: my-db, namespace: kubeflow}
spec:
  replicas: 2
  template: {spec: {containers: [{name: db, image: "mysql:8"}, {name: side-car}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: []}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files, namespace: kubeflow}
spec: {accessModes: []}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {host: mysql}
"""
OWN = SpecValue(name="db.host", kind="string", description="Host.", sample="h", pattern=".*")
PORT = SpecValue(name="db.port", kind="integer", description="Port.", sample=3307)


def values(render: str = RENDER, **changes: object) -> dict[str, Value]:
    found: Marked = marked(render, ("mysql:8",), **changes)
    return {one.path: one for one in values_of(found, spec("one", **changes))}


def test_a_chart_has_the_usual_values_for_what_is_in_it() -> None:
    assert list(values()) == [
        "global.imageRegistry", "global.imagePullPolicy", "global.imagePullSecrets", "namespace.create", "data.keep",
        "images.mysql.registry", "images.mysql.repository", "images.mysql.tag", "images.mysql.digest",
        "workloads.myDb.replicas", "workloads.myDb.resources", "workloads.myDb.env", "workloads.myDb.nodeSelector",
        "workloads.myDb.tolerations", "workloads.myDb.affinity", "workloads.myDb.sidecars.sideCar.resources",
        "workloads.myDb.sidecars.sideCar.env", "storage.files.size", "storage.files.className",
        "storage.myDbData.size", "storage.myDbData.className",
    ]  # fmt: skip


def test_values_of_what_a_chart_lacks_it_has_not() -> None:
    assert "crds.enabled" not in values()
    definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b}\n"
    assert {"crds.enabled", "crds.keep"} <= values(definition).keys()
    assert "data.keep" in values(definition)  # the namespace can be kept


def test_the_specifications_values_come_last_and_a_reader_sees_what_kustomize_has() -> None:
    found = values(values=(OWN,))
    assert list(found)[-1] == "db.host"
    assert found["workloads.myDb.replicas"].shown == "2"


def test_every_sample_fits_its_schema_and_differs_from_the_default() -> None:
    found = values(values=(OWN,))
    schema = json.loads(values_schema(spec("one").profiles, list(found.values())))
    for path, one in found.items():
        assert one.sample != one.default
        whole = nest({**{other: value.default for other, value in found.items()}, path: one.sample})
        jsonschema.validate({**whole, "profile": "one"}, schema)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("images.mysql.tag", "a b"), ("images.mysql.digest", "sha256:1"), ("images.mysql.repository", "A"),
        ("images.mysql.registry", "https://x"), ("global.imagePullPolicy", "always"),
        ("global.imagePullSecrets", [""]), ("global.imagePullSecrets", ["a", "a"]), ("workloads.myDb.replicas", -1),
        ("workloads.myDb.replicas", "1"), ("workloads.myDb.replicas", 2**31), ("workloads.myDb.env", [{"value": "x"}]),
        ("workloads.myDb.resources", {"limit": {}}), ("storage.files.size", "1 Gi"), ("storage.files.className", "A"),
        ("data.keep", None), ("db.host", "a\nb"), ("db.host", " a"), ("db.host", "a\x85"), ("db.host", "a "),
        ("workloads.myDb.resources", {"limits": "1Gi"}), ("workloads.myDb.resources", {"requests": ["1Gi"]}),
        ("images.mysql.registry", "x/"), ("global.imageRegistry", "mirror/a/"), ("global.imageRegistry", "m//a"),
        ("db.port", -1), ("workloads.myDb.replica", 1), ("workloads", None), ("workloads.myDb", None),
        ("profile", "two"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused(path: str, wrong: object) -> None:
    found = values(values=(OWN, PORT))
    schema = json.loads(values_schema(spec("one").profiles, list(found.values())))
    whole = {**nest({other: one.default for other, one in found.items()}), "profile": "one"}
    jsonschema.validate(whole, schema)
    *heads, last = path.split(".")
    place = whole
    for step in heads:
        place = place[step]
    place[last] = wrong
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(whole, schema)
    del place[last]
    if last in {"profile", "workloads", "myDb", "keep"}:
        with pytest.raises(jsonschema.ValidationError, match="required"):
            jsonschema.validate(whole, schema)


def test_patterns_hold_whole_values() -> None:
    for one in values(values=(OWN,)).values():
        pattern = one.schema.get("pattern")
        assert pattern is None or re.fullmatch(r"\^.*\$", pattern)
