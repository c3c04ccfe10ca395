"""What earlier runs pushed already: told by their result files, by a key of everything that went in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from buildkit.errors import UsageError
from buildkit.flows.build_results import read_result, result_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from buildkit.builds.plan import PlannedBuild
    from buildkit.builds.result import PlatformResult

Keys = dict[tuple[str, str], str | None]


def known_result(folder: Path, component: str, platform: str, key: str | None) -> PlatformResult | None:
    """The result of an earlier run of the very same inputs; whether the registry still has it is another question."""
    path = result_path(folder, component, platform)
    if key is None or not path.is_file():
        return None
    try:
        document = read_result(path, only=True)
    except UsageError:
        return None  # a result that cannot be read is none
    found = document.results[0] if document and len(document.results) == 1 else None
    return found if found and (found.component, found.platform, found.key) == (component, platform, key) else None


def key_with(key: str | None, bases: Iterable[tuple[str, str]]) -> str | None:
    """A key with the digests of the components of the same run that it is built on, by their names."""
    parts = [f"{component}@{digest}" for component, digest in bases]
    if key is None or not parts:
        return key
    return f"sha256:{hashlib.sha256(chr(0).join((key, *parts)).encode()).hexdigest()}"


def resumable(
    builds: Sequence[PlannedBuild], platforms: Collection[str], keys: Mapping[tuple[str, str], str | None], folder: Path
) -> frozenset[tuple[str, str]]:
    """Components and platforms of which an earlier run pushed the very same inputs, as far as its results tell.

    `builds` come after those that they need, whose digests belong to what goes in.
    """
    there: dict[tuple[str, str], str] = {}
    asked = {(build.component, one.platform) for build in builds for one in build.platforms}
    for build in builds:
        for platform in (one.platform for one in build.platforms if one.platform in platforms):
            needed = [name for name in build.needs if (name, platform) in asked]
            if any((name, platform) not in there for name in needed):
                continue
            key = key_with(keys.get((build.component, platform)), ((name, there[name, platform]) for name in needed))
            found = known_result(folder, build.component, platform, key)
            if found is not None:
                there[build.component, platform] = found.digest
    return frozenset(there)
