"""What users of arm64 nodes reported, held on the release they reported it of, with the registries imitated.

Kubeflow v1.11.0. Known platforms are those of platforms.yaml; changed here: the executor image and Katib's release have
amd64 alone. Of Pipelines there are newer tags, as published: 2.16 with amd64 alone, 2.17 with both, but for two images
(kubeflow/pipelines#13957).
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulation.platforms import Fact, Facts, read_facts
from tests.simulation.simulate import Simulation, simulated
from tests.support.fault_proxy import Reply, run_faults
from tests.support.kfkit import share_renders
from tests.support.mirror import hosts_of, write_registries_conf
from tests.support.push import Image, index
from tests.support.tools import release, remotes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.kfkit import Run
    from tests.support.push import Shape

pytestmark = [pytest.mark.integration, pytest.mark.release]

AMD64, ARM64 = "linux/amd64", "linux/arm64"
EXECUTOR = "quay.io/argoproj/argoexec:v3.7.3"
METADATA_STORE = "gcr.io/tfx-oss-public/ml_metadata_store_server"
# The workloads of kubeflow/pipelines#12705, and the image of each.
WORKLOADS = {
    "cache-server": "kfp-cache-server",
    "metadata-envoy-deployment": "kfp-metadata-envoy",
    "metadata-grpc-deployment": "ml_metadata_store_server",
    "metadata-writer": "kfp-metadata-writer",
    "ml-pipeline": "kfp-api-server",
    "ml-pipeline-persistenceagent": "kfp-persistence-agent",
    "ml-pipeline-scheduledworkflow": "kfp-scheduled-workflow-controller",
    "ml-pipeline-ui": "kfp-frontend",
    "ml-pipeline-viewer-crd": "kfp-viewer-crd-controller",
    "ml-pipeline-visualizationserver": "kfp-visualization-server",
}
NEVER_ON_ARM64 = {"kfp-metadata-writer", "ml_metadata_store_server"}
KATIB = "ghcr.io/kubeflow/katib/"


def newer_tags() -> dict[str, Shape]:
    """What the registries hold beside the release."""
    tags: dict[str, Shape] = {}
    for name in {*WORKLOADS.values()} - {"ml_metadata_store_server"}:
        image = f"ghcr.io/kubeflow/{name}"
        for tag in ("2.14.0", "2.16.0", "2.16.1"):
            tags[f"{image}:{tag}"] = index(AMD64, salt=f"{image}:{tag}", attested=True)
        both = (AMD64,) if name in NEVER_ON_ARM64 else (AMD64, ARM64)
        for tag in ("2.17.0", "2.17.1", "latest"):
            tags[f"{image}:{tag}"] = index(*both, salt=f"{image}:{tag}", attested=True)
    for tag in ("1.12.0", "1.13.1", "1.15.0"):
        tags[f"{METADATA_STORE}:{tag}"] = Image(platform=AMD64, salt=f"mlmd{tag}", docker=True)
    return tags


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory, renders: Path) -> Iterator[Simulation]:
    work = tmp_path_factory.mktemp("scenarios")
    share_renders(work / "cache", renders)
    known = read_facts()
    only_amd64 = Fact(platforms=(AMD64,), source="the scenario")
    changed = {name: only_amd64 for name in known.by_image if name.startswith(KATIB)} | {EXECUTOR: only_amd64}
    facts = Facts(required=known.required, by_image={**known.by_image, **changed})
    beta = {
        name.replace("v0.19.0", "v0.19.0-rc.1"): index(AMD64, ARM64, salt=f"beta{name}")
        for name in known.by_image
        if name.startswith(KATIB)
    }
    with simulated(release("v1.11.0"), remotes(), facts, work, {**newer_tags(), **beta}) as made:
        yield made


@pytest.fixture(scope="module")
def report(simulation: Simulation) -> dict[str, Any]:
    run = simulation.audit("--format", "json")
    assert run.code == 1
    return run.document()


def by_subject(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {finding["subject"]: finding for finding in report["findings"]}


@pytest.mark.parametrize("workload", sorted(WORKLOADS))
def test_each_workload_of_the_pipelines_issue_is_listed_with_file_line_and_what_to_do(
    workload: str, simulation: Simulation, report: dict[str, Any]
) -> None:
    """kubeflow/pipelines#12705."""
    name = WORKLOADS[workload]
    findings = [one for one in report["findings"] if f"/{name}:" in one["subject"]]
    places = [
        place
        for one in findings
        for place in one["places"]
        if place.get("object") == f"apps/v1/Deployment/kubeflow/{workload}" and "example" in place["kustomizations"]
    ]
    assert {one["rule"] for one in findings} == {"missing"}
    assert {one["level"] for one in findings} == {"error"}
    assert places
    tag = findings[0]["subject"].rpartition(":")[2]
    for place in places:
        lines = (simulation.work / simulation.tree / place["file"]).read_text().splitlines()
        assert tag in lines[place["line"] - 1]
        assert place["component"] == "Kubeflow Pipelines"
        assert place["owner"]["repository"] == "kubeflow/pipelines"
        assert place["upstream"] == {
            "repository": "kubeflow/pipelines",
            "path": "manifests/kustomize/" + place["file"].partition("/upstream/")[2],
        }
    if name not in NEVER_ON_ARM64:
        assert f"Use ghcr.io/kubeflow/{name}:2.17.0: " in findings[0]["fix"]


