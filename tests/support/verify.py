"""Verify references in this process, the way `kfkit build verify` does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from buildkit.builds.check import Outcome
from buildkit.builds.expectation import Expectation
from buildkit.edges.containers import SmokeLimits
from buildkit.edges.registry.client import open_registry
from buildkit.flows.build_verify import Request, open_starter, verify_tags
from buildkit.flows.inspect import parse_platforms
from buildkit.flows.watch import Watch
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.builds.verification import Verification

BOTH = "linux/amd64,linux/arm64"


def verify_name(
    name: str, *, platforms: str = BOTH, conf: Path | None = None, seconds: float | None = None, **facts: Any
) -> Verification:
    """Verify one reference; `seconds` lets its smoke command run for so long, None starts nothing."""
    expected = replace(Expectation(platforms=parse_platforms([platforms])), **facts)
    engine = open_starter(SmokeLimits(run=seconds)) if seconds is not None else None
    request = Request(reference=parse_reference(name), expected=expected)
    (found,) = verify_tags([request], open_registry(conf), Watch(), engine)
    return found


def remarks(found: Verification) -> list[tuple[str, str, str | None]]:
    """`(outcome, check, platform)` of everything that did not pass."""
    return [(str(one.outcome), check.name, one.platform) for check in found.checks for one in check.remarks]


def messages(found: Verification) -> str:
    return "\n".join(remark.message for check in found.checks for remark in check.remarks)


def outcomes(found: Verification) -> dict[str, str]:
    """By check, what came of it, where it was asked for."""
    return {one.name: str(one.outcome) for one in found.checks if one.outcome is not Outcome.NOT_ASKED}
