"""Where a release may have a folder that it does not have where a specification says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_LEAST: Final = 2


def find_moved(path: str, folders: Collection[str]) -> str:
    """The one folder that `path` may be in a release of these; empty where none is, or several are as likely.

    The first part of the path that is not there is taken to be renamed or moved, and what stands below it to be there
    still, the last folder last. With too little below it the part itself has to be there: else it is just lacking.
    """
    parts = path.split("/")
    split = {one: one.split("/") for one in folders}
    above = max((_shared(parts, other) for other in split.values()), default=0)
    gone, below = parts[above : above + 1], Counter(parts[above + 1 :])
    likely: list[str] = []
    named: list[str] = []
    for one, other in sorted(split.items()):
        rest = other[above:]
        if other[:above] != parts[:above] or rest[-1:] != parts[-1:] or below - Counter(rest):
            continue
        if gone and gone[0] in rest:
            named.append(one)
        elif below.total() >= _LEAST:
            likely.append(one)
    best = named or likely
    return best[0] if len(best) == 1 else ""


def _shared(path: list[str], other: list[str]) -> int:
    """How many parts both begin with."""
    both = min(len(path), len(other))
    return next((index for index in range(both) if path[index] != other[index]), both)
