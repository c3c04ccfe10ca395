"""`charts.yml` and `charts-publish.yml` as another repository calls them, on a small tree with one specification."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from buildkit.edges.registry.client import open_registry
from buildkit.model.reference import parse_reference
from tests.integration.workflows.callers import Repository
from tests.integration.workflows.conftest import Surroundings
from tests.support.registry_process import run_registry
from tests.support.tools import ROOT, missing
from tests.support.workflow import WorkflowRun, read_workflow, run_workflow, step_name

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLER = "someone/platform"
CHECK, PUBLISH = (ROOT / ".github" / "workflows" / name for name in ("charts.yml", "charts-publish.yml"))
GUIDE = ROOT / "docs" / "how-to" / "publish-charts.md"
TOKEN = "a-token-of-the-callers"
SPEC = """chart:
  name: demo
  description: One workload.
  home: https://demo.example/
appVersion: quay.io/demo/app
component: deploy
namespace: demo
release: demo
profiles:
  plain: {path: deploy/plain}
default: plain
"""
TREE = {
    "charts/demo/spec.yaml": SPEC,
    "deploy/plain/kustomization.yaml": "namespace: demo\nresources: [app.yaml]\n",
    "deploy/plain/app.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
        - {name: app, image: "quay.io/demo/app:1.2.3"}
""",
}
INPUTS = {"manifests": ".", "specs": "charts"}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Runs the workflows for a repository."""

    surroundings: Surroundings
    repository: Repository
    registry: str

    def run(self, workflow: str = "charts.yml", *, event: str = "workflow_call", **inputs: Any) -> WorkflowRun:
        host = self.surroundings.host(today="2026-11-30", callers={CALLER: self.repository.folder}, belongs_to=CALLER)
        host = replace(host, secrets={"registry-token": TOKEN})
        asked = {**INPUTS, **{name.replace("_", "-"): value for name, value in inputs.items()}}
        return run_workflow(ROOT / ".github" / "workflows" / workflow, host, event=event, inputs=asked)

    def publish(self, **inputs: Any) -> WorkflowRun:
        return self.run("charts-publish.yml", registry=f"oci://{self.registry}/charts", **inputs)

    def digest(self) -> str | None:
        return open_registry().resolve(parse_reference(f"{self.registry}/charts/demo:1.2.3"))


@pytest.fixture
def caller(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    for name in ("helm", "helm3"):
        if not (ROOT / ".tools" / "bin" / name).exists():
            missing(f".tools/bin/{name} is not there: run `make tools`")
    work = tmp_path_factory.mktemp("charts-caller")
    repository = Repository(work / "repository")
    for path, text in TREE.items():
        repository.write(path, text)
    repository.begin = repository.write("README", "a platform\n")
    with run_registry(work / "registry") as registry:
        yield Caller(surroundings=surroundings, repository=repository, registry=registry.host)


def report(run: WorkflowRun, name: str) -> dict[str, Any]:
    (found,) = run.artifacts.rglob(name)
    document: dict[str, Any] = json.loads(found.read_text())
    return document


def test_charts_that_are_equal_are_green_with_their_table(caller: Caller) -> None:
    run = caller.run()
    job = run.job("check")
    assert job.result == "success", run.logs()
    assert "plain" in job.summary
    assert [one["differences"] for one in report(run, "report.json")["profiles"]] == [0]
    skipped = {step.name for step in job.steps if step.outcome == "skipped"}
    assert skipped == {"What changes in templates"}


def test_a_pull_request_is_told_what_it_changes_in_templates(caller: Caller) -> None:
    changed = TREE["deploy/plain/app.yaml"].replace("replicas: 1", "replicas: 1\n  minReadySeconds: 7")
    caller.repository.pull_request(("deploy/plain/app.yaml", changed))
    run = caller.run(event="pull_request")
    job = run.job("check")
    assert job.result == "success", run.logs()
    assert "+  minReadySeconds: 7" in job.summary
    assert "demo/templates/" in job.summary
    assert {step.outcome for step in job.steps} == {"success"}


def test_a_specification_that_is_wrong_is_red(caller: Caller) -> None:
    caller.repository.write("charts/demo/spec.yaml", SPEC + "imageNames: {quay.io/demo/gone: gone}\nwrong: 1\n")
    run = caller.run()
    assert run.job("check").result == "failure"
    assert "spec.yaml:13" in run.job("check").step("Check").log


def test_a_tree_that_does_not_render_is_red_and_its_report_is_kept(caller: Caller) -> None:
    caller.repository.write("deploy/plain/kustomization.yaml", "resources: [gone.yaml]\n")
    run = caller.run()
    job = run.job("check")
    assert (job.result, job.step("Keep the reports").outcome) == ("failure", "success"), run.logs()
    assert job.step("Result").code in {1, 3}
    assert "does not render" in job.summary
    assert list(run.artifacts.rglob("report.json"))


@pytest.mark.parametrize(
    "inputs", [{"manifests": "../x"}, {"specs": "/etc"}, {"charts": "a;b"}, {"charts": "$(id)"}], ids=str
)
def test_inputs_that_are_wrong_are_refused(caller: Caller, inputs: dict[str, str]) -> None:
    run = caller.run(**inputs)
    assert (run.job("plan").result, run.job("check").result) == ("failure", "skipped")
    assert "::error title=Wrong input::" in run.job("plan").step("Check the inputs").log


def test_charts_are_checked_packaged_published_and_signed_by_digest(caller: Caller) -> None:
    run = caller.publish()
    assert {job.result for job in run.jobs} == {"success"}, run.logs()
    digest = caller.digest()
    image = f"{caller.registry}/charts/demo"
    assert json.loads(run.job("publish").outputs["images"]) == [{"image": image, "digest": digest}]
    assert run.job("sign").step("Sign the chart").log == f"cosign sign --yes {image}@{digest}\n"
    assert run.job("sign").step("Attest the provenance of the chart").log == f"{image}@{digest}"
    logins = {step.log for job in run.jobs for step in job.steps if step.name == "Log in"}
    assert logins == {f"someone to {caller.registry}"}
    assert TOKEN not in run.logs()
    jobs = read_workflow(PUBLISH)["jobs"]
    steps = {(name, step_name(step)) for name, job in jobs.items() for step in job["steps"]}
    assert steps == run.taken()
    again = caller.publish()
    assert [one["state"] for one in report(again, "publish.json")["charts"]] == ["there"]
    caller.repository.write(
        "deploy/plain/app.yaml", TREE["deploy/plain/app.yaml"].replace("replicas: 1", "replicas: 2")
    )
    taken = caller.publish()
    assert (taken.job("publish").result, taken.job("sign").result) == ("failure", "skipped")
    assert "the tag stands for another archive" in taken.job("publish").summary
    assert caller.digest() == digest
    assert caller.publish(force=True).job("sign").result == "success"
    assert caller.digest() not in {None, digest}


def test_nothing_is_published_where_a_chart_is_not_as_it_should_be(caller: Caller) -> None:
    caller.repository.write(
        "charts/demo/spec.yaml", SPEC + "accepted: [{object: apps/Deployment/app, path: spec.gone, reason: stale}]\n"
    )
    run = caller.publish()
    assert [run.job(name).result for name in ("package", "publish", "sign")] == ["failure", "skipped", "skipped"]
    assert caller.digest() is None


def test_a_registry_that_needs_a_token_of_its_own_is_refused_before_anything_is_built(caller: Caller) -> None:
    run = caller.run("charts-publish.yml", registry="https://ghcr.io/x")
    assert run.job("package").step("The registry").code == 2
    assert "registry must be oci://" in run.job("package").step("The registry").log


def test_the_right_to_push_and_to_sign_is_with_the_jobs_that_do() -> None:
    assert all(set(job["permissions"].values()) == {"read"} for job in read_workflow(CHECK)["jobs"].values())
    rights = {name: set(job["permissions"]) for name, job in read_workflow(PUBLISH)["jobs"].items()}
    assert rights == {
        "package": {"contents"},
        "publish": {"contents", "packages"},
        "sign": {"attestations", "id-token", "packages"},
    }


@pytest.mark.parametrize(("workflow", "number"), [(CHECK, 0), (PUBLISH, 1)], ids=["check", "publish"])
def test_the_guide_calls_it_with_the_rights_that_it_needs(workflow: Any, number: int) -> None:
    text = GUIDE.read_text()
    snippet = yaml.safe_load(text.split("```yaml\n")[number + 1].partition("```")[0])
    (caller,) = snippet["jobs"].values()
    needed: dict[str, str] = {}
    for job in read_workflow(workflow)["jobs"].values():
        for right, level in job["permissions"].items():
            needed[right] = max(level, needed.get(right, "read"))
    inputs = read_workflow(workflow)["on"]["workflow_call"]["inputs"]
    assert caller["permissions"] == needed
    assert set(caller["with"]) <= set(inputs)
    assert all(f"`{name}`" in text for name in inputs)
