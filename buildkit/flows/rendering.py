"""Rendering kustomizations in a scratch copy, several at a time: what every verb that needs a render goes through.

The copy holds the files in reach and nothing else, with remote bases put beside it, so a hostile tree reaches nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from buildkit.edges import kustomize, tree
from buildkit.edges.files import scratch_folder
from buildkit.edges.process import worker_pool
from buildkit.errors import UndeterminedError
from buildkit.flows import guards
from buildkit.images.graph import REMOTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from buildkit.edges.tools import Program
    from buildkit.flows.sources import Sources

_WORKERS: Final = 8  # a whole platform takes kustomize 0.6 GB
_REMOTE_FOLDER: Final = ".kfkit-remote"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """What became of one kustomization.

    Attributes:
        folder: the kustomization, relative to the tree's root.
        output: the file that holds the render, None where there is none; removed when the rendering is closed.
        why: why there is none.
        warnings: kustomize's own, sorted, each once.
        lasting: whether another run on the same files would end alike.
    """

    folder: str
    output: Path | None
    why: str | None = None
    warnings: tuple[str, ...] = ()
    lasting: bool = True

    def text(self) -> str:
        """The render; empty where there is none. Each call reads the file again."""
        return self.output.read_bytes().decode("utf-8", "replace") if self.output else ""


def usual_workers() -> int:
    """How many renderings run at a time."""
    return min(os.cpu_count() or 2, _WORKERS)


class Renderings:
    """Renders kustomizations of one tree; a context, whose scratch copy and threads come up with the first one."""

    def __init__(self, sources: Sources, program: Program, workers: int | None = None) -> None:
        self.sources, self.program = sources, program
        self.workers = workers or usual_workers()
        self._stack = ExitStack()
        self._scratch: Scratch | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._known: list[Rendering] = []
        self._running: dict[Future[kustomize.Build], str] = {}

    def __enter__(self) -> Self:
        self._stack.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def start(self, folder: str) -> None:
        """Begin to render a kustomization; `finish` tells how it went.

        Raises:
            UndeterminedError: the scratch copy cannot be written.
        """
        problems = self.sources.graph.problems(folder)
        problem = "; ".join(problems) if problems else guards.refusal(self.sources, folder)
        if problem:
            self._known.append(Rendering(folder=folder, output=None, why=problem))
            return
        if self._scratch is None or self._pool is None:
            self._scratch = Scratch(self.sources, self._stack.enter_context(scratch_folder()))
            self._pool = self._stack.enter_context(worker_pool(self.workers))
        try:
            place = self._scratch.prepare(folder)
        except OSError as error:
            raise UndeterminedError(
                f"{folder}: cannot be copied to {self._scratch.folder}: {error.strerror}",
                hint="TMPDIR names another place for scratch files",
            ) from error
        output = self._scratch.output(folder)
        run = self._pool.submit(kustomize.build, self.program, place, output, dict(self._scratch.names))
        self._running[run] = folder

    def finish(self) -> list[Rendering]:
        """What has become known since: at least one rendering where any was started.

        Who is done with an output may delete it.
        """
        done, self._known = self._known, []
        if done or not self._running:
            return done
        for run in wait(self._running, return_when=FIRST_COMPLETED).done:
            done.append(self._rendering(self._running.pop(run), run.result()))
        return done

    def _rendering(self, folder: str, build: kustomize.Build) -> Rendering:
        if self._scratch is None:
            raise AssertionError  # what runs was started
        if build.why is not None:
            why = guards.yaml_fault(self.sources, folder, build.why)
            return Rendering(folder=folder, output=None, why=why, warnings=build.warnings, lasting=build.lasting)
        return Rendering(folder=folder, output=self._scratch.output(folder), warnings=build.warnings)


def render_each(sources: Sources, program: Program, folders: Iterable[str]) -> Iterator[Rendering]:
    """Render several kustomizations, the one with most files first; outputs go when the next rendering is asked for."""
    wanted = sorted(set(folders), key=lambda one: (-len(sources.closure(one)), one))
    with Renderings(sources, program) as renderings:
        for folder in wanted:
            renderings.start(folder)
        for _ in range(len(wanted)):
            for rendering in renderings.finish():
                yield rendering
                if rendering.output:
                    rendering.output.unlink(missing_ok=True)


class Scratch:
    """A copy of the files in reach, with remote bases beside them and every address of one turned into a path."""

    def __init__(self, sources: Sources, folder: Path) -> None:
        self.sources, self.folder = sources, folder
        self.copied: set[str] = set()
        self.names = {
            f"{folder}/{_REMOTE_FOLDER}/": REMOTE,
            f"{folder}/tree/": "",
            f"{folder}/tree": ".",
        }

    def prepare(self, folder: str) -> Path:
        """Copy what rendering a folder needs; returns the folder in the copy."""
        graph = self.sources.graph
        fresh = [path for path in self.sources.closure(folder) if path not in self.copied]
        for prefix, one in self.sources.trees.items():
            paths = [path for path in fresh if self.sources.tree_of(path) is one and path in one.files]
            if paths:
                tree.copy_files(one, paths, self.place(prefix.rstrip("/") or "."))
        self.copied.update(fresh)
        for reached in sorted(graph.reached(folder)):
            parsed = graph.nodes[reached].parsed
            if parsed and parsed.remotes and f"rewritten {reached}" not in self.copied:
                self.copied.add(f"rewritten {reached}")
                self._rewrite(reached)
        return self.place(folder)

    def place(self, path: str) -> Path:
        """Where a path of the sources lies in the copy."""
        if path.startswith(REMOTE):
            return self.folder / _REMOTE_FOLDER / path.removeprefix(REMOTE)
        return self.folder / "tree" / path if path != "." else self.folder / "tree"

    def output(self, folder: str) -> Path:
        """The file for a render."""
        return self.folder / f"{hashlib.sha256(folder.encode()).hexdigest()}.yaml"

    def _rewrite(self, folder: str) -> None:
        """Put paths in for a kustomization's addresses, from the end backwards; nothing else changes."""
        parsed = self.sources.graph.nodes[folder].parsed
        if parsed is None:
            return
        file = self.place(parsed.file)
        text = file.read_bytes().decode("utf-8")
        for index, entry in sorted(enumerate(parsed.remotes), key=lambda one: -one[1].leaf.start):
            if entry.remote is None:
                continue
            if entry.remote.kind == "file":
                # A file must lie inside the kustomization's folder: kustomize's load restriction.
                local = f".kfkit-{index}-{posixpath.basename(entry.remote.place)}"
                content = self.sources.read_bytes(REMOTE + entry.remote.place) or b""
                (self.place(folder) / local).write_bytes(content)
                self.names[local] = entry.text
            else:
                target = self.place(posixpath.normpath(f"{REMOTE}{entry.remote.place}/{entry.remote.path}"))
                local = os.path.relpath(target, self.place(folder))
            head = entry.leaf.text[: len(entry.leaf.text) - len(entry.text)]
            text = text[: entry.leaf.start] + json.dumps(head + local) + text[entry.leaf.end :]
        file.write_bytes(text.encode("utf-8"))
