"""What an audit counts, and which exit code follows."""

from __future__ import annotations

import pytest

from buildkit.audit.judge import Owned, main_use
from buildkit.errors import Exit
from buildkit.model.finding import Owner
from buildkit.model.image import ImageUse
from buildkit.model.inspection import Verdict
from tests.unit.audit.building import GONE, MISSING, OK, UNKNOWN, audit, known, use


@pytest.mark.parametrize("verdict", [v for v in Verdict if v not in {Verdict.SUPPORTED, Verdict.UNKNOWN}])
def test_every_verdict_but_supported_and_unknown_is_a_problem(verdict: Verdict) -> None:
    done = audit(known("x", verdict), known("y", UNKNOWN))
    assert (done.exit, done.result) == (Exit.PROBLEMS, "no-go")


def test_unknown_alone_gives_3_and_supported_alone_0() -> None:
    undetermined = audit(known("x", UNKNOWN), known("y"))
    assert (undetermined.exit, undetermined.result) == (Exit.UNDETERMINED, "undetermined")
    assert (audit(known("y")).exit, audit(known("y")).result) == (Exit.OK, "go")


def test_a_missing_platform_counts_though_another_one_is_unknown() -> None:
    assert audit(known("x", MISSING, amd64=UNKNOWN)).exit is Exit.PROBLEMS


def test_a_broken_install_is_undetermined_though_all_that_was_seen_is_supported() -> None:
    assert audit(known("y"), problems=["example: no such file"]).exit is Exit.UNDETERMINED


def test_outside_the_default_install_nothing_counts_until_the_scope_is_all() -> None:
    images = (known("x", MISSING, counted=False), known("y"))
    assert audit(*images).exit is Exit.OK
    assert audit(*images).summary[MISSING] == 0
    assert audit(*images, scope="all").exit is Exit.PROBLEMS
    assert audit(*images, scope="all").summary[MISSING] == 1


def test_samples_never_count() -> None:
    sample = known("x", GONE, use(sample=True), counted=False)
    assert audit(sample, scope="all").exit is Exit.OK


def test_the_summary_names_every_verdict_worst_first() -> None:
    assert list(audit(known("x")).summary) == list(Verdict)


def test_the_owner_is_that_of_the_use_in_a_counted_install() -> None:
    other = ImageUse(file="a/other.yaml", line=3, kustomizations=("a",), how="pod", sample=False)

    def owner_of(place: ImageUse) -> Owned:
        repository = "kubeflow/katib" if place.file == "z/installed.yaml" else "else/where"
        return Owned(component=place.file, owner=Owner(repository=repository))

    (record,) = audit(known("x", OK, other, use(file="z/installed.yaml")), owner_of=owner_of).images
    assert (record.component, record.owner) == ("z/installed.yaml", Owner(repository="kubeflow/katib"))


def test_the_main_use_prefers_what_renders_to_a_sample() -> None:
    sample = use(file="a.yaml", sample=True)
    assert main_use((sample, use(file="b.yaml")), frozenset()).file == "b.yaml"
