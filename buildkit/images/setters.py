"""What a kustomization does to one value of one object: patches, image entries, generators, replacements.

Each function takes the value as it is so far and returns it as it is afterwards, with the place it now stands at.
Matching is loose where kustomize's is strict: what it gets wrong shows as a value that differs from the render.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.images.locate import Branch, Leaf, NamedStep, Node, Step, compose, leaf_text, walk
from buildkit.images.origin import Origin, SourceFile
from buildkit.model.documents import DocumentError, split_documents
from buildkit.model.resource import ObjectId, Value

if TYPE_CHECKING:
    from buildkit.images.graph import KustomizationFile

Steps = tuple[Step | NamedStep, ...]
Patch = Leaf | SourceFile
_DATA: Final = {("data",), ("stringData",), ("binaryData",)}
_DATA_DEPTH: Final = 2
# Kustomize takes an image's name for a pattern (RE2, linear); Python's matcher is exponential in nested repeats.
_COSTLY: Final = re.compile(r"[(){]|[*+?].*[*+?].*[*+?]")
_POINTER: Final = re.compile(r"~([01])")


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A value on its way: `text` is what it is, `leaf` in `file` is where its tag or digest stands."""

    text: str
    file: SourceFile
    leaf: Leaf


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The value that is traced: which object, under which names, which path in it.

    `images` tells whether `images:` entries reach it, `depth` how many values it is followed through already.
    """

    id: ObjectId
    names: tuple[str, ...]
    labels: Mapping[str, Value]
    annotations: Mapping[str, Value]
    steps: Steps
    images: bool = True
    depth: int = 0


def generated(
    item: Branch,
    steps: Steps,
    open_file: Callable[[str], SourceFile | None],
    own: SourceFile,
) -> State | None:
    """The value that a generator entry gives to `data.<key>`."""
    if steps[:1] not in _DATA or len(steps) != _DATA_DEPTH:
        return None
    key = steps[1]
    for leaf in _texts(item.get("literals")):
        name, equals, value = leaf.text.partition("=")
        if equals and name == key:
            return State(text=value.strip("'\"") if value[:1] in {"'", '"'} else value, file=own, leaf=leaf)
    for leaf in _texts(item.get("files")):
        name, equals, path = leaf.text.partition("=")
        path = path if equals else name
        if key == (name if equals else path.rstrip("/").rpartition("/")[2]):
            file = open_file(path)
            return State(text=file.text, file=file, leaf=file.whole) if file else None
    env = item.get("env")
    for leaf in (*_texts(item.get("envs")), *([env] if isinstance(env, Leaf) else [])):
        file = open_file(leaf.text)
        if file and (found := _in_env_file(file, str(key))):
            return found
    return None


def _in_env_file(file: SourceFile, key: str) -> State | None:
    found = None
    for number, line in enumerate(file.lines, start=1):
        name, equals, value = line.rstrip("\r").lstrip().partition("=")
        if equals and name == key:
            leaf = Leaf(text=value, line=number, last=number, block=False, start=0, end=0)
            found = State(text=value, file=file, leaf=leaf)
    return found


def _texts(node: Node | None) -> list[Leaf]:
    return [one for one in node.values if isinstance(one, Leaf)] if isinstance(node, Branch) else []


def with_images(state: State, parsed: KustomizationFile, own: SourceFile) -> State:
    """Apply `images:` as kustomize's filter does (api/filters/imagetag/updater.go)."""
    for item in (*parsed.items("images"), *parsed.items("imageTags")):
        if isinstance(item, Branch) and item.is_map:
            state = _with_image(state, item, own)
    return state


