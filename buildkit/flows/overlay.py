"""`kfkit overlay`: install -> its images -> what shall stand there -> patches -> proof by rendering -> a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.edges.output_folder import check_output, read_output, write_output
from buildkit.errors import UsageError
from buildkit.flows.images import read_knowledge
from buildkit.flows.inspect import inspect_references
from buildkit.flows.overlay_base import open_base
from buildkit.flows.overlay_pins import find_pins, repinned, still_tied
from buildkit.flows.overlay_proof import relative_base, try_overlay
from buildkit.flows.overlay_request import OverlayRequest, read_decisions, read_mirror
from buildkit.flows.renders import Reader
from buildkit.images.finder import find
from buildkit.model.documents import parse_documents
from buildkit.overlay.draft import Draft, patches, rule_changes, with_images, without
from buildkit.overlay.files import MARKER, files_of, overlay_files
from buildkit.overlay.mixed import Judged, Mixed, keep_apart
from buildkit.overlay.operation import applied
from buildkit.overlay.overlay import Overlay
from buildkit.overlay.plan import (
    Asked,
    by_image,
    changes_of,
    copies_of,
    in_order,
    left_outside,
    located,
    shared_names,
    unreached_of,
)
from buildkit.overlay.substitutions import choose
from buildkit.overlay.target import target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.compare.comparison import Json
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.overlay_base import Base
    from buildkit.flows.overlay_proof import Attempt
    from buildkit.flows.watch import Watch
    from buildkit.images.found import Found
    from buildkit.images.knowledge import Knowledge
    from buildkit.overlay.edits import Bodies
    from buildkit.overlay.operation import Operation
    from buildkit.overlay.overlay import Copy
    from buildkit.overlay.target import Target

_TWIN: Final = "kustomize takes {} for it too: they have, or had before a prefix or a namespace was put in, one name"
_IDLE: Final = "kustomize has no such object when the overlay is applied: something makes or renames it later"


def make_overlay(request: OverlayRequest, registry: RegistryClient | None, watch: Watch) -> Overlay:
    """Make an overlay, prove it, and write it unless the proof fails or only a check is asked for.

    Raises:
        UsageError: nothing is asked for, a wrong prefix or file, no such install or one without objects, an output
            folder that is not ours.
        UndeterminedError: the install does not render, or its remote bases cannot be had.
    """
    mirror, substitutions = read_mirror(request), read_decisions(request)
    ours = check_output(request.output, MARKER, files_of)
    knowledge, _ = read_knowledge(request.images.data)
    if mirror is not None:
        knowledge = replace(knowledge, registries=(*knowledge.registries, mirror.host))
    base = open_base(request.images, request.output, watch)
    found = find(base.resources, knowledge)
    names = {one.reference.name for one in found if not one.sample}
    asked = Asked(mirror=mirror, substitutions=choose(substitutions, names))
    draft, asked = _drafted(request, base, found, asked, registry, watch)
    _check_names(copies_of(draft.wishes, asked), request)
    twins = {str(one.id): _TWIN.format(one.twin) for one, _ in _targeted(base, draft) if one.twin is not None}
    draft = without(draft, twins)
    with watch.stage("prove"):
        attempt = _tried(request, base, draft)
        # Kustomize fails for an object that it does not know, and does not say which of our patches that is for.
        idle = attempt.idle if attempt.text else _tried(request, base, draft, sure=False).idle
        if idle:
            draft = without(draft, dict.fromkeys((name for name, _ in idle), _IDLE))
            attempt = _tried(request, base, draft)
    result = _result(request, base, asked, draft, attempt, knowledge)
    return _written(request, result, ours)


def _drafted(  # noqa: PLR0913, PLR0917
    request: OverlayRequest,
    base: Base,
    found: Sequence[Found],
    asked: Asked,
    registry: RegistryClient | None,
    watch: Watch,
) -> tuple[Draft, Asked]:
    """What was asked for, in this order: selectors, images, affinity; and with the digests that pins propose."""
    draft, bodies = Draft(operations=()), _bodies(base)
    if request.fix_pins:
        ties = find_pins(request.images, request.platforms, request.depth, base, registry, watch)
        asked = replace(asked, pins=repinned(ties.pins, found))
        left = tuple(still_tied(ties.pins, asked.pins, found, ties.widened))
        draft = Draft(operations=ties.operations, rules=rule_changes(ties.operations), unreached=left)
        bodies = {**bodies, **{name: _whole(base, name, draft) for name in {one.object for one in ties.operations}}}
    draft = with_images(draft, bodies, found, asked)
    if request.mixed_cluster:
        mixed = _mixed(request, base, bodies, found, asked, registry, watch)
        draft = replace(
            draft,
            operations=(*draft.operations, *mixed.operations),
            rules=(*draft.rules, *mixed.changes),
            unreached=(*draft.unreached, *mixed.unreached),
        )
    return draft, asked


def _whole(base: Base, name: str, draft: Draft) -> Mapping[str, Json]:
    body = applied(base.objects[name].body, [one for one in draft.operations if one.object == name])
    return body if isinstance(body, Mapping) else {}


def _mixed(  # noqa: PLR0913, PLR0917
    request: OverlayRequest,
    base: Base,
    bodies: Bodies,
    found: Sequence[Found],
    asked: Asked,
    registry: RegistryClient | None,
    watch: Watch,
) -> Mixed:
    """Ask about the images that the overlay pulls, under the names that they have outside the mirror."""
    references = [asked.instead(one.reference) for one in found if not one.sample]
    inspections = inspect_references(references, request.platforms, registry, watch, depth=request.depth)
    judged = Judged(inspections={one.name: one for one in inspections}, required=request.platforms)
    ids = {name: one.id for name, one in base.objects.items()}
    return keep_apart(ids, bodies, found, asked, judged)


def _bodies(base: Base) -> Bodies:
    return {name: one.body for name, one in base.objects.items()}


def _tried(request: OverlayRequest, base: Base, draft: Draft, *, sure: bool = True) -> Attempt:
    """The overlay in a scratch copy; not `sure`: without asking that each object is there."""
    targeted = _targeted(base, draft)
    if not sure:
        targeted = [(replace(target, alone=False), several) for target, several in targeted]
    files = overlay_files(request.head, relative_base(base), targeted, ())
    return try_overlay(base, files, patches(_bodies(base), draft))


def _check_names(copies: Sequence[Copy], request: OverlayRequest) -> None:
    for target, first, second in shared_names(copies):
        raise UsageError(f"--registry {request.registry}: {first} and {second} would both be {target} there")


def _targeted(base: Base, draft: Draft) -> list[tuple[Target, tuple[Operation, ...]]]:
    """The patches, each with what kustomize is told of its object."""
    known = {str(one.id): one for one in base.known}
    return [(target_of(known[name], base.known), several) for name, several in patches(_bodies(base), draft).items()]


def _result(  # noqa: PLR0913, PLR0917
    request: OverlayRequest, base: Base, asked: Asked, draft: Draft, attempt: Attempt, knowledge: Knowledge
) -> Overlay:
    """What is reported, with the overlay's own render read once more."""
    after = find(parse_documents(attempt.text), knowledge) if attempt.text else ()
    expected = {one.reference.name for one in draft.wishes} | {one.reference.name for one in draft.kept}
    outside = left_outside(after, asked, expected)
    known = {(one.reference.name, one.path) for one, _ in draft.failed}
    failed = (*draft.failed, *((one, why) for one, why in outside if (one.reference.name, one.path) not in known))
    copies = copies_of(draft.wishes, asked)
    places = _places(base, knowledge) if failed or draft.unreached else {}
    return Overlay(
        source=request.images.manifests,
        install=base.install,
        output=str(request.output),
        changes=in_order((*changes_of(draft.wishes), *draft.rules)),
        copies=copies,
        unreached=by_image((*unreached_of(failed, places), *located(draft.unreached, places))),
        proof=attempt.proof,
        pulled=len({one.reference.name for one in after if not one.sample}),
        files=overlay_files(request.head, base.address, _targeted(base, draft), copies),
    )


def _places(base: Base, knowledge: Knowledge) -> Mapping[tuple[str, str, str], tuple[str, int]]:
    """File and line of each image, by name, object and path, and by the latter two; traced only where asked for."""
    places: dict[tuple[str, str, str], tuple[str, int]] = {}
    for one in Reader(base.sources, knowledge).uses(base.install, base.resources):
        for name in (one.name, ""):
            places.setdefault((name, one.object or "", one.path or ""), (one.file, one.line))
    return places


def _written(request: OverlayRequest, result: Overlay, ours: frozenset[str]) -> Overlay:
    """Write the folder, unless it is so already, the proof does not hold, or only a check is asked for."""
    if not result.proven:
        return replace(result, outcome="refused")
    texts = {one.path: one.text for one in result.files}
    there = read_output(request.output, {*texts, *ours})
    if there == texts:
        return replace(result, outcome="same")
    if request.check:
        return replace(result, outcome="planned")
    write_output(request.output, texts, ours)
    return replace(result, outcome="written")
