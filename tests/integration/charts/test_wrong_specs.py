"""Specifications that are wrong, as `kfkit charts generate` tells them: file, line and key; names that are taken."""

from __future__ import annotations

import hashlib
import os

import pytest

from buildkit.errors import UsageError
from tests.integration.charts.yard import CLAIM, CONFIG, CRD, SPEC, Yard, spec_text
from tests.support.kfkit import run_kfkit

pytestmark = pytest.mark.integration


@pytest.fixture
def plain(yard: Yard) -> Yard:
    return yard.write({"a.yaml": CONFIG, "b.yaml": CLAIM}).say()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("component: app", "componet: app", r"spec\.yaml:3: componet: "),
        ("path: app", "path: ../app", r"spec\.yaml:7: path: '\.\./app' leads out"),
        ("component: app", "component: /etc", r"spec\.yaml:3: component: '/etc' must be relative"),
        ("name: app,", "name: ../app,", r"spec\.yaml:1: name: "),
        ("default: plain", "default: other", r"spec\.yaml:8: default: 'other' is none of plain"),
        ("default: plain", "default: plain\ncrds: sometimes", r"spec\.yaml:9: crds: 'sometimes' is none of"),
        ("namespace: land", "namespace: [land]", r"spec\.yaml:4: namespace: "),
        ("component: app", "component: app\ncomponent: b", r"spec\.yaml:4: "),
        ("chart: ", "chart: {{", r"spec\.yaml:2: not YAML"),
        ("release: app", "release: \ttab: x", r"spec\.yaml:\d+: "),
    ],
)
def test_a_wrong_specification_is_told_with_file_line_and_key(plain: Yard, old: str, new: str, message: str) -> None:
    assert old in spec_text()
    plain.say_text(spec_text())
    plain.generate("first")
    with pytest.raises(UsageError, match=message):
        plain.say_text(spec_text().replace(old, new)).generate()
    assert not (plain.folder / "out").exists()


def test_a_specification_that_is_no_text_or_too_large_is_refused(plain: Yard) -> None:
    file = plain.specs / "app" / "spec.yaml"
    for content, message in ((b"\xff\xfe", "not UTF-8"), (b"#" * 2_000_000, "larger than 1 MiB")):
        file.write_bytes(content)
        with pytest.raises(UsageError, match=rf"spec\.yaml: {message}"):
            plain.generate()


def test_a_chart_name_that_is_taken_is_told_with_both_files_that_of_definitions_too(plain: Yard) -> None:
    plain.say("other")
    with pytest.raises(UsageError, match=r"other/spec\.yaml: the chart name app is taken by .*app/spec\.yaml"):
        plain.generate()
    plain.say("app", crds="chart").say("other", chart={**SPEC["chart"], "name": "app-crds"})
    with pytest.raises(UsageError, match=r"other/spec\.yaml: the chart name app-crds is taken by .*app/spec\.yaml"):
        plain.generate()
    assert not (plain.folder / "out").exists()


def test_a_name_that_the_second_chart_of_definitions_takes_is_told_too(plain: Yard) -> None:
    """How many such charts there are is known once they are made."""
    noise = "".join(hashlib.sha512(f"{number}".encode()).hexdigest() for number in range(7_000))
    files = {}
    for kind in ("Thing", "Other", "More"):
        one = CRD.replace("Thing", kind).replace("things", f"{kind.lower()}s")
        files[f"{kind}.yaml"] = one.replace("type: object", f"type: object, description: {noise}")
    plain.write(files).say(crds="chart").say("other", chart={**SPEC["chart"], "name": "app-crds-2"})
    with pytest.raises(UsageError, match=r"the chart name app-crds-2 is taken by"):
        plain.generate()


def test_no_specifications_and_unknown_names_are_told(plain: Yard) -> None:
    arguments = ("charts", "generate", "--manifests", plain.tree, "--output", plain.folder / "out")
    work = plain.folder / "work"
    for more, message in (
        (("--specs", plain.tree), "holds no <chart>/spec.yaml"),
        (("--specs", plain.specs, "nothing"), "nothing: no such chart in"),
        (("--specs", plain.specs, "--version", "one"), "--version one: no semantic version"),
        (("--specs", plain.specs, "--into", plain.folder / "none"), "no such folder"),
    ):
        run = run_kfkit(*arguments[: 4 if "--into" in more else None], *more, work=work)
        assert (run.code, message in run.err) == (2, True), run.err
    assert not (plain.folder / "out").exists()
    assert os.listdir(plain.folder / "tree") == ["app"]  # noqa: PTH208  # names alone
