"""`kfkit inspect` as text: a line per image in input order, and below it what needs saying."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from buildkit.model.inspection import Inspection, Verdict
from buildkit.report.text import columns, count_of, printable, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def inspect_text(images: Sequence[Inspection], required: Sequence[str], *, colour: bool = False) -> bytes:
    """UTF-8 text: the verdict, one verdict and size for each required platform, the name."""
    header = ["verdict", *(cell for name in required for cell in (name, "size")), "image"]
    lines = columns([header, *(_row(image, required) for image in images)], colour=colour)
    table = lines[:1]
    for image, line in zip(images, lines[1:], strict=True):
        table += [line, *(f"    {printable(reason)}" for reason in _remarks(image))]
    found = Counter(image.verdict for image in images)
    total = f"{count_of(len(images), 'image')}: {tally({verdict: found[verdict] for verdict in Verdict})}"
    return "\n".join([*table, "", total]).encode() + b"\n"


def _row(image: Inspection, required: Sequence[str]) -> list[str]:
    cells = []
    for name in required:
        record = image.platforms[name]
        cells += [str(record.verdict), "-" if record.size is None else size_text(record.size)]
    return [str(image.verdict), *cells, printable(image.name)]


def _remarks(image: Inspection) -> list[str]:
    """Reasons, once each: those of the whole image as they are, those of one platform under its name."""
    reasons = {record.reason for record in image.platforms.values() if record.reason}
    if len(reasons) == 1 and all(record.reason for record in image.platforms.values()):
        remarks = sorted(reasons)
    else:
        remarks = [f"{name}: {record.reason}" for name, record in image.platforms.items() if record.reason]
    if image.depth == "descriptor" and not reasons:
        remarks.append(image.reason or "from descriptors alone: configs were not read")
    return remarks


def size_text(size: int) -> str:
    """`12.3 MB`, in powers of 1000 as registries' pages show them."""
    value = float(size)
    for unit in _UNITS[:-1]:
        if value < _STEP:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= _STEP
    return f"{value:.1f} {_UNITS[-1]}"
