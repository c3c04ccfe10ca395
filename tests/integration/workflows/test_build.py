"""`build-multiarch.yml` as another repository calls it: every platform is built and started, or there is no tag."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from examples.bases import push_base
from tests.integration.workflows.releases import (
    CALLER,
    FOREIGN,
    HOST,
    NATIVE,
    TOKEN,
    WORKFLOW,
    Place,
    Releases,
    built,
    report,
)
from tests.support.binfmt import provide_emulation
from tests.support.engine_process import run_engine
from tests.support.mirror import write_registries_conf
from tests.support.registry_process import run_registry
from tests.support.tools import ROOT, missing
from tests.support.workflow import read_workflow, step_name
from tests.support.workflow_actions import upload_artifact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.workflows.conftest import Surroundings
    from tests.support.workflow import Call, WorkflowRun

GUIDE = ROOT / "docs" / "how-to" / "release-with-github-actions.md"
NAMES = ("app:1.0", "tool:1.0", "lone:1.0")


@pytest.fixture(scope="module")
def place(surroundings: Surroundings) -> Iterator[Place]:
    """A registry with the base images, emulation, and an engine; the builder is kfkit's own, which knows mirrors."""
    if not (ROOT / ".tools" / "bin" / "buildx").exists():
        missing(".tools/bin/buildx is not there: run `make tools`")
    provide_emulation()
    work = surroundings.work / "releases"
    with run_registry(work / "registry") as registry, run_engine(work / "dockerd.log") as engine:
        push_base(registry.host, f"{HOST}/")
        write_registries_conf(work / "registries.conf", registry.host, [HOST])
        env = {
            "DOCKER_HOST": engine,
            "KFKIT_DRIVER": "local",
            "KFKIT_REGISTRIES_CONF": str(work / "registries.conf"),
        }
        yield Place(surroundings=surroundings, registry=registry.host, env=env)


@pytest.fixture(scope="module")
def new(place: Place) -> Callable[[], Releases]:
    """Make a caller's repository that pushes beside the others."""
    numbers = iter(range(100))
    return lambda: Releases(place, place.surroundings.work / f"release-{next(numbers)}")


@pytest.fixture(scope="module")
def releases(new: Callable[[], Releases]) -> Releases:
    return new()


@pytest.fixture(scope="module")
def green(releases: Releases) -> WorkflowRun:
    return releases.run()


def tagged(releases: Releases) -> list[str]:
    return [name for name in NAMES if releases.digest(name)]


def test_every_component_is_tagged_when_every_platform_is_proven(green: WorkflowRun, releases: Releases) -> None:
    assert {job.result for job in green.jobs} == {"success"}, green.logs()
    assert tagged(releases) == list(NAMES)
    images = json.loads(green.job("merge").outputs["images"])
    assert images == [
        {"image": f"{releases.prefix}/{name}", "digest": releases.digest(f"{name}:1.0")}
        for name in ("app", "lone", "tool")
    ]


def test_each_platform_has_a_job_and_what_is_built_on_another_shares_it(green: WorkflowRun) -> None:
    jobs = {(job.matrix["components"], job.matrix["platform"]) for job in green.jobs if job.id == "build"}
    assert jobs == {("app tool", NATIVE), ("app tool", FOREIGN), ("lone", NATIVE)}
    runners = {job.matrix["platform"]: job.matrix["runner"] for job in green.jobs if job.id == "build"}
    assert runners == {"linux/amd64": "ubuntu-24.04", "linux/arm64": "ubuntu-24.04-arm"}


def test_built_indexed_and_executed_are_told_apart_and_all_are_yes(green: WorkflowRun) -> None:
    document = report(green, "verify.json")
    assert document["result"] == "ok"
    rows = {
        (tag["name"].rpartition("/")[2], row["platform"]): (row["built"], row["indexed"], row["executed"])
        for tag in document["tags"]
        for row in tag["platforms"]
    }
    ways = {NATIVE: "natively", FOREIGN: "emulated"}
    both = {(name, platform): ("yes", "yes", way) for name in NAMES[:2] for platform, way in ways.items()}
    assert rows == {**both, ("lone:1.0", NATIVE): ("yes", "yes", "natively")}
    assert "| Built | Indexed | Executed |" in green.job("merge").summary