def test_no_tag_of_the_metadata_store_helps_and_it_says_what_does(report: dict[str, Any]) -> None:
    (image,) = (one for one in report["images"] if METADATA_STORE in one["name"])
    assert "name" not in image["suggestion"]
    assert image["suggestion"]["newer"] == image["suggestion"]["asked"] == 1
    assert image["suggestion"]["replacement"]["source"].startswith("https://github.com/kubeflow/pipelines/")
    assert image["on_arm64"]["outcome"] == "fails"
    assert image["on_arm64"]["source"].startswith("https://")
    fix = by_subject(report)[image["name"]]["fix"]
    assert image["suggestion"]["replacement"]["text"] in fix


def test_the_metadata_writer_gets_no_tag_that_has_not_got_it(report: dict[str, Any]) -> None:
    (image,) = (one for one in report["images"] if "kfp-metadata-writer" in one["name"] and one["default_install"])
    assert "name" not in image["suggestion"]
    assert image["suggestion"]["asked"] >= 4
    assert image["on_arm64"] == {"outcome": "emulated", "error": "exec format error"}


def test_an_executor_image_that_stands_only_in_an_argument_is_found(report: dict[str, Any]) -> None:
    """kubeflow/community-distribution#1889."""
    finding = by_subject(report)[EXECUTOR]
    assert finding["rule"] == "missing"
    assert [place["object"] for place in finding["places"] if "example" in place["kustomizations"]] == [
        "apps/v1/Deployment/kubeflow/workflow-controller"
    ]
    (image,) = (one for one in report["images"] if one["name"] == EXECUTOR)
    assert {use["how"] for use in image["uses"] if not use["sample"]} == {"argument"}


@pytest.fixture(scope="module")
def since_the_beta(simulation: Simulation) -> Run:
    """The release against the tree of its beta, whose Katib images are `v0.19.0-rc.1`."""
    beta = simulation.work / "v1.11.0-beta"
    shutil.copytree(simulation.work / simulation.tree, beta)
    for path in (beta / "applications" / "katib").rglob("*.yaml"):
        text = path.read_text()
        if "v0.19.0" in text:
            path.unlink()  # it may be a hard link into the release
            path.write_text(text.replace("v0.19.0", "v0.19.0-rc.1"))
    return simulation.audit("--against", "v1.11.0-beta", "--format", "json")


def test_a_beta_that_has_arm64_and_a_release_that_has_not_is_a_regression(since_the_beta: Run) -> None:
    """kubeflow/katib#1941."""
    document = since_the_beta.document()
    changes = {
        image["name"]: image["change"]
        for image in document["images"]
        if image["default_install"] and image["name"].startswith(KATIB)
    }
    assert since_the_beta.code == 1
    assert document["compared"] == {"against": "v1.11.0-beta", "gone": []}
    assert f"{KATIB}katib-controller:v0.19.0" in changes
    assert changes == {
        name: {"kind": "regressed", "was": name.replace("v0.19.0", "v0.19.0-rc.1"), "platforms": [ARM64]}
        for name in changes
    }
    findings = by_subject(document)
    assert all(findings[name]["message"].startswith("regressed: ") for name in changes)
    assert [one["subject"] for one in document["findings"][: len(changes)]] == sorted(changes)


def test_what_the_beta_lacked_too_is_known_and_fails_nothing(since_the_beta: Run) -> None:
    statuses = {
        image["status"]
        for image in since_the_beta.document()["images"]
        if image["name"].startswith(("ghcr.io/kubeflow/kfp-", METADATA_STORE)) and image["verdict"] == "missing"
    }
    assert statuses == {"known", "not-counted"}


def test_a_registry_that_answers_429_for_ten_minutes_makes_images_unknown_and_none_missing(
    simulation: Simulation,
) -> None:
    busy = Reply(status=429, headers={"Retry-After": "600"}, body=b'{"errors":[{"code":"TOOMANYREQUESTS"}]}')
    with run_faults([lambda _request: busy], upstream=simulation.host) as faults:
        conf = simulation.work / "busy.conf"
        write_registries_conf(conf, faults.host, hosts_of(simulation.images))
        run = simulation.audit("--format", "json", "--registries-conf", conf, "--timings")
        whole = run.document()
        known = {one["name"] for one in whole["images"] if one["verdict"] != "unknown"}
    assert run.code == 3
    assert whole["result"] == "undetermined"
    assert known == set()
    assert {one["rule"] for one in whole["findings"]} == {"unknown"}
    assert all("suggestion" not in image for image in whole["images"])


def test_one_busy_registry_of_several_hides_no_other_ones_problems(simulation: Simulation) -> None:
    busy = Reply(status=429, headers={"Retry-After": "600"})
    with run_faults([lambda _request: busy]) as faults:
        conf = simulation.work / "busy-ghcr.conf"
        others = [host for host in hosts_of(simulation.images) if host != "ghcr.io"]
        write_registries_conf(conf, simulation.host, others)
        extra = simulation.work / "ghcr.conf"
        write_registries_conf(extra, faults.host, ["ghcr.io"])
        conf.write_text(conf.read_text() + "\n" + extra.read_text())
        run = simulation.audit("--format", "json", "--registries-conf", conf)
    verdicts = {one["name"]: one["verdict"] for one in run.document()["images"]}
    assert run.code == 1
    assert {verdict for name, verdict in verdicts.items() if name.startswith("ghcr.io/")} == {"unknown"}
    assert "unknown" not in {verdict for name, verdict in verdicts.items() if not name.startswith("ghcr.io/")}
