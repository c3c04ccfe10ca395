"""A registry that stands in for every registry of a release: filled in parallel, and mapped by registries.conf.

An image `ghcr.io/x/y:1` is kept as `ghcr.io/x/y` on the local registry, and `registries.conf` leads each host there, so
that nothing falls back to the internet. The demo, the simulated audit and the benchmarks stand on this.
"""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from buildkit.model.reference import Reference, parse_reference
from tests.support.push import Shape, build, push_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_WORKERS = 6


def fill(host: str, images: Mapping[str, Shape]) -> dict[str, str]:
    """Push every image under its full name; give the digest of each.

    A name by digest alone cannot be imitated: its image is tagged `simulated`, and the digest given is what it got.
    """
    names = sorted(images)
    with ThreadPoolExecutor(_WORKERS) as workers:
        shares = [names[start::_WORKERS] for start in range(_WORKERS)]
        answers = workers.map(lambda share: _fill_share(host, [(name, images[name]) for name in share]), shares)
        return {name: digest for answer in answers for name, digest in answer}


def hosts_of(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({parse_reference(name).registry for name in names}))


def write_registries_conf(path: Path, local: str, hosts: Iterable[str]) -> None:
    """Lead every host to its folder of the local registry (containers-registries.conf, version 2)."""
    tables = [
        f'[[registry]]\nprefix = "{host}"\nlocation = "{local}/{_folder(host)}"\ninsecure = true\n' for host in hosts
    ]
    path.write_text("\n".join(tables))


def local_repository(reference: Reference) -> str:
    """Give where the local registry keeps an image: `docker.io/library/mysql`."""
    return reference.repository_name.replace(reference.registry, _folder(reference.registry), 1)


def _folder(host: str) -> str:
    return host.replace(":", "_")  # a colon cannot stand in a repository's path


def _fill_share(host: str, images: list[tuple[str, Shape]]) -> list[tuple[str, str]]:
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        return [(name, _push(connection, name, shape)) for name, shape in images]
    finally:
        connection.close()


def _push(connection: http.client.HTTPConnection, name: str, shape: Shape) -> str:
    reference = parse_reference(name)
    return push_over(connection, local_repository(reference), reference.tag or "simulated", build(shape))
