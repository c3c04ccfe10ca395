"""References in pieces are put together, and each piece is told."""

from __future__ import annotations

import pytest

from tests.unit.images.finding import config_map, custom, deployment, found, texts

DIGEST = "sha256:" + "2e" * 32


def pieces(*documents: str) -> list[tuple[str, str, str, list[str]]]:
    return [(one.path, one.text, one.how, [path for path, _ in one.parts]) for one in found(*documents)]


@pytest.mark.parametrize(
    ("spec", "text", "parts"),
    [
        ("image: a/b\ntag: '1.10'", "a/b:1.10", ["image", "tag"]),
        ("image: a/b\nimageTag: v1", "a/b:v1", ["image", "imageTag"]),
        ("image: a/b\nversion: v1", "a/b:v1", ["image", "version"]),
        ("imageName: a/b\nimageVersion: v1", "a/b:v1", ["imageName", "imageVersion"]),
        ("hub: r.io/x\nimage: proxy\ntag: '1'", "r.io/x/proxy:1", ["hub", "image", "tag"]),
        ("registry: r.io\nimage: x/proxy:1", "r.io/x/proxy:1", ["registry", "image"]),
        (f"image: a/b\ndigest: {DIGEST}", f"a/b@{DIGEST}", ["image", "digest"]),
        (f"image: a/b\ntag: v1\ndigest: {DIGEST}", f"a/b:v1@{DIGEST}", ["image", "tag", "digest"]),
        ("image: {repository: a/b, tag: v1}", "a/b:v1", ["image.repository", "image.tag"]),
        ("image: {hub: r.io, name: a/b, tag: v1}", "r.io/a/b:v1", ["image.hub", "image.name", "image.tag"]),
        ("app: {registry: r.io, repository: a, tag: '1'}", "r.io/a:1", ["app.registry", "app.repository", "app.tag"]),
        ("image: {name: a/b, version: v1}", "a/b:v1", ["image.name", "image.version"]),
        ("sidecar: {repository: a/b, tag: v1}", "a/b:v1", ["sidecar.repository", "sidecar.tag"]),
        ("parts: [{name: quay.io/a/b, version: v1}]", "quay.io/a/b:v1", ["parts[0].name", "parts[0].version"]),
        ("frontendImage: a/b\nfrontendTag: v1", "a/b:v1", ["frontendImage", "frontendTag"]),
    ],
)  # fmt: skip
def test_pieces_make_one_reference_in_a_custom_resource(spec: str, text: str, parts: list[str]) -> None:
    ((path, whole, how, where),) = pieces(custom(spec))
    assert (whole, how, where) == (text, "split", [f"spec.{one}" for one in parts])
    assert path in where


@pytest.mark.parametrize(
    ("env", "text", "parts"),
    [
        ({"W_IMAGE": "a/b", "W_TAG": "1"}, "a/b:1", [0, 1]),
        ({"W_TAG": "1", "W_IMAGE": "a/b"}, "a/b:1", [1, 0]),
        ({"W_IMAGE_NAME": "a/b", "W_IMAGE_TAG": "1"}, "a/b:1", [0, 1]),
        ({"W_IMAGE": "a/b", "W_VERSION": "1"}, "a/b:1", [0, 1]),
        ({"HUB": "r.io/a", "TAG": "1", "PROXY_IMAGE": "b"}, "r.io/a/b:1", [0, 2, 1]),
    ],
)
def test_pieces_make_one_reference_in_an_environment(env: dict[str, str], text: str, parts: list[int]) -> None:
    rows = "\n".join(f"- {{name: {name}, value: '{value}'}}" for name, value in env.items())
    base = "spec.template.spec.containers[0].env"
    image = next(index for index, name in enumerate(env) if "IMAGE" in name and "TAG" not in name)
    assert pieces(deployment(f"env:\n{rows}")) == [
        (f"{base}[{image}].value", text, "split", [f"{base}[{index}].value" for index in parts])
    ]


REFERRED = "{name: W_%s, valueFrom: {configMapKeyRef: {name: c, key: %s}}}"


def test_a_version_may_come_from_a_config_map() -> None:
    env = f"env:\n- {{name: W_IMAGE, value: a/b}}\n- {REFERRED % ('TAG', 'release')}"
    (one,) = found(config_map(release="1.2"), deployment(env))
    path = "spec.template.spec.containers[0].env[0].value"
    assert (one.path, one.text, one.how, one.holder) == (path, "a/b:1.2", "split", "v1/ConfigMap/n/c")
    assert one.parts == ((path, "a/b"), ("data.release", "1.2"))


def test_name_and_version_may_both_come_from_config_maps() -> None:
    env = f"env:\n- {REFERRED % ('IMAGE', 'worker')}\n- {REFERRED % ('VERSION', 'release')}"
    assert pieces(config_map(worker="a/b", release="1.2"), deployment(env)) == [
        ("data.worker", "a/b:1.2", "embedded", ["data.worker", "data.release"])
    ]


def test_a_bare_name_takes_hub_and_tag_from_the_values_around_it() -> None:
    shared = '"global": {"hub": "gcr.io/istio", "tag": "1.28.0", "variant": "", "proxy": {"image": "proxyv2"}}'
    values = f'{{{shared}, "image": "pilot", "hub": "", "tag": ""}}'
    assert pieces(config_map(values=values)) == [
        ("data.values | global.proxy.image", "gcr.io/istio/proxyv2:1.28.0", "embedded",
         ["data.values | global.hub", "data.values | global.proxy.image", "data.values | global.tag"]),
        ("data.values | image", "gcr.io/istio/pilot:1.28.0", "embedded",
         ["data.values | global.hub", "data.values | image", "data.values | global.tag"]),
    ]  # fmt: skip
    assert texts(config_map(values=values.replace('"variant": ""', '"variant": "distroless"'))) == [
        "gcr.io/istio/pilot:1.28.0-distroless",
        "gcr.io/istio/proxyv2:1.28.0-distroless",
    ]


def test_a_bare_name_without_hub_and_tag_is_nothing() -> None:
    assert texts(config_map(values='{"global": {"proxy": {"image": "proxyv2"}}, "image": "pilot"}')) == []


def test_each_version_field_gives_an_image() -> None:
    text = '{"v1": {"image": "kserve/lgb", "defaultImageVersion": "v1", "defaultGpuImageVersion": "v1-gpu"}}'
    assert texts(config_map(predictors=text)) == ["kserve/lgb:v1", "kserve/lgb:v1-gpu"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("image: a/b:1\ntag: v2", ["a/b:1"]),
        ("cacheImage: a/b\nversion: v2", ["a/b"]),
        ("repository: https://github.com/a/b\nversion: v1", []),
        ("image: {repository: a/b, tag: ''}", []),
        ("name: thing\nversion: v1", []),
        ("repository: a/b", []),
    ],
)
def test_fields_that_do_not_belong_together_stay_apart(spec: str, expected: list[str]) -> None:
    assert texts(custom(spec)) == expected


@pytest.mark.parametrize("text", ["a/b:1,c/d:2", "a/b:1 c/d:2", "x=a/b:1,y=c/d:2"])
def test_lists_in_one_text_are_taken_apart(text: str) -> None:
    assert texts(deployment(f"env:\n- {{name: SIDECAR_IMAGES, value: '{text}'}}")) == ["a/b:1", "c/d:2"]
    assert texts(config_map(images=text)) == ["a/b:1", "c/d:2"]
