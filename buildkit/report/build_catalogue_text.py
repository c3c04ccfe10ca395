"""A catalogue as text: its components by source, what cannot be built yet, and what a checkout has otherwise."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from buildkit.report.text import bold, clipped, columns, count_of, printable, red

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.builds.component import Component
    from buildkit.builds.drift import CatalogueCheck, Drift

_WHY: Final = 400
_COMMIT: Final = 12


def catalogue_text(check: CatalogueCheck, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result."""
    blocks = [[bold(f"Catalogue {printable(check.catalogue)}", colour=colour)]]
    blocks += _sources(check, colour=colour)
    blocks += [_limits(check, colour=colour), _checked(check), _drift(check.drift, colour=colour)]
    blocks.append([bold(f"Result: {_result(check)}", colour=colour)])
    return "\n\n".join("\n".join(block) for block in blocks if block).encode("utf-8", "replace") + b"\n"


def _sources(check: CatalogueCheck, *, colour: bool) -> Iterable[list[str]]:
    for name, group in groupby(check.components, key=lambda one: one.source.name):
        rows = [[printable(cell) for cell in _row(one)] for one in group]
        title = f"{printable(name)}: {count_of(len(rows), 'component')}"
        yield [bold(title, colour=colour), *columns(rows, colour=False, indent="  ")]


def _row(one: Component) -> list[str]:
    tag = "" if one.tag == "{version}" else f":{one.tag}"
    target = f" --target {one.target}" if one.target else ""
    where = "" if one.context == "." else f" in {one.context}"
    platforms = ", ".join(str(each.platform) for each in one.targets)
    return [one.name, f"{one.image}{tag}", platforms, f"{one.dockerfile}{target}{where}"]


def _limits(check: CatalogueCheck, *, colour: bool) -> list[str]:
    rows = [
        [printable(clipped(cell, _WHY)) for cell in (one.name, str(limit.platform), limit.reason, limit.link)]
        for one in check.components
        for limit in one.limits
    ]
    title = f"Cannot be built yet: {len(rows)}"
    return [bold(title, colour=colour), *columns(rows, colour=False, indent="  ")] if rows else []


def _checked(check: CatalogueCheck) -> list[str]:
    lines = []
    for one in check.checked:
        revision = f" at {one.revision[:_COMMIT]}" if one.revision else ""
        lines.append(f"Checked: {one.source} in {one.folder}{revision}, {count_of(one.dockerfiles, 'Dockerfile')}")
    if check.checked and check.unchecked:
        lines.append(f"Not checked: {', '.join(check.unchecked)}")
    return [printable(line) for line in lines]


def _drift(drift: Sequence[Drift], *, colour: bool) -> list[str]:
    if not drift:
        return []
    title = f"Not as the catalogue says: {len(drift)}"
    return [bold(title, colour=colour), *(f"  {_line(one, colour=colour)}" for one in drift)]


def _line(one: Drift, *, colour: bool) -> str:
    # A Dockerfile that is new stands in the checkout, everything else in the catalogue.
    place = f"{one.source}: {one.path}" if one.rule == "unnamed" else f"{one.file}:{one.line}: {one.path}"
    who = f"{one.component}: " if one.component else ""
    return f"{red(one.rule, colour=colour)}  {printable(clipped(f'{place}: {who}{one.message}', _WHY))}"


def _result(check: CatalogueCheck) -> str:
    components = count_of(len(check.components), "component")
    if check.drift:
        return f"{components}, {len(check.drift)} not as the catalogue says"
    if not check.checked:
        return f"{components}; nothing was checked: --source OWNER/REPO=DIR names a checkout"
    return f"{components}, {count_of(len(check.checked), 'source')} as the catalogue says"
