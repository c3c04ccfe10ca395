"""Marks of a whole profile."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.evaluation import evaluate
from buildkit.charts.marking import Marked
from buildkit.charts.marks import Hashed, Image, Namespace, Piece, Text, Tree
from buildkit.charts.spec import NamespaceText
from tests.support.chart_parts import marked

MAP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: empty-6ct58987ht, namespace: kubeflow}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: kubeflow}
spec:
  template:
    spec:
      containers:
      - name: web
        image: ghcr.io/kubeflow/web:v1
        args: [--side=ghcr.io/kubeflow/side:v1, web, ghcr.io/kubeflow/web:v10]
        envFrom: [{configMapRef: {name: empty-6ct58987ht}}]
"""
REFERENCES = ("ghcr.io/kubeflow/web:v1", "ghcr.io/kubeflow/side:v1", "web")


def pieces(tree: Tree) -> list[Piece]:
    """All marks of a tree that are pieces of text."""
    if isinstance(tree, Text):
        return [piece for piece in tree.pieces if not isinstance(piece, str)]
    parts: Any = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list | tuple) else ()
    return [piece for part in parts for piece in pieces(part)]


def bodies(found: Marked, profile: str = "one") -> dict[str, Any]:
    return {one.key[3]: one.body for one in found.profiles[profile]}


def test_an_object_is_known_by_its_name_without_the_hash_and_its_users_name_it_so() -> None:
    found = bodies(marked(f"{MAP}---{DEPLOYMENT}"))
    hashed = Hashed("ConfigMap", "empty", "empty-6ct58987ht", "kubeflow")
    assert found["empty"]["metadata"]["name"] == Text((hashed,))
    container = found["web"]["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"configMapRef": {"name": Text((hashed,))}}]


def test_of_generated_objects_of_one_stem_each_namespace_has_its_own() -> None:
    user = "---\napiVersion: test/v1\nkind: Thing\nmetadata: {name: u, namespace: other}\nheld: empty-6ct58987ht\n"
    found = marked(f"{MAP}---{MAP.replace('namespace: kubeflow', 'namespace: other')}{user}")
    keys = [one.key for one in found.profiles["one"]][:2]
    assert keys == [("", "ConfigMap", "kubeflow", "empty"), ("", "ConfigMap", "other", "empty")]
    (piece,) = pieces(bodies(found)["u"])
    assert isinstance(piece, Hashed)
    assert piece.namespace == "other"


def test_an_image_is_marked_in_its_field_and_as_a_word_of_any_text() -> None:
    container = bodies(marked(DEPLOYMENT, REFERENCES))["web"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == Text((Image("kubeflowWeb", "ghcr.io/kubeflow/web:v1"),))
    side, name, longer = container["args"]
    assert side == Text(("--side=", Image("side", "ghcr.io/kubeflow/side:v1")))
    assert name == "web", "a word alone could be anything"
    assert longer == "ghcr.io/kubeflow/web:v10", "a reference is no part of a longer one"


def test_a_definition_refers_to_nothing() -> None:
    definition = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: a.kubeflow.org}
spec: {description: "as ghcr.io/kubeflow/web:v1 in kubeflow"}
"""
    found = marked(definition, REFERENCES)
    assert pieces(bodies(found)["a.kubeflow.org"]["spec"]) == []
    assert found.problems == ()


def test_an_object_that_profiles_share_is_marked_once() -> None:
    found = marked({"a": MAP, "b": MAP})
    assert len(found.profiles) == 2


def test_text_that_names_the_namespace_and_no_rule_covers_is_a_problem() -> None:
    text = "apiVersion: v1\nkind: Thing\nmetadata: {name: t}\nurl: http://web.kubeflow.svc\n"
    (problem,) = marked(text).problems
    assert problem.message.startswith("Thing/t: url: `http://web.kubeflow.svc` names the namespace")
    covered = marked(text, namespace_text=(NamespaceText(text="web.{namespace}.svc", follow=True),))
    assert covered.problems == ()
    assert bodies(covered)["t"]["url"] == Text(("http://web.", Namespace("kubeflow"), ".svc"))


@pytest.mark.parametrize("follow", [True, False])
def test_of_rules_that_fit_the_longest_counts(follow: bool) -> None:  # noqa: FBT001
    rules = (
        NamespaceText(text=".{namespace}", follow=not follow, reason="r"),
        NamespaceText(text="web.{namespace}.svc", follow=follow, reason="r"),
    )
    text = "apiVersion: v1\nkind: Thing\nmetadata: {name: t}\nurl: web.kubeflow.svc\n"
    assert bool(pieces(bodies(marked(text, namespace_text=rules))["t"]["url"])) is follow


def test_fields_that_kubernetes_reads_as_a_namespace_follow_without_a_rule() -> None:
    text = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
subjects: [{kind: ServiceAccount, name: s, namespace: kubeflow}, {kind: ServiceAccount, name: s, namespace: other}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: w}
webhooks: [{clientConfig: {service: {name: s, namespace: kubeflow}}}]
---
apiVersion: v1
kind: Namespace
metadata: {name: kubeflow}
"""
    found = marked(text)
    assert found.problems == ()
    assert {name: len(pieces(body)) for name, body in bodies(found).items()} == {"b": 1, "w": 1, "kubeflow": 1}


def test_every_profile_can_make_the_namespace_and_only_those_do_that_have_it() -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: kubeflow, labels: {a: b}}\n"
    found = marked({"with": namespace, "without": MAP})
    for profile, default in (("with", 1), ("without", 0)):
        kinds = [one["kind"] for one in evaluate(found.profiles[profile], {}, "other")]
        assert kinds.count("Namespace") == default
        made = evaluate(found.profiles[profile], {"namespace": {"create": True}}, "other")
        assert [one["metadata"] for one in made if one["kind"] == "Namespace"] == [
            {"name": "other", "labels": {"a": "b"}}
        ]
        unmade = evaluate(found.profiles[profile], {"namespace": {"create": False}}, "other")
        assert "Namespace" not in [one["kind"] for one in unmade]


def test_with_nothing_set_an_object_is_as_it_was_rendered() -> None:
    (_, web) = evaluate(marked(f"{MAP}---{DEPLOYMENT}", REFERENCES).profiles["one"][:2], {}, "kubeflow")
    assert web["spec"]["template"]["spec"]["containers"][0] == {  # type: ignore[call-overload, index]
        "name": "web",
        "image": "ghcr.io/kubeflow/web:v1",
        "args": ["--side=ghcr.io/kubeflow/side:v1", "web", "ghcr.io/kubeflow/web:v10"],
        "envFrom": [{"configMapRef": {"name": "empty-6ct58987ht"}}],
    }


def test_what_no_release_can_hold_is_a_problem() -> None:
    (problem,) = marked("apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: run-}\n").problems
    assert "generateName: run-" in problem.message
