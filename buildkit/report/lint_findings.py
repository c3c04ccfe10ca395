"""What lint found as findings, for annotations and SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.model.finding import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.result import Lint, LintFinding

_ORDER: Final = ("error", "warning", "note")


def findings_of(lint: Lint) -> tuple[Finding, ...]:
    """Errors before warnings before notes, then by file and line; files as the repository has them."""
    return tuple(sorted(_findings(lint), key=lambda one: _ORDER.index(one.level)))


def _findings(lint: Lint) -> Iterator[Finding]:
    for one in lint.findings:
        yield finding_of(lint, one)


def finding_of(lint: Lint, one: LintFinding) -> Finding:
    """One finding, at its place in the repository."""
    return Finding(
        rule=one.rule,
        level=one.level,
        subject=one.subject,
        message=one.message,
        fix=one.fix,
        places=(Place(file=lint.inside.get(one.file, one.file), line=one.line),),
    )
