"""Files that a synchronisation with upstream overwrites, and what they were copied from.

Scripts that synchronise are hostile text: read, never run.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FOLDER: Final = "upstream"
_HEAD: Final = 15
_LONGEST: Final = 400
_COMMENT: Final = re.compile(r"\s*(?:#|//|;|<!--)(?P<said>.*)")
_MARKS: Final = tuple(
    re.compile(mark, re.IGNORECASE)
    for mark in (
        r"\bdo\s+not\s+(?:edit|modify|change)\b",
        r"\bcode\s+generated\b",
        r"\b(?:file|yaml|manifest)\s+(?:is|was|has\s+been)\s+(?:auto[- ]?)?generated\b",
        r"\b(?:(?:auto[- ]?)?generated|copied|vendored|synchroni[sz]ed|synced)\s+(?:by|from|with)\b",
        r"^\W*auto[- ]?generated\b",
    )
)
_ASSIGNMENT: Final = re.compile(
    r"^[ \t]*(?:export[ \t]+|readonly[ \t]+|local[ \t]+)?([A-Za-z_]\w{0,63})=(.{0,400})$", re.MULTILINE
)
_DEFAULT: Final = re.compile(r"\$\{\w+:?[=-](?P<value>[^{}]*)\}")
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\??\}|(\w+))")
_DOWNLOAD: Final = re.compile(
    r"^[ \t]*(?:wget|curl)\b[^\n]{0,80}?[ \t]-[oO][ \t]+(?P<to>\S{1,300})[ \t]+(?P<from>\S{1,300})[ \t]*$", re.MULTILINE
)
_RELEASE: Final = re.compile(
    r"https://github\.com/(?P<repository>[\w.-]+/[\w.-]+)/releases/download/(?P<ref>[^/]+)/(?P<path>.+)"
)
_TREES: Final = ("DESTINATION_MANIFESTS_PATH", "DST_MANIFESTS_PATH", "DST_DIR", "DESTINATION_PATH")
_ORIGINS: Final = ("SOURCE_MANIFESTS_PATH", "SRC_MANIFESTS_PATH", "SRC_DIR", "SOURCE_PATH")
_REPOSITORIES: Final = ("REPOSITORY_NAME", "REPO_NAME", "REPOSITORY_URL", "REPO_URL")
_REPOSITORY: Final = re.compile(r"(?:https://github\.com/|git@github\.com:)?([\w.-]+/[\w.-]+?)(?:\.git)?/?")
_REF: Final = re.compile(r"[A-Za-z0-9][\w./+-]{0,99}")


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Copy:
    """What a script copies into the tree.

    Attributes:
        target: the folder or file in the tree.
        repository: OWNER/REPO on GitHub.
        ref: branch, tag or commit.
        source: folder or file there; of a release's asset its name.
        is_release: an asset that is built from the repository, so that no file of that name need be in it.
    """

    target: str
    repository: str
    ref: str
    source: str
    is_release: bool = False

    def path_of(self, file: str) -> str | None:
        """Where upstream keeps a file of the tree; None where this copies another."""
        if file == self.target:
            return self.source
        if file.startswith(self.target + "/"):
            return posixpath.normpath(posixpath.join(self.source, posixpath.relpath(file, self.target)))
        return None


def overwritten_by(path: str, text: str) -> str | None:
    """Why an edit of a file would not last; None where nothing says so."""
    if _FOLDER in path.split("/")[:-1]:
        return f"a folder `{_FOLDER}`"
    for line in text[: _HEAD * _LONGEST].removeprefix("\ufeff").splitlines()[:_HEAD]:
        comment = _COMMENT.match(line[:_LONGEST])
        if comment is None and line.strip() not in {"", "---"}:
            return None  # what stands below the first line of content is about that content
        if comment is not None and any(mark.search(comment["said"]) for mark in _MARKS):
            return f"its header says `{comment['said'].strip()[:80]}`"
    return None


def read_copies(script: str) -> tuple[Copy, ...]:
    """What a script that synchronises a folder copies, as far as its plain assignments tell; sorted."""
    script = script.replace("\\\n", " ")
    known = _variables(script)
    found = [*_trees(known), *_downloads(script, known)]
    return tuple(sorted(set(found)))


def origin_of(path: str, copies: Iterable[Copy]) -> Copy | None:
    """What a file was copied by: the most specific target."""
    fitting = [one for one in copies if one.path_of(path) is not None]
    return max(fitting, key=lambda one: (len(one.target), one), default=None)


def _variables(script: str) -> Mapping[str, str]:
    """Variables with plain texts; one that a command gives is left out."""
    known: dict[str, str] = {}
    for match in _ASSIGNMENT.finditer(script):
        value = _expanded(_unquoted(match[2]), known)
        if value is not None:
            known.setdefault(match[1], value)
    return known


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] in "'\"" and text[0] in text[1:]:
        return text[1 : text.index(text[0], 1)]
    return text.split(" ")[0].split(";")[0]


def _expanded(text: str, known: Mapping[str, str]) -> str | None:
    """A text with variables put in; None where something else is needed for it, or it grows beyond any path."""
    text = _DEFAULT.sub(lambda one: one["value"], text)
    if "$(" in text or "`" in text:
        return None
    names = [one[0] or one[1] for one in _VARIABLE.findall(text)]
    if any(name not in known for name in names):
        return None
    text = _VARIABLE.sub(lambda one: known[one[1] or one[2]], text)
    return text if "$" not in text and len(text) <= _LONGEST else None


def _trees(known: Mapping[str, str]) -> Iterator[Copy]:
    target, source = _first(known, _TREES), _first(known, _ORIGINS)
    ref = known.get("COMMIT") or known.get("TAG") or known.get("VERSION") or ""
    repository = _REPOSITORY.fullmatch(_first(known, _REPOSITORIES) or "")
    if target and source and repository and _REF.fullmatch(ref) and _inside(target):
        yield Copy(
            target=posixpath.normpath(target), repository=repository[1], ref=ref, source=posixpath.normpath(source)
        )


def _downloads(script: str, known: Mapping[str, str]) -> Iterator[Copy]:
    """Assets of releases that are downloaded into the tree; what stands before its folders is the tree's own place."""
    roots = {
        name: "" for name in ("MANIFESTS_DIRECTORY", "MANIFESTS_DIR", "REPO_ROOT", "ROOT_DIR") if name not in known
    }
    folders = {**_variables_below(script, {**known, **roots}), **known}
    for match in _DOWNLOAD.finditer(script):
        target = _expanded(_unquoted(match["to"]), folders)
        release = _RELEASE.fullmatch(_expanded(_unquoted(match["from"]), known) or "")
        if target and release and _inside(target.lstrip("/")):
            yield Copy(
                target=posixpath.normpath(target.lstrip("/")),
                repository=release["repository"],
                ref=release["ref"],
                source=release["path"],
                is_release=True,
            )


def _variables_below(script: str, known: Mapping[str, str]) -> Mapping[str, str]:
    found = dict(known)
    for match in _ASSIGNMENT.finditer(script):
        value = _expanded(_unquoted(match[2]), found)
        if value is not None:
            found.setdefault(match[1], value)
    return found


def _first(known: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((known[name] for name in names if known.get(name)), None)


def _inside(path: str) -> bool:
    return not posixpath.isabs(path) and ".." not in path.split("/")
