"""Audits in a line each: images with verdicts per platform, in places, today and then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from buildkit.audit.judge import Audit, Owned, nobody
from buildkit.audit.past import past_of
from buildkit.audit.settle import Found, Rules, make_audit
from buildkit.model.finding import Owner
from buildkit.model.image import Image, ImageUse
from buildkit.model.inspection import Inspection, PlatformRecord, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.audit.judge import OwnerOf
    from buildkit.audit.past import PastAudit
    from buildkit.audit.scope import Scope

AMD64, ARM64 = "linux/amd64", "linux/arm64"
TODAY = date(2026, 11, 24)
OK, GONE, UNKNOWN, MISSING, MISLABELLED, SUSPECT, NO_IMAGE = (
    Verdict.SUPPORTED,
    Verdict.ABSENT,
    Verdict.UNKNOWN,
    Verdict.MISSING,
    Verdict.MISLABELLED,
    Verdict.SUSPECT,
    Verdict.NOT_AN_IMAGE,
)
REASONS = {
    OK: None,
    GONE: "404 not found",
    UNKNOWN: "the registry did not answer",
    MISSING: "no {platform}, only linux/s390x",
    MISLABELLED: "the index says {platform}, the config linux/s390x",
    SUSPECT: "the same layers as linux/s390x",
    NO_IMAGE: "its config is application/vnd.cncf.helm.config.v1+json",
}

Known = tuple[Image, Inspection]


def use(
    at: str = "apps/v1/Deployment/kubeflow/web",
    path: str = "spec.template.spec.containers[0].image",
    *,
    file: str = "apps/web.yaml",
    line: int = 3,
    sample: bool = False,
) -> ImageUse:
    """One place: an object and a path in it; `at` empty for a line that is in no object."""
    return ImageUse(
        file=file,
        line=line,
        kustomizations=() if sample else ("example",),
        object=at or None,
        path=path or None,
        how="pod",
        sample=sample,
    )


def known(name: str, arm64: Verdict = OK, *uses: ImageUse, amd64: Verdict | None = None, counted: bool = True) -> Known:
    """Give an image and what its registry said; amd64 is fine where arm64 alone is named."""
    whole = arm64 in {GONE, UNKNOWN, NO_IMAGE}
    verdicts = {AMD64: amd64 or (arm64 if whole else OK), ARM64: arm64}
    return judged(name, verdicts, *uses, counted=counted)


def judged(name: str, verdicts: Mapping[str, Verdict], *uses: ImageUse, counted: bool = True) -> Known:
    image = Image(reference=name, name=name, pinned="tag", default_install=counted, uses=uses or (use(),))
    records = {
        platform: PlatformRecord(verdict=verdict, reason=(REASONS[verdict] or "").format(platform=platform) or None)
        for platform, verdict in verdicts.items()
    }
    worst = min(verdicts.values(), key=tuple(Verdict).index, default=OK)
    reasons = dict.fromkeys(one.reason for one in records.values() if one.verdict is worst and one.reason)
    reason = "; ".join(str(one) for one in reasons) or None
    return image, Inspection(name=name, verdict=worst, reason=reason, depth="config", platforms=records)


def audit(
    *images: Known,
    rules: Rules | None = None,
    owner_of: OwnerOf = nobody,
    scope: Scope = "default",
    problems: Iterable[str] = (),
) -> Audit:
    found = Found(
        source="tree",
        installs=frozenset({"example"}),
        images=tuple(image for image, _ in images),
        kustomizations=(),
        problems=tuple(problems),
    )
    return make_audit(
        found, {image.name: facts for image, facts in images}, owner_of, rules or Rules(today=TODAY), scope
    )


def past(*images: Known, rules: Rules | None = None, scope: Scope = "default") -> PastAudit:
    """Give the baseline that an audit of these images leaves."""
    return past_of(audit(*images, rules=rules, scope=scope))


def katib(_use: ImageUse) -> Owned:
    return Owned(component="Katib", owner=Owner(repository="kubeflow/katib", path="manifests"))


def by_folder(place: ImageUse) -> Owned | None:
    """Components by the first folder of a file: `katib/x.yaml` is Katib's, what lies elsewhere nobody's."""
    names = {"katib": "Katib", "pipelines": "Pipelines", "spark": "Spark Operator"}
    component = names.get(place.file.partition("/")[0])
    return Owned(component=component, owner=Owner(repository=f"kubeflow/{component}")) if component else None
