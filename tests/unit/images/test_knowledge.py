"""The data file: what ships is valid and sourced; what is wrong in a user's is told with its line."""

from __future__ import annotations

import re

import pytest

from buildkit.errors import UsageError
from buildkit.images.knowledge import merge, parse_knowledge
from buildkit.model.reference import parse_reference
from tests.unit.images.finding import knowledge

# What stands before the first wildcard names a host and a folder at least, or an entry would be about half a registry.
_REPOSITORY = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]+/(?:[a-z0-9][a-z0-9._-]*/)*(?:[a-z0-9][a-z0-9._-]*)?\*?")
_SOURCE = re.compile(r"https://[^\s,]+(?:, https://[^\s,]+)*")


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
        ("replacements:\n- image: a/b\n  text: c\n  source: d\n  uses: e\n", 5, "uses"),
        ("replacements:\n- image: a/b\n  source: d\n", 2, "text"),
        ("replacements:\n- {image: a/b, text: c}\n", 2, "source"),
        ("replacements:\n- {text: c, source: d}\n", 2, "image"),
        ("replacements:\n- {image: a/b, text: c, source: d,\n   tags: '['}\n", 3, "regular"),
        ("replacements:\n- image: a/b\n  use: 'A B'\n  text: c\n  source: d\n", 3, "use: "),
        ("replacements:\n- image: a/b\n  use: https://a/b\n  text: c\n  source: d\n", 3, "scheme"),
        ("replacements:\n- image: a/b\n  text: c\n  since: 2025-03-18\n  source: d\n", 4, "since"),
        ("replacements: {image: a/b}", 1, "list"),
        ("emulation:\n- image: a/b\n  text: c\n  use: e\n  source: d\n", 4, "use"),
        ("emulation:\n- {image: a/b, tags: '*', text: c, source: d}\n", 2, "regular"),
        ("emulation:\n- {image: a/b, source: d}\n", 2, "text"),
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


def test_shipped_replacements_and_emulation_are_sourced_and_about_repositories() -> None:
    replacements, emulation = knowledge().replacements, knowledge().emulation
    assert len(replacements) > 40
    facts = [(one.image, one.text, one.source) for one in replacements]
    facts += [(one.image, one.text, one.source) for one in emulation]
    for image, text, source in facts:
        assert _SOURCE.fullmatch(source), image
        assert _REPOSITORY.fullmatch(image), image
        assert text.endswith("."), image


def test_no_shipped_replacement_is_hidden_by_one_before_it() -> None:
    shipped = knowledge().replacements
    for one in shipped:
        if one.tags == ".*":
            image = parse_reference(one.image.replace("*", "anything") + ":v1")
            assert knowledge().replacement_of(image) is one, one


@pytest.mark.parametrize(
    ("image", "use"),
    [
        ("gcr.io/ml-pipeline/persistenceagent:2.0.5", "ghcr.io/kubeflow/kfp-persistence-agent"),
        ("gcr.io/kubebuilder/kube-rbac-proxy:v0.8.0", "quay.io/brancz/kube-rbac-proxy"),
        ("quay.io/brancz/kube-rbac-proxy:v0.4.0", "quay.io/brancz/kube-rbac-proxy:v0.8.0"),
        ("gcr.io/cloudsql-docker/gce-proxy:1.25.0", "gcr.io/cloudsql-docker/gce-proxy:1.38.3"),
        ("gcr.io/cloudsql-docker/gce-proxy:1.30.1", "gcr.io/cloudsql-docker/gce-proxy:1.38.3"),
        ("mysql:5.7", "docker.io/library/mysql:8.4"),
        ("mysql:8.0.3", "docker.io/library/mysql:8.4"),
        ("mysql:8.0-debian", "docker.io/library/mysql:8.4"),
        ("kubeflow/training-operator:v1-855e096", "ghcr.io/kubeflow/training-v1/training-operator"),
        ("kubeflownotebookswg/jupyter-web-app:v1.9.0", "ghcr.io/kubeflow/kubeflow/jupyter-web-app"),
    ],
)
def test_images_have_replacements(image: str, use: str) -> None:
    known = knowledge().replacement_of(parse_reference(image))
    assert known is not None
    assert known.use == use


@pytest.mark.parametrize(
    "image",
    ["gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0", "gcr.io/ml-pipeline/api-server:2.3.0", "bitnami/redis"],
)
def test_some_images_have_advice_and_no_one_image_instead(image: str) -> None:
    known = knowledge().replacement_of(parse_reference(image))
    assert known is not None
    assert known.use is None


@pytest.mark.parametrize(
    "image",
    [
        "mysql:8.4",
        "mysql:8.0",
        "mysql:8.0.29",
        "mysql:8.0.39",
        "quay.io/brancz/kube-rbac-proxy:v0.8.0",
        "quay.io/brancz/kube-rbac-proxy:v0.18.0",
        "gcr.io/cloudsql-docker/gce-proxy:1.31.0",
        "pytorch/pytorch:2.7.1",
        "ghcr.io/kubeflow/kfp-api-server:2.16.0",
        "ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-pytorch-cuda-full:v1.11.0",
        "mysql@sha256:" + "a" * 64,
    ],
)
def test_images_that_a_newer_tag_helps_have_none(image: str) -> None:
    assert knowledge().replacement_of(parse_reference(image)) is None


def test_no_shipped_replacement_replaces_an_image_by_one_to_be_replaced() -> None:
    for one in knowledge().replacements:
        if one.use is not None:
            assert knowledge().replacement_of(parse_reference(one.use)) is None, one


def test_emulation_is_known_of_the_store_of_ml_metadata_alone() -> None:
    store = knowledge().emulation_of(parse_reference("gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0"))
    assert store is not None
    assert "emulation" in store.text
    assert knowledge().emulation_of(parse_reference("ghcr.io/kubeflow/kfp-api-server:2.16.0")) is None


def test_tags_are_matched_in_full_and_an_image_without_tag_is_latest() -> None:
    mine = parse_knowledge(
        "replacements:\n- {image: 'a.io/*', tags: 'v1|latest', use: b.io/c, since: '2', text: d., source: e}\n"
        "emulation:\n- {image: a.io/x, tags: v1, text: d., source: e}",
        "mine.yaml",
    )
    known = mine.replacement_of(parse_reference("a.io/x/y"))
    assert known is not None
    assert (known.use, known.since, known.text, known.source) == ("b.io/c", "2", "d.", "e")
    assert mine.replacement_of(parse_reference("a.io/x:v1")) is known
    assert mine.replacement_of(parse_reference("a.io/x:v11")) is None
    assert mine.replacement_of(parse_reference("a.io/x@sha256:" + "a" * 64)) is None
    assert mine.replacement_of(parse_reference("b.io/a.io/x:v1")) is None
    assert mine.emulation_of(parse_reference("a.io/x:v1")) is not None
    assert mine.emulation_of(parse_reference("a.io/x")) is None


def test_a_users_replacement_and_emulation_come_first() -> None:
    mine = parse_knowledge(
        "replacements:\n- {image: 'gcr.io/*', use: me.io/x, text: Mine., source: us}\n"
        "emulation:\n- {image: 'gcr.io/*', text: Mine., source: us}",
        "mine.yaml",
    )
    both = merge(mine, knowledge())
    store = parse_reference("gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0")
    for known in (both.replacement_of(store), both.emulation_of(store)):
        assert known is not None
        assert known.text == "Mine."
    kept = both.replacement_of(parse_reference("docker.io/tensorflow/serving:2.6.2"))
    assert kept == knowledge().replacement_of(parse_reference("docker.io/tensorflow/serving:2.6.2"))
