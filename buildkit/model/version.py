"""Tags read as versions: their order, and which tags are newer than a given one.

Tags have no order of their own; what people and tools take for one is followed here as far as peers agree:

- Renovate (docker versioning): a leading `v` is no part of the number, what follows the first hyphen is the flavour
  (`-alpine`) and has to stay as it is, a bare commit hash is no version. Ours is wider in two points: numbers inside
  a flavour may move (`-alpine3.17`, `-cuda12.8-cudnn9-runtime`, `-debian-12-r8`), and so may the number of components
  (`8.4`, `8.4.1`), where a missing one counts as 0, as in Flux (Masterminds/semver), not as infinity.
- Semantic versioning, for prereleases: `-alpha.1` < `-beta.1` < `-rc.1` < the release. Only who uses one is
  offered one.
- Flux and crane list what a registry has and leave the shape to a regular expression of the user; here the current
  tag is that expression: its prefix, its flavour, and whether it counts in small numbers, years or days.

Ours alone: a tag without an architecture (`2.17.0`) is newer than the same with one (`2.17.0-amd64`), because it is
where the index is to be found; one with an architecture is a candidate only for who has that very one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildkit.model.reference import is_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["small", "year", "day", "large"]
_Numbers = tuple[int, ...]

# No pattern has two ways to match the same text, so that 128 hostile characters cost no more than others.
_HEAD: Final = re.compile(r"(?P<prefix>[A-Za-z]*[._-]?)(?P<release>[0-9]+(?:\.[0-9]+)*)(?P<rest>.*)")
_HASH: Final = re.compile(r"g[0-9a-f]{6,64}|(?=[0-9]*[a-f])[0-9a-f]{6,64}")
_NO_VERSION: Final = frozenset({"sha", "git", "commit", "pr"})
_ARCHITECTURE: Final = re.compile(
    r"(?i)[._-](?:linux[._-])?(?P<name>amd64|x86[_-]64|arm64(?:[._-]?v8)?|aarch64|arm32v[5-7]|arm(?:v[5-8]|hf|el)?|armv7l"
    r"|i?386|ppc64(?:le|el)?|s390x|riscv64|mips64(?:le)?|loong(?:arch)?64)(?![A-Za-z0-9])"
)
_PRERELEASE: Final = re.compile(
    r"(?i)[._-]?(?<![A-Za-z])(?:(?P<word>alpha|beta|milestone|preview|snapshot|nightly|canary|test|dev|pre|rc|cr)"
    r"|(?P<letter>[abm])(?=[0-9]))(?![A-Za-z])[._-]?(?P<numbers>(?:[0-9]{1,5}(?:\.[0-9]+)*)?(?![A-Za-z0-9]))"
)
_ORDER: Final = (("a", "alpha"), ("b", "beta"), ("m", "milestone"), ("pre", "preview"), ("rc", "cr"))
_RANKS: Final = {word: rank for rank, words in enumerate(_ORDER, start=1) for word in words}  # 0: dev, nightly …
_FINAL: Final[_Numbers] = (9,)
_PARTS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*|[^0-9]+")
_YEAR, _LARGE, _DAY_DIGITS = 1000, 10_000, 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A tag read as a version.

    Attributes:
        prefix: `v`, `RELEASE.`, mostly nothing.
        release: its numbers, without zeros at the end: `8.4` and `8.4.0` are one version.
        components: how many numbers were written.
        prerelease: a rank and its numbers; `(9,)` for a final release.
        flavour: what follows, with `0` for a number, `00000` for a day or build number, `#` for a commit hash.
        numbers: those numbers.
        architecture: in lower case, empty where the tag names none.
        kind: what the first number counts; a build number or day further back makes the version `dated`.
    """

    tag: str
    prefix: str
    release: _Numbers
    components: int
    prerelease: _Numbers
    flavour: str
    numbers: tuple[_Numbers, ...]
    architecture: str
    kind: Kind
    dated: bool

    @property
    def key(self) -> tuple[_Numbers, _Numbers, bool, tuple[_Numbers, ...]]:
        """What decides which of two is newer."""
        return self.release, self.prerelease, not self.architecture, self.numbers

    @property
    def is_final(self) -> bool:
        return self.prerelease == _FINAL

    def may_follow(self, current: Version) -> bool:
        """Whether who uses `current` could use this one: the same shape, and no prerelease for who has none."""
        return (
            (self.prefix, self.flavour, self.kind, self.dated)
            == (current.prefix, current.flavour, current.kind, current.dated)
            and self.architecture in {"", current.architecture}
            and (self.is_final or not current.is_final)
        )


