"""The text report: grouped, worst first, safe to print."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from buildkit.audit.judge import Audit
from buildkit.audit.policy import PROBLEMS
from buildkit.audit.record import AuditedImage, Change, OnArm64, Replacement, Status, Suggestion
from buildkit.model.finding import Owner
from buildkit.model.image import ImageUse
from buildkit.model.inspection import PlatformRecord, Verdict
from buildkit.model.kustomization import Kustomization
from buildkit.report.audit_text import audit_text
from buildkit.report.audit_words import was_words
from buildkit.report.text import columns, printable
from tests.unit.report.audits import check_golden, hostile, large, rich

AMD64, ARM64 = "linux/amd64", "linux/arm64"


def audited(
    name: str, verdict: Verdict, *, component: str | None = "Katib", reason: str | None = None, default: bool = True
) -> AuditedImage:
    status: Status = "fails" if verdict in PROBLEMS else "unknown" if verdict is Verdict.UNKNOWN else "ok"
    use = ImageUse(file="katib/config.yaml", line=7, kustomizations=("example",), how="pod", sample=False)
    return AuditedImage(
        reference=name,
        name=name,
        pinned="tag",
        default_install=default,
        uses=(use,),
        verdict=verdict,
        depth="config",
        platforms={
            AMD64: PlatformRecord(verdict=Verdict.SUPPORTED),
            ARM64: PlatformRecord(verdict=verdict, reason=reason),
        },
        component=component,
        owner=Owner(repository="kubeflow/katib") if component else None,
        status=status if default else "not-counted",
    )


def report(*images: AuditedImage, broken: bool = False, colour: bool = False) -> str:
    kustomizations = (Kustomization(path="old", status="broken", why="no such file", warnings=()),) if broken else ()
    audit = Audit(
        source="tree",
        date=date(2026, 11, 22),
        required=(AMD64, ARM64),
        scope="default",
        installs=frozenset({"example"}),
        images=images,
        kustomizations=kustomizations,
        problems=("old: no such file",) if broken else (),
    )
    return audit_text(audit, colour=colour).decode()


def test_the_whole_report() -> None:
    text = report(
        audited("docker.io/x/good:1", Verdict.SUPPORTED),
        audited("docker.io/x/bad:1", Verdict.MISSING, reason="the index lists linux/amd64"),
        audited("docker.io/x/alone:1", Verdict.SUPPORTED, component=None),
        audited("docker.io/x/other:1", Verdict.ABSENT, default=False),
        broken=True,
    )
    assert (
        text
        == """\
Audit of tree for linux/amd64, linux/arm64, 2026-11-22
Counted: the default install (example), 3 of 4 images: 1 missing, 2 supported
NO-GO: 1 of 3 counted images fails; what counts is not all there, images may be missing from the list
Whose move: kubeflow/katib 1

Katib  kubeflow/katib
  verdict    linux/amd64  linux/arm64  image               where
  missing    supported    missing      docker.io/x/bad:1   katib/config.yaml:7
    the index lists linux/amd64
  supported  supported    supported    docker.io/x/good:1  katib/config.yaml:7

no known component
  verdict    linux/amd64  linux/arm64  image                where
  supported  supported    supported    docker.io/x/alone:1  katib/config.yaml:7

Not counted (outside the default install): 1 image: 1 absent
  verdict  linux/amd64  linux/arm64  image                where
  absent   supported    absent       docker.io/x/other:1  katib/config.yaml:7

Broken: 1 kustomization
  old: no such file

Result: 1 of 3 counted images without a working variant for every required platform.
Result: what counts is not all there, images may be missing from this list:
  old: no such file