def _with_image(state: State, item: Branch, own: SourceFile) -> State:
    wanted = leaf_text(item, "name") or ""
    name, tag, digest = split_image(state.text)
    if not wanted or not _is_image(state.text, wanted):
        return state
    new_name, new_tag, new_digest, suffix = (item.get(key) for key in ("newName", "newTag", "digest", "tagSuffix"))
    leaf: Leaf | None = None
    if isinstance(new_tag, Leaf) and new_tag.text:
        tag, digest, leaf = new_tag.text, "", new_tag
    elif isinstance(suffix, Leaf) and suffix.text:
        # Both of kustomize's filters see a pod's containers, so the suffix comes twice (5.8.1).
        tag, digest, leaf = tag + suffix.text * 2, "", suffix
    if isinstance(new_digest, Leaf) and new_digest.text:
        tag, digest, leaf = tag if leaf else "", new_digest.text, new_digest
    if isinstance(new_name, Leaf) and new_name.text:
        name = new_name.text
        # No tag anywhere: the name is all there is of the reference.
        leaf = leaf or (new_name if not tag and not digest else None)
    text = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return State(text=text, file=own, leaf=leaf) if leaf else replace(state, text=text)


def _is_image(text: str, name: str) -> bool:
    if _COSTLY.search(name):
        return text.startswith(name) and split_image(text)[0] == name
    try:
        return re.match(rf"^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", text) is not None
    except re.error:
        return text.startswith(name) and split_image(text)[0] == name


def split_image(text: str) -> tuple[str, str, str]:
    """Split into name, tag and digest as kustomize does."""
    head, _, digest = text.partition("@")
    slash = head.find("/")
    colon = head.find(":", max(slash, 0))
    return (head, "", digest) if colon < 0 else (head[:colon], head[colon + 1 :], digest)


def patched(
    state: State | None, patch: Leaf | SourceFile, target: Branch | None, subject: Subject, own: SourceFile
) -> State | None:
    """Apply one patch, strategic merge or JSON 6902, inline or from a file."""
    if target is not None and not _selects(target, subject):
        return state
    for node, file, inline in _patch_documents(patch, own):
        if isinstance(node, Branch) and node.is_map:
            if target is not None or _same(node, subject):
                state = _found(walk(node, subject.steps), file, inline) or state
        elif isinstance(node, Branch):
            for operation in node.values:
                if isinstance(operation, Branch):
                    state = _operated(operation, subject, file, inline) or state
    return state


def _patch_documents(
    patch: Leaf | SourceFile, own: SourceFile
) -> Iterator[tuple[Node | None, SourceFile, Leaf | None]]:
    """Yield `(document, its file, the scalar it stands in if inline)`."""
    text = patch.text
    try:
        for line, body in split_documents(text):
            if isinstance(patch, Leaf):
                yield compose(body, line=line), own, patch
            else:
                yield patch.document(line, body), patch, None
    except DocumentError:
        return


def _found(node: Node | None, file: SourceFile, inline: Leaf | None) -> State | None:
    if not isinstance(node, Leaf):
        return None
    return State(text=node.text, file=file, leaf=node if inline is None else _outer(node, inline))


def _outer(node: Leaf, inline: Leaf) -> Leaf:
    """Where a scalar of an inline patch stands in the file around it."""
    if not inline.block:
        return replace_leaf(inline, text=node.text)
    return Leaf(
        text=node.text,
        line=inline.line + node.line,
        last=min(inline.line + node.last, inline.last),
        block=node.block,
        start=0,
        end=0,
    )


def replace_leaf(leaf: Leaf, *, text: str) -> Leaf:
    return Leaf(text=text, line=leaf.line, last=leaf.last, block=leaf.block, start=leaf.start, end=leaf.end)


def _operated(operation: Branch, subject: Subject, file: SourceFile, inline: Leaf | None) -> State | None:
    """One JSON 6902 operation: `add` or `replace` at the value, or at something around it."""
    if leaf_text(operation, "op") not in {"add", "replace"}:
        return None
    pointer = [
        _POINTER.sub(lambda one: "~/"[int(one[1])], part)
        for part in (leaf_text(operation, "path") or "").split("/")[1:]
    ]
    if len(pointer) > len(subject.steps) or not all(
        _meets(part, step) for part, step in zip(pointer, subject.steps, strict=False)
    ):
        return None
    value = operation.get("value")
    last = subject.steps[len(pointer) - 1] if pointer else None
    # An element put into a list: its name tells whether it is ours, its index may have moved since.
    if isinstance(last, NamedStep) and leaf_text(value, "name") not in {None, last.name}:
        return None
    return _found(walk(value, subject.steps[len(pointer) :]), file, inline)


