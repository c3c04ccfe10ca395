"""A run of builds as text: what was built and how, what the registry has of it, and what became of the tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.text import bold, clipped, columns, count_of, green, printable, red

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.outcome import ComponentOutcome, PlatformOutcome, RunOutcome
    from buildkit.builds.verification import PlatformRow

_HEAD: Final = ("platform", "built", "how", "indexed", "executed", "digest")
_MOST_TEXT: Final = 500
_DIGEST: Final = 19


def build_run_text(outcome: RunOutcome, *, colour: bool) -> bytes:
    """One block a component, then what to do with the results where no tag was to be set here."""
    lines = [
        bold(f"Build of {printable(outcome.version)}", colour=colour),
        f"Builder: {printable(outcome.builder)}",
        "",
    ]
    for component in outcome.components:
        lines += [*_component(component, colour=colour), ""]
    lines.append(_verdict(outcome, colour=colour))
    if outcome.results and not outcome.complete:
        lines.append("Results for `kfkit build merge`:")
        lines += [f"  {printable(name)}" for name in outcome.results]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _component(one: ComponentOutcome, *, colour: bool) -> Iterator[str]:
    name = f"{printable(one.component)}  {printable(one.image)}" + (f"@{one.digest}" if one.digest else "")
    yield bold(name, colour=colour)
    rows = {row.platform: row for row in one.verification.platforms} if one.verification else {}
    if one.platforms:
        cells = [_row(platform, rows.get(platform.platform)) for platform in one.platforms]
        yield from columns([_HEAD, *cells], colour=colour, indent="  ")
    for platform in one.platforms:
        yield from _trouble(platform, colour=colour)
    for word, text in (("problem", one.problem), ("unknown", one.unknown)):
        if text:
            yield f"  {red(word, colour=colour)}: {clipped(printable(text), 4 * _MOST_TEXT)}"
    for tag in one.tags:
        reason = f": {clipped(printable(tag.reason), _MOST_TEXT)}" if tag.reason else ""
        said = {"set": green("set", colour=colour), "there": "there already", "kept": "not set"}[tag.state]
        yield f"  tag {printable(tag.tag)}: {said}{reason}"


def _row(platform: PlatformOutcome, row: PlatformRow | None) -> tuple[str, ...]:
    """Three questions, three columns; what was not asked is never a yes."""
    took = f" {platform.seconds:.1f} s" if platform.state == "built" else ""
    return (
        printable(platform.platform),
        f"{platform.state}{took}",
        printable(platform.way),
        row.indexed if row else "-",
        _executed(platform, row),
        (platform.digest or "-")[:_DIGEST],
    )


def _executed(platform: PlatformOutcome, row: PlatformRow | None) -> str:
    """As the index was verified; before that, where it was built."""
    execution = row.execution if row else platform.execution
    return execution.state.replace("-", " ") if execution else "not executed"


def _trouble(platform: PlatformOutcome, *, colour: bool) -> Iterator[str]:
    if not platform.problem:
        return
    yield f"  {red(printable(platform.platform), colour=colour)}: {clipped(printable(platform.problem), _MOST_TEXT)}"
    for line in platform.lines:
        yield f"    | {clipped(printable(line), _MOST_TEXT)}"
    if platform.hint:
        yield f"    {printable(platform.hint)}"
    if platform.log:
        yield f"    the whole log: {printable(platform.log)}"


def _verdict(outcome: RunOutcome, *, colour: bool) -> str:
    if not outcome.components:
        return "NOTHING TO BUILD: no component changed, or none was asked for"
    tags = [tag for one in outcome.components for tag in one.tags]
    done = [tag for tag in tags if tag.state in {"set", "there"}]
    if outcome.exit == 0 and outcome.complete:
        return green(
            f"RELEASED: {count_of(len(done), 'tag')}, each platform read back from the registry", colour=colour
        )
    if outcome.exit == 0:
        return "PUSHED by digest: no tag is set before every platform is merged and verified"
    if done:
        return red(f"INCOMPLETE: {len(done)} of {count_of(len(tags), 'tag')} set", colour=colour)
    again = "; the same command again builds only what the registry has not" if outcome.results else ""
    return red(f"NOT RELEASED: no tag was set{again}", colour=colour)
