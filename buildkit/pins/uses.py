"""What the images of the renders say of ties: which reference a digest or a tag belongs to, and whether it is a sample.

A use names the file and line where the tag or digest of a reference stands. Characters that several uses need to be
different cannot be edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from buildkit.model.image import ImageUse
from buildkit.model.reference import Reference, parse_reference
from buildkit.pins.architectures import holds_word, untie, untied
from buildkit.pins.find import IN_PIECES
from buildkit.pins.pin import Tie
from buildkit.pins.tags import TagTie, with_untied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from buildkit.model.image import Image
    from buildkit.pins.selectors import Selected

_GENERATED = ("ConfigMap", "Secret")
_OBJECT_PARTS = 3  # Kind/namespace/name end an object's identity


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A reference that a render shows to come from a line."""

    reference: Reference
    use: ImageUse


@dataclass(frozen=True, kw_only=True)
class Uses:
    """All uses: those of digests by digest, those of references with an architecture, all of them by object's kind."""

    digests: Mapping[str, Sequence[Named]]
    tags: Sequence[Named]
    kinds: Mapping[str, Sequence[Named]]

    def images_of(self, selected: Selected, kustomizations: Sequence[str]) -> tuple[str, ...]:
        """The images of the pods of an object, as far as its kind and name tell, in each kustomization by itself."""
        if not selected.kind or not selected.name:
            return ()
        found: set[str] = set()
        for kustomization in kustomizations or ("",):
            known = [
                [*(one.use.object or "").rsplit("/", 1)[1:], one.reference.name]
                for one in self.kinds.get(selected.kind, ())
                if kustomization in one.use.kustomizations or (not kustomizations and one.use.file == selected.tie.file)
            ]
            exact = {image for name, image in known if name == selected.name}
            found |= exact or {image for name, image in known if selected.name in name}
        return tuple(sorted(found or self._generated(selected.tie.file)))

    def _generated(self, file: str) -> set[str]:
        """The images of a file that a generator takes: what it holds is in no object of its own."""
        texts = (one for kind in _GENERATED for one in self.kinds.get(kind, ()))
        return {one.reference.name for one in texts if one.use.file == file}


def gather_uses(images: Iterable[Image], canonical: Callable[[str], str]) -> Uses:
    """Sort the uses of all images; `canonical` follows links."""
    digests: dict[str, list[Named]] = {}
    tags: list[Named] = []
    kinds: dict[str, list[Named]] = {}
    for image in images:
        reference = parse_reference(image.name)
        tied = holds_word(image.name) and untie(reference.repository, reference.tag) is not None
        for use in image.uses:
            kind = (use.object or "").rsplit("/", _OBJECT_PARTS)
            one = Named(reference=reference, use=use)
            if len(kind) >= _OBJECT_PARTS:
                kinds.setdefault(kind[-_OBJECT_PARTS], []).append(one)
            if use.how == "declared" or not (reference.digest or tied):
                continue
            one = replace(one, use=replace(use, file=canonical(use.file)))
            if reference.digest:
                digests.setdefault(reference.digest, []).append(one)
            else:
                tags.append(one)
    return Uses(digests=digests, tags=tags, kinds=kinds)


def join_digests(ties: Iterable[Tie], uses: Uses) -> Iterator[Tie]:
    """Digests with the references that uses give them, one a span; one that has no reference is a checksum."""
    spans = sorted(ties, key=_order)
    lines: dict[tuple[str, str], set[int]] = {}
    for tie in spans:
        lines.setdefault((tie.file, tie.value), set()).add(tie.line)
    told: list[Tie] = []
    for group in _groups(spans):
        tie = group[0]
        inside = [one for one in uses.digests.get(tie.value, ()) if one.use.file == tie.file]
        exact = [one for one in inside if one.use.line == tie.line]
        # A line that is not sure is believed where the file has the digest only once.
        named = _told(group, exact if len(lines[tie.file, tie.value]) > 1 else inside)
        told += [named] if named.reference or named.blocked else []
    yield from told
    yield from _unseen((one for several in uses.digests.values() for one in several), {tie.value for tie in told})


