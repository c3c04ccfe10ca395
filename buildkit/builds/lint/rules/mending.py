"""Edits that are certain: what is written is exactly what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.found import Edit

if TYPE_CHECKING:
    from buildkit.builds.lint.scene import Override, Scene, Step
    from buildkit.builds.lint.values import Value

_QUOTES: Final = frozenset("\"'")


def written_value(scene: Scene, step: Step, value: Value) -> Edit | None:
    """`$TARGETARCH` in the place of a value that is written out there; None where it is not."""
    text = value.text
    start = step.offset_at(value.at)
    if text is None or start is None:
        return None
    source = scene.dockerfile.text
    quote = source[start : start + 1] if source[start : start + 1] in _QUOTES else ""
    end = start + len(text) + 2 * len(quote)
    if source[start:end] != f"{quote}{text}{quote}":
        return None
    following = source[end : end + 1]
    new = "$TARGETARCH" if not (following.isalnum() or following == "_") else "${TARGETARCH}"
    return Edit(start=start, end=end, new=new)


def declares(scene: Scene, step: Step, name: str) -> tuple[Edit, ...]:
    """`ARG name` behind the stage's FROM, where the instruction does not see it yet."""
    if name in step.declared:
        return ()
    source = scene.dockerfile.text
    start = step.stage.stage.start
    end = source.find("\n", start.offset_at(len(start.text) - 1))
    if end < 0:
        return ()
    ending = "\r\n" if source[end - 1 : end] == "\r" else "\n"
    return (Edit(start=end + 1, end=end + 1, new=f"ARG {name}{ending}"),)


def without_default(override: Override) -> tuple[Edit, ...]:
    """`ARG TARGETARCH=amd64` -> `ARG TARGETARCH`."""
    instruction, pair = override.instruction, override.pair
    begin = pair.at + len(pair.name)
    written = f"={pair.value}"
    if instruction.text[begin : begin + len(written)] != written:
        return ()
    start, last = instruction.offset_at(begin), instruction.offset_at(begin + len(written) - 1)
    return (Edit(start=start, end=last + 1, new=""),) if last + 1 - start == len(written) else ()
