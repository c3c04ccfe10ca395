"""Follow a script on one platform, and tell what it would run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.builds.lint.shell.commands import run_simple
from buildkit.builds.lint.shell.machine import Machine
from buildkit.builds.lint.shell.parser import parse_shell
from buildkit.builds.lint.values import UNKNOWN, Binding
from buildkit.model.platform import parse_platform

if TYPE_CHECKING:
    from buildkit.builds.lint.values import Value


def machine(script: str, platform: str = "linux/arm64", **variables: str) -> Machine:
    """A machine that has followed the script."""
    where = parse_platform(platform)
    bound = {name: Binding(name=name, texts=(text,), origin="ENV", line=1) for name, text in variables.items()}
    follower = Machine(where, frozenset({where.architecture}), bound, lambda _: 1, run_simple)
    follower.run(parse_shell(script))
    return follower


def ran(script: str, platform: str = "linux/arm64", **variables: str) -> list[str]:
    """The commands that are run; `?` for what is not known, `{a|b}` for one of several."""
    calls = machine(script, platform, **variables).calls
    return [" ".join(map(shown, call.words)) for call in calls if call.words]


def shown(value: Value) -> str:
    texts = [text.replace(UNKNOWN, "?") for text in value.texts]
    return texts[0] if len(texts) == 1 else "{" + "|".join(texts) + "}"
