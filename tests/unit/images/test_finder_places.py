"""Every kind of place that an image can stand in is found, with its path and how."""

from __future__ import annotations

import base64

import pytest

from tests.unit.images.finding import config_map, custom, deployment, found, places, texts

DIGEST = "sha256:" + "1f" * 32
C0 = "spec.template.spec.containers[0]"
CRON_JOB = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: busybox}]}}}}}
"""


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (deployment("image: mysql"), (f"{C0}.image", "mysql", "pod")),
        (deployment("image: localhost:5000/a/b:1"), (f"{C0}.image", "localhost:5000/a/b:1", "pod")),
        (deployment(f"image: r.io/a/b:1@{DIGEST}"), (f"{C0}.image", f"r.io/a/b:1@{DIGEST}", "pod")),
        (
            deployment("name: x", "initContainers:\n- {name: i, image: 'a/b:1'}"),
            ("spec.template.spec.initContainers[0].image", "a/b:1", "pod"),
        ),
        (
            deployment("name: x", "ephemeralContainers:\n- {name: i, image: 'a/b:1'}"),
            ("spec.template.spec.ephemeralContainers[0].image", "a/b:1", "pod"),
        ),
        (
            deployment("name: x", "volumes:\n- name: v\n  image: {reference: 'a/model:1', pullPolicy: Always}"),
            ("spec.template.spec.volumes[0].image.reference", "a/model:1", "pod"),
        ),
        (
            CRON_JOB,
            ("spec.jobTemplate.spec.template.spec.containers[0].image", "busybox", "pod"),
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}",
            ("spec.containers[0].image", "b", "pod"),
        ),
        (custom("containers:\n- {name: k, image: kserve/x:1}"), ("spec.containers[0].image", "kserve/x:1", "field")),
        (custom("image: spark"), ("spec.image", "spark", "field")),
        (custom("sidecarImage: a/b"), ("spec.sidecarImage", "a/b", "field")),
        (custom("driver: {imageRef: a/b:1}"), ("spec.driver.imageRef", "a/b:1", "field")),
        (custom("proxyimage: q.io/a/b"), ("spec.proxyimage", "q.io/a/b", "field")),
        (custom("tags:\n- from: {kind: DockerImage, name: q.io/a/b}"), ("spec.tags[0].from.name", "q.io/a/b", "field")),
        (custom("images: [a/b:1]"), ("spec.images[0]", "a/b:1", "field")),
        (custom("images: {train: a/b:1}"), ("spec.images.train", "a/b:1", "field")),
        (custom("runtime: quay.io/a/b:v1"), ("spec.runtime", "quay.io/a/b:v1", "field")),
        (custom("storageUri: oci://r.io/models/a:1"), ("spec.storageUri", "r.io/models/a:1", "field")),
        (
            custom("package: xpkg.crossplane.io/a/b", "Provider", "pkg.crossplane.io/v1"),
            ("spec.package", "xpkg.crossplane.io/a/b", "field"),
        ),
        (
            custom("arguments:\n  parameters:\n  - {name: train-image, value: 'a/b:1'}", "Workflow"),
            ("spec.arguments.parameters[0].value", "a/b:1", "field"),
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {sidecar.istio.io/proxyImage: 'c/d:2'}}",
            ('metadata.annotations["sidecar.istio.io/proxyImage"]', "c/d:2", "field"),
        ),
        (
            custom(f"image: gcr.io/k/queue@{DIGEST}", "Image", "caching.internal.knative.dev/v1alpha1"),
            ("spec.image", f"gcr.io/k/queue@{DIGEST}", "field"),
        ),
        (
            deployment("env:\n- {name: V2_DRIVER_IMAGE, value: 'a/driver:1'}"),
            (f"{C0}.env[0].value", "a/driver:1", "environment"),
        ),
        (
            deployment("env:\n- {name: RELATED_IMAGE_PROXY, value: 'q.io/a/b:1'}"),
            (f"{C0}.env[0].value", "q.io/a/b:1", "environment"),
        ),
        (
            deployment("env:\n- {name: HELPER, value: 'ghcr.io/a/b:1'}"),
            (f"{C0}.env[0].value", "ghcr.io/a/b:1", "environment"),
        ),
        (
            deployment('env:\n- {name: CONFIG, value: \'{"sidecar": {"image": "a/b:1"}}\'}'),
            (f"{C0}.env[0].value | sidecar.image", "a/b:1", "environment"),
        ),
        (custom("env:\n- {name: CACHE_IMAGE, value: 'a/b:1'}"), ("spec.env[0].value", "a/b:1", "environment")),
        (custom("baseImage: q.io/a/b\ntag: '1'"), ("spec.baseImage", "q.io/a/b:1", "split")),
        (
            deployment("args: []", "volumes: [{name: v, image: {reference: models}}]"),
            ("spec.template.spec.volumes[0].image.reference", "models", "pod"),
        ),
        (deployment("args: [--acme-http01-solver-image=q.io/a/b:1]"), (f"{C0}.args[0]", "q.io/a/b:1", "argument")),
        (deployment("args: [--executor-image, 'q.io/a/b:1']"), (f"{C0}.args[1]", "q.io/a/b:1", "argument")),
        (deployment("args: [-nop-image, 'a/b', -x]"), (f"{C0}.args[1]", "a/b", "argument")),
        (deployment("command: [run, --init-image=alpine]"), (f"{C0}.command[1]", "alpine", "argument")),
        (deployment("args: ['--set=x=1,sidecar.image=a/b:1']"), (f"{C0}.args[0]", "a/b:1", "argument")),
        (deployment("args: [sh, -c, 'exec run --image=a/b:1 --port 80']"), (f"{C0}.args[2]", "a/b:1", "argument")),
        (
            deployment("args:\n- |\n  set -e\n  docker pull ghcr.io/a/b:1\n"),
            (f"{C0}.args[0] | line 2", "ghcr.io/a/b:1", "argument"),
        ),
    ],
)
def test_a_place_is_found(document: str, expected: tuple[str, str, str]) -> None:
    assert places(document) == [expected]


@pytest.mark.parametrize(
    ("data", "path", "text"),
    [
        ({"TENSORBOARD_IMAGE": "tensorflow/tensorflow:2.5.1"}, "data.TENSORBOARD_IMAGE", "tensorflow/tensorflow:2.5.1"),
        ({"cacheImage": "ghcr.io/containerd/busybox"}, "data.cacheImage", "ghcr.io/containerd/busybox"),
        ({"aws-s3-source": f"gcr.io/k/s3@{DIGEST}"}, "data.aws-s3-source", f"gcr.io/k/s3@{DIGEST}"),
        (
            {"agent": '{\n  "image" : "kserve/agent:v1",\n  # why\n  "memory": "1Gi"\n}'},
            "data.agent | image",
            "kserve/agent:v1",
        ),
        ({"agent": '{"image": "kserve/agent:v1"}'}, "data.agent | image", "kserve/agent:v1"),
        (
            {"ui__yaml": "form:\n  image:\n    value: a/scipy:1\n    readOnly: false\n"},
            'data["ui.yaml"] | form.image.value',
            "a/scipy:1",
        ),
        (
            {"ui__yaml": "form:\n  imageGroupOne:\n    options:\n    - a/scipy:1\n"},
            'data["ui.yaml"] | form.imageGroupOne.options[0]',
            "a/scipy:1",
        ),
        (
            {
                "trial__yaml": "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n"
                "      - name: t\n        image: busybox\n"
            },
            'data["trial.yaml"] | spec.template.spec.containers[0].image',
            "busybox",
        ),
        (
            {"executor": "imagePullPolicy: Always\nimage: a/argoexec:1\n"},
            "data.executor | image",
            "a/argoexec:1",
        ),
        (
            {
                "config": "templates:\n  one: |\n    {{- if .X }}\n    initContainers:\n    - name: i\n"
                "      image: busybox:1.28\n    {{- end }}\n"
            },
            "data.config | templates.one | initContainers[0].image",
            "busybox:1.28",
        ),
        (
            {"broken__tpl": "{{ if .A }}\na:\n  {{ range .B }}\n- b\n   image: a/b:1\n{{ end }}: x\n\t-"},
            'data["broken.tpl"] | line 5',
            "a/b:1",
        ),
        (
            {"default__tpl": 'a: b\nimage: {{ .Values.image | default "a/b:1" }}\n{{ end }} : [\n'},
            'data["default.tpl"] | line 2',
            "a/b:1",
        ),
        ({"cache__ini": "[cache]\nsize = 1\nimage = a/b:1 ; why\n"}, 'data["cache.ini"] | line 3', "a/b:1"),
        (
            {"spark__properties": "spark.x=1\nspark.kubernetes.container.image=a/spark\n"},
            'data["spark.properties"] | line 2',
            "a/spark",
        ),
        ({"c__toml": 'x = 1\nsandbox_image = "r.io/pause:3.9"\n'}, 'data["c.toml"] | line 2', "r.io/pause:3.9"),
        ({"c__toml": 'x = 1\nmirrors = ["ghcr.io/a/b:1.2"]\n'}, 'data["c.toml"] | line 2', "ghcr.io/a/b:1.2"),
        ({"images__txt": "ghcr.io/a/b:1.2\nnot one\n"}, 'data["images.txt"] | line 1', "ghcr.io/a/b:1.2"),
        ({"pods": "a: 1\n---\nimage: a/b:1\n"}, "data.pods | [1].image", "a/b:1"),
        ({"c": '{"icon": "\\ud83d\\ude00", "port": 1, "a": [{"image": "a/b:1"}]}'}, "data.c | a[0].image", "a/b:1"),
        ({"list": '[{"image": "a/b:1"}]'}, "data.list | [0].image", "a/b:1"),
        ({"x": "env:\n- name: A_IMAGE\n  value: a/b:1\n"}, "data.x | env[0].value", "a/b:1"),
        ({"x": "args:\n- --image=a/b:1\n"}, "data.x | args[0]", "a/b:1"),
        ({"one__yaml": "image: a/b:1"}, 'data["one.yaml"] | image', "a/b:1"),
        ({"one__properties": "image=a/b:1"}, 'data["one.properties"] | line 1', "a/b:1"),
        ({"one__tpl": 'image: {{ .X | default "r.io/a/b:1" }}'}, 'data["one.tpl"] | line 1', "r.io/a/b:1"),
    ],
)
def test_what_stands_in_a_config_map_is_embedded(data: dict[str, str], path: str, text: str) -> None:
    assert places(config_map(**data)) == [(path, text, "embedded")]


def test_secrets_are_read_too() -> None:
    encoded = base64.b64encode(b"sidecar:\n  image: a/b:1\n").decode()
    head = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
    assert places(f"{head}data: {{c: {encoded}, d: '!'}}\nstringData: {{image: e/f:1}}") == [
        ("data.c | sidecar.image", "a/b:1", "embedded"),
        ("stringData.image", "e/f:1", "embedded"),
    ]


def test_an_example_key_is_a_sample_comments_and_all() -> None:
    text = "# what runs beside it\n# queue-sidecar-image: gcr.io/k/queue:1\nimage: a/b:1\n"
    assert [(one.path, one.text, one.sample) for one in found(config_map(_example=text))] == [
        ("data._example | line 2", "gcr.io/k/queue:1", True),
        ("data._example | line 3", "a/b:1", True),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "env:\n- {name: SIDECAR_IMAGE, valueFrom: {configMapKeyRef: {name: c, key: helper}}}",
        "envFrom: [{configMapRef: {name: c}}]",
    ],
)
def test_a_value_that_a_variable_is_filled_from_is_judged_by_the_variable(source: str) -> None:
    key = "helper" if "helper" in source else "HELPER_IMAGE"
    document = config_map(**{key: "a/helper"})
    assert places(document, deployment(source)) == [(f"data.{key}", "a/helper", "embedded")]
    if key == "helper":
        assert places(document) == []


def crd(schema: str) -> str:
    head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b.c}\nspec:\n"
    return head + f"  versions:\n  - schema: {{openAPIV3Schema: {{properties: {{spec: {{properties: {schema}}}}}}}}}"


def test_defaults_of_schemas_are_found() -> None:
    path = "spec.versions[0].schema.openAPIV3Schema.properties.spec.properties"
    assert places(crd("{image: {type: string, default: 'a/b:1'}, x: {type: string, default: 'a/c:1'}}")) == [
        (f"{path}.image.default", "a/b:1", "field")
    ]
    block = crd("{x: {type: object}}").replace("{type: object}", "{type: object,\n default: {image: 'a/b:1', port: 1}}")
    assert places(block.replace("default: {", "default:\n   {")) == [(f"{path}.x.default.image", "a/b:1", "field")]


def test_one_place_is_listed_once_and_all_are_sorted() -> None:
    documents = (deployment("image: a/b:1\nargs: [--image=c/d:1]"), custom("images: [e/f:1, a/b:1]"))
    assert places(*documents) == places(*reversed(documents))
    assert texts(*documents) == ["a/b:1", "c/d:1", "e/f:1"]
