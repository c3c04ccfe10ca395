"""`kfkit build run` with a real BuildKit and a real registry: cross-compiled, emulated, resumed, never half tagged."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.builds.site import FOREIGN, NATIVE, SAMPLE_HOST, problems, states, tags, written
from tests.support.ask import inspect, verdicts
from tests.support.kfkit import run_kfkit
from tests.support.tools import ROOT

if TYPE_CHECKING:
    from tests.integration.builds.site import Site

BASE = f"FROM {SAMPLE_HOST}/build/base:1\n"
# Its RUN executes on the target's platform: emulated for the foreign one.
MACHINE = BASE + "RUN uname -m > /machine && cat /machine\n"
BOTH = {("app", "linux/amd64"): "built", ("app", "linux/arm64"): "built"}


def test_one_tag_serves_both_platforms_and_an_audit_agrees(site: Site) -> None:
    site.component("app", MACHINE)
    run = site.run()
    assert run.code == 0, run.err + run.out
    document = run.document()
    assert states(document) == BOTH
    (component,) = document["components"]
    ways = {one["platform"]: one["way"] for one in component["platforms"]}
    assert ways == {NATIVE: "native", FOREIGN: "emulated"}
    assert [row["indexed"] for row in component["verification"]["platforms"]] == ["yes", "yes"]
    assert [row["execution"]["state"] for row in component["verification"]["platforms"]] == ["not-executed"] * 2
    assert site.digest("app:1.0") == component["digest"]
    (record,) = inspect(f"{site.host}/app:1.0")
    assert verdicts(record) == {"amd64": "supported", "arm64": "supported"}
    assert record.digest == component["digest"]


def test_what_is_pushed_has_provenance_labels_and_the_machine_it_ran_on(site: Site) -> None:
    site.component("app", MACHINE, more="    labels: {org.example.team: quarry}\n")
    run = site.run()
    assert run.code == 0, run.err
    (component,) = run.document()["components"]
    checks = {check["name"]: check["outcome"] for check in component["verification"]["checks"]}
    assert checks["attestations"] == "ok"
    assert checks["labels"] == "ok"
    assert checks["digests"] == "ok"
    assert checks["executed"] == "not-asked"
    log = (site.work / "dist/builds/app.linux-arm64.log").read_text()
    assert "aarch64" in log
    assert "x86_64" in (site.work / "dist/builds/app.linux-amd64.log").read_text()


def test_a_platform_that_fails_leaves_no_tag_and_a_retry_builds_that_one_alone(site: Site) -> None:
    site.component(
        "app", f'{BASE}ARG TARGETARCH\nCOPY check /check\nRUN sh /check "$TARGETARCH"\n', check='[ "$1" = amd64 ]'
    )
    run = site.run()
    assert run.code == 1
    assert states(run.document()) == {("app", "linux/amd64"): "built", ("app", "linux/arm64"): "failed"}
    assert tags(run.document()) == {f"{site.prefix}/app:1.0": "kept"}
    assert "RUN sh /check" in problems(run.document())
    assert site.digest("app:1.0") is None
    # The file decides for arm64 only now: amd64's inputs change with it, so that both are built again.
    (site.work / "app" / "check").write_text("true")
    again = site.run()
    assert states(again.document()) == BOTH
    assert site.digest("app:1.0")


def test_a_retry_resumes_from_what_the_registry_has(site: Site) -> None:
    site.component("app", MACHINE)
    first = site.run("--platform", "linux/amd64").document()
    assert states(first) == {("app", "linux/amd64"): "built"}
    assert site.digest("app:1.0") is None
    again = site.run()
    assert again.code == 0, again.err
    assert states(again.document()) == {("app", "linux/amd64"): "resumed", ("app", "linux/arm64"): "built"}
    third = site.run()
    assert set(states(third.document()).values()) == {"resumed"}
    assert tags(third.document()) == {f"{site.prefix}/app:1.0": "there"}
    changed = site.work / "app" / "Dockerfile"
    changed.write_text(f"{MACHINE}ENV A=1\n")
    refused = site.run()
    assert refused.code == 1
    assert "is not moved without --force" in problems(refused.document())
    assert states(refused.document()) == {}


def test_a_tag_is_moved_with_force_alone(site: Site) -> None:
    site.component("app", MACHINE)
    assert site.run().code == 0
    before = site.digest("app:1.0")
    refused = site.run("--fresh")
    assert refused.code == 1
    assert site.digest("app:1.0") == before
    assert "nothing was built" in problems(refused.document())
    forced = site.run("--fresh", "--force")
    assert forced.code == 0, forced.err
    assert site.digest("app:1.0") not in {None, before}
    again = site.run()
    assert again.code == 0, again.err
    assert set(states(again.document()).values()) == {"resumed"}, "what was built afresh is resumed from too"


def test_several_components_are_tagged_together_or_not_at_all(site: Site) -> None:
    site.component("app", MACHINE)
    site.component("broken", f"{BASE}RUN cat /nothing\n")
    run = site.run()
    assert run.code == 1
    assert states(run.document())["app", "linux/arm64"] == "built"
    assert (site.digest("app:1.0"), site.digest("broken:1.0")) == (None, None)
    alone = site.run("app")
    assert set(states(alone.document()).values()) == {"resumed"}
    assert site.digest("app:1.0")


def test_a_component_is_built_on_another_of_the_same_run_before_that_has_a_tag(site: Site) -> None:
    site.component("first", f"{BASE}RUN uname -m > /first\n")
    site.component(
        "second",
        "ARG FIRST\nFROM ${FIRST}\nRUN cat /first > /second\n",
        more="    args: {FIRST: '{registry}/first:{version}'}\n    needs: [first]\n",
    )
    run = site.run()
    assert run.code == 0, run.err + run.out
    assert site.digest("first:1.0")
    assert site.digest("second:1.0")
    again = site.run()
    assert again.code == 0, again.err + again.out
    assert set(states(again.document()).values()) == {"resumed"}
    assert set(tags(again.document()).values()) == {"there"}


def test_images_that_are_the_same_for_both_platforms_are_not_tagged(site: Site) -> None:
    site.component("app", "FROM --platform=linux/amd64 " + MACHINE.removeprefix("FROM "))
    run = site.run()
    assert run.code == 1
    said = problems(run.document())
    assert "linux/arm64" in said
    assert site.digest("app:1.0") is None


def test_a_hanging_emulated_build_ends_at_its_time_limit_and_says_where_it_would_not(site: Site) -> None:
    script = 'case "$(uname -m)" in x86_64) ;; *) sleep 600 ;; esac'
    script = script if NATIVE == "linux/amd64" else script.replace("x86_64", "aarch64")
    site.component("app", f"{BASE}RUN {script}\n")
    run = site.run("--timeout", "8")
    assert run.code == 1
    assert states(run.document()) == {("app", NATIVE): "built", ("app", FOREIGN): "late"}
    said = problems(run.document())
    assert "time limit of 8 s" in said
    assert "native runner" in said
    assert site.digest("app:1.0") is None


def test_native_only_refuses_what_would_be_emulated(site: Site) -> None:
    site.component("app", MACHINE)
    run = site.run("--native-only")
    assert run.code == 2
    assert f"{FOREIGN} would be emulated" in run.err
    assert not (site.work / "dist").exists()


def test_results_tell_another_machine_what_was_built(site: Site) -> None:
    site.component("app", MACHINE)
    assert site.run("--platform", NATIVE).code == 0
    (file,) = (site.work / "dist/builds").glob("*.json")
    result = written(file)
    assert result["schema"] == "kfkit/build-result/v1"
    assert [one["platform"] for one in result["results"]] == [NATIVE]
    assert [one["platform"] for one in result["builds"][0]["platforms"]] == ["linux/amd64", "linux/arm64"]


def test_two_runners_then_merge(site: Site) -> None:
    site.component("app", MACHINE)
    for platform in (NATIVE, FOREIGN):
        assert site.run("--platform", platform, "--results", platform.rpartition("/")[2]).code == 0
    alone = site.merge("amd64")
    assert alone.code == 2
    assert "no result of linux/arm64" in alone.err
    merged = site.merge("amd64", "arm64")
    assert merged.code == 0, merged.err
    assert tags(merged.document()) == {f"{site.prefix}/app:1.0": "set"}
    again = site.merge("amd64", "arm64")
    assert (again.code, tags(again.document())) == (0, {f"{site.prefix}/app:1.0": "there"})


def test_the_sample_is_built_for_both_platforms(site: Site) -> None:
    """Cross-compiled Go, RUN steps under emulation, and the trap whose mend is `kfkit build lint --patch`."""
    sample = site.work / "sample"
    shutil.copytree(ROOT / "examples" / "platform", sample / "platform")
    shutil.copy(ROOT / "examples" / "builds.yaml", sample)
    options = ("--catalogue", str(sample / "builds.yaml"))
    broken = site.run("runs", "agent", *options)
    assert broken.code == 1
    assert "the same layers" in problems(broken.document())
    dockerfile = sample / "platform/apps/runs/image/Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("--platform=linux/amd64 ", ""))
    mended = site.run("runs", "agent", *options)
    assert mended.code == 0, mended.err
    audit = run_kfkit("inspect", f"{site.host}/runs/controller:1.0", "--format", "json", work=site.work)
    assert audit.code == 0


@pytest.mark.parametrize("version", ["", "a b", "-x", "x" * 129])
def test_a_version_that_is_no_tag_is_refused_before_anything_is_built(site: Site, version: str) -> None:
    site.component("app", MACHINE)
    assert site.run(version=version).code == 2


def test_nothing_that_changed_is_nothing_to_build_and_a_document_says_so(site: Site) -> None:
    site.component("app", MACHINE)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=site.work, check=True)
    run = site.run("--changed-since", "HEAD")
    assert run.code == 0, run.err
    assert (run.document()["components"], run.document()["results"]) == ([], [])
