"""`kfkit build verify` as a process: output, exit codes, files that say what is expected, a tree whose audit agrees."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

import docker
import pytest
from jsonschema import Draft202012Validator

from buildkit.builds.plan import Plan, PlannedBuild, PlannedPlatform
from buildkit.builds.result import BuildResult, PlatformResult
from buildkit.report.json import encode
from tests.support import kfkit
from tests.support.kfkit import Run, run_kfkit
from tests.support.push import Index, build, push_image
from tests.support.tools import ROOT
from tests.support.verified import PLATFORMS, attested, labelled, startable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.push import Entry
    from tests.support.registry_process import Registry

LABELS = (("org.opencontainers.image.revision", "abc"), ("org.opencontainers.image.version", "v1"))
AMD64, ARM64 = (labelled(platform, _version="v1", _revision="abc") for platform in PLATFORMS)


@pytest.fixture(scope="module")
def host(registry: Registry) -> str:
    push_image(registry.host, "command/good", "v1", attested(AMD64, ARM64))
    push_image(registry.host, "command/amd64", "v1", attested(AMD64))
    push_image(registry.host, "command/run", "v1", Index(entries=tuple(map(startable, PLATFORMS))))
    return registry.host


def verify(work: Path, *arguments: str | Path, engine: str | None = None) -> Run:
    """Run the command, where an engine is named with it."""
    environment = kfkit.environment(work) | ({"DOCKER_HOST": engine} if engine else {})
    work.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "buildkit.cli", "build", "verify", *map(str, arguments)]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return Run(code=done.returncode, out=done.stdout, err=done.stderr)


def planned(host: str, **facts: Any) -> PlannedBuild:
    found = PlannedBuild(
        component="good",
        image=f"{host}/command/good",
        tags=(f"{host}/command/good:v1",),
        context=".",
        dockerfile="Dockerfile",
        labels=LABELS,
        attest=("type=provenance,mode=max",),
        platforms=tuple(PlannedPlatform(platform=name) for name in PLATFORMS),
    )
    return replace(found, **facts)


def result(host: str, platform: str, entry: Entry) -> BuildResult:
    digest = build(entry.content).digest
    pushed = PlatformResult(component="good", platform=platform, digest=digest, manifest=digest, way="native")
    return BuildResult(version="v1", builds=(planned(host),), results=(pushed,))


def write(path: Path, schema: str, document: object) -> Path:
    path.write_bytes(encode(schema, document))
    return path


@pytest.mark.parametrize(
    ("tags", "code", "last"),
    [
        (["good:v1"], 0, "Result: 1 tag: 1 ok"),
        (["good:v1", "amd64:v1"], 1, "Result: 2 tags: 1 problem, 1 ok"),
        (["good:v1", "good:v1", "none:v1"], 1, "Result: 2 tags: 1 problem, 1 ok"),
    ],
)
def test_the_text_and_the_code(tags: list[str], code: int, last: str, host: str, tmp_path: Path) -> None:
    done = verify(tmp_path, *(f"{host}/command/{tag}" for tag in tags))
    assert (done.code, done.out.splitlines()[-1], done.err) == (code, last, "")


def test_what_cannot_be_found_out_is_three(tmp_path: Path) -> None:
    done = verify(tmp_path, "127.0.0.1:9/x:v1")
    assert (done.code, done.out.splitlines()[-1]) == (3, "Result: 1 tag: 1 unknown")


def test_json_is_what_its_schema_says_and_the_same_each_time(host: str, tmp_path: Path) -> None:
    arguments = [f"{host}/command/good:v1", f"{host}/command/amd64:v1", "--format", "json"]
    done = verify(tmp_path, *arguments)
    document = done.document()
    schema = run_kfkit("schema", "build-verify", work=tmp_path)
    Draft202012Validator(json.loads(schema.out)).validate(document)
    assert (document["schema"], document["result"]) == ("kfkit/build-verify/v1", "problem")
    assert [tag["result"] for tag in document["tags"]] == ["ok", "problem"]
    assert document["tags"][0]["platforms"][0]["executed"] == "not-executed"
    assert done.out == verify(tmp_path, *arguments).out


def test_reports_are_written_beside_it(host: str, tmp_path: Path) -> None:
    markdown, text = tmp_path / "v.md", tmp_path / "v.txt"
    done = verify(
        tmp_path, f"{host}/command/good:v1", "--report", f"markdown={markdown}", "--report", f"text={text}", "--timings"
    )
    assert done.code == 0
    assert text.read_text() == done.out
    assert markdown.read_text().startswith("## 🟢 1 tag: 1 ok")
    assert "timing network:" in done.err


def test_a_plan_and_results_are_held_against_the_registry(host: str, tmp_path: Path) -> None:
    plan = write(tmp_path / "plan.json", "build-plan", Plan(version="v1", builds=(planned(host),)))
    results = tmp_path / "results"
    results.mkdir()
    for platform, entry in zip(PLATFORMS, (AMD64, ARM64), strict=True):
        write(results / f"{platform.replace('/', '-')}.json", "build-result", result(host, platform, entry))
    done = verify(tmp_path, "--plan", plan, "--result", results, "--format", "json")
    (tag,) = done.document()["tags"]
    assert done.code == 0, done.out
    assert {check["check"]: check["result"] for check in tag["checks"]} == {
        "index": "ok",
        "platforms": "ok",
        "configs": "ok",
        "layers": "ok",
        "blobs": "ok",
        "attestations": "ok",
        "labels": "ok",
        "digests": "ok",
        "executed": "not-asked",
    }
    assert {platform["built"] for platform in tag["platforms"]} == {"yes"}
    alone = verify(tmp_path, "--result", results / "linux-amd64.json", "--format", "json")
    assert alone.code == 3
    assert [one["built"] for one in alone.document()["tags"][0]["platforms"]] == ["yes", "unknown"]


def test_another_commit_of_the_plan_is_a_problem(host: str, tmp_path: Path) -> None:
    labels = (("org.opencontainers.image.revision", "other"),)
    plan = write(tmp_path / "plan.json", "build-plan", Plan(version="v1", builds=(planned(host, labels=labels),)))
    done = verify(tmp_path, "--plan", plan)
    assert done.code == 1
    assert "planned is 'other', the image has 'abc'" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no tag was given"),
        (["a b"], "is no image reference"),
        (["x:v1", "--platform", "arm64"], "is no platform"),
        (["x:v1", "--smoke", "'"], "--smoke"),
        (["x:v1", "--plan", "nowhere.json"], "nowhere.json"),
        (["x:v1", "--plan", "text.json"], "text.json: not JSON"),
        (["x:v1", "--result", "other.json"], "other.json: schema: 'kfkit/audit/v1', not 'kfkit/build-result/v1'"),
        (["x:v1", "--smoke-seconds", "0"], "--smoke-seconds"),
    ],
)
def test_wrong_arguments_are_one_clear_message(arguments: list[str], words: str, tmp_path: Path) -> None:
    (tmp_path / "text.json").write_text("{")
    (tmp_path / "other.json").write_text('{"schema": "kfkit/audit/v1"}')
    done = verify(tmp_path, *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_run_starts_both_platforms(host: str, engine: str, tmp_path: Path) -> None:
    done = verify(tmp_path, f"{host}/command/run:v1", "--run", "--smoke", "/ok", "--timings", engine=engine)
    assert done.code == 0, done.out
    rows = [line.split() for line in done.out.splitlines() if line.startswith("  linux/")]
    assert {row[3] for row in rows} == {"natively", "emulated"}
    assert "timing starting:" in done.err


def test_ctrl_c_ends_it_at_once_and_leaves_nothing_on_the_engine(host: str, engine: str, tmp_path: Path) -> None:
    tmp_path.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "buildkit.cli", "build", "verify", f"{host}/command/run:v1", "--run"]
    environment = kfkit.environment(tmp_path) | {"DOCKER_HOST": engine}
    client = docker.DockerClient(base_url=engine, version="auto")
    with subprocess.Popen(
        [*command, "--smoke", "/hang"], env=environment, cwd=tmp_path, stdout=PIPE, stderr=PIPE, text=True
    ) as process:
        end = time.monotonic() + 20
        while len(client.containers.list()) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.strip()) == (130, "", "kfkit: interrupted")
    assert time.monotonic() - begin < 10
    assert (client.containers.list(all=True), client.images.list(all=True)) == ([], [])
    client.close()


def test_run_without_an_engine_is_three_and_no_pass(host: str, tmp_path: Path) -> None:
    done = verify(tmp_path, f"{host}/command/run:v1", "--run", "--smoke", "/ok")
    assert done.code == 3
    assert "not executed: no engine" in done.out
    assert "start Docker" in done.out


def test_run_without_a_smoke_command_is_three(host: str, engine: str, tmp_path: Path) -> None:
    done = verify(tmp_path, f"{host}/command/run:v1", "--run", engine=engine)
    assert done.code == 3
    assert "no smoke command is known" in done.out


@pytest.mark.parametrize(("tag", "code"), [("good:v1", 0), ("amd64:v1", 1), ("none:v1", 1)])
def test_an_audit_of_a_tree_with_the_tag_agrees(tag: str, code: int, host: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "example").mkdir(parents=True)
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "x"},
        "spec": {"containers": [{"name": "x", "image": f"{host}/command/{tag}"}]},
    }
    (tree / "example" / "pod.yaml").write_text(json.dumps(pod))
    (tree / "example" / "kustomization.yaml").write_text("resources: [pod.yaml]\n")
    audited = run_kfkit("audit", tree, "--format", "json", work=tmp_path)
    verified = verify(tmp_path, f"{host}/command/{tag}", "--format", "json")
    assert (audited.code, verified.code) == (code, code), audited.err + verified.err
    (image,) = audited.document()["images"]
    assert image.get("digest") == verified.document()["tags"][0].get("digest")


def test_help_says_what_the_columns_and_codes_mean(tmp_path: Path) -> None:
    done = verify(tmp_path, "--help")
    assert "what was not executed has not passed" in done.out
    assert "3 something could not be found out" in done.out
    listed = subprocess.run(
        [sys.executable, "-m", "buildkit.cli", "build", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "verify" in listed.stdout
