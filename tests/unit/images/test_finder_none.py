"""What looks like an image and is none is not found, whatever its place."""

from __future__ import annotations

import pytest

from tests.unit.images.finding import config_map, custom, deployment, texts

NOT_ONES = [
    "apps/v1",
    "serving.kserve.io/v1beta1",
    "kafka.svc.cluster.local:9092",
    "127.0.0.1:8080",
    "0.0.0.0:80",
    "localhost:29500",
    "https://ghcr.io/a/b:1",
    "http://example.org:8080/x",
    "oci://ghcr.io/a/b:1",
    "hf://Qwen/Qwen2.5-1.5B-Instruct",
    "s3://bucket/key:1",
    "docker://a/b:1",
    "/usr/bin/run",
    "./relative/path",
    "../x/y",
    "artifacts/{{workflow.name}}/{{pod.name}}",
    "rbac.authorization.k8s.io",
    "app.kubernetes.io/name",
    "kubeflow/pipelines",
    "trainer.kubeflow.org/trainjob-controller",
    "default:info",
    "misc:error",
    "istiod.istio-system.svc:15012",
    "system:serviceaccount:a:b",
    "cert-manager:leaderelection",
    "device:storage",
    "1.2.3",
    "12:30",
    "gcr.io",
    "gcr.io/istio-release",
    "knative.dev/net-istio",
    "arn:aws:iam::1:role/x",
    "a@example.org",
    "user:password@host/db",
    "tcp(mysql:3306)/db",
    "128Mi",
    "projects/a/locations/b",
    "",
]

PLACEHOLDERS = [
    "IMAGE_URL",
    "IMAGE_URL/x:1",
    "$(IMAGE)",
    "${IMAGE}",
    "$VOLUME_VIEWER_IMAGE",
    "<image>",
    "<registry>/image:tag",
    "{{ .ProxyImage }}",
    "{{ .Values.hub }}/proxyv2:{{ .Values.tag }}",
    "ghcr.io/kubeflow/kfp-frontend:dummy",
    "controller:latest",
    "auto",
    "true",
    "YOUR_REGISTRY/app:1",
    "%s/%s:%s",
    "UPPER/Case:1",
    "repo/Name:1",
    "a/b:",
    ":tag",
    "a//b:1",
    "sha256:" + "0" * 64,
    "0" * 64,
]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("text", NOT_ONES)
def test_other_values_are_not_images(text: str) -> None:
    assert texts(custom(f"endpoint: {quoted(text)}\nlist: [{quoted(text)}]\nname: {quoted(text)}")) == []
    assert texts(config_map(url=text, x__yaml=f"a:\n  host: {quoted(text)}\n  list:\n  - {quoted(text)}\n")) == []
    assert (
        texts(
            deployment(
                f"env:\n- {{name: HOST, value: {quoted(text)}}}\nargs: [--address, {quoted(text)}, {quoted(text)}]"
            )
        )
        == []
    )
    assert texts(deployment(f"args: [{quoted('--address=' + text)}]\ncommand: [{quoted(text)}]")) == []


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders_are_not_images(text: str) -> None:
    assert texts(deployment(f"image: {quoted(text)}")) == []
    assert (
        texts(deployment(f"env:\n- {{name: A_IMAGE, value: {quoted(text)}}}\nargs: [{quoted('--image=' + text)}]"))
        == []
    )
    assert texts(config_map(image=text, x__yaml=f"a:\n  image: {quoted(text)}\n  other: x\n")) == []


ABOUT = (
    "imagePullPolicy imagePullSecret imagePullSecrets imageTag image_version imageRegistry IMAGE_PREFIX imageDigest"
    " registry hub tag hideRegistry defaultImageVersion imageRepositoryPrefix IMAGE_PULL_POLICY imageRegistryHost"
)


@pytest.mark.parametrize("key", ABOUT.split())
def test_fields_about_an_image_are_not_images(key: str) -> None:
    assert texts(custom(f"{key}: a/b")) == []
    assert texts(deployment(f"env:\n- {{name: {key}, value: a/b}}")) == []
    assert texts(config_map(**{key: "kubeflow"})) == []


KUSTOMIZATION = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: k}
images: [{name: a/b, newTag: '1'}]
"""
ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [caching.internal.knative.dev], resources: [images, images/status], verbs: [get]}]
"""
APPLIED = """
apiVersion: v1
kind: Service
metadata:
  name: s
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"spec": {"image": "ghcr.io/a/b:1"}}'
"""
README = """
readme: |
  docker run ghcr.io/a/b:1
  image = Image.open('x.jpg')
artifacts:
- uri: oci://ghcr.io/a/b:1
"""


@pytest.mark.parametrize(
    "document",
    [
        KUSTOMIZATION,
        ROLE,
        APPLIED,
        custom("rules: [{verifyImages: [{imageReferences: ['a/b:1']}]}]", "ClusterPolicy", "kyverno.io/v1"),
        custom("images: [{glob: 'gcr.io/a/b:1'}]", "ClusterImagePolicy", "policy.sigstore.dev/v1beta1"),
        custom("build: {output: {image: 'a/b:1'}}", "KafkaConnect", "kafka.strimzi.io/v1beta2"),
        custom("selector: {image: 'a/b:1'}\nlabels: {image: 'a/b:1'}\ndescription: 'ghcr.io/a/b:1'"),
        custom("note: words around ghcr.io/a/b:1 in prose"),
        custom("allowCustomImage: true"),
        custom("imageRepository: ghcr.io/kubeflow\nimage: registry.k8s.io\nimagePath: a/b"),
        custom("image: logo.png\nicon: {image: assets/logo.svg}"),
        config_map(index__html="<html>\n<body style='margin:0'>\n<image xlink:href='a/b:1'/>\n</body>"),
        config_map(model__yaml=README),
        config_map(images="|\n  docker/whalesay:latest:\n    command: [cowsay]\n"),
    ],
)
def test_lookalikes_are_not_images(document: str) -> None:
    assert texts(document) == []


def test_what_a_text_comments_out_is_not_used() -> None:
    assert (
        texts(config_map(x__yaml="a: 1\n# image: a/b:1\n", y__ini="[a]\n; image = a/b:1\n# image = a/b:1\nb = 1\n"))
        == []
    )
