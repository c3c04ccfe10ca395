"""Which charts one specification gives: its own, and where it wants that, those of its definitions."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from buildkit.charts.marks import Key

if TYPE_CHECKING:
    from buildkit.charts.marks import MarkedObject
    from buildkit.charts.spec import ChartSpec

CRDS: Final = "-crds"
_CRD: Final = "CustomResourceDefinition"
# Of the 1 MiB of the Secret that helm keeps a release in.
_ROOM: Final = 900 * 1024
Profiles = Mapping[str, Sequence["MarkedObject"]]


def split(spec: ChartSpec, profiles: Profiles) -> dict[str, Profiles]:
    """Give the objects of each chart by its name, the specification's own first.

    Definitions that are too large for one release get several charts: `x-crds`, `x-crds-2`, …
    """
    name = spec.about.name
    if spec.crds == "templates":
        return {name: profiles}
    parts = {name: {profile: [one for one in ones if one.key[1] != _CRD] for profile, ones in profiles.items()}}
    for number, keys in enumerate(_groups(profiles), start=1):
        part = f"{name}{CRDS}" + (f"-{number}" if number > 1 else "")
        parts[part] = {profile: [one for one in ones if one.key in keys] for profile, ones in profiles.items()}
    return dict(parts)


def _groups(profiles: Profiles) -> list[frozenset[Key]]:
    """Put definitions together, in the order of their names, as many as one release has room for."""
    sizes: dict[Key, int] = {}
    seen: set[int] = set()
    for one in (one for ones in profiles.values() for one in ones if one.key[1] == _CRD):
        if id(one) not in seen:
            seen.add(id(one))
            sizes[one.key] = sizes.get(one.key, 0) + _stored(one)
    groups: list[frozenset[Key]] = []
    taken, room = set[Key](), _ROOM
    for key in sorted(sizes):
        if taken and sizes[key] > room:
            groups.append(frozenset(taken))
            taken, room = set(), _ROOM
        taken.add(key)
        room -= sizes[key]
    return [*groups, frozenset(taken)] if taken else groups


def _stored(one: MarkedObject) -> int:
    """Bytes of a release, at most a tenth too many.

    It holds the template as base64 and the render as text, is gzipped, and is written as base64 (helm,
    pkg/storage/driver).
    """
    text = json.dumps(one.body, default=str, indent=2).encode()
    return sum(len(gzip.compress(held, mtime=0)) for held in (text, base64.b64encode(text))) * 4 // 3
