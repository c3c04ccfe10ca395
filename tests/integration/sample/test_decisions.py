"""`kfkit audit` with what maintainers decided: baselines, exceptions, a policy, another release; on a real registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from examples.images import IMAGES
from tests.support.kfkit import run_kfkit, share_renders
from tests.support.mirror import hosts_of, write_registries_conf

if TYPE_CHECKING:
    from tests.integration.sample.conftest import Sample
    from tests.support.kfkit import Run

CONTROLLER = "registry.quarry.example/runs/controller"
LAST = ("--install", "releases/1.0")
NOBODY = "127.0.0.1:9"  # nothing listens on the discard port


def audit(sample: Sample, *arguments: str | Path) -> Run:
    return sample.run("audit", sample.tree, "--no-suggest", "--format", "json", "--today", "2026-11-24", *arguments)


def by_name(run: Run) -> dict[str, dict[str, Any]]:
    return {image["name"]: image for image in run.document()["images"]}


def failing(run: Run) -> list[str]:
    return sorted(name for name, image in by_name(run).items() if image["status"] == "fails")


def validate(sample: Sample, document: dict[str, Any], name: str) -> None:
    schema = run_kfkit("schema", name, work=sample.work)
    assert schema.code == 0, schema.err
    Draft202012Validator(json.loads(schema.out)).validate(document)


@pytest.fixture(scope="module")
def plain(sample: Sample) -> Run:
    """Give the audit without any decision."""
    return audit(sample)


@pytest.fixture(scope="module")
def last(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the baseline of the release before."""
    path = tmp_path_factory.mktemp("last") / "not" / "yet" / "1.0.json"
    run = audit(sample, *LAST, "--baseline", path, "--update-baseline")
    assert run.code == 0, run.err
    assert f"wrote {path}: " in run.err
    return path


def exceptions(plain: Run, expires: str) -> str:
    """Give an exception for each problem of the default install."""
    entries = [
        f"  - image: '{image['name']}'\n    platform: '*'\n    reason: known\n    link: https://example.com/1\n"
        f"    owner: us\n    expires: {expires}\n"
        for image in plain.document()["images"]
        if image["status"] == "fails"
    ]
    return "exceptions:\n" + "".join(entries)


def test_what_the_last_release_had_regressed(sample: Sample, last: Path) -> None:
    run = audit(sample, "--baseline", last)
    image = by_name(run)[f"{CONTROLLER}:1.1.0"]
    assert run.code == 1
    assert image["status"] == "fails"
    assert image["change"] == {"kind": "regressed", "was": f"{CONTROLLER}:1.0.0", "platforms": ["linux/arm64"]}
    first = run.document()["findings"][0]
    assert first["subject"] == f"{CONTROLLER}:1.1.0"
    assert first["message"] == (
        f"regressed: {CONTROLLER}:1.1.0 has no linux/arm64, only linux/amd64; {CONTROLLER}:1.0.0 had it"
    )
    assert f"{CONTROLLER}:1.0.0" not in {one["name"] for one in run.document()["compared"]["gone"]}


def test_the_other_way_round_it_is_fixed(sample: Sample, tmp_path: Path) -> None:
    audit(sample, "--baseline", tmp_path / "b.json", "--update-baseline")
    run = audit(sample, *LAST, "--baseline", tmp_path / "b.json")
    change = by_name(run)[f"{CONTROLLER}:1.0.0"]["change"]
    assert change == {"kind": "fixed", "was": f"{CONTROLLER}:1.1.0", "platforms": ["linux/arm64"]}
    assert run.code == 0


def test_a_release_against_its_own_baseline_is_a_go_with_everything_known(
    sample: Sample, plain: Run, tmp_path: Path
) -> None:
    path = tmp_path / "b.json"
    assert audit(sample, "--baseline", path, "--update-baseline").code == 0
    run = audit(sample, "--baseline", path)
    document = run.document()
    assert (run.code, document["result"]) == (0, "go")
    assert sorted(name for name, one in by_name(run).items() if one["status"] == "known") == failing(plain)
    assert {image["change"]["kind"] for image in document["images"]} == {"same"}
    assert (document["compared"]["gone"], document["compared"]["against"]) == ([], str(path))
    assert {one["level"] for one in document["findings"]} == {"note"}
    before = json.loads(path.read_bytes())
    assert audit(sample, "--baseline", path, "--update-baseline").code == 0
    assert json.loads(path.read_bytes()) == before


