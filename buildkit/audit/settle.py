"""Images, what registries say of them, whose they are and what was decided about them, joined into one audit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from buildkit.audit.compare import Comparison
from buildkit.audit.exceptions import AuditException, covering, stale_exceptions
from buildkit.audit.judge import SEVERITY, Audit, Compared, main_use
from buildkit.audit.past import PastAudit
from buildkit.audit.policy import PROBLEMS, Policy
from buildkit.audit.record import AuditedImage, Status
from buildkit.audit.scope import Scope, counts
from buildkit.model.image import Image
from buildkit.model.inspection import Inspection, Verdict
from buildkit.model.kustomization import Kustomization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.audit.judge import OwnerOf

_STATUS_ORDER: Final[tuple[Status, ...]] = ("fails", "unknown", "known", "excepted", "allowed", "ok", "not-counted")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The images of a tree, as `kfkit images` finds them."""

    source: str
    installs: frozenset[str]
    images: tuple[Image, ...]
    kustomizations: tuple[Kustomization, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What maintainers decided, and what was before: everything that turns verdicts into a result.

    Attributes:
        release: the name that exceptions and baselines know the release by.
        exceptions: those that are about this release; `exceptions_source` is their file.
        past: the baseline, and `against` what it is called.
    """

    release: str = ""
    today: date = date.min
    policy: Policy = field(default_factory=Policy)
    exceptions: tuple[AuditException, ...] = ()
    exceptions_source: str | None = None
    past: PastAudit | None = None
    against: str | None = None


def make_audit(
    found: Found, inspections: Mapping[str, Inspection], owner_of: OwnerOf, rules: Rules, scope: Scope
) -> Audit:
    """Join what was found with what registries say, under the rules; `inspections` is keyed by full name."""
    joined = tuple(
        _join(image, inspections[image.name], owner_of, rules.policy, found.installs) for image in found.images
    )
    past = Comparison(rules.past, joined, scope) if rules.past else None
    images = tuple(_settle(image, rules, past, owner_of, counted=counts(image, scope)) for image in joined)
    gone = past.gone() if past else ()
    return Audit(
        source=found.source,
        release=rules.release,
        date=rules.today,
        required=rules.policy.all_platforms(),
        scope=scope,
        installs=found.installs,
        images=images,
        kustomizations=found.kustomizations,
        problems=found.problems,
        stale=stale_exceptions(rules.exceptions, images, rules.today, whole=not found.problems),
        policy=rules.policy.source,
        exceptions=rules.exceptions_source,
        compared=Compared(against=rules.against or "", date=rules.past.date, gone=gone) if rules.past else None,
        owner_of=owner_of,
    )


def _join(
    image: Image, inspection: Inspection, owner_of: OwnerOf, policy: Policy, installs: frozenset[str]
) -> AuditedImage:
    owned = owner_of(main_use(image.uses, installs))
    required = policy.required_of(components_of(image, owner_of))
    platforms = {name: record for name, record in inspection.platforms.items() if name in required}
    whole = len(platforms) == len(inspection.platforms) or not platforms
    reasons = dict.fromkeys(record.reason for record in platforms.values() if record.reason)
    return AuditedImage(
        reference=image.reference,
        name=image.name,
        pinned=image.pinned,
        default_install=image.default_install,
        uses=image.uses,
        digest=inspection.digest,
        verdict=inspection.verdict if whole else min((r.verdict for r in platforms.values()), key=SEVERITY.__getitem__),
        reason=inspection.reason if whole else "; ".join(reasons) or None,
        depth=inspection.depth,
        platforms=platforms or inspection.platforms,
        component=owned.component if owned else None,
        owner=owned.owner if owned else None,
    )


def components_of(image: Image | AuditedImage, owner_of: OwnerOf) -> frozenset[str | None]:
    """Every component that names the image: the strictest rule of theirs holds for it. Samples name nothing."""
    uses = [use for use in image.uses if not use.sample] or image.uses
    owned = (owner_of(use) for use in uses)
    return frozenset(one.component if one else None for one in owned)


def _settle(
    image: AuditedImage, rules: Rules, past: Comparison | None, owner_of: OwnerOf, *, counted: bool
) -> AuditedImage:
    """What exceptions, baseline and policy make of an image's verdicts."""
    components = components_of(image, owner_of)

    def fails(platform: str, verdict: Verdict) -> bool:
        return rules.policy.fails(components, platform, verdict)

    change, known = past.change_of(image, fails) if past else (None, frozenset())
    problems = {name: record.verdict for name, record in image.platforms.items() if record.verdict in PROBLEMS}
    covers = [covering(rules.exceptions, image.name, name, rules.today) for name in problems]
    covered = tuple(one for one in covers if one is not None)
    excepted = {one.platform for one in covered}
    required = rules.policy.required_of(components)
    states: dict[str, Status] = {
        name: _status(record.verdict, fails=fails(name, record.verdict), known=name in known, excepted=name in excepted)
        for name, record in image.platforms.items()
        # Nothing may be required of it (--platform has narrowed its component's rule): then nothing has to be known.
        if name in required or record.verdict is not Verdict.UNKNOWN
    }
    status: Status = min(states.values(), key=_STATUS_ORDER.index, default="allowed")
    return replace(
        image,
        status=status if counted else "not-counted",
        decided_by=tuple(name for name, one in states.items() if one == status) if counted else (),
        change=None if change and change.kind == "same" and _is_unknown(image) else change,
        exceptions=covered,
    )


def _is_unknown(image: AuditedImage) -> bool:
    """Nothing is known of it today: whether it is the same cannot be said."""
    return all(record.verdict is Verdict.UNKNOWN for record in image.platforms.values())


def _status(verdict: Verdict, *, fails: bool, known: bool, excepted: bool) -> Status:
    if verdict in {Verdict.SUPPORTED, Verdict.UNKNOWN}:
        return "ok" if verdict is Verdict.SUPPORTED else "unknown"
    if excepted:
        return "excepted"
    if not fails:
        return "allowed"
    return "known" if known else "fails"
