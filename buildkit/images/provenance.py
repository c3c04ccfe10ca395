"""From an image in a render back to the file and line where its effective tag or digest stands.

The object's origin is found by name, then the value is taken through everything that can change it, in kustomize's
order, inner kustomization first. The way whose end equals the render is believed; where none does, the places met on
the way and then all files in reach are searched for the text itself; the last resort is the object's own line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.images import places, setters
from buildkit.images.locate import Branch, Leaf, Node, leaf_text, name_steps, parse_path
from buildkit.images.origin import Origin, Origins, SourceFile, Stage, entry_file
from buildkit.images.places import Place
from buildkit.images.setters import State, Steps, Subject
from buildkit.model.documents import DocumentError, split_documents
from buildkit.model.resource import ObjectId, Resource, Value

if TYPE_CHECKING:
    from buildkit.images.found import Found
    from buildkit.images.graph import Graph, KustomizationFile

_DEEPEST: Final = 4


class Tracer:
    """Traces values of the renders of one tree.

    Args:
        graph: the tree's kustomizations.
        read: a file's text by its path, None where there is none.
        remotes: addresses of remote files -> the paths they are known by.
    """

    def __init__(self, graph: Graph, read: Callable[[str], str | None], remotes: Mapping[str, str]) -> None:
        self.graph = graph
        self.origins = Origins(graph, read)
        self.remotes = dict(remotes)

    def place(self, root: str, found: Found, resource: Resource, occurrence: int = 0) -> Place:
        """Where the effective tag or digest of one image stands.

        Args:
            root: the kustomization that was rendered.
            found: the image.
            resource: the object that holds the last part of it, as rendered.
            occurrence: how many equal texts stand before it in the same value.
        """
        path, raw = found.parts[-1]
        steps = name_steps(resource.body, parse_path(path))
        final = _value(resource.body, parse_path(path))
        needles = places.needles(found, raw)
        fallback: Place | None = None
        for origin in self.origins.find(root, resource.id):
            for state in self._ends(origin, _subject(resource, origin.names, steps)):
                if same_text(state.text, final) or (final is not None and "\n" in final and raw in state.text):
                    return places.in_scalar(state, path, needles, occurrence)
            own = places.in_object(origin, needles)
            fallback = own if fallback is None or (own.sure and not fallback.sure) else fallback
        if fallback is None or not fallback.sure:
            fallback = places.in_files(self.reach_files(root), needles) or fallback
        parsed = self.graph.nodes[root].parsed
        return fallback or Place(file=parsed.file if parsed else root, line=1, sure=False)

    def _ends(self, origin: Origin, subject: Subject) -> Iterator[State]:
        """What the value can have become: with `images:` entries and without, most likely first."""
        pod = len(subject.steps) > 1 and subject.steps[-1] == "image"
        for images in (True, False) if pod else (False, True):
            state = self.trace(origin, replace(subject, images=images))
            if state is not None:
                yield state

    def trace(self, origin: Origin, subject: Subject) -> State | None:
        """Take a value from its origin through every stage."""
        state = setters.origin_state(origin, subject.steps, self._open)
        for index, stage in enumerate(origin.stages):
            parsed = self._parsed(stage.folder)
            if parsed is not None:
                names = origin.names[: index + 2]
                state = self._through(state, parsed, stage, replace(subject, names=names))
        return self._with_vars(state, origin, subject.depth)

    def _parsed(self, folder: str) -> KustomizationFile | None:
        node = self.graph.nodes.get(folder)
        return node.parsed if node else None

    def _open(self, parsed: KustomizationFile, text: str) -> SourceFile | None:
        """A file a kustomization names; itself for an empty name."""
        path = entry_file(parsed, text, self.remotes) if text else parsed.file
        return self.origins.file(path) if path else None

    def _through(self, state: State | None, parsed: KustomizationFile, stage: Stage, subject: Subject) -> State | None:
        own = self._open(parsed, "")
        if own is None:
            return state
        state = self._merged(state, parsed, subject, own)
        for component in self.graph.nodes[parsed.folder].components[stage.component :]:
            inner = self._parsed(component)
            if inner is not None and subject.depth < _DEEPEST:
                deeper = replace(subject, depth=subject.depth + 1)
                state = self._through(state, inner, Stage(folder=component), deeper)
        for patch, target in self._patches(parsed):
            state = setters.patched(state, patch, target, subject, own)
        if subject.images and state is not None:
            state = setters.with_images(state, parsed, own)
        return self._replaced(state, parsed, subject)

    def _merged(
        self, state: State | None, parsed: KustomizationFile, subject: Subject, own: SourceFile
    ) -> State | None:
        """Generator entries that merge into a ConfigMap or Secret of a base, or replace it."""
        key = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}.get(subject.id.kind)
        for item in parsed.items(key) if key else ():
            behavior = leaf_text(item, "behavior") if isinstance(item, Branch) else None
            if (
                isinstance(item, Branch)
                and behavior in {"merge", "replace"}
                and leaf_text(item, "name") in subject.names
            ):
                found = setters.generated(item, subject.steps, lambda path: self._open(parsed, path), own)
                state = found or (None if behavior == "replace" else state)
        return state

    def _patches(self, parsed: KustomizationFile) -> Iterator[tuple[setters.Patch, Branch | None]]:
        """Every patch of a kustomization in the order of application, with its target."""
        for leaf in parsed.items("patchesStrategicMerge"):
            if isinstance(leaf, Leaf):
                patch = leaf if "\n" in leaf.text else self._open(parsed, leaf.text)
                if patch is not None:
                    yield patch, None
        for item in (*parsed.items("patches"), *parsed.items("patchesJson6902")):
            if isinstance(item, Branch):
                inline, path, target = item.get("patch"), leaf_text(item, "path"), item.get("target")
                chosen = self._open(parsed, path) if path else inline
                if isinstance(chosen, Leaf | SourceFile):
                    yield chosen, target if isinstance(target, Branch) else None

    def _replaced(self, state: State | None, parsed: KustomizationFile, subject: Subject) -> State | None:
        for item in self._replacements(parsed):
            source, targets = item.get("source"), item.get("targets")
            if not isinstance(source, Branch) or not isinstance(targets, Branch):
                continue
            for target in targets.values:
                if isinstance(target, Branch) and _targeted(target, subject):
                    path = leaf_text(source, "fieldPath") or "metadata.name"
                    new = self._sourced(parsed.folder, source, path, subject.depth)
                    state = _put(state, new, target.get("options")) if new else state
        return state

    def _replacements(self, parsed: KustomizationFile) -> Iterator[Branch]:
        for item in parsed.items("replacements"):
            path = leaf_text(item, "path")
            file = self._open(parsed, path) if path else None
            for node in _documents(file) if file else (item,):
                for one in node.values if isinstance(node, Branch) and not node.is_map else (node,):
                    if isinstance(one, Branch):
                        yield one

    def _sourced(self, folder: str, source: Branch, path: str, depth: int) -> State | None:
        """The value that a replacement or a var takes from another object."""
        group, _, version = (leaf_text(source, "apiVersion") or "").rpartition("/")
        wanted = ObjectId(
            group=leaf_text(source, "group") or group,
            version=leaf_text(source, "version") or version,
            kind=leaf_text(source, "kind") or "",
            namespace=leaf_text(source, "namespace") or "",
            name=leaf_text(source, "name") or "",
        )
        for origin in self.origins.find(folder, wanted) if depth < _DEEPEST else ():
            steps = setters.field_steps(path)
            subject = Subject(id=wanted, names=origin.names, labels={}, annotations={}, steps=steps, depth=depth + 1)
            state = self.trace(origin, subject)
            if state is not None:
                return state
        return None

    def _with_vars(self, state: State | None, origin: Origin, depth: int) -> State | None:
        """Put the values of `vars:` in for `$(NAME)`."""
        if state is None or "$(" not in state.text or depth >= _DEEPEST or not origin.stages:
            return state
        for folder in sorted(self.graph.reached(origin.stages[-1].folder)):
            parsed = self._parsed(folder)
            for item in parsed.items("vars") if parsed else ():
                mark = f"$({leaf_text(item, 'name')})"
                source = item.get("objref") if isinstance(item, Branch) else None
                if mark in state.text and isinstance(source, Branch):
                    path = leaf_text(item, "fieldref", "fieldpath") or leaf_text(item, "fieldref", "fieldPath")
                    new = self._sourced(folder, source, path or "metadata.name", depth)
                    state = _inserted(state, mark, new) if new else state
        return state

    def reach_files(self, root: str) -> Iterator[SourceFile]:
        """Every file that a render can take text from, kustomizations first."""
        folders = sorted(self.graph.reached(root), key=lambda one: (one != root, one))
        for folder in folders:
            parsed = self._parsed(folder)
            texts = ("", *(entry.text for entry in parsed.entries if entry.kind == "file")) if parsed else ()
            for text in texts:
                file = self._open(parsed, text) if parsed else None
                if file is not None:
                    yield file
        for folder in folders:
            for path in self.graph.nodes[folder].files:
                file = self.origins.file(path)
                if file is not None:
                    yield file


def _targeted(target: Branch, subject: Subject) -> bool:
    select, paths = target.get("select"), target.get("fieldPaths")
    chosen = isinstance(select, Branch) and setters.selects(select, subject)
    texts = (
        [one.text for one in paths.values if isinstance(one, Leaf)] if isinstance(paths, Branch) else ["metadata.name"]
    )
    return chosen and any(setters.field_meets(text, subject.steps) for text in texts)


def _put(state: State | None, new: State, options: Node | None) -> State | None:
    """A replaced value, or with a delimiter the piece of it that is replaced."""
    delimiter, index = leaf_text(options, "delimiter"), leaf_text(options, "index") or "0"
    if not delimiter or state is None:
        return new
    pieces = state.text.split(delimiter)
    at = int(index) if index.lstrip("-").isdigit() else 0
    if 0 <= at < len(pieces):
        pieces[at] = new.text
    elif at < 0:
        pieces.insert(0, new.text)
    else:
        pieces.append(new.text)
    text = delimiter.join(pieces)
    # The last piece is the one that holds a tag or a digest.
    return replace(new, text=text) if at >= len(pieces) - 1 else replace(state, text=text)


def _inserted(state: State, mark: str, new: State) -> State:
    before, _, after = state.text.partition(mark)
    text = state.text.replace(mark, new.text)
    tagged = not after and (not before or before.endswith((":", "@")) or ":" in new.text)
    return replace(new, text=text) if tagged else replace(state, text=text)


def _documents(file: SourceFile) -> Iterator[Node]:
    try:
        for line, body in split_documents(file.text):
            node = file.document(line, body)
            if node is not None:
                yield node
    except DocumentError:
        return


def _subject(resource: Resource, names: tuple[str, ...], steps: Steps) -> Subject:
    metadata = resource.body.get("metadata")
    known = metadata if isinstance(metadata, Mapping) else {}
    labels, annotations = known.get("labels"), known.get("annotations")
    return Subject(
        id=resource.id,
        names=names,
        labels=labels if isinstance(labels, Mapping) else {},
        annotations=annotations if isinstance(annotations, Mapping) else {},
        steps=steps,
    )


def _value(body: Value, path: Sequence[str | int]) -> str | None:
    for step in path:
        if isinstance(body, Mapping) and isinstance(step, str):
            body = body.get(step)
        elif isinstance(body, Sequence) and not isinstance(body, str) and isinstance(step, int) and step < len(body):
            body = body[step]
        else:
            return None
    return body if isinstance(body, str) else None


def same_text(text: str, final: str | None) -> bool:
    """Equal but for white space around it and line ends, which kustomize normalises."""
    return final is not None and text.replace("\r\n", "\n").strip() == final.replace("\r\n", "\n").strip()
