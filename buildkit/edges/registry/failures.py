"""What can go wrong between us and a registry, before anyone judges it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.model.facts import Failure

if TYPE_CHECKING:
    from buildkit.model.inspection import Verdict


class ExchangeError(Exception):
    """No usable answer. `again`: another try may help; `slow`: time ran out."""

    def __init__(self, reason: str, *, again: bool = False, slow: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.slow = slow


class DeniedError(Exception):
    """A token service refused us (401 or 403)."""


class LookupFailedError(Exception):
    """A question about a reference that ends in a verdict of its own; `denied` as in `Failure`."""

    def __init__(self, verdict: Verdict, reason: str, *, denied: bool = False) -> None:
        super().__init__(reason)
        self.failure = Failure(verdict=verdict, reason=reason, denied=denied)
