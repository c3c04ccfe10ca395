"""`kfkit pins fix`: planned edits -> a scratch copy with them -> both rendered -> proof -> the files, all or none."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import scratch_folder
from buildkit.edges.remotes import RemoteStore
from buildkit.edges.replacing import Replacement, check_replaceable, replace_files
from buildkit.edges.tools import KUSTOMIZE, find_program
from buildkit.edges.tree import copy_files
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.proof import prove
from buildkit.flows.reach import reaching
from buildkit.flows.sources import gather
from buildkit.flows.vendoring import Vendored, upstream_patches, withhold
from buildkit.images.graph import REMOTE
from buildkit.pins.alone import named_alone
from buildkit.pins.apply import EditError, apply_edits, order_edits
from buildkit.pins.intended import Plan, plan_of
from buildkit.pins.patch import unified
from buildkit.pins.pin import Edit
from buildkit.pins.propose import settle
from buildkit.report.pins_text import plan_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildkit.compare.proof import Proof
    from buildkit.flows.images import ImagesResult
    from buildkit.flows.pins import PinsResult
    from buildkit.flows.sources import Sources
    from buildkit.flows.watch import Watch
    from buildkit.model.remote import Remote
    from buildkit.pins.pin import Pin

_UNPROVABLE: Final = "nothing that takes the file in renders, so that no proof is possible"


@dataclass(frozen=True, kw_only=True, slots=True)
class FixRequest:
    """What to do with a plan.

    Attributes:
        write: whether files are written once the proof holds.
        include_vendored: edit files too that a synchronisation with upstream overwrites.
    """

    write: bool = True
    include_vendored: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Edited:
    """One file's text as it is and as it would be, with the edits between."""

    before: str
    after: str
    edits: tuple[Edit, ...]


def fix_pins(request: FixRequest, result: PinsResult, watch: Watch) -> PinsResult:
    """Prove what is planned, and write it; where the proof fails nothing is written and all of it is refused.

    Raises:
        UsageError: a render was examined, or a file is read-only.
        UndeterminedError: kustomize is missing, a file changed since it was read, no scratch copy can be written.
    """
    sources = result.images.tree
    if sources is None:
        raise UsageError(f"{result.judged.source}: no tree of files: nothing that could be edited")
    vendored = Vendored(result.images, sources)
    planned = result.judged.pins
    kept = withhold(planned, vendored, sources, include=request.include_vendored)
    judged = replace(result.judged, upstream=upstream_patches(planned, kept, vendored, sources))
    fixing = _Fixing(sources, result.images, watch)
    plan = settle(kept)
    for line in plan_text(plan):
        watch.tell(line)
    pins, proof = fixing.proven(plan, write=request.write)
    patch = "".join(unified(path, one.before, one.edits) for path, one in sorted(fixing.edited.items()))
    if request.write and fixing.edited:
        fixing.write()
        pins = tuple(replace(pin, outcome="done") if pin.outcome == "planned" else pin for pin in pins)
    return replace(result, judged=replace(judged, pins=pins, proof=proof, patch=patch or None))


