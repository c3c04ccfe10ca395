"""Which node of a builder builds a platform, and how its RUN steps run there."""

from __future__ import annotations

import pytest

from buildkit.builds.nodes import BuilderError, ChosenNode, Machine, choose_nodes, judge_node
from buildkit.model.nodes import FoundBuilder, FoundNode
from buildkit.model.platform import Platform, parse_platform

AMD64, ARM64, ARMV7 = map(parse_platform, ("linux/amd64", "linux/arm64", "linux/arm/v7"))
MACHINE = Machine(native=AMD64, emulated=(ARM64,))


def node(name: str, *platforms: Platform, local: bool = True, status: str = "running", problem: str = "") -> FoundNode:
    endpoint = f"unix:///{name}" if local else f"tcp://{name}:1"
    return FoundNode(
        name=name, endpoint=endpoint, local=local, status=status, problem=problem, platforms=tuple(platforms)
    )


def builder(*nodes: FoundNode, problem: str = "") -> FoundBuilder:
    return FoundBuilder(
        name="b",
        driver="remote",
        current=True,
        local=all(one.local for one in nodes),
        status="running",
        version="0.33.1",
        problem=problem,
        platforms=(),
        nodes=nodes,
    )


def choose(
    found: FoundBuilder, *platforms: Platform, declared: dict[str, list[Platform]] | None = None
) -> tuple[ChosenNode, ...]:
    return choose_nodes(found, platforms, declared or {}, MACHINE)


def test_a_local_node_runs_its_own_platform_natively_and_the_kernels_others_emulated() -> None:
    amd64, arm64 = choose(builder(node("a", AMD64, ARM64)), AMD64, ARM64)
    assert (amd64.way, amd64.runs, amd64.reason) == ("native", True, "this machine's own platform")
    assert (arm64.way, arm64.runs, arm64.reason) == ("emulated", True, "by this machine's binfmt_misc")
    assert (arm64.endpoint, arm64.builder) == ("unix:///a", "b")


def test_a_local_node_builds_what_it_does_not_list_and_nobody_can_tell_how_its_steps_would_run() -> None:
    """A Dockerfile that cross-compiles needs no emulator; BuildKit may bring one, too."""
    (found,) = choose(builder(node("a", AMD64)), ARMV7)
    assert (found.way, found.runs) == ("unknown", None)
    assert "no emulator" in found.reason


def test_in_a_virtual_machine_with_another_kernel_the_builders_list_is_what_is_known() -> None:
    machine = Machine(native=ARM64, kernel_known=False)
    (listed,) = choose_nodes(builder(node("a", ARM64, AMD64)), [AMD64], {}, machine)
    assert (listed.way, listed.reason) == ("emulated", "the builder's virtual machine lists it")
    (other,) = choose_nodes(builder(node("a", ARM64)), [AMD64], {}, machine)
    assert other.way == "unknown"


def test_a_node_elsewhere_is_believed_what_it_is_declared_to_be() -> None:
    found = node("a", ARM64, local=False)
    assert judge_node(found, "b", ARM64, [ARM64], MACHINE).way == "native"
    unknown = judge_node(found, "b", ARM64, [], MACHINE)
    assert (unknown.way, unknown.runs) == ("unknown", None)


def test_a_node_elsewhere_whose_own_list_contradicts_the_declaration_emulates() -> None:
    found = judge_node(node("a", AMD64, ARM64, local=False), "b", ARM64, [ARM64], MACHINE)
    assert (found.way, found.reason) == ("emulated", "declared, but the node lists its own linux/amd64 first")


def test_the_node_that_declares_a_platform_comes_before_one_that_only_lists_it() -> None:
    """As buildx chooses: the emulator of the first node is not what builds."""
    both = builder(node("a", AMD64, ARM64, local=False), node("b", ARM64, local=False))
    amd64, arm64 = choose(both, AMD64, ARM64, declared={"a": [AMD64], "b": [ARM64]})
    assert (amd64.endpoint, amd64.way) == ("tcp://a:1", "native")
    assert (arm64.endpoint, arm64.way) == ("tcp://b:1", "native")


def test_where_none_declares_it_the_first_that_lists_it_builds() -> None:
    (found,) = choose(builder(node("a", AMD64), node("b", ARM64), node("c", ARM64)), ARM64)
    assert found.endpoint == "unix:///b"


def test_a_platform_that_no_node_elsewhere_lists_is_refused_with_what_they_have() -> None:
    with pytest.raises(BuilderError, match=r"b does not build linux/arm/v7, only linux/amd64, linux/arm64") as error:
        choose(builder(node("a", AMD64, local=False), node("b", ARM64, local=False)), ARMV7)
    assert error.value.answers
    with pytest.raises(BuilderError, match="only nothing"):
        choose(builder(node("a", local=False)), ARMV7)


def test_a_builder_that_does_not_run_says_why() -> None:
    with pytest.raises(BuilderError, match="b does not run: no such host") as error:
        choose(builder(node("a", status="error", problem="no such host")), AMD64)
    assert not error.value.answers
    with pytest.raises(BuilderError, match="does not run: context not found"):
        choose(builder(problem="context not found"), AMD64)


def test_the_node_that_declares_a_platform_has_to_run_whatever_the_others_list() -> None:
    both = builder(node("a", AMD64, ARM64), node("b", ARM64, status="inactive"))
    with pytest.raises(BuilderError, match=r"does not run \(node b\)"):
        choose(both, ARM64, declared={"b": [ARM64]})
    assert choose(both, AMD64, declared={"a": [AMD64]})[0].endpoint == "unix:///a"


def test_without_a_declaration_all_nodes_have_to_run() -> None:
    """Buildx starts all of them to ask what they build, and fails where one does not."""
    with pytest.raises(BuilderError, match=r"does not run \(node b\)"):
        choose(builder(node("a", AMD64), node("b", ARM64, status="error")), AMD64)
