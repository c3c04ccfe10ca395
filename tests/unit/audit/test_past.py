"""Baselines and reports as what a later audit is compared with."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from buildkit.audit.past import PastAudit, PastImage, PastRecord, PastUse, parse_past, past_of
from buildkit.audit.settle import Rules
from buildkit.errors import UsageError
from buildkit.report.documents import audit_document
from buildkit.report.json import encode
from tests.unit.audit.building import AMD64, ARM64, GONE, MISSING, OK, TODAY, UNKNOWN, audit, katib, known, use

AUDIT = audit(
    known(
        "ghcr.io/kubeflow/katib/ui:v2", MISSING, use(line=9), use(line=3), use("", "", file="README.md", sample=True)
    ),
    known("docker.io/library/x:1", UNKNOWN),
    known("docker.io/library/y:1", GONE, counted=False),
    rules=Rules(today=TODAY, release="26.03"),
    owner_of=katib,
)


def test_a_baseline_holds_what_a_later_audit_needs_and_no_lines() -> None:
    past = past_of(AUDIT)
    assert (past.source, past.release, past.date, past.scope, past.result) == (
        "tree",
        "26.03",
        "2026-11-24",
        "default",
        None,
    )
    assert past.images[0] == PastImage(
        name="ghcr.io/kubeflow/katib/ui:v2",
        default_install=True,
        verdict=MISSING,
        platforms={AMD64: PastRecord(verdict=OK), ARM64: PastRecord(verdict=MISSING)},
        uses=(
            PastUse(file="README.md", sample=True),
            PastUse(
                file="apps/web.yaml",
                object="apps/v1/Deployment/kubeflow/web",
                path="spec.template.spec.containers[0].image",
            ),
        ),
        component="Katib",
    )


def test_a_baseline_reads_back_as_it_was() -> None:
    assert parse_past(encode("baseline", past_of(AUDIT)), "b.json") == past_of(AUDIT)


def test_a_baseline_has_the_same_bytes_wherever_lines_have_moved_to() -> None:
    moved = replace(
        AUDIT,
        images=tuple(
            replace(one, uses=tuple(replace(each, line=each.line + 7) for each in one.uses)) for one in AUDIT.images
        ),
    )
    assert encode("baseline", past_of(moved)) == encode("baseline", past_of(AUDIT))


def test_a_whole_report_is_a_baseline_too() -> None:
    read = parse_past(encode("audit", audit_document(AUDIT)), "r.json")
    uses = [sorted(set(image.uses), key=lambda one: one.file) for image in read.images]
    assert replace(
        read, result=None, images=tuple(replace(i, uses=tuple(u)) for i, u in zip(read.images, uses, strict=True))
    ) == past_of(AUDIT)


def test_a_report_older_than_date_release_and_component_is_read() -> None:
    document = json.loads(encode("audit", audit_document(AUDIT)))
    for key in ("date", "release", "result", "scope"):
        del document[key]
    for image in document["images"]:
        image.pop("component", None)
    read = parse_past(json.dumps(document).encode(), "r.json")
    assert (read.date, read.release, read.result, read.scope) == (None, "", None, "default")
    assert len(read.images) == 3


def test_keys_that_this_kfkit_does_not_know_are_passed_over() -> None:
    content = encode("baseline", {"source": "s", "required": [], "images": [], "later": {"a": [1]}})
    assert parse_past(content, "b.json") == PastAudit(source="s", required=(), images=())


IMAGE = '{"name": "x", "default_install": true, "verdict": "missing", "platforms": {}, "uses": []}'


def baseline(images: str) -> bytes:
    return f'{{"schema": "kfkit/baseline/v1", "source": "s", "required": [],\n "images": [{images}]}}'.encode()


READS = "; this kfkit reads kfkit/baseline/v1 and kfkit/audit/v1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"schema": "kfkit/baseline/v2", "images": 5}', "b.json: its schema is 'kfkit/baseline/v2'" + READS),
        (b'{"schema": "kfkit/images/v1"}', "b.json: its schema is 'kfkit/images/v1'" + READS),
        (b'{"schema": "kfkit/\\u001b[31m"}', "b.json: its schema is 'kfkit/\\x1b[31m'" + READS),
        (b'{"images": []}', "b.json: it names no schema" + READS),
        (b"{}", "b.json: it names no schema" + READS),
        (b'{"schema": 1}', "b.json: key `schema`: Expected `str`, got `int`"),
        (b"[]", "b.json: Expected `object`, got `array`"),
        (b'"kfkit/baseline/v1"', "b.json: Expected `object`, got `str`"),
        (b"null", "b.json: Expected `object`, got `null`"),
        (b"", "b.json:1: not JSON: Input data was truncated"),
        (baseline(IMAGE)[:-3], "b.json:2: not JSON: Input data was truncated"),
        (b"schema: kfkit/baseline/v1\n", "b.json:1: not JSON: JSON is malformed: invalid character (byte 0)"),
        (b'{"schema": "x",\n\n"a" 1}', "b.json:3: not JSON: JSON is malformed: expected ':' (byte 21)"),
        (baseline(IMAGE) + b"\n{}", "b.json:3: not JSON: JSON is malformed: trailing characters (byte"),
        (b'{"schema": "\xff"}', "b.json:1: not JSON: 'utf-8' codec can't decode byte 0xff"),
        (b"[" * 100_000, "b.json: Expected `object`, got `array`"),
        (b'{"a":' * 100_000, "b.json:1: not JSON: maximum recursion depth exceeded"),
        (baseline("[" * 100_000), "b.json:1: not JSON: maximum recursion depth exceeded"),
        (b'{"schema": "kfkit/baseline/v1"}', "b.json: Object missing required field `source`"),
        (baseline("1"), "b.json: key `images[0]`: Expected `object`, got `int`"),
        (baseline(f"{IMAGE}, {{}}"), "b.json: key `images[1]`: Object missing required field `name`"),
        (
            baseline(f"{IMAGE}, {IMAGE.replace('missing', 'gone')}"),
            "b.json: key `images[1].verdict`: Invalid enum value 'gone'",
        ),
        (
            baseline(IMAGE.replace("missing", "\\u001b[31m")),
            "b.json: key `images[0].verdict`: Invalid enum value '\\x1b[31m'",
        ),
        (
            baseline(IMAGE.replace("{}", '{"linux/arm64": {"verdict": 7}}')),
            "b.json: key `images[0].platforms[...].verdict`: Expected `str`, got `int`",
        ),
    ],
)
def test_what_is_no_baseline_is_told_with_file_and_key(content: bytes, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_past(content, "b.json")
    assert str(caught.value).startswith(says)


def test_a_baseline_of_another_version_says_how_to_get_one() -> None:
    with pytest.raises(UsageError) as caught:
        parse_past(b'{"schema": "kfkit/baseline/v2"}', "b.json")
    assert caught.value.hint == "remove it, and write it anew with kfkit audit --update-baseline"
