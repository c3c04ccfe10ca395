"""Substitutions that people decided on: a list of `{image, use, reason}`, read with the line of each."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from buildkit.errors import UsageError
from buildkit.model.authored import read_authored
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.model.authored import Node

_GLOB: Final = frozenset("*?[")
_HINT: Final = "a list of {image: NAME or glob, use: REFERENCE, reason: TEXT}"
_NEAR: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Substitution:
    """One decision.

    Attributes:
        image: a name, or a glob of names in full (`docker.io/library/mysql:*`).
        use: what is pulled instead, `text` as it is written in the file.
        reason: why, for readers.
        file, line: where it stands.
    """

    image: str
    use: Reference
    text: str
    reason: str | None
    file: str
    line: int

    def fits(self, name: str) -> bool:
        """Whether it is about an image, by its name in full."""
        if fnmatchcase(name, self.image):
            return True
        if not _GLOB.isdisjoint(self.image):
            return False
        try:
            return parse_reference(self.image).name == name
        except ReferenceError:
            return False


def read_substitutions(text: str, source: str) -> tuple[Substitution, ...]:
    """Read a file of substitutions.

    Raises:
        UsageError: not YAML, no list, an entry that is wrong; the message begins with `source:line`.
    """
    root = read_authored(text, source, hint=_HINT)
    found = root.elements(_read) if root is not None else ()
    if not found:
        raise UsageError(f"{source}:1: holds no substitution", hint=_HINT)
    return found


def _read(node: Node) -> Substitution:
    node = node.keys("image", "use", "reason")
    image, use = node.text("image"), node.text("use")
    try:
        reference = parse_reference(use)
    except ReferenceError as error:
        raise node.wrong("use", str(error)) from error
    return Substitution(
        image=image,
        use=reference,
        text=use,
        reason=node.text("reason") if node.has("reason") else None,
        file=node.source,
        line=node.line,
    )


def choose(substitutions: Sequence[Substitution], names: Iterable[str]) -> Mapping[str, Substitution]:
    """The first substitution that fits each of these names; what none fits is left out.

    Raises:
        UsageError: one that is left without any image: a slip that would go unnoticed.
    """
    known = sorted(set(names))
    chosen: dict[str, Substitution] = {}
    for name in known:
        first = next((one for one in substitutions if one.fits(name)), None)
        if first is not None:
            chosen[name] = first
    used = {id(one) for one in chosen.values()}
    for one in substitutions:
        if id(one) not in used:
            raise _idle(one, known, chosen)
    return {name: one for name, one in chosen.items() if one.use.name != name}


def _idle(idle: Substitution, names: Sequence[str], chosen: Mapping[str, Substitution]) -> UsageError:
    taken = next((chosen[name] for name in names if idle.fits(name)), None)
    if taken is not None:
        what = f"line {taken.line} has taken every image that it fits"
        return UsageError(f"{idle.file}:{idle.line}: image: {idle.image}: {what}", hint="put the narrower entry first")
    word = idle.image.rpartition("/")[2].split(":")[0].split("@")[0].strip("*")
    near = [name for name in names if word and f"/{word}" in name][:_NEAR]
    return UsageError(
        f"{idle.file}:{idle.line}: image: {idle.image}: the install has no such image",
        hint=f"it has {', '.join(near)}" if near else "`kfkit images MANIFESTS --format list` shows the names",
    )
