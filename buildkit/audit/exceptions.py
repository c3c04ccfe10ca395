"""Exceptions to the policy (`audits/exceptions.yaml`): problems that somebody answers for, each until a day.

An exception covers problems, never what is unknown. One that has expired, or that nothing needs any more, is itself a
finding: otherwise the file would only ever grow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from buildkit.audit.record import Excepted
from buildkit.model.authored import read_authored
from buildkit.model.finding import Finding, Place
from buildkit.model.inspection import Verdict
from buildkit.model.platform import PlatformError, parse_platform
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from buildkit.audit.record import AuditedImage
    from buildkit.model.authored import Node

ANY: Final = "*"
_KEYS: Final = ("image", "platform", "reason", "link", "owner", "expires", "releases")
_HINT: Final = "docs/reference/policy.md has every key"


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditException:
    """One entry: `image` is a glob of the name in full, tag and digest or not; `platform` one platform or `*`.

    `releases` restricts it to releases whose names match one of the globs; `expires` is the last day it holds.
    """

    image: str
    platform: str
    reason: str
    link: str
    owner: str
    expires: date
    releases: tuple[str, ...]
    file: str
    line: int

    def matches(self, name: str) -> bool:
        """Tell whether it is about an image, by its name in full."""
        pattern = _pattern(self.image)
        return any(map(pattern.match, _names(name)))

    def concerns(self, platform: str) -> bool:
        """Tell whether it is about a platform."""
        return self.platform in {ANY, platform}


@lru_cache(maxsize=10_000)
def _names(name: str) -> tuple[str, ...]:
    """What a glob may be written for: the name in full, without its digest or its tag, and without both."""
    reference = parse_reference(name)
    repository = reference.repository_name
    tagged = f"{repository}:{reference.tag}" if reference.tag else name
    pinned = f"{repository}@{reference.digest}" if reference.digest else name
    return tuple(dict.fromkeys((name, tagged, pinned, repository)))


@lru_cache(maxsize=10_000)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


def parse_exceptions(text: str, source: str) -> tuple[AuditException, ...]:
    """Read an exceptions file.

    Raises:
        UsageError: not YAML, an unknown, missing or wrong key; the message begins with `source:line`.
    """
    root = read_authored(text, source, hint=_HINT)
    return () if root is None else root.keys("exceptions").each("exceptions", _read)


def _read(node: Node) -> AuditException:
    node = node.keys(*_KEYS)
    platform = node.text("platform")
    if platform != ANY:
        try:
            platform = str(parse_platform(platform))
        except PlatformError as error:
            raise node.wrong("platform", str(error)) from None
    link = node.text("link")
    if not link.startswith(("https://", "http://")):
        raise node.wrong("link", "must be a URL: where the decision can be read")
    return AuditException(
        image=node.text("image"),
        platform=platform,
        reason=node.text("reason"),
        link=link,
        owner=node.text("owner"),
        expires=node.day("expires"),
        releases=node.texts("releases"),
        file=node.source,
        line=node.line,
    )


def select_exceptions(exceptions: Iterable[AuditException], release: str) -> tuple[AuditException, ...]:
    """Keep those that are about this release."""
    return tuple(
        one for one in exceptions if not one.releases or any(fnmatchcase(release, glob) for glob in one.releases)
    )


def covering(exceptions: Iterable[AuditException], name: str, platform: str, today: date) -> Excepted | None:
    """Find the first exception in force that covers a platform of an image."""
    for one in exceptions:
        if one.expires >= today and one.concerns(platform) and one.matches(name):
            return Excepted(
                platform=platform,
                reason=one.reason,
                link=one.link,
                owner=one.owner,
                expires=one.expires,
                file=one.file,
                line=one.line,
            )
    return None


def stale_exceptions(
    exceptions: Collection[AuditException], images: Iterable[AuditedImage], today: date, *, whole: bool
) -> tuple[Finding, ...]:
    """Findings about exceptions that have expired, or that nothing needs any more.

    Where the list of images is not whole, an image that is not in it may need one.
    """
    listed = tuple(images)
    expired = [_expired(one) for one in exceptions if one.expires < today]
    unused = [_unused(one, listed) for one in exceptions if one.expires >= today] if whole else []
    found = [one for one in (*expired, *unused) if one is not None]
    return tuple(sorted(found, key=lambda one: one.places[0].line))


def _expired(one: AuditException) -> Finding:
    message = f"the exception for {one.image} on {one.platform} expired on {one.expires}: {one.reason}"
    fix = f"{one.owner}: give it a later day, with what has happened since ({one.link}), or remove it."
    return _finding("expired-exception", one, message, fix)


def _unused(one: AuditException, images: tuple[AuditedImage, ...]) -> Finding | None:
    matching = [image for image in images if one.matches(image.name)]
    records = [record for image in matching for name, record in image.platforms.items() if one.concerns(name)]
    if any(record.verdict is not Verdict.SUPPORTED for record in records):
        return None
    if not matching:
        why = "no image of this release matches it"
    elif not records:
        why = f"{one.platform} is not required"
    else:
        why = f"{matching[0].name} is supported now"
    message = f"the exception for {one.image} on {one.platform} covers nothing: {why}"
    return _finding("unused-exception", one, message, f"Remove it from {one.file}, or restrict it with `releases`.")


def _finding(rule: str, one: AuditException, message: str, fix: str) -> Finding:
    place = Place(file=one.file, line=one.line)
    return Finding(rule=rule, level="error", subject=one.image, message=message, fix=fix, places=(place,))
