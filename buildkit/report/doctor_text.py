"""`kfkit doctor` as text: programs, builders, the cache, and how to get what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.model.installation import State
from buildkit.report.text import bold, columns, count_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.model.installation import Builder, Cache, Installation, Item, Runnable

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def doctor_text(found: Installation, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result line."""
    blocks = [
        [f"kfkit {found.kfkit}; this machine runs {_platforms(found.platforms)}"],
        _items(found.items, colour=colour),
        _builders(found.builders, colour=colour),
        [bold("Cache", colour=colour), f"  {_cache(found.cache)}"],
        _remedies(found.items, colour=colour),
        [_result(found)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode() + b"\n"


def _platforms(platforms: Sequence[Runnable]) -> str:
    return ", ".join(f"{one.platform} {one.way}" for one in platforms) or "no platform that is known"


def _items(items: Sequence[Item], *, colour: bool) -> list[str]:
    rows = [["state", "what", "version", "accepted", "", "for"]]
    for one in items:
        need = "needed" if one.required else "optional"
        known = printable(one.version or "-")
        rows.append([str(one.state), one.name, known, one.accepted or "any", need, ", ".join(one.needed_for)])
    return [bold("Programs", colour=colour), *columns(rows, colour=colour, indent="  ")]


def _builders(builders: Sequence[Builder], *, colour: bool) -> list[str]:
    if not builders:
        return []
    lines = [bold("Builders (* the current one)", colour=colour)]
    for one in builders:
        version = f" {one.version}" if one.version else ""
        state = printable(f"{one.status}{version}" + (f": {one.problem}" if one.problem else ""))
        mark, driver = "*" if one.current else " ", printable(one.driver) or "no driver"
        lines.append(f"  {mark} {printable(one.name)} ({driver}), {state}")
        if one.platforms:
            lines.append(f"      {_platforms(one.platforms)}")
    return lines


def _cache(cache: Cache) -> str:
    size: float = cache.size
    for unit in _UNITS:
        if size < _STEP or unit == _UNITS[-1]:
            break
        size /= _STEP
    number = f"{size:.0f}" if unit == "B" else f"{size:.1f}"
    return f"{printable(cache.path)}: {'' if cache.complete else 'more than '}{number} {unit}"


def _remedies(items: Sequence[Item], *, colour: bool) -> list[str]:
    lines = list(_remedy_lines(items))
    return [bold("How to get what is not there", colour=colour), *lines] if lines else []


def _remedy_lines(items: Sequence[Item]) -> Iterator[str]:
    for one in sorted(items, key=lambda one: not one.required):
        if one.state is not State.OK:
            problem = f" ({printable(one.problem)})" if one.problem else ""
            yield f"  {one.name} is {str(one.state).replace('-', ' ')}{problem}: {one.hint}"


def _result(found: Installation) -> str:
    lacking = [one.name for one in found.items if one.required and one.state is not State.OK]
    if lacking:
        return f"Result: {count_of(len(lacking), 'needed program')} not usable: {', '.join(lacking)}."
    return "Result: what the commands need is there."
