"""Whole charts."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.about_files import Release
from buildkit.charts.chart import Chart, make_charts
from buildkit.charts.spec import SpecValue, Spot
from buildkit.charts.union import DuplicateError
from tests.support.chart_parts import marked, spec

RELEASE = Release(version="1.0.0", app_version="v1", source="26.03", platforms={})
CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b}\n"
THING = "---\napiVersion: test/v1\nkind: Thing\nmetadata: {name: t}\n"
SECRET = """---
apiVersion: v1
kind: Secret
metadata: {name: tls-m6h7bkm2dg, namespace: kubeflow}
type: kubernetes.io/tls
data: {tls.crt: YQ==, tls.key: Yg==}
"""
VALUE = SpecValue(
    name="tls.crt", kind="string", description="d", sample="s", at=(Spot(object="Secret/tls", path='data["tls.crt"]'),)
)


def charts(render: str | dict[str, str], **changes: Any) -> tuple[Chart, ...]:
    texts = {"one": render} if isinstance(render, str) else render
    return make_charts(spec(*texts, **changes), marked(texts, **changes), RELEASE)


def test_a_chart_is_its_files_in_order() -> None:
    (chart,) = charts(CRD + THING)
    assert list(chart.files) == [
        ".helmignore", "Chart.yaml", "README.md", "templates/NOTES.txt", "templates/_helpers.tpl",
        "templates/crds/a.b.yaml", "templates/namespace.yaml", "templates/thing.yaml", "values.schema.json",
        "values.yaml",
    ]  # fmt: skip
    assert chart.objects["templates/thing.yaml"] == ("test/Thing/t",)


def test_the_same_input_makes_the_same_bytes() -> None:
    assert charts(CRD + THING + SECRET) == charts(CRD + THING + SECRET)


def test_definitions_can_have_a_chart_of_their_own_with_just_their_values() -> None:
    main, crds = charts(CRD + THING, crds="chart")
    assert (main.name, crds.name) == ("demo", "demo-crds")
    assert [one.path for one in crds.values] == ["crds.enabled", "crds.keep"]
    assert not any(one.path.startswith("crds.") for one in main.values)
    assert "templates/crds/a.b.yaml" in crds.files
    assert "templates/crds/a.b.yaml" not in main.files
    assert "templates/NOTES.txt" not in crds.files


def test_a_generated_object_that_nothing_changes_keeps_its_name() -> None:
    (chart,) = charts(SECRET)
    assert "  name: tls-m6h7bkm2dg\n" in chart.files["templates/secret.yaml"]
    assert "hashedName" not in chart.files["templates/_helpers.tpl"]


def test_the_name_of_one_that_a_value_changes_is_computed() -> None:
    (chart,) = charts(SECRET, values=(VALUE,))
    text = chart.files["templates/secret.yaml"]
    assert text.startswith('{{- define "demo.secret.tls" -}}\n')
    assert '  name: {{ include "demo.secret.tls.name" . | quote }}\n' in text
    assert (
        'include "demo.hashedName" (list "Secret" "tls" (include "demo.secret.tls" .))'
        in (chart.files["templates/_helpers.tpl"])
    )


def test_generated_objects_of_one_stem_in_two_namespaces_have_templates_of_their_own() -> None:
    other = SECRET.replace("namespace: kubeflow", "namespace: other")
    (chart,) = charts(SECRET + other, values=(VALUE,))
    text = chart.files["templates/secret.yaml"]
    assert 'define "demo.secret.tls" -' in text
    assert 'define "demo.secret.other.tls" -' in text


def test_an_object_twice_is_refused() -> None:
    with pytest.raises(DuplicateError, match="two objects test/Thing/t"):
        charts(THING + THING)


def test_a_hook_tests_the_services_that_are_named_and_there() -> None:
    service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: NS}\nspec: {ports: [{port: 80}]}\n"
    (chart,) = charts(service.replace("NS", "kubeflow"), tested=("web", "gone"))
    assert "- name: web-80\n" in chart.files["templates/tests/connection.yaml"]
    (chart,) = charts(service.replace("NS", "other"), tested=("web",))
    assert "templates/tests/connection.yaml" not in chart.files
