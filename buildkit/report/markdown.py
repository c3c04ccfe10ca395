"""GitHub Markdown of text that nobody vouches for, within a limit of characters.

A name is a code span, and so is every word of a sentence that holds more than letters, digits and plain punctuation:
inside code nothing is markup, GitHub notifies nobody and links no issue. Cells and list items are one line each. What
does not fit is cut at whole rows, and the cut is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.report.text import clipped, printable, repository_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.model.finding import Owner

# An issue's body has 65,536 characters at most, a job summary 1 MiB: the rest is for who wraps our text.
LIMIT: Final = 60_000
_NAME_LIMIT: Final = 300
_PROSE_LIMIT: Final = 400
_URL: Final = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#@!$&'*+,;=%-]*)?")
_WORD: Final = re.compile(r"([(\"']*)(.*?)([.,;:!?)\"']*)", re.DOTALL)
_PLAIN: Final = re.compile(r"[^\W_]+(?:[.,;:!?()'\"/%+=-]+[^\W_]+)*[%+]?|[-/+=]|")
# What GitHub makes something of though each character is plain: commits, issues, emoji, addresses; and references.
_NOT_PLAIN: Final = re.compile(
    r"[0-9a-f]{7,40}|gh-\d+|.*(?:://|www\.|:[\w+-]+:).*|.*/.*[:.].*|.*[:.].*/.*", re.IGNORECASE
)
# At the start of an item these would open a list, a heading or a rule.
_OPENS: Final = re.compile(r"[-+=]+|\d+[.)]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A part of a document: `head`, a line for each row, `tail`; `share` characters, more where others need less."""

    head: str
    rows: tuple[str, ...] = ()
    tail: str = ""
    share: int

    def cut(self, limit: int) -> str:
        """The block in at most `limit` characters, rows left out from the end where it must be."""
        if len(self._text(self.rows, "")) <= limit:
            return self._text(self.rows, "")
        room = limit - len(self._text((), _more(len(self.rows))))
        kept = 0
        while kept < len(self.rows) and len(self.rows[kept]) + 1 <= room:
            room -= len(self.rows[kept]) + 1
            kept += 1
        return self._text(self.rows[:kept], _more(len(self.rows) - kept))

    def _text(self, rows: Sequence[str], more: str) -> str:
        return "\n".join((self.head, *rows)) + more + self.tail


def _more(number: int) -> str:
    return f"\n\n… and {number} more, see the JSON report."


def join_blocks(blocks: Iterable[Block], limit: int = LIMIT) -> bytes:
    """Blocks one below the other in at most `limit` characters; what one does not need goes to the first that does."""
    listed = tuple(blocks)
    wanted = [len(block.cut(limit)) for block in listed]
    shares = [min(want, block.share) for want, block in zip(wanted, listed, strict=True)]
    spare = limit - sum(shares) - 2 * len(listed)
    for index, want in enumerate(wanted):
        extra = max(0, min(want - shares[index], spare))
        shares[index] += extra
        spare -= extra
    return "\n\n".join(block.cut(share) for block, share in zip(listed, shares, strict=True)).encode() + b"\n"


def code(text: str, limit: int = _NAME_LIMIT) -> str:
    """`text` as a code span that holds in a table cell too, whatever is in it."""
    shown = clipped(printable(text), limit)
    if not shown.strip():
        return "(empty)"
    if "|" in shown:
        # A cell ends at a pipe, in code as well; what escapes it there is a letter of the code elsewhere.
        return f"<code>{''.join(c if c.isalnum() or c == ' ' else f'&#{ord(c)};' for c in shown)}</code>"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if "`" in (shown[0], shown[-1]) or shown[0] == shown[-1] == " " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str, limit: int = _PROSE_LIMIT) -> str:
    """A sentence: plain words as they are, every other one in code."""
    words = clipped(printable(" ".join(text.split())), limit).split(" ")
    opening = code(words[0]) if _OPENS.fullmatch(words[0]) else _word(words[0])
    return " ".join((opening, *map(_word, words[1:])))


def _word(word: str) -> str:
    parts = _WORD.fullmatch(word)
    before, inner, after = parts.groups() if parts else ("", word, "")
    ending = "…" if inner.endswith("…") else ""
    inner = inner.removesuffix("…")
    if _PLAIN.fullmatch(inner) and not _NOT_PLAIN.search(inner):
        return f"{before}{inner}{ending}{after}"
    return f"{before}{code(inner)}{ending}{after}"


def repository_link(owner: Owner | None) -> str:
    """A repository of GitHub as a link to it; its path beside it, no link: which branch holds it is not known."""
    if owner is None:
        return "no known owner"
    name, url = code(owner.repository), repository_url(owner)
    if url:
        name = f"[{name}]({url})"
    return f"{name} {code(owner.path)}" if owner.path else name


def url_link(text: str, url: str) -> str:
    """Our own `text` as a link; an address that could break out of one is shown as code."""
    return f"[{text}](<{url}>)" if len(url) <= _NAME_LIMIT and _URL.fullmatch(url) else code(url)


def row(*cells: str) -> str:
    """A table's row; cells come from `code`, `prose` and the links, so that none holds a pipe or ends the line."""
    return f"| {' | '.join(cells)} |"


def table_head(*titles: str) -> str:
    return f"{row(*titles)}\n{row(*('---' for _ in titles))}"
