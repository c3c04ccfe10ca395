"""What was found in several builds of one file, told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.builds.lint.found import USE
from buildkit.builds.lint.result import Base, LintFinding
from buildkit.builds.lint.rules.stages import REFUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.builds.lint.found import Found
    from buildkit.builds.lint.result import Use
    from buildkit.builds.lint.scene import Scene


def merge_found(file: str, found: Iterable[Found]) -> tuple[LintFinding, ...]:
    """Findings by line, each with the platforms that it breaks on."""
    groups: dict[tuple[int, str, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.line, one.rule, one.subject), []).append(one)
    return tuple(_told(file, ones) for _, ones in sorted(groups.items()))


def _told(file: str, ones: Sequence[Found]) -> LintFinding:
    first = ones[0]
    uses = sorted({one.use for one in ones if one.use is not None})
    message = first.message.replace(USE, f"line {uses[0]}") if uses else first.message
    more = f" ({'line' if len(uses) == 2 else 'lines'} {', '.join(map(str, uses[1:]))} too)" if uses[1:] else ""  # noqa: PLR2004
    # In another build the same line may need no edit of its own, or another one.
    edits = first.edits if all(bool(one.edits) for one in ones) else ()
    return LintFinding(
        file=file,
        line=first.line,
        rule=first.rule,
        level=first.level,
        message=f"{message[:1].upper()}{message[1:]}{more}.",
        fix=first.fix,
        subject=first.subject,
        platforms=tuple(sorted({one.platform for one in ones})),
        edits=edits,
    )


def merge_bases(file: str, scenes: Iterable[Scene]) -> tuple[Base, ...]:
    """The images that any of the builds takes from a registry, each with the platforms that it is needed for."""
    found: dict[tuple[int, Use, str, str | None], set[str]] = {}
    for scene in scenes:
        for stage in scene.written.needed:
            for image in stage.images:
                key = (image.line, image.use, image.written, image.name)
                found.setdefault(key, set()).add(str(image.platform))
    return tuple(
        Base(file=file, line=line, use=use, written=written, name=name, platforms=tuple(sorted(platforms)))
        for (line, use, written, name), platforms in sorted(found.items(), key=lambda item: (item[0][0], str(item[0])))
    )


def without_common_refusals(found: Sequence[Found], scenes: Sequence[Scene]) -> list[Found]:
    """Drop what every platform meets: a script that ends with an error everywhere chooses by something else."""
    lines = [{step.line_at(place) for step in scene.steps for place in step.refusals} for scene in scenes]
    common = set.intersection(*lines)
    return [one for one in found if one.rule != REFUSES or one.line not in common]
