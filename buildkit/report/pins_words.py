"""Words about pins that several reports share, and the order in which they are told: worst first."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from buildkit.compare.comparison import ABSENT
from buildkit.errors import Exit
from buildkit.pins.pin import Class
from buildkit.report.text import clipped, count_of, short_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.compare.comparison import Absent, Json
    from buildkit.compare.proof import Change, Proof
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Kind, Pin

ORDER: Final = (
    Class.SINGLE_PLATFORM,
    Class.EXCLUDES_PLATFORM,
    Class.STALE,
    Class.INDEX_INCOMPLETE,
    Class.UNKNOWN,
    Class.INDEX,
)
MEANINGS: Final[Mapping[Class, str]] = {
    Class.SINGLE_PLATFORM: "an image of one platform, not an index",
    Class.EXCLUDES_PLATFORM: "keeps pods off a required platform",
    Class.STALE: "the registry no longer has it",
    Class.INDEX_INCOMPLETE: "an index without every required platform",
    Class.UNKNOWN: "could not be found out",
    Class.INDEX: "an index with every required platform",
}
_DIGEST: Final = len("sha256:") + 12
_KINDS: Final[Mapping[Kind, str]] = {"digest": "digest", "tag": "tag", "selector": "selector", "text": "text"}
_VALUE: Final = 100


def short(value: str) -> str:
    """A digest cut, anything else whole but for a limit."""
    if value.startswith(("sha256:", "sha384:", "sha512:")) and len(value) > _DIGEST:
        return f"{value[:_DIGEST]}…"
    return clipped(value, _VALUE)


def what_of(pin: Pin) -> str:
    """What is pinned: the image, or what a selector or text says."""
    if pin.tie.reference is not None:
        return short_name(pin.tie.reference.name)
    return f"{_KINDS[pin.tie.kind]} {short(pin.tie.value)}"


def where_of(pin: Pin) -> str:
    return f"{pin.tie.file}:{pin.tie.line}:{pin.tie.column}"


def serves_words(pin: Pin) -> str:
    """Which platforms it has or allows."""
    return ", ".join(pin.platforms) or "-"


def problem_of(pin: Pin) -> str:
    """What is wrong, one sentence without its full stop."""
    what = what_of(pin)
    if pin.class_ is Class.SINGLE_PLATFORM:
        return f"{what} is for {serves_words(pin)} alone"
    if pin.class_ is Class.EXCLUDES_PLATFORM:
        return f"{what} leaves out {', '.join(pin.tie.excludes)}"
    return f"{what}: {MEANINGS[pin.class_] if pin.class_ else 'may depend on an architecture'}"


def advice_of(pin: Pin) -> str | None:
    """What was or can be done about it, and why not."""
    if pin.outcome == "planned":
        return f"kfkit pins fix makes it {pin.proposed}" + (f" ({pin.why})" if pin.why else "")
    if pin.outcome == "done":
        return f"now {pin.proposed}" + (f" ({pin.why})" if pin.why else "")
    if pin.outcome == "refused" and pin.proposed:
        return f"{pin.proposed} would free it, but not here: {pin.why}"
    return pin.why


def group_by_class(pins: tuple[Pin, ...]) -> dict[Class, tuple[Pin, ...]]:
    """Pins that count by class, worst first, those that stay before those that can be freed."""
    ranks = {"refused": 0, "planned": 1, "done": 2, "none": 3}
    ranked = sorted(pins, key=lambda pin: ranks[pin.outcome])
    found = {one: tuple(pin for pin in ranked if pin.class_ is one and not pin.tie.sample) for one in ORDER}
    return {one: group for one, group in found.items() if group}


def summary_words(judged: JudgedPins) -> str:
    """`2 single-platform, 31 index`: worst first, zeros left out; what was freed is told apart."""
    parts = [f"{judged.summary[one]} {one}" for one in ORDER if judged.summary[one]]
    done = sum(pin.outcome == "done" for pin in judged.pins)
    return ", ".join([*parts, *([f"{done} freed"] if done else [])]) or "none"


def counted(judged: JudgedPins) -> int:
    return sum(pin.class_ is not None and not pin.tie.sample for pin in judged.pins)


def verdict_words(judged: JudgedPins) -> list[str]:
    """The result, one sentence a line."""
    outcomes = Counter(pin.outcome for pin in judged.tied)
    changed = f" on lines changed since {judged.since}" if judged.since else ""
    lines = []
    done = sum(pin.outcome == "done" for pin in judged.pins)
    if done:
        lines.append(f"{count_of(done, 'pin')} freed.")
    if judged.tied:
        parts = [f"{outcomes['planned']} can be freed by kfkit pins fix"] if outcomes["planned"] else []
        parts += [f"{outcomes['refused']} cannot be freed here"] if outcomes["refused"] else []
        left = " left" if done else ""
        lines.append(f"{count_of(len(judged.tied), 'tie')}{left}{changed}: {', '.join(parts)}.")
    if judged.unknown:
        lines.append(f"{count_of(len(judged.unknown), 'pin')}{changed} could not be judged.")
    if judged.problems:
        lines.append("What counts is not all there, pins may be missing.")
    if judged.exit is Exit.OK:
        lines.append(f"Nothing{changed} ties the tree to one architecture.")
    return lines


def proof_words(proof: Proof) -> str:
    """`12 kustomizations rendered before and after: 14 values changed as intended, nothing else`."""
    values = count_of(len(proof.changed), "value")
    rest = f"{len(proof.unintended)} not intended" if proof.unintended else "nothing else"
    unproven = f"; {count_of(len(proof.unproven), 'kustomization')} could not be rendered" if proof.unproven else ""
    rendered = f"{count_of(proof.kustomizations, 'kustomization')} rendered before and after"
    return f"{rendered}: {values} changed as intended, {rest}{unproven}"


def change_place(change: Change) -> str:
    more = f" and {len(change.kustomizations) - 1} more" if len(change.kustomizations) > 1 else ""
    where = f"{change.kustomizations[0]}{more}: " if change.kustomizations else ""
    return f"{where}{change.object} {change.path}".rstrip()


def side_words(side: Json | Absent, limit: int) -> str:
    """A value as JSON, `nothing` where there is none."""
    return "nothing" if side is ABSENT else clipped(json.dumps(side, ensure_ascii=False), limit)
