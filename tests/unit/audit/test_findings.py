"""Findings: one for each counted image that is not fine, in sentences that a person can act on."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildkit.audit.exceptions import AuditException
from buildkit.audit.findings import findings_of, worst_problem
from buildkit.audit.judge import Audit, Owned
from buildkit.audit.policy import Policy
from buildkit.audit.record import Replacement, Suggestion
from buildkit.audit.settle import Rules
from buildkit.model.finding import Owner, Place
from buildkit.model.image import ImageUse
from buildkit.model.inspection import Verdict
from tests.unit.audit.building import (
    AMD64,
    ARM64,
    GONE,
    MISLABELLED,
    MISSING,
    NO_IMAGE,
    OK,
    REASONS,
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
    from buildkit.model.finding import Finding

UI = "ghcr.io/katib/ui:2"
POD = "v1/Pod/a/pod-{}"


def only(done: Audit) -> Finding:
    (found,) = findings_of(done)
    return found


def exception(image: str, platform: str = ARM64) -> AuditException:
    return AuditException(
        image=image,
        platform=platform,
        reason="v3 has it",
        link="https://example.com/1",
        owner="Katib",
        expires=TODAY,
        releases=(),
        file="e.yaml",
        line=2,
    )


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (known(UI, GONE), f"{UI} does not exist or is private: 404 not found"),
        (known(UI, NO_IMAGE), f"{UI} is no container image: its config is application/vnd.cncf.helm.config.v1+json"),
        (
            known(UI, UNKNOWN),
            f"{UI} could not be judged for linux/amd64 and linux/arm64: the registry did not answer",
        ),
        (known(UI, UNKNOWN, amd64=OK), f"{UI} could not be judged for linux/arm64: the registry did not answer"),
        (known(UI, MISSING), f"{UI} has no linux/arm64, only linux/s390x"),
        (
            known(UI, MISLABELLED),
            f"{UI} has another content than its label says for linux/arm64: {REASONS[MISLABELLED]}".format(
                platform=ARM64
            ),
        ),
        (
            known(UI, SUSPECT, amd64=SUSPECT),
            f"{UI} may have the wrong content for linux/amd64 and linux/arm64: the same layers as linux/s390x",
        ),
    ],
)
def test_the_message_says_what_is_wrong_and_why(image: Known, message: str) -> None:
    found = only(audit(image))
    assert found.message == message
    assert (found.subject, found.rule) == (UI, str(min(image[1].verdict, found.rule)))


def test_a_message_without_a_reason_ends_there() -> None:
    image, facts = known(UI, MISSING)
    bare = replace(facts, platforms={name: replace(one, reason=None) for name, one in facts.platforms.items()})
    assert only(audit((image, bare))).message == f"{UI} has no linux/arm64 variant"


@pytest.mark.parametrize(
    ("verdict", "then", "message"),
    [
        (
            MISSING,
            "ghcr.io/katib/ui:1",
            f"regressed: {UI} has no linux/arm64, only linux/s390x; ghcr.io/katib/ui:1 had it",
        ),
        (MISSING, UI, f"regressed: {UI} has no linux/arm64, only linux/s390x; the same tag had it"),
        (
            GONE,
            "ghcr.io/katib/ui:1",
            f"regressed: {UI} does not exist or is private: 404 not found; ghcr.io/katib/ui:1 worked",
        ),
        (GONE, UI, f"regressed: {UI} does not exist or is private: 404 not found; the same tag worked"),
    ],
)
def test_a_regression_says_which_tag_had_it(verdict: Verdict, then: str, message: str) -> None:
    found = only(audit(known(UI, verdict), rules=Rules(today=TODAY, past=past(known(then)))))
    assert (found.message, found.level) == (message, "error")


def test_what_is_listed_only_says_why_it_does_not_count() -> None:
    rules = Rules(today=TODAY)
    missing = f"{UI} has no linux/arm64, only linux/s390x"
    cases = {
        f"{missing} (known from the baseline)": replace(rules, past=past(known(UI, MISSING))),
        f"{missing} (excepted until 2026-11-24, Katib: v3 has it)": replace(rules, exceptions=(exception(UI),)),
        f"{missing} (the policy allows it)": replace(rules, policy=Policy(fail=frozenset({GONE}))),
    }
    for message, ruled in cases.items():
        found = only(audit(known(UI, MISSING), rules=ruled))
        assert (found.message, found.level, found.rule) == (message, "note", "missing")


def test_a_problem_goes_before_the_unknown_and_the_worst_before_the_others() -> None:
    (image,) = audit(judged(UI, {AMD64: SUSPECT, ARM64: MISSING})).images
    assert worst_problem(image) == (MISSING, (ARM64,))
    (image,) = audit(judged(UI, {AMD64: UNKNOWN, ARM64: SUSPECT})).images
    assert worst_problem(image) == (SUSPECT, (ARM64,))


def test_a_finding_is_about_the_platform_that_fails_not_the_one_that_is_excepted() -> None:
    rules = Rules(today=TODAY, exceptions=(exception(UI),))
    found = only(audit(judged(UI, {AMD64: SUSPECT, ARM64: MISSING}), rules=rules))
    assert (found.rule, found.level) == ("suspect", "error")
    assert found.message == f"{UI} may have the wrong content for linux/amd64: the same layers as linux/s390x"


def test_a_finding_is_about_the_platform_that_regressed() -> None:
    then, now = judged(UI, {AMD64: GONE, ARM64: OK}), judged(UI, {AMD64: GONE, ARM64: MISSING})
    found = only(audit(now, rules=Rules(today=TODAY, past=past(then))))
    assert found.message == f"regressed: {UI} has no linux/arm64, only linux/s390x; the same tag had it"


def test_an_image_that_is_unknown_and_excepted_is_about_what_is_unknown() -> None:
    rules = Rules(today=TODAY, exceptions=(exception(UI),))
    found = only(audit(judged(UI, {AMD64: UNKNOWN, ARM64: MISSING}), rules=rules))
    assert (found.rule, found.level) == ("unknown", "warning")
    assert found.message == f"{UI} could not be judged for linux/amd64: the registry did not answer"


def test_what_is_fine_or_does_not_count_is_no_finding() -> None:
    assert findings_of(audit(known(UI), known("x", MISSING, counted=False))) == ()


def test_errors_come_first_regressions_before_all_and_notes_last() -> None:
    images = (
        known("a-excepted", MISSING, use(POD.format(1))),
        known("b-known", MISSING, use(POD.format(2))),
        known("c-unknown", UNKNOWN, use(POD.format(3))),
        known("d-suspect", SUSPECT, use(POD.format(4))),
        known("e-gone", GONE, use(POD.format(5))),
        known("f-regressed", SUSPECT, use(POD.format(6))),
        known("g-gone", GONE, use(POD.format(7))),
        known("h-ok", OK, use(POD.format(8))),
    )
    rules = Rules(
        today=TODAY,
        exceptions=(exception("*a-excepted"), exception("*nothing")),
        past=past(images[1], known("f-regressed", OK, use(POD.format(6)))),
    )
    found = [(one.level, one.subject) for one in findings_of(audit(*images, rules=rules))]
    assert found == [
        ("error", "f-regressed"),
        ("error", "e-gone"),
        ("error", "g-gone"),
        ("error", "d-suspect"),
        ("error", "*nothing"),
        ("warning", "c-unknown"),
        ("note", "b-known"),
        ("note", "a-excepted"),
    ]


def fix(image: Known, suggestion: Suggestion | None = None, *, owned: bool = True) -> str | None:
    done = audit(image, owner_of=katib) if owned else audit(image)
    return only(replace(done, images=tuple(replace(one, suggestion=suggestion) for one in done.images))).fix


def test_the_fix_says_whose_move_it_is() -> None:
    assert fix(known(UI, MISSING)) == "Ask kubeflow/katib for a working linux/arm64 variant."
    assert fix(known(UI, MISSING), owned=False) == "Ask its publisher for a working linux/arm64 variant."
    both = known(UI, SUSPECT, amd64=SUSPECT)
    assert fix(both) == "Ask kubeflow/katib for a working linux/amd64 and linux/arm64 variant."
    for verdict in (GONE, NO_IMAGE):
        assert fix(known(UI, verdict)) == "Correct the reference, or log in where it is private."
    assert fix(known(UI, UNKNOWN)) == "Run the audit again when its registry answers."


def test_the_fix_names_a_newer_tag_or_a_replacement() -> None:
    found = Suggestion(text="3 is the nearest newer tag with linux/arm64", name="ghcr.io/katib/ui:3", newer=2, asked=1)
    assert fix(known(UI, MISSING), found) == ("Use ghcr.io/katib/ui:3: 3 is the nearest newer tag with linux/arm64.")
    other = Replacement(text="Use the official image.", use="docker.io/library/x", source="https://example.com")
    none = Suggestion(text="none of 4 newer tags has linux/arm64", newer=4, asked=4)
    assert fix(known(UI, MISSING), replace(none, replacement=other)) == (
        "Replace it by docker.io/library/x: Use the official image."
    )
    assert fix(known(UI, MISSING), none) == (
        "None of 4 newer tags has linux/arm64. Ask kubeflow/katib for a working linux/arm64 variant."
    )


def test_places_are_distinct_lines_with_the_one_to_look_at_first() -> None:
    elsewhere = ImageUse(file="a.yaml", line=1, kustomizations=("other",), how="pod", sample=False)
    installed = use(file="z.yaml", line=9)
    again = replace(installed, path="spec.containers[1].image")
    second = replace(installed, line=12)
    sample = use("", "", file="README.md", sample=True)
    found = only(audit(known(UI, MISSING, elsewhere, sample, second, installed, again)))
    assert [(one.file, one.line) for one in found.places] == [("z.yaml", 9), ("a.yaml", 1), ("z.yaml", 12)]
    assert found.places[0] == Place(
        file="z.yaml",
        line=9,
        object="apps/v1/Deployment/kubeflow/web",
        path="spec.template.spec.containers[0].image",
        kustomizations=("example",),
    )


def test_each_place_names_its_own_owner_and_upstream_file() -> None:
    def owner_of(place: ImageUse) -> Owned | None:
        owned = by_folder(place)
        if owned is None:
            return None
        return replace(owned, upstream=Owner(repository="kubeflow/up", path="x/y.yaml"))

    found = only(audit(known(UI, MISSING, use(file="katib/a.yaml"), use(file="lost.yaml")), owner_of=owner_of))
    assert [(one.component, one.owner, one.upstream) for one in found.places] == [
        ("Katib", Owner(repository="kubeflow/Katib"), Owner(repository="kubeflow/up", path="x/y.yaml")),
        (None, None, None),
    ]


def test_five_thousand_findings_are_quick() -> None:
    images = [
        known(f"ghcr.io/x/i{n}:1", MISSING, *(use(POD.format(f"{n}-{m}"), line=m + 1) for m in range(5)))
        for n in range(5_000)
    ]
    bumped = [known(image.name[:-1] + "2", MISSING, *image.uses) for image, _ in images]
    then = past(*images)
    start = time.process_time()
    found = findings_of(audit(*bumped, rules=Rules(today=TODAY, past=then)))
    assert len(found) == 5_000
    assert {one.level for one in found} == {"note"}
    assert time.process_time() - start < 4
