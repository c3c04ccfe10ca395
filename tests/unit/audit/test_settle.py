"""What policy, exceptions and baseline make of verdicts, per image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.audit.exceptions import AuditException
from buildkit.audit.policy import ComponentRule, Policy
from buildkit.audit.settle import Rules
from buildkit.errors import Exit
from buildkit.model.inspection import Verdict
from tests.unit.audit.building import (
    AMD64,
    ARM64,
    GONE,
    MISSING,
    OK,
    SUSPECT,
    TODAY,
    UNKNOWN,
    Known,
    audit,
    by_folder,
    judged,
    katib,
    known,
    past,
    use,
)

if TYPE_CHECKING:
    from buildkit.audit.record import AuditedImage, Status

S390X, RISCV, PPC = "linux/s390x", "linux/riscv64", "linux/ppc64le"
FIVE = (AMD64, ARM64, S390X, RISCV, PPC)


def exception(platform: str, image: str = "docker.io/library/x") -> AuditException:
    return AuditException(
        image=image,
        platform=platform,
        reason="why",
        link="https://example.com/1",
        owner="us",
        expires=TODAY,
        releases=(),
        file="e.yaml",
        line=2,
    )


def x(**verdicts: Verdict) -> Known:
    names = {"amd64": AMD64, "arm64": ARM64, "s390x": S390X, "riscv64": RISCV, "ppc64le": PPC}
    return judged("docker.io/library/x:1", {names[name]: verdict for name, verdict in verdicts.items()})


# On each platform another status: allowed, excepted, known, unknown, fails.
RULES = Rules(
    today=TODAY,
    policy=Policy(platforms=FIVE, fail=frozenset({MISSING, GONE})),
    exceptions=(exception(ARM64),),
    past=past(x(s390x=GONE, ppc64le=OK)),
)


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ({"ppc64le": OK}, "ok"),
        ({"ppc64le": OK, "amd64": SUSPECT}, "allowed"),
        ({"ppc64le": OK, "amd64": SUSPECT, "arm64": MISSING}, "excepted"),
        ({"ppc64le": OK, "amd64": SUSPECT, "arm64": MISSING, "s390x": MISSING}, "known"),
        ({"ppc64le": OK, "amd64": SUSPECT, "arm64": MISSING, "s390x": MISSING, "riscv64": UNKNOWN}, "unknown"),
        ({"ppc64le": MISSING, "amd64": SUSPECT, "arm64": MISSING, "s390x": MISSING, "riscv64": UNKNOWN}, "fails"),
    ],
)
def test_the_worst_platform_decides(verdicts: dict[str, Verdict], status: Status) -> None:
    (image,) = audit(x(**verdicts), rules=RULES).images
    assert image.status == status


def test_a_status_needs_nothing_of_another_platform() -> None:
    found = {name: audit(x(**{name: MISSING}), rules=RULES).images[0].status for name in ("arm64", "s390x", "ppc64le")}
    assert found == {"arm64": "excepted", "s390x": "known", "ppc64le": "fails"}


def test_what_is_excepted_and_known_is_excepted() -> None:
    rules = Rules(today=TODAY, exceptions=(exception(ARM64),), past=past(x(arm64=MISSING)))
    (image,) = audit(x(arm64=MISSING), rules=rules).images
    assert (image.status, len(image.exceptions)) == ("excepted", 1)


def test_what_regressed_can_be_excepted_and_still_says_that_it_regressed() -> None:
    rules = Rules(today=TODAY, exceptions=(exception(ARM64),), past=past(x(arm64=OK)))
    done = audit(x(arm64=MISSING), rules=rules)
    assert (done.images[0].status, done.exit) == ("excepted", Exit.OK)
    assert done.images[0].change is not None
    assert done.images[0].change.kind == "regressed"


def test_without_a_baseline_nothing_changed() -> None:
    done = audit(x(arm64=MISSING))
    assert (done.images[0].change, done.compared) == (None, None)


def test_the_baseline_is_named_with_its_day() -> None:
    rules = Rules(today=TODAY, past=past(x(arm64=OK)), against="audits/baselines/26.03.json")
    compared = audit(x(arm64=OK), rules=rules).compared
    assert compared is not None
    assert (compared.against, compared.date, compared.gone) == ("audits/baselines/26.03.json", "2026-11-24", ())


SPARK = Policy(
    platforms=(AMD64, ARM64),
    components={"Spark Operator": ComponentRule(platforms=(AMD64,)), "Pipelines": ComponentRule(platforms=(S390X,))},
)


def spark(image: Known) -> AuditedImage:
    return audit(image, rules=Rules(today=TODAY, policy=SPARK), owner_of=by_folder).images[0]


def verdicts(*files: str, **found: Verdict) -> Known:
    image, facts = x(**found)
    return judged(
        image.name, {name: one.verdict for name, one in facts.platforms.items()}, *(use(file=f) for f in files)
    )


def test_an_image_is_judged_by_the_platforms_of_its_components_alone() -> None:
    image = spark(verdicts("spark/x.yaml", amd64=OK, arm64=MISSING, s390x=GONE))
    assert (image.verdict, image.reason, image.status, list(image.platforms)) == (OK, None, "ok", [AMD64])


def test_a_verdict_of_fewer_platforms_has_their_reasons() -> None:
    image = spark(verdicts("spark/x.yaml", amd64=SUSPECT, arm64=MISSING, s390x=GONE))
    assert (image.verdict, image.reason) == (SUSPECT, "the same layers as linux/s390x")


def test_several_components_require_what_one_of_them_does() -> None:
    image = spark(verdicts("spark/x.yaml", "pipelines/y.yaml", amd64=OK, arm64=MISSING, s390x=OK))
    assert (image.verdict, list(image.platforms)) == (OK, [AMD64, S390X])
    image = spark(verdicts("spark/x.yaml", "else/where.yaml", amd64=OK, arm64=MISSING, s390x=GONE))
    assert (image.verdict, list(image.platforms), image.status) == (MISSING, [AMD64, ARM64], "fails")


def test_a_sample_of_another_component_requires_nothing() -> None:
    image, facts = verdicts("spark/x.yaml", amd64=OK, arm64=MISSING, s390x=GONE)
    sample = use(file="katib/sample.yaml", sample=True)
    done = spark(judged(image.name, {n: one.verdict for n, one in facts.platforms.items()}, *image.uses, sample))
    assert list(done.platforms) == [AMD64]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_does_not_count_has_no_other_status(verdict: Verdict) -> None:
    done = audit(known("docker.io/library/x:1", verdict, counted=False))
    assert (done.images[0].status, done.exit) == ("not-counted", Exit.OK)


def test_the_audit_names_what_was_in_force() -> None:
    rules = Rules(
        release="26.03",
        today=TODAY,
        policy=Policy(platforms=(ARM64, AMD64), source="p.yaml"),
        exceptions_source="e.yaml",
    )
    done = audit(x(arm64=OK), rules=rules, owner_of=katib, problems=["example: broken"])
    assert (done.release, done.date, done.required) == ("26.03", TODAY, (ARM64, AMD64))
    assert (done.policy, done.exceptions, done.problems) == ("p.yaml", "e.yaml", ("example: broken",))
    assert (done.images[0].component, done.images[0].owner) == ("Katib", katib(use()).owner)


_VERDICTS = st.dictionaries(
    st.sampled_from(["amd64", "arm64", "s390x", "riscv64", "ppc64le"]), st.sampled_from(Verdict)
)


@given(
    _VERDICTS, _VERDICTS, st.sets(st.sampled_from(sorted(set(Verdict) - {OK, UNKNOWN}))), st.sampled_from([*FIVE, "*"])
)
def test_only_problems_fail_and_only_the_unknown_is_undetermined(
    now: dict[str, Verdict], then: dict[str, Verdict], fail: set[Verdict], platform: str
) -> None:
    rules = Rules(
        today=TODAY,
        policy=Policy(platforms=FIVE, fail=frozenset(fail)),
        exceptions=(exception(platform),),
        past=past(x(**then)),
    )
    (image,) = audit(x(**now), rules=rules).images
    found = set(now.values())
    if image.status == "fails":
        assert found & fail
    if image.status == "unknown":
        assert UNKNOWN in found
    if UNKNOWN in found:
        assert image.status in {"fails", "unknown"}
    if not found - {OK}:
        assert image.status == ("ok" if found else "allowed")
    assert {one.platform for one in image.exceptions} <= set(image.platforms)
