"""Architectures in tags and repository names, and the reference that is left without them.

A word counts as a whole part of a tag (`v1-amd64`, `linux_arm64-v1`), at an end of the repository's last component
(`kube-rbac-proxy-amd64`), or as a component before it (`amd64/mysql`, as Docker Hub has them).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.model.reference import DOCKER_HUB, is_tag

if TYPE_CHECKING:
    from buildkit.model.reference import Reference

_X86: Final = r"amd64|x86[_-]64|i386|(?<=linux[-_.])386"
_ARM: Final = r"arm64v8|arm64|aarch64|arm32v[567]|armv[67]|armhf"
_WORD: Final = rf"(?:{_X86}|{_ARM}|ppc64le|s390x|riscv64)"
_NAMED: Final = rf"(?:linux[-_.])?{_WORD}(?:[-_.]linux)?"
_TAG: Final = re.compile(rf"(?:(?<=[-_.])|\A){_NAMED}(?=[-_.]|\Z)", re.IGNORECASE)
_COMPONENT: Final = re.compile(rf"\A(?:{_NAMED}[-_.]+(?=.)|(?=.){_NAMED}\Z)|(?<=[^-_.])[-_.]+{_NAMED}\Z")
_WHOLE: Final = re.compile(_WORD)
WORD: Final = re.compile(rf"(?<![A-Za-z0-9]){_WORD}(?![A-Za-z0-9])")
# What a text must hold to be worth a look; `in` is a hundred times as fast as the patterns.
NEEDLES: Final = (
    *("amd64", "x86_64", "x86-64", "i386", "linux-386", "linux_386", "linux.386", "arm64", "aarch64", "arm32v"),
    *("armv6", "armv7", "armhf", "ppc64le", "s390x", "riscv64"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Untied:
    """A tag and a repository path without the architecture in them; None where they have none or nothing is left.

    `tag_tied` and `path_tied` tell which of them hold one.
    """

    tag: str | None
    path: str | None
    tag_tied: bool
    path_tied: bool


def holds_word(text: str) -> bool:
    """Whether a text may hold an architecture."""
    return any(one in text for one in NEEDLES)


def untie(path: str, tag: str | None) -> Untied | None:
    """Take the architecture out of a repository path and a tag; None where neither has one."""
    tag_tied, new_tag = _tag(tag or "")
    path_tied, new_path = _path(path)
    if not tag_tied and not path_tied:
        return None
    return Untied(tag=new_tag, path=new_path, tag_tied=tag_tied, path_tied=path_tied)


def untied(reference: Reference) -> Reference | None:
    """The reference without the architecture in it, None where it has none, or nothing would be left."""
    found = untie(reference.repository, reference.tag)
    if found is None or (found.tag_tied and found.tag is None) or (found.path_tied and found.path is None):
        return None
    path = found.path if found.path_tied and found.path else reference.repository
    if reference.registry == DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    return replace(reference, repository=path, tag=found.tag if found.tag_tied else reference.tag)


def _tag(tag: str) -> tuple[bool, str | None]:
    """Whether a tag names one architecture, and what it is without."""
    matches = list(_TAG.finditer(tag)) if len(tag) <= 128 else []  # noqa: PLR2004  # no tag is longer
    if len(matches) != 1:
        return False, None
    before, after = tag[: matches[0].start()], tag[matches[0].end() :]
    rest = before[:-1] + after if before else after[1:]
    return True, rest if is_tag(rest) else None


def _path(path: str) -> tuple[bool, str | None]:
    """Whether a repository's path names an architecture, and what it is without."""
    *heads, last = path.split("/")
    kept = [head for head in heads if not _WHOLE.fullmatch(head)]
    name = _COMPONENT.sub("", last, count=1)
    if len(kept) == len(heads) and name == last:
        return False, None
    return True, "/".join([*kept, name]) if name else None