def test_a_report_serves_as_a_baseline_and_a_baseline_has_its_schema(
    sample: Sample, plain: Run, last: Path, tmp_path: Path
) -> None:
    (tmp_path / "r.json").write_text(plain.out)
    assert audit(sample, "--baseline", tmp_path / "r.json").code == 0
    validate(sample, json.loads(last.read_bytes()), "baseline")
    validate(sample, plain.document(), "audit")
    validate(sample, audit(sample, "--baseline", last).document(), "audit")


def test_the_folder_audits_holds_without_flags_and_the_release_is_the_folders_name(
    sample: Sample, renders: Path, tmp_path: Path
) -> None:
    share_renders(tmp_path / "cache", renders)
    command = ("audit", sample.tree, "--registries-conf", sample.conf, "--no-suggest", "--format", "json")
    written = run_kfkit(*command, "--update-baseline", work=tmp_path)
    assert (written.code, (tmp_path / "audits/baselines/platform.json").is_file()) == (0, True), written.err
    run = run_kfkit(*command, work=tmp_path)
    assert (run.code, run.document()["release"]) == (0, "platform")
    assert run.document()["compared"]["against"] == "audits/baselines/platform.json"


def test_an_exception_for_every_problem_is_a_go_until_it_expires(sample: Sample, plain: Run, tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(exceptions(plain, "2026-11-24"))
    run = audit(sample, "--exceptions", file)
    assert (run.code, run.document()["result"], failing(run)) == (0, "go", [])
    excepted = [image for image in by_name(run).values() if image["status"] == "excepted"]
    assert sorted(image["name"] for image in excepted) == failing(plain)
    assert excepted[0]["exceptions"][0]["file"] == str(file)
    validate(sample, run.document(), "audit")
    file.write_text(exceptions(plain, "2026-11-23"))
    run = audit(sample, "--exceptions", file)
    assert (run.code, failing(run)) == (1, failing(plain))
    stale = [one for one in run.document()["findings"] if one["rule"] == "expired-exception"]
    assert len(stale) == len(failing(plain))
    assert stale[0]["places"] == [{"file": str(file), "line": 2, "kustomizations": []}]


def test_an_unused_exception_alone_is_no_go(sample: Sample, plain: Run, tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    more = "  - {image: 'gone.io/x', platform: '*', reason: r, link: 'https://e.com', owner: us, expires: 2027-01-01}\n"
    file.write_text(exceptions(plain, "2027-01-01") + more)
    run = audit(sample, "--exceptions", file)
    assert run.code == 1
    assert [one["subject"] for one in run.document()["findings"] if one["level"] == "error"] == ["gone.io/x"]


def test_a_policy_allows_verdicts_platforms_and_components(sample: Sample, plain: Run, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("fail: []\n")
    run = audit(sample, "--policy", file)
    assert (run.code, run.document()["policy"]) == (0, str(file))
    allowed = [name for name, image in by_name(run).items() if image["status"] == "allowed"]
    assert sorted(allowed) == failing(plain)
    file.write_text("components:\n  Runs: {platforms: [linux/amd64], reason: no arm64 pools yet}\n")
    run = audit(sample, "--policy", file, "--data", sample.tree.parent / "quarry.yaml")
    controller = by_name(run)[f"{CONTROLLER}:1.1.0"]
    assert (controller["status"], controller["verdict"], list(controller["platforms"])) == (
        "ok",
        "supported",
        ["linux/amd64"],
    )
    assert run.code == 1
    file.write_text(f"installs: [{LAST[1]}]\n")
    run = audit(sample, "--policy", file)
    assert by_name(run)[f"{CONTROLLER}:1.1.0"]["status"] == "not-counted"
    assert by_name(run)[f"{CONTROLLER}:1.0.0"]["default_install"]


def test_a_wrong_policy_ends_with_2_and_its_line_before_anything_is_asked(sample: Sample, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("# why\nfail: [unknown]\n")
    run = audit(sample, "--policy", file)
    assert (run.code, run.out) == (2, "")
    assert f"{file}:2: fail: 'unknown' is no verdict that can fail a release" in run.err


def test_no_baseline_is_written_while_a_registry_is_down(sample: Sample, last: Path, tmp_path: Path) -> None:
    path, dead = tmp_path / "b.json", tmp_path / "dead.conf"
    shutil.copy(last, path)
    write_registries_conf(dead, NOBODY, hosts_of(IMAGES))
    command = ("audit", sample.tree, "--registries-conf", dead, "--no-suggest", "--baseline", path, "--update-baseline")
    run = run_kfkit(*command, "--format", "json", work=tmp_path)
    assert (run.code, run.document()["result"]) == (3, "undetermined")
    assert f"{path}: not written: " in run.err
    assert "missing" not in {one["rule"] for one in run.document()["findings"]}
    assert path.read_bytes() == last.read_bytes()


def test_problems_go_before_what_is_unknown_and_still_nothing_is_written(sample: Sample, tmp_path: Path) -> None:
    path, half = tmp_path / "b.json", tmp_path / "half.conf"
    text = sample.conf.read_text().split("\n\n")
    dead = [one.replace("127.0.0.1:", "127.0.0.1:9/") if '"quay.io"' in one else one for one in text]
    half.write_text("\n\n".join(dead))
    command = ("audit", sample.tree, "--registries-conf", half, "--no-suggest", "--baseline", path, "--update-baseline")
    run = run_kfkit(*command, "--format", "json", work=tmp_path)
    assert {"fails", "unknown"} <= {image["status"] for image in run.document()["images"]}
    assert (run.code, path.exists()) == (1, False)


def test_against_another_tree_says_what_its_bump_lost(sample: Sample, tmp_path: Path) -> None:
    old = tmp_path / "v1.0"
    shutil.copytree(sample.tree, old)
    changed = 0
    for file in old.rglob("*.yaml"):
        text = file.read_text()
        if f"{CONTROLLER}:1.1.0" in text:
            file.write_text(text.replace(f"{CONTROLLER}:1.1.0", f"{CONTROLLER}:1.0.0"))
            changed += 1
    assert changed
    run = audit(sample, "--against", old)
    images = by_name(run)
    assert run.code == 1
    assert images[f"{CONTROLLER}:1.1.0"]["change"] == {
        "kind": "regressed",
        "was": f"{CONTROLLER}:1.0.0",
        "platforms": ["linux/arm64"],
    }
    assert {name for name, one in images.items() if one["change"]["kind"] != "same" and one["default_install"]} == {
        f"{CONTROLLER}:1.1.0"
    }
    assert run.document()["compared"] == {"against": "v1.0", "gone": []}
    validate(sample, run.document(), "audit")


def test_against_and_baseline_exclude_each_other(sample: Sample, last: Path) -> None:
    run = audit(sample, "--against", sample.tree, "--baseline", last)
    assert (run.code, run.out) == (2, "")
    assert "--against compares with a release, --baseline with a file" in run.err


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "1: not JSON: "), ('{"schema": "kfkit/baseline/v9"}', " its schema is 'kfkit/baseline/v9'")],
)
def test_a_wrong_baseline_ends_with_2_and_stays_as_it_is(
    sample: Sample, tmp_path: Path, content: str, says: str
) -> None:
    path = tmp_path / "b.json"
    path.write_text(content)
    for more in ((), ("--update-baseline",)):
        run = audit(sample, "--baseline", path, *more)
        assert (run.code, run.out, path.read_text()) == (2, "", content)
        assert f"{path}:{says}" in run.err


def test_an_install_that_the_tree_lacks_is_named_wherever_it_was_asked_for(sample: Sample, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("installs: [nowhere]\n")
    for asked, said in ((("--policy", policy), f"{policy}:1: installs:"), (("--install", "nowhere"), "--install")):
        run = audit(sample, *asked)
        assert run.code == 2
        assert f"{said} nowhere: the tree has no such kustomization" in run.err
