"""Proof by rendering: what a change does to every kustomization that it can reach, told from what it should do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from buildkit.compare.compare import CompareError, Text, compare_texts
from buildkit.compare.comparison import ABSENT, Difference
from buildkit.compare.proof import Proof, merge_changes, sort_differences
from buildkit.flows.rendering import Rendering, Renderings, usual_workers

if TYPE_CHECKING:
    from buildkit.edges.tools import Program
    from buildkit.flows.sources import Sources
    from buildkit.flows.watch import Watch

# Whether a difference in the render of a kustomization of the tree as it was is one that was asked for.
Intended = Callable[[str, Difference], bool]
# Is given each kustomization of the tree as it was with the render as it would be.
Look = Callable[[str, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    """What comparing one kustomization's renders gave: two heaps of differences, or why there is nothing to compare."""

    folder: str
    compared: bool = False
    changed: tuple[Difference, ...] = ()
    unintended: tuple[Difference, ...] = ()
    unproven: str | None = None


def prove(  # noqa: PLR0913, PLR0917  # both sides, and how they go together
    before: Sources,
    after: Sources,
    folders: Mapping[str, str],
    intended: Intended,
    program: Program,
    watch: Watch,
    look: Look | None = None,
) -> Proof:
    """Render both sides and compare them.

    Args:
        before: the tree as it is.
        after: the tree as it would be.
        folders: kustomizations of `before`, each with the one of `after` that must equal it but for what is intended.
            Where both read the same bytes under the same path nothing is rendered.
        intended: whether a difference is one that was asked for.
        program: kustomize.
        watch: told how far it is.
        look: given each render of `after`, in turn.

    Raises:
        UndeterminedError: a scratch copy cannot be written, or kustomize cannot be run.
    """
    wanted = {one: other for one, other in folders.items() if one != other or not _reads_alike(before, after, one)}
    with watch.stage("prove"):
        compare = partial(_compared, intended=intended, look=look)
        outcomes = list(_outcomes(before, after, wanted, compare, program, watch))
    return Proof(
        kustomizations=sum(one.compared for one in outcomes),
        changed=merge_changes((one.folder, found) for one in outcomes for found in one.changed),
        unintended=merge_changes((one.folder, found) for one in outcomes for found in one.unintended),
        unproven=tuple(sorted(f"{one.folder}: {one.unproven}" for one in outcomes if one.unproven is not None)),
    )


def _reads_alike(before: Sources, after: Sources, folder: str) -> bool:
    paths = before.closure(folder)
    return paths == after.closure(folder) and all(before.digest(path) == after.digest(path) for path in paths)


def _outcomes(  # noqa: PLR0913, PLR0917
    before: Sources,
    after: Sources,
    wanted: Mapping[str, str],
    compare: Callable[[Rendering, Rendering], _Outcome],
    program: Program,
    watch: Watch,
) -> Iterator[_Outcome]:
    """Compare as the second side's renders come in; what was compared is dropped at once.

    Both sides render at the same time, each with half of the processors: a whole platform takes kustomize 0.6 GB.
    """
    sources_of: dict[str, list[str]] = {}
    for one, other in sorted(wanted.items()):
        sources_of.setdefault(other, []).append(one)
    total = len(wanted) + len(sources_of)
    half = max(usual_workers() // 2, 1)
    with Renderings(before, program, half) as old, Renderings(after, program, half) as new:
        known: dict[str, Rendering] = {}
        _start(old, wanted)
        _start(new, sources_of)
        for rendering in _finished(old, len(wanted)):
            known[rendering.folder] = rendering
            watch.count("prove", len(known), total)
        for count, rendering in enumerate(_finished(new, len(sources_of)), start=1):
            for folder in sources_of[rendering.folder]:
                yield compare(known[folder], rendering)
                _drop(known[folder])
            _drop(rendering)
            watch.count("prove", len(known) + count, total)


def _start(renderings: Renderings, folders: Iterable[str]) -> None:
    """Begin with those that most files go into, which take longest."""
    for folder in sorted(folders, key=lambda one: (-len(renderings.sources.closure(one)), one)):
        renderings.start(folder)


def _finished(renderings: Renderings, wanted: int) -> Iterator[Rendering]:
    count = 0
    while count < wanted:
        for rendering in renderings.finish():
            count += 1
            yield rendering


def _drop(rendering: Rendering) -> None:
    if rendering.output is not None:
        rendering.output.unlink(missing_ok=True)


def _compared(old: Rendering, new: Rendering, *, intended: Intended, look: Look | None) -> _Outcome:
    if old.output is None:
        return _Outcome(folder=old.folder, unproven=f"did not render before: {old.why}")
    if new.output is None:
        return _lost(old.folder, f"does not render: {new.why}")
    a, b = Text(name="before", text=old.text()), Text(name="after", text=new.text())
    try:
        found = compare_texts(a, b)
    except CompareError as error:
        if error.name == b.name:
            return _lost(old.folder, f"its render is not read: {error}")
        return _Outcome(folder=old.folder, unproven=f"its render is not read: {error}")
    doubled = compare_texts(a, a).duplicates if found.duplicates else ()
    if look is not None:
        look(old.folder, b.text)
    heaps = sort_differences(found, lambda one: intended(old.folder, one), doubled)
    return _Outcome(folder=old.folder, compared=True, changed=heaps.changed, unintended=heaps.unintended)


def _lost(folder: str, why: str) -> _Outcome:
    """Nothing takes the place of a render that there was."""
    return _Outcome(folder=folder, unintended=(Difference(object="", path="", a=ABSENT, b=why),))
