"""What programs print that say which machine they run on, and little else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import debian_name, machine_name, triple
from buildkit.builds.lint.values import UNKNOWN, Value, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.model.platform import Platform

_SILENT_COMMANDS: Final = """
    cd mkdir rm rmdir mv cp ln chmod chown touch test [ : true false export set unset shift trap umask wait
    sleep tar install ldconfig local
"""
_SILENT: Final = frozenset(_SILENT_COMMANDS.split())
_FLAG: Final = re.compile(r"-[neE]+")
_ALPINE: Final = {"arm": "armv7", "386": "x86"}


def printed(words: Sequence[Value], platform: Platform) -> Value:
    """What a command prints, a last line's end left out."""
    texts = [word.text for word in words]
    name = (texts[0] or "").rsplit("/", 1)[-1] if texts else ""
    if name in _SILENT:
        return Value(texts=("",))
    if name == "echo":
        return _echo(words[1:])
    if name == "printf":
        return _printf(words[1:])
    known = _known(name, [text or "" for text in texts[1:]], platform)
    return Value(texts=(UNKNOWN if known is None else known,))


def _known(name: str, arguments: list[str], platform: Platform) -> str | None:
    if name == "uname":
        return _uname(arguments, platform)
    line = " ".join((name, *arguments))
    if name == "dpkg-architecture":
        return triple(platform) if line.endswith(("TYPE", "MULTIARCH")) else debian_name(platform)
    if line.startswith("rpm -") and arguments[-1].strip("%{}") == "_arch":
        return machine_name(platform)
    return {
        "arch": machine_name(platform),
        "dpkg --print-architecture": debian_name(platform),
        "apk --print-arch": _ALPINE.get(platform.architecture, machine_name(platform)),
        "gcc -dumpmachine": triple(platform),
        "gcc -print-multiarch": triple(platform),
        "go env GOHOSTARCH": platform.architecture,
    }.get(line)


def _uname(arguments: list[str], platform: Platform) -> str | None:
    letters = "".join(arguments).replace("--machine", "-m").replace("--kernel-name", "-s").replace("-", "")
    if letters in {"", "s"}:
        return "Linux"
    if letters in {"m", "p", "i"}:
        return machine_name(platform)
    return f"Linux {machine_name(platform)}" if sorted(letters) == ["m", "s"] else None


def _echo(words: Sequence[Value]) -> Value:
    while words and words[0].text is not None and _FLAG.fullmatch(words[0].text):
        words = words[1:]
    return _spaced(words)


def _printf(words: Sequence[Value]) -> Value:
    form = words[0].text if words else None
    if form is None:
        return Value(texts=(UNKNOWN,))
    form = form.replace("\\n", "")
    if "%" not in form and "\\" not in form:
        return Value(texts=(form,), literal=words[0].literal)
    return _spaced(words[1:]) if form == "%s" else Value(texts=(UNKNOWN,))


def _spaced(words: Sequence[Value]) -> Value:
    blank = Value(texts=(" ",), literal=" ")
    return joined(part for index, word in enumerate(words) for part in ((blank, word) if index else (word,)))
