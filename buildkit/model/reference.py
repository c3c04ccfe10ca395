"""Image references by the grammar of distribution/reference, normalised as Docker and containerd do.

Grammar and limits: github.com/distribution/reference `reference.go`, `regexp.go`, `normalize.go`. One deviation: a
first component that counts as a host (it holds a `.`, a `:` or an upper-case letter) but is none by the grammar, as
in `foo_bar.io/x`, is an error here; upstream lets it through as a name without any host, which nothing can pull.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit.model.image import Pinned

DOCKER_HUB = "docker.io"
_LEGACY_HUB = "index.docker.io"
_OFFICIAL = "library/"

# All fixed by distribution/reference and opencontainers/go-digest.
_PATH_LIMIT = 255
_TEXT_LIMIT = 4096  # ours: longer than any valid reference, so that hostile text costs nothing
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"

_HOST_ONLY = re.compile(_HOST)
_REMAINDER = re.compile(rf"(?P<path>{_PATH})(?::(?P<tag>{_TAG}))?(?:@(?P<digest>.*))?")
_TAG_ONLY = re.compile(_TAG)
_DIGEST = re.compile(r"(?P<algorithm>[a-z0-9]+):(?P<hex>[a-f0-9]+)")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")


class ReferenceError(ValueError):  # noqa: A001  # the field's word; the built-in one is about weak references
    """Text that is no image reference, and why."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Reference:
    """An image reference in full: `registry` is the host as written (with port), `docker.io` where none was."""

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def repository_name(self) -> str:
        """`docker.io/library/mysql`."""
        return f"{self.registry}/{self.repository}"

    @property
    def name(self) -> str:
        """`docker.io/library/mysql:8.4`: tag and digest both kept, `:latest` written out where neither is given."""
        tag = self.tag if self.tag or self.digest else "latest"
        return self.repository_name + (f":{tag}" if tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def pinned(self) -> Pinned:
        """What ties the reference to content; a digest wins over a tag."""
        if self.digest:
            return "digest"
        return "tag" if self.tag else "none"


def parse_reference(text: str) -> Reference:
    """Read a reference as `docker pull` would.

    Raises:
        ReferenceError: not a reference; the message says why and quotes at most 80 characters of the text.
    """
    if not text:
        raise ReferenceError("empty image reference")
    if len(text) > _TEXT_LIMIT:
        raise ReferenceError(f"image reference of {len(text)} characters")
    if _IDENTIFIER.fullmatch(text):
        raise ReferenceError("64 hexadecimal digits are an image ID, not a reference")
    registry, remainder = _split_host(text)
    if "://" in text or "@" in registry:  # not quoted: it may hold a password
        raise ReferenceError("a reference has neither a scheme (https://) nor credentials (user:password@)")
    if not _HOST_ONLY.fullmatch(registry):
        raise ReferenceError(f"{_quoted(registry)} is no registry host")
    match = _REMAINDER.fullmatch(remainder)
    if match is None:
        raise ReferenceError(_complaint(text, remainder))
    if len(match["path"]) > _PATH_LIMIT:
        raise ReferenceError(f"repository name longer than {_PATH_LIMIT} characters")
    if match["digest"] is not None and not is_digest(match["digest"]):
        raise ReferenceError(f"{_quoted(match['digest'])} is no digest (want sha256: and 64 lower-case hex digits)")
    return Reference(registry=registry, repository=match["path"], tag=match["tag"], digest=match["digest"])


def is_tag(text: str) -> bool:
    """Tell whether the text could be a tag."""
    return _TAG_ONLY.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Tell whether the text is a digest of an algorithm that registries use (sha256, sha384, sha512)."""
    match = _DIGEST.fullmatch(text)
    return match is not None and len(match["hex"]) == _DIGEST_LENGTHS.get(match["algorithm"])


def _split_host(text: str) -> tuple[str, str]:
    """Tell the host from the path: only a `.`, a `:`, an upper-case letter or `localhost` make a first part a host."""
    first, slash, rest = text.partition("/")
    if not slash:
        return DOCKER_HUB, _OFFICIAL + text
    looks_like_host = "." in first or ":" in first or first == "localhost" or first.lower() != first
    if not looks_like_host:
        return DOCKER_HUB, text
    host = DOCKER_HUB if first == _LEGACY_HUB else first
    if host == DOCKER_HUB and "/" not in rest:
        rest = _OFFICIAL + rest
    return host, rest


def _complaint(text: str, remainder: str) -> str:
    path = re.split("[:@]", remainder, maxsplit=1)[0]
    if path != path.lower():
        return f"{_quoted(text)}: a repository name must be lower case"
    return f"{_quoted(text)} is no image reference"


def _quoted(text: str, limit: int = 80) -> str:
    return repr(text if len(text) <= limit else text[:limit] + "…")
