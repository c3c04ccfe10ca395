"""Audits and trends for tests of the pages: small, large and hostile ones."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from buildkit.audit.compare import GoneImage
from buildkit.audit.judge import Audit, Compared, Owned
from buildkit.audit.record import AuditedImage, Change, Excepted, OnArm64, Replacement, Suggestion
from buildkit.audit.trend import Changed, Coverage, Night, ReleaseTrend, Step, Trend
from buildkit.model.finding import Finding, Owner, Place
from buildkit.model.image import ImageUse
from buildkit.model.inspection import PlatformRecord, Verdict
from buildkit.model.kustomization import Kustomization

if TYPE_CHECKING:
    from collections.abc import Sequence

AMD64, ARM64 = "linux/amd64", "linux/arm64"
_KATIB: Final = Owner(repository="kubeflow/katib", path="manifests/v1beta1")
_LOST: Final[dict[str, Any]] = {
    "status": "fails",
    "change": Change(kind="regressed", was="docker.io/katib/lost:1", platforms=(ARM64,)),
}
_KNOWN: Final[dict[str, Any]] = {"status": "known", "change": Change(kind="same")}
_GRANTED: Final = Excepted(
    platform=ARM64,
    reason="amd64 nodes only",
    link="https://example.org/decision",
    owner="@serving",
    expires=date(2027, 1, 31),
    file="audits/exceptions.yaml",
    line=3,
)
_UNUSED: Final = Finding(
    rule="unused-exception",
    level="error",
    subject="docker.io/gone/*",
    message="the exception for docker.io/gone/* on * covers nothing: no image of this release matches it",
    fix="Remove it from audits/exceptions.yaml.",
    places=(Place(file="audits/exceptions.yaml", line=9),),
)


def use(file: str = "katib/config.yaml", line: int = 7, **values: Any) -> ImageUse:
    known = {"object": "apps/v1/Deployment/kubeflow/katib", "path": "spec.containers[0].image", "how": "pod"}
    return ImageUse(file=file, line=line, kustomizations=("example",), sample=False, **{**known, **values})


def audited(name: str, verdict: Verdict = Verdict.SUPPORTED, **values: Any) -> AuditedImage:
    reason = None if verdict is Verdict.SUPPORTED else f"the registry says {verdict}"
    worst: dict[str, Any] = {Verdict.SUPPORTED: {"status": "ok"}, Verdict.UNKNOWN: {"status": "unknown"}}.get(
        verdict, {"status": "fails"}
    )
    image = AuditedImage(
        reference=name,
        name=name,
        pinned="tag",
        default_install=True,
        uses=(use(),),
        verdict=verdict,
        depth="config",
        platforms={
            AMD64: PlatformRecord(verdict=Verdict.SUPPORTED),
            ARM64: PlatformRecord(verdict=verdict, reason=reason),
        },
        component="Katib",
        owner=_KATIB,
        on_arm64=OnArm64(outcome="native" if verdict is Verdict.SUPPORTED else "unknown"),
    )
    image = replace(image, **{**worst, **values})
    deciding = tuple(name for name, record in image.platforms.items() if record.verdict is image.verdict)
    return replace(image, decided_by=deciding)


def audit_of(images: Sequence[AuditedImage], **values: Any) -> Audit:
    audit = Audit(
        source="tree",
        release="26.03",
        date=date(2026, 11, 24),
        required=(AMD64, ARM64),
        scope="default",
        installs=frozenset({"example"}),
        images=tuple(images),
        kustomizations=(Kustomization(path="example", status="rendered", warnings=()),),
        problems=(),
        owner_of=lambda _use: Owned(component="Katib", owner=_KATIB, upstream=Owner(repository="kubeflow/katib")),
    )
    return replace(audit, **values)


def _images() -> tuple[AuditedImage, ...]:
    """Images of nearly every status, and of every way to change."""
    emulated = OnArm64(outcome="emulated", error="no matching manifest")
    broken_there = OnArm64(outcome="fails", reason="QEMU lacks AVX", source="https://example.org/avx")
    away = Suggestion(
        text="no newer tag has it", replacement=Replacement(text="Removed upstream.", source="https://example.org/rm")
    )
    return (
        audited("docker.io/katib/lost:2", Verdict.MISSING, **_LOST, on_arm64=emulated),
        audited("docker.io/katib/old:1", Verdict.MISSING, **_KNOWN, on_arm64=emulated, suggestion=away),
        audited("docker.io/kserve/cuda:1", Verdict.MISSING, component="KServe", on_arm64=broken_there),
        audited("docker.io/kserve/granted:1", Verdict.MISSING, status="excepted", exceptions=(_GRANTED,)),
        audited("docker.io/kserve/slow:1", Verdict.UNKNOWN, component="KServe", owner=None),
        audited("docker.io/kserve/good:1", component="KServe", change=Change(kind="fixed", platforms=(ARM64,))),
        audited("docker.io/katib/good:1", uses=(use(), use("katib/other.yaml", 12)), change=Change(kind="new")),
        audited(
            "docker.io/library/sample:1",
            Verdict.ABSENT,
            status="not-counted",
            default_install=False,
            component=None,
            uses=(use("docs/sample.yaml", 2, how="field"),),
        ),
    )


def full_audit() -> Audit:
    """An audit with something in every section."""
    gone = GoneImage(name="docker.io/katib/gone:1", verdict=Verdict.SUPPORTED, component="Katib")
    return audit_of(
        _images(),
        stale=(_UNUSED,),
        policy="audits/policy.yaml",
        exceptions="audits/exceptions.yaml",
        problems=("old: no such file",),
        kustomizations=(Kustomization(path="old", status="broken", why="no such file", warnings=()),),
        compared=Compared(against="audits/baselines/26.03.json", date="2026-11-23", gone=(gone,)),
    )


def large_audit(images: int, uses: int) -> Audit:
    """Names, files and objects as long as Kubeflow's are."""
    verdicts = (Verdict.MISSING, Verdict.SUPPORTED, Verdict.SUPPORTED, Verdict.UNKNOWN, Verdict.SUPPORTED)
    made = []
    for number in range(images):
        component = f"Component {number % 25}"
        file = f"applications/component-{number % 25}/upstream/base/config/manager/part-{number}.yaml"
        places = tuple(use(file, 100 + at, object=f"apps/v1/Deployment/kubeflow/thing-{number}") for at in range(uses))
        name = f"ghcr.io/kubeflow/component-{number % 25}/controller-manager-{number}:v2.16.{number}"
        made.append(audited(name, verdicts[number % 5], component=component, uses=places))
    return audit_of(made)


