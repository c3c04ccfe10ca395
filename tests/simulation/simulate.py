"""Audit a whole release against a registry process that imitates every registry it names. A simulation throughout.

Every reference of the release, samples included, gets a tiny image with the platforms of platforms.yaml. Digests cannot
be imitated: in a copy of the tree (and of the remote bases) each is replaced by that of its stand-in. The copy's folder
is called `simulation-of`, so that every report says what it is about.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from buildkit.model.reference import parse_reference
from tests.simulation.platforms import Facts, shape_of
from tests.support.kfkit import Run, run_kfkit
from tests.support.mirror import fill, hosts_of, write_registries_conf
from tests.support.push import Shape, build
from tests.support.registry_process import run_registry

_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")
_NAME_BEFORE = re.compile(rb"([a-zA-Z0-9][a-zA-Z0-9._/:-]*)@$")
# An entry of a kustomization's `images:` has its digest under a key of its own, after the name as these files have it.
_ENTRY_BEFORE = re.compile(
    rb"(?:new)?[nN]ame:[ \t]*[\"']?([^\s\"']+)[\"']?(?:(?!\n[ \t]*-)[\s\S]){1,200}?\bdigest:[ \t]*[\"']?\Z"
)
_FOLDER = "simulation-of"
_REMOTES = "simulated-remotes"


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A release as it can be audited here; `images` are the names that kfkit finds in the copy.

    `lost` are those that cannot be imitated: pinned to a digest which no file of the release holds. `host` is the
    registry's.
    """

    tree: str
    work: Path
    images: tuple[str, ...]
    lost: frozenset[str]
    facts: Facts
    host: str
    seconds: Mapping[str, float] = field(default_factory=dict)

    def audit(self, *arguments: str | Path) -> Run:
        conf = ("--registries-conf", "registries.conf")
        return run_kfkit("audit", self.tree, "--remotes", _REMOTES, *conf, *arguments, work=self.work)

    def expected(self, name: str) -> dict[str, str]:
        if name in self.lost:
            return dict.fromkeys(self.facts.required, "absent")
        return self.facts.expected(name)

    def differences(self, document: Mapping[str, Any]) -> list[str]:
        """Compare an audit of everything with what was to be expected: one line for each difference."""
        lines = []
        for image in document["images"]:
            expected = self.expected(image["name"])
            found = {platform: record["verdict"] for platform, record in image["platforms"].items()}
            if found != expected:
                lines.append(f"{image['name']}: expected {expected}, found {found} ({image.get('reason')})")
        audited = {image["name"] for image in document["images"]}
        lines += [f"{name}: listed by kfkit images, not audited" for name in sorted(set(self.images) - audited)]
        lines += [f"{name}: audited, not listed by kfkit images" for name in sorted(audited - set(self.images))]
        return lines


@contextmanager
def simulated(
    manifests: Path, remotes: Path, facts: Facts, work: Path, more: Mapping[str, Shape] = MappingProxyType({})
) -> Iterator[Simulation]:
    """Copy a release and fill a registry with what it names, and with more; it lasts as long as the block."""
    seconds: dict[str, float] = {}
    tree = f"{_FOLDER}/{manifests.name}"
    with _timed(seconds, "copy"):
        stand_ins = _stand_ins((manifests, remotes), facts)
        renamed = {old: build(shape).digest for old, shape in stand_ins.items()}
        by_digest = {renamed[old]: shape for old, shape in stand_ins.items()}
        _copy(manifests, work / tree, renamed)
        _copy(remotes, work / _REMOTES, renamed)
    with _timed(seconds, "images"):
        run = run_kfkit("images", tree, "--remotes", _REMOTES, "--format", "json", work=work)
        names = tuple(image["name"] for image in run.document()["images"])
    shapes = {name: _shape(name, facts, by_digest) for name in names}
    with run_registry(work / "registry") as registry:
        with _timed(seconds, "fill"):
            named = {name: shape for name, shape in shapes.items() if shape is not None}
            fill(registry.host, _other_tags(names, facts) | named | dict(more))
        write_registries_conf(work / "registries.conf", registry.host, hosts_of((*names, *more)))
        yield Simulation(
            tree=tree,
            work=work,
            images=names,
            lost=frozenset(name for name, shape in shapes.items() if shape is None),
            facts=facts,
            host=registry.host,
            seconds=seconds,
        )


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def _stand_ins(trees: Sequence[Path], facts: Facts) -> dict[str, Shape]:
    """Give the shape that stands for each digest in the files of the trees."""
    found: dict[str, Shape] = {}
    for tree in trees:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                for digest, repository in _pinned(path.read_bytes()):
                    found[digest] = shape_of(digest, facts.about(f"{repository}@{digest}"))
    return found


def _pinned(content: bytes) -> Iterator[tuple[str, str]]:
    """Give each digest that follows an image's name, or stands in an entry with it, and the name without its tag."""
    for match in _DIGEST.finditer(content):
        window = max(0, match.start() - 300), match.start()
        before = _NAME_BEFORE.search(content, *window) or _ENTRY_BEFORE.search(content, *window)
        if before is not None:
            folder, slash, last = before[1].decode().rpartition("/")
            yield match[0].decode(), f"{folder}{slash}{last.partition(':')[0]}"


def _shape(name: str, facts: Facts, by_digest: Mapping[str, Shape]) -> Shape | None:
    _, at, digest = name.rpartition("@")
    return by_digest.get(digest) if at else shape_of(name, facts.about(name))


def _other_tags(names: Sequence[str], facts: Facts) -> dict[str, Shape]:
    """Known tags of the release's repositories that it does not use itself: what can be suggested instead."""
    repositories = {parse_reference(name).repository_name for name in names}
    known = {name: parse_reference(name) for name in facts.by_image}
    return {
        name: shape_of(name, facts.about(name))
        for name, reference in known.items()
        if reference.tag and reference.repository_name in repositories
    }


def _copy(source: Path, target: Path, renamed: Mapping[str, str]) -> None:
    """Copy a tree with other digests; what needs no change is linked where the file system allows."""
    shutil.rmtree(target, ignore_errors=True)
    for folder, _, files in os.walk(source):
        goal = target / Path(folder).relative_to(source)
        goal.mkdir(parents=True)
        for name in files:
            _copy_file(Path(folder, name), goal / name, renamed)


def _copy_file(source: Path, target: Path, renamed: Mapping[str, str]) -> None:
    content = source.read_bytes()
    changed = _DIGEST.sub(lambda one: renamed.get(one[0].decode(), one[0].decode()).encode(), content)
    if changed != content:
        target.write_bytes(changed)
        return
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
