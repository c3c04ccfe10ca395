"""What becomes of an image on an arm64 node, from its verdicts alone."""

from __future__ import annotations

import pytest

from buildkit.audit.meaning import on_arm64
from buildkit.audit.record import OnArm64
from buildkit.images.knowledge import Emulation
from buildkit.model.facts import Entry, Failure, RegistryFacts
from buildkit.model.inspection import PlatformRecord, Verdict
from buildkit.model.platform import Platform, parse_platform
from buildkit.verdict.judge import judge

AMD64, ARM64 = parse_platform("linux/amd64"), parse_platform("linux/arm64")
ROOT = "sha256:" + "f" * 64
TRAP = Emulation(image="*", tags=".*", text="QEMU lacks io_uring", source="https://example.com/1")


def entry(platform: str | None, config: str | None = None, *, digest: str = "a", lost: bool = False) -> Entry:
    return Entry(
        digest=ROOT if platform is None else f"sha256:{digest * 64}",
        declared=parse_platform(platform) if platform else None,
        configured=None if lost else parse_platform(config or platform or ""),
        config_read=not lost,
        layers=(f"sha256:{digest}{config}{platform}",),
        failure=Failure(verdict=Verdict.MISSING, reason="the index names it, but it is gone") if lost else None,
    )


def meaning(
    *entries: Entry,
    required: tuple[Platform, ...] = (AMD64, ARM64),
    failure: Failure | None = None,
    emulation: Emulation | None = None,
) -> OnArm64 | None:
    facts = RegistryFacts(digest=ROOT, depth="config", entries=entries, failure=failure)
    return on_arm64(judge("x", facts, required).platforms, emulation)


def test_nothing_is_said_where_arm64_is_not_required() -> None:
    assert meaning(entry("linux/amd64"), required=(AMD64,)) is None


def test_a_supported_image_runs_natively_whatever_emulation_does_to_it() -> None:
    assert meaning(entry("linux/amd64"), entry("linux/arm64"), emulation=TRAP) == OnArm64(outcome="native")


@pytest.mark.parametrize("required", [(AMD64, ARM64), (ARM64,)], ids=["both required", "arm64 alone"])
def test_an_index_without_arm64_has_no_match_and_a_single_manifest_is_pulled_and_breaks(
    required: tuple[Platform, ...],
) -> None:
    in_index = meaning(entry("linux/amd64"), required=required)
    alone = meaning(entry(None, "linux/amd64"), required=required)
    assert in_index == OnArm64(outcome="emulated", error="no matching manifest")
    assert alone == OnArm64(outcome="emulated", error="exec format error")


def test_amd64_under_an_arm64_label_may_be_either() -> None:
    """kube-rbac-proxy's arm64 images said amd64 in their configs, and ran (brancz/kube-rbac-proxy#79)."""
    wrong = entry("linux/arm64", "linux/amd64", digest="b")
    found = meaning(entry("linux/amd64"), wrong)
    assert found == OnArm64(outcome="unknown", reason="the index says linux/arm64, the config linux/amd64")


def test_what_fails_even_emulated_says_why_and_where_that_is_known_from() -> None:
    for only in (entry("linux/amd64"), entry(None, "linux/amd64")):
        found = meaning(only, emulation=TRAP)
        assert found is not None
        assert (found.outcome, found.reason, found.source) == ("fails", TRAP.text, TRAP.source)
        assert found.error in {"no matching manifest", "exec format error"}


def test_an_index_that_names_a_lost_arm64_manifest_fails_while_it_is_pulled() -> None:
    found = meaning(entry("linux/amd64"), entry("linux/arm64", digest="b", lost=True))
    assert found == OnArm64(outcome="emulated", error="not found")


@pytest.mark.parametrize("required", [(AMD64, ARM64), (ARM64,)], ids=["both required", "arm64 alone"])
def test_without_amd64_code_nobody_knows_what_would_run(required: tuple[Platform, ...]) -> None:
    for only in (entry("linux/s390x"), entry("windows/amd64"), entry(None, "linux/s390x")):
        found = meaning(only, required=required, emulation=TRAP)
        assert found is not None
        assert found.outcome == "unknown"
        assert "linux/amd64 is" in str(found.reason)


def test_an_amd64_manifest_that_is_lost_cannot_be_emulated() -> None:
    found = meaning(entry("linux/amd64", lost=True))
    assert found is not None
    assert (found.outcome, found.error) == ("unknown", "no matching manifest")


def test_another_mislabel_than_amd64_is_unknown() -> None:
    found = meaning(entry("linux/amd64"), entry("linux/arm64", "linux/s390x", digest="b"))
    assert found is not None
    assert (found.outcome, found.reason) == ("unknown", "the index says linux/arm64, the config linux/s390x")


@pytest.mark.parametrize("verdict", [Verdict.ABSENT, Verdict.NOT_AN_IMAGE, Verdict.UNKNOWN])
def test_a_failure_of_the_root_is_unknown_with_its_reason(verdict: Verdict) -> None:
    found = meaning(failure=Failure(verdict=verdict, reason="why"), emulation=TRAP)
    assert found == OnArm64(outcome="unknown", reason="why")


def test_suspect_is_unknown_with_its_reason() -> None:
    records = {
        "linux/amd64": PlatformRecord(verdict=Verdict.SUSPECT, reason="the same layers as linux/arm64"),
        "linux/arm64": PlatformRecord(verdict=Verdict.SUSPECT, reason="the same layers as linux/amd64"),
    }
    assert on_arm64(records, None) == OnArm64(outcome="unknown", reason="the same layers as linux/amd64")


def test_a_record_that_does_not_say_what_else_there_is_stays_unknown() -> None:
    found = on_arm64({"linux/arm64": PlatformRecord(verdict=Verdict.MISSING)}, None)
    assert found is not None
    assert (found.outcome, found.reason) == ("unknown", "nobody asked for linux/amd64")
