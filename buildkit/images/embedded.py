"""Images in texts: YAML, JSON or ini inside a string, Go templates around them, and commented examples.

What parses is searched as the structure it is; where a template keeps it from parsing, its directives are blanked
first; what still does not parse is read line by line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.images import lines
from buildkit.images.candidates import Judge
from buildkit.images.fields import Walk
from buildkit.images.hits import Hit, Text, inside
from buildkit.model.documents import MAX_DEPTH, DocumentError, parse_value, split_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.model.resource import Value

# Whatever holds an image says so, or writes a registry's host, a path and a version.
_WORTH: Final = re.compile(r"im(?:age|g)|\w\.[a-z]{2,}(?::\d+)?/[\w./-]+[:@]\w|oci://", re.IGNORECASE)
_MARGIN: Final = 400  # characters of a line that are looked at around a directive
_BLANK: Final = "\N{REFERENCE MARK}"  # in no reference, and YAML takes it for text
_DEEPEST: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    """Searches texts, and the texts inside them, down to a few levels."""

    judge: Judge

    def expand(self, found: Iterator[Hit | Text], depth: int = 0) -> Iterator[Hit]:
        """Replace every text by the images in it."""
        for one in found:
            if isinstance(one, Hit):
                yield one
            elif depth < _DEEPEST and _WORTH.search(one.text):
                yield from self.expand(self._search(one), depth + 1)

    def _search(self, text: Text) -> Iterator[Hit | Text]:
        documents = [] if text.sample or text.text.startswith("#!") else _documents(text.text)
        if documents:
            walk = Walk(judge=self.judge, how="embedded", bare=False)
            base = inside(text.path)
            for index, value in enumerate(documents):
                where = base if len(documents) == 1 else f"{base}[{index}]"
                yield from (replace(one, how=text.how) for one in walk.over(value, where))
        if not documents or "{{" in text.text:
            yield from lines.search(text, self.judge, templates_only=bool(documents))


def _documents(text: str) -> list[Value]:
    """The structures in a text: as it stands, or with its template's directives blanked; none where it is neither."""
    found = _parsed(text)
    if found or "{{" not in text:
        return found
    return _parsed(_blanked(text))


def _blanked(text: str) -> str:
    """A template without its directives: one alone on its line leaves the line empty, others leave a mark."""
    pieces: list[str] = []
    done = 0
    while (start := text.find("{{", done)) >= 0 and (end := text.find("}}", start)) >= 0:
        end += 2
        before = text[max(done, start - _MARGIN) : start].rpartition("\n")
        after = text[end : end + _MARGIN].partition("\n")
        alone = not before[2].strip() and not after[0].strip() and (before[1] or start < _MARGIN)
        pieces += [text[done:start], "\n" * text.count("\n", start, end) if alone else _BLANK]
        done = end
    return "".join([*pieces, text[done:]])


def _parsed(text: str) -> list[Value]:
    try:
        values = [parse_value(body) for _, body in split_documents(text)]
    except DocumentError:
        values = [_json(text)] if text.lstrip()[:1] in {"{", "["} else []
    return [value for value in values if value and not isinstance(value, str)]


def _json(text: str) -> Value:
    """JSON that is no YAML: surrogate pairs as escapes, mostly."""
    try:
        loaded: object = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
        return _as_value(loaded, MAX_DEPTH)
    except (ValueError, RecursionError):
        return None


def _as_value(loaded: object, depth: int) -> Value:
    if depth == 0:
        raise RecursionError
    if isinstance(loaded, dict):
        return {str(key): _as_value(one, depth - 1) for key, one in loaded.items()}
    if isinstance(loaded, list):
        return [_as_value(one, depth - 1) for one in loaded]
    return loaded if isinstance(loaded, str) else None
