"""What charts are made from: their specifications, and each profile's render, read once for all charts."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from buildkit.charts.moved import find_moved
from buildkit.charts.outcome import ChartProblem
from buildkit.charts.parts import CRDS
from buildkit.charts.spec import ChartSpec
from buildkit.charts.spec_file import read_spec
from buildkit.compare.objects import Object, read_document, unwrap
from buildkit.edges.files import read_text_file
from buildkit.edges.process import MIB
from buildkit.edges.tools import KUSTOMIZE, find_program
from buildkit.errors import UsageError
from buildkit.flows.images import read_knowledge
from buildkit.flows.rendering import Rendering, render_each
from buildkit.flows.sources import find_root, gather
from buildkit.flows.store import keep_lock, open_store
from buildkit.images.finder import find
from buildkit.model.documents import DocumentError, split_documents
from buildkit.model.resource import Resource, Value

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.charts.spec import Profile
    from buildkit.compare.comparison import Json
    from buildkit.flows.options import RemoteOptions
    from buildkit.flows.sources import Sources
    from buildkit.flows.watch import Watch

SPEC: Final = "spec.yaml"
README: Final = "README.md"
_MOST: Final = MIB
_HINT: Final = "name charts after the folders in --specs, or leave the names out for all of them"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileRender:
    """A profile as Kustomize renders it."""

    text: str
    objects: tuple[Object, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartInput:
    """One specification, and what a release gives for it.

    Attributes:
        spec: without the profiles that the release lacks, each with the folder that the release has.
        renders: by profile, in the specification's order.
        references: image references in them, as written.
        problems: profiles that cannot be rendered, kustomizations that no profile takes.
        notes: profiles that the release may lack, and does.
        lacking: profiles that should be there and have no render; `problems` says why.
    """

    spec: ChartSpec
    renders: Mapping[str, ProfileRender]
    references: tuple[str, ...]
    problems: tuple[ChartProblem, ...]
    notes: tuple[str, ...]
    lacking: tuple[str, ...] = ()


def read_specs(folder: Path, names: Sequence[str]) -> tuple[ChartSpec, ...]:
    """Read the specifications in a folder, or the named ones.

    Raises:
        UsageError: there are none, one is wrong or has a README.md that is no text, or two charts have one name.
    """
    found = {place.parent.name: place for place in sorted(folder.glob(f"*/{SPEC}"))}
    if not found:
        raise UsageError(f"{folder}: holds no <chart>/{SPEC}", hint="--specs names the folder of specifications")
    for name in names:
        if name not in found:
            raise UsageError(f"{name}: no such chart in {folder}: {', '.join(found)}", hint=_HINT)
    specs = tuple(_read_spec(found[name]) for name in names or found)
    taken: dict[str, ChartSpec] = {}
    for spec in specs:
        for name in names_of(spec):
            other = taken.setdefault(name, spec)
            if other is not spec:
                raise UsageError(f"{spec.source}: the chart name {name} is taken by {other.source}")
    return specs


def _read_spec(place: Path) -> ChartSpec:
    spec = read_spec(read_text_file(place, _MOST), str(place))
    beside = place.parent / README
    return replace(spec, readme=read_text_file(beside, _MOST)) if beside.is_file() else spec


def names_of(spec: ChartSpec) -> tuple[str, ...]:
    """Name the chart, and the one of its definitions where the specification wants one."""
    name = spec.about.name
    return (name,) if spec.crds == "templates" else (name, f"{name}{CRDS}")


@dataclass
class Documents:
    """Objects by the text of their document: what several renders share is read once, and stays one object."""

    known: dict[str, tuple[Object, ...]] = field(default_factory=dict)

    def read(self, name: str, text: str) -> tuple[Object, ...]:
        """Read a render.

        Raises:
            DocumentError: it is none; the message has the name, and the line in it.
        """
        found: list[Object] = []
        for line, document in split_documents(text):
            bare = document.lstrip("\n")
            if bare not in self.known:
                try:
                    self.known[bare] = tuple(unwrap(read_document(bare, 1), 1))
                except DocumentError as error:
                    at = line + len(document) - len(bare) + error.line - 1
                    raise DocumentError(f"{name}:{at}: {error}", line=at) from None
            found += self.known[bare]
        return tuple(found)


def read_inputs(
    manifests: str, remotes: RemoteOptions, specs: Sequence[ChartSpec], documents: Documents, watch: Watch
) -> tuple[ChartInput, ...]:
    """Render every profile of every specification.

    Raises:
        UsageError: there are no manifests, or they are no tree.
        UndeterminedError: kustomize is missing, or scratch copies cannot be written.
    """
    root = find_root(manifests, offline=remotes.offline)
    if not root.is_dir():
        raise UsageError(f"{manifests}: is one render", hint="charts are made from a tree of kustomizations")
    store = open_store(remotes)
    with watch.stage("read"):
        sources = gather(root, store)
    keep_lock(remotes, store, watch)
    wanted = {folder for spec in specs for one in spec.profiles if (folder := _folder(one, sources))}
    renders: dict[str, ProfileRender | ChartProblem] = {}
    with watch.stage("render"):
        for number, rendering in enumerate(render_each(sources, find_program(KUSTOMIZE), wanted), start=1):
            renders[rendering.folder] = _read(rendering, documents)
            watch.count("render", number, len(wanted))
    with watch.stage("images"):
        references = _References()
        return tuple(_input(spec, sources, renders, references) for spec in specs)


def _read(rendering: Rendering, documents: Documents) -> ProfileRender | ChartProblem:
    if rendering.output is None:
        return ChartProblem(chart="", message=f"does not render: {rendering.why}", known=False)
    text = rendering.text()
    try:
        return ProfileRender(text=text, objects=documents.read(rendering.folder, text))
    except DocumentError as error:
        return ChartProblem(chart="", message=f"its render is not read: {error}", known=False)


def _input(
    spec: ChartSpec, sources: Sources, renders: Mapping[str, ProfileRender | ChartProblem], references: _References
) -> ChartInput:
    made: dict[str, ProfileRender] = {}
    problems: list[ChartProblem] = []
    notes: list[str] = []
    used: list[Profile] = []
    for profile in spec.profiles:
        folder = _folder(profile, sources)
        found = renders.get(folder)
        if isinstance(found, ProfileRender):
            made[profile.name] = found
            used.append(replace(profile, path=folder))
        elif found is not None:
            problems.append(_unrendered(spec, profile, folder, found))
        elif profile.optional:
            notes.append(f"{spec.about.name}: this release has no {_listed(profile)}: no profile {profile.name}")
        else:
            problems.append(_missing(spec, profile, sources))
    problems += _unwatched(spec, sources)
    return ChartInput(
        spec=replace(spec, profiles=tuple(used)),
        renders=made,
        references=tuple(sorted({one for render in made.values() for one in references.of(render.objects)})),
        problems=tuple(problems),
        notes=tuple(notes),
        lacking=tuple(one.profile for one in problems if one.profile),
    )


def _folder(profile: Profile, sources: Sources) -> str:
    """The first of a profile's folders that the release has; empty where it has none."""
    return next((one for one in profile.paths if one in sources.graph.nodes), "")


