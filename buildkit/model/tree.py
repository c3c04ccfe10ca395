"""A source tree as it was found: its files by path, with what was not taken in and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_MAX_LINKS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """The files below one folder.

    Attributes:
        prefix: what every path begins with: nothing for the main tree, `remote:github.com/OWNER/REPO@REF/` for others.
        root: the folder on disk.
        files: path -> path on disk, relative to `root`; they differ where the file is a link.
        links: path of a link to a file or folder -> path it leads to, both in the tree.
        refused: path -> why it was left out (a link out of the tree, a file too big).
    """

    prefix: str
    root: str
    files: Mapping[str, str]
    links: Mapping[str, str]
    refused: Mapping[str, str]

    def canonical(self, path: str) -> str:
        """A path with the links to folders in it followed."""
        for _ in range(_MAX_LINKS):
            steps = path.split("/")
            for count in range(1, len(steps) + 1):
                target = self.links.get("/".join(steps[:count]))
                if target is not None:
                    path = "/".join([target, *steps[count:]])
                    break
            else:
                return path
        return path
