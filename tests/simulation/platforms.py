"""What is publicly known of the images of a release (platforms.yaml), and the shape that stands for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from buildkit.model.platform import parse_platform
from buildkit.model.reference import parse_reference
from tests.support.push import Image, Index, index

DATA = Path(__file__).with_name("platforms.yaml")
ShapeName = Literal["index", "attested", "single"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """`source` None: nothing is known, both required platforms are assumed."""

    platforms: tuple[str, ...]
    shape: ShapeName = "index"
    source: str | None = None
    partial: str | None = None

    @property
    def normalised(self) -> frozenset[str]:
        return frozenset(str(parse_platform(text)) for text in self.platforms)


@dataclass(frozen=True, kw_only=True)
class Facts:
    required: tuple[str, ...]
    by_image: Mapping[str, Fact]

    def about(self, name: str) -> Fact:
        """Give what is known of an image by its full name: of its tag first, else of its repository."""
        reference = parse_reference(name)
        tagged = f"{reference.repository_name}:{reference.tag or 'latest'}"
        known = self.by_image.get(tagged) or self.by_image.get(reference.repository_name)
        return known or Fact(platforms=self.required)

    def expected(self, name: str) -> dict[str, str]:
        offered = self.about(name).normalised
        return {platform: "supported" if platform in offered else "missing" for platform in self.required}


def read_facts(path: Path = DATA) -> Facts:
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    by_image: dict[str, Fact] = {}
    for entry in document["facts"]:
        fact = Fact(
            platforms=tuple(entry["platforms"]),
            shape=entry.get("shape", "index"),
            source=entry["source"],
            partial=entry.get("partial"),
        )
        for image in entry["images"]:
            if image in by_image:
                raise ValueError(f"{path.name}: {image} is named twice")
            by_image[image] = fact
    return Facts(required=tuple(document["required"]), by_image=by_image)


def shape_of(name: str, fact: Fact) -> Image | Index:
    """Build the stand-in: no two platforms or images share a layer."""
    if fact.shape == "single":
        return Image(platform=fact.platforms[0], salt=name, docker=True)
    return index(*fact.platforms, salt=name, attested=fact.shape == "attested")
