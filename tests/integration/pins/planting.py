"""A small tree with a pin of every class, and the registry that its classes come from."""

from __future__ import annotations

import http.client
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.push import Image, Index, Shape, build, index, push_over

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEAD = "127.0.0.1:9"  # nothing listens on the discard port
NOWHERE = "sha256:" + "0" * 64


def both(salt: str) -> Index:
    return index("linux/amd64", "linux/arm64", salt=salt)


def child(shape: Index) -> str:
    """Digest of the first image of an index."""
    return build(shape.entries[0].content).digest


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A reference as it stands in the tree, and what is to be said of it."""

    image: str
    class_: str
    edit: str
    proposed: str | None = None
    why: str = ""


def fill(host: str, tags: Mapping[str, Mapping[str, Shape]]) -> None:
    """Push shapes by repository and tag."""
    with closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        for repository, shapes in tags.items():
            for tag, shape in shapes.items():
                push_over(connection, repository, tag, build(shape))


def fill_all(host: str) -> None:
    """Everything that `planted` refers to."""
    many = {f"v1.{number}": both(f"many {number}") for number in range(70)}
    fill(
        host,
        {
            "pins/whole": {"v1": both("whole")},
            "pins/single": {"v1": both("single")},
            "pins/untold": {"v2": both("later"), "v1": both("untold"), "latest": both("later")},
            "pins/lacking": {"v1": index("linux/amd64", "linux/386", salt="lacking")},
            "pins/partial": {"v1": index("linux/amd64", "linux/386", salt="partial")},
            "pins/orphan": {"v1": Image(salt="orphan"), "v2": both("not the orphan")},
            "pins/twice": {"v1": TWICE[0], "v2": TWICE[1], "v3": TWICE[1]},
            "pins/many": many,
            "pins/stale": {"v1": both("stale")},
        },
    )


_SHARED = both("twice").entries
TWICE = (Index(entries=_SHARED), Index(entries=(*_SHARED, *index("linux/386").entries)))


def planted(host: str, private: str) -> dict[str, Planted]:
    """A pin of each kind, by the name of its Deployment; `private` asks everybody for credentials."""
    single, untold = both("single"), both("untold")
    return {
        "whole": Planted(image=f"{host}/pins/whole:v1@{build(both('whole')).digest}", class_="index", edit="none"),
        "single": Planted(
            image=f"{host}/pins/single:v1@{child(single)}",
            class_="single-platform",
            edit="planned",
            proposed=build(single).digest,
            why="the index of v1",
        ),
        "untold": Planted(
            image=f"{host}/pins/untold@{child(untold)}",
            class_="single-platform",
            edit="planned",
            proposed=build(untold).digest,
            why="the index of v1",
        ),
        "lacking": Planted(
            image=f"{host}/pins/lacking@{build(index('linux/amd64', 'linux/386', salt='lacking')).digest}",
            class_="index-incomplete",
            edit="refused",
            why="linux/arm64 is missing (no linux/arm64, only linux/386, linux/amd64)",
        ),
        "partial": Planted(
            image=f"{host}/pins/partial:v1@{child(index('linux/amd64', 'linux/386', salt='partial'))}",
            class_="single-platform",
            edit="refused",
            why="(v1), will not do: linux/arm64 is missing",
        ),
        "orphan": Planted(
            image=f"{host}/pins/orphan:v1@{build(Image(salt='orphan')).digest}",
            class_="single-platform",
            edit="refused",
            why="no index lists it: 2 tags were asked, newest first",
        ),
        "twice": Planted(
            image=f"{host}/pins/twice@{child(TWICE[0])}",
            class_="single-platform",
            edit="refused",
            why="2 indexes list it",
        ),
        "many": Planted(
            image=f"{host}/pins/many@{child(both('many 3'))}",
            class_="single-platform",
            edit="refused",
            why="60 tags were asked, newest first; the repository has 70, at most 60 are asked",
        ),
        "stale": Planted(
            image=f"{host}/pins/stale:v1@{NOWHERE}", class_="stale", edit="refused", why="has no pins/stale"
        ),
        "dead": Planted(image=f"{DEAD}/pins/dead@{NOWHERE}", class_="unknown", edit="none"),
        "private": Planted(
            image=f"{private}/pins/private@{NOWHERE}", class_="unknown", edit="none", why="missing or private"
        ),
    }


def deployment(name: str, image: str) -> str:
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
      - name: main
        image: {image}  # pinned
"""


def plant(folder: Path, images: Mapping[str, str], samples: Mapping[str, str] | None = None) -> Path:
    """Write a tree with a Deployment for each image; what is a sample lies where nothing renders it."""
    (folder / "example").mkdir(parents=True)
    (folder / "samples").mkdir()
    names = "".join(f"- {name}.yaml\n" for name in sorted(images))
    (folder / "example" / "kustomization.yaml").write_text(f"resources:\n{names}")
    for name, image in images.items():
        (folder / "example" / f"{name}.yaml").write_text(deployment(name, image))
    for name, image in (samples or {}).items():
        (folder / "samples" / f"{name}.yaml").write_text(deployment(name, image))
    return folder
