"""The first lines of every report: go or no-go and why, and components by platforms."""

from __future__ import annotations

import pytest

from buildkit.audit.overview import Cell, headline, matrix_of, worst_first
from buildkit.audit.policy import Policy
from buildkit.audit.settle import Rules
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
    known,
    past,
    use,
)
from tests.unit.audit.test_exceptions import ONE

PLAIN = Rules(today=TODAY)
WORKS = "counted image works on every required platform"
NOT_ALL = "what counts is not all there, images may be missing from the list"


def at(name: str, verdict: Verdict = OK) -> Known:
    """Give an image in a place of its own."""
    return known(name, verdict, use(f"v1/Pod/a/{name}"))


def against(*images: Known) -> Rules:
    return Rules(today=TODAY, past=past(*images))


@pytest.mark.parametrize(
    ("images", "rules", "problems", "line"),
    [
        ((), PLAIN, (), "GO: no image counts"),
        ((at("a"),), PLAIN, (), f"GO: every {WORKS}"),
        ((at("a", MISSING),), PLAIN, (), "NO-GO: 1 of 1 counted image fails"),
        ((at("a", MISSING), at("b", GONE), at("c")), PLAIN, (), "NO-GO: 2 of 3 counted images fail"),
        ((at("a", UNKNOWN), at("b")), PLAIN, (), "UNDETERMINED: 1 of 2 counted images could not be judged"),
        (
            (at("a", MISSING), at("b", UNKNOWN)),
            PLAIN,
            (),
            "NO-GO: 1 of 2 counted images fails; 1 of 2 counted images could not be judged",
        ),
        (
            (at("a", MISSING), at("b", MISSING)),
            against(at("a")),
            (),
            "NO-GO: 2 of 2 counted images fail, 1 of them regressed",
        ),
        (
            (at("a", MISSING), at("b")),
            against(at("a", MISSING)),
            (),
            f"GO: 1 known from the baseline; every other {WORKS}",
        ),
        ((at("a", MISSING),), against(at("a", MISSING)), (), "GO: 1 known from the baseline"),
        (
            (at("a", MISSING), at("b", SUSPECT)),
            Rules(today=TODAY, past=past(at("a", MISSING)), policy=Policy(fail=frozenset({MISSING}))),
            (),
            "GO: 1 known from the baseline, 1 allowed by the policy",
        ),
        (
            (at("a", MISSING), at("b", GONE)),
            against(at("a", MISSING)),
            (),
            "NO-GO: 1 of 2 counted images fails; 1 known from the baseline",
        ),
        (
            (known("ghcr.io/kubeflow/katib/ui:v1", MISSING), at("b")),
            Rules(today=TODAY, exceptions=(ONE,)),
            (),
            f"GO: 1 excepted; every other {WORKS}",
        ),
        ((at("b"),), Rules(today=TODAY, exceptions=(ONE,)), (), f"NO-GO: 1 exception expired or unused; every {WORKS}"),
        (
            (at("b"),),
            Rules(today=TODAY, exceptions=(ONE, ONE)),
            (),
            f"NO-GO: 2 exceptions expired or unused; every {WORKS}",
        ),
        ((at("a"),), PLAIN, ("broken",), f"UNDETERMINED: {NOT_ALL}; every {WORKS}"),
        ((), PLAIN, ("broken",), f"UNDETERMINED: {NOT_ALL}"),
        ((at("a", MISSING),), PLAIN, ("broken",), f"NO-GO: 1 of 1 counted image fails; {NOT_ALL}"),
        ((known("a", MISSING, counted=False),), PLAIN, (), "GO: no image counts"),
        ((known("a", MISSING, counted=False), at("b")), PLAIN, (), f"GO: every {WORKS}"),
    ],
)
def test_the_headline_says_go_or_not_and_why(
    images: tuple[Known, ...], rules: Rules, problems: tuple[str, ...], line: str
) -> None:
    assert headline(audit(*images, rules=rules, problems=problems)) == line


def test_a_regression_that_is_excepted_is_not_counted_as_one() -> None:
    rules = Rules(today=TODAY, exceptions=(ONE,), past=past(known("ghcr.io/kubeflow/katib/ui:v0")))
    assert headline(audit(known("ghcr.io/kubeflow/katib/ui:v1", MISSING), rules=rules)) == "GO: 1 excepted"


MATRIX = matrix_of(
    audit(
        known("k-ok:1", OK, use(file="katib/a.yaml")),
        known("k-sus:1", SUSPECT, use(file="katib/b.yaml")),
        known("p-b:1", MISSING, use(file="pipelines/a.yaml")),
        known("p-a:1", MISSING, use(file="pipelines/a.yaml")),
        known("p-gone:1", GONE, use(file="pipelines/a.yaml")),
        known("lost:1", UNKNOWN, use(file="elsewhere.yaml")),
        known("s-ok:1", OK, use(file="spark/a.yaml")),
        known("aside:1", GONE, use(file="spark/a.yaml"), counted=False),
        owner_of=by_folder,
    )
)


def test_the_worst_component_stands_first_and_its_worst_image_too() -> None:
    assert [(row.component, row.worst) for row in MATRIX] == [
        ("Pipelines", GONE),
        ("no known component", UNKNOWN),
        ("Katib", SUSPECT),
        ("Spark Operator", OK),
    ]
    assert [image.name for image in MATRIX[0].images] == ["p-gone:1", "p-a:1", "p-b:1"]


def test_cells_count_the_images_of_a_component_on_a_platform() -> None:
    assert MATRIX[0].cells == {
        AMD64: Cell(total=3, verdicts={GONE: 1, OK: 2}),
        ARM64: Cell(total=3, verdicts={GONE: 1, MISSING: 2}),
    }
    cell = MATRIX[2].cells[ARM64]
    assert (cell.total, cell.supported, cell.worst) == (2, 1, SUSPECT)
    assert (Cell(total=0, verdicts={}).supported, Cell(total=0, verdicts={}).worst) == (0, OK)


def test_rows_name_upstream_repositories() -> None:
    assert [row.repositories for row in MATRIX] == [
        ("kubeflow/Pipelines",),
        (),
        ("kubeflow/Katib",),
        ("kubeflow/Spark Operator",),
    ]


def test_an_audit_that_counts_nothing_has_no_rows() -> None:
    assert matrix_of(audit(known("a", MISSING, counted=False))) == ()


def test_images_come_by_verdict_and_then_by_name() -> None:
    images = audit(known("b"), known("c", GONE), known("a"), known("d", MISSING)).images
    assert [one.name for one in worst_first(images)] == ["c", "d", "a", "b"]
