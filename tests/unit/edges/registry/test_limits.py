"""Admission to a host: one first, then many; down; paused; its rate limit."""

from __future__ import annotations

import threading
import time

import pytest

from buildkit.edges.registry.failures import ExchangeError
from buildkit.edges.registry.limits import HostLimits


def entered(limits: HostLimits, count: int) -> threading.Semaphore:
    """Let so many threads try to enter; the semaphore counts those that have."""
    inside = threading.Semaphore(0)

    def enter() -> None:
        limits.enter()
        inside.release()

    for _ in range(count):
        threading.Thread(target=enter, daemon=True).start()
    return inside


def test_a_host_is_asked_by_one_until_it_has_answered() -> None:
    limits = HostLimits("x")
    inside = entered(limits, 5)
    assert inside.acquire(timeout=2)
    assert not inside.acquire(timeout=0.1)
    limits.answered({})
    assert all(inside.acquire(timeout=2) for _ in range(4))


def test_a_host_that_never_answers_is_down_after_three_tries() -> None:
    limits = HostLimits("x")
    for _ in range(3):
        limits.enter()
        limits.failed("refused", slow=False)
    with pytest.raises(ExchangeError, match="refused; not asked again"):
        limits.enter()


def test_time_outs_count_double() -> None:
    limits = HostLimits("x")
    for _ in range(2):
        limits.enter()
        limits.failed("slow", slow=True)
    with pytest.raises(ExchangeError):
        limits.enter()


def test_a_host_that_has_answered_is_given_more_chances() -> None:
    limits = HostLimits("x")
    limits.enter()
    limits.answered({})
    for _ in range(11):
        limits.enter()
        limits.failed("reset", slow=False)
    limits.enter()
    limits.answered({})
    limits.enter()


def test_everybody_waits_while_a_host_is_paused() -> None:
    limits = HostLimits("x")
    limits.pause(0.2)
    start = time.monotonic()
    limits.enter()
    assert 0.15 < time.monotonic() - start < 2


def test_children_leave_room_for_the_roots_still_to_come() -> None:
    limits = HostLimits("x")
    limits.expect_root(5)
    assert limits.allows_children(100) is None
    limits.children_done(100)
    limits.enter()
    limits.answered({"ratelimit-remaining": "12;w=21600"})
    assert limits.allows_children(4) is None
    assert "12 more requests" in str(limits.allows_children(2))
    limits.children_done(4)
    assert limits.allows_children(2) is None


def test_a_slow_host_is_asked_at_its_rate() -> None:
    limits = HostLimits("quay.io")
    limits.enter()
    limits.answered({})
    start = time.monotonic()
    for _ in range(33):
        limits.enter()
        limits.answered({})
    assert time.monotonic() - start > 0.2
