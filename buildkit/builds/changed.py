"""Whether a build's files are among those that changed, as far as its context lets the builder see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.builds.contexts import from_folder
from buildkit.builds.ignore import Ignore, parse_ignore
from buildkit.model.worktree import touches

if TYPE_CHECKING:
    from collections.abc import Iterable

IGNORE = ".dockerignore"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """What a build reads, relative to the root of its repository.

    Attributes:
        context: folder, `.` for the root.
        dockerfile: file.
        ignore: content of the ignore file that counts (`<Dockerfile>.dockerignore`, else the context's); None where
            there is none.
    """

    context: str
    dockerfile: str
    ignore: str | None = None


def is_changed(inputs: Inputs, changed: Iterable[str]) -> bool:
    """Whether one of the changed paths (relative to the root as well) is read.

    A folder that is new as a whole (it ends with `/`) counts where it touches the context: what is in it is not known.
    """
    always = {inputs.dockerfile, f"{inputs.dockerfile}{IGNORE}", _below(inputs.context, IGNORE)}
    seen: list[str] = []
    for path in changed:
        if path in always:
            return True
        if not touches(path, inputs.context):
            continue
        inner = from_folder(path, inputs.context)
        if path.endswith("/") or inner.startswith("../"):
            return True
        seen.append(inner)
    return not (parse_ignore(inputs.ignore) if inputs.ignore else Ignore()).leaves_out(seen)


def _below(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"
