"""Commands that only start another one: `sudo`, `env`, `xargs`, `sh -c`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.shell.call import program_of

if TYPE_CHECKING:
    from buildkit.builds.lint.shell.call import Call
    from buildkit.builds.lint.values import Value

_STARTING_COMMANDS: Final = "sudo env exec command nohup nice ionice time eatmydata builtin xargs timeout stdbuf gosu"
_STARTERS: Final = frozenset(_STARTING_COMMANDS.split())
# Options of theirs that a value follows.
_VALUED: Final = frozenset({"-u", "-g", "-n", "-I", "-L", "-P", "-d", "-k", "-s", "-C"})
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "su", "runuser"})


def bare_command(call: Call) -> Call:
    """The command itself; what `env` sets is set for it, what `xargs` reads is an argument."""
    if call.name not in _STARTERS:
        return call
    words, assigned = list(call.words), list(call.assigned)
    while (name := program_of(words)) in _STARTERS:
        words = words[1:]
        while words and (words[0].text or "").startswith("-"):
            words = words[2:] if words[0].text in _VALUED else words[1:]
        if name in {"timeout", "gosu"}:
            words = words[1:]
        while name in {"env", "sudo"} and words and "=" in words[0].texts[0].split("/", 1)[0]:
            assigned.append(_assignment(words[0]))
            words = words[1:]
        if name == "xargs" and call.data is not None:
            words.append(call.data)
    return replace(call, words=tuple(words), name=program_of(words), assigned=tuple(assigned))


def quoted_script(call: Call) -> Value | None:
    """The script that is an argument or the input of a shell."""
    name = call.name
    if name == "eval" and len(call.words) > 1:
        return call.words[1]
    if name not in _SHELLS:
        return None
    options = [word.text or "" for word in call.words[1:]]
    for index, option in enumerate(options[:-1]):
        if option == "-c" or (option.startswith("-") and not option.startswith("--") and option.endswith("c")):
            return call.words[index + 2]
    if call.data is not None and not call.data.unknown and all(option.startswith("-") for option in options):
        return call.data
    return None


def _assignment(word: Value) -> tuple[str, Value]:
    name = word.texts[0].partition("=")[0]
    texts = tuple(text.partition("=")[2] for text in word.texts)
    return name, replace(word, texts=texts, literal=word.literal.partition("=")[2])
