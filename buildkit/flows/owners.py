"""Whose a use is: the data file's owners of folders, and the repositories that remote bases come from."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from buildkit.audit.judge import Owned
from buildkit.model.finding import Owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from buildkit.audit.judge import OwnerOf
    from buildkit.images.knowledge import Knowledge
    from buildkit.model.image import Image, ImageUse

_REMOTE: Final = re.compile(r"remote:github\.com/(?P<repository>[^/]+/[^/@]+)@[^/]+/(?P<path>.+)")


def owner_by(knowledge: Knowledge, images: Iterable[Image]) -> OwnerOf:
    """Owners by the folder of a use's file.

    A remote base belongs to its own repository; what the data file declares, to the object whose program brings it.
    """
    files = {use.object: use.file for image in images for use in image.uses if use.object and use.how != "declared"}
    owned = file_owner_by(knowledge)

    def owner_of(use: ImageUse) -> Owned | None:
        return owned(files.get(use.object or "", use.file) if use.how == "declared" else use.file)

    return owner_of


def file_owner_by(knowledge: Knowledge) -> Callable[[str], Owned | None]:
    """Owners by the folder of a file."""

    @cache
    def owned(file: str) -> Owned | None:
        known = knowledge.owner_of(posixpath.dirname(file))
        remote = _REMOTE.match(file)
        if remote is not None:
            owner = Owner(repository=remote["repository"], path=posixpath.dirname(remote["path"]) or None)
            upstream = Owner(repository=remote["repository"], path=remote["path"])
            return Owned(component=known.component if known else None, owner=owner, upstream=upstream)
        if known is None:
            return None
        owner = Owner(repository=known.moved) if known.moved else Owner(repository=known.repository, path=known.path)
        return Owned(component=known.component, owner=owner, upstream=_vendored(knowledge, file))

    return owned


def _vendored(knowledge: Knowledge, file: str) -> Owner | None:
    """Where upstream keeps a file that a synchronisation copies: what lies below a component's folder `upstream`.

    One folder `upstream` may hold what several components' repositories keep: then their own folders begin below it.
    """
    folder, mark, rest = file.partition("/upstream/")
    known, own = knowledge.owner_of(folder) if mark else None, knowledge.owner_of(posixpath.dirname(file))
    if known is None or own is None:
        return None
    if own.component != known.component and file.startswith(own.folder + "/"):
        known, rest = own, file.removeprefix(own.folder + "/")
    return Owner(repository=known.repository, path=posixpath.join(known.path, rest))
