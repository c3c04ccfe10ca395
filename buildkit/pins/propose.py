"""A judged tie -> a pin: the edit that frees it, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.model.facts import choose
from buildkit.model.inspection import Verdict
from buildkit.model.platform import parse_platform
from buildkit.pins.classify import lists, shortcoming
from buildkit.pins.pin import TIES, Class, Edit, Pin
from buildkit.verdict.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.model.facts import RegistryFacts
    from buildkit.model.platform import Platform
    from buildkit.pins.classify import Judgement
    from buildkit.pins.parents import Parent
    from buildkit.pins.pin import Tie

_SAMPLE: Final = "a sample: nothing renders it, so no proof is possible"
_KEPT: Final = {
    Class.INDEX_INCOMPLETE: "never edited: another tag or image is needed",
    Class.STALE: "nothing can be looked up by what is not there",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Freed:
    """What a tie could become: a value with its edits, or why not; `note` is worth knowing all the same."""

    proposed: str | None = None
    edits: tuple[Edit, ...] = ()
    refused: str | None = None
    note: str | None = None


def pin_of(tie: Tie, judged: Judgement, freed: Freed | None) -> Pin:
    """The pin of a digest or tag; `freed` is None where nothing was looked for."""
    pin = Pin(tie=tie, class_=judged.class_, platforms=judged.platforms, why=judged.why)
    if judged.class_ not in TIES:
        return pin
    if judged.serves:
        return replace(pin, why="it is for the only required platform")
    if tie.sample:
        return replace(pin, why=_joined(judged.why, _SAMPLE))
    if judged.class_ in _KEPT:
        return replace(pin, outcome="refused", why=_joined(judged.why, _KEPT[judged.class_]))
    freed = freed or Freed(refused="nothing was looked for")
    refused = tie.blocked or freed.refused
    if refused:
        return replace(pin, proposed=freed.proposed, outcome="refused", why=_joined(refused, freed.note))
    return replace(pin, proposed=freed.proposed, edits=freed.edits, outcome="planned", why=freed.note)


def repin(tie: Tie, found: Parent | str, facts: RegistryFacts | None, required: Sequence[Platform]) -> Freed:
    """A digest to its index's; `facts` are those of the index, read as deeply as everything else."""
    if isinstance(found, str):
        return Freed(refused=found)
    short = shortcoming(facts, required) if facts else "it was not read"
    if short:
        return Freed(refused=f"the index that lists it, {found.digest} ({found.tag}), will not do: {short}")
    if tie.start < 0:
        return Freed(proposed=found.digest, refused="it does not stand in the file in one piece")
    edit = Edit(file=tie.file, start=tie.start, end=tie.start + len(tie.value), old=tie.value, new=found.digest)
    return Freed(proposed=found.digest, edits=(edit,), note=f"the index of {found.tag}")


def strip(tie: Tie, facts: RegistryFacts | None, required: Sequence[Platform]) -> Freed:
    """The digest goes; `facts` are those of the tag that stays, None where there is none."""
    tag = tie.reference.tag if tie.reference else None
    if not tie.strip or not tag or facts is None:
        return Freed(refused=tie.strip_why or "no tag stands beside it")
    short = shortcoming(facts, required)
    if short:
        return Freed(refused=f"the tag {tag} will not do: {short}")
    digest = tie.reference.digest if tie.reference else None
    other = None if digest and lists(facts, digest) else f"the tag {tag} is another build by now"
    return Freed(proposed=tag, edits=tie.strip, note=other)


def untie(tie: Tie, tied: RegistryFacts, untied: RegistryFacts | None, required: Sequence[Platform]) -> Freed:
    """A tag or name to the one without an architecture; `tied` and `untied` are the facts of the two."""
    if tie.untied is None or untied is None:
        return Freed(refused="without its architecture no tag is left")
    short = shortcoming(untied, required)
    if short:
        return Freed(refused=f"{tie.untied.name} will not do: {short}")
    served = [entry.platform for entry in tied.entries if entry.platform]
    pairs = [(choose(tied.entries, one), choose(untied.entries, one), one) for one in served]
    gone = sorted({str(platform) for _, there, platform in pairs if there is None})
    if gone:
        return Freed(refused=f"{tie.untied.name} has no {', '.join(gone)}")
    same = all(here and there and here.digest == there.digest for here, there, _ in pairs)
    if not tie.edits:
        return Freed(proposed=_untied_value(tie), refused="it cannot be edited here")
    note = None if same else f"{tie.untied.name} is another build"
    return Freed(proposed=_untied_value(tie), edits=tie.edits, note=note)


