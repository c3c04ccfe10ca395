"""The CSV of an audit: a row per image that every reader of CSV reads back, and no formula."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING

import pytest

from buildkit.report.audit_csv import audit_csv
from buildkit.report.text import printable
from tests.unit.report.audits import AMD64, ARM64, HOSTILE, OK, check_golden, hostile, judged, known, large, rich

if TYPE_CHECKING:
    from buildkit.audit.judge import Audit

HEADER = [
    "image",
    "reference",
    "verdict",
    "status",
    AMD64,
    ARM64,
    "reason",
    "on_arm64",
    "on_arm64_error",
    "component",
    "owner",
    "owner_path",
    "file",
    "line",
    "uses",
    "default_install",
    "change",
    "was",
    "suggestion",
    "exception_until",
    "digest",
]


def rows(audit: Audit) -> list[dict[str, str]]:
    text = audit_csv(audit).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_the_whole_report() -> None:
    check_golden("audit.csv", audit_csv(rich()))


def test_every_image_has_a_row_what_counts_first_and_the_worst_of_it_first() -> None:
    audit = rich()
    found = rows(audit)
    assert list(found[0]) == HEADER
    assert sorted(row["image"] for row in found) == sorted(image.name for image in audit.images)
    assert [row["default_install"] for row in found] == ["true"] * 8 + ["false"]
    assert [row["verdict"] for row in found][:2] == ["unknown", "missing"]


def test_a_row_says_what_changed_what_to_use_and_until_when_it_is_excepted() -> None:
    by_image = {row["image"]: row for row in rows(rich())}
    lost = by_image["ghcr.io/kubeflow/katib/katib-ui:v0.19.0"]
    assert (lost["change"], lost["was"]) == ("regressed", "ghcr.io/kubeflow/katib/katib-ui:v0.18.0")
    assert lost["suggestion"] == "ghcr.io/kubeflow/katib/katib-ui:v0.19.1"
    assert (lost["file"], lost["line"], lost["uses"]) == ("katib/base/ui.yaml", "21", "2")
    assert (lost["on_arm64"], lost["on_arm64_error"]) == ("emulated", "no matching manifest")
    excepted = by_image["gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0"]
    assert (excepted["status"], excepted["exception_until"]) == ("excepted", "2027-03-31")


def test_lines_end_as_rfc_4180_says_and_all_have_as_many_fields() -> None:
    content = audit_csv(hostile())
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == len(HOSTILE) + 1
    assert {len(line) for line in csv.reader(io.StringIO(content.decode(), newline=""))} == {len(HEADER)}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_is_a_formula(sign: str) -> None:
    (row,) = rows(judged(known(f"{sign}1+1|cmd", (OK, OK))))
    assert row["image"] == f"'{printable(sign)}1+1|cmd"


def test_no_cell_of_a_hostile_tree_begins_as_a_formula_or_steers_a_terminal() -> None:
    cells = [cell for row in rows(hostile()) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert not [cell for cell in cells if printable(cell) != cell]


def test_names_come_back_as_they_are() -> None:
    name = 'docker.io/x,"y";z:1'
    assert rows(judged(known(name, (OK, OK))))[0]["image"] == name


def test_thousands_of_images_take_a_moment() -> None:
    audit = large()
    start = time.process_time()
    assert audit_csv(audit).count(b"\r\n") == 5001
    assert time.process_time() - start < 2


def test_the_same_audit_gives_the_same_bytes() -> None:
    assert audit_csv(rich()) == audit_csv(rich())
