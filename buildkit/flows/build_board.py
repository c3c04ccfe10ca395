"""What waits to be built, by node; a component waits for those that it is built on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

from buildkit.builds.nodes import ChosenNode
from buildkit.builds.outcome import PlatformOutcome
from buildkit.builds.plan import PlannedBuild, PlannedPlatform
from buildkit.builds.result import TagSeen

if TYPE_CHECKING:
    from collections.abc import Sequence

Outcomes = dict[tuple[str, str], PlatformOutcome]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One platform of one component to build.

    Attributes:
        build, platform: of the plan.
        node: where it is built.
        key: digest of all that goes into it, None where that cannot be told.
        seen: what the tags stand for now.
    """

    build: PlannedBuild
    platform: PlannedPlatform
    node: ChosenNode
    key: str | None
    seen: tuple[TagSeen, ...]

    @property
    def name(self) -> str:
        return f"{self.build.component} {self.platform.platform}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A component of this run that another is built on, for one platform: its digest, None where it failed."""

    component: str
    image: str
    tags: tuple[str, ...]
    digest: str | None


Bases = tuple[Base, ...]


class Board:
    """Hands out targets in their order; several threads may ask."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.outcomes: Outcomes = {}
        self._waiting: defaultdict[str, list[Target]] = defaultdict(list)
        self._builds = {target.build.component: target.build for target in targets}
        self._asked = {(target.build.component, target.platform.platform) for target in targets}
        self._changed = Condition()
        self._stopped = False
        for target in targets:
            self._waiting[target.node.endpoint].append(target)

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(self._waiting)

    def take(self, node: str) -> tuple[Target, Bases] | None:
        """The next target of a node whose bases are there, with these; None when nothing is left, or after `stop`."""
        with self._changed:
            waiting = self._waiting[node]
            while waiting and not self._stopped:
                for target in waiting:
                    bases = self._bases(target)
                    if bases is not None:
                        waiting.remove(target)
                        return target, bases
                self._changed.wait()
        return None

    def put(self, target: Target, outcome: PlatformOutcome) -> None:
        """Say what became of a target."""
        with self._changed:
            self.outcomes[target.build.component, target.platform.platform] = outcome
            self._changed.notify_all()

    def stop(self) -> None:
        """Hand out nothing more: a thread has failed, or the user has stopped the run."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _bases(self, target: Target) -> Bases | None:
        """The components of this run that it needs; None as long as one of them is not built."""
        platform = target.platform.platform
        needed = [name for name in target.build.needs if (name, platform) in self._asked]
        if any((name, platform) not in self.outcomes for name in needed):
            return None
        return tuple(
            Base(
                component=name,
                image=self._builds[name].image,
                tags=self._builds[name].tags,
                digest=self.outcomes[name, platform].digest,
            )
            for name in needed
        )
