"""How hard one host may be asked: one request until it has answered, then many; fewer once it says so; none when down.

The remembered rates are facts/registries.md's; what a host says (429, `ratelimit-remaining`) always counts more.
"""

from __future__ import annotations

import time
from threading import Condition
from typing import TYPE_CHECKING

from buildkit.edges.registry.failures import ExchangeError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_AT_ONCE = 64
_WAIT_LIMIT = 60.0
# Failures in a row after which a host counts as down: one that never answered, one that did. A time-out counts double.
_STRIKES_NEW, _STRIKES_KNOWN = 3, 12
_RESERVE = 2
_SLOW_HOSTS: Mapping[str, tuple[float, int]] = {  # requests a second, burst
    "quay.io": (8.0, 30),
    "gcr.io": (60.0, 80),
    "registry.k8s.io": (60.0, 80),
}


class HostLimits:
    """Admission to one host, for all threads of a run. Use `enter`, then exactly one of `answered` and `failed`."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._changed = Condition()
        self._active = 0
        self._allowed = 1
        self._strikes = 0
        self.known = False
        self._down: str | None = None
        self._pause_until = 0.0
        self._rate, self._burst = _SLOW_HOSTS.get(host, (0.0, 0))
        self._tokens, self._filled = float(self._burst), time.monotonic()
        self._remaining: int | None = None
        self._roots = 0
        self._children = 0

    def enter(self) -> None:
        """Wait for a turn.

        Raises:
            ExchangeError: the host is down, or does not admit another request for too long.
        """
        deadline = time.monotonic() + _WAIT_LIMIT
        with self._changed:
            while (wait := self._wait_seconds()) is not None:
                if time.monotonic() >= deadline:
                    raise ExchangeError(f"{self.host}: no turn within {_WAIT_LIMIT:.0f} s")
                self._changed.wait(min(wait, deadline - time.monotonic()))
            self._active += 1

    def _wait_seconds(self) -> float | None:
        """None: go. Holds the lock."""
        if self._down is not None:
            raise ExchangeError(self._down)
        now = time.monotonic()
        if now < self._pause_until:
            return self._pause_until - now
        if self._active >= self._allowed:
            return _WAIT_LIMIT
        return self._take_token(now) if self._rate else None

    def _take_token(self, now: float) -> float | None:
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return None

    def answered(self, headers: Mapping[str, str]) -> None:
        """Record an answer of any status: the host is up; note what it says of its limits."""
        with self._changed:
            self._active -= 1
            self._strikes = 0
            remaining = headers.get("ratelimit-remaining", "").partition(";")[0].strip()
            if remaining.isascii() and remaining.isdigit():
                # The lowest of this run: answers overtake each other, and a window that reopens only adds.
                self._remaining = min(int(remaining[:9]), self._remaining if self._remaining is not None else 10**9)
            if self.known:
                self._changed.notify()
            else:
                self.known, self._allowed = True, MOST_AT_ONCE
                self._changed.notify_all()

    def failed(self, reason: str, *, slow: bool) -> None:
        """Record that no answer came."""
        with self._changed:
            self._active -= 1
            self._strikes += 2 if slow else 1
            if self._strikes >= (_STRIKES_KNOWN if self.known else _STRIKES_NEW):
                self._down = f"{reason}; not asked again in this run"
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Nobody asks for so long, and fewer at once from then on."""
        with self._changed:
            now = time.monotonic()
            # Many requests under way are told at once: that is one sign, not many.
            if now >= self._pause_until:
                self._allowed = max(1, self._allowed // 2)
            self._pause_until = max(self._pause_until, now + seconds)

    def expect_root(self, count: int = 1) -> None:
        """Tell how many more references of this host will be read."""
        with self._changed:
            self._roots += count

    def root_done(self) -> None:
        with self._changed:
            self._roots -= 1

    def allows_children(self, count: int) -> str | None:
        """Set `count` manifest requests aside; or tell why there is no room: the host's limit is needed for roots."""
        with self._changed:
            if self._remaining is not None and self._remaining - self._children - self._roots - count < _RESERVE:
                return f"{self.host} allows {self._remaining} more requests for now"
            self._children += count
            return None

    def children_done(self, count: int) -> None:
        """Tell that requests set aside were answered: what the host says is left allows for them now."""
        with self._changed:
            self._children -= count
