"""Every tie of a tree: found in the text of its files, told what it belongs to by the images of its renders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from buildkit.flows.reach import reaching
from buildkit.images.candidates import Judge
from buildkit.model.image import ImageUse
from buildkit.model.reference import Reference, parse_reference
from buildkit.pins.find import IN_PIECES, find_digests
from buildkit.pins.pin import Tie
from buildkit.pins.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildkit.flows.images import ImagesResult
    from buildkit.flows.sources import Sources
    from buildkit.flows.watch import Watch
    from buildkit.model.platform import Platform
_NEEDLES: Final = (b"sha256:", b"sha384:", b"sha512:")
_OBJECTS: Final = (".yaml", ".yml", ".json")
_DOCUMENTATION: Final = (".md", ".markdown", ".mdx", ".rst")
_NOT_UTF8: Final = "the file is not UTF-8: no characters of it can be told"


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A reference that a render shows to come from a line."""

    reference: Reference
    use: ImageUse


def find_ties(result: ImagesResult, _required: Sequence[Platform], watch: Watch) -> tuple[Tie, ...]:
    """Find what may tie a tree to one architecture, sorted by file and place; none in a render, which has no files."""
    sources = result.tree
    if sources is None:
        return ()
    with watch.stage("ties"):
        taken = reaching(sources)
        judge = Judge(result.knowledge.registries, result.knowledge.placeholders)
        named = _named(result, sources)
        found: list[Tie] = []
        for path, content in _candidates(sources, taken):
            found.extend(_in_file(path, content, judge, taken=path in taken))
        known = {tie.value for tie in found}
        ties = [*_joined(found, named), *_unseen(named, known)]
        placed = (replace(tie, kustomizations=taken.get(tie.file, ())) for tie in ties)
        sampled = (replace(tie, sample=tie.sample or not tie.kustomizations) for tie in placed)
        return tuple(sorted(sampled, key=lambda tie: (tie.file, tie.start, tie.line, tie.column, tie.value)))


def _candidates(sources: Sources, taken: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, bytes]]:
    """Files that may hold a tie: of those that no kustomization takes in only the tree's own YAML and JSON."""
    links = {path for one in sources.trees.values() for path in one.links}
    own = (path for path in sources.trees[""].files if path.lower().endswith(_OBJECTS))
    for path in sorted({*own, *taken} - links):
        content = None if path.lower().endswith(_DOCUMENTATION) else sources.read_bytes(path)
        if content and any(needle in content for needle in _NEEDLES):
            yield path, content


def _in_file(path: str, content: bytes, judge: Judge, *, taken: bool) -> Iterator[Tie]:
    try:
        text, blocked = content.decode("utf-8"), None
    except UnicodeDecodeError:
        text, blocked = content.decode("utf-8", "replace"), _NOT_UTF8
    for tie in find_digests(Source(file=path, text=text, judge=judge, taken=taken)):
        yield replace(tie, start=-1, strip=(), strip_why=blocked, blocked=blocked) if blocked else tie


def _named(result: ImagesResult, sources: Sources) -> dict[str, list[Named]]:
    """The references with a digest that each file's lines give, by digest."""
    found: dict[str, list[Named]] = {}
    for image in result.images:
        reference = parse_reference(image.name)
        for use in image.uses if reference.digest else ():
            tree = sources.tree_of(use.file)
            file = tree.canonical(use.file) if tree else use.file
            one = Named(reference=reference, use=replace(use, file=file))
            found.setdefault(reference.digest or "", []).append(one)
    return found


def _joined(ties: Iterable[Tie], named: Mapping[str, Sequence[Named]]) -> Iterator[Tie]:
    """Ties with the references that uses give them, one a span; a digest that has none is a checksum."""
    spans = sorted(ties, key=lambda tie: (tie.file, tie.start, tie.line, tie.column, tie.value))
    counts: dict[tuple[str, str], set[int]] = {}
    for tie in spans:
        counts.setdefault((tie.file, tie.value), set()).add(tie.line)
    for (_, start), several in groupby(spans, key=lambda tie: (tie.file, tie.start)):
        for group in [list(several)] if start >= 0 else ([one] for one in several):
            told = _told(group, _uses_of(group[0], named.get(group[0].value, ()), counts))
            if told is not None:
                yield told


def _uses_of(tie: Tie, named: Sequence[Named], lines: Mapping[tuple[str, str], set[int]]) -> list[Named]:
    """The uses of a digest at its line; those whose line is not sure where it is the file's only one."""
    inside = [one for one in named if one.use.file == tie.file]
    exact = [one for one in inside if one.use.line == tie.line]
    return inside if len(lines[tie.file, tie.value]) == 1 else exact


def _told(group: Sequence[Tie], uses: Sequence[Named]) -> Tie | None:
    """One tie of all that stand in the same characters."""
    first = min(group, key=lambda tie: (tie.reference is None, tie.sample))
    first = replace(first, hints=tuple(dict.fromkeys(hint for tie in group for hint in tie.hints)))
    sample = all(tie.sample for tie in group) or (bool(uses) and all(one.use.sample for one in uses))
    named = {one.reference.repository_name: one for one in sorted(uses, key=lambda one: one.reference, reverse=True)}
    if not named:
        read = {tie.reference.repository_name: tie.reference for tie in group if tie.reference}
        if len(read) > 1:
            return replace(first, sample=sample, blocked=f"several values share it: {' and '.join(sorted(read))}")
        return replace(first, sample=sample) if first.reference or first.blocked else None
    reference = named[min(named)].reference
    hints = tuple(dict.fromkeys((*first.hints, *([reference.tag] if reference.tag else []))))
    blocked = _conflict(named) if len(named) > 1 else first.blocked
    return replace(first, reference=reference, hints=hints, sample=sample, blocked=blocked)


def _conflict(named: Mapping[str, Named]) -> str:
    told = [f"{name} in {(one.use.kustomizations or (one.use.file,))[0]}" for name, one in sorted(named.items())]
    return f"what takes the file in needs different values: {', '.join(told)}"


def _unseen(named: Mapping[str, Sequence[Named]], known: set[str]) -> Iterator[Tie]:
    """Digests that a render shows and no file holds in one piece."""
    for digest in sorted(named.keys() - known):
        places = {(one.use.file, one.use.line): one for one in named[digest]}
        for (file, line), one in sorted(places.items()):
            yield Tie(
                kind="digest",
                value=digest,
                file=file,
                line=line,
                column=1,
                reference=one.reference,
                hints=(one.reference.tag,) if one.reference.tag else (),
                strip_why=IN_PIECES,
                blocked=IN_PIECES,
                sample=one.use.sample,
            )
