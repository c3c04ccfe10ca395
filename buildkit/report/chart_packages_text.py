"""Archives of charts, and what became of them in a registry, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.text import clipped, columns, count_of, green, printable, red

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.charts.packages import Packages, Publication, Published

_HEAD: Final = ("chart", "version", "bytes", "sha256", "file", "")
_MOST_TEXT: Final = 2000


def packages_text(packages: Packages, *, colour: bool) -> bytes:
    """One line an archive."""
    rows = [
        (printable(one.chart), printable(one.version), str(one.bytes), one.sha256, printable(one.file), one.state)
        for one in packages.packages
    ]
    lines = columns([_HEAD, *rows], colour=colour)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def publication_text(publication: Publication, *, colour: bool) -> bytes:
    """One line a chart, then how it ended."""
    lines = [line for one in publication.charts for line in _published(one, colour=colour)]
    done = sum(one.state in {"pushed", "there"} for one in publication.charts)
    whole = count_of(len(publication.charts), "chart")
    if done == len(publication.charts):
        lines.append(green(f"PUBLISHED: {whole}, each pulled back and equal", colour=colour))
    else:
        lines.append(red(f"{done} of {whole} published", colour=colour))
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _published(one: Published, *, colour: bool) -> Iterator[str]:
    name = printable(one.reference) + (f"@{one.digest}" if one.digest else "")
    words = {
        "pushed": "pushed",
        "there": "already there",
        "absent": "not there",
        "refused": "taken",
        "failed": "failed",
    }
    word = "unknown" if one.unknown else words[one.state]
    yield f"{name}  {word if one.state in {'pushed', 'there'} else red(word, colour=colour)}"
    if one.reason:
        yield f"  {clipped(printable(one.reason), _MOST_TEXT)}"
