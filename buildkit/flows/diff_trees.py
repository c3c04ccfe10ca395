"""Two trees, kustomization by kustomization: each is rendered on both sides, unless nothing that it is made of differs.

Renders are big (12 MB for a platform): they are compared as they come, and dropped.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from buildkit.compare.compare import CompareError, Text, compare_texts
from buildkit.compare.outcome import ComparedKustomization, Merging, Outcome, compared_of, tree_outcome
from buildkit.edges.remotes import RemoteStore
from buildkit.edges.tools import KUSTOMIZE, find_program
from buildkit.flows.rendering import Rendering, Renderings
from buildkit.flows.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.flows.watch import Watch

_SIDES: Final = ("A", "B")
_STAGE: Final = "compare"
_WORKERS: Final = 4  # on each side: a whole platform takes kustomize 0.6 GB


def compare_trees(sides: tuple[Sources, Sources], shown: tuple[str, str], store: RemoteStore, watch: Watch) -> Outcome:
    """Compare every kustomization of two trees, components left out.

    Raises:
        UndeterminedError: kustomize is missing, or scratch copies cannot be written.
    """
    work = _Work(sides=sides, shown=shown, store=store)
    wanted = work.plan()
    with watch.stage(_STAGE):
        for number, (a, b) in enumerate(_pairs(sides, wanted), start=1):
            work.judge(a, b)
            watch.count(_STAGE, number, len(wanted))
    return tree_outcome(shown, work.compared, work.merging, unread=work.unread, problems=work.problems)


def _pairs(sides: tuple[Sources, Sources], folders: Iterable[str]) -> Iterator[tuple[Rendering, Rendering]]:
    """Yield both renders of each kustomization, the ones with most files first; they go when the next is asked for."""
    wanted = sorted(folders, key=lambda one: (-len(sides[0].closure(one)), one))
    if not wanted:
        return
    program, workers = find_program(KUSTOMIZE), min(max(1, (os.cpu_count() or 2) // 2), _WORKERS)
    with ExitStack() as stack:
        renderings = [stack.enter_context(Renderings(one, program, workers=workers)) for one in sides]
        for folder in wanted:
            for one in renderings:
                one.start(folder)
        waiting: tuple[dict[str, Rendering], dict[str, Rendering]] = ({}, {})
        for _ in range(len(wanted)):
            while not (ready := sorted(waiting[0].keys() & waiting[1].keys())):
                for one, known in zip(renderings, waiting, strict=True):
                    known.update((rendering.folder, rendering) for rendering in one.finish())
            pair = waiting[0].pop(ready[0]), waiting[1].pop(ready[0])
            yield pair
            for rendering in pair:
                if rendering.output:
                    rendering.output.unlink(missing_ok=True)


@dataclass(kw_only=True)
class _Work:
    """What is known so far."""

    sides: tuple[Sources, Sources]
    shown: tuple[str, str]
    store: RemoteStore
    compared: list[ComparedKustomization] = field(default_factory=list)
    merging: Merging = field(default_factory=Merging)
    problems: list[str] = field(default_factory=list)
    unread: int = 0

    def plan(self) -> tuple[str, ...]:
        """Note what needs no render; returns what does."""
        a, b = (frozenset(_renderable(one)) for one in self.sides)
        self.compared.extend(ComparedKustomization(path=one, state="only-a") for one in a - b)
        self.compared.extend(ComparedKustomization(path=one, state="only-b") for one in b - a)
        wanted = []
        for folder in sorted(a & b):
            problems = self.sides[0].graph.problems(folder)
            if not _same(self.sides, folder):
                wanted.append(folder)
            elif problems:
                self.compared.append(ComparedKustomization(path=folder, state="not-rendered", why="; ".join(problems)))
            else:
                self.unread += 1
                self.compared.append(ComparedKustomization(path=folder, state="equal"))
        return tuple(wanted)

    def judge(self, a: Rendering, b: Rendering) -> None:
        """Compare both renders of a kustomization."""
        if a.output is None or b.output is None:
            self.compared.append(self._unrendered(a, b))
            return
        try:
            texts = (
                Text(name=f"{shown}: {a.folder}", text=one.text())
                for one, shown in zip((a, b), self.shown, strict=True)
            )
            comparison = compare_texts(*texts)
        except CompareError as error:
            self._unknown(a.folder, f"the render of {error.name} is not read: line {error.line}: {error}")
            return
        self.compared.append(compared_of(a.folder, comparison))
        self.merging.add(a.folder, comparison.differences)

    def _unrendered(self, a: Rendering, b: Rendering) -> ComparedKustomization:
        """One that at least one side does not render: is that a difference, an old defect, or not known?"""
        for one, sources, shown in zip((a, b), self.sides, self.shown, strict=True):
            if one.why is not None and (not one.lasting or self._lacks_remote(sources, one.folder)):
                return self._unknown(one.folder, f"{shown} does not render: {one.why}")
        if a.why is not None and b.why is not None:
            if a.why == b.why:
                return ComparedKustomization(path=a.folder, state="not-rendered", why=a.why)
            return self._unknown(a.folder, f"neither renders; {self.shown[0]}: {a.why}; {self.shown[1]}: {b.why}")
        left, right = self.shown if a.why is None else self.shown[::-1]
        why = f"{left} renders, {right} does not: {a.why or b.why}"
        return ComparedKustomization(path=a.folder, state="different", why=why)

    def _unknown(self, folder: str, why: str) -> ComparedKustomization:
        self.problems.append(f"{folder}: {why}")
        return ComparedKustomization(path=folder, state="not-rendered", why=why)

    def _lacks_remote(self, sources: Sources, folder: str) -> bool:
        nodes = (sources.graph.nodes[one] for one in sources.graph.reached(folder))
        remotes = (entry.remote for node in nodes if node.parsed for entry in node.parsed.remotes)
        return any(remote is not None and remote.place in self.store.failed for remote in remotes)


def _renderable(sources: Sources) -> Iterator[str]:
    return (one for one in sources.graph.local if not sources.graph.nodes[one].is_component)


def _same(sides: tuple[Sources, Sources], folder: str) -> bool:
    """Whether kustomize would read the same files on both sides: then it writes the same too."""
    a, b = sides
    # A link's text is no content of a file, but it decides what kustomize takes.
    if a.trees[""].links != b.trees[""].links or a.graph.problems(folder) != b.graph.problems(folder):
        return False
    files = a.closure(folder)
    return files == b.closure(folder) and all(a.digest(path) == b.digest(path) for path in files)
