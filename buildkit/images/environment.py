"""Images in environment variables: by what the variable is called, split over two of them, or by sheer evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from buildkit.images import expansion, names, split
from buildkit.images.candidates import Judge, Strength
from buildkit.images.hits import Hit, Part, Scope, Text
from buildkit.images.names import Says
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from buildkit.model.image import How
    from buildkit.model.resource import Value


def search(env: Sequence[Value], path: str, judge: Judge, how: How) -> Iterator[Hit | Text]:
    """Search one `env` list; `SIDECAR_IMAGE` and `SIDECAR_TAG` make one reference."""
    known = expansion.variables(env, path)
    maps = ((item(path, index), one) for index, one in enumerate(env) if isinstance(one, Mapping))
    written = {child(place, "value"): text for place, one in maps if isinstance(text := one.get("value"), str)}
    yield from expansion.traced(_search(known, judge, how), written, known)


def _search(known: Mapping[str, Part], judge: Judge, how: How) -> Iterator[Hit | Text]:
    values = {name: text for name, (_, text) in known.items()}
    places = {name: place for name, (place, _) in known.items()}
    scope = Scope("", values)
    for name, text in values.items():
        if "\n" in text or text[:1] in {"{", "["}:
            yield Text(path=places[name], key=name, text=text, how=how)
            continue
        for whole in split.complete(name, text, scope, judge):
            if _counts(name, whole):
                parts = tuple((_place(part, places), raw) for part, raw in whole.parts)
                kind: How = "split" if len(parts) > 1 and how == "environment" else how
                yield Hit(path=places[name], candidate=whole.candidate, how=kind, parts=parts)
        if names.says(name) is Says.IMAGES:
            for candidate in split.listed(text, judge):
                yield Hit(path=places[name], candidate=candidate, how=how, parts=((places[name], candidate.text),))


def _place(part: str, places: Mapping[str, str]) -> str:
    return places.get(part) or places.get(part.removeprefix('["').removesuffix('"]'), part)


def _counts(name: str, whole: split.Whole) -> bool:
    said, candidate = names.says(name), whole.candidate
    if said is Says.IMAGE:
        return True
    if said is Says.IMAGES:
        return candidate.strength >= Strength.TAGGED
    return candidate.evident or (said is Says.MAYBE and candidate.strength >= Strength.FULL)
