"""`kfkit audit`: tree -> images -> registry facts -> verdicts -> one audit."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from buildkit.audit.judge import Audit, Owned, join_records
from buildkit.flows.images import DEFAULT_INSTALL, collect_images
from buildkit.flows.inspect import inspect_references
from buildkit.model.finding import Owner
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from buildkit.audit.judge import OwnerOf, Scope
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.images import ImagesRequest
    from buildkit.flows.watch import Watch
    from buildkit.images.knowledge import Knowledge
    from buildkit.model.image import Image, ImageUse
    from buildkit.model.inspection import Depth
    from buildkit.model.platform import Platform

_REMOTE: Final = re.compile(r"remote:github\.com/(?P<repository>[^/]+/[^/@]+)@[^/]+/(?P<path>.+)")


def run_audit(  # noqa: PLR0913  # one argument a choice of the user
    request: ImagesRequest,
    *,
    platforms: Sequence[Platform],
    registry: RegistryClient | None,
    depth: Depth,
    scope: Scope,
    today: date,
    watch: Watch,
) -> Audit:
    """Audit what `request` names; without a registry (offline) every image is unknown.

    Raises:
        UsageError, UndeterminedError: as `collect_images`.
    """
    found = collect_images(request, watch)
    references = [parse_reference(image.name) for image in found.images]
    inspections = inspect_references(references, platforms, registry, watch, depth=depth)
    named = frozenset(posixpath.normpath(one) for one in request.installs or (DEFAULT_INSTALL,))
    installs = named & {item.path for item in found.kustomizations}
    return Audit(
        source=found.source,
        date=today,
        required=tuple(str(platform) for platform in platforms),
        scope=scope,
        installs=installs,
        images=join_records(
            found.images, {one.name: one for one in inspections}, owner_by(found.knowledge, found.images), installs
        ),
        kustomizations=found.kustomizations,
        problems=found.problems,
    )


def owner_by(knowledge: Knowledge, images: Iterable[Image]) -> OwnerOf:
    """Owners by the folder of a use's file.

    A remote base belongs to its own repository; what the data file declares, to the object whose program brings it.
    """
    files = {use.object: use.file for image in images for use in image.uses if use.object and use.how != "declared"}

    def owner_of(use: ImageUse) -> Owned | None:
        file = files.get(use.object or "", use.file) if use.how == "declared" else use.file
        known = knowledge.owner_of(posixpath.dirname(file))
        remote = _REMOTE.match(file)
        if remote is not None:
            owner = Owner(repository=remote["repository"], path=posixpath.dirname(remote["path"]))
            return Owned(component=known.component if known else None, owner=owner)
        if known is None:
            return None
        return Owned(component=known.component, owner=Owner(repository=known.repository, path=known.path))

    return owner_of