def year(*, nights: int = 365, releases: int = 3, components: int = 30, often: float = 0.02) -> Trend:
    """A folder of reports in which a component's coverage changes as often as asked."""
    dice = random.Random(7)  # noqa: S311  # the same every time
    return Trend(releases=tuple(_release(f"r{one}", nights, components, often, dice) for one in range(releases)))


def _release(name: str, nights: int, components: int, often: float, dice: random.Random) -> ReleaseTrend:
    names = [f"Component {one}" for one in range(components)]
    now = {(one, platform): 9 for one in names for platform in (AMD64, ARM64)}
    found, steps = [], []
    for day in range(nights):
        night = str(date(2026, 1, 1) + timedelta(day))
        now |= {key: (one + dice.randint(1, 9)) % 10 for key, one in now.items() if dice.random() < often}
        coverage = {
            one: {p: Coverage(total=12, supported=now[one, p], unknown=day % 7 == 0) for p in (AMD64, ARM64)}
            for one in names
        }
        found.append(night_of(night, coverage))
        if day and day % 3 == 0:
            changed = Changed(
                name=f"ghcr.io/kubeflow/thing:v{day}", was="ghcr.io/kubeflow/thing:v1", component=names[0]
            )
            steps.append(
                Step(date=night, since=found[-2].date, regressed=(changed,), new=(), fixed=(changed,), gone=())
            )
    return ReleaseTrend(
        release=name, platforms=(AMD64, ARM64), components=tuple(names), nights=tuple(found), steps=tuple(steps)
    )


def night_of(day: str, coverage: dict[str, dict[str, Coverage]], result: str = "no-go") -> Night:
    summary = {verdict: {Verdict.MISSING: 3, Verdict.SUPPORTED: 9}.get(verdict, 0) for verdict in Verdict}
    return Night(date=day, file=f"26.03/{day}.json", result=result, total=12, summary=summary, coverage=coverage)
