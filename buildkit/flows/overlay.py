"""`kfkit overlay`: install -> its images -> what shall stand there -> patches -> proof by rendering -> a folder."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import read_text_file
from buildkit.edges.output_folder import check_output, read_output, write_output
from buildkit.edges.process import MIB
from buildkit.errors import UsageError
from buildkit.flows.images import ImagesRequest, read_knowledge
from buildkit.flows.inspect import inspect_references
from buildkit.flows.overlay_base import open_base
from buildkit.flows.overlay_pins import find_pins, repinned, still_tied
from buildkit.flows.overlay_proof import relative_base, try_overlay
from buildkit.flows.renders import Reader
from buildkit.images.finder import find
from buildkit.model.documents import parse_documents
from buildkit.model.inspection import Depth
from buildkit.model.platform import Platform
from buildkit.overlay.draft import Draft, patches, rule_changes, with_images, without
from buildkit.overlay.files import MARKER, files_of, overlay_files
from buildkit.overlay.mirror import MirrorError, parse_mirror
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
from buildkit.overlay.substitutions import choose, read_substitutions
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
    from buildkit.overlay.mirror import Mirror
    from buildkit.overlay.overlay import Copy, OverlayFile
    from buildkit.overlay.substitutions import Substitution

_MAX_FILE: Final = 4 * MIB


@dataclass(frozen=True, kw_only=True, slots=True)
class OverlayRequest:
    """What to lay over which install.

    Attributes:
        images: the tree and the install.
        output: the folder to make.
        registry: prefix of the mirror that all images shall come from.
        substitute: a file of substitutions.
        mixed_cluster: whether workloads are to be kept on nodes that can run them.
        fix_pins: whether digests are to become those that serve every required platform.
        platforms: the required ones.
        check: write nothing.
        version: of kfkit.
    """

    images: ImagesRequest
    output: Path
    registry: str | None = None
    substitute: Path | None = None
    mixed_cluster: bool = False
    fix_pins: bool = False
    platforms: tuple[Platform, ...] = ()
    depth: Depth = "config"
    check: bool = False
    version: str = ""

    @property
    def command(self) -> str:
        """How to make the same overlay again."""
        words = ["kfkit", "overlay", self.images.manifests, "--output", str(self.output)]
        words += [word for one in self.images.installs for word in ("--install", one)]
        words += [word for one in self.images.remotes for word in ("--remotes", str(one))]
        words += ["--registry", self.registry] if self.registry else []
        words += ["--substitute", str(self.substitute)] if self.substitute else []
        words += ["--mixed-cluster"] if self.mixed_cluster else []
        words += ["--fix-pins"] if self.fix_pins else []
        if self.mixed_cluster or self.fix_pins:
            words += ["--platform", ",".join(map(str, self.platforms))]
        return shlex.join(words)

    @property
    def head(self) -> tuple[str, ...]:
        return (
            f"Made by kfkit {self.version} from {self.images.manifests}; not to be edited. To make it again:",
            f"  {self.command}",
        )


def make_overlay(request: OverlayRequest, registry: RegistryClient | None, watch: Watch) -> Overlay:
    """Make an overlay, prove it, and write it unless the proof fails or only a check is asked for.

    Raises:
        UsageError: nothing is asked for, a wrong prefix or file, no such install, an output folder that is not ours.
        UndeterminedError: the install does not render, or its remote bases cannot be had.
    """
    mirror = _mirror(request)
    substitutions = _substitutions(request)
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
    with watch.stage("prove"):
        attempt = _tried(request, base, draft)
        if attempt.idle:
            draft = without(draft, frozenset(name for name, _ in attempt.idle))
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


def _mirror(request: OverlayRequest) -> Mirror | None:
    if not (request.registry or request.substitute or request.mixed_cluster or request.fix_pins):
        raise UsageError(
            "nothing is asked for", hint="give --registry, --substitute, --mixed-cluster or --fix-pins, or several"
        )
    try:
        return parse_mirror(request.registry) if request.registry else None
    except MirrorError as error:
        raise UsageError(f"--registry: {error}") from error


def _substitutions(request: OverlayRequest) -> tuple[Substitution, ...]:
    if request.substitute is None:
        return ()
    return read_substitutions(read_text_file(request.substitute, _MAX_FILE), str(request.substitute))


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


def _tried(request: OverlayRequest, base: Base, draft: Draft) -> Attempt:
    return try_overlay(base, _files(request, base, draft, (), scratch=True), patches(_bodies(base), draft))


def _check_names(copies: Sequence[Copy], request: OverlayRequest) -> None:
    for target, first, second in shared_names(copies):
        raise UsageError(f"--registry {request.registry}: {first} and {second} would both be {target} there")


def _files(
    request: OverlayRequest, base: Base, draft: Draft, copies: Sequence[Copy], *, scratch: bool = False
) -> tuple[OverlayFile, ...]:
    """The overlay's files; for the scratch copy over the copy of the install."""
    ids = [one.id for one in base.objects.values()]
    targeted = [
        (target_of(base.objects[name].id, base.known_name(base.objects[name].id), ids), several)
        for name, several in patches(_bodies(base), draft).items()
    ]
    return overlay_files(request.head, relative_base(base) if scratch else base.address, targeted, copies)


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
        files=_files(request, base, draft, copies),
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
