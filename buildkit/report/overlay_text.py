"""An overlay as text: what it changes, what it does not reach, the proof, and what to do next."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from typing import TYPE_CHECKING, Final

from buildkit.compare.comparison import ABSENT
from buildkit.overlay.files import COPY, PATCHES
from buildkit.report.text import bold, clipped, count_of, printable, short_name

if TYPE_CHECKING:
    from buildkit.compare.comparison import Absent, Json
    from buildkit.compare.proof import Change
    from buildkit.overlay.overlay import Changed, Overlay, Unreached

_LISTED: Final = 20
_VALUE: Final = 120
_TITLES: Final = {
    "registry": "from the mirror",
    "substitute": "replaced by another image",
    "pin": "freed from one architecture",
    "affinity": "kept on nodes that run them",
}


def overlay_text(overlay: Overlay, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result."""
    blocks = [
        [bold(f"Overlay of {printable(overlay.install)} in {printable(overlay.source)}", colour=colour)],
        *_changes(overlay, colour=colour),
        _unreached(overlay, colour=colour),
        _proof(overlay, colour=colour),
        _result(overlay, colour=colour),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode("utf-8", "replace") + b"\n"


def _changes(overlay: Overlay, *, colour: bool) -> list[list[str]]:
    blocks: list[list[str]] = []
    for why, title in _TITLES.items():
        found = [one for one in overlay.changes if one.why == why]
        if found:
            kinds = Counter(_kind(one.object) for one in found)
            tally = ", ".join(f"{number} in {kind}" for kind, number in sorted(kinds.items()))
            head = bold(f"{count_of(len(found), 'place')} {title}", colour=colour)
            blocks.append([f"{head}: {tally}", *_pairs(found)])
    return blocks


def _kind(name: str) -> str:
    """`apps/v1/Deployment/ns/name` -> Deployment."""
    return printable(name.split("/")[-3]) if name.count("/") > 2 else printable(name)  # noqa: PLR2004  # its parts


def _pairs(changes: list[Changed]) -> list[str]:
    """What becomes what, each pair once with how often; of workloads which one."""
    found = Counter((one.a or one.object, one.b) for one in changes)
    lines = [
        printable(f"  {short_name(a)} -> {short_name(b)}" + (f" ({number} times)" if number > 1 else ""))
        for (a, b), number in sorted(found.items())
    ]
    return [*lines[:_LISTED], *_more(len(lines))]


def _more(number: int) -> list[str]:
    return [f"  … and {number - _LISTED} more: --format json lists all"] if number > _LISTED else []


def _unreached(overlay: Overlay, *, colour: bool) -> list[str]:
    found = sorted(overlay.unreached, key=lambda one: (one.unknown, one.image))
    if not found:
        return []
    lines = [bold(f"Not reached: {count_of(len(found), 'place')}", colour=colour)]
    for one in found[:_LISTED]:
        lines += [f"  {printable(one.image)}: {printable(clipped(one.why, _VALUE * 2))}", f"    {_where(one)}"]
    return [*lines, *_more(len(found))]


def _where(one: Unreached) -> str:
    file = f"{one.file}:{one.line}" if one.file else ""
    what = f"{one.object or ''} {one.path or ''}".strip()
    return printable(": ".join(part for part in (file, what) if part))


def _proof(overlay: Overlay, *, colour: bool) -> list[str]:
    proof = overlay.proof
    if overlay.proven:
        rendered = f"{printable(overlay.install)} was rendered with and without the overlay"
        return [f"Proof: {rendered}: {count_of(len(proof.changed), 'value')} changed as intended, nothing else."]
    found = [*proof.unintended[:_LISTED]]
    lines = [bold(f"The proof fails: {len(proof.unintended)} differences are not intended", colour=colour)]
    for one in found:
        lines += [f"  {_place(one)}", f"    - {_short(one.a)}", f"    + {_short(one.b)}"]
    if any(isinstance(one.b, str) and "test failed" in one.b for one in found):
        lines.append("  A text is another one when the patches are applied: kustomize puts in `vars:` only after them.")
    return [*lines, *_more(len(proof.unintended)), *(f"  {printable(one)}" for one in proof.unproven)]


def _place(one: Change) -> str:
    return printable(f"{one.object} {one.path}".strip() or "the overlay")


def _short(value: Json | Absent) -> str:
    if value is ABSENT:
        return "(nothing)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(clipped(" ".join(text.split()), _VALUE))


def _result(overlay: Overlay, *, colour: bool) -> list[str]:
    output = overlay.output
    if overlay.outcome == "refused":
        return [bold(f"Nothing was written to {printable(output)}.", colour=colour)]
    patches = sum(one.path.startswith(f"{PATCHES}/") for one in overlay.files)
    what = "1 patch" if patches == 1 else f"{patches} patches"
    done = {
        "written": f"Written: {output} ({what})",
        "planned": f"{output} would be written ({what}); --check writes nothing",
        "same": f"{output} is so already ({what})",
    }
    lines = [bold(printable(done[overlay.outcome]), colour=colour)]
    if overlay.copies:
        place = printable(shlex.quote(f"{output}/{COPY}"))
        lines.append(f"  sh {place}  # copies {count_of(len(overlay.copies), 'image')} into the mirror, with crane")
    return [*lines, f"  kustomize build {printable(shlex.quote(output))} | kubectl apply --server-side -f -"]