def parse_version(tag: str) -> Version | None:
    """Read a tag as a version; None for `latest`, `main`, a commit hash, and everything else without one."""
    if not is_tag(tag) or _is_hash(tag):
        return None
    head = _HEAD.fullmatch(tag)
    if head is None or head["prefix"].rstrip("._-").lower() in _NO_VERSION:
        return None
    if _is_hash(head["release"] + head["rest"]):
        return None
    release = _numbers(head["release"])
    architecture = _ARCHITECTURE.search(head["rest"])
    rest = _without(head["rest"], architecture)
    prerelease = _PRERELEASE.search(rest)
    flavour, numbers = _flavour(_without(rest, prerelease))
    return Version(
        tag=tag,
        prefix=head["prefix"],
        release=_stripped(release),
        components=len(release),
        prerelease=_prerelease(prerelease) if prerelease else _FINAL,
        flavour=flavour,
        numbers=numbers,
        architecture=architecture["name"].lower() if architecture else "",
        kind=_kind(head["release"]),
        dated=any(number >= _LARGE for number in release[1:]),
    )


def newer_tags(current: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Tags that could stand in for `current` and are newer, nearest first; none where `current` is no version."""
    known = parse_version(current)
    if known is None:
        return ()
    # Most tags of a large repository are of another shape: this sorts them out for a tenth of the price.
    found = [one for tag in set(tags) if tag.startswith(known.prefix) and (one := parse_version(tag)) is not None]
    newer = [one for one in found if one.may_follow(known) and one.key > known.key]
    newer.sort(key=lambda one: (one.key, abs(one.components - known.components), one.tag))
    return tuple(one.tag for one in newer)


def newest_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags that are plain versions, newest first: for a reference that names none itself.

    Plain is a final release in small numbers, `v` or nothing before it and nothing after it.
    """
    found = [one for tag in set(tags) if (one := parse_version(tag)) is not None and _is_plain(one)]
    found.sort(key=lambda one: (one.key, one.components, one.tag), reverse=True)
    return tuple(one.tag for one in found)


def _is_plain(version: Version) -> bool:
    return (
        version.prefix in {"", "v"}
        and version.kind in {"small", "year"}
        and version.is_final
        and not (version.flavour or version.architecture or version.dated)
    )


def _is_hash(text: str) -> bool:
    """Whether a text is a commit hash, or as `git describe` writes one (`g1a2b3c4`); digits alone are a number."""
    return _HASH.fullmatch(text) is not None


def _without(text: str, match: re.Match[str] | None) -> str:
    return text[: match.start()] + text[match.end() :] if match else text


def _prerelease(match: re.Match[str]) -> _Numbers:
    rank = _RANKS.get((match["word"] or match["letter"]).lower(), 0)
    return (rank, *_stripped(_numbers(match["numbers"] or "0")))


def _flavour(text: str) -> tuple[str, tuple[_Numbers, ...]]:
    """`-alpine3.17` -> `-alpine0` and `((3, 17),)`."""
    shape: list[str] = []
    numbers: list[_Numbers] = []
    for word in re.split(r"([_-])", text):
        if _is_hash(word):
            shape.append("#")
            continue
        for part in _PARTS.findall(word):
            if part[0] not in "0123456789":
                shape.append(part)
                continue
            numbers.append(_stripped(_numbers(part)))
            shape.append("0" if numbers[-1][:1] < (_LARGE,) else "00000")
    return "".join(shape), tuple(numbers)


def _numbers(text: str) -> _Numbers:
    return tuple(int(part) for part in text.split("."))


def _stripped(numbers: _Numbers) -> _Numbers:
    """Without zeros at the end, so that tuples compare as if the shorter one were filled up with zeros."""
    end = len(numbers)
    while end and not numbers[end - 1]:
        end -= 1
    return numbers[:end]


def _kind(release: str) -> Kind:
    first = release.partition(".")[0]
    number = int(first)
    if number < _YEAR:
        return "small"
    if number < _LARGE:
        return "year"
    return "day" if len(first) == _DAY_DIGITS and first[:2] in {"19", "20", "21"} else "large"
