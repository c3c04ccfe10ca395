"""A copy of a release in which the digests stand for images of every class, and a registry that says so.

Each reference by digest plays a role in turn. Other bytes of the copy are the release's own.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

from tests.support.kfkit import Run, run_kfkit
from tests.support.mirror import fill, hosts_of, write_registries_conf
from tests.support.push import Image, Shape, build, index
from tests.support.registry_process import run_registry
from tests.support.tools import remotes

_PINNED: Final = re.compile(rb"([a-zA-Z0-9][a-zA-Z0-9._/-]*)@(sha256:[0-9a-f]{64})")
BOTH: Final = ("linux/amd64", "linux/arm64")
_VERSION: Final = re.compile(rb'app.kubernetes.io/version: "?([0-9.]+)')
# What becomes of a reference by digest, with the version labels of the release and what else the registry holds.
ROLES: Final = ("beside", "label", "tags", "index", "several", "stale", "unknown", "incomplete")
FREED: Final = frozenset({"beside", "label", "tags"})
CLASSES: Final = {
    **dict.fromkeys(("beside", "label", "tags", "several"), "single-platform"),
    "index": "index",
    "stale": "stale",
    "unknown": "unknown",
    "incomplete": "index-incomplete",
}


@dataclass(frozen=True, kw_only=True)
class Cast:
    """One reference: `old` stands in the release, `new` in the copy, `parent` is what frees it."""

    repository: str
    role: str
    old: str
    new: str
    parent: str | None
    pushed: Mapping[str, Shape]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The copy under `work/tree`, and who plays what in it, by the digest in it."""

    work: Path
    tree: Path
    by_digest: Mapping[str, Cast]

    def pins(self, verb: str, *arguments: str) -> Run:
        return run_kfkit("pins", verb, *self._common(), *arguments, work=self.work)

    def audit(self, *arguments: str) -> Run:
        return run_kfkit("audit", *self._common(), *arguments, work=self.work)

    def _common(self) -> tuple[str | Path, ...]:
        return ("tree", "--remotes", remotes(), "--registries-conf", "registries.conf")

    def contents(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.tree)): path.read_bytes() for path in self.tree.rglob("*") if path.is_file()}


def cast_of(repository: str, role: str, old: str, version: str) -> Cast:
    """Give a reference its images."""
    salt = f"{repository}@{old}"
    child = Image(platform="linux/amd64", salt=salt)
    both, other = index(*BOTH, salt=salt), index(*BOTH, "linux/s390x", salt=salt)
    single = build(child).digest
    new, pushed = single, dict[str, Shape]()
    parent: str | None = build(both).digest
    match role:
        case "beside":
            pushed = {":1.0": both}
        case "label":
            pushed = {f":{version}": both}
        case "tags":
            pushed = {":unheard-of": both}
        case "several":
            pushed, parent = {f":{role}": both, f":{role}-again": other}, None
        case "index":
            new, parent, pushed = build(both).digest, None, {f":{role}": both}
        case "incomplete":
            some = index("linux/amd64", "linux/s390x", salt=salt)
            new, parent, pushed = build(some).digest, None, {f":{role}": some}
        case "unknown":
            nameless = Image(platform=None, salt=salt)
            new, parent, pushed = build(nameless).digest, None, {f":{role}": nameless}
        case _:
            new, parent = "sha256:" + hashlib.sha256(salt.encode()).hexdigest(), None
    named = {repository + tag: shape for tag, shape in pushed.items()}
    return Cast(repository=repository, role=role, old=old, new=new, parent=parent, pushed=named)


@contextmanager
def staged(release: Path, work: Path) -> Iterator[Stage]:
    """Copy a release, give its digests their roles and fill a registry; it lasts as long as the block."""
    found: dict[tuple[bytes, bytes], str] = {}
    for path in sorted(release.rglob("*.yaml")):
        content = path.read_bytes()
        version = _VERSION.search(content)
        found |= dict.fromkeys(_PINNED.findall(content), version[1].decode() if version else "1.0")
    casts = [
        cast_of(name.decode(), role, digest.decode(), found[name, digest])
        for (name, digest), role in zip(sorted(found), cycle(ROLES), strict=False)
    ]
    tree = work / "tree"
    shutil.copytree(release, tree, symlinks=True)
    by_pair = {(one.repository.encode(), one.old.encode()): one for one in casts}
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)  # releases may lie here read-only
        if path.is_file() and not path.is_symlink():
            _rewrite(path, by_pair)
    pushed = {name: shape for one in casts for name, shape in one.pushed.items()}
    with run_registry(work / "registry") as registry:
        fill(registry.host, pushed)
        write_registries_conf(work / "registries.conf", registry.host, hosts_of(one.repository for one in casts))
        yield Stage(work=work, tree=tree, by_digest={one.new: one for one in casts})


def _rewrite(path: Path, by_pair: Mapping[tuple[bytes, bytes], Cast]) -> None:
    def put(match: re.Match[bytes]) -> bytes:
        one = by_pair.get((match[1], match[2]))
        if one is None:
            return match[0]
        return match[1] + (b":1.0" if one.role == "beside" else b"") + b"@" + one.new.encode()

    content = path.read_bytes()
    changed = _PINNED.sub(put, content)
    if changed != content:
        path.write_bytes(changed)
