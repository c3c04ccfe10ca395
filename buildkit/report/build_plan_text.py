"""A plan as text: what is built from where, for which platforms, and what is not, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.text import bold, clipped, columns, count_of, printable

if TYPE_CHECKING:
    from buildkit.builds.plan import Plan, PlannedBuild

_WHY: Final = 400
_COMMIT: Final = 12


def plan_text(plan: Plan, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result."""
    blocks = [[_head(plan, colour=colour)], _builds(plan, colour=colour), _excluded(plan, colour=colour)]
    blocks += [_unchanged(plan), [_result(plan, colour=colour)]]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode("utf-8", "replace") + b"\n"


def _head(plan: Plan, *, colour: bool) -> str:
    return bold(f"Plan of {printable(plan.catalogue)}, version {printable(plan.version)}", colour=colour)


def _builds(plan: Plan, *, colour: bool) -> list[str]:
    if not plan.builds:
        return []
    rows = [["component", "tags", "platforms", "built from"], *(_row(one) for one in plan.builds)]
    lines = columns([[printable(cell) for cell in row] for row in rows], colour=False)
    return [bold(lines[0], colour=colour), *lines[1:]]


def _row(build: PlannedBuild) -> list[str]:
    more = f" and {len(build.tags) - 1} more" if len(build.tags) > 1 else ""
    revision = ""
    if build.revision and build.revision not in build.context:
        commit, plus, dirty = build.revision.partition("+")
        revision = f" at {commit[:_COMMIT]}{plus}{dirty}"
    needs = f", after {', '.join(build.needs)}" if build.needs else ""
    platforms = ", ".join(each.platform for each in build.platforms)
    return [build.component, build.tags[0] + more, platforms, f"{build.context}{revision}{needs}"]


def _excluded(plan: Plan, *, colour: bool) -> list[str]:
    if not plan.excluded:
        return []
    rows = [
        [printable(clipped(cell, _WHY)) for cell in (one.component, one.platform, one.reason, one.link or "")]
        for one in plan.excluded
    ]
    return [bold(f"Cannot be built yet: {len(rows)}", colour=colour), *columns(rows, colour=False, indent="  ")]


def _unchanged(plan: Plan) -> list[str]:
    return [f"Unchanged, not built: {printable(', '.join(plan.unchanged))}"] if plan.unchanged else []


def _result(plan: Plan, *, colour: bool) -> str:
    builds = sum(len(one.platforms) for one in plan.builds)
    if not builds:
        return bold("Result: nothing to build", colour=colour)
    return bold(f"Result: {count_of(len(plan.builds), 'component')}, {count_of(builds, 'build')}", colour=colour)
