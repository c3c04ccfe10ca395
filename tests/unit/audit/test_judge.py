"""What an audit counts, and which exit code follows."""

from __future__ import annotations

from datetime import date

import pytest

from buildkit.audit.judge import Audit, Owned, join_records, main_use
from buildkit.errors import Exit
from buildkit.model.finding import Owner
from buildkit.model.image import Image, ImageUse
from buildkit.model.inspection import Inspection, PlatformRecord, Verdict

ARM64 = "linux/arm64"


def use(file: str = "a.yaml", *, sample: bool = False, kustomizations: tuple[str, ...] = ("example",)) -> ImageUse:
    return ImageUse(file=file, line=3, kustomizations=kustomizations, how="pod", sample=sample)


def image(name: str, *uses: ImageUse, default: bool = True) -> Image:
    return Image(reference=name, name=name, pinned="tag", default_install=default, uses=uses or (use(),))


def inspection(name: str, verdict: Verdict, platform: Verdict | None = None) -> Inspection:
    record = PlatformRecord(verdict=platform or verdict)
    return Inspection(name=name, verdict=verdict, depth="config", platforms={ARM64: record})


def audit(*pairs: tuple[Image, Verdict], scope: str = "default", whole: bool = True) -> Audit:
    records = join_records(
        [pair[0] for pair in pairs], {i.name: inspection(i.name, v) for i, v in pairs}, lambda _use: None
    )
    return Audit(
        source="tree",
        date=date(2026, 11, 22),
        required=(ARM64,),
        scope="all" if scope == "all" else "default",
        installs=frozenset({"example"}),
        images=records,
        kustomizations=(),
        problems=() if whole else ("example: no such file",),
    )


@pytest.mark.parametrize("verdict", [v for v in Verdict if v not in {Verdict.SUPPORTED, Verdict.UNKNOWN}])
def test_every_verdict_but_supported_and_unknown_is_a_problem(verdict: Verdict) -> None:
    assert audit((image("x"), verdict), (image("y"), Verdict.UNKNOWN)).exit is Exit.PROBLEMS


def test_unknown_alone_gives_3_and_supported_alone_0() -> None:
    assert audit((image("x"), Verdict.UNKNOWN), (image("y"), Verdict.SUPPORTED)).exit is Exit.UNDETERMINED
    assert audit((image("y"), Verdict.SUPPORTED)).exit is Exit.OK


def test_a_missing_platform_counts_though_another_one_is_unknown() -> None:
    one = image("x")
    facts = Inspection(
        name="x",
        verdict=Verdict.UNKNOWN,
        depth="config",
        platforms={
            ARM64: PlatformRecord(verdict=Verdict.MISSING),
            "linux/amd64": PlatformRecord(verdict=Verdict.UNKNOWN),
        },
    )
    records = join_records([one], {"x": facts}, lambda _use: None)
    result = Audit(
        source="t",
        date=date(2026, 11, 22),
        required=(ARM64,),
        scope="default",
        installs=frozenset(),
        images=records,
        kustomizations=(),
        problems=(),
    )
    assert result.exit is Exit.PROBLEMS


def test_a_broken_install_is_undetermined_though_all_that_was_seen_is_supported() -> None:
    assert audit((image("y"), Verdict.SUPPORTED), whole=False).exit is Exit.UNDETERMINED


def test_outside_the_default_install_nothing_counts_until_the_scope_is_all() -> None:
    pairs = ((image("x", default=False), Verdict.MISSING), (image("y"), Verdict.SUPPORTED))
    assert audit(*pairs).exit is Exit.OK
    assert audit(*pairs).summary[Verdict.MISSING] == 0
    assert audit(*pairs, scope="all").exit is Exit.PROBLEMS
    assert audit(*pairs, scope="all").summary[Verdict.MISSING] == 1


def test_samples_never_count() -> None:
    sample = image("x", use(sample=True, kustomizations=()), default=False)
    assert audit((sample, Verdict.ABSENT), scope="all").exit is Exit.OK


def test_the_summary_names_every_verdict_worst_first() -> None:
    assert list(audit((image("x"), Verdict.SUPPORTED)).summary) == list(Verdict)


def test_the_owner_is_that_of_the_use_in_a_counted_install() -> None:
    uses = (use("a/other.yaml", kustomizations=("a",)), use("z/installed.yaml"))
    asked: list[str] = []

    def owner_of(place: ImageUse) -> Owned:
        asked.append(place.file)
        return Owned(component="Katib", owner=Owner(repository="kubeflow/katib"))

    (record,) = join_records(
        [image("x", *uses)], {"x": inspection("x", Verdict.SUPPORTED)}, owner_of, frozenset({"example"})
    )
    assert asked == ["z/installed.yaml"]
    assert record.component == "Katib"


def test_the_main_use_prefers_what_renders_to_a_sample() -> None:
    sample = use("a.yaml", sample=True, kustomizations=())
    assert main_use((sample, use("b.yaml", kustomizations=("b",))), frozenset()).file == "b.yaml"
