"""`kfkit pins`: tree -> ties -> registry facts -> classes -> what would free each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.edges.changes import changed_lines
from buildkit.errors import UsageError
from buildkit.flows.images import ImagesRequest, ImagesResult, collect_images
from buildkit.flows.inspect import read_references
from buildkit.flows.owners import file_owner_by
from buildkit.flows.parents import Orphan, find_parents
from buildkit.flows.ties import find_ties
from buildkit.model.inspection import Depth
from buildkit.model.platform import Platform, parse_platform
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word
from buildkit.pins.classify import Judgement, classify
from buildkit.pins.judged import JudgedPins
from buildkit.pins.parents import Parent
from buildkit.pins.pin import Class, Mode, Pin, Tie
from buildkit.pins.propose import Freed, freed_images, pin_of, repin, settle, strip, untie, widen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.watch import Watch
    from buildkit.model.facts import RegistryFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class PinsRequest:
    """What to look at, and what is required.

    Attributes:
        images: the tree.
        platforms: the required ones.
        depth: how far a registry is read.
        mode: how digests are freed.
        changed_since: a git revision; only pins on lines that changed since are reported and count.
    """

    images: ImagesRequest
    platforms: tuple[Platform, ...]
    depth: Depth = "config"
    mode: Mode = "repin"
    changed_since: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PinsResult:
    """`judged` is what is reported, `images` what was read: `images.tree` the sources (None of a render)."""

    judged: JudgedPins
    images: ImagesResult


def check_pins(request: PinsRequest, registry: RegistryClient | None, watch: Watch) -> PinsResult:
    """Find what ties the tree and judge it; without a registry (offline) digests and tags are unknown.

    Raises:
        UsageError: what `collect_images` raises; a render; `changed_since` outside a work tree, or no such revision.
        UndeterminedError: what `collect_images` raises.
    """
    changed = _changed(request)
    images = collect_images(request.images, watch)
    if images.tree is None:
        raise UsageError(
            f"{request.images.manifests}: a render: what ties stands in the files that it was made from",
            hint="name the folder of a tree, or github.com/OWNER/REPO@REF",
        )
    ties = find_ties(images, request.platforms, watch)
    if changed is not None:
        ties = tuple(tie for tie in ties if any(tie.line in lines for lines in changed.get(tie.file, ())))
    judged = JudgedPins(
        source=images.source,
        required=tuple(sorted(map(str, request.platforms))),
        mode=request.mode,
        since=request.changed_since,
        pins=judge_ties(ties, request, registry, watch),
        problems=images.problems,
    )
    return PinsResult(judged=_owned(judged, images), images=images)


def _changed(request: PinsRequest) -> Mapping[str, tuple[range, ...]] | None:
    """Lines that changed since the revision, by file; None where all count."""
    if request.changed_since is None:
        return None
    folder = Path(request.images.manifests)
    if not folder.is_dir():
        raise UsageError(
            f"--changed-since: {request.images.manifests} is no folder in a git work tree", hint="name a clone's folder"
        )
    return changed_lines(folder, request.changed_since)


def judge_ties(
    ties: Sequence[Tie], request: PinsRequest, registry: RegistryClient | None, watch: Watch
) -> tuple[Pin, ...]:
    """The pins of ties, in the order of file, line and column."""
    ordered = sorted(ties, key=lambda tie: (tie.file, tie.line, tie.column, tie.kind, tie.value))
    try:
        return _Judging(request, registry, watch).run(ordered)
    finally:
        if registry is not None:
            registry.close()


def _owned(judged: JudgedPins, images: ImagesResult) -> JudgedPins:
    """Each pin with whose folder it stands in."""
    owner_of = file_owner_by(images.knowledge)
    pins = (
        replace(pin, component=owned.component, owner=owned.owner) if (owned := owner_of(pin.tie.file)) else pin
        for pin in judged.pins
    )
    return replace(judged, pins=tuple(pins))


class _Judging:
    """One run: what was asked is asked once."""

    def __init__(self, request: PinsRequest, registry: RegistryClient | None, watch: Watch) -> None:
        self._request = request
        self._required = request.platforms
        self._registry = registry
        self._watch = watch
        self._facts: dict[str, RegistryFacts] = {}

    def run(self, ties: Sequence[Tie]) -> tuple[Pin, ...]:
        self._read(reference for tie in ties for reference in _questions(tie, self._request.mode))
        classes = {
            number: classify(tie.kind, self._of(asked), self._required)
            for number, tie in enumerate(ties)
            if (asked := _asked(tie)) is not None
        }
        parents = self._parents(ties, classes) if self._request.mode == "repin" else {}
        pins = {
            number: pin_of(tie, classes[number], self._freed(tie, classes[number], parents.get(number)))
            for number, tie in enumerate(ties)
            if number in classes
        }
        free = freed_images(pins.values())
        for number, tie in enumerate(ties):
            if tie.kind == "selector":
                pins[number] = widen(tie, self._facts, free, self._required)
            elif number not in pins:
                pins[number] = _unasked(tie)
        return settle([pins[number] for number in range(len(ties))])

    def _read(self, references: Iterable[Reference]) -> None:
        fresh = [one for name, one in {one.name: one for one in references}.items() if name not in self._facts]
        if not fresh:
            return
        depth = self._request.depth
        facts = read_references(fresh, self._required, self._registry, self._watch, depth=depth)
        self._facts |= {one.name: known for one, known in zip(fresh, facts, strict=True)}

    def _of(self, reference: Reference) -> RegistryFacts:
        return self._facts[reference.name]

    def _parents(self, ties: Sequence[Tie], classes: Mapping[int, Judgement]) -> Mapping[int, Parent | str]:
        """The index of each digest that a single manifest has and that may be edited."""
        orphans = {
            number: Orphan(reference=tie.reference, digest=tie.reference.digest, hints=tie.hints)
            for number, tie in enumerate(ties)
            if tie.kind == "digest" and tie.reference and tie.reference.digest and _is_tied(tie, classes.get(number))
        }
        served = [parse_platform(name) for number in orphans for name in classes[number].platforms]
        platforms = tuple(dict.fromkeys((*self._required, *served)))
        found = find_parents(tuple(orphans.values()), platforms, self._registry, self._watch)
        by_number = dict(zip(orphans, found, strict=True))
        self._read(
            _pinned(orphans[number].reference, parent)
            for number, parent in by_number.items()
            if isinstance(parent, Parent)
        )
        return by_number

    def _freed(self, tie: Tie, judged: Judgement, parent: Parent | str | None) -> Freed | None:
        asked = _asked(tie)
        if asked is None or not _is_tied(tie, judged):
            return None
        if tie.kind == "tag":
            return untie(tie, self._of(asked), self._of(tie.untied) if tie.untied else None, self._required)
        if self._request.mode == "strip":
            left = _left_behind(tie)
            return strip(tie, self._of(left) if left else None, self._required)
        if parent is None:
            return None
        facts = self._of(_pinned(asked, parent)) if isinstance(parent, Parent) else None
        return repin(tie, parent, facts, self._required)


def _unasked(tie: Tie) -> Pin:
    """A text, which is only reported; a digest or tag of nobody knows what image."""
    if tie.kind == "text":
        return Pin(tie=tie, class_=None)
    return Pin(tie=tie, class_=Class.UNKNOWN, why=tie.blocked or "which image it belongs to is not known")


def _is_tied(tie: Tie, judged: Judgement | None) -> bool:
    """Whether an edit is worth looking for."""
    return bool(judged and judged.class_ is Class.SINGLE_PLATFORM and not judged.serves and not tie.sample)


def _asked(tie: Tie) -> Reference | None:
    """What decides the class; a tag is asked for itself, whatever digest stands beside it."""
    if tie.kind == "tag" and tie.reference:
        return replace(tie.reference, digest=None)
    return tie.reference if tie.kind == "digest" else None


def _left_behind(tie: Tie) -> Reference | None:
    """What a stripped digest leaves: its tag."""
    if not tie.strip or tie.reference is None or tie.reference.tag is None:
        return None
    return replace(tie.reference, digest=None)


def _pinned(reference: Reference, parent: Parent) -> Reference:
    return replace(reference, tag=None, digest=parent.digest)


def _questions(tie: Tie, mode: Mode) -> Iterator[Reference]:
    """Everything to ask about a tie at once."""
    asked = _asked(tie)
    if asked is not None:
        yield asked
    if tie.kind == "tag" and tie.untied and not tie.sample:
        yield tie.untied
    if tie.kind == "digest" and mode == "strip" and not tie.sample:
        left = _left_behind(tie)
        if left:
            yield left
    if tie.kind == "selector" and not tie.sample:
        yield from _parsed(tie.images)


def _parsed(names: Iterable[str]) -> Iterator[Reference]:
    for name in names:
        try:
            yield parse_reference(name)
        except ReferenceError:  # `widen` says that it was not read
            continue
