"""Every check of a tag: what passes, what is a problem, what is not known; and that these three never mix."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildkit.builds.check import Outcome
from buildkit.builds.expectation import BuiltDigest
from buildkit.builds.verification import verify
from buildkit.model.contents import Descriptor
from buildkit.model.execution import Executed, Execution, not_executed
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict
from buildkit.model.platform import parse_platform
from tests.unit.builds.contents import (
    GONE,
    LABELS,
    SBOM,
    UNREAD,
    attestation,
    blob,
    built,
    digest,
    expected,
    image,
    labelled,
    statement,
    tag,
)

if TYPE_CHECKING:
    from buildkit.builds.check import Check
    from buildkit.builds.verification import Verification
    from buildkit.model.contents import AttestationContents

OK, PROBLEM, UNKNOWN, NOT_ASKED = Outcome.OK, Outcome.PROBLEM, Outcome.UNKNOWN, Outcome.NOT_ASKED
AMD64, ARM64 = image("linux/amd64"), image("linux/arm64")


def check(found: Verification, name: str) -> Check:
    return next(one for one in found.checks if one.name == name)


def said(found: Verification, name: str) -> list[tuple[str, str | None, str]]:
    return [(str(one.outcome), one.platform, one.message) for one in check(found, name).remarks]


def bad(found: Verification) -> set[str]:
    """Names of the checks that did not pass."""
    return {one.name for one in found.checks if one.outcome in {PROBLEM, UNKNOWN}}


def test_a_good_tag_passes_and_what_was_not_asked_is_no_pass() -> None:
    found = verify(tag(), expected())
    assert found.outcome is OK
    assert {one.name: one.outcome for one in found.checks} == {
        "index": OK,
        "platforms": OK,
        "configs": OK,
        "layers": OK,
        "blobs": OK,
        "labels": OK,
        "attestations": NOT_ASKED,
        "digests": NOT_ASKED,
        "executed": NOT_ASKED,
    }
    assert [(row.platform, row.built, row.indexed, row.execution.state) for row in found.platforms] == [
        ("linux/amd64", "unknown", "yes", Executed.NOT_EXECUTED),
        ("linux/arm64", "unknown", "yes", Executed.NOT_EXECUTED),
    ]
    assert [row.digest for row in found.platforms] == [AMD64.digest, ARM64.digest]


def test_everything_that_can_be_asked_passes() -> None:
    everything = expected(
        exact=True,
        index=digest("index"),
        built=built(AMD64, ARM64),
        labels=LABELS,
        attest=frozenset({"provenance"}),
        smoke=("/x",),
    )
    ran = Execution(state=Executed.NATIVELY, way="native", exit_code=0)
    emulated = replace(ran, state=Executed.EMULATED, way="emulated")
    found = verify(tag(attested=True), everything, executions={"linux/amd64": ran, "linux/arm64": emulated})
    assert {one.outcome for one in found.checks} == {OK}
    assert {(row.built, row.indexed) for row in found.platforms} == {("yes", "yes")}


@pytest.mark.parametrize(
    ("failure", "outcome", "indexed"),
    [
        (Failure(verdict=Verdict.ABSENT, reason="no such tag"), PROBLEM, "no"),
        (Failure(verdict=Verdict.NOT_AN_IMAGE, reason="a chart"), PROBLEM, "no"),
        (UNREAD, UNKNOWN, "unknown"),
    ],
)
def test_a_tag_that_cannot_be_read(failure: Failure, outcome: Outcome, indexed: str) -> None:
    found = verify(tag((), failure=failure, digest=None), expected(built=(), labels=LABELS), executions={})
    assert found.outcome is outcome
    assert said(found, "index") == [(str(outcome), None, failure.reason)]
    assert {one.name for one in found.checks} == {"index"}
    assert {(row.platform, row.indexed) for row in found.platforms} == {
        ("linux/amd64", indexed),
        ("linux/arm64", indexed),
    }


def test_an_index_of_artifacts_alone_is_no_image() -> None:
    found = verify(tag((), others=(Descriptor(digest=digest("x"), size=1),)), expected())
    assert said(found, "index") == [("problem", None, "an OCI artifact, no container image")]


def test_a_platform_that_is_missing() -> None:
    found = verify(tag([AMD64]), expected())
    assert bad(found) == {"platforms"}
    assert said(found, "platforms") == [("problem", "linux/arm64", "no linux/arm64, only linux/amd64")]
    assert [row.indexed for row in found.platforms] == ["yes", "no"]


def test_a_manifest_that_the_registry_has_lost_is_missing_and_its_blobs_are_not_known() -> None:
    lost = replace(ARM64, size=None, config=None, config_blob=None, layers=(), own_layers=(), failure=GONE)
    found = verify(tag([AMD64, lost]), expected())
    assert found.outcome is PROBLEM
    assert said(found, "platforms") == [("problem", "linux/arm64", "the registry has none")]
    assert [one[:2] for one in said(found, "blobs")] == [("unknown", "linux/arm64")]


def test_a_platform_that_stands_twice() -> None:
    other = image("linux/arm64", layer="another")
    found = verify(tag([AMD64, ARM64, other]), expected())
    assert bad(found) == {"platforms"}
    assert said(found, "platforms")[0][:2] == ("problem", "linux/arm64")
    assert [row.indexed for row in found.platforms] == ["yes", "no"]


def test_a_spelling_of_the_same_platform_is_the_same_platform() -> None:
    found = verify(tag([AMD64, ARM64, image("linux/aarch64/v8", layer="another")]), expected())
    assert bad(found) == {"platforms"}


def test_versions_of_windows_are_platforms_of_their_own() -> None:
    windows = [image("windows/amd64", layer=name) for name in ("2022", "2025")]
    versions = [
        replace(one, descriptor=replace(one.descriptor, os_version=name))
        for one, name in zip(windows, ("10.0.20348", "10.0.26100"), strict=True)
    ]
    assert verify(tag([AMD64, ARM64, *versions]), expected()).outcome is OK
    assert bad(verify(tag([AMD64, ARM64, *windows]), expected())) == {"platforms"}


def test_another_platform_is_a_problem_only_where_a_plan_says_all_of_them() -> None:
    more = [AMD64, ARM64, image("linux/s390x")]
    assert verify(tag(more), expected()).outcome is OK
    found = verify(tag(more), expected(exact=True))
    assert said(found, "platforms") == [("problem", "linux/s390x", "linux/s390x is not in the plan")]
    assert [(row.platform, row.expected) for row in found.platforms][-1] == ("linux/s390x", False)


def test_a_config_that_contradicts_its_descriptor() -> None:
    found = verify(tag([AMD64, image("linux/arm64", config="linux/amd64")]), expected())
    assert bad(found) == {"configs"}
    assert said(found, "configs") == [("problem", "linux/arm64", "the index says linux/arm64, the config linux/amd64")]


def test_of_platforms_that_nobody_asked_for_the_config_counts_too() -> None:
    found = verify(tag([AMD64, ARM64, image("linux/s390x", config="linux/ppc64le")]), expected())
    assert said(found, "configs")[0][:2] == ("problem", "linux/s390x")


def test_a_config_that_could_not_be_read_is_no_problem_and_no_pass() -> None:
    unread = replace(ARM64, config=None, failure=UNREAD)
    found = verify(tag([AMD64, unread]), expected())
    assert found.outcome is UNKNOWN
    assert said(found, "configs") == [("unknown", "linux/arm64", "no answer")]
    assert [row.indexed for row in found.platforms] == ["yes", "unknown"]


def test_a_size_or_number_of_layers_that_disagrees() -> None:
    found = verify(tag([replace(AMD64, size=8), replace(ARM64, layers=(*ARM64.layers, blob("more")))]), expected())
    assert bad(found) == {"configs"}
    assert [one[1] for one in said(found, "configs")] == ["linux/amd64", "linux/arm64"]


def test_two_platforms_with_the_same_layers() -> None:
    found = verify(tag([image("linux/amd64", layer="one"), image("linux/arm64", layer="one")]), expected())
    assert bad(found) == {"layers"}
    assert said(found, "layers") == [
        ("problem", "linux/amd64", "the same layers as linux/arm64"),
        ("problem", "linux/arm64", "the same layers as linux/amd64"),
    ]


def test_images_without_layers_of_their_own_are_never_the_same() -> None:
    empty = [replace(one, own_layers=()) for one in (AMD64, ARM64)]
    assert verify(tag(empty), expected()).outcome is OK


def test_a_blob_that_is_missing_or_of_another_size() -> None:
    images = [
        replace(AMD64, layers=(blob("a", found=None, failure=GONE),)),
        replace(ARM64, config_blob=blob("b", found=9)),
    ]
    found = verify(tag(images), expected())
    assert bad(found) == {"blobs"}
    assert [one[:2] for one in said(found, "blobs")] == [("problem", "linux/amd64"), ("problem", "linux/arm64")]
    assert "9 bytes in the registry, 10 in its manifest" in said(found, "blobs")[1][2]
    assert [row.indexed for row in found.platforms] == ["no", "no"]


def test_a_blob_that_nobody_could_tell_of_is_not_known() -> None:
    found = verify(tag([AMD64, replace(ARM64, layers=(blob("a", found=None, failure=UNREAD),))]), expected())
    assert (found.outcome, bad(found)) == (UNKNOWN, {"blobs"})
    assert [row.indexed for row in found.platforms] == ["yes", "unknown"]


def test_a_layer_that_is_kept_elsewhere_was_not_asked_for_and_is_no_fault() -> None:
    assert verify(tag([AMD64, replace(ARM64, layers=(blob("a", found=None),))]), expected()).outcome is OK


def test_a_lost_statement_is_a_fault_of_the_platform_that_it_is_about() -> None:
    gone = statement(ARM64.digest, blob=blob("s", found=None, failure=GONE), failure=GONE)
    found = verify(tag(attestations=(attestation(ARM64, statements=(gone,)),)), expected())
    assert bad(found) == {"blobs"}
    assert said(found, "blobs") == [
        ("problem", "linux/arm64", f"blob {digest('s')[:19]}: the registry has none"),
    ]


@pytest.mark.parametrize(
    ("spoilt", "outcome", "words"),
    [
        (attestation(ARM64, refers=digest("nobody"), subject=None), PROBLEM, "which is not in the index"),
        (attestation(ARM64, refers=None), PROBLEM, "does not say which image"),
        (attestation(ARM64, subject=AMD64.digest), PROBLEM, "its manifest is about"),
        (attestation(ARM64, size=3), PROBLEM, "has 9 bytes, it has 3"),
        (attestation(ARM64, statements=(), failure=GONE), PROBLEM, "the registry has none"),
        (attestation(ARM64, statements=(), failure=UNREAD), UNKNOWN, "no answer"),
        (attestation(ARM64, statements=(statement(AMD64.digest),)), PROBLEM, "not about"),
        (attestation(ARM64, statements=(statement(ARM64.digest, subjects=()),)), PROBLEM, "about nothing"),
        (attestation(ARM64, statements=(statement(ARM64.digest, stated_type="x"),)), PROBLEM, "of type 'x'"),
        (attestation(ARM64, statements=(statement(ARM64.digest, failure=UNREAD),)), UNKNOWN, "no answer"),
    ],
)
def test_an_attestation_that_is_not_about_its_image(spoilt: AttestationContents, outcome: Outcome, words: str) -> None:
    found = verify(tag(attestations=(attestation(AMD64), spoilt)), expected())
    assert (found.outcome, bad(found)) == (outcome, {"attestations"})
    assert words in said(found, "attestations")[0][2]


def test_what_is_planned_to_be_attested_is_asked_of_every_platform() -> None:
    wanted = expected(attest=frozenset({"provenance", "sbom"}))
    listed = statement(AMD64.digest, predicate_type=SBOM)
    contents = tag(attestations=(attestation(AMD64, listed), attestation(ARM64)))
    found = verify(contents, wanted)
    assert said(found, "attestations") == [("problem", "linux/arm64", "it has no sbom, which was planned")]
    assert said(verify(tag(), wanted), "attestations")[0][:2] == ("problem", "linux/amd64")


def test_whether_an_unread_attestation_has_what_is_planned_is_not_known() -> None:
    unread = attestation(ARM64, statements=(), failure=UNREAD)
    contents = tag(attestations=(attestation(AMD64), unread))
    found = verify(contents, expected(attest=frozenset({"provenance"})))
    assert {one[0] for one in said(found, "attestations")} == {"unknown"}


def test_planned_labels_are_asked_of_every_platform() -> None:
    other = labelled(ARM64, ("org.opencontainers.image.revision", "other"))
    found = verify(tag([AMD64, other]), expected(labels=LABELS))
    assert bad(found) == {"labels"}
    assert said(found, "labels") == [
        ("problem", "linux/arm64", "org.opencontainers.image.revision: planned is 'abc', the image has 'other'"),
        ("problem", "linux/arm64", "org.opencontainers.image.version: planned is 'v1', the image has no such label"),
    ]


def test_without_a_plan_platforms_may_not_tell_different_things_of_themselves() -> None:
    other = labelled(ARM64, ("org.opencontainers.image.revision", "other"), LABELS[1])
    found = verify(tag([AMD64, other]), expected())
    assert said(found, "labels") == [
        ("problem", None, "org.opencontainers.image.revision differs: linux/amd64 'abc', linux/arm64 'other'")
    ]


@pytest.mark.parametrize(
    "name", ["architecture", "org.opencontainers.image.created", "org.opencontainers.image.base.digest"]
)
def test_what_base_images_and_clocks_say_may_differ(name: str) -> None:
    images = [labelled(AMD64, (name, "a")), labelled(ARM64, (name, "b"))]
    assert verify(tag(images), expected()).outcome is OK


def test_of_labels_that_differ_by_the_thousand_the_first_are_told() -> None:
    names = [f"org.opencontainers.image.x{number}" for number in range(100_000)]
    other = labelled(ARM64, *((name, "other") for name in names))
    found = check(verify(tag([labelled(AMD64), other]), expected(labels=None)), "labels")
    assert len(found.remarks) == 51
    assert found.remarks[-1].message == "99950 more labels differ"


def test_labels_of_an_unread_config_are_not_known() -> None:
    found = verify(tag([AMD64, replace(ARM64, config=None, failure=UNREAD)]), expected(labels=LABELS))
    assert said(found, "labels") == [("unknown", "linux/arm64", "its config was not read")]


def test_a_tag_that_has_moved() -> None:
    found = verify(tag(), expected(index=digest("another")))
    assert bad(found) == {"digests"}
    assert said(found, "digests")[0][:2] == ("problem", None)


def test_an_image_that_is_not_the_one_that_was_built() -> None:
    foreign = (BuiltDigest(platform=parse_platform("linux/arm64"), digest=digest("p"), manifest=digest("m")),)
    found = verify(tag(), expected(built=built(AMD64) + foreign))
    assert bad(found) == {"digests"}
    assert said(found, "digests") == [
        ("problem", "linux/arm64", f"it is {ARM64.digest}, the build reported {digest('m')}")
    ]
    assert [row.built for row in found.platforms] == ["yes", "no"]
    assert [row.indexed for row in found.platforms] == ["yes", "yes"]


def test_without_a_result_of_a_platform_it_is_not_known_what_was_built() -> None:
    found = verify(tag(), expected(built=built(AMD64)))
    assert (found.outcome, bad(found)) == (UNKNOWN, {"digests"})
    assert [row.built for row in found.platforms] == ["yes", "unknown"]


def test_a_result_may_name_the_pushed_index_whose_image_counts() -> None:
    pushed = BuiltDigest(platform=parse_platform("linux/arm64"), digest=digest("pushed"))
    wanted = expected(built=(*built(AMD64), pushed))
    root = tag([ARM64], digest=digest("pushed"))
    assert verify(tag(), wanted, pushed={digest("pushed"): root}).outcome is OK
    other = verify(tag(), wanted, pushed={digest("pushed"): tag([AMD64], digest=digest("pushed"))})
    assert said(other, "digests")[0][:2] == ("problem", "linux/arm64")
    for lost in ({}, {digest("pushed"): tag((), failure=GONE)}, {digest("pushed"): tag((), failure=UNREAD)}):
        assert verify(tag(), wanted, pushed=lost).outcome is UNKNOWN


def test_a_result_may_name_the_image_itself() -> None:
    itself = tuple(BuiltDigest(platform=one.platform, digest=one.digest) for one in (AMD64, ARM64) if one.platform)
    assert verify(tag(), expected(built=itself)).outcome is OK


def test_what_was_built_of_a_platform_that_is_not_there_is_not_known() -> None:
    found = verify(tag([AMD64]), expected(built=built(AMD64, ARM64)))
    assert bad(found) == {"platforms", "digests"}
    assert [row.built for row in found.platforms] == ["yes", "unknown"]


def test_what_failed_to_start_is_a_problem_and_what_was_not_executed_is_not_known() -> None:
    failed = Execution(state=Executed.FAILED, way="emulated", reason="exit 3", exit_code=3)
    found = verify(tag(), expected(), executions={"linux/arm64": failed, "linux/amd64": not_executed("no engine")})
    assert found.outcome is PROBLEM
    assert said(found, "executed") == [
        ("unknown", "linux/amd64", "not executed: no engine"),
        ("problem", "linux/arm64", "failed: exit 3"),
    ]
    assert "emulator" in check(found, "executed").remarks[1].fix
    assert verify(tag(), expected(), executions={}).outcome is UNKNOWN


def test_not_executed_changes_nothing_of_what_is_indexed() -> None:
    found = verify(tag(), expected(), executions={})
    assert {row.indexed for row in found.platforms} == {"yes"}


def test_a_single_image_serves_its_one_platform() -> None:
    single = replace(AMD64, descriptor=replace(AMD64.descriptor, platform=None, digest=digest("index")))
    contents = tag([single], index=False)
    assert verify(contents, expected(platforms=(parse_platform("linux/amd64"),))).outcome is OK
    found = verify(contents, expected())
    assert said(found, "platforms") == [("problem", "linux/arm64", "no linux/arm64, only linux/amd64")]


def test_a_single_image_whose_config_is_lost_is_told_as_such() -> None:
    lost = replace(
        AMD64,
        descriptor=replace(AMD64.descriptor, platform=None),
        config=None,
        config_blob=blob("c", found=None, failure=GONE),
        failure=replace(UNREAD, reason="its config: gone"),
    )
    found = verify(tag([lost], index=False), expected())
    assert found.outcome is PROBLEM
    assert "blobs" in bad(found)


def test_the_same_remark_is_made_once() -> None:
    twice = replace(ARM64, layers=(blob("a", found=None, failure=GONE),) * 2, config=None, failure=UNREAD)
    assert len(said(verify(tag([AMD64, twice]), expected()), "blobs")) == 1
