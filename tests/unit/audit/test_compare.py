"""What changed between two audits: by repository and use, never by name alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.audit.compare import GoneImage, group_by_kind, stable_object
from buildkit.audit.past import past_of
from buildkit.audit.policy import Policy
from buildkit.audit.record import Change
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
    judged,
    katib,
    known,
    past,
    use,
)

if TYPE_CHECKING:
    from buildkit.audit.judge import Audit
    from buildkit.audit.past import PastAudit
    from buildkit.audit.scope import Scope

DIGEST, OTHER = "@sha256:" + "a" * 64, "@sha256:" + "b" * 64
UI, DB = "ghcr.io/katib/ui", "ghcr.io/katib/db"
FIRST, SECOND = "spec.containers[0].image", "spec.containers[1].image"
WEB, JOB = "apps/v1/Deployment/kubeflow/web", "batch/v1/Job/kubeflow/job"
REGRESSED = Change(kind="regressed", platforms=(ARM64,))
FIXED = Change(kind="fixed", platforms=(ARM64,))
SAME, NEW = Change(kind="same"), Change(kind="new")


def against(before: PastAudit, *now: Known, scope: Scope = "default", policy: Policy | None = None) -> Audit:
    rules = Rules(today=TODAY, past=before, against="baseline", policy=policy or Policy())
    return audit(*now, rules=rules, scope=scope)


def change(before: PastAudit, *now: Known) -> Change | None:
    """How the first image of today changed."""
    return against(before, *now).images[0].change


def gone(result: Audit) -> list[str]:
    assert result.compared is not None
    return [one.name for one in result.compared.gone]


def test_a_tag_bump_that_loses_a_platform_regressed_and_is_neither_new_nor_gone() -> None:
    done = against(past(known(f"{UI}:1")), known(f"{UI}:2", MISSING))
    assert done.images[0].change == replace(REGRESSED, was=f"{UI}:1")
    assert (done.images[0].status, done.exit, gone(done)) == ("fails", Exit.PROBLEMS, [])


def test_a_tag_bump_that_wins_a_platform_is_fixed() -> None:
    done = against(past(known(f"{UI}:1", MISSING)), known(f"{UI}:2"))
    assert (done.images[0].change, done.exit, gone(done)) == (replace(FIXED, was=f"{UI}:1"), Exit.OK, [])


def test_a_tag_bump_that_still_lacks_it_is_known() -> None:
    done = against(past(known(f"{UI}:1", MISSING)), known(f"{UI}:2", MISSING))
    assert done.images[0].change == Change(kind="same", was=f"{UI}:1")
    assert (done.images[0].status, done.exit) == ("known", Exit.OK)


def test_the_same_tag_that_was_pushed_anew_regressed_from_no_other_name() -> None:
    assert change(past(known(f"{UI}:1")), known(f"{UI}:1", MISSING)) == REGRESSED
    assert change(past(known(f"{UI}:1", MISSING)), known(f"{UI}:1")) == FIXED


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (UI + DIGEST, UI + OTHER),
        (f"{UI}:1{DIGEST}", f"{UI}:1{OTHER}"),
        (f"{UI}:1", f"{UI}:1{OTHER}"),
        (UI + DIGEST, f"{UI}:1"),
    ],
)
def test_another_digest_is_the_same_image_in_another_version(then: str, now: str) -> None:
    assert change(past(known(then)), known(now, MISSING)) == replace(REGRESSED, was=then)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("v1/ConfigMap/kubeflow/settings-5g2hfk8m94", "v1/ConfigMap/kubeflow/settings-t42hdbf69c"),
        ("v1/Secret/kubeflow/settings-5g2hfk8m94", "v1/Secret/kubeflow/settings-t42hdbf69c"),
        ("extensions/v1beta1/Deployment/kubeflow/web", "extensions/v1/Deployment/kubeflow/web"),
        ("v1beta1/Pod/kubeflow/web", "v1/Pod/kubeflow/web"),
    ],
)
def test_names_by_content_and_api_versions_are_no_other_place(then: str, now: str) -> None:
    others = known(f"{UI}:9", OK, use("v1/Pod/other/x"))
    assert change(
        past(known(f"{UI}:1", OK, use(then)), others), known(f"{UI}:2", MISSING, use(now)), others
    ) == replace(REGRESSED, was=f"{UI}:1")


@pytest.mark.parametrize(
    ("text", "stable"),
    [
        ("apps/v1/Deployment/kubeflow/web-5g2hfk8m94", "apps/Deployment/kubeflow/web-5g2hfk8m94"),
        ("v1/ConfigMap/-/x-5g2hfk8m94", "/ConfigMap/-/x"),
        ("v1/ConfigMap/-/x-kubernetes", "/ConfigMap/-/x-kubernetes"),
        ("v1/ConfigMap/-/x-5g2hfk8m9", "/ConfigMap/-/x-5g2hfk8m9"),
        ("rbac.authorization.k8s.io/v1/Role/a/b:c", "rbac.authorization.k8s.io/Role/a/b:c"),
        ("odd", "///odd"),
        ("", "///"),
        ("a/b/c/d/e/f/g", "a/e/f/g"),
    ],
)
def test_what_stays_of_an_objects_name(text: str, stable: str) -> None:
    assert stable_object(text) == stable


def test_a_container_that_moved_down_the_list_is_the_same_place() -> None:
    others = known(f"{UI}:9", OK, use(JOB))
    now = known(f"{UI}:2", MISSING, use(WEB, SECOND))
    assert change(past(known(f"{UI}:1", OK, use(WEB, FIRST)), others), now, others) == replace(REGRESSED, was=f"{UI}:1")


def test_two_versions_in_one_pod_are_told_apart_by_position_and_by_name() -> None:
    before = past(known(f"{UI}:1", MISSING, use(WEB, FIRST)), known(f"{UI}:2", OK, use(WEB, SECOND)))
    bumped = against(before, known(f"{UI}:3", MISSING, use(WEB, FIRST)), known(f"{UI}:4", OK, use(WEB, SECOND)))
    assert [one.change for one in bumped.images] == [
        Change(kind="same", was=f"{UI}:1"),
        Change(kind="same", was=f"{UI}:2"),
    ]
    moved = against(before, known(f"{UI}:1", MISSING, use(WEB, SECOND)), known(f"{UI}:2", OK, use(WEB, FIRST)))
    assert [one.change for one in moved.images] == [SAME, SAME]


def test_overlays_that_put_two_images_in_one_place_are_each_their_own() -> None:
    both = (known(f"{UI}:1", MISSING, use(WEB)), known(f"{UI}:2", OK, use(WEB)))
    assert [one.change for one in against(past(*both), *both).images] == [SAME, SAME]


def test_one_image_for_two_of_one_place_is_compared_with_both() -> None:
    both = past(known(f"{UI}:1", MISSING, use(WEB)), known(f"{UI}:2", OK, use(WEB)))
    assert change(both, known(f"{UI}:3", MISSING, use(WEB))) == replace(REGRESSED, was=f"{UI}:2")
    assert change(both, known(f"{UI}:3", OK, use(WEB))) == replace(FIXED, was=f"{UI}:1")


def test_was_names_nothing_that_was_unknown_or_failed_already() -> None:
    unknown = past(known(f"{UI}:1", UNKNOWN, use(WEB)), known(f"{UI}:2", OK, use(WEB)))
    assert change(unknown, known(f"{UI}:3", MISSING, use(WEB))) == replace(REGRESSED, was=f"{UI}:2")
    pushed_anew = past(known(f"{UI}:1", MISSING, use(WEB)), known(f"{UI}:2", OK, use(JOB)))
    assert change(pushed_anew, known(f"{UI}:2", MISSING, use(WEB), use(JOB))) == REGRESSED


def test_swapped_images_changed_where_they_stand() -> None:
    before = past(known(f"{UI}:1", OK, use(WEB)), known(f"{UI}:2", MISSING, use(JOB)))
    done = against(before, known(f"{UI}:1", OK, use(JOB)), known(f"{UI}:2", MISSING, use(WEB)))
    assert [one.change for one in done.images] == [
        replace(FIXED, was=f"{UI}:2"),
        replace(REGRESSED, was=f"{UI}:1"),
    ]
    assert gone(done) == []


def test_a_renamed_object_keeps_its_only_image_of_a_repository() -> None:
    done = against(past(known(f"{UI}:1", OK, use(WEB))), known(f"{UI}:2", MISSING, use(JOB)))
    assert (done.images[0].change, gone(done)) == (replace(REGRESSED, was=f"{UI}:1"), [])


def test_a_sample_of_the_repository_does_not_hide_what_was_renamed() -> None:
    sample = known(f"{UI}:0", OK, use("v1/Pod/-/example", file="docs.md", sample=True), counted=False)
    done = against(past(known(f"{UI}:1", OK, use(WEB)), sample), known(f"{UI}:2", MISSING, use(JOB)), sample)
    assert (done.images[0].change, gone(done)) == (replace(REGRESSED, was=f"{UI}:1"), [])


def test_of_several_images_of_a_repository_none_is_guessed() -> None:
    done = against(
        past(known(f"{UI}:1", OK, use(WEB)), known(f"{UI}:2", OK, use(JOB))),
        known(f"{UI}:3", MISSING, use("v1/Pod/a/a")),
        known(f"{UI}:4", OK, use("v1/Pod/a/b")),
    )
    assert [one.change for one in done.images] == [NEW, NEW]
    assert gone(done) == [f"{UI}:1", f"{UI}:2"]


def test_another_repository_in_the_same_place_is_new_and_the_old_one_gone() -> None:
    done = against(past(known(f"{DB}:1", MISSING)), known(f"{UI}:1", MISSING))
    assert (done.images[0].change, done.images[0].status) == (NEW, "fails")
    assert done.compared is not None
    assert done.compared.gone == (GoneImage(name=f"{DB}:1", verdict=MISSING),)


def test_a_new_workload_with_an_image_that_failed_before_is_known_by_its_name() -> None:
    done = against(past(known(f"{UI}:1", MISSING, use(WEB))), known(f"{UI}:1", MISSING, use(WEB), use(JOB)))
    assert (done.images[0].change, done.images[0].status) == (SAME, "known")
    alone = against(past(known(f"{UI}:1", MISSING, use(WEB))), known(f"{UI}:1", MISSING, use(JOB)))
    assert (alone.images[0].change, alone.images[0].status) == (SAME, "known")


def test_a_workload_that_goes_back_to_a_failing_image_regressed() -> None:
    before = past(known(f"{UI}:1", MISSING, use(WEB)), known(f"{UI}:2", OK, use(JOB)))
    assert change(before, known(f"{UI}:1", MISSING, use(WEB), use(JOB))) == replace(REGRESSED, was=f"{UI}:2")


def test_a_place_without_object_is_its_file() -> None:
    others = known(f"{UI}:9", OK, use(JOB))
    then, now = (use("", "", file="scripts/run.sh", line=line) for line in (3, 40))
    done = change(past(known(f"{UI}:1", OK, then), others), known(f"{UI}:2", MISSING, now), others)
    assert done == replace(REGRESSED, was=f"{UI}:1")


@pytest.mark.parametrize("others", [OK, MISSING])
def test_what_was_unknown_and_fails_now_is_new_and_counts(others: Verdict) -> None:
    done = against(past(known(UI, UNKNOWN, amd64=others)), known(UI, MISSING, amd64=others))
    assert (done.images[0].change, done.images[0].status) == (NEW, "fails")


def test_what_was_unknown_and_works_now_is_the_same() -> None:
    assert change(past(known(UI, UNKNOWN)), known(UI)) == SAME


def test_what_is_unknown_now_neither_regressed_nor_is_fixed() -> None:
    for verdict in (OK, MISSING, UNKNOWN):
        done = against(past(known(UI, verdict)), known(UI, UNKNOWN))
        assert (done.images[0].change, done.images[0].status) == (None, "unknown")


def test_a_platform_that_the_baseline_did_not_require_is_new() -> None:
    done = against(past(judged(UI, {AMD64: OK})), known(UI, MISSING))
    assert (done.images[0].change, done.images[0].status) == (NEW, "fails")


def test_platforms_change_each_for_itself() -> None:
    done = against(past(known(UI, MISSING, amd64=OK)), known(UI, OK, amd64=MISSING))
    assert done.images[0].change == Change(kind="regressed", platforms=(AMD64,))
    done = against(past(known(UI, MISSING, amd64=OK)), known(UI, MISSING, amd64=MISSING))
    assert (done.images[0].change, done.images[0].status) == (Change(kind="regressed", platforms=(AMD64,)), "fails")
    done = against(past(known(UI)), known(UI, MISSING, amd64=MISSING))
    assert done.images[0].change == Change(kind="regressed", platforms=(AMD64, ARM64))


def test_another_problem_than_before_is_still_the_same_one() -> None:
    done = against(past(known(UI, MISSING)), known(UI, SUSPECT))
    assert (done.images[0].change, done.images[0].status) == (SAME, "known")


def test_todays_policy_judges_both_sides() -> None:
    lenient = Policy(fail=frozenset({MISSING}))
    done = against(past(known(UI, SUSPECT)), known(UI, MISSING), policy=lenient)
    assert done.images[0].change == REGRESSED
    done = against(past(known(UI)), known(UI, SUSPECT), policy=lenient)
    assert (done.images[0].change, done.images[0].status) == (SAME, "allowed")


def test_an_image_that_counts_for_the_first_time_is_new() -> None:
    done = against(past(known(UI, MISSING, counted=False)), known(UI, MISSING))
    assert (done.images[0].change, done.images[0].status, gone(done)) == (NEW, "fails", [])


def test_what_no_longer_counts_is_gone_and_what_never_did_is_not() -> None:
    assert gone(against(past(known(UI)), known(UI, counted=False))) == [UI]
    assert gone(against(past(known(UI, counted=False)), known(DB))) == []


def test_the_scope_of_today_holds_for_both_sides() -> None:
    before = past(known(UI, MISSING, counted=False))
    assert gone(against(before, known(DB), scope="all")) == [UI]
    assert against(before, known(UI, MISSING, counted=False), scope="all").images[0].status == "known"


def test_the_gone_come_by_name_with_verdict_and_component() -> None:
    before = past_of(audit(known(f"{UI}:1", GONE), known(f"{DB}:1"), owner_of=katib))
    done = against(before)
    assert done.compared is not None
    assert done.compared.gone == (
        GoneImage(name=f"{DB}:1", verdict=OK, component="Katib"),
        GoneImage(name=f"{UI}:1", verdict=GONE, component="Katib"),
    )


def test_a_baseline_may_name_what_is_no_reference() -> None:
    odd = replace(past(known(UI)), images=(replace(past(known(UI)).images[0], name="NOT A NAME\x1b"),))
    done = against(odd, known(UI, MISSING))
    assert (done.images[0].change, gone(done)) == (NEW, ["NOT A NAME\x1b"])


def test_groups_come_worst_first_and_hold_each_image_once() -> None:
    before = past(known("a:1", OK, use("v1/Pod/a/a")), known("b:1", MISSING, use("v1/Pod/a/b")), known("c:1", OK))
    now = (known("a:2", MISSING, use("v1/Pod/a/a")), known("b:2", OK, use("v1/Pod/a/b")), known("c:1"), known("d:1"))
    found = {kind: [one.name for one in images] for kind, images in group_by_kind(against(before, *now).images).items()}
    assert found == {"regressed": ["a:2"], "new": ["d:1"], "fixed": ["b:2"], "same": ["c:1"]}
    assert list(found) == ["regressed", "new", "fixed", "same"]


# Few repositories, tags and places, so that they meet.
_USES = st.builds(
    use,
    st.sampled_from([WEB, JOB, "v1/ConfigMap/a/b-5g2hfk8m94", "v1/ConfigMap/a/b-t42hdbf69c", ""]),
    st.sampled_from([FIRST, SECOND, "data.x | image", ""]),
    file=st.sampled_from(["a.yaml", "b.yaml"]),
    sample=st.booleans(),
)
_NAMES = st.builds("".join, st.tuples(st.sampled_from([UI, DB, "x"]), st.sampled_from([":1", ":2", ":3", DIGEST])))
_VERDICTS = st.dictionaries(st.sampled_from([AMD64, ARM64]), st.sampled_from(list(Verdict)), min_size=1)


@st.composite
def _images(draw: st.DrawFn) -> tuple[Known, ...]:
    names = draw(st.lists(_NAMES, max_size=6, unique=True))
    return tuple(
        judged(name, draw(_VERDICTS), *draw(st.lists(_USES, min_size=1, max_size=3)), counted=draw(st.booleans()))
        for name in names
    )


_SCOPES = st.sampled_from(["default", "all"])


@given(_images(), _SCOPES)
def test_an_audit_compared_with_itself_has_no_change_and_fails_nothing(images: tuple[Known, ...], scope: Scope) -> None:
    done = against(past(*images, scope=scope), *images, scope=scope)
    assert {one.change.kind for one in done.images if one.change} <= {"same"}
    assert not any(one.change and one.change.platforms for one in done.images)
    assert gone(done) == []
    assert "fails" not in {one.status for one in done.images}
    assert done.exit in {Exit.OK, Exit.UNDETERMINED}


@given(_images(), _images(), _SCOPES)
def test_every_image_of_today_changed_in_exactly_one_way(
    then: tuple[Known, ...], now: tuple[Known, ...], scope: Scope
) -> None:
    done = against(past(*then, scope=scope), *now, scope=scope)
    groups = group_by_kind(done.images)
    names = [image.name for image in done.images if image.change is None]
    names += [one.name for images in groups.values() for one in images]
    assert sorted(names) == sorted(image.name for image, _ in now)
    assert {one.verdict for one in done.images if one.change is None} <= {UNKNOWN}
    for image in done.images:
        if image.change is None:
            continue
        assert bool(image.change.platforms) == (image.change.kind in {"regressed", "fixed"})
        assert image.change.was != image.name
        if image.change.kind in {"regressed", "new"} and image.status != "not-counted":
            assert image.status != "known"


@given(_images(), _images(), st.randoms(use_true_random=False))
def test_the_order_of_images_changes_nothing(then: tuple[Known, ...], now: tuple[Known, ...], random: object) -> None:
    mixed_then, mixed_now = list(then), list(now)
    random.shuffle(mixed_then)  # type: ignore[attr-defined]
    random.shuffle(mixed_now)  # type: ignore[attr-defined]
    one, other = against(past(*then), *now), against(past(*mixed_then), *mixed_now)
    assert {image.name: image for image in one.images} == {image.name: image for image in other.images}
    assert gone(one) == gone(other)


@given(_images(), st.data())
def test_what_failed_in_its_place_and_fails_there_now_never_regressed(
    then: tuple[Known, ...], data: st.DataObject
) -> None:
    """Each image gets another tag or digest, each problem another one; places keep one image of a repository."""
    places: set[tuple[str, str]] = set()
    kept = []
    for image, facts in then:
        repository = image.name.partition("@")[0].partition(":")[0]
        kept_uses = tuple(one for one in image.uses if (repository, stable_object(str(one.object))) not in places)
        places |= {(repository, stable_object(str(one.object))) for one in image.uses}
        if kept_uses:
            kept.append((replace(image, uses=kept_uses), facts))
    problems = st.sampled_from([one for one in Verdict if one not in {OK, UNKNOWN}])
    now = [
        judged(
            image.name.partition("@")[0].partition(":")[0] + f":{number}-new",
            {
                name: one.verdict if one.verdict in {OK, UNKNOWN} else data.draw(problems)
                for name, one in facts.platforms.items()
            },
            *image.uses,
            counted=image.default_install,
        )
        for number, (image, facts) in enumerate(kept)
    ]
    done = against(past(*kept), *now)
    assert {one.change.kind for one in done.images if one.change} <= {"same"}
    assert "fails" not in {one.status for one in done.images}
