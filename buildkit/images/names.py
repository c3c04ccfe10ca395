"""What the name of a field, a variable or a flag says about its value: an image, a version, a registry.

Names differ only in spelling (`defaultJobImage`, `V2_LAUNCHER_IMAGE`, `--acme-http01-solver-image`): they are cut
into words first, and the words decide.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_LONGEST: Final = 120
_IMAGE: Final = frozenset({"image", "img"})
_IMAGES: Final = frozenset({"images", "imgs"})
# `imageName`, `image_url`: still the image itself.
_IDENTITY: Final = frozenset({"name", "ref", "reference", "uri", "url", "full", "default"})
# `imagePullPolicy`, `image_tag`: something about an image.
_ABOUT: Final = frozenset(
    {"pull", "policy", "policies", "secret", "secrets", "tag", "tags", "version", "versions", "format", "type", "size"}
    | {"registry", "registries", "hub", "prefix", "suffix", "digest", "sha"}
)
_VERSION: Final = frozenset({"tag", "version"})
_DIGEST: Final = frozenset({"digest", "sha", "sha256"})
_HUB: Final = frozenset({"hub", "registry", "host"})
_REGISTRIES: Final = frozenset((word,) for word in _HUB)
_PIECES: Final = frozenset((word,) for word in _VERSION | _DIGEST | _HUB)


class Says(IntEnum):
    """How much a name says: nothing; that an image may be meant; that the value is an image, or several."""

    NOTHING = 0
    MAYBE = 1
    IMAGE = 2
    IMAGES = 3


def words_of(name: str) -> tuple[str, ...]:
    """`defaultJobImage` -> default, job, image; `V2_DRIVER_IMAGE` -> v, 2, driver, image; of long names the end."""
    return _words_of(name[-_LONGEST:])


@lru_cache(maxsize=8192)
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


def says(name: str) -> Says:
    """Judge a name by its words; what is only *about* an image (`imagePullPolicy`) says nothing."""
    return _says(name[-_LONGEST:])


@lru_cache(maxsize=8192)
def _says(name: str) -> Says:
    words = _words_of(name) if "im" in name.lower() else ()
    if not words:
        return Says.NOTHING
    if words[-1] in _IMAGES:
        return Says.IMAGES
    if (
        words[-1].endswith("image")
        or words[-1] in _IMAGE
        or (words[-1] in _IDENTITY and words[-2:-1] and words[-2] in _IMAGE)
    ):
        return Says.IMAGE
    named = not _IMAGE.isdisjoint(words) or not _IMAGES.isdisjoint(words)
    return Says.MAYBE if named and _ABOUT.isdisjoint(words) else Says.NOTHING


def stem(name: str) -> tuple[str, ...]:
    """Words before the image: `FRONTEND_IMAGE` and `frontendImageName` -> frontend."""
    words = words_of(name)
    for index, word in enumerate(words):
        if word in _IMAGE:
            return words[:index]
    return ()


def is_piece(name: str) -> bool:
    """Whether a field may hold a version, a digest or a registry, whatever the image is called."""
    return words_of(name.replace("256", ""))[-1:] in _PIECES


def is_version_of(name: str, image: str) -> bool:
    """Tell whether `name` holds the version of what `image` names: `image_tag`, `FRONTEND_TAG`, `defaultImageVersion`.

    A plain `tag` or `version` goes with a plain `image` only: next to `cacheImage` it is something else's.
    """
    words, before = words_of(name), stem(image)
    if not words or words[-1] not in _VERSION or words_of(image)[-1:] in _REGISTRIES:
        return False
    if before == ("base",):  # Prometheus' former `baseImage`, and operators after its model
        before = ()
    rest = words[:-1]
    if rest in {(*before, "image"), before}:
        return True
    return not before and rest == ("default", "image")


def is_digest_of(name: str, image: str) -> bool:
    words, before = words_of(name.replace("256", "")), stem(image)
    return bool(words) and words[-1] in _DIGEST and words[:-1] in {(*before, "image"), before}


def is_hub_of(name: str, image: str) -> bool:
    words, before = words_of(name), stem(image)
    return bool(words) and words[-1] in _HUB and words[:-1] in {(*before, "image"), before, ("image",), ()}
