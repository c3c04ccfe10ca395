"""The install that an overlay stands on: read, rendered, and named as a kustomization elsewhere would name it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.compare.objects import CompareError, Object, Text, read_objects
from buildkit.edges.remotes import COMMIT_FILE, RemoteStore
from buildkit.edges.tools import KUSTOMIZE, Program, find_program
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.images import DEFAULT_INSTALL
from buildkit.flows.rendering import render_each
from buildkit.flows.sources import Sources, find_root, gather
from buildkit.flows.store import keep_lock, open_store
from buildkit.images.origin import Origins, bare_name
from buildkit.model.documents import DocumentError, parse_documents
from buildkit.model.resource import Resource
from buildkit.overlay.operation import value_at
from buildkit.overlay.target import Known

if TYPE_CHECKING:
    from buildkit.flows.images import ImagesRequest
    from buildkit.flows.watch import Watch


@dataclass(frozen=True, kw_only=True)
class Base:
    """An install.

    Attributes:
        sources: the tree, `store` its remote bases.
        install: the kustomization.
        address: what `resources:` of the overlay says.
        text: its render; `resources` and `objects` the same, read for images and strictly.
    """

    sources: Sources
    store: RemoteStore
    program: Program
    install: str
    address: str
    text: str
    resources: tuple[Resource, ...]
    objects: Mapping[str, Object]

    @cached_property
    def _origins(self) -> Origins:
        return Origins(self.sources.graph, self.sources.read)

    @cached_property
    def known(self) -> tuple[Known, ...]:
        """Every object as kustomize knows it when an overlay is applied."""
        return tuple(self._known(one) for one in self.objects.values())

    def _known(self, one: Object) -> Known:
        found = value_at(one.body, ("metadata", "labels"))
        labels = (
            {key: text for key, text in found.items() if isinstance(text, str)} if isinstance(found, Mapping) else {}
        )
        origin = next(iter(self._origins.find(self.install, one.id)), None)
        if origin is None:
            return Known(id=one.id, name=one.id.name, first=(one.id.name, one.id.namespace), labels=labels)
        hashed = origin.generator is not None and one.id.name not in origin.names
        space = origin.source.id.namespace if origin.source is not None else one.id.namespace
        name = bare_name(one.id.name) if hashed else one.id.name
        return Known(id=one.id, name=name, first=(origin.names[0], space), labels=labels)


def open_base(request: ImagesRequest, output: Path, watch: Watch) -> Base:
    """Read and render the install.

    Raises:
        UsageError: no such tree or install, several installs, an output folder that would become a part of the install.
        UndeterminedError: a remote base cannot be had, or the install does not render.
    """
    root = find_root(request.manifests, offline=request.offline) if request.manifests != "-" else None
    if root is None or not root.is_dir():
        raise UsageError(
            f"{request.manifests}: a render, and an overlay stands on a kustomization",
            hint="name the folder of a release, or github.com/OWNER/REPO@REF",
        )
    program = find_program(KUSTOMIZE)
    store = open_store(request.bases)
    with watch.stage("read"):
        sources = gather(root, store)
    keep_lock(request.bases, store, watch)
    install = _install(sources, request)
    address = _address(root, install, request.manifests, output)
    _check_place(root, sources, install, output, watch)
    with watch.stage("render"):
        text, why = render_text(sources, program, install)
    if why is not None:
        raise UndeterminedError(f"{install}: does not render: {why}")
    if not text.strip():
        raise UsageError(f"{install}: renders no object: nothing to lay an overlay over")
    return _read(sources, store, program, install, address, text)


def _install(sources: Sources, request: ImagesRequest) -> str:
    if len(request.installs) > 1:
        raise UsageError("--install: an overlay stands on one install", hint="make one overlay for each")
    install = posixpath.normpath((request.installs or (DEFAULT_INSTALL,))[0])
    if install not in sources.graph.local:
        raise UsageError(
            f"{request.asked_by} {install}: the tree has no such kustomization", hint="--install names one"
        )
    if sources.graph.nodes[install].is_component:
        raise UsageError(f"{request.asked_by} {install}: a component is rendered only by what takes it in")
    return install


def _address(root: Path, install: str, manifests: str, output: Path) -> str:
    """A relative path, as kustomize wants it; of a repository its URL."""
    if Path(manifests).exists():
        return Path(os.path.relpath(root.resolve() / install, output.resolve())).as_posix()
    repository, _, ref = manifests.removeprefix("https://").partition("@")
    if not ref:
        ref = (root / COMMIT_FILE).read_text(encoding="utf-8").strip()
    path = "" if install == "." else f"//{install}"
    return f"https://{repository.removesuffix('.git')}{path}?ref={ref}"


def _check_place(root: Path, sources: Sources, install: str, output: Path, watch: Watch) -> None:
    """Where the folder may be: nowhere that the install takes in, and nowhere that changes what counts."""
    real, target = root.resolve(), output.resolve()
    if not target.is_relative_to(real):
        return
    for one in sorted(sources.graph.reached(install)):
        if one in sources.graph.local and target.is_relative_to(real / one):
            raise UsageError(
                f"{output}: lies in {one}, which the install takes in: kustomize calls that a cycle",
                hint="name a folder outside",
            )
    if DEFAULT_INSTALL not in sources.graph.local:
        raise UsageError(
            f"{output}: lies in the tree, every root of which counts as an install: the overlay would be one more",
            hint="name a folder outside",
        )
    watch.tell(
        f"{output} lies in the tree: `kfkit images` lists it with the other kustomizations, and counts as before"
    )


def render_text(sources: Sources, program: Program, folder: str) -> tuple[str, str | None]:
    """The render of one kustomization, or why there is none."""
    for rendering in render_each(sources, program, [folder]):
        return rendering.text(), (rendering.why or "no render") if rendering.output is None else None
    raise AssertionError  # one was asked for


def _read(  # noqa: PLR0913, PLR0917
    sources: Sources, store: RemoteStore, program: Program, install: str, address: str, text: str
) -> Base:
    try:
        resources = parse_documents(text)
        objects = read_objects(Text(install, text))
    except DocumentError as error:
        raise UndeterminedError(f"{install}: its render is not read: line {error.line}: {error}") from error
    except CompareError as error:
        raise UndeterminedError(f"{install}: its render is not read: line {error.line}: {error}") from error
    return Base(
        sources=sources,
        store=store,
        program=program,
        install=install,
        address=address,
        text=text,
        resources=resources,
        objects={str(one.id): one for one in objects},
    )
