"""Pins as findings, for annotations and SARIF: what ties is an error, what could not be found out a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.model.finding import Finding, Place
from buildkit.report.pins_words import ORDER, advice_of, problem_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Pin


def findings_of(judged: JudgedPins) -> tuple[tuple[Finding, Pin], ...]:
    """Errors before warnings, each with its pin."""
    return tuple(_findings(judged))


def _findings(judged: JudgedPins) -> Iterator[tuple[Finding, Pin]]:
    pins = sorted((*judged.tied, *judged.unknown), key=lambda pin: ORDER.index(pin.class_ or ORDER[-1]))
    for pin in pins:
        yield _finding(pin), pin


def _finding(pin: Pin) -> Finding:
    tie = pin.tie
    place = Place(
        file=tie.file,
        line=tie.line,
        kustomizations=tie.kustomizations,
        component=pin.component,
        owner=pin.owner,
    )
    advice = advice_of(pin)
    return Finding(
        rule=str(pin.class_),
        level="error" if pin.tied else "warning",
        subject=tie.reference.name if tie.reference else tie.value,
        message=f"{problem_of(pin)}.",
        fix=f"{advice.rstrip('.')}." if advice else None,
        places=(place,),
    )
