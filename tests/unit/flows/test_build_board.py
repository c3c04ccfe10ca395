"""What waits to be built: by node, after what it is built on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from buildkit.builds.nodes import ChosenNode
from buildkit.builds.outcome import PlatformOutcome
from buildkit.flows.build_board import Base, Board, Target
from buildkit.model.platform import parse_platform
from tests.unit.builds.results import AMD64, ARM64, build, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.flows.build_board import Bases


def target(name: str, platform: str = AMD64, *, needs: tuple[str, ...] = (), node: str = "a") -> Target:
    planned = build(name, needs=needs)
    chosen = ChosenNode(platform=parse_platform(platform), builder="b", endpoint=node, way="native", reason="")
    (own,) = (one for one in planned.platforms if one.platform == platform)
    return Target(build=planned, platform=own, node=chosen, key=None, seen=())


def done(board: Board, one: Target, *, digest_of: str | None = "x") -> None:
    found = digest(digest_of) if digest_of else None
    platform = one.platform.platform
    board.put(one, PlatformOutcome(platform=platform, state="built" if found else "failed", digest=found))


def taken(board: Board, node: str = "a") -> Iterator[str]:
    """Names of what a node is handed, each done at once."""
    while (found := board.take(node)) is not None:
        yield found[0].name
        done(board, found[0])


def test_a_node_gets_its_targets_in_their_order() -> None:
    board = Board([target("x"), target("y", ARM64, node="b"), target("z")])
    assert board.nodes == ("a", "b")
    assert list(taken(board)) == ["x linux/amd64", "z linux/amd64"]
    assert list(taken(board, "b")) == ["y linux/arm64"]
    assert set(board.outcomes) == {("x", AMD64), ("y", ARM64), ("z", AMD64)}


def test_a_node_without_targets_gets_none() -> None:
    assert Board([]).take("a") is None
    assert Board([target("x")]).take("other") is None


def test_a_component_comes_after_those_it_is_built_on_with_their_digests() -> None:
    board = Board([target("top", needs=("base",)), target("base")])
    first = board.take("a")
    assert first is not None
    assert (first[0].build.component, first[1]) == ("base", ())
    done(board, first[0])
    second = board.take("a")
    assert second is not None
    base = build("base")
    assert second[1] == (Base(component="base", image=base.image, tags=base.tags, digest=digest("x")),)


def test_a_need_is_of_the_same_platform_alone() -> None:
    board = Board([target("base", ARM64, node="b"), target("top", needs=("base",))])
    found = board.take("a")
    assert found is not None
    assert found[1] == ()  # base is not built for amd64 here: the registry's is taken


def test_a_base_that_failed_is_told_to_what_is_built_on_it() -> None:
    board = Board([target("base"), target("top", needs=("base",))])
    first = board.take("a")
    assert first is not None
    done(board, first[0], digest_of=None)
    second = board.take("a")
    assert second is not None
    assert [one.digest for one in second[1]] == [None]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as found:
        yield found


def test_a_node_waits_for_what_another_node_builds(pool: ThreadPoolExecutor) -> None:
    board = Board([target("base", node="b"), target("top", needs=("base",))])
    waiting = pool.submit(board.take, "a")
    first = board.take("b")
    assert first is not None
    assert not waiting.done()
    done(board, first[0])
    found = waiting.result(10)
    assert found is not None
    assert found[0].build.component == "top"


def test_what_waits_lets_others_of_its_node_go_first() -> None:
    board = Board([target("base", node="b"), target("top", needs=("base",)), target("other")])
    found = board.take("a")
    assert found is not None
    assert found[0].build.component == "other"


def test_a_stop_wakes_all_that_wait_and_nothing_more_is_handed_out(pool: ThreadPoolExecutor) -> None:
    board = Board([target("base", node="b"), *(target(name, needs=("base",)) for name in ("x", "y", "z"))])
    waiting = [pool.submit(board.take, "a") for _ in range(3)]
    board.stop()
    assert [one.result(10) for one in waiting] == [None, None, None]
    assert board.take("b") is None


def test_several_jobs_of_a_node_share_its_targets(pool: ThreadPoolExecutor) -> None:
    targets = [target(f"c{number}", needs=("c0",) if number else ()) for number in range(40)]
    board, seen, lock = Board(targets), [], threading.Lock()
    together = threading.Barrier(3)

    def lane() -> None:
        first = True
        while (found := board.take("a")) is not None:
            one: tuple[Target, Bases] = found
            if first and one[0].build.component != "c0":
                together.wait(10)  # three lanes have something in hand at once
                first = False
            with lock:
                seen.append(one[0].build.component)
            done(board, one[0])

    lanes = [pool.submit(lane) for _ in range(3)]
    for one in lanes:
        one.result(20)
    assert sorted(seen) == sorted(f"c{number}" for number in range(40))
    assert seen[0] == "c0"


def test_two_ways_to_one_endpoint_are_one_node() -> None:
    """A machine builds no faster because two builders lead to it."""
    assert Board([target("x"), target("x", ARM64)]).nodes == ("a",)
