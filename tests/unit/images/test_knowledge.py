"""The data file: what ships is valid and sourced; what is wrong in a user's is told with its line."""

from __future__ import annotations

import pytest

from buildkit.errors import UsageError
from buildkit.images.knowledge import merge, parse_knowledge
from buildkit.model.reference import parse_reference
from tests.unit.images.finding import knowledge


@pytest.mark.parametrize(
    ("folder", "component"),
    [
        ("applications/katib/upstream/installs/katib-standalone", "Katib"),
        ("apps/katib/upstream", "Katib"),
        ("common/istio/istio-install/base", "Istio"),
        ("common/istio-cni-1-22", "Istio"),
        ("common/knative/knative-eventing/base", "Knative"),
        ("contrib/kserve/models-web-app/base", "KServe Models Web Application"),
        ("contrib/kserve/kserve", "KServe"),
        ("applications/pipeline/upstream/third-party/argo/base", "Kubeflow Pipelines"),
        ("remote:github.com/argoproj/argo-workflows@v3.7.3/manifests/base/workflow-controller", "Kubeflow Pipelines"),
        ("remote:https/github.com/kubernetes-sigs/jobset/releases/download/v0.10.1", "Trainer"),
        ("example", "Kubeflow Platform"),
    ],
)
def test_folders_have_owners(folder: str, component: str) -> None:
    owner = knowledge().owner_of(folder)
    assert owner is not None
    assert owner.component == component


def test_an_unknown_folder_has_no_owner() -> None:
    assert knowledge().owner_of("somewhere/else") is None


def test_declared_images_are_references() -> None:
    for one in knowledge().declared:
        parse_reference(one.image.replace("{tag}", "v1"))


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("registries: [a]\nregistry: [b]", 2, "registry"),
        ("registries: a", 1, "list"),
        ("x", 1, "mapping"),
        ("registries:\n- a\n- 1\n", 1, "texts"),
        ("declared:\n- image: a\n  by: b\n", 2, "source"),
        ("declared:\n- {image: a, by: b, source: c, tags: '('}\n", 2, "regular"),
        ("fields:\n- {kind: A, path: a, source: b}\n- kind: A\n  path: 3\n  source: b\n", 4, "text"),
        ("owners:\n- component: a\n  repository: b\n", 2, "folders"),
        ("owners:\n- folders: [a]\n  component: a\n  repository: b\n  paths: c\n", 5, "paths"),
        ("owners: [a]", 1, "mapping"),
        ("a: [", 1, ""),
        ("registries: [a]\nregistries: [b]", 2, "duplicate"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(text: str, line: int, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_knowledge(text, "mine.yaml")
    assert str(caught.value).startswith(f"mine.yaml:{line}:")
    assert word in str(caught.value)


def test_an_empty_file_is_no_knowledge() -> None:
    assert parse_knowledge("# nothing yet\n", "mine.yaml").declared == ()


def test_a_users_owner_comes_first() -> None:
    mine = parse_knowledge("owners:\n- {folders: [apps/katib], component: Mine, repository: me/katib}", "mine.yaml")
    owner = merge(mine, knowledge()).owner_of("apps/katib/x")
    assert owner is not None
    assert (owner.component, owner.path) == ("Mine", ".")
    assert merge(mine, knowledge()).owner_of("apps/profiles") == knowledge().owner_of("apps/profiles")


def test_fields_are_patterns_of_paths() -> None:
    mine = parse_knowledge("fields:\n- {group: g, kind: 'A*', path: 'spec.a[*].*.x**', source: us}", "mine.yaml")
    images, never = mine.fields_of("g", "Abc")
    assert images is not None
    assert never is None
    assert images.fullmatch("spec.a[12].key.xyz.more")
    assert not images.fullmatch("spec.a.key.x")
    assert mine.fields_of("other", "Abc") == (None, None)