@pytest.mark.usefixtures("green")
def test_each_platform_keeps_its_layers_beside_the_image(releases: Releases) -> None:
    caches = {releases.digest(f"app:buildcache-{platform.replace('/', '-')}") for platform in (NATIVE, FOREIGN)}
    assert None not in caches
    assert len(caches) == 2


def test_the_index_is_attested_and_signed_and_nothing_else(green: WorkflowRun, releases: Releases) -> None:
    for job in (job for job in green.jobs if job.id == "sign"):
        index = f"{job.matrix['image']}@{job.matrix['digest']}"
        name = job.matrix["image"].rpartition("/")[2]
        assert job.matrix["digest"] == releases.digest(f"{name}:1.0")
        assert job.step("Attest the provenance of the index").log == index
        assert job.step("Sign the index").log == f"cosign sign --yes {index}\n"
    assert sum(job.id == "sign" for job in green.jobs) == 3


def test_who_pushes_logs_in_to_the_one_registry_and_no_credential_is_seen(green: WorkflowRun, place: Place) -> None:
    logins = [step.log for job in green.jobs for step in job.steps if step.name == "Log in"]
    assert set(logins) == {f"someone to {place.registry}"}
    assert len(logins) == 3 + 1 + 3
    assert TOKEN not in green.logs()
    assert "token-" not in green.logs()


def test_every_step_was_run_but_the_emulators(green: WorkflowRun) -> None:
    jobs = read_workflow(WORKFLOW)["jobs"]
    steps = {(name, step_name(step)) for name, job in jobs.items() for step in job["steps"]}
    assert steps - green.taken() == {("build", "Install an emulator")}


@pytest.mark.usefixtures("green")
def test_a_tag_that_is_there_is_not_moved_unless_it_is_asked_for(releases: Releases) -> None:
    before = releases.digest("lone:1.0")
    again = releases.run(components="lone")
    assert (built(again, "lone", NATIVE).result, again.job("merge").result) == ("failure", "skipped")
    assert "is not moved without --force" in built(again, "lone", NATIVE).summary
    assert releases.digest("lone:1.0") == before
    forced = releases.run(components="lone", force=True)
    assert forced.job("merge").result == "success", forced.logs()
    assert releases.digest("lone:1.0") not in {None, before}


def test_a_platform_that_its_runner_would_emulate_fails_and_leaves_no_tag(new: Callable[[], Releases]) -> None:
    releases = new()
    run = releases.run(native=True)
    assert built(run, "app tool", NATIVE).result == "success", run.logs()
    red = built(run, "app tool", FOREIGN)
    assert (red.result, red.step("Result").code) == ("failure", 2)
    assert f"--native-only: {FOREIGN} would be emulated" in red.step("Build").log
    assert {run.job("merge").result, run.job("sign").result} == {"skipped"}
    assert tagged(releases) == []


def test_one_that_does_not_start_leaves_no_tag_and_its_lines_in_the_summary(new: Callable[[], Releases]) -> None:
    releases = new()
    releases.write({"app/check": "echo '```'; echo '::error::from the image'; exit 1\n"})
    run = releases.run()
    job = built(run, "app tool", NATIVE)
    assert (job.result, job.step("Result").code) == ("failure", 1), run.logs()
    assert "it does not start: exit 1" in job.summary
    quoted = [line for line in job.summary.splitlines() if "from the image" in line or "```" in line]
    assert quoted
    assert all(line.startswith("    ") for line in quoted), "a line of the image's is text, not Markdown"
    assert run.job("merge").result == "skipped"
    assert tagged(releases) == []
    kept = {path.name for path in run.artifacts.rglob("*.log")}
    assert f"app.{NATIVE.replace('/', '-')}.log" in kept


def test_nothing_is_started_where_nobody_asks(new: Callable[[], Releases]) -> None:
    releases = new()
    releases.write({"app/check": "exit 1\n"})
    run = releases.run(run=False, components="app", sign=False)
    assert run.job("merge").result == "success", run.logs()
    assert run.job("sign").result == "skipped"
    executed = {row["executed"] for tag in report(run, "verify.json")["tags"] for row in tag["platforms"]}
    assert executed == {"not-executed"}
    assert tagged(releases) == ["app:1.0"]


