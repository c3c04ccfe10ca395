"""A cluster of several architectures: which workloads must be kept on which nodes, by what registries say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.model.inspection import Inspection, Verdict
from buildkit.model.platform import Platform
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word
from buildkit.overlay.affinity import ARCHITECTURE, pods_of, restrict, selected
from buildkit.overlay.operation import Operation
from buildkit.overlay.overlay import Changed, Unreached

if TYPE_CHECKING:
    from buildkit.images.found import Found
    from buildkit.model.inspection import PlatformRecord
    from buildkit.model.reference import Reference
    from buildkit.model.resource import ObjectId
    from buildkit.overlay.edits import Bodies
    from buildkit.overlay.plan import Asked

_FAILS: Final = frozenset({Verdict.MISSING, Verdict.MISLABELLED})
_ELSEWHERE: Final = "what starts it from here decides on which nodes: no affinity can be given"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What registries say about images, by their names in full."""

    inspections: Mapping[str, Inspection]
    required: tuple[Platform, ...]

    def records(self, reference: Reference) -> Iterator[tuple[Platform, PlatformRecord]]:
        known = self.inspections.get(reference.name)
        if known is not None:
            yield from ((one, known.platforms[str(one)]) for one in self.required)

    def failing(self, reference: Reference) -> frozenset[str]:
        """Required architectures whose nodes cannot run an image."""
        return frozenset(one.architecture for one, record in self.records(reference) if record.verdict in _FAILS)

    def doubt(self, reference: Reference) -> tuple[str, bool] | None:
        """Why it is not clear what an image runs on, and whether that is only not known."""
        for platform, record in self.records(reference):
            if record.verdict not in {*_FAILS, Verdict.SUPPORTED}:
                reason = f": {record.reason}" if record.reason else ""
                return f"{record.verdict} on {platform}{reason}", record.verdict is Verdict.UNKNOWN
        return None

    @property
    def architectures(self) -> tuple[str, ...]:
        return tuple(sorted({one.architecture for one in self.required}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Mixed:
    """What keeps workloads on nodes that can run them, and what no affinity reaches."""

    operations: tuple[Operation, ...]
    changes: tuple[Changed, ...]
    unreached: tuple[Unreached, ...]


def keep_apart(
    objects: Mapping[str, ObjectId], bodies: Bodies, found: Iterable[Found], asked: Asked, judged: Judged
) -> Mixed:
    """Decide for every workload of an install, and name the images that no workload's pods hold."""
    operations: list[Operation] = []
    changes: list[Changed] = []
    unreached: list[Unreached] = []
    covered: set[tuple[str, str]] = set()
    for name, identity in sorted(objects.items()):
        pods = pods_of(identity, bodies[name])
        if pods is None:
            continue
        images = [(path, one) for path, text in pods.images if (one := _parsed(text, asked)) is not None]
        covered.update((name, path) for path, _ in images)
        unreached.extend(_doubts(name, images, judged))
        failing = frozenset(arch for _, one in images for arch in judged.failing(one))
        if not failing:
            continue
        fine = [arch for arch in judged.architectures if arch not in failing]
        why = _hindrance(fine, selected(pods.spec))
        if why is not None:
            unreached.extend(_refused(name, images, judged, why))
        elif selected(pods.spec) is None and (made := restrict(name, pods, fine)):
            operations.extend(made)
            rule = f"{ARCHITECTURE} In [{', '.join(fine)}]"
            changes.append(Changed(object=name, path=f"{pods.path}.affinity", b=rule, why="affinity"))
    elsewhere = [one for one in found if not one.sample and (str(one.object), one.path) not in covered]
    unreached.extend(_elsewhere(elsewhere, asked, judged))
    return Mixed(operations=tuple(operations), changes=tuple(changes), unreached=tuple(unreached))


def _parsed(text: str, asked: Asked) -> Reference | None:
    try:
        return asked.instead(parse_reference(text))
    except ReferenceError:
        return None


def _hindrance(fine: Sequence[str], selector: str | None) -> str | None:
    if not fine:
        return "no required architecture runs all images of its pods"
    if selector is not None and selector not in fine:
        return f"its nodeSelector asks for {selector}, which does not run all images of its pods"
    return None


def _refused(name: str, images: Sequence[tuple[str, Reference]], judged: Judged, why: str) -> Iterator[Unreached]:
    for path, one in images:
        if judged.failing(one):
            yield Unreached(image=one.name, object=name, path=path, why=why)


def _doubts(name: str, images: Sequence[tuple[str, Reference]], judged: Judged) -> Iterator[Unreached]:
    for path, one in images:
        doubt = judged.doubt(one)
        if doubt is not None:
            yield Unreached(image=one.name, object=name, path=path, why=doubt[0], unknown=doubt[1])


def _elsewhere(found: Iterable[Found], asked: Asked, judged: Judged) -> Iterator[Unreached]:
    for one in found:
        image = asked.instead(one.reference)
        failing, doubt = judged.failing(image), judged.doubt(image)
        if failing:
            why, unknown = f"does not run on {', '.join(sorted(failing))}; {_ELSEWHERE}", False
        elif doubt is not None:
            why, unknown = doubt
        else:
            continue
        yield Unreached(image=image.name, object=str(one.object), path=one.path, why=why, unknown=unknown)
