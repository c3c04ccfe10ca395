"""Which builder is taken or made, with a program on PATH that stands for buildx: no engine, no cluster is here."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.edges.engine import Engine
from buildkit.edges.registries_conf import RegistriesConf
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows import build_nodes, build_own_nodes
from buildkit.flows.build_nodes import open_builders
from buildkit.flows.build_scene import BUILDKIT_IMAGE, BuilderRequest, Builders
from buildkit.flows.watch import Watch
from buildkit.model.platform import Platform, parse_platform
from tests.support.fake_buildx import FakeBuildx, make_buildx

if TYPE_CHECKING:
    from pathlib import Path

AMD64, ARM64 = parse_platform("linux/amd64"), parse_platform("linux/arm64")
VERSION = {"words": ["version"], "out": "github.com/docker/buildx v0.37.2 abc\n"}
BOTH = ["linux/amd64", "linux/arm64"]
OPTIONS = f"image={BUILDKIT_IMAGE},env.BUILDKIT_STEP_LOG_MAX_SIZE=33554432,env.BUILDKIT_STEP_LOG_MAX_SPEED=8388608"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeBuildx:
    """Buildx by itself on PATH, on an amd64 machine that emulates nothing, with no engine, not as root."""
    found = make_buildx(tmp_path / "fake")
    monkeypatch.setattr("buildkit.edges.tools.checkout_tools", lambda: None)
    monkeypatch.setenv("PATH", str(found.path.parent))
    for name in ("BUILDX_BUILDER", "DOCKER_HOST", "BUILDX_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(build_nodes, "native_platform", lambda: AMD64)
    monkeypatch.setattr(build_nodes, "emulated_platforms", lambda: (ARM64,))
    monkeypatch.setattr(build_nodes, "ask_engine", no_engine)
    monkeypatch.setattr(build_own_nodes, "can_run", lambda: False)
    return found


def no_engine(*, seconds: float) -> Engine:
    raise UndeterminedError(f"no answer within {seconds:g} s")


def an_engine(*, seconds: float) -> Engine:
    del seconds
    return Engine(version="28.2.2", platform="linux/amd64", endpoint="unix:///x")


def listed(
    name: str, driver: str, *platforms: str, status: str = "running", endpoint: str = "default", current: bool = False
) -> str:
    node = {"Name": f"{name}0", "Endpoint": endpoint, "Status": status, "Version": "v0.33.1", "Platforms": platforms}
    return json.dumps({"Name": name, "Driver": driver, "Current": current, "Nodes": [node]}) + "\n"


def request(tmp_path: Path, *platforms: Platform, **facts: Any) -> BuilderRequest:
    return BuilderRequest(platforms=platforms or (AMD64, ARM64), cache=tmp_path, conf=RegistriesConf(), **facts)


def opened(wanted: BuilderRequest) -> tuple[Builders, list[str]]:
    told: list[str] = []
    with ExitStack() as stack:
        return open_builders(wanted, stack, Watch(tell=told.append)), told


def calls(fake: FakeBuildx, word: str) -> list[list[str]]:
    return [call for call in fake.calls() if call[0] == word]


ENGINES_OWN = listed("default", "docker", *BOTH, current=True)


def test_without_anything_every_way_says_why_it_is_none(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules(VERSION, {"words": ["ls"], "out": ENGINES_OWN})
    with pytest.raises(UndeterminedError) as error:
        opened(request(tmp_path))
    assert str(error.value) == (
        "no builder: current: it is default, the engine's own; docker-container: no answer within 3 s; "
        "local: our own buildkitd needs root on Linux"
    )
    assert "--node linux/arm64=tcp://HOST:1234" in error.value.hint


def test_without_buildx_that_is_said(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules({"words": ["version"], "out": "buildx 0.9.1"})
    with pytest.raises(UndeterminedError, match=r"no buildx >= 0\.30"):
        opened(request(tmp_path))


def test_the_current_builder_is_taken_where_it_covers_the_platforms(fake: FakeBuildx, tmp_path: Path) -> None:
    ls = listed("ci", "docker-container", *BOTH, current=True) + ENGINES_OWN.replace("true", "false")
    fake.rules(VERSION, {"words": ["ls"], "out": ls})
    found, _ = opened(request(tmp_path))
    assert found.said == "the current builder ci (docker-container 0.33.1)"
    assert [(str(one.platform), one.builder, one.way) for one in found.nodes] == [
        ("linux/amd64", "ci", "native"),
        ("linux/arm64", "ci", "emulated"),
    ]
    assert found.node(ARM64) is found.nodes[1]
    assert len(calls(fake, "version")) == 1  # found out once


def test_buildx_builder_names_the_current_one(
    fake: FakeBuildx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDX_BUILDER", "mine")
    fake.rules(VERSION, {"words": ["ls"], "out": ENGINES_OWN + listed("mine", "remote", *BOTH, endpoint="unix:///x")})
    assert opened(request(tmp_path))[0].said == "the current builder mine (remote 0.33.1)"


@pytest.mark.parametrize("driver", ["docker-container", "kubernetes"])
def test_a_builder_that_sleeps_is_started(fake: FakeBuildx, tmp_path: Path, driver: str) -> None:
    asleep = listed("ci", driver, status="inactive", current=True)
    fake.rules(
        VERSION, {"words": ["ls"], "out": asleep, "times": 1}, {"words": ["ls"], "out": listed("ci", driver, *BOTH)}
    )
    found, _ = opened(request(tmp_path, builder="ci"))
    assert ["inspect", "--bootstrap", "ci"] in fake.calls()
    assert found.said == f"the named builder ci ({driver} 0.33.1)"


def test_a_named_builder_that_is_none_is_a_wrong_argument(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules(VERSION, {"words": ["ls"], "out": ENGINES_OWN})
    with pytest.raises(UsageError, match="no builder 'ci'; there are: default"):
        opened(request(tmp_path, builder="ci"))


def test_a_named_builder_that_does_not_cover_is_a_wrong_argument_one_that_sleeps_is_not(
    fake: FakeBuildx, tmp_path: Path
) -> None:
    fake.rules(VERSION, {"words": ["ls"], "out": listed("ci", "remote", "linux/amd64", endpoint="tcp://far:1")})
    with pytest.raises(UsageError, match="ci does not build linux/arm64, only linux/amd64"):
        opened(request(tmp_path, builder="ci"))
    fake.rules(VERSION, {"words": ["ls"], "out": listed("ci", "remote", status="inactive", endpoint="tcp://far:1")})
    with pytest.raises(UndeterminedError, match="ci does not run"):
        opened(request(tmp_path, builder="ci"))


def test_a_container_is_made_once_and_stays(fake: FakeBuildx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_nodes, "ask_engine", an_engine)
    ours = listed("kfkit", "docker-container", *BOTH)
    create = {"words": ["create"], "out": "kfkit\n"}
    # The first two lists are before it is made: of the current builder, and of those that are there.
    fake.rules(
        VERSION, create, {"words": ["ls"], "out": ENGINES_OWN, "times": 2}, {"words": ["ls"], "out": ENGINES_OWN + ours}
    )
    found, _ = opened(request(tmp_path))
    assert found.said == "a container of engine 28.2.2, kfkit (docker-container 0.33.1)"
    assert calls(fake, "create") == [
        ["create", "--driver", "docker-container", "--driver-opt", OPTIONS, "--name", "kfkit"]
    ]
    assert ["inspect", "--bootstrap", "kfkit"] in fake.calls()
    again, _ = opened(request(tmp_path))
    assert again == found
    assert len(calls(fake, "create")) == 1
    assert calls(fake, "rm") == []


def test_a_container_that_pushes_to_this_machine_shares_its_network(
    fake: FakeBuildx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_nodes, "ask_engine", an_engine)
    create = {"words": ["create"], "out": "kfkit-host\n"}
    ours = listed("kfkit-host", "docker-container", *BOTH)
    fake.rules(VERSION, create, {"words": ["ls"], "out": ENGINES_OWN, "times": 1}, {"words": ["ls"], "out": ours})
    opened(request(tmp_path, driver="docker-container", loopback=True))
    (call,) = calls(fake, "create")
    assert f"{OPTIONS},network=host" in call


def test_a_container_that_does_not_start_is_told_and_removed(
    fake: FakeBuildx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_nodes, "ask_engine", an_engine)
    fake.rules(
        VERSION,
        {"words": ["create"], "out": "kfkit\n"},
        {"words": ["--bootstrap"], "code": 1, "err": "ERROR: no such image\n"},
        {"words": ["ls"], "out": ENGINES_OWN, "times": 2},
        {"words": ["ls"], "out": listed("kfkit", "docker-container", *BOTH)},
    )
    with pytest.raises(UndeterminedError, match=r"docker-container: buildx failed with exit 1: ERROR: no such image"):
        opened(request(tmp_path))
    assert calls(fake, "rm") == [["rm", "kfkit"]]


@pytest.mark.parametrize("out", ["", "other\n"])
def test_a_builder_that_is_not_there_after_it_was_made_is_no_bug_of_ours(
    fake: FakeBuildx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.setattr(build_nodes, "ask_engine", an_engine)
    fake.rules(VERSION, {"words": ["create"], "out": out}, {"words": ["ls"], "out": ENGINES_OWN})
    with pytest.raises(UndeterminedError, match="kfkit was made and is not there"):
        opened(request(tmp_path, driver="docker-container"))


def test_a_builder_that_buildx_refuses_to_make_is_told(
    fake: FakeBuildx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_nodes, "ask_engine", an_engine)
    refusal = {"words": ["create"], "code": 1, "err": "ERROR: https://me:s3cret@host is no endpoint\n"}
    fake.rules(VERSION, refusal, {"words": ["ls"], "out": ENGINES_OWN})
    with pytest.raises(UndeterminedError, match="builder kfkit could not be made: ERROR: ") as error:
        opened(request(tmp_path, driver="docker-container"))
    assert "s3cret" not in str(error.value)


def test_a_cluster_has_a_pod_for_each_platform_that_is_gone_with_the_run(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules(VERSION, {"words": ["create", "amd64"], "out": "x\n"}, {"words": ["create"], "out": "y\n"}, PODS)
    found, _ = opened(request(tmp_path, driver="kubernetes"))
    made = calls(fake, "create")
    names = [call[-1] for call in made]
    assert len(set(names)) == 2
    for call, architecture in zip(made, ("amd64", "arm64"), strict=True):
        assert call[:-2] == [
            *("create", "--platform", f"linux/{architecture}", "--driver", "kubernetes", "--driver-opt"),
            f"{OPTIONS},nodeselector=kubernetes.io/arch={architecture}",
        ]
    assert sorted(call[-1] for call in fake.calls() if "--bootstrap" in call) == sorted(names)
    assert [call[1] for call in calls(fake, "rm")] == names[::-1]
    assert [(one.way, one.reason, one.runs) for one in found.nodes] == [("native", "the pod's node selector", True)] * 2
    assert len({one.endpoint for one in found.nodes}) == 2  # they build beside each other
    configs = {environment.get("BUILDX_CONFIG") for environment in fake.environments()[1:]}
    assert len(configs) == 1
    assert None not in configs


PODS = {"words": ["ls"], "out": listed("x", "kubernetes") + listed("y", "kubernetes")}


def test_a_pod_that_does_not_start_takes_the_others_with_it(fake: FakeBuildx, tmp_path: Path) -> None:
    broken = {"words": ["--bootstrap"], "code": 1, "err": "ERROR: no nodes match\n"}
    fake.rules(VERSION, {"words": ["create"], "out": "x\n"}, broken, PODS)
    with pytest.raises(UndeterminedError, match="no nodes match"):
        opened(request(tmp_path, driver="kubernetes"))
    assert len(calls(fake, "rm")) == 2


def test_a_pod_that_stays_is_told_and_fails_nothing(fake: FakeBuildx, tmp_path: Path) -> None:
    gone = {"words": ["rm kfkit-"], "code": 1, "err": "ERROR: the cluster is away\n"}
    fake.rules(VERSION, {"words": ["create"], "out": "x\n"}, gone, PODS)
    _, told = opened(request(tmp_path, ARM64, driver="kubernetes"))
    assert told == ["a pod is left in the cluster: buildx failed with exit 1: ERROR: the cluster is away"]


def test_one_platform_has_one_endpoint(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules(VERSION)
    nodes = ((ARM64, "tcp://a:1"), (ARM64, "tcp://b:1"))
    with pytest.raises(UsageError, match="linux/arm64 has two endpoints, tcp://a:1 and tcp://b:1"):
        opened(request(tmp_path, ARM64, nodes=nodes))


def test_one_endpoint_of_two_platforms_is_one_builder(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules(VERSION)
    nodes = ((AMD64, "unix:///x"), (ARM64, "unix:///x"))
    with pytest.raises(UndeterminedError, match="no BuildKit for linux/amd64 answers at unix:///x: no answer"):
        opened(request(tmp_path, nodes=nodes))
    (call,) = calls(fake, "create")
    assert call[3:] == ["--driver", "remote", "unix:///x"]


def test_native_only_refuses_what_is_emulated_or_unknown(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules(VERSION, {"words": ["ls"], "out": listed("ci", "remote", *BOTH, endpoint="tcp://far:1")})
    with pytest.raises(UsageError) as error:
        opened(request(tmp_path, builder="ci", native_only=True))
    assert str(error.value) == (
        "--native-only: linux/amd64 would be unknown (the node is elsewhere and nothing declares it); "
        "linux/arm64 would be unknown (the node is elsewhere and nothing declares it)"
    )
    declared = "Name: ci\nDriver: remote\n\nNodes:\nName: ci0\nPlatforms: linux/arm64*, linux/amd64*\n"
    fake.rules(
        VERSION,
        {"words": ["inspect"], "out": declared},
        {"words": ["ls"], "out": listed("ci", "remote", "linux/arm64", "linux/amd64", endpoint="tcp://far:1")},
    )
    found, _ = opened(request(tmp_path, ARM64, builder="ci", native_only=True))
    assert found.nodes[0].way == "native"
