"""An image of a release with what its registry offers and whose it is (`images` of the audit document)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from buildkit.model.image import ImageUse, Pinned
from buildkit.model.inspection import Depth, PlatformRecord, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """The upstream project whose folder names the image: `repository` as OWNER/REPO on GitHub, `path` inside it."""

    repository: str
    path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedImage:
    """A record of `kfkit images` joined with the one of `kfkit inspect`.

    `component` and `owner` are those of the first use in the audited scope: a folder's owner in the data file.
    """

    reference: str
    name: str
    pinned: Pinned
    default_install: bool
    uses: tuple[ImageUse, ...]
    digest: str | None = None
    verdict: Verdict
    reason: str | None = None
    depth: Depth
    platforms: Mapping[str, PlatformRecord]
    component: str | None = None
    owner: Owner | None = None
