"""`kfkit trend`: a folder of nightly reports -> coverage over time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from buildkit.audit.past import parse_past
from buildkit.audit.trend import NightReport, trend_of
from buildkit.edges.files import read_limited
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.audit.trend import Trend
    from buildkit.flows.watch import Watch

_REPORTS: Final = 20_000
_MAX_REPORT: Final = 256 * 1024 * 1024
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAGE: Final = "reports"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Report:
    """Where a report lies, and what it is the report of."""

    release: str
    date: str
    file: str
    path: Path


class _Head(msgspec.Struct):
    schema: str = ""
    release: str = ""
    source: str = ""
    date: str | None = None


def read_trend(folder: Path, watch: Watch) -> Trend:
    """Read every `*.json` below the folder; hidden files and folders are passed over.

    Raises:
        UsageError: no report there, or a file that is none; the message names it.
    """
    paths = sorted(
        path
        for path in folder.rglob("*.json")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not paths:
        raise UsageError(
            f"{folder}: no report in it",
            hint=f"write one with kfkit audit MANIFESTS --report json={folder}/<release>/<YYYY-MM-DD>.json",
        )
    if len(paths) > _REPORTS:
        raise UsageError(f"{folder}: more than {_REPORTS} reports")
    with watch.stage(_STAGE):
        reports = [_head(path, folder) for path in paths]
        # Of several on one day the last by file name counts.
        nights = {(one.release, one.date): one for one in sorted(reports, key=lambda one: one.file)}
        return trend_of(_read(sorted(nights.values(), key=lambda one: (one.release, one.date)), watch))


def _head(path: Path, folder: Path) -> _Report:
    file = path.relative_to(folder).as_posix()
    content = read_limited(path, _MAX_REPORT)
    try:
        head = msgspec.json.decode(content, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        parse_past(content, str(path))
        raise
    if head.schema != "kfkit/audit/v1":
        parse_past(content, str(path))
        raise UsageError(f"{path}: a baseline, no report", hint="keep baselines out of the folder of reports")
    day = _DAY.search(head.date or "") or _DAY.search(path.name)
    try:
        when = date.fromisoformat(day[0]) if day else None
    except ValueError:
        when = None
    if when is None:
        raise UsageError(f"{path}: the report has no date", hint="name the file YYYY-MM-DD.json")
    return _Report(release=head.release or head.source, date=str(when), file=file, path=path)


def _read(reports: Sequence[_Report], watch: Watch) -> Iterator[NightReport]:
    for number, one in enumerate(reports, start=1):
        past = parse_past(read_limited(one.path, _MAX_REPORT), str(one.path))
        watch.count(_STAGE, number, len(reports))
        yield NightReport(file=one.file, date=one.date, audit=replace(past, release=one.release))