def _untied_value(tie: Tie) -> str:
    """What stands there afterwards: the edits carried out in the value where they lie in it, else the name."""
    inside = [one for one in tie.edits if tie.start <= one.start and one.end <= tie.start + len(tie.value)]
    if tie.start < 0 or not inside or len(inside) < len(tie.edits):
        return tie.untied.name if tie.untied else ""
    value = tie.value
    for edit in sorted(inside, reverse=True):
        value = value[: edit.start - tie.start] + edit.new + value[edit.end - tie.start :]
    return value


def widen(tie: Tie, images: Mapping[str, RegistryFacts], freed: Iterable[str], required: Sequence[Platform]) -> Pin:
    """The pin of a selector: wider only where every image of its pods runs on what it leaves out.

    `freed` names images that will have every required platform once the other pins are edited.
    """
    out = [parse_platform(name) for name in tie.excludes]
    allowed = tuple(sorted(str(one) for one in required if str(one) not in tie.excludes))
    pin = Pin(tie=tie, class_=Class.EXCLUDES_PLATFORM, platforms=allowed)
    if not tie.excludes:
        return replace(pin, why="it leaves out no required platform")
    if tie.sample:
        return replace(pin, why=_SAMPLE)
    proposed = ", ".join(sorted({one.architecture for one in required}))
    short = {name: why for name in tie.images if (why := _lacking(name, images.get(name), out))}
    needs = tuple(sorted(short.keys() & set(freed)))
    bad = [why for name, why in sorted(short.items()) if name not in needs]
    refused = tie.blocked or next(iter(bad), None)
    if not tie.images:
        refused = refused or "no image of its pods is known"
    if not tie.edits:
        refused = refused or "it cannot be edited here"
    if refused:
        return replace(pin, outcome="refused", why=refused)
    note = "every image of its pods runs there" + (", once the other pins are freed" if needs else "")
    return replace(pin, proposed=proposed, edits=tie.edits, outcome="planned", why=note, needs=needs)


def _lacking(name: str, facts: RegistryFacts | None, out: Sequence[Platform]) -> str | None:
    """Why an image does not run on what a selector leaves out; None where it does."""
    if facts is None:
        return f"its image {name} was not read"
    for platform, record in sorted(judge(name, facts, out).platforms.items()):
        if record.verdict is Verdict.MISSING and not facts.failure:
            return f"its image {name} has no {platform}: the selector is right"
        if record.verdict is not Verdict.SUPPORTED:
            return f"its image {name} is {record.verdict} on {platform}: {record.reason or 'no reason is known'}"
    return None


def freed_images(pins: Iterable[Pin]) -> frozenset[str]:
    """Names of images (as Tie.images has them) whose every tie that counts is about to be freed."""
    found: dict[str, bool] = {}
    for pin in pins:
        if pin.tie.reference is not None and not pin.tie.sample:
            name = pin.tie.reference.name
            found[name] = found.get(name, True) and pin.outcome in {"planned", "done"}
    return frozenset(name for name, free in found.items() if free)


def settle(pins: Sequence[Pin]) -> tuple[Pin, ...]:
    """Refuse selectors whose images will not be freed after all: to be called whenever a pin came to be refused."""
    free = freed_images(pins)
    return tuple(_settled(pin, free) for pin in pins)


def _settled(pin: Pin, free: frozenset[str]) -> Pin:
    left = [name for name in pin.needs if name not in free]
    if not left or pin.outcome != "planned":
        return pin
    why = f"its image {left[0]} stays tied"
    return replace(pin, proposed=None, edits=(), outcome="refused", why=why, needs=())


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None
