"""Images that a kustomization's own `images:` name: what is left to read of it where it does not render."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.images.candidates import Candidate, Judge, Strength
from buildkit.images.locate import Branch, Leaf, leaf_text
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.images.graph import KustomizationFile
    from buildkit.images.knowledge import Knowledge


def named_images(parsed: KustomizationFile, knowledge: Knowledge) -> Iterator[tuple[Candidate, str, int]]:
    """Yield `(image, path, line)` of each entry with a version; path and line are those of its digest or tag.

    An entry that changes only a name says nothing about the version, and a bare name may be a word that stands for
    an image.
    """
    judge = Judge(knowledge.registries, knowledge.placeholders)
    for index, entry in enumerate(parsed.items("images")):
        if not isinstance(entry, Branch) or not entry.is_map:
            continue
        name = leaf_text(entry, "newName") or leaf_text(entry, "name") or ""
        tag, digest = entry.get("newTag"), entry.get("digest")
        text, where = name, ("", 0)
        for mark, key, leaf in ((":", "newTag", tag), ("@", "digest", digest)):
            if isinstance(leaf, Leaf) and leaf.text:
                text, where = f"{text}{mark}{leaf.text}", (child(item("images", index), key), leaf.line)
        candidate = judge.read(text)
        if candidate is not None and where[0] and candidate.strength >= Strength.FULL:
            yield candidate, *where
