"""What was asked of an overlay, turned into wishes for each image; and whether a render is as it was asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from buildkit.images.found import Found
from buildkit.model.reference import Reference
from buildkit.overlay.edits import Wish
from buildkit.overlay.mirror import Mirror, MirrorError, text_of
from buildkit.overlay.overlay import Changed, Copy, Unreached
from buildkit.overlay.substitutions import Substitution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.overlay.overlay import Why

_COMPILED = "compiled into the program of another image: no text of the release names it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What every image of the overlay shall be.

    Attributes:
        mirror: where all images come from; None where that is left as it is.
        substitutions: by the names of the images that others take the place of.
        pins: by the name of an image the same image by another digest.
    """

    mirror: Mirror | None = None
    substitutions: Mapping[str, Substitution] = field(default_factory=dict)
    pins: Mapping[str, Reference] = field(default_factory=dict)

    def instead(self, reference: Reference) -> Reference:
        """The image that an overlay without a mirror would pull instead of another."""
        taken = self.substitutions.get(reference.name)
        return taken.use if taken is not None else self.pins.get(reference.name, reference)

    def wanted(self, reference: Reference) -> Reference:
        """The image that shall be pulled instead of another.

        Raises:
            MirrorError: the mirror cannot hold it.
        """
        chosen = self.instead(reference)
        return self.mirror.name_of(chosen) if self.mirror is not None else chosen

    def text(self, reference: Reference) -> str:
        """The same as it is written."""
        taken = self.substitutions.get(reference.name)
        return taken.text if taken is not None and self.mirror is None else text_of(self.wanted(reference))

    def why(self, reference: Reference) -> Why:
        if reference.name in self.substitutions:
            return "substitute"
        return "pin" if reference.name in self.pins and self.mirror is None else "registry"


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """Wishes for what can be changed, reasons for what cannot; `kept` are images that stay what they are."""

    wishes: tuple[Wish, ...]
    failed: tuple[tuple[Found, str], ...]
    kept: tuple[Found, ...]


def plan_wishes(found: Iterable[Found], asked: Asked) -> Planned:
    """A wish for each image that is not as it was asked for; samples are let be."""
    wishes: list[Wish] = []
    failed: list[tuple[Found, str]] = []
    kept: list[Found] = []
    for one in found:
        if one.sample:
            continue
        try:
            wanted = asked.wanted(one.reference)
        except MirrorError as error:
            failed.append((one, str(error)))
            continue
        if wanted.name == one.reference.name:
            kept.append(one)
        elif one.how == "declared":
            failed.append((one, _COMPILED))
        else:
            why = asked.why(one.reference)
            wishes.append(Wish(found=one, reference=wanted, text=asked.text(one.reference), why=why))
    return Planned(wishes=tuple(wishes), failed=tuple(failed), kept=tuple(kept))


def changes_of(wishes: Iterable[Wish]) -> tuple[Changed, ...]:
    """What fulfilled wishes change, for people."""
    made = {
        Changed(object=str(one.found.object), path=one.found.path, a=one.found.text, b=one.text, why=one.why)
        for one in wishes
    }
    return in_order(made)


def in_order(changes: Iterable[Changed]) -> tuple[Changed, ...]:
    """By object and path."""
    return tuple(sorted(changes, key=lambda one: (one.object, one.path, one.a or "", one.b)))


def copies_of(wishes: Iterable[Wish], asked: Asked) -> tuple[Copy, ...]:
    """What the mirror has to hold for these wishes."""
    if asked.mirror is None:
        return ()
    pairs = {(asked.instead(one.found.reference).name, one.reference.name) for one in wishes}
    return tuple(Copy(source=source, target=target) for source, target in sorted(pairs) if source != target)


def shared_names(copies: Sequence[Copy]) -> tuple[tuple[str, str, str], ...]:
    """`(target, source, source)` where two images would have one name in the mirror."""
    first: dict[str, str] = {}
    return tuple(
        (one.target, first[one.target], one.source)
        for one in copies
        if first.setdefault(one.target, one.source) != one.source
    )


def left_outside(found: Iterable[Found], asked: Asked, expected: Collection[str]) -> tuple[tuple[Found, str], ...]:
    """The images of the overlay's own render that are not as was asked for; `expected` are those that it may name."""
    gone = {*asked.substitutions, *asked.pins} - {one.use.name for one in asked.substitutions.values()}
    return tuple((one, why) for one in found if not one.sample and (why := _outside(one, asked, gone, expected)))


def _outside(one: Found, asked: Asked, gone: set[str], expected: Collection[str]) -> str | None:
    if asked.mirror is not None and not asked.mirror.holds(one.reference):
        return f"is not of {asked.mirror.prefix}"
    if one.reference.name in gone:
        return "was to be replaced"
    if one.how != "declared" and one.reference.name not in expected:
        return "comes of another change: nobody asked for it"
    return None


def unreached_of(
    failed: Iterable[tuple[Found, str]], places: Mapping[tuple[str, str, str], tuple[str, int]]
) -> tuple[Unreached, ...]:
    """For people: each place once; `places` are file and line by image, object and path."""
    made: dict[tuple[str, str, str], Unreached] = {}
    for one, why in failed:
        image, name = one.reference.name, str(one.object)
        file, line = places.get((image, name, one.path), (one.source or None, one.line or None))
        unreached = Unreached(image=image, object=name, path=one.path, file=file, line=line, why=why)
        made.setdefault((image, name, one.path), unreached)
    return tuple(made[key] for key in sorted(made))


def located(
    unreached: Iterable[Unreached], places: Mapping[tuple[str, str, str], tuple[str, int]]
) -> tuple[Unreached, ...]:
    """The same with file and line, where they are known by object and path."""
    found = ((one, places.get(("", one.object or "", one.path or ""))) for one in unreached)
    return tuple(
        replace(one, file=place[0], line=place[1]) if one.file is None and place is not None else one
        for one, place in found
    )


def by_image(unreached: Iterable[Unreached]) -> tuple[Unreached, ...]:
    """By image, object and path."""
    return tuple(sorted(unreached, key=lambda one: (one.image, one.object or "", one.path or "", one.why)))
