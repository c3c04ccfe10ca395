"""One file as the finders of ties read it, and the ties they make of places in it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from buildkit.images.candidates import Judge
from buildkit.images.graph import FILE_NAMES
from buildkit.pins.pin import Edit
from buildkit.pins.structures import Around, Document, Documents, Lines
from buildkit.pins.texts import Rows, Text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_YAML: Final = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file.

    Attributes:
        file: its path.
        text: its characters as they are, with BOM and line ends.
        judge: reads references.
        taken: whether a kustomization takes it in; of others only Kubernetes objects count.
    """

    file: str
    text: str
    judge: Judge
    taken: bool = True

    @cached_property
    def rows(self) -> Rows:
        return Rows(self.text)

    @property
    def is_kustomization(self) -> bool:
        return posixpath.basename(self.file) in FILE_NAMES

    @property
    def is_yaml(self) -> bool:
        """Whether the file's name says YAML or JSON; all else is read line by line."""
        return self.is_kustomization or posixpath.splitext(self.file)[1].lower() in _YAML

    @cached_property
    def _documents(self) -> Documents:
        return Documents(whole(self.text), Around())

    def parts(self, wanted: Callable[[str], bool]) -> Iterator[Document | Lines]:
        """Yield the documents that hold what is wanted."""
        if self.is_yaml:
            yield from self._documents.holding(wanted)
        elif wanted(self.text):
            yield Lines(text=whole(self.text), around=Around())

    def edit(self, start: int, end: int, new: str = "") -> Edit:
        """Put other characters in for those from `start` to `end`."""
        return Edit(file=self.file, start=start, end=end, old=self.text[start:end], new=new)

    def stands(self, text: Text, begin: int, end: int) -> int:
        """Where a part of a value stands in the file, -1 where it does not stand there as it is read."""
        start = text.place(begin, end)
        part = text.text[begin:end]
        return start if start >= 0 and self.text.startswith(part, start) else -1
