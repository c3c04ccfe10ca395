"""What BuildKit refuses in an instruction before it builds anything (frontend/dockerfile/instructions, `parse.go`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.expand import expand
from buildkit.dockerfile.heredoc import parse_delimiter
from buildkit.dockerfile.spaces import SPACES
from buildkit.dockerfile.words import parse_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.dockerfile.dockerfile import Instruction

_Kind = Literal["bool", "text", "texts"]
_NONE: Final[Mapping[str, _Kind]] = {}
_FLAGS: Final[Mapping[str, Mapping[str, _Kind]]] = {
    "ADD": {
        "chown": "text",
        "chmod": "text",
        "link": "bool",
        "keep-git-dir": "bool",
        "checksum": "text",
        "unpack": "bool",
        "exclude": "texts",
    },
    "COPY": {
        "chown": "text",
        "from": "text",
        "chmod": "text",
        "link": "bool",
        "exclude": "texts",
        "parents": "bool",
    },
    "FROM": {"platform": "text"},
    "RUN": {"mount": "texts", "device": "texts", "network": "text", "security": "text"},
    "HEALTHCHECK": {
        "interval": "text",
        "timeout": "text",
        "start-period": "text",
        "start-interval": "text",
        "retries": "text",
    },
}
_UNCHECKED: Final = frozenset({"ARG", "STOPSIGNAL"})
_ONE: Final = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_SOME: Final = frozenset({"EXPOSE", "SHELL", "VOLUME", "HEALTHCHECK", "ONBUILD"})
_STAGE: Final = re.compile(r"[a-z][a-z0-9-_.]*")
_NAMED: Final = 3  # words of FROM base AS name


def check_instruction(instruction: Instruction) -> None:
    """Accept what BuildKit accepts.

    Raises:
        SyntaxProblem: it would refuse to build.
    """
    keyword = instruction.keyword
    if keyword in _ONE and len(instruction.words) != 1:
        raise SyntaxProblem(f"{keyword} requires exactly one argument")
    if keyword in _SOME and not instruction.words:
        raise SyntaxProblem(f"{keyword} requires at least one argument")
    if keyword in {"ADD", "COPY"} and len(instruction.words) < 2:  # noqa: PLR2004
        raise SyntaxProblem(f"{keyword} requires at least two arguments: destination could not be determined")
    if keyword in {"ARG", "ENV", "LABEL"}:
        _check_pairs(instruction)
    if not (keyword in _UNCHECKED or (keyword == "HEALTHCHECK" and instruction.words[0].upper() == "NONE")):
        _check_flags(instruction.flags, _FLAGS.get(keyword, _NONE))
    more = _MORE.get(keyword)
    if more:
        more(instruction)


def stage_name(words: tuple[str, ...]) -> str | None:
    """The name that FROM gives its stage, in lower case.

    Raises:
        SyntaxProblem: no name, or not `FROM base [AS name]`.
    """
    if len(words) == 1:
        return None
    if len(words) != _NAMED or words[1].lower() != "as":
        raise SyntaxProblem("FROM requires either one or three arguments")
    name = words[2].lower()
    if not _STAGE.fullmatch(name):
        raise SyntaxProblem(
            f"invalid name for build stage: {words[2][:80]!r}, name can't start with a number or contain symbols"
        )
    return name


def mount_source(mount: str) -> str | None:
    """The stage or image that a `--mount` takes its files from; None where it names none.

    Raises:
        SyntaxProblem: quotes not closed, or a variable in `from`.
    """
    source = None
    for field in parse_fields(mount):
        key, equals, value = field.partition("=")
        if equals and key.lower() == "from":
            if "$" in value[:-1]:
                raise SyntaxProblem("'from' doesn't support variable expansion, define alias stage instead")
            source = value
    return source or None


def _check_pairs(instruction: Instruction) -> None:
    if not instruction.pairs:
        raise SyntaxProblem(f"{instruction.keyword} requires at least one argument")
    if not all(pair.name for pair in instruction.pairs):
        raise SyntaxProblem(f"{instruction.keyword} names can not be blank")


def _check_flags(flags: tuple[str, ...], known: Mapping[str, _Kind]) -> None:
    seen: set[str] = set()
    for flag in flags:
        name, equals, value = flag.removeprefix("--").partition("=")
        kind = known.get(name)
        if kind is None:
            raise SyntaxProblem(f"unknown flag: --{name[:80]}")
        if name in seen and kind != "texts":
            raise SyntaxProblem(f"duplicate flag specified: --{name}")
        seen.add(name)
        if (kind != "bool" and not equals) or (kind == "bool" and equals and not value):
            raise SyntaxProblem(f"missing a value on flag: --{name}")
        if kind == "bool" and value.lower() not in {"", "true", "false"}:
            raise SyntaxProblem(f"expecting boolean value for flag --{name}, not: {value[:80]}")


def _check_copy(instruction: Instruction) -> None:
    if parse_delimiter(instruction.words[-1]):
        raise SyntaxProblem(f"{instruction.keyword} cannot accept a heredoc as a destination")
    source = instruction.flag("from")
    if source and expand(source, lambda _: None).text != source:
        raise SyntaxProblem("variable expansion is not supported for --from, define a new stage with FROM instead")


def _check_run(instruction: Instruction) -> None:
    network = instruction.flag("network")
    if network is not None and network not in {"default", "none", "host"}:
        raise SyntaxProblem(f"invalid network mode {network[:80]!r}")
    security = instruction.flag("security")
    if security is not None and security not in {"insecure", "sandbox"}:
        raise SyntaxProblem(f"security {security[:80]!r} is not valid")
    for mount in instruction.flag_values("mount"):
        mount_source(mount)


def _check_healthcheck(instruction: Instruction) -> None:
    kind, *command = instruction.words
    if kind.upper() == "NONE" and command:
        raise SyntaxProblem("HEALTHCHECK NONE takes no arguments")
    if kind.upper() not in {"CMD", "NONE"}:
        raise SyntaxProblem(f"Unknown type {kind[:80]!r} in HEALTHCHECK (try CMD)")
    if kind.upper() == "CMD" and not command:
        raise SyntaxProblem("Missing command after HEALTHCHECK CMD")


def _check_onbuild(instruction: Instruction) -> None:
    trigger = instruction.trigger
    if trigger is not None and trigger.keyword in {"FROM", "MAINTAINER", "ONBUILD"}:
        raise SyntaxProblem(f"{trigger.keyword} isn't allowed as an ONBUILD trigger")


def _check_shell(instruction: Instruction) -> None:
    if not instruction.exec:
        raise SyntaxProblem("SHELL requires the arguments to be in JSON form")


def _check_volume(instruction: Instruction) -> None:
    if not all(word.strip(SPACES) for word in instruction.words):
        raise SyntaxProblem("VOLUME specified can not be an empty string")


def _check_from(instruction: Instruction) -> None:
    stage_name(instruction.words)


_MORE: Final = {
    "ADD": _check_copy,
    "COPY": _check_copy,
    "FROM": _check_from,
    "HEALTHCHECK": _check_healthcheck,
    "ONBUILD": _check_onbuild,
    "RUN": _check_run,
    "SHELL": _check_shell,
    "VOLUME": _check_volume,
}
