"""Every tie of a tree: found in the text of its files, told what it belongs to by the images of its renders."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from buildkit.flows.reach import reaching
from buildkit.images.candidates import Judge
from buildkit.images.locate import Branch, leaf_text
from buildkit.model.platform import Platform
from buildkit.pins.architectures import NEEDLES
from buildkit.pins.downloads import find_downloads
from buildkit.pins.find import find_digests
from buildkit.pins.pin import Tie
from buildkit.pins.selectors import Selected, find_selectors
from buildkit.pins.source import Source
from buildkit.pins.tags import TagTie, find_tags
from buildkit.pins.uses import Uses, gather_uses, join_digests, join_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from buildkit.flows.images import ImagesResult
    from buildkit.flows.sources import Sources
    from buildkit.flows.watch import Watch

_DIGESTS: Final = (b"sha256:", b"sha384:", b"sha512:")
# Each needle costs a walk over all of the tree's bytes: the rough ones first, the exact ones in what they leave.
_ROUGH: Final = (b"amd64", b"x86", b"386", b"arm", b"aarch64", b"ppc64le", b"s390x", b"riscv64")
_WORDS: Final = tuple(needle.encode() for needle in NEEDLES)
_SELECTORS: Final = (b"kubernetes.io/arch", b"kubernetes.io~1arch")
_OBJECTS: Final = (".yaml", ".yml", ".json")
_DOCUMENTATION: Final = (".md", ".markdown", ".mdx", ".rst")
_NOT_UTF8: Final = "the file is not UTF-8, so no place in it can be told"


@dataclass(kw_only=True)
class _Found:
    """What the files hold, before the uses are asked."""

    digests: list[Tie] = field(default_factory=list)
    tags: list[TagTie] = field(default_factory=list)
    selectors: list[Selected] = field(default_factory=list)
    downloads: list[Tie] = field(default_factory=list)


def find_ties(result: ImagesResult, required: Sequence[Platform], watch: Watch) -> tuple[Tie, ...]:
    """Find what may tie a tree to one architecture, sorted by file and place; none in a render, which has no files."""
    sources = result.tree
    if sources is None:
        return ()
    with watch.stage("ties"):
        taken = reaching(sources)
        judge = Judge(result.knowledge.registries, result.knowledge.placeholders)
        found = _Found()
        for path, content in _candidates(sources, taken):
            _look(found, path, content, Looking(judge=judge, taken=path in taken, required=tuple(required)))
        uses = gather_uses(result.images, lambda path: _canonical(sources, path))
        ties = [
            *join_digests(found.digests, uses),
            *_named_elsewhere(join_tags(found.tags, uses), sources),
            *_pods(found.selectors, uses, taken),
            *found.downloads,
        ]
        placed = (replace(tie, kustomizations=taken.get(tie.file, ())) for tie in ties)
        return tuple(
            sorted(
                {replace(tie, sample=tie.sample or not tie.kustomizations): None for tie in placed},
                key=lambda tie: (tie.file, tie.start, tie.line, tie.column, tie.kind, tie.value),
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Looking:
    """How to look at one file."""

    judge: Judge
    taken: bool
    required: tuple[Platform, ...]


def _canonical(sources: Sources, path: str) -> str:
    tree = sources.tree_of(path)
    return tree.canonical(path) if tree else path


def _candidates(sources: Sources, taken: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, bytes]]:
    """Files that may hold a tie: of those that no kustomization takes in only the tree's own YAML and JSON."""
    links = {path for one in sources.trees.values() for path in one.links}
    own = (path for path in sources.trees[""].files if path.lower().endswith(_OBJECTS))
    for path in sorted({*own, *taken} - links):
        content = None if path.lower().endswith(_DOCUMENTATION) else sources.read_bytes(path)
        if content and (_holds(content, _DIGESTS) or _holds(content, _SELECTORS) or _holds_word(content)):
            yield path, content


def _holds(content: bytes, needles: tuple[bytes, ...]) -> bool:
    return any(needle in content for needle in needles)


def _holds_word(content: bytes) -> bool:
    return _holds(content, _ROUGH) and _holds(content, _WORDS)


def _look(found: _Found, path: str, content: bytes, how: Looking) -> None:
    try:
        text, known = content.decode("utf-8"), True
    except UnicodeDecodeError:
        text, known = content.decode("utf-8", "replace"), False
    source = Source(file=path, text=text, judge=how.judge, taken=how.taken)
    if _holds(content, _DIGESTS):
        found.digests += (_kept(tie, known=known) for tie in find_digests(source))
    if _holds_word(content):
        found.tags += (replace(one, tie=_kept(one.tie, known=known)) for one in find_tags(source))
        found.downloads += (_kept(tie, known=known) for tie in find_downloads(source))
    if _holds(content, _SELECTORS):
        selectors = find_selectors(source, how.required)
        found.selectors += (replace(one, tie=_kept(one.tie, known=known)) for one in selectors)


def _kept(tie: Tie, *, known: bool) -> Tie:
    """The tie, without places where the file's text is not known."""
    if known:
        return tie
    return replace(tie, start=-1, edits=(), strip=(), strip_why=_NOT_UTF8, blocked=_NOT_UTF8)


def _pods(found: Sequence[Selected], uses: Uses, taken: Mapping[str, tuple[str, ...]]) -> Iterator[Tie]:
    """Selectors with the images of their pods."""
    for one in found:
        yield replace(one.tie, images=uses.images_of(one, taken.get(one.tie.file, ())))


def _named_elsewhere(ties: Iterator[Tie], sources: Sources) -> Iterator[Tie]:
    """Names that `images:` entries look for cannot be changed alone: the entry would no longer find them."""
    entries: dict[str, str] = {}
    for node in sources.graph.nodes.values():
        for entry in node.parsed.items("images") if node.parsed else ():
            name = leaf_text(entry, "name")
            if name and node.parsed and isinstance(entry, Branch):
                entries[name] = f"{node.parsed.file}:{entry.line}"
    for tie in ties:
        reference = tie.reference
        if reference is None or tie.value == reference.tag:
            yield tie
            continue
        names = (tie.value, reference.repository_name, f"{reference.registry}/{tie.value}")
        where = next((entries[name] for name in names if name in entries), None)
        yield replace(tie, blocked=tie.blocked or f"{where} looks for this name") if where else tie