def _meets(part: str, step: Step | NamedStep) -> bool:
    if isinstance(step, NamedStep):
        return part == "-" or part.isdigit()
    if isinstance(step, int):
        return part in {"-", str(step)}
    return part == step


def _same(document: Branch, subject: Subject) -> bool:
    """Tell whether a strategic merge patch is for the object: kind and one of the names it has on the way."""
    name = leaf_text(document, "metadata", "name")
    return leaf_text(document, "kind") == subject.id.kind and (name in subject.names or name == subject.id.name)


def _selects(target: Branch, subject: Subject) -> bool:
    group, version, kind = subject.id.group, subject.id.version, subject.id.kind
    for key, actual in (("group", group), ("version", version), ("kind", kind)):
        wanted = leaf_text(target, key)
        if wanted and not _fits(wanted, actual):
            return False
    wanted = leaf_text(target, "name")
    if wanted and not any(_fits(wanted, name) for name in (*subject.names, subject.id.name)):
        return False
    return _labelled(leaf_text(target, "labelSelector"), subject.labels) and _labelled(
        leaf_text(target, "annotationSelector"), subject.annotations
    )


def _fits(pattern: str, actual: str) -> bool:
    """Whole-string match, as kustomize anchors its patterns (api/types/selector.go)."""
    try:
        return re.fullmatch(pattern, actual) is not None
    except re.error:
        return pattern == actual


def _labelled(selector: str | None, labels: Mapping[str, Value]) -> bool:
    """Equality terms only; the rarer set terms count as met."""
    for term in (selector or "").split(","):
        match = re.fullmatch(r"\s*([^\s!=()]+)\s*==?\s*([^\s()]+)\s*", term)
        if match and labels.get(match[1]) != match[2]:
            return False
    return True


def field_meets(path: str, steps: Sequence[Step | NamedStep]) -> bool:
    """Tell whether a replacement's field path (`spec.containers.[name=x].image`) is the path of the value."""
    parts = _field_parts(path)
    return len(parts) == len(steps) and all(_field_step(part, step) for part, step in zip(parts, steps, strict=True))


def _field_step(part: str, step: Step | NamedStep) -> bool:
    if part == "*":
        return True
    if isinstance(step, NamedStep):
        return part == f"name={step.name}" or part == str(step.index)
    return part == str(step)


def _field_parts(path: str) -> list[str]:
    r"""Split at dots outside brackets; `\.` is a dot in a key, `[key.with.dots]` a key or a selector."""
    parts = re.findall(r"\[[^\]]*\]|(?:\\.|[^.\[\]\\])+", path)
    return [part[1:-1] if part.startswith("[") else re.sub(r"\\(.)", r"\1", part) for part in parts]


def field_steps(path: str) -> tuple[Step | NamedStep, ...]:
    """A replacement's or a var's source path as steps."""
    steps: list[Step | NamedStep] = []
    for part in _field_parts(path):
        if part.startswith("name="):
            steps.append(NamedStep(index=0, name=part[5:]))
        else:
            steps.append(int(part) if part.isdigit() else part)
    return tuple(steps)


def selects(target: Branch, subject: Subject) -> bool:
    """Tell whether a selector (of a patch or a replacement) takes the object."""
    return _selects(target, subject)


def origin_state(
    origin: Origin, steps: Steps, open_file: Callable[[KustomizationFile, str], SourceFile | None]
) -> State | None:
    """The value at its origin, before any kustomization touched it."""
    if origin.source is not None:
        return _found(walk(origin.source.node(), steps), origin.source.file, None)
    if origin.generator is not None:
        parsed, item = origin.generator
        own = open_file(parsed, "")
        return generated(item, steps, lambda path: open_file(parsed, path), own) if own else None
    return None
