"""A lint as SARIF: a result at each line that breaks a required platform, or could not be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit import __version__
from buildkit.builds.lint.known import KNOWN
from buildkit.report.lint_findings import finding_of, findings_of
from buildkit.report.sarif import About, Notice, Rule, Run, sarif

if TYPE_CHECKING:
    from buildkit.builds.lint.result import Lint
    from buildkit.model.finding import Finding

_TAGS: Final = ("arm64", "container-image", "dockerfile", "multi-arch")
RULES: Final = tuple(
    Rule(id=name, short=one.short, full=one.full, help=one.help, level=one.level, tags=_TAGS)
    for name, one in sorted(KNOWN.items())
)


def lint_sarif(lint: Lint, root: str = "") -> bytes:
    """SARIF 2.1.0; `root` is the folder, in the repository that it is uploaded to, that paths are relative to."""
    found = findings_of(lint)
    ignored = tuple((finding_of(lint, one.finding), one.reason) for one in lint.ignored)
    reasons = {id(finding): reason for finding, reason in ignored}
    notices = tuple(Notice(level="warning", text=f"Not looked at: {problem}") for problem in lint.problems)
    run = Run(version=__version__, rules=RULES, root=root, notices=notices)

    def about(finding: Finding) -> About:
        return About(suppressed=reasons.get(id(finding)))

    return sarif((*found, *(finding for finding, _ in ignored)), run, about)
