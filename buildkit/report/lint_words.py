"""Words about a lint that several reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.errors import Exit
from buildkit.report.text import count_of

if TYPE_CHECKING:
    from buildkit.builds.lint.result import Lint


def head_words(lint: Lint) -> str:
    """What was looked at, and for what."""
    return f"{count_of(lint.files, 'Dockerfile')} for {', '.join(lint.required)}"


def verdict_words(lint: Lint) -> str:
    """The result, one sentence."""
    broken = [one for one in lint.findings if one.level == "error"]
    unknown = [one for one in lint.findings if one.level == "warning"]
    files = len({one.file for one in broken})
    if lint.exit is Exit.PROBLEMS:
        what = f"{count_of(len(broken), 'finding')} in {count_of(files, 'Dockerfile')}"
        certain = sum(one.certain for one in broken)
        mended = f"; --patch mends {certain} of them" if certain else ""
        return f"{what} of {lint.files}{mended}{_unknown(len(unknown) + len(lint.problems))}"
    if lint.exit is Exit.UNDETERMINED:
        return f"nothing is known to break{_unknown(len(unknown) + len(lint.problems))}"
    return "nothing that breaks on a required platform"


def _unknown(number: int) -> str:
    return f"; {number} could not be found out" if number else ""
