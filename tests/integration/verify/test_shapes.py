"""Tags of every shape on a real registry: what is right passes, and what an audit calls supported, and nothing else."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from buildkit.builds.check import Outcome
from buildkit.builds.expectation import BuiltDigest
from buildkit.model.platform import parse_platform
from tests.integration.registry.test_shapes import CASES, GOOD
from tests.support.ask import inspect, verdicts
from tests.support.push import OCI_INDEX, Entry, Index, Raw, build, delete_blob, delete_manifest, index, push_image
from tests.support.verified import PLATFORMS, PROVENANCE, Told, attested, labelled, proof
from tests.support.verify import messages, outcomes, remarks, verify_name

if TYPE_CHECKING:
    from tests.support.registry_process import Registry

NUMBERS = itertools.count()
AMD64, ARM64 = (labelled(platform, _version="v1", _revision="abc") for platform in PLATFORMS)
ARM64_DIGEST = build(ARM64.content).digest


def push(registry: Registry, *entries: Entry) -> str:
    """Push an index of these entries; gives its tag."""
    name = f"verify/shape-{next(NUMBERS)}"
    push_image(registry.host, name, "v1", Index(entries=entries))
    return f"{registry.host}/{name}:v1"


@pytest.mark.parametrize("name", CASES)
def test_what_passes_is_what_an_audit_calls_supported(name: str, registry: Registry) -> None:
    case = CASES[name]
    repository = f"verify/case-{next(NUMBERS)}"
    push_image(registry.host, repository, "v1", case.shape)
    tag = f"{registry.host}/{repository}:v1"
    (audited,) = inspect(tag, platforms=case.platforms)
    found = verify_name(tag, platforms=case.platforms)
    assert verdicts(audited) == case.verdicts
    assert (found.outcome is Outcome.OK) == (audited.verdict == "supported"), messages(found)
    assert (found.outcome is Outcome.UNKNOWN) == (audited.verdict == "unknown"), messages(found)
    assert {row.platform: row.digest for row in found.platforms if row.expected} == {
        name: record.digest for name, record in audited.platforms.items()
    }


def test_an_index_as_buildx_makes_it_passes_every_check(registry: Registry) -> None:
    shape = attested(AMD64, ARM64)
    digest = push_image(registry.host, "verify/good", "v1", shape)
    built = tuple(
        BuiltDigest(platform=parse_platform(platform), digest=build(entry.content).digest)
        for platform, entry in zip(PLATFORMS, (AMD64, ARM64), strict=True)
    )
    found = verify_name(
        f"{registry.host}/verify/good:v1@{digest}",
        exact=True,
        built=built,
        labels=(("org.opencontainers.image.version", "v1"),),
        attest=frozenset({"provenance"}),
    )
    assert set(outcomes(found).values()) == {"ok"}, messages(found)
    assert len(outcomes(found)) == 8
    assert [(row.built, row.indexed) for row in found.platforms] == [("yes", "yes")] * 2
    assert found.digest == digest


def test_a_platform_twice_and_an_audit_that_does_not_mind(registry: Registry) -> None:
    tag = push(registry, AMD64, ARM64, labelled("linux/arm64", salt="other", _version="v1", _revision="abc"))
    assert remarks(verify_name(tag)) == [("problem", "platforms", "linux/arm64")]
    (audited,) = inspect(tag)
    assert verdicts(audited) == GOOD


def test_labels_that_differ(registry: Registry) -> None:
    found = verify_name(push(registry, AMD64, labelled("linux/arm64", _version="v1", _revision="other")))
    assert remarks(found) == [("problem", "labels", None)]
    assert "linux/amd64 'abc', linux/arm64 'other'" in messages(found)


def test_labels_that_are_not_as_planned(registry: Registry) -> None:
    found = verify_name(push(registry, AMD64, ARM64), labels=(("org.opencontainers.image.version", "v2"),))
    assert remarks(found) == [("problem", "labels", "linux/amd64"), ("problem", "labels", "linux/arm64")]


@pytest.mark.parametrize("part", ["layer", "config", "statement"])
def test_a_blob_that_the_registry_has_lost(part: str, registry: Registry) -> None:
    arm64 = labelled("linux/arm64", salt=f"lost {part}")
    tag = push(registry, AMD64, arm64, proof(arm64))
    blobs = {"statement": build(proof(arm64).content).blobs}.get(part, build(arm64.content).blobs)
    lost = next(digest for digest, body in blobs.items() if body.startswith(b'{"created') == (part == "config"))
    repository = tag.partition("/")[2].removesuffix(":v1")
    delete_blob(registry.host, repository, lost)
    found = verify_name(tag)
    assert ("problem", "blobs", "linux/arm64") in remarks(found)
    assert lost in messages(found)
    assert [row.indexed for row in found.platforms] == ["yes", "no"]


def test_a_manifest_that_the_registry_has_lost(registry: Registry) -> None:
    arm64 = labelled("linux/arm64", salt="lost manifest")
    tag = push(registry, AMD64, arm64, proof(arm64))
    delete_manifest(registry.host, tag.partition("/")[2].removesuffix(":v1"), build(arm64.content).digest)
    found = verify_name(tag)
    assert ("problem", "platforms", "linux/arm64") in remarks(found)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(about="sha256:" + "0" * 64), "which is not in the index"),
        (Told(about=build(AMD64.content).digest, subject=ARM64_DIGEST), "not about"),
        (Told(subject="0" * 64), "not about"),
        (Told(stated="https://example.com/other"), "is of type"),
        (Told(body=b"no statement"), "no in-toto statement"),
    ],
    ids=["nobody", "another", "subject", "type", "nonsense"],
)
def test_provenance_of_something_else(told: Told, words: str, registry: Registry) -> None:
    found = verify_name(push(registry, AMD64, ARM64, proof(AMD64), proof(ARM64, told)))
    assert {one[:2] for one in remarks(found)} == {("problem", "attestations")}
    assert words in messages(found)
    assert [row.indexed for row in found.platforms] == ["yes", "yes"]


def test_provenance_that_was_planned_and_is_not_there(registry: Registry) -> None:
    tag = push(registry, AMD64, ARM64, proof(AMD64), proof(ARM64, Told(predicate="https://spdx.dev/Document")))
    found = verify_name(tag, attest=frozenset({"provenance"}))
    assert remarks(found) == [("problem", "attestations", "linux/arm64")]


def test_old_and_new_provenance_count(registry: Registry) -> None:
    old = Told(predicate="https://slsa.dev/provenance/v0.2")
    tag = push(registry, AMD64, ARM64, proof(AMD64, old), proof(ARM64, Told(predicate=PROVENANCE)))
    assert verify_name(tag, attest=frozenset({"provenance"})).outcome is Outcome.OK


def test_what_a_build_pushed_is_compared_by_its_image(registry: Registry) -> None:
    """BuildKit pushes an index of the image and its provenance; merging takes both out of it."""
    name = f"verify/pushed-{next(NUMBERS)}"
    built = []
    for platform, entry in zip(PLATFORMS, (AMD64, ARM64), strict=True):
        pushed = push_image(registry.host, name, platform.replace("/", "-"), attested(entry))
        built.append(BuiltDigest(platform=parse_platform(platform), digest=pushed))
    push_image(registry.host, name, "v1", attested(AMD64, ARM64))
    tag = f"{registry.host}/{name}:v1"
    assert outcomes(verify_name(tag, built=tuple(built)))["digests"] == "ok"
    swapped = (built[0], BuiltDigest(platform=built[1].platform, digest=built[0].digest))
    found = verify_name(tag, built=swapped)
    assert remarks(found) == [("problem", "digests", "linux/arm64")]
    assert [row.built for row in found.platforms] == ["yes", "no"]
    gone = (built[0], BuiltDigest(platform=built[1].platform, digest="sha256:" + "0" * 64))
    assert remarks(verify_name(tag, built=gone)) == [("unknown", "digests", "linux/arm64")]


def test_a_tag_that_moves_is_read_anew_each_time(registry: Registry) -> None:
    name = f"verify/moved-{next(NUMBERS)}"
    first = push_image(registry.host, name, "v1", index(*PLATFORMS, salt="first"))
    tag = f"{registry.host}/{name}:v1@{first}"
    assert verify_name(tag).outcome is Outcome.OK
    second = push_image(registry.host, name, "v1", index(*PLATFORMS, salt="second"))
    found = verify_name(tag)
    assert remarks(found) == [("problem", "digests", None)]
    assert (found.digest, first in messages(found)) == (second, True)
    assert verify_name(f"{registry.host}/{name}@{first}").outcome is Outcome.OK


def test_platforms_that_are_not_in_the_plan(registry: Registry) -> None:
    tag = push(registry, AMD64, ARM64, labelled("linux/s390x", _version="v1", _revision="abc"))
    assert verify_name(tag).outcome is Outcome.OK
    assert remarks(verify_name(tag, exact=True)) == [("problem", "platforms", "linux/s390x")]


def test_a_size_that_the_index_has_wrong(registry: Registry) -> None:
    """A registry takes such an index; clients that hold content against its descriptor do not."""
    body = build(Index(entries=(AMD64, ARM64))).manifests
    root = next(text for _, text in body.values() if b'"manifests"' in text)
    name = f"verify/size-{next(NUMBERS)}"
    push_image(registry.host, name, "good", Index(entries=(AMD64, ARM64)))
    size = len(build(ARM64.content).manifests[ARM64_DIGEST][1])
    push_image(
        registry.host, name, "v1", Raw(body=root.replace(b'"size": %d' % size, b'"size": 1'), media_type=OCI_INDEX)
    )
    found = verify_name(f"{registry.host}/{name}:v1")
    assert {one[:2] for one in remarks(found)} == {("problem", "configs")}
