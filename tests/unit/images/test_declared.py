"""Images compiled into a component come with the component's own image, unless the object says otherwise."""

from __future__ import annotations

import pytest

from buildkit.images.finder import find
from buildkit.images.knowledge import parse_knowledge
from buildkit.model.documents import parse_documents
from tests.unit.images.finding import deployment, found

CONTROLLER = "image: quay.io/argoproj/workflow-controller:v3.7.3"


def declared(document: str) -> list[str]:
    return [one.text for one in found(document) if one.how == "declared"]


def test_a_component_brings_what_is_compiled_in() -> None:
    one = next(one for one in found(deployment(CONTROLLER)) if one.how == "declared")
    assert one.text == "quay.io/argoproj/argoexec:v3.7.3"
    assert one.source == "kubeflow.yaml"
    assert one.line > 1
    assert str(one.object) == "apps/v1/Deployment/n/d"


@pytest.mark.parametrize(
    "args", ["[--executor-image, 'a/b:1']", "['--executor-image=a/b:1']", "['run --executor-image a/b:1']"]
)
def test_a_flag_replaces_it(args: str) -> None:
    assert declared(deployment(f"{CONTROLLER}\nargs: {args}")) == (
        [] if "run" not in args else ["quay.io/argoproj/argoexec:v3.7.3"]
    )


def test_a_variable_replaces_it() -> None:
    document = "image: ghcr.io/kubeflow/kfp-api-server:2.16.0"
    assert declared(deployment(document)) == [
        "ghcr.io/kubeflow/kfp-driver:latest",
        "ghcr.io/kubeflow/kfp-launcher:latest",
    ]
    assert declared(deployment(f"{document}\nenv: [{{name: V2_DRIVER_IMAGE, value: 'a/b:1'}}]")) == [
        "ghcr.io/kubeflow/kfp-launcher:latest"
    ]


@pytest.mark.parametrize(
    ("tag", "expected"), [("2.4.1", "ghcr.io/kubeflow/kfp-driver:2.4.1"), ("master", None), ("1.8.5", None)]
)
def test_only_the_tags_it_is_known_for(tag: str, expected: str | None) -> None:
    assert (expected in declared(deployment(f"image: ghcr.io/kubeflow/kfp-api-server:{tag}"))) is (expected is not None)


def test_an_image_by_digest_has_no_tag_to_take() -> None:
    assert declared(deployment(f"image: quay.io/argoproj/workflow-controller@sha256:{'a' * 64}")) == []


def test_users_declare_their_own() -> None:
    mine = parse_knowledge("declared:\n- {image: 'a/tool:{tag}', by: 'docker.io/a/main', source: us}\n", "mine.yaml")
    images = find(parse_documents(deployment("image: a/main:7")), mine)
    assert [(one.text, one.how, one.source, one.line) for one in images] == [
        ("a/main:7", "pod", "", 0),
        ("a/tool:7", "declared", "mine.yaml", 2),
    ]
