"""What `kfkit pins fix` would do to an install: digests and tags by their names, selectors by rendering the edit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.compare.objects import CompareError, Text, read_objects
from buildkit.edges import tree
from buildkit.edges.files import scratch_folder
from buildkit.flows.overlay_base import render_text
from buildkit.flows.pins import PinsRequest, check_pins
from buildkit.flows.sources import gather
from buildkit.overlay.operation import Operation, operations_between
from buildkit.overlay.overlay import Unreached
from buildkit.pins.apply import EditError, apply_edits
from buildkit.pins.pin import Class, Pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.images import ImagesRequest
    from buildkit.flows.overlay_base import Base
    from buildkit.flows.watch import Watch
    from buildkit.images.found import Found
    from buildkit.model.inspection import Depth
    from buildkit.model.platform import Platform
    from buildkit.model.reference import Reference
    from buildkit.pins.pin import Edit


_UNSEEN = "no image of the install's render has it: it stands in a text that is no reference"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ties:
    """The pins of an install; `widened` are selectors, and `operations` what wider ones make of its objects."""

    pins: tuple[Pin, ...] = ()
    widened: frozenset[Pin] = frozenset()
    operations: tuple[Operation, ...] = ()


def find_pins(  # noqa: PLR0913, PLR0917
    images: ImagesRequest,
    platforms: tuple[Platform, ...],
    depth: Depth,
    base: Base,
    registry: RegistryClient | None,
    watch: Watch,
) -> Ties:
    """Judge what ties an install.

    Raises:
        UsageError, UndeterminedError: as `check_pins`.
    """
    request = PinsRequest(images=replace(images, update_lock=False), platforms=platforms, depth=depth)
    pins = counted(check_pins(request, registry, watch).judged.pins, base.install)
    selectors = [one for one in pins if one.tie.kind == "selector" and one.outcome == "planned" and one.edits]
    operations = _widened(base, selectors) if selectors else ()
    return Ties(pins=pins, widened=frozenset(selectors if operations else ()), operations=operations)


def _widened(base: Base, selectors: Sequence[Pin]) -> tuple[Operation, ...]:
    """What the edits of selectors change in the install's objects; nothing where they cannot be put in."""
    edits: dict[str, list[Edit]] = {}
    for pin in selectors:
        for one in pin.edits:
            edits.setdefault(one.file, []).append(one)
    main = base.sources.trees[""]
    with scratch_folder() as scratch:
        tree.copy_files(main, [path for path in base.sources.closure(base.install) if path in main.files], scratch)
        for path, several in edits.items():
            file = scratch / path
            try:
                text = apply_edits(path, file.read_bytes().decode("utf-8"), several)
            except (EditError, OSError, UnicodeDecodeError):
                return ()
            file.write_bytes(text.encode("utf-8"))
        text, _ = render_text(gather(scratch, base.store), base.program, base.install)
        try:
            objects = read_objects(Text(base.install, text))
        except CompareError:
            return ()
    return tuple(
        operation
        for one in objects
        if (known := base.objects.get(str(one.id))) is not None
        for operation in operations_between(str(one.id), known.body, one.body)
    )


def counted(pins: Iterable[Pin], install: str) -> tuple[Pin, ...]:
    """The pins that an install takes in; texts are only reported elsewhere."""
    return tuple(
        one for one in pins if one.class_ is not None and not one.tie.sample and install in one.tie.kustomizations
    )


def repinned(pins: Iterable[Pin], found: Iterable[Found]) -> Mapping[str, Reference]:
    """By the name of each image of a render that is tied to one platform: what it is to be."""
    new: dict[str, Reference] = {}
    known = [one for one in pins if one.proposed is not None and one.tie.reference is not None]
    for one in found:
        for pin in known if not one.sample else ():
            freed = _freed(pin, one.reference)
            if freed is not None:
                new.setdefault(one.reference.name, freed)
    return new


def _freed(pin: Pin, reference: Reference) -> Reference | None:
    tied = pin.tie.reference
    if tied is None or tied.repository_name != reference.repository_name:
        return None
    if pin.tie.kind == "digest" and reference.digest is not None and reference.digest == tied.digest:
        return replace(reference, digest=pin.proposed)
    if pin.tie.kind == "tag" and reference.digest is None and reference.tag == tied.tag:
        return pin.tie.untied
    return None


def still_tied(
    pins: Iterable[Pin], repinned_names: Mapping[str, Reference], found: Iterable[Found], widened: frozenset[Pin]
) -> Iterator[Unreached]:
    """Yield the pins that the overlay leaves as they are though they tie, or may."""
    images = [one.reference for one in found if one.reference.name in repinned_names]
    for pin in pins:
        unknown = pin.class_ is Class.UNKNOWN
        if pin in widened or not (pin.tied or unknown) or any(_freed(pin, one) is not None for one in images):
            continue
        tie = pin.tie
        yield Unreached(
            image=tie.reference.name if tie.reference else f"{tie.kind} {tie.value}",
            file=tie.file,
            line=tie.line,
            why=(_UNSEEN if pin.proposed is not None and tie.kind != "selector" else pin.why) or str(pin.class_),
            unknown=unknown,
        )