def join_tags(ties: Iterable[TagTie], uses: Uses) -> Iterator[Tie]:
    """Tags and names with the references that uses give them; those that neither a use nor the text vouches for go."""
    found = sorted(ties, key=lambda one: _order(one.tie))
    vouched = {id(one.tie) for one in found if one.sure}
    by_line: dict[tuple[str, int], list[Named]] = {}
    for one in uses.tags:
        by_line.setdefault((one.use.file, one.use.line), []).append(one)
    told: list[Tie] = []
    for group in _groups([one.tie for one in found]):
        first = group[0]
        at_line = by_line.get((first.file, first.line), [])
        named = [one for one in at_line if _holds(one.reference, first.value)]
        if named or any(id(tie) in vouched for tie in group):
            tie = _told(group, named)
            told.append(with_untied(tie))
    yield from told
    yield from _unseen(uses.tags, {tie.reference.name for tie in told if tie.reference})


def _order(tie: Tie) -> tuple[str, int, int, int, str]:
    return tie.file, tie.start, tie.line, tie.column, tie.value


def _groups(spans: Sequence[Tie]) -> Iterator[list[Tie]]:
    """Ties that stand in the same characters; what stands nowhere stands alone."""
    for (_, start), several in groupby(spans, key=lambda tie: (tie.file, tie.start)):
        group = list(several)
        yield from [group] if start >= 0 else ([one] for one in group)


def _told(group: Sequence[Tie], uses: Sequence[Named]) -> Tie:
    """One tie of all that stand in the same characters."""
    first = min(group, key=lambda tie: (tie.reference is None, tie.sample))
    hints = tuple(dict.fromkeys(hint for tie in group for hint in tie.hints))
    sample = all(tie.sample for tie in group) or (bool(uses) and all(one.use.sample for one in uses))
    first = replace(first, hints=hints, sample=sample)
    if not uses:
        read = sorted({tie.reference.repository_name for tie in group if tie.reference})
        return replace(first, blocked=f"several images share it: {', '.join(read)}") if len(read) > 1 else first
    named = {one.reference.repository_name: one for one in sorted(uses, key=lambda one: one.reference, reverse=True)}
    reference = named[min(named)].reference
    if reference.tag and first.kind == "digest":
        first = replace(first, hints=tuple(dict.fromkeys((*hints, reference.tag))))
    return replace(first, reference=reference, blocked=_conflict(named) if len(named) > 1 else first.blocked)


def _conflict(named: Mapping[str, Named]) -> str:
    told = [f"{name} in {(one.use.kustomizations or (one.use.file,))[0]}" for name, one in sorted(named.items())]
    return f"what takes the file in needs different values: {', '.join(told)}"


def _holds(reference: Reference, value: str) -> bool:
    return value == reference.tag or f"{reference.registry}/{reference.repository}".endswith(f"/{value}")


def _unseen(named: Iterable[Named], seen: set[str]) -> Iterator[Tie]:
    """What a render shows and no file holds in one piece; samples aside, which may stand in comments."""
    places: set[tuple[str, int, str]] = set()
    for one in named:
        reference, use = one.reference, one.use
        place = (use.file, use.line, reference.name)
        if use.sample or place in places or (reference.digest or reference.name) in seen:
            continue
        places.add(place)
        tag = reference.tag or ""
        found = untie(reference.repository, tag)
        yield Tie(
            kind="digest" if reference.digest else "tag",
            value=reference.digest or (tag if found and found.tag_tied else reference.repository),
            file=use.file,
            line=use.line,
            column=1,
            reference=reference,
            hints=(tag,) if tag and reference.digest else (),
            untied=None if reference.digest else untied(reference),
            strip_why=IN_PIECES if reference.digest else None,
            blocked=IN_PIECES,
            sample=use.sample,
        )