"""
    )


def test_components_with_problems_come_first_and_digests_are_cut() -> None:
    good = audited(f"docker.io/x/good:1@sha256:{'ab' * 32}", Verdict.SUPPORTED, component="Alpha")
    text = report(good, audited("docker.io/x/bad:1", Verdict.MISSING, component="Omega"))
    assert text.index("Omega") < text.index("Alpha")
    assert "docker.io/x/good:1@sha256:abababababab…  katib/config.yaml:7" in text


def test_nothing_counted_is_not_called_working() -> None:
    text = report(audited("docker.io/x/other:1", Verdict.ABSENT, default=False))
    assert text.endswith("Result: no image counts.\n")


def test_what_has_no_install_is_not_said_to_have_one() -> None:
    good = audited("docker.io/x/good:1", Verdict.SUPPORTED)
    audit = Audit(
        date=date(2026, 11, 22),
        source="-",
        required=(AMD64, ARM64),
        scope="default",
        installs=frozenset(),
        images=(good,),
        kustomizations=(),
        problems=(),
    )
    assert "Counted: everything that renders, 1 of 1 image" in audit_text(audit).decode()


def test_colour_only_when_asked() -> None:
    good = audited("docker.io/x/good:1", Verdict.SUPPORTED)
    assert "\x1b" not in report(good)
    assert "\x1b[32msupported\x1b[0m" in report(good, colour=True)


def test_a_hostile_reason_cannot_steer_the_terminal() -> None:
    text = report(audited("docker.io/x/bad:1", Verdict.MISSING, reason="\x1b]0;owned\x07\u202e"))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_columns_align_with_and_without_colour() -> None:
    rows = [["missing", "a"], ["supported", "b"]]
    plain = columns(rows, colour=False)
    assert plain == ["missing    a", "supported  b"]
    assert [line.index(cell) for line, cell in zip(plain, "ab", strict=True)] == [11, 11]


def test_printable_keeps_letters_of_every_script() -> None:
    assert printable("naïve 漢字") == "naïve 漢字"
    assert printable("a\nb") == "a\ufffdb"


def test_a_reason_that_neighbours_share_is_said_once() -> None:
    text = report(*(audited(f"docker.io/x/{name}:1", Verdict.UNKNOWN, reason="no answer") for name in "abc"))
    assert text.count("    no answer") == 1


def test_reasons_that_differ_name_their_platforms() -> None:
    image = audited("docker.io/x/bad:1", Verdict.SUSPECT, reason="the same layers as linux/amd64")
    other = PlatformRecord(verdict=Verdict.SUSPECT, reason="the same layers as linux/arm64")
    text = report(replace(image, platforms={**image.platforms, AMD64: other}))
    assert "    linux/amd64: the same layers as linux/arm64\n    linux/arm64: the same layers as linux/amd64\n" in text


def test_a_report_with_something_of_everything() -> None:
    check_golden("audit.txt", audit_text(rich()))


def test_an_image_that_lost_a_platform_says_which_tag_had_it_and_what_to_use() -> None:
    image = replace(
        audited("docker.io/x/bad:2", Verdict.MISSING, reason="only linux/amd64"),
        change=Change(kind="regressed", was="docker.io/x/bad:1", platforms=(ARM64,)),
        suggestion=Suggestion(text="3 is the nearest newer tag", name="docker.io/x/bad:3"),
    )
    assert "    only linux/amd64\n    regressed: was 1\n    use docker.io/x/bad:3: 3 is the nearest" in report(image)


def test_where_no_tag_helps_the_known_replacement_is_said() -> None:
    replacement = Replacement(text="2.16 needs it no more.", source="https://x.example")
    image = replace(
        audited("docker.io/x/bad:2", Verdict.MISSING),
        suggestion=Suggestion(text="no newer tag has it", replacement=replacement),
        on_arm64=OnArm64(outcome="fails", reason="it crashes"),
    )
    lines = [line.strip() for line in report(image).splitlines()]
    start = lines.index("on arm64: fails even emulated (it crashes)")
    assert lines[start + 1 : start + 3] == ["no newer tag has it", "2.16 needs it no more."]
    named = replace(image, suggestion=Suggestion(text="none", replacement=replace(replacement, use="quay.io/x:1")))
    assert "    use quay.io/x:1: 2.16 needs it no more.\n" in report(named)


@pytest.mark.parametrize(
    ("status", "words"),
    [("known", "1 known from the baseline"), ("excepted", "1 excepted"), ("allowed", "1 allowed by the policy")],
)
def test_what_does_not_count_is_no_problem_of_the_result(status: Status, words: str) -> None:
    bad = replace(audited("docker.io/x/bad:1", Verdict.MISSING), status=status, exceptions=rich().images[4].exceptions)
    text = report(bad, audited("docker.io/x/good:1", Verdict.SUPPORTED))
    assert text.endswith(
        f"Result: {words}: no change of the result.\n"
        "Result: every other counted image works on every required platform.\n"
    )


def test_without_a_baseline_nothing_is_said_of_changes() -> None:
    assert "Changed since" not in report(audited("docker.io/x/bad:1", Verdict.MISSING))


@pytest.mark.parametrize(
    ("was", "words"),
    [
        ("docker.io/x/y:1.0", "1.0"),
        ("docker.io/x/y:1.0@sha256:" + "ab" * 32, "1.0"),
        ("docker.io/x/y@sha256:" + "ab" * 32, "sha256:abababababab…"),
        ("docker.io/x/other:1.0", "docker.io/x/other:1.0"),
        ("no reference at all", "no reference at all"),
    ],
)
def test_what_stood_there_before_is_said_as_short_as_it_is_clear(was: str, words: str) -> None:
    assert was_words("docker.io/x/y:2.0", was) == words


def test_no_text_of_a_hostile_tree_steers_the_terminal() -> None:
    text = audit_text(hostile()).decode()
    assert all(printable(line) == line for line in text.split("\n"))


def test_thousands_of_images_are_all_listed() -> None:
    text = audit_text(large()).decode()
    assert text.count("\n  missing ") == 5000
