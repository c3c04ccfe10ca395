"""Audit a whole release against a registry process that imitates every registry it names. A simulation throughout.

Every reference of the release, samples included, gets a tiny image with the platforms of platforms.yaml. Digests cannot
be imitated: in a copy of the tree (and of the remote bases) each is replaced by that of its stand-in.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.simulation.platforms import Facts, shape_of
from tests.support.kfkit import Run, run_kfkit
from tests.support.mirror import fill, hosts_of, write_registries_conf
from tests.support.registry_process import run_registry

_DIGEST = "sha256:"


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A release as it can be audited here. `images` are full names, digests already those of the stand-ins."""

    tree: Path
    remotes: Path
    registries_conf: Path
    work: Path
    images: tuple[str, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)


@contextmanager
def simulated(manifests: Path, remotes: Path, facts: Facts, work: Path) -> Iterator[Simulation]:
    """Fill a registry with what a release names; the copy of the release and the registry last as long as the block."""
    seconds: dict[str, float] = {}
    with _timed(seconds, "images"):
        run = run_kfkit("images", manifests, "--remotes", remotes, "--format", "json", work=work)
        names = sorted(image["name"] for image in run.document()["images"])
    with run_registry(work / "registry") as registry:
        with _timed(seconds, "fill"):
            digests = fill(registry.host, {name: shape_of(name, facts.about(name)) for name in names})
        with _timed(seconds, "copy"):
            renamed = _stand_ins(digests)
            tree = _copy(manifests, work / "release" / manifests.name, renamed)
            bases = _copy(remotes, work / "release-remotes", renamed)
        conf = work / "registries.conf"
        write_registries_conf(conf, registry.host, hosts_of(names))
        yield Simulation(
            tree=tree,
            remotes=bases,
            registries_conf=conf,
            work=work,
            images=tuple(sorted(_rename(name, renamed) for name in names)),
            seconds=seconds,
        )


def audit(simulation: Simulation, *arguments: str | Path) -> Run:
    return run_kfkit(
        "audit",
        simulation.tree,
        "--remotes",
        simulation.remotes,
        "--registries-conf",
        simulation.registries_conf,
        *arguments,
        work=simulation.work,
    )


def differences(document: Mapping[str, Any], facts: Facts) -> list[str]:
    """Compare each verdict of an audit with what the facts expect: one line per difference."""
    lines = []
    for image in document["images"]:
        expected = facts.expected(image["name"])
        found = {platform: record["verdict"] for platform, record in image["platforms"].items()}
        if found != expected:
            lines.append(f"{image['name']}: expected {expected}, found {found} ({image.get('reason')})")
    return lines


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def _stand_ins(digests: Mapping[str, str]) -> dict[str, str]:
    """From each digest that a release pins to that of its stand-in."""
    return {name.rpartition("@")[2]: digest for name, digest in digests.items() if "@" in name}


def _rename(name: str, renamed: Mapping[str, str]) -> str:
    stem, at, digest = name.rpartition("@")
    return f"{stem}@{renamed[digest]}" if at else name


def _copy(source: Path, target: Path, renamed: Mapping[str, str]) -> Path:
    """Copy a tree with other digests; what needs no change is linked where the file system allows."""
    shutil.rmtree(target, ignore_errors=True)
    for folder, _, files in os.walk(source):
        goal = target / Path(folder).relative_to(source)
        goal.mkdir(parents=True)
        for name in files:
            _copy_file(Path(folder, name), goal / name, renamed)
    return target


def _copy_file(source: Path, target: Path, renamed: Mapping[str, str]) -> None:
    content = source.read_bytes()
    changed = content
    if _DIGEST.encode() in content:
        for old, new in renamed.items():
            changed = changed.replace(old.encode(), new.encode())
    if changed != content:
        target.write_bytes(changed)
        return
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
