"""Problems of charts as annotations of a GitHub workflow, at the line of the specification where one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.report.charts_words import of_profile
from buildkit.report.github import annotation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.charts.outcome import ChartProblem


def charts_github(problems: Iterable[ChartProblem]) -> bytes:
    """One workflow command a problem; what could not be found out is a warning."""
    return "".join(f"{_command(one)}\n" for one in problems).encode("utf-8", "replace")


def _command(one: ChartProblem) -> str:
    properties = {"file": one.file} if one.file else {}
    if one.file and one.line:
        properties["line"] = str(one.line)
    whose = f"{one.chart}, {one.profile}" if one.profile and not one.file else one.chart
    properties["title"] = f"kfkit charts: {whose}"
    # GitHub shows a message in one paragraph anyway.
    message = of_profile(one) + " ".join(one.message.split())
    return annotation("error" if one.known else "warning", message, properties)
