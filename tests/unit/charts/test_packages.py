from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from buildkit.charts.packages import Package, Packages, PackageState, Publication, Published, PublishState
from buildkit.errors import Exit
from buildkit.report.chart_packages_text import packages_text, publication_text
from buildkit.report.documents import DOCUMENTS
from buildkit.report.json import encode, json_schema

DIGEST = "sha256:" + "ab" * 32
ONE = Published(
    chart="demo",
    version="1.0.0",
    file="demo-1.0.0.tgz",
    reference="oci://x.example/demo:1.0.0",
    sha256="cd" * 32,
    digest=DIGEST,
    state="pushed",
)


def packages(state: PackageState) -> Packages:
    one = Package(chart="demo", version="1.0.0", file="out/demo-1.0.0.tgz", bytes=312, sha256="cd" * 32, state=state)
    return Packages(epoch=0, packages=(one,))


def publication(*charts: Published) -> Publication:
    return Publication(registry="oci://x.example", charts=charts)


@pytest.mark.parametrize(
    ("state", "code"),
    [("written", Exit.OK), ("unchanged", Exit.OK), ("missing", Exit.PROBLEMS), ("differs", Exit.PROBLEMS)],
)
def test_archives_that_would_be_written_are_problems(state: PackageState, code: Exit) -> None:
    assert packages(state).exit is code


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("pushed", Exit.OK),
        ("there", Exit.OK),
        ("absent", Exit.PROBLEMS),
        ("refused", Exit.PROBLEMS),
        ("failed", Exit.PROBLEMS),
    ],
)
def test_each_state_of_a_publication_has_its_code(state: PublishState, code: Exit) -> None:
    assert publication(ONE, replace(ONE, state=state)).exit is code


def test_a_problem_comes_before_what_could_not_be_found_out() -> None:
    unknown = replace(ONE, state="failed", unknown=True)
    assert publication(ONE, unknown).exit is Exit.UNDETERMINED
    assert publication(unknown, replace(ONE, state="refused")).exit is Exit.PROBLEMS


def test_archives_as_text() -> None:
    lines = packages_text(packages("written"), colour=False).decode().splitlines()
    assert lines[1].split() == ["demo", "1.0.0", "312", "cd" * 32, "out/demo-1.0.0.tgz", "written"]


def test_a_publication_as_text_names_each_tag_with_its_digest() -> None:
    good = publication_text(publication(ONE, replace(ONE, state="there")), colour=False).decode()
    assert good == (
        f"oci://x.example/demo:1.0.0@{DIGEST}  pushed\noci://x.example/demo:1.0.0@{DIGEST}  already there\n"
        "PUBLISHED: 2 charts, each pulled back and equal\n"
    )
    bad = replace(ONE, state="failed", digest=None, unknown=True, reason="no answer\x1b[31m")
    assert publication_text(publication(bad), colour=False).decode() == (
        "oci://x.example/demo:1.0.0  unknown\n  no answer\ufffd[31m\n0 of 1 chart published\n"
    )


def test_both_documents_fit_their_schemas() -> None:
    refused = replace(ONE, state="refused", digest=None, reason="taken")
    for name, document in (("chart-packages", packages("written")), ("chart-publish", publication(ONE, refused))):
        written = json.loads(encode(name, document))
        jsonschema.validate(written, json.loads(json_schema(name, DOCUMENTS[name])))
        assert written["schema"] == f"kfkit/{name}/v1"