def test_a_result_that_is_lost_leaves_no_tag(new: Callable[[], Releases]) -> None:
    def lose(call: Call) -> None:
        if call.inputs["name"].endswith(FOREIGN.replace("/", "-")):
            shutil.rmtree(call.workspace / call.inputs["path"])
            (call.workspace / call.inputs["path"]).mkdir()
        upload_artifact(call)

    releases = new()
    run = releases.run(actions={"actions/upload-artifact": lose}, components="app")
    assert (run.job("merge").result, run.job("merge").step("Merge").code) == ("failure", 2), run.logs()
    assert f"no result of {FOREIGN}" in run.job("merge").step("Merge").log
    assert run.job("sign").result == "skipped"
    assert tagged(releases) == []


def test_kubeflows_own_catalogue_builds_the_repository_that_the_caller_is(new: Callable[[], Releases]) -> None:
    releases = new()
    releases.write({"cmd/db-manager/v1beta1/Dockerfile": f"FROM {HOST}/build/base:1\nRUN uname -m > /machine\n"})
    run = releases.run(catalogue="", source="kubeflow/katib", components="katib-db-manager", run=False)
    assert run.job("merge").result == "success", run.logs()
    assert releases.digest("kubeflow/katib/katib-db-manager:1.0")


@pytest.mark.parametrize(
    "asked",
    [
        {"version": "1.0 x"},
        {"version": "-1"},
        {"version": "a/b"},
        {"catalogue": "../builds.yaml"},
        {"catalogue": "/etc/passwd"},
        {"catalogue": "--help"},
        {"catalogue": ""},
        {"cache": "gha"},
    ],
)
def test_a_wrong_input_is_refused_at_the_first_step(releases: Releases, asked: dict[str, Any]) -> None:
    run = releases.run(**asked)
    job = run.job("plan")
    assert (job.result, job.step("Check the inputs").code) == ("failure", 2), run.logs()
    assert {step.outcome for step in job.steps[1:]} == {"skipped"}
    assert {other.result for other in run.jobs[1:]} == {"skipped"}


@pytest.mark.parametrize("name", ["version", "catalogue", "components", "source", "registry"])
def test_an_input_is_never_a_command(releases: Releases, name: str) -> None:
    evil = 'x"; touch pwned; $(touch pwned) `touch pwned` ${{ github.token }} #'
    asked: dict[str, Any] = {name: evil}
    run = releases.run(**asked)
    job = run.job("plan")
    assert job.result == "failure"
    assert list(job.workspace.rglob("pwned")) == []
    assert "token-" not in run.logs()


def test_githubs_token_is_told_to_no_other_registry(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "secrets", {})
    run = releases.run()
    assert run.job("plan").step("Jobs").code == 2
    assert "needs the secret registry-token" in run.job("plan").step("Jobs").log
    assert {other.result for other in run.jobs[1:]} == {"skipped"}


def test_rights_are_where_they_are_used_and_nowhere_else() -> None:
    document = read_workflow(WORKFLOW)
    assert document["permissions"] == {}
    assert {name: job["permissions"] for name, job in document["jobs"].items()} == {
        "plan": {"contents": "read"},
        "build": {"contents": "read", "packages": "write"},
        "merge": {"contents": "read", "packages": "write"},
        "sign": {"attestations": "write", "id-token": "write", "packages": "write"},
    }
    assert not [step for step in document["jobs"]["sign"]["steps"] if "checkout" in step.get("uses", "")]


def test_the_caller_in_the_documentation_fits() -> None:
    text = GUIDE.read_text()
    caller = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])["jobs"]["release"]
    called = read_workflow(WORKFLOW)
    trigger = called["on"]["workflow_call"]
    assert set(caller["with"]) <= set(trigger["inputs"])
    assert {name for name, one in trigger["inputs"].items() if one.get("required")} <= set(caller["with"])
    for job in called["jobs"].values():
        assert job["permissions"].items() <= caller["permissions"].items()
    for name in (*trigger["inputs"], *trigger["secrets"]):
        assert f"`{name}`" in text
    assert CALLER not in text
