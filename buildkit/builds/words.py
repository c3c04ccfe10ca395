"""What the words of a catalogue may be: names, paths, references, and what stands in braces in them.

They become arguments of buildx, parts of git URLs, labels and file names, so each is held to what all of these take.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from buildkit.model.platform import Platform, PlatformError, parse_platform
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_REF: Final = re.compile(r"(?!.*(?:\.\.|//|/\.|@\{))[A-Za-z0-9{][A-Za-z0-9._/+{}@-]{0,199}(?<![./])")
_ARGUMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
_RUNNER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
# Not the variables of shells and of other templates: `${x}`, `%{x}`, `{{x}}`.
_BRACED: Final = re.compile(r"(?<![$%{])\{([a-z]+)\}(?!\})")
_LONGEST: Final = 500
_LONGEST_TEXT: Final = 4000
# What means something in git URLs, in lists of buildx, or on the disks of other systems.
_NOT_IN_PATHS: Final = frozenset('\\:#%?*"<>|')
# The builder sets these for each platform; a value of one's own would be the same for all.
_OF_THE_BUILDER: Final = re.compile(r"(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)|TARGETSTAGE")
_OF_THE_PLAN: Final = frozenset(
    f"org.opencontainers.image.{name}" for name in ("version", "revision", "created", "source")
)


class WordError(ValueError):
    """What is wrong with a word, as the end of a sentence that its key begins."""


def check_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise WordError(f"'{_short(text)}' is no name: letters, digits, and - _ . after the first")
    return text


def check_image(text: str) -> str:
    """The repository in full (`docker.io/kserve/agent`)."""
    try:
        reference = parse_reference(text)
    except ReferenceError as error:
        raise WordError(str(error)) from None
    if reference.tag or reference.digest:
        raise WordError(f"'{_short(text)}' has a tag or a digest: the version becomes the tag")
    return reference.repository_name


def check_registry(text: str) -> str:
    """A registry's host, with port, and what all repositories there begin with (`localhost:5000/mirror`)."""
    try:
        reference = parse_reference(f"{text}/x")
    except ReferenceError as error:
        raise WordError(str(error).replace(f"{text}/x", text)) from None
    if not f"{text}/x" == reference.repository_name or reference.tag:
        raise WordError(f"'{_short(text)}' is no registry host, such as ghcr.io or localhost:5000")
    return text


def check_repository(text: str) -> str:
    """`OWNER/REPO`, or an https URL without credentials."""
    if _REPOSITORY.fullmatch(text):
        return text.removesuffix(".git")
    if not _is_address(text):
        # Not quoted: an address may hold a password.
        raise WordError("is neither OWNER/REPO nor the https:// address of a repository, without user and password")
    return text.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    plain = url.scheme == "https" and bool(url.hostname) and bool(url.path.strip("/"))
    more = url.username or url.password or url.query or url.fragment
    return plain and not more and text.isprintable() and " " not in text and len(text) <= _LONGEST


def check_ref(text: str) -> str:
    if not _REF.fullmatch(text) or text.endswith(".lock"):
        raise WordError(f"'{_short(text)}' is no branch, tag or commit")
    return check_braces(text, ("version",))


def check_path(text: str, *, upwards: bool = False) -> str:
    """A path below the source, `.` for the source itself, without `.` and empty parts; `upwards`: `..` may begin it."""
    if text.startswith("/") or len(text) > _LONGEST:
        raise WordError(f"'{_short(text)}' must be relative to the source, and short")
    if not text.isprintable() or _NOT_IN_PATHS & set(text):
        raise WordError(f"'{_short(text)}' has a character that no path here may have")
    parts = [part for part in text.split("/") if part not in {"", "."}]
    inner = parts
    while upwards and inner and inner[0] == "..":
        inner = inner[1:]
    if ".." in inner:
        raise WordError(f"'{_short(text)}' leads out of the source")
    return "/".join(parts) or "."


def check_glob(text: str) -> str:
    """A glob of paths below the source."""
    return check_path(text.replace("*", "\N{ASTERISK OPERATOR}")).replace("\N{ASTERISK OPERATOR}", "*")


def check_platform(text: str) -> Platform:
    try:
        return parse_platform(text)
    except PlatformError as error:
        raise WordError(str(error)) from None


def check_runner(text: str) -> str:
    if not _RUNNER.fullmatch(text):
        raise WordError(f"'{_short(text)}' is no label of a runner")
    return text


def check_tag(text: str) -> str:
    """What a version's tag is."""
    if "{version}" not in text:
        raise WordError("must have {version} in it")
    check_braces(text, ("version",))
    if not re.fullmatch(r"[A-Za-z0-9_.-]{0,60}", text.replace("{version}", "")) or text[0] in ".-":
        raise WordError(f"'{_short(text)}' makes no tag")
    return text


def check_argument(name: str) -> str:
    if not _ARGUMENT.fullmatch(name):
        raise WordError(f"'{_short(name)}' is no name of a build argument")
    if _OF_THE_BUILDER.fullmatch(name):
        raise WordError(f"'{name}' is set by the builder, for each platform")
    return name


def check_label(name: str) -> str:
    if not _LABEL.fullmatch(name):
        raise WordError(f"'{_short(name)}' is no name of a label")
    if name in _OF_THE_PLAN:
        raise WordError(f"'{name}' is set by the plan")
    return name


def check_text(text: str) -> str:
    """A value: a text of a sane length without control characters; lines are fine."""
    if len(text) > _LONGEST_TEXT or any(not (c.isprintable() or c in "\n\t") for c in text):
        raise WordError("is too long, or has control characters in it")
    return text


def check_link(text: str) -> str:
    url = re.fullmatch(r"https://[A-Za-z0-9.-]+(?::\d+)?/\S*", text)
    if not url or not text.isprintable() or len(text) > _LONGEST:
        raise WordError(f"'{_short(text)}' is no https:// address")
    return text


def check_braces(text: str, known: Collection[str]) -> str:
    """Only what is known may stand in braces as one lower-case word."""
    for match in _BRACED.finditer(text):
        if match[1] not in known:
            words = ", ".join(f"{{{word}}}" for word in known)
            raise WordError(f"{match[0]} stands for nothing here; known: {words}")
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values where their names stand in braces, all at once: no value is looked at for names."""
    return _BRACED.sub(lambda match: values.get(match[1], match[0]), text)


def names_in(text: str) -> frozenset[str]:
    """The words in braces."""
    return frozenset(match[1] for match in _BRACED.finditer(text))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "…"  # noqa: PLR2004