class _Fixing:
    """One run over a tree.

    Attributes:
        edited: the files of the plan as it stands.
        alone: of each kustomization, the planned digests that its edited render still names by themselves, and where.
    """

    def __init__(self, sources: Sources, images: ImagesResult, watch: Watch) -> None:
        self.sources, self.watch = sources, watch
        self.broken = {one.path: one.why or "" for one in images.kustomizations if one.status == "broken"}
        self.reached = reaching(sources)
        self.edited: dict[str, Edited] = {}
        self.alone: dict[str, Mapping[str, str]] = {}
        self._texts: dict[str, str] = {}

    def proven(self, pins: Sequence[Pin], *, write: bool) -> tuple[tuple[Pin, ...], Proof | None]:
        """What is left of the plan once it is proven, and the proof; None where nothing is to be proven."""
        pins = self._without(pins, self.broken)
        while True:
            pins = self._applied(pins)
            if not self.edited:
                return tuple(pins), None
            if write:
                check_replaceable(self._replacements())
            proof = self._proof(pins)
            if proof.unintended:
                self.edited = {}
                why = f"the proof failed: more would change than was intended ({len(proof.unintended)})"
                return tuple(_refused(pin, why) if pin.outcome == "planned" else pin for pin in pins), proof
            left = self._without(
                self._agreeing(pins), _unproven(proof, {one for several in self.reached.values() for one in several})
            )
            if left == tuple(pins):
                return left, proof
            pins = left

    def write(self) -> None:
        """Write the plan, all of it or nothing."""
        changes = self._replacements()
        for one in changes:
            if one.path.stat().st_nlink > 1:
                self.watch.tell(f"{one.path}: has other hard links, which keep the old content")
        with self.watch.stage("write"):
            replace_files(changes)

    def _without(self, pins: Sequence[Pin], broken: Mapping[str, str]) -> tuple[Pin, ...]:
        """Refuse pins in files that only broken kustomizations take in, or none."""
        kept = []
        for pin in pins:
            taking = self.reached.get(pin.tie.file, ())
            if pin.outcome == "planned" and all(one in broken for one in taking):
                first = f": {taking[0]}: {broken[taking[0]]}" if taking else ""
                pin = _refused(pin, _UNPROVABLE + first)  # noqa: PLW2901
            kept.append(pin)
        return settle(kept)

    def _agreeing(self, pins: Sequence[Pin]) -> tuple[Pin, ...]:
        """Refuse pins whose digest something in a render names by itself: that would not agree any more."""
        return tuple(
            _refused(pin, f"{where} names this digest by itself and would not agree any more")
            if pin.outcome == "planned" and pin.tie.kind == "digest" and (where := self._alone_for(pin))
            else pin
            for pin in pins
        )

    def _alone_for(self, pin: Pin) -> str | None:
        alone = (self.alone.get(folder, {}) for folder in self.reached[pin.tie.file])
        return next((one[pin.tie.value] for one in alone if pin.tie.value in one), None)

    def _applied(self, pins: Sequence[Pin]) -> tuple[Pin, ...]:
        """Put the edits in; refuse the pins of a file where that is not right, and what depends on them."""
        while True:
            refused: dict[str, str] = {}
            self.edited = {}
            for file, edits in _edits_by_file(pins).items():
                text = self._text(file)
                try:
                    after = apply_edits(file, text, edits)
                except EditError as error:
                    refused[file] = f"{file}:{error.line}: {error}"
                else:
                    if after != text:
                        self.edited[file] = Edited(before=text, after=after, edits=order_edits(text, edits))
            if not refused:
                return tuple(pins)
            pins = settle(
                [
                    _refused(pin, refused[pin.tie.file])
                    if pin.outcome == "planned" and pin.tie.file in refused
                    else pin
                    for pin in pins
                ]
            )

    def _text(self, file: str) -> str:
        """A file's text; the same bytes as those that were examined."""
        if file not in self._texts:
            content = self.sources.read_bytes(file) or b""
            if hashlib.sha256(content).hexdigest() != self.sources.digest(file):
                raise UndeterminedError(f"{file}: changed while it was examined", hint="run the command again")
            self._texts[file] = content.decode("utf-8")
        return self._texts[file]

    def _proof(self, pins: Sequence[Pin]) -> Proof:
        folders = {one: one for file in self.edited for one in self.reached[file]}
        plans = self._plans(pins, folders)
        digests = {pin.tie.value for pin in pins if pin.outcome == "planned" and pin.tie.kind == "digest"}
        self.alone = {}

        def look(folder: str, render: str) -> None:
            self.alone[folder] = named_alone(render, digests)

        with _edited_copy(self.sources, self.edited) as after:
            return prove(
                self.sources,
                after,
                folders,
                lambda folder, difference: plans[folder].intends(difference),
                find_program(KUSTOMIZE),
                self.watch,
                look,
            )

    def _plans(self, pins: Sequence[Pin], folders: Iterable[str]) -> dict[str, Plan]:
        """What each kustomization's render may change in: by the pins whose files it takes in."""
        planned = [pin for pin in pins if pin.outcome == "planned"]
        return {
            folder: plan_of((pin for pin in planned if folder in self.reached[pin.tie.file]), self._texts)
            for folder in folders
        }

    def _replacements(self) -> list[Replacement]:
        tree = self.sources.trees[""]
        return [
            Replacement(path=Path(tree.root, tree.files[file]), old=one.before.encode(), new=one.after.encode())
            for file, one in sorted(self.edited.items())
        ]


def _edits_by_file(pins: Iterable[Pin]) -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    for pin in pins:
        for edit in pin.edits if pin.outcome == "planned" else ():
            found.setdefault(edit.file, []).append(edit)
    return found


def _refused(pin: Pin, why: str) -> Pin:
    return replace(pin, outcome="refused", edits=(), why=why)


def _unproven(proof: Proof, folders: Iterable[str]) -> dict[str, str]:
    """Why each kustomization of which nothing can be said does not render."""
    return {
        folder: text.removeprefix(f"{folder}: ")
        for folder in folders
        for text in proof.unproven
        if text.startswith(f"{folder}: ")
    }


class _Known(RemoteStore):
    """The remote bases that were read already: the edited copy is held against the very same."""

    def __init__(self, sources: Sources) -> None:
        super().__init__((), Path(), offline=True, lock=None, refresh=False)
        self._sources = sources

    def place(self, remote: Remote) -> Path:
        path = REMOTE + remote.place
        if path in self._sources.downloads:
            return self._sources.downloads[path]
        if path + "/" in self._sources.trees:
            return Path(self._sources.trees[path + "/"].root)
        raise UndeterminedError(f"{remote.place} could not be had before")


@contextlib.contextmanager
def _edited_copy(sources: Sources, edited: Mapping[str, Edited]) -> Iterator[Sources]:
    """The tree with the edits, in a scratch folder."""
    tree = sources.trees[""]
    with scratch_folder() as folder:
        try:
            copy_files(tree, tree.files, folder)
            for file, one in edited.items():
                (folder / tree.files[file]).write_bytes(one.after.encode())
        except OSError as error:
            raise UndeterminedError(
                f"{folder}: no copy of the tree can be written: {error.strerror}",
                hint="TMPDIR names another place for scratch files",
            ) from error
        yield gather(folder, _Known(sources))
