"""The audit as Markdown, for a GitHub job summary and the body of an issue: at most 60,000 characters.

A maintainer sees first whether it is a go, whose move it is and what changed; then what is wrong, line by line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from buildkit.audit.findings import findings_of, worst_problem
from buildkit.audit.overview import headline, matrix_of, moves_of
from buildkit.model.finding import Owner
from buildkit.model.inspection import Verdict
from buildkit.report.audit_words import (
    STANDINGS,
    change_tally,
    changed_images,
    exceptions_tally,
    granted,
    not_counted,
    on_arm64_words,
    others_words,
    reasons_of,
    scope_words,
    was_words,
)
from buildkit.report.markdown import Block, code, join_blocks, prose, repository_link, row, table_head, url_link
from buildkit.report.text import count_of, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.audit.judge import Audit, Result
    from buildkit.audit.overview import Cell
    from buildkit.audit.record import AuditedImage, ChangeKind, Status
    from buildkit.model.finding import Finding

_SIGNS: Final[Mapping[Result, str]] = {"go": "🟢", "no-go": "🔴", "undetermined": "🟡"}
_CHANGES: Final[Mapping[ChangeKind, str]] = {"regressed": "**regressed**", "new": "new", "fixed": "fixed"}
_LISTED: Final[tuple[Status, ...]] = ("known", "allowed")  # excepted ones have a list of their own
_VERDICTS: Final = frozenset(Verdict)
_OWNERS_SHOWN: Final = 8
_PLATFORMS_SHOWN: Final = 8
_SHORT: Final = 160


def audit_markdown(audit: Audit) -> bytes:
    """UTF-8 Markdown as GitHub reads it; nothing in it notifies anybody."""
    images = {image.name: image for image in audit.images}
    found = [(one, images[one.subject]) for one in findings_of(audit) if one.rule in _VERDICTS]
    open_ = [(one, image) for one, image in found if one.level != "note"]
    listed = [(one, image) for one, image in found if image.status in _LISTED]
    blocks = (
        _head(audit),
        _problems(audit),
        _changes(audit),
        _findings(open_),
        _matrix(audit),
        _exceptions(audit),
        _listed(listed),
        _broken(audit),
    )
    return join_blocks(block for block in blocks if block is not None)


def _head(audit: Audit) -> Block:
    what = f"Audit of {code(audit.source)} for {prose(', '.join(audit.required))}, {audit.date}"
    counted = f"{len(audit.counted)} of {count_of(len(audit.images), 'image')}: {tally(audit.summary)}"
    lines = [
        f"## {_SIGNS[audit.result]} {headline(audit)}",
        f"{what}. Counted: {prose(scope_words(audit))}, {counted}.",
    ]
    others = Counter(image.verdict for image in not_counted(audit))
    if others:
        lines[1] += f" Not counted ({others_words(audit)}): {tally({name: others[name] for name in Verdict})}."
    moves = _moves(audit)
    if moves:
        lines.append(f"**Whose move:** {', '.join(moves)}")
    return Block(head="\n\n".join(lines), share=4000)


def _moves(audit: Audit) -> list[str]:
    """Who has to do something before this is a go; where nobody answered, nobody has to but the registry."""
    ranked = moves_of(audit)
    owners = [(Owner(repository=name) if name else None, number) for name, number in ranked[:_OWNERS_SHOWN]]
    moves = [f"{repository_link(owner)} ({count_of(number, 'image')})" for owner, number in owners]
    if len(ranked) > _OWNERS_SHOWN:
        moves.append(count_of(len(ranked) - _OWNERS_SHOWN, "more owner"))
    if audit.stale:
        moves.append(
            f"who keeps {code(audit.exceptions or 'the exceptions')} ({count_of(len(audit.stale), 'exception')})"
        )
    unknown = sum(image.status == "unknown" for image in audit.counted)
    return [*moves, f"registries that gave no answer ({count_of(unknown, 'image')})"] if unknown else moves


def _problems(audit: Audit) -> Block | None:
    rows = tuple(f"- {prose(problem)}" for problem in audit.problems)
    head = "**What counts is not all there, images may be missing from this report:**\n"
    return Block(head=head, rows=rows, share=2000) if rows else None


def _changes(audit: Audit) -> Block | None:
    if audit.compared is None:
        return None
    rows = [f"- {_CHANGES[kind]}: {code(image.name)}{_change(image)}" for kind, image in changed_images(audit)]
    rows += [f"- gone: {code(one.name)}, was {one.verdict}" for one in audit.compared.gone]
    day = f" ({prose(audit.compared.date)})" if audit.compared.date else ""
    title = f"### Changed since {code(audit.compared.against)}{day}: {change_tally(audit)}"
    return Block(head=title + ("\n" if rows else ""), rows=tuple(rows), share=9000)


def _change(image: AuditedImage) -> str:
    """` on linux/arm64, was `1.0` (excepted)`: what a reader needs beside the name."""
    words = ""
    if image.change and image.change.platforms:
        words += f" on {prose(' and '.join(image.change.platforms))}"
    elif image.status not in {"ok", "not-counted"}:
        verdict, platforms = worst_problem(image)
        words += f" is {verdict} on {prose(' and '.join(platforms))}"
    if image.change and image.change.was:
        words += f", was {code(was_words(image.name, image.change.was))}"
    return words + (f" ({STANDINGS[image.status]})" if image.status in STANDINGS else "")


def _findings(found: Iterable[tuple[Finding, AuditedImage]]) -> Block | None:
    rows = tuple(_finding(one, image) for one, image in found)
    titles = ("Image", "Platform", "On an arm64 node", "Where", "Owner", "What to do")
    head = f"### {count_of(len(rows), 'finding')}\n\n{table_head(*titles)}"
    return Block(head=head, rows=rows, share=21000) if rows else None


def _finding(finding: Finding, image: AuditedImage) -> str:
    verdict, platforms = worst_problem(image)
    what = f"**{verdict}** {prose(', '.join(platforms))}"
    if image.change and image.change.kind == "regressed":
        what += "<br>regressed" + (
            f", was {code(was_words(image.name, image.change.was))}" if image.change.was else ", the same tag had it"
        )
    reasons = [reason for reason in reasons_of(image) if not reason.startswith("no linux/")]
    what += "".join(f"<br>{prose(reason, _SHORT)}" for reason in reasons[:2])
    means = prose(on_arm64_words(image.on_arm64), _SHORT) if image.on_arm64 else "-"
    return row(code(image.name), what, means, _where(finding), _whose(finding), prose(finding.fix or "-"))


def _where(finding: Finding) -> str:
    first, more = finding.places[0], len(finding.places) - 1
    return code(f"{first.file}:{first.line}") + (f" and {more} more" if more else "")


def _whose(finding: Finding) -> str:
    return repository_link(finding.places[0].upstream or finding.places[0].owner)


def _matrix(audit: Audit) -> Block | None:
    shown = audit.required[:_PLATFORMS_SHOWN]
    rows = tuple(row(prose(line.component), *(_cell(line.cells[name]) for name in shown)) for line in matrix_of(audit))
    left_out = len(audit.required) - len(shown)
    note = f" (and {count_of(left_out, 'more platform')}, see the JSON report)" if left_out else ""
    head = f"### Components{note}\n\n{table_head('Component', *map(prose, shown))}"
    return Block(head=head, rows=rows, share=8000) if rows else None


def _cell(cell: Cell) -> str:
    if not cell.total:
        return "-"
    wrong = {verdict: cell.verdicts.get(verdict, 0) for verdict in Verdict}
    wrong[Verdict.SUPPORTED] = 0
    if cell.supported == cell.total:
        return f"{cell.supported}/{cell.total}"
    return f"**{cell.supported}/{cell.total}** {tally(wrong)}"


def _exceptions(audit: Audit) -> Block | None:
    rows = [f"- **{one.rule}**: {prose(one.message)}. {prose(one.fix or '')} {_where(one)}" for one in audit.stale]
    rows += [
        f"- {code(image.name)} on {prose(one.platform)} until {one.expires}, {prose(one.owner, _SHORT)}: "
        f"{prose(one.reason)} ({url_link('decision', one.link)})"
        for one, image in granted(audit.counted)
    ]
    head = f"### Exceptions: {exceptions_tally(audit)}\n"
    return Block(head=head, rows=tuple(rows), share=6000) if rows else None


def _listed(found: Iterable[tuple[Finding, AuditedImage]]) -> Block | None:
    listed = list(found)
    if not listed:
        return None
    statuses = Counter(image.status for _, image in listed)
    title = ", ".join(f"{statuses[name]} {STANDINGS[name]}" for name in _LISTED if statuses[name])
    rows = tuple(
        row(
            code(image.name),
            f"{image.verdict} {prose(', '.join(worst_problem(image)[1]))}",
            STANDINGS[image.status],
            _where(one),
            _whose(one),
            prose(one.fix or "-"),
        )
        for one, image in listed
    )
    table = table_head("Image", "Platform", "Why it does not count", "Where", "Owner", "What to do")
    head = f"<details><summary>{title}</summary>\n\n{table}"
    return Block(head=head, rows=rows, tail="\n\n</details>", share=6000)


def _broken(audit: Audit) -> Block | None:
    broken = [item for item in audit.kustomizations if item.status == "broken"]
    head = f"### Broken: {count_of(len(broken), 'kustomization')}\n"
    rows = tuple(f"- {code(item.path)}: {prose(item.why or 'no reason given', 200)}" for item in broken)
    return Block(head=head, rows=rows, share=3000) if rows else None
