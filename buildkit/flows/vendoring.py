"""Whose a file is that a synchronisation overwrites, or that lies in a remote base: what to propose, and to whom."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.flows.owners import file_owner_by
from buildkit.images.graph import REMOTE
from buildkit.images.locate import Branch, compose
from buildkit.model.documents import DocumentError, split_documents
from buildkit.pins.apply import EditError, apply_edits, order_edits
from buildkit.pins.judged import UpstreamPatch
from buildkit.pins.patch import unified
from buildkit.pins.propose import settle
from buildkit.pins.structures import versions_of
from buildkit.pins.vendored import Copy, origin_of, overwritten_by, read_copies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.flows.images import ImagesResult
    from buildkit.flows.pins import PinsResult
    from buildkit.flows.sources import Sources
    from buildkit.pins.pin import Pin

_SCRIPTS: Final = frozenset({"scripts", "hack"})
_LARGEST_SCRIPT: Final = 256 * 1024
_MOST_SCRIPTS: Final = 200
_REPOSITORY: Final = re.compile(r"remote:github\.com/(?P<repository>[^/]+/[^/@]+)@(?P<ref>[^/]+)/(?P<path>.+)")
_ASSET: Final = re.compile(
    r"remote:https/github\.com/(?P<repository>[^/]+/[^/]+)/releases/download/(?P<ref>[^/]+)/(?P<path>.+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a file comes from; `path` is None where no file of the repository is known to be the same.

    Attributes:
        reason: why it is not edited here.
        repository: OWNER/REPO, None where nobody is known to own it.
        ref: what the copy was taken at, None where nothing says it.
    """

    reason: str
    repository: str | None = None
    ref: str | None = None
    path: str | None = None

    def words(self) -> str:
        """Whom to ask, and for what."""
        if self.repository is None:
            return "nothing says which repository it comes from"
        at = f"at {self.ref}" if self.ref else "at a ref that nothing here tells"
        where = f": {self.path}" if self.path else ", which builds it"
        return f"change it in {self.repository} {at}{where}"


class Vendored:
    """Tells of the files of one tree whether they are copies."""

    def __init__(self, images: ImagesResult, sources: Sources) -> None:
        self._owned, self._knowledge = file_owner_by(images.knowledge), images.knowledge
        self._sources = sources
        self._copies = _copies(sources)

    def origin(self, pin: Pin, text: str) -> Origin | None:
        """Where a pin's file comes from; None where it is the tree's own."""
        file = pin.tie.file
        if file.startswith(REMOTE):
            return _remote(file)
        copy = origin_of(file, self._copies)
        reason = overwritten_by(file, text)
        if reason is None and copy is None:
            return None
        reason = f"a synchronisation overwrites it ({reason or 'a script copies it'})"
        if copy is not None:
            path = None if copy.is_release else copy.path_of(file)
            return Origin(reason=reason, repository=copy.repository, ref=copy.ref, path=path)
        owned = self._owned(file)
        known = (owned.upstream or owned.owner) if owned else None
        if known is None:
            return Origin(reason=reason)
        folder = self._knowledge.owner_of(posixpath.dirname(file))
        path = known.path if owned and owned.upstream and not (folder and folder.built) else None
        return Origin(reason=reason, repository=known.repository, ref=_version(text, pin.tie.line), path=path)


def withhold(pins: Sequence[Pin], vendored: Vendored, sources: Sources, *, include: bool) -> tuple[Pin, ...]:
    """Pins with those refused that stand in what is not edited here; `include`: only remote bases are not."""
    kept: list[Pin] = []
    for pin in pins:
        remote = pin.tie.file.startswith(REMOTE)
        origin = None
        if pin.outcome == "planned" and (remote or not include):
            origin = vendored.origin(pin, _text(sources, pin.tie.file))
        kept.append(pin if origin is None else replace(pin, outcome="refused", why=_why(origin, remote=remote)))
    return tuple(kept)


def _why(origin: Origin, *, remote: bool) -> str:
    here = "" if remote else "; --include-vendored edits the copy"
    return f"{origin.reason}; {origin.words()}{here}"


def tell_withheld(result: PinsResult) -> PinsResult:
    """A check that says what a fix would: what it leaves alone stays, and there is a patch for whose it is."""
    sources = result.images.tree
    if sources is None:
        return result
    vendored, planned = Vendored(result.images, sources), result.judged.pins
    kept = withhold(planned, vendored, sources, include=False)
    patches = upstream_patches(planned, kept, vendored, sources)
    return replace(result, judged=replace(result.judged, pins=settle(kept), upstream=patches))


def upstream_patches(
    planned: Sequence[Pin], kept: Sequence[Pin], vendored: Vendored, sources: Sources
) -> tuple[UpstreamPatch, ...]:
    """What the edits of withheld pins are in the repositories that their files come from; sorted."""
    by_file: dict[str, list[Pin]] = {}
    for before, after in zip(planned, kept, strict=True):
        if before.outcome == "planned" and after.outcome == "refused":
            by_file.setdefault(before.tie.file, []).append(before)
    found = (_patch(file, several, vendored, _text(sources, file)) for file, several in sorted(by_file.items()))
    return tuple(sorted(one for one in found if one is not None))


def _patch(file: str, pins: Sequence[Pin], vendored: Vendored, text: str) -> UpstreamPatch | None:
    origin = vendored.origin(pins[0], text)
    if origin is None or origin.repository is None or origin.path is None:
        return None
    edits = [edit for pin in pins for edit in pin.edits if edit.file == file]
    try:
        apply_edits(file, text, edits)
        patch = unified(origin.path, text, order_edits(text, edits))
    except EditError:
        return None
    return UpstreamPatch(repository=origin.repository, ref=origin.ref, path=origin.path, patch=patch)


def _text(sources: Sources, file: str) -> str:
    return (sources.read_bytes(file) or b"").decode("utf-8", "replace")


def _remote(file: str) -> Origin:
    reason = "it lies in a remote base"
    match = _REPOSITORY.fullmatch(file)
    if match is not None:
        return Origin(reason=reason, repository=match["repository"], ref=match["ref"], path=match["path"])
    match = _ASSET.fullmatch(file)
    if match is not None:
        return Origin(reason=reason, repository=match["repository"], ref=match["ref"])
    return Origin(reason=reason)


def _copies(sources: Sources) -> tuple[Copy, ...]:
    tree = sources.trees[""]
    scripts = [
        path for path in tree.files if path.endswith(".sh") and _SCRIPTS & set(posixpath.dirname(path).split("/"))
    ]
    found: list[Copy] = []
    for path in scripts[:_MOST_SCRIPTS]:
        content = sources.read_bytes(path) or b""
        if len(content) <= _LARGEST_SCRIPT:
            found.extend(read_copies(content.decode("utf-8", "replace")))
    return tuple(found)


def _version(text: str, line: int) -> str | None:
    """What the labels of the object around a line say that its version is."""
    try:
        for first, body in split_documents(text):
            if first <= line < first + body.count("\n") + 1:
                root = compose(body)
                return next(iter(versions_of(root if isinstance(root, Branch) else None)), None)
    except DocumentError:
        return None
    return None
