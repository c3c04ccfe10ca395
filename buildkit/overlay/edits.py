"""Wishes (this image, there, shall be that one) turned into new texts of an install's scalars."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.images.found import Found
from buildkit.images.locate import outer_path, parse_path
from buildkit.model.reference import Reference
from buildkit.overlay.operation import Operation, value_at
from buildkit.overlay.overlay import Why
from buildkit.overlay.pieces import divide
from buildkit.overlay.spots import find_spots

if TYPE_CHECKING:
    from buildkit.compare.comparison import Json

Place = tuple[str, str]  # object and path of a scalar
Bodies = Mapping[str, Mapping[str, "Json"]]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Wish:
    """An image and what shall stand there: `text` as it is written, `reference` the same parsed."""

    found: Found
    reference: Reference
    text: str
    why: Why


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class _Edit:
    """Characters of a scalar to replace."""

    place: Place
    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Edited:
    """What came of wishes: operations for those that can be fulfilled, reasons for those that cannot."""

    operations: tuple[Operation, ...]
    failed: tuple[tuple[Wish, str], ...]


_SHARED: Final = "stands in text that it shares with an image that is to become, or to stay, another one"


class _RefusedError(Exception):
    """Why a wish cannot be fulfilled."""


def edit(bodies: Bodies, wishes: Sequence[Wish], kept: Sequence[Found] = ()) -> Edited:
    """Fulfil as many wishes as can be, each wholly or not at all.

    Args:
        bodies: the install's objects by `str()` of their identity.
        wishes: each place once.
        kept: images that are to stay what they are; those that stand in pieces may share some with others.
    """
    scalars = _Scalars(bodies)
    failed: list[tuple[Wish, str]] = []
    edits: dict[Wish, frozenset[_Edit]] = {}
    guards = [Wish(found=one, reference=one.reference, text=one.text, why="registry") for one in kept]
    for guard in guards:
        with contextlib.suppress(_RefusedError):
            edits[guard] = frozenset(replace(one, new=one.old) for one in _edits(scalars, guard))
    for wish in wishes:
        try:
            edits[wish] = frozenset(_edits(scalars, wish))
        except _RefusedError as error:
            failed.append((wish, str(error)))
    while clashing := _clashing(edits):
        failed.extend((wish, _SHARED) for wish in clashing if wish not in guards)
        edits = {wish: own for wish, own in edits.items() if wish not in clashing}
    whole = sorted({one for own in edits.values() for one in own if one.new != one.old})
    return Edited(operations=tuple(scalars.changed(whole)), failed=tuple(failed))


class _Scalars:
    """Texts of scalars, decoded where they are base64."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    def raw(self, place: Place) -> str:
        value = value_at(self._bodies.get(place[0], {}), parse_path(place[1]))
        if not isinstance(value, str):
            raise _RefusedError("what stands there is no text" if value is not None else "nothing stands there")
        return value

    def text(self, place: Place) -> str:
        raw = self.raw(place)
        if not _is_encoded(place):
            return raw
        try:
            return base64.b64decode(raw, validate=False).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise _RefusedError("what stands there is no text") from None

    def changed(self, edits: Sequence[_Edit]) -> Iterator[Operation]:
        by_place: dict[Place, list[_Edit]] = {}
        for one in edits:
            by_place.setdefault(one.place, []).append(one)
        for place, several in by_place.items():
            new = self.text(place)
            for one in sorted(several, reverse=True):
                new = new[: one.start] + one.new + new[one.end :]
            if _is_encoded(place):
                new = base64.b64encode(new.encode()).decode()
            yield Operation(object=place[0], path=place[1], old=self.raw(place), new=new)


def _is_encoded(place: Place) -> bool:
    return ("/Secret/" in place[0] and place[1].startswith(("data.", "data["))) or place[1].startswith("binaryData")


def _edits(scalars: _Scalars, wish: Wish) -> Iterator[_Edit]:
    """The edits that fulfil one wish."""
    found = wish.found
    home = str(found.object)
    if len(found.parts) > 1:
        texts = divide([raw for _, raw in found.parts], found.reference, wish.reference)
        if texts is not None:
            for index, new in enumerate(texts):
                yield from _piece(scalars, found, index, new)
            return
    for path, raw in reversed(found.parts):
        if found.text in raw:
            yield from _at(scalars, home, path, found.text, wish.text)
            return
    raise _RefusedError("the reference is put together from texts that cannot be told apart")


def _piece(scalars: _Scalars, found: Found, index: int, new: str) -> Iterator[_Edit]:
    """The edits of one piece; one that stays what it is is guarded against the wishes of others."""
    path, raw = found.parts[index]
    elsewhere = bool(found.holder) and index == len(found.parts) - 1
    if elsewhere and raw != new:
        raise _RefusedError(f"its version is {outer_path(path)} of {found.holder}, which is not for this image alone")
    if path or raw != new:
        yield from _at(scalars, found.holder if elsewhere else str(found.object), path, raw, new)


def _at(scalars: _Scalars, holder: str, path: str, old: str, new: str) -> Iterator[_Edit]:
    place = (holder, outer_path(path))
    spots = find_spots(scalars.text(place), path, old)
    if not spots:
        raise _RefusedError(f"'{old}' does not stand there in one piece")
    for start, end in spots:
        yield _Edit(place=place, start=start, end=end, old=old, new=new)


def _clashing(edits: Mapping[Wish, frozenset[_Edit]]) -> frozenset[Wish]:
    """Wishes whose characters overlap those of another that wants something else there."""
    owners: dict[_Edit, list[Wish]] = {}
    for wish, own in edits.items():
        for one in own:
            owners.setdefault(one, []).append(wish)
    clashing: set[Wish] = set()
    before: _Edit | None = None
    for one in sorted(owners):
        if before is not None and one.place == before.place and one.start < before.end:
            clashing.update(owners[one], owners[before])
        if before is None or one.place != before.place or one.end > before.end:
            before = one
    return frozenset(clashing)
