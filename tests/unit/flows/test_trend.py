"""A folder of reports: what is read, what is passed over, and what ends the run with the file's name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from buildkit.audit.past import past_of
from buildkit.audit.settle import Rules
from buildkit.audit.trend import Trend
from buildkit.errors import UsageError
from buildkit.flows.trend import read_trend
from buildkit.flows.watch import Watch
from buildkit.model.inspection import Verdict
from buildkit.report.documents import audit_document
from buildkit.report.json import encode
from tests.unit.audit.building import MISSING, OK, TODAY, audit, known


def report(verdict: Verdict = OK, *, day: str = "2026-11-20", **keys: Any) -> str:
    """Give a report as it is written; a key whose value is `...` is left out."""
    document = json.loads(
        encode("audit", audit_document(audit(known("x:1", verdict), rules=Rules(today=TODAY, release="26.03"))))
    )
    document |= {"date": day} | keys
    return json.dumps({key: value for key, value in document.items() if value is not ...})


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def nights(trend: Trend) -> dict[str, list[tuple[str, str]]]:
    return {one.release: [(night.date, night.file) for night in one.nights] for one in trend.releases}


def refusal(folder: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_trend(folder, Watch())
    return caught.value


def test_release_and_day_stand_in_the_reports_not_in_their_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        b=report(day="2026-11-20"),
        a=report(day="2026-11-21"),
        deep__er__c=report(release="v1.11.0", day="2025-01-01"),
    )
    assert nights(read_trend(tmp_path, Watch())) == {
        "26.03": [("2026-11-20", "b.json"), ("2026-11-21", "a.json")],
        "v1.11.0": [("2025-01-01", "deep/er/c.json")],
    }


def test_of_two_reports_of_one_day_the_last_by_name_counts(tmp_path: Path) -> None:
    write(tmp_path, morning=report(OK), evening=report(MISSING))
    (release,) = read_trend(tmp_path, Watch()).releases
    assert [(one.file, one.result) for one in release.nights] == [("morning.json", "go")]


def test_old_reports_without_date_release_and_result_are_read(tmp_path: Path) -> None:
    old = report(MISSING, release=..., date=..., result=..., source="../manifests")
    (tmp_path / "2025-12-31.json").write_text(old)
    (release,) = read_trend(tmp_path, Watch()).releases
    assert (release.release, release.nights[0].date, release.nights[0].result) == (
        "../manifests",
        "2025-12-31",
        "no-go",
    )


@pytest.mark.parametrize("day", [None, "", "yesterday", ...])
def test_a_report_without_a_day_in_it_has_the_one_of_its_name(tmp_path: Path, day: Any) -> None:
    (tmp_path / "nightly-2026-11-22.json").write_text(report(date=day))
    found = read_trend(tmp_path, Watch())
    assert nights(found) == {"26.03": [("2026-11-22", "nightly-2026-11-22.json")]}


@pytest.mark.parametrize("day", [None, "", "yesterday", "2026-02-30", "\u0662\u0660\u0662\u0666-11-22"])
def test_a_report_without_any_day_is_refused(tmp_path: Path, day: Any) -> None:
    write(tmp_path, nightly=report(date=day))
    error = refusal(tmp_path)
    assert str(error) == f"{tmp_path / 'nightly.json'}: the report has no date"
    assert error.hint == "name the file YYYY-MM-DD.json"


def test_hidden_files_other_names_links_that_lead_nowhere_and_loops_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, a=report())
    (tmp_path / ".tmp.json").write_text("half a rep")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "b.json").write_text("[]")
    (tmp_path / "README.md").write_text("# history")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.json").symlink_to(tmp_path / "self.json")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "latest.json").symlink_to(tmp_path / "a.json")
    assert nights(read_trend(tmp_path, Watch())) == {"26.03": [("2026-11-20", "latest.json")]}


def test_a_folder_that_is_hidden_itself_is_read(tmp_path: Path) -> None:
    write(tmp_path / ".history", a=report())
    assert nights(read_trend(tmp_path / ".history", Watch())) == {"26.03": [("2026-11-20", "a.json")]}


def test_a_folder_without_a_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# history")
    error = refusal(tmp_path)
    assert str(error) == f"{tmp_path}: no report in it"
    assert error.hint.startswith("write one with kfkit audit MANIFESTS --report json=")


def test_a_baseline_among_the_reports_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a=report(), z=encode("baseline", past_of(audit(known("x:1")))).decode())
    error = refusal(tmp_path)
    assert str(error) == f"{tmp_path / 'z.json'}: a baseline, no report"
    assert error.hint == "keep baselines out of the folder of reports"


READS = "; this kfkit reads kfkit/baseline/v1 and kfkit/audit/v1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{}", ": it names no schema" + READS),
        ('{"schema": "kfkit/images/v1"}', ": its schema is 'kfkit/images/v1'" + READS),
        ('{"schema": "kfkit/audit/v2", "date": 7}', ": its schema is 'kfkit/audit/v2'" + READS),
        ("[]", ": Expected `object`, got `array`"),
        ("", ":1: not JSON: Input data was truncated"),
        ('{\n"schema"', ":2: not JSON: Input data was truncated"),
        ("[" * 50_000, ": Expected `object`, got `array`"),
        ('{"a":' * 50_000, ":1: not JSON: maximum recursion depth exceeded"),
        (report(date=7), ": key `date`: Expected `str | null`, got `int`"),
        (report(release=None), ": key `release`: Expected `str`, got `null`"),
        (report(images=7), ": key `images`: Expected `array`, got `int`"),
        (report(required=...), ": Object missing required field `required`"),
    ],
)
def test_a_file_that_is_no_report_is_named(tmp_path: Path, content: str, says: str) -> None:
    write(tmp_path, a=report(), b=content)
    assert str(refusal(tmp_path)).startswith(f"{tmp_path / 'b.json'}{says}")


def test_progress_and_time_are_told(tmp_path: Path) -> None:
    write(tmp_path, a=report(day="2026-11-20"), b=report(day="2026-11-21"))
    counted: list[tuple[str, int, int]] = []
    watch = Watch(count=lambda *what: counted.append(what))
    read_trend(tmp_path, watch)
    assert counted == [("reports", 1, 2), ("reports", 2, 2)]
    assert list(watch.seconds) == ["reports"]
