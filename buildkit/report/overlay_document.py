"""`kfkit overlay` as JSON: what the overlay changes, what to copy, what it does not reach, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from buildkit.overlay.overlay import Changed, Copy, Unreached
from buildkit.report.pins_document import ProofRecord, proof_record

if TYPE_CHECKING:
    from buildkit.overlay.overlay import Overlay


@dataclass(frozen=True, kw_only=True, slots=True)
class OverlayDocument:
    """`kfkit overlay`: sorted lists; `pulled` counts the images that the overlay's render names."""

    source: str
    install: str
    output: str
    outcome: Literal["written", "planned", "same", "refused"]
    pulled: int
    changes: tuple[Changed, ...]
    copies: tuple[Copy, ...]
    unreached: tuple[Unreached, ...]
    proof: ProofRecord


def overlay_document(overlay: Overlay) -> OverlayDocument:
    """The document of an overlay."""
    return OverlayDocument(
        source=overlay.source,
        install=overlay.install,
        output=overlay.output,
        outcome=overlay.outcome,
        pulled=overlay.pulled,
        changes=overlay.changes,
        copies=overlay.copies,
        unreached=overlay.unreached,
        proof=proof_record(overlay.proof),
    )
