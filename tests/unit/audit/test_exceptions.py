"""Exceptions: what they cover, until when, and when they are findings themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from buildkit.audit.exceptions import AuditException, covering, parse_exceptions, select_exceptions
from buildkit.audit.policy import Policy
from buildkit.audit.record import Excepted
from buildkit.audit.settle import Rules
from buildkit.errors import Exit, UsageError
from buildkit.model.finding import Finding, Place
from tests.unit.audit.building import AMD64, ARM64, GONE, MISSING, OK, TODAY, UNKNOWN, Known, audit, known, use

DIGEST = "sha256:" + "a" * 64
ONE = AuditException(
    image="ghcr.io/kubeflow/katib/ui:*",
    platform=ARM64,
    reason="the next release has it",
    link="https://github.com/kubeflow/katib/issues/1",
    owner="Katib working group",
    expires=TODAY,
    releases=(),
    file="audits/exceptions.yaml",
    line=7,
)
UI = "ghcr.io/kubeflow/katib/ui:v1"


def entry(**keys: str) -> str:
    lines = {
        "image": "ghcr.io/kubeflow/katib/ui:*",
        "platform": "linux/arm64/v8",
        "reason": "the next release has it",
        "link": "https://github.com/kubeflow/katib/issues/1",
        "owner": "Katib working group",
        "expires": "2026-11-24",
    } | keys
    written = [f"{key}: {value}" for key, value in lines.items() if value]
    return "exceptions:\n  - " + "\n    ".join(written) + "\n"


def stale(*images: Known, one: AuditException = ONE, policy: Policy | None = None) -> tuple[Finding, ...]:
    return audit(*images, rules=Rules(today=TODAY, exceptions=(one,), policy=policy or Policy())).stale


def test_every_key_is_read() -> None:
    text = entry(releases="['v1.11*', \"26.03\"]")
    assert parse_exceptions(text, "e.yaml") == (replace(ONE, releases=("v1.11*", "26.03"), file="e.yaml", line=2),)
    assert parse_exceptions(entry(platform='"*"'), "e.yaml")[0].platform == "*"


@pytest.mark.parametrize("text", ["", "# none\n", "exceptions: []\n", "{}\n"])
def test_a_file_may_hold_none(text: str) -> None:
    assert parse_exceptions(text, "e.yaml") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- image: x\n", "e.yaml:1: expected a mapping of exceptions"),
        ("exception: []\n", "e.yaml:1: exception: is no key here; known: exceptions"),
        ("exceptions: {}\n", "e.yaml:1: exceptions: must be a list"),
        ("exceptions:\n", "e.yaml:1: exceptions: must be a list"),
        ("exceptions:\n  - x\n", "e.yaml:2: expected a mapping of image, platform, reason, link, owner, expires, rel"),
        (entry(tag="x"), "e.yaml:8: tag: is no key here; known: image, platform, reason, link, owner, expires, rel"),
        (entry(image=""), "e.yaml:2: image: is missing"),
        (entry(platform=""), "e.yaml:2: platform: is missing"),
        (entry(reason=""), "e.yaml:2: reason: is missing"),
        (entry(link=""), "e.yaml:2: link: is missing"),
        (entry(owner=""), "e.yaml:2: owner: is missing"),
        (entry(expires=""), "e.yaml:2: expires: is missing"),
        (entry(reason='""'), "e.yaml:4: reason: must be a text that is not empty"),
        (entry(platform="arm64"), "e.yaml:3: platform: 'arm64' is no platform"),
        (entry(link="issue 12"), "e.yaml:5: link: must be a URL: where the decision can be read"),
        (entry(link="javascript:alert(1)"), "e.yaml:5: link: must be a URL: where the decision can be read"),
        (entry(expires="never"), "e.yaml:7: expires: must be a date such as 2027-03-31"),
        (entry(expires="2027-02-30"), "e.yaml:7: expires: '2027-02-30' is no date: day is out of range for month"),
        (entry(releases="v1.11"), "e.yaml:8: releases: must be a list"),
        (entry(releases="[26.03]"), "e.yaml:8: releases: must be a list of texts, numbers and dates in quotes"),
        (entry() + "  - image: x\n", "e.yaml:8: platform: is missing"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_exceptions(text, "e.yaml")
    assert str(caught.value).startswith(says)
    assert caught.value.hint == "docs/reference/policy.md has every key"


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("ghcr.io/kubeflow/katib/ui", UI),
        ("ghcr.io/kubeflow/katib/ui", f"ghcr.io/kubeflow/katib/ui@{DIGEST}"),
        ("ghcr.io/kubeflow/katib/ui:v1", UI),
        ("ghcr.io/kubeflow/katib/ui:v1", f"{UI}@{DIGEST}"),
        ("ghcr.io/kubeflow/katib/ui:v?", UI),
        ("ghcr.io/kubeflow/katib/*", UI),
        ("*/katib/*:v1", UI),
        (f"ghcr.io/kubeflow/katib/ui@{DIGEST}", f"ghcr.io/kubeflow/katib/ui@{DIGEST}"),
        (f"ghcr.io/kubeflow/katib/ui@{DIGEST}", f"{UI}@{DIGEST}"),
        (f"{UI}@{DIGEST}", f"{UI}@{DIGEST}"),
        ("localhost:5000/x", "localhost:5000/x:1"),
    ],
)
def test_a_glob_matches_with_and_without_tag_and_digest(glob: str, name: str) -> None:
    assert replace(ONE, image=glob).matches(name)


@pytest.mark.parametrize(
    "glob",
    ["kubeflow/katib/ui", "ghcr.io/kubeflow/katib/u", "ghcr.io/kubeflow/katib/ui:v", "GHCR.io/kubeflow/*", "ui:*"],
)
def test_a_glob_matches_the_whole_name_or_nothing(glob: str) -> None:
    assert not replace(ONE, image=glob).matches(UI)


def test_the_last_day_still_holds_and_the_next_one_does_not() -> None:
    covered = Excepted(
        platform=ARM64,
        reason=ONE.reason,
        link=ONE.link,
        owner=ONE.owner,
        expires=TODAY,
        file="audits/exceptions.yaml",
        line=7,
    )
    assert covering((ONE,), UI, ARM64, TODAY) == covered
    assert covering((ONE,), UI, ARM64, TODAY + timedelta(days=1)) is None
    assert covering((ONE,), UI, AMD64, TODAY) is None
    assert covering((ONE,), "ghcr.io/kubeflow/katib/db:v1", ARM64, TODAY) is None


def test_the_first_one_in_force_covers() -> None:
    expired = replace(ONE, expires=date(2026, 1, 1), owner="gone")
    any_platform = replace(ONE, platform="*", owner="everybody")
    found = covering((expired, any_platform, ONE), UI, ARM64, TODAY)
    assert found is not None
    assert (found.owner, found.platform) == ("everybody", ARM64)


def test_one_that_is_needed_today_is_no_finding() -> None:
    assert stale(known(UI, MISSING)) == ()


def test_one_for_every_platform_covers_each() -> None:
    rules = Rules(today=TODAY, exceptions=(replace(ONE, platform="*"),))
    (image,) = audit(known(UI, GONE), rules=rules).images
    assert image.status == "excepted"
    assert [one.platform for one in image.exceptions] == [AMD64, ARM64]


def test_an_expired_one_is_a_finding_and_covers_nothing() -> None:
    rules = Rules(today=TODAY + timedelta(days=1), exceptions=(ONE,))
    done = audit(known(UI, MISSING), rules=rules)
    assert (done.images[0].status, done.exit) == ("fails", Exit.PROBLEMS)
    assert done.stale == (
        Finding(
            rule="expired-exception",
            level="error",
            subject="ghcr.io/kubeflow/katib/ui:*",
            message="the exception for ghcr.io/kubeflow/katib/ui:* on linux/arm64 expired on 2026-11-24: "
            "the next release has it",
            fix="Katib working group: give it a later day, with what has happened since "
            "(https://github.com/kubeflow/katib/issues/1), or remove it.",
            places=(Place(file="audits/exceptions.yaml", line=7),),
        ),
    )


def test_an_expired_one_alone_ends_with_1() -> None:
    done = audit(known(UI), rules=Rules(today=TODAY + timedelta(days=1), exceptions=(ONE,)))
    assert [one.rule for one in done.stale] == ["expired-exception"]
    assert done.exit is Exit.PROBLEMS


def unused(images: tuple[Known, ...], one: AuditException = ONE, policy: Policy | None = None) -> str:
    (found,) = stale(*images, one=one, policy=policy)
    assert (found.rule, found.level) == ("unused-exception", "error")
    assert found.fix == "Remove it from audits/exceptions.yaml, or restrict it with `releases`."
    return found.message.partition("covers nothing: ")[2]


def test_one_that_nothing_needs_is_a_finding_that_says_why() -> None:
    assert unused((known("docker.io/library/x:1", MISSING),)) == "no image of this release matches it"
    assert unused((known(UI),)) == "ghcr.io/kubeflow/katib/ui:v1 is supported now"
    riscv = replace(ONE, platform="linux/riscv64")
    assert unused((known(UI, MISSING),), riscv) == "linux/riscv64 is not required"


def test_one_for_a_platform_that_another_one_lacks_is_unused() -> None:
    assert unused((known(UI, OK, amd64=MISSING),)) == "ghcr.io/kubeflow/katib/ui:v1 is supported now"


def test_one_about_an_image_that_is_unknown_today_is_neither_used_nor_unused() -> None:
    done = audit(known(UI, UNKNOWN), rules=Rules(today=TODAY, exceptions=(ONE,)))
    assert (done.stale, done.exit, done.images[0].exceptions) == ((), Exit.UNDETERMINED, ())
    assert stale(known(UI), known("ghcr.io/kubeflow/katib/ui:v2", UNKNOWN)) == ()


def test_one_that_only_an_image_beside_the_release_needs_is_used() -> None:
    assert stale(known(UI, MISSING, counted=False)) == ()
    assert stale(known(UI, MISSING, use(sample=True), counted=False)) == ()


def test_no_exception_is_unused_while_images_may_be_missing_from_the_list() -> None:
    done = audit(
        known("docker.io/library/x:1"), rules=Rules(today=TODAY, exceptions=(ONE,)), problems=["example: broken"]
    )
    assert (done.stale, done.exit) == ((), Exit.UNDETERMINED)


def test_one_about_what_the_policy_allows_is_used() -> None:
    assert stale(known(UI, MISSING), policy=Policy(fail=frozenset({GONE}))) == ()


def test_releases_restrict_one_to_some() -> None:
    both = replace(ONE, releases=("v1.11*", "26.03"))
    for release in ("v1.11.0", "v1.11", "26.03"):
        assert select_exceptions((ONE, both), release) == (ONE, both)
    for release in ("v1.10.0", "26.03.1", ""):
        assert select_exceptions((ONE, both), release) == (ONE,)