def _listed(profile: Profile) -> str:
    more = len(profile.elsewhere)
    return f"{profile.path} (or {more} other{'s' * (more > 1)})" if more else profile.path


def _unrendered(spec: ChartSpec, profile: Profile, folder: str, found: ChartProblem) -> ChartProblem:
    return replace(
        found, chart=spec.about.name, profile=profile.name, file=spec.source, message=f"{folder}: {found.message}"
    )


def _missing(spec: ChartSpec, profile: Profile, sources: Sources) -> ChartProblem:
    moved = find_moved(profile.path, sources.graph.local)
    if moved:
        what = f"{moved} may be it: list it in `path` too"
    elif profile.name == spec.default:
        what = "it is the default profile; where the release has it elsewhere, list that folder in `path` too"
    else:
        what = "`optional: true` lets a release lack it"
    return ChartProblem(
        chart=spec.about.name,
        profile=profile.name,
        file=spec.source,
        message=f"{_listed(profile)}: is no kustomization of this release; {what}",
    )


def _unwatched(spec: ChartSpec, sources: Sources) -> Iterator[ChartProblem]:
    """Yield kustomizations below watched folders that the specification does not know."""
    known = {path for one in spec.profiles for path in one.paths}
    for folder, node in sorted(sources.graph.nodes.items()):
        watched = any(folder.startswith(f"{one}/") for one in spec.watched)
        if not watched or folder in known or node.is_component:
            continue
        if not any(fnmatch.fnmatchcase(folder, one.path) for one in spec.ignored):
            yield ChartProblem(
                chart=spec.about.name,
                file=spec.source,
                message=f"{folder}: a kustomization that is no profile: add it to `profiles`, or to `ignored`",
            )


class _References:
    """The image references of objects, each object looked at once."""

    def __init__(self) -> None:
        self.knowledge = read_knowledge(())[0]
        self.known: dict[int, frozenset[str]] = {}

    def of(self, objects: Sequence[Object]) -> Iterator[str]:
        """Yield the references in a render; some stand in one object and are told by another."""
        fresh = [one for one in objects if one.id.kind != "CustomResourceDefinition"]
        resources = [Resource(id=one.id, body=cast("Mapping[str, Value]", _words(one.body)), line=1) for one in fresh]
        yield from (one.text for one in find(resources, self.knowledge))


def _words(value: Json) -> Value:
    if isinstance(value, Mapping):
        return {key: _words(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_words(one) for one in value]
    if value is None or isinstance(value, str):
        return value
    return "true" if value is True else "false" if value is False else str(value)
