"""`kfkit pins` as JSON: every pin, what was proven, and the patches for other repositories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from buildkit.compare.comparison import ABSENT
from buildkit.compare.proof import Proof
from buildkit.model.finding import Owner  # noqa: TC001  # msgspec reads the annotation
from buildkit.pins.judged import UpstreamPatch
from buildkit.pins.pin import Class, Kind, Mode, Outcome

if TYPE_CHECKING:
    from buildkit.compare.proof import Change
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Pin

# A check, or a fix with nothing to edit: nothing was rendered twice.
_NOTHING: Final = Proof(kustomizations=0, changed=(), unintended=(), unproven=())


class PinRecord(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """One pin; `edit` is what became of it, `image` the reference in full that a registry was asked about."""

    kind: Kind
    value: str
    file: str
    line: int
    column: int
    class_: Class | None = None
    platforms: tuple[str, ...]
    proposed: str | None = None
    edit: Outcome
    why: str | None = None
    image: str | None = None
    images: tuple[str, ...]
    sample: bool
    kustomizations: tuple[str, ...]
    component: str | None = None
    owner: Owner | None = None


class ChangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A difference between the renders before (`a`) and after (`b`); a side that is absent has no key."""

    kustomizations: tuple[str, ...]
    object: str
    path: str
    a: Any = msgspec.UNSET
    b: Any = msgspec.UNSET


class ProofRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What rendering before and after showed: how many kustomizations were compared, and what differs."""

    kustomizations: int
    changed: tuple[ChangeRecord, ...]
    unintended: tuple[ChangeRecord, ...]
    unproven: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PinsDocument:
    """`kfkit pins`: what ties the tree, in the order of file, line and column; `summary` counts what counts."""

    source: str
    required: tuple[str, ...]
    mode: Mode
    since: str | None = None
    summary: Mapping[Class, int]
    pins: tuple[PinRecord, ...]
    proof: ProofRecord
    upstream: tuple[UpstreamPatch, ...]
    problems: tuple[str, ...]


def pins_document(judged: JudgedPins) -> PinsDocument:
    """The document of a check or a fix."""
    return PinsDocument(
        source=judged.source,
        required=judged.required,
        mode=judged.mode,
        since=judged.since,
        summary=judged.summary,
        pins=tuple(map(_pin, judged.pins)),
        proof=proof_record(judged.proof or _NOTHING),
        upstream=judged.upstream,
        problems=judged.problems,
    )


def _pin(pin: Pin) -> PinRecord:
    tie = pin.tie
    return PinRecord(
        kind=tie.kind,
        value=tie.value,
        file=tie.file,
        line=tie.line,
        column=tie.column,
        class_=pin.class_,
        platforms=pin.platforms,
        proposed=pin.proposed,
        edit=pin.outcome,
        why=pin.why,
        image=tie.reference.name if tie.reference else None,
        images=tie.images,
        sample=tie.sample,
        kustomizations=tie.kustomizations,
        component=pin.component,
        owner=pin.owner,
    )


def proof_record(proof: Proof) -> ProofRecord:
    """A proof as every document holds it."""
    return ProofRecord(
        kustomizations=proof.kustomizations,
        changed=tuple(map(_change, proof.changed)),
        unintended=tuple(map(_change, proof.unintended)),
        unproven=proof.unproven,
    )


def _change(change: Change) -> ChangeRecord:
    return ChangeRecord(
        kustomizations=change.kustomizations,
        object=change.object,
        path=change.path,
        a=msgspec.UNSET if change.a is ABSENT else change.a,
        b=msgspec.UNSET if change.b is ABSENT else change.b,
    )
