"""What a chart says of itself."""

from __future__ import annotations

import yaml

from buildkit.charts.about_files import Release, chart_yaml, connection_test, notes, readme
from buildkit.charts.spec import About, Profile
from buildkit.charts.values import Value
from tests.support.chart_parts import spec

RELEASE = Release(
    version="1.2.3", app_version="v0.19.0", source="26.03", platforms={"a/b:1": ("linux/amd64", "linux/arm64")}
)
ABOUT = About(
    name="demo",
    description="A: demo # of on",
    home="https://example.org",
    sources=("https://example.org/s",),
    keywords=("on",),
    maintainers=(("Kube: flow", "https://example.org/m"),),
    icon="https://example.org/i.png",
    license="Apache-2.0",
)


def test_chart_yaml_reads_back() -> None:
    found = yaml.safe_load(chart_yaml(spec(about=ABOUT), RELEASE, {"web": ["a/b:1", "a/b:2"]}, "demo"))
    images = yaml.safe_load(found["annotations"].pop("artifacthub.io/images"))
    assert found == {
        "apiVersion": "v2", "name": "demo", "description": "A: demo # of on", "type": "application", "version": "1.2.3",
        "appVersion": "v0.19.0", "kubeVersion": ">=1.29.0-0", "home": "https://example.org",
        "icon": "https://example.org/i.png", "sources": ["https://example.org/s"], "keywords": ["on"],
        "maintainers": [{"name": "Kube: flow", "url": "https://example.org/m"}],
        "annotations": {"artifacthub.io/license": "Apache-2.0"},
    }  # fmt: skip
    assert images == [
        {"name": "web", "image": "a/b:1", "platforms": ["linux/amd64", "linux/arm64"]},
        {"name": "web-2", "image": "a/b:2"},
    ]


def test_the_chart_of_definitions_has_a_name_of_its_own_and_no_images() -> None:
    found = yaml.safe_load(chart_yaml(spec(), RELEASE, {"web": ["a/b:1"]}, "demo-crds"))
    assert (found["name"], "annotations" in found) == ("demo-crds", False)


def test_the_readme_ends_with_what_people_wrote_beside_the_specification() -> None:
    told = "# demo\n\nA demo.\n\n## What is particular\n\n```sh\n# no heading\n```\n"
    text = readme(spec(readme=told), RELEASE, [], "demo", ["demo", "demo-crds"])
    assert text.endswith("\n\n## About this chart\n\nA demo.\n\n### What is particular\n\n```sh\n# no heading\n```\n")
    assert "About this chart" not in readme(spec(readme=told), RELEASE, [], "demo-crds", ["demo", "demo-crds"])
    assert "About this chart" not in readme(spec(readme="# demo\n"), RELEASE, [], "demo", ["demo"])


def test_the_pod_of_the_test_runs_where_pods_are_restricted() -> None:
    text = connection_test(spec(), {"one": {"web": 80}})
    pod = yaml.safe_load("\n".join(line for line in text.splitlines() if "{{" not in line))
    assert pod["spec"]["securityContext"] == {
        "runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"},
    }  # fmt: skip
    (container,) = pod["spec"]["containers"]
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert container["resources"]["limits"] == {"memory": "32Mi"}
    assert "      imagePullPolicy: {{ .Values.global.imagePullPolicy }}\n" in text


def test_the_readme_has_a_row_for_every_profile_and_value() -> None:
    value = Value(path="a.b", kind="integer", description="One | two.", sample=1, shown="7")
    profiles = (Profile(name="one", path="p/one"), Profile(name="two", path="p/two", description="x"))
    text = readme(spec("one", "two", profiles=profiles), RELEASE, [value], "demo", ["demo"])
    assert "| `one` (default) | `p/one` |  |\n| `two` | `p/two` | x |\n" in text
    assert "| `a.b` | integer | `null` | One \\| two. Kustomize has: 7. |\n" in text
    assert "-crds" not in text


def test_definitions_are_installed_first_and_the_namespace_by_helm() -> None:
    text = readme(spec(crds="chart"), RELEASE, [], "demo-crds", ["demo", "demo-crds", "demo-crds-2"])
    lines = [line for line in text.splitlines() if line.startswith("helm install")]
    assert lines == [
        "helm install demo-crds ./demo-crds --namespace kubeflow --create-namespace",
        "helm install demo-crds-2 ./demo-crds-2 --namespace kubeflow --create-namespace",
        "helm install demo ./demo --namespace kubeflow --create-namespace --set namespace.create=false",
    ]
    assert text.startswith("# demo-crds\n\nThe custom resource definitions of the chart demo,")


def test_an_image_has_one_row() -> None:
    parts = [
        Value(path=f"images.web.{part}", kind="string", description="", sample="x", default="", heading="a/b:1")
        for part in ("registry", "repository", "tag", "digest")
    ]
    rows = [line for line in readme(spec(), RELEASE, parts, "demo", ["demo"]).splitlines() if "images." in line]
    assert rows == ['| `images.web.{registry,repository,tag,digest}` | string | `""` | a/b:1 |']


def test_notes_name_the_chart() -> None:
    assert notes(spec()).startswith("demo {{ .Chart.AppVersion }} is installed")


def test_the_test_connects_to_the_services_that_the_profile_has() -> None:
    text = connection_test(spec("a", "b"), {"a": {"web": 80, "db": 1}, "b": {"web": 80}})
    assert text.count("{{- if ") == text.count("{{- end }}") - text.count("{{- range ")
    assert '    {{- if eq .Values.profile "a" }}\n    - name: db-1\n' in text
    assert "    {{- end }}\n    - name: web-80\n" in text


def test_a_profile_without_any_service_has_no_test() -> None:
    text = connection_test(spec("a", "b"), {"a": {"web": 80}, "b": {}})
    assert text.startswith('{{- if eq .Values.profile "a" }}\n')
    assert text.endswith("{{- end }}\n")


def test_a_container_of_the_test_has_a_name_that_kubernetes_takes() -> None:
    text = connection_test(spec(), {"one": {"w" * 62: 80}})
    name = next(line for line in text.splitlines() if line.startswith("    - name: w")).removeprefix("    - name: ")
    assert len(name) <= 63
    assert not name.endswith("-")
