"""What the nightly jobs read of a report of `kfkit audit` (kfkit/audit/v1): is it whole, and what has regressed.

Standard library only: the job that writes issues installs nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "kfkit/audit/v1"
MOST_BYTES: Final = 256 * 1024 * 1024
RELEASE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}")
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class ReportError(Exception):
    """A file that is no report; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Regression:
    """An image that had a platform in the baseline and has it no more; no exception and no policy allows it."""

    release: str
    name: str
    was: str | None
    platforms: tuple[str, ...]
    file: str
    line: int
    owner: str | None
    fix: str | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One release on one night.

    Attributes:
        whole: whether everything that counts could be found out.
        compared: whether there was a baseline; without one nothing can be said of regressions.
        against_day: the day of that baseline, empty where it names none.
        regressions: those that are open.
        moved_back: whether anything regressed at all, accepted or not: then this night is no better baseline.
    """

    release: str
    date: str
    whole: bool
    compared: bool
    against_day: str
    regressions: tuple[Regression, ...]
    moved_back: bool
    changes: tuple[tuple[str, str, str | None], ...]

    @property
    def says_what_regressed(self) -> bool:
        """Whether what it does not list as regressed has not."""
        return self.whole and self.compared


def read_report(path: Path, advice: Path | None = None) -> Report:
    """Read one report; `advice` is another one of the same night, whose findings say better what to do.

    Raises:
        ReportError: it cannot be read, or is none.
    """
    try:
        document = _read(path)
        findings = (_read(advice) if advice else document)["findings"]
        return _report(document, {one["subject"]: one for one in findings})
    except (OSError, ValueError, RecursionError) as error:
        raise ReportError(f"{path}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ReportError(f"{path}: not a report of kfkit audit ({error!r})") from error


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES} bytes")
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def _report(document: dict[str, Any], findings: dict[str, dict[str, Any]]) -> Report:
    if document["schema"] != SCHEMA:
        raise ValueError(f"its schema is {str(document['schema'])[:60]!r}, not {SCHEMA}")
    release, day = str(document["release"]), str(document["date"])
    if not RELEASE.fullmatch(release) or not DAY.fullmatch(day):
        raise ValueError(f"release {release[:60]!r} or date {day[:60]!r} is not of its form")
    counted = [image for image in document["images"] if image["status"] != "not-counted"]
    compared = document.get("compared")
    against_day = str((compared or {}).get("date") or "")
    regressed = [image for image in counted if _kind(image) == "regressed"]
    return Report(
        release=release,
        date=day,
        whole=not document["problems"] and not any(map(_is_unknown, counted)),
        compared=compared is not None,
        against_day=against_day if DAY.fullmatch(against_day) else "",
        regressions=tuple(
            _regression(release, image, findings.get(image["name"], {}))
            for image in sorted(regressed, key=lambda image: str(image["name"]))
            if image["status"] == "fails"
        ),
        moved_back=bool(regressed),
        changes=_changes(counted, compared),
    )


def _kind(image: dict[str, Any]) -> str:
    return str((image.get("change") or {}).get("kind"))


def _is_unknown(image: dict[str, Any]) -> bool:
    """Any platform will do: one that could not be asked may hide a regression behind another one's problem."""
    verdicts = {record["verdict"] for record in image["platforms"].values()}
    return image["status"] == "unknown" or ("unknown" in verdicts and image["status"] != "allowed")


def _regression(release: str, image: dict[str, Any], finding: dict[str, Any]) -> Regression:
    change, place = image["change"], (finding.get("places") or image["uses"])[0]
    owner = image.get("owner") or {}
    return Regression(
        release=release,
        name=str(image["name"]),
        was=str(change["was"]) if change.get("was") else None,
        platforms=tuple(map(str, change["platforms"])),
        file=str(place["file"]),
        line=int(place["line"]),
        owner=str(owner["repository"]) if owner else None,
        fix=str(finding["fix"]) if finding.get("fix") else None,
    )


def _changes(counted: list[dict[str, Any]], compared: dict[str, Any] | None) -> tuple[tuple[str, str, str | None], ...]:
    """What changed since the baseline: kind, name, the name before. A new image is told where it fails."""
    if compared is None:
        return ()
    found = [
        (kind, str(image["name"]), str(image["change"].get("was") or "") or None)
        for image in counted
        if (kind := _kind(image)) in {"regressed", "fixed"} or (kind == "new" and image["status"] == "fails")
    ]
    found += [("gone", str(one["name"]), None) for one in compared.get("gone") or ()]
    return tuple(sorted(found, key=lambda one: (("regressed", "new", "fixed", "gone").index(one[0]), one[1])))
