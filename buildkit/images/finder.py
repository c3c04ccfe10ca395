"""Every image that the objects of one render name, and where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.images import configuration, declared, schemas, surroundings
from buildkit.images.candidates import Judge
from buildkit.images.embedded import Texts
from buildkit.images.fields import Walk
from buildkit.images.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.images.hits import Hit, Text
    from buildkit.images.knowledge import Knowledge
    from buildkit.images.surroundings import Surroundings
    from buildkit.model.resource import Resource

_WORKLOADS: Final = frozenset(
    [
        "Pod",
        "PodTemplate",
        "ReplicationController",
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "CronJob",
    ]
)
_BUILT_IN: Final = frozenset({"", "apps", "batch", "extensions"})
# Kustomize's own files say what is to be changed, and no cluster reads them.
_NOT_APPLIED: Final = ("kustomize.config.k8s.io",)


def find(resources: Sequence[Resource], knowledge: Knowledge) -> tuple[Found, ...]:
    """Find the images of all objects of ONE render: references between objects are followed among them.

    Returns:
        Sorted by object and path, each place and reference once.
    """
    judge = Judge(knowledge.registries, knowledge.placeholders)
    known = surroundings.survey(resources)
    found: dict[tuple[object, ...], Found] = {}
    for resource in resources:
        images = [_found(resource, hit) for hit in _search(resource, known, knowledge, judge)]
        for one in (*images, *declared.search(resource, images, knowledge)):
            found.setdefault((one.object, one.path, one.text, one.how == "declared"), one)
    return tuple(sorted(found.values(), key=lambda one: (one.object, one.path, one.text, one.how)))


def _search(resource: Resource, known: Surroundings, knowledge: Knowledge, judge: Judge) -> Iterator[Hit]:
    if resource.id.group in _NOT_APPLIED:
        return
    for hit in Texts(judge=judge).expand(_places(resource, known, knowledge, judge)):
        yield configuration.with_version(resource, hit, known, judge)


def _places(resource: Resource, known: Surroundings, knowledge: Knowledge, judge: Judge) -> Iterator[Hit | Text]:
    kind = resource.id.kind
    if kind == "CustomResourceDefinition":
        yield from schemas.search(resource.body.get("spec"), "spec", "", judge)
        return
    walk = walk_of(resource, knowledge, judge)
    if kind in {"ConfigMap", "Secret"} and not resource.id.group:
        yield from configuration.search(resource, known, judge)
        yield from walk.over({"metadata": resource.body.get("metadata")}, "")
    else:
        yield from walk.over(resource.body, "")


def walk_of(resource: Resource, knowledge: Knowledge, judge: Judge) -> Walk:
    """The walk for one object: built-in workloads have pods, everything else has fields."""
    pod = resource.id.kind in _WORKLOADS and resource.id.group in _BUILT_IN
    walk = Walk(judge=judge, how="pod" if pod else "field", bare=True)
    images, never = knowledge.fields_of(resource.id.group, resource.id.kind)
    return replace(walk, images=images, never=never) if images or never else walk


def _found(resource: Resource, hit: Hit) -> Found:
    return Found(
        object=resource.id,
        path=hit.path,
        text=hit.candidate.text,
        reference=hit.candidate.reference,
        how=hit.how,
        sample=hit.sample,
        parts=hit.parts,
        holder=hit.holder,
    )
