"""What is known of particular projects: the data file, read and validated.

Rules find most images; the file holds what no rule can know. Users extend it with a file of their own of the same
form, whose entries come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Final

from buildkit.model.authored import read_authored
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.model.authored import Node
    from buildkit.model.reference import Reference

_SECTIONS: Final = (
    "registries",
    "placeholders",
    "fields",
    "not_fields",
    "declared",
    "owners",
    "replacements",
    "emulation",
)
_STEP: Final = re.compile(r"\*\*|\*|\[\*\]|[^*\[]+|\[")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of a kind: `group` and `kind` are globs; in `path` `[*]` is any index, `*` any key, `**` any path."""

    group: str
    kind: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """An image compiled into another: `by` is that one's repository (a glob of the name in full).

    `{tag}` in `image` is the tag of `by`; `tags` restricts it to tags that match; a flag or variable of `unless` in
    the same object replaces the default.
    """

    image: str
    by: str
    tags: str
    unless: tuple[str, ...]
    file: str
    line: int

    def applies_to(self, tag: str) -> bool:
        return re.fullmatch(self.tags, tag) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Who owns a folder of the tree (a glob): the component, and where upstream keeps it.

    `moved` is the repository that develops it now, where the one that the folder was copied from no longer does.
    `built` says how the copied files are made from the repository, where none of them stands in it.
    """

    folder: str
    component: str
    repository: str
    path: str
    moved: str | None = None
    built: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Succession:
    """What to use instead of an image: `image` is a glob of `registry/repository`, `tags` a regular expression."""

    image: str
    tags: str
    use: str | None
    since: str | None
    text: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Emulation:
    """An image whose amd64 code fails even where it is emulated, and why."""

    image: str
    tags: str
    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The data file; earlier entries win."""

    registries: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    not_fields: tuple[Field, ...] = ()
    declared: tuple[Declared, ...] = ()
    owners: tuple[Owner, ...] = ()
    replacements: tuple[Succession, ...] = ()
    emulation: tuple[Emulation, ...] = ()

    @cached_property
    def _patterns(self) -> dict[tuple[str, str], tuple[re.Pattern[str] | None, re.Pattern[str] | None]]:
        return {}

    def fields_of(self, group: str, kind: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        """Patterns of the paths of a kind that hold images, and of those that never do; None where there are none."""
        known = self._patterns.get((group, kind))
        if known is None:
            known = (_pattern(self.fields, group, kind), _pattern(self.not_fields, group, kind))
            self._patterns[group, kind] = known
        return known

    def declared_by(self, repository: str) -> Iterator[Declared]:
        """What an image of `repository` (`docker.io/library/x`) brings with it."""
        return (one for one in self.declared if fnmatchcase(repository, one.by))

    def replacement_of(self, reference: Reference) -> Succession | None:
        """What is known to stand in for an image."""
        return next((one for one in self.replacements if _is_about(one, reference)), None)

    def emulation_of(self, reference: Reference) -> Emulation | None:
        """Why an image fails even under emulation, where that is known."""
        return next((one for one in self.emulation if _is_about(one, reference)), None)

    @cached_property
    def components(self) -> frozenset[str]:
        """Names of all components."""
        return frozenset(one.component for one in self.owners)

    def owner_of(self, folder: str) -> Owner | None:
        """The owner of a folder or of the nearest one around it, as the first entry that matches says."""
        for one in self.owners:
            if fnmatchcase(folder, one.folder) or fnmatchcase(folder, one.folder + "/*"):
                return one
        return None


def parse_knowledge(text: str, source: str) -> Knowledge:
    """Read a data file.

    Raises:
        UsageError: not YAML, an unknown key, a wrong type or a missing one; the message begins with `source:line`.
    """
    root = read_authored(text, source, hint="see the data file that ships with kfkit")
    if root is None:
        return Knowledge()
    known = root.keys(
        "registries", "placeholders", "fields", "not_fields", "declared", "owners", "replacements", "emulation"
    )
    return Knowledge(
        registries=known.texts("registries"),
        placeholders=known.texts("placeholders"),
        fields=known.each("fields", _read_field),
        not_fields=known.each("not_fields", _read_field),
        declared=known.each("declared", _read_declared),
        owners=tuple(one for several in known.each("owners", _read_owner) for one in several),
        replacements=known.each("replacements", _read_succession),
        emulation=known.each("emulation", _read_emulation),
    )


def merge(first: Knowledge, second: Knowledge) -> Knowledge:
    """Both together; the first one's entries come first, and first entries win."""
    return Knowledge(
        registries=first.registries + second.registries,
        placeholders=first.placeholders + second.placeholders,
        fields=first.fields + second.fields,
        not_fields=first.not_fields + second.not_fields,
        declared=first.declared + second.declared,
        owners=first.owners + second.owners,
        replacements=first.replacements + second.replacements,
        emulation=first.emulation + second.emulation,
    )


def _read_field(node: Node) -> Field:
    node = node.keys("group", "kind", "path", "source")
    node.text("source")
    return Field(group=node.text("group", "*"), kind=node.text("kind"), path=node.text("path"))


def _read_declared(node: Node) -> Declared:
    node = node.keys("image", "by", "tags", "unless", "source")
    node.text("source")
    return Declared(
        image=node.text("image"),
        by=node.text("by"),
        tags=_read_tags(node),
        unless=node.texts("unless"),
        file=node.source,
        line=node.line,
    )


def _read_tags(node: Node) -> str:
    tags = node.text("tags", ".*")
    try:
        re.compile(tags)
    except re.error as error:
        raise node.wrong("tags", f"is no regular expression: {error}") from error
    return tags


def _read_succession(node: Node) -> Succession:
    node = node.keys("image", "tags", "use", "since", "text", "source")
    use = node.text("use") if node.has("use") else None
    if use is not None:
        try:
            parse_reference(use)
        except ReferenceError as error:
            raise node.wrong("use", str(error)) from error
    return Succession(
        image=node.text("image"),
        tags=_read_tags(node),
        use=use,
        since=node.text("since") if node.has("since") else None,
        text=node.text("text"),
        source=node.text("source"),
    )


def _read_emulation(node: Node) -> Emulation:
    node = node.keys("image", "tags", "text", "source")
    return Emulation(
        image=node.text("image"), tags=_read_tags(node), text=node.text("text"), source=node.text("source")
    )


def _is_about(entry: Succession | Emulation, reference: Reference) -> bool:
    tag = reference.tag or ("" if reference.digest else "latest")
    return fnmatchcase(reference.repository_name, entry.image) and re.fullmatch(entry.tags, tag) is not None


def _read_owner(node: Node) -> tuple[Owner, ...]:
    node = node.keys("folders", "component", "repository", "path", "moved", "built", "source")
    folders = node.texts("folders")
    if not folders:
        raise node.wrong("folders", "must name a folder")
    owner = Owner(
        folder="",
        component=node.text("component"),
        repository=node.text("repository"),
        path=node.text("path", "."),
        moved=node.text("moved") if node.has("moved") else None,
        built=node.text("built") if node.has("built") else None,
    )
    return tuple(replace(owner, folder=folder.rstrip("/")) for folder in folders)


def _pattern(fields: tuple[Field, ...], group: str, kind: str) -> re.Pattern[str] | None:
    paths = [one.path for one in fields if fnmatchcase(group, one.group) and fnmatchcase(kind, one.kind)]
    return re.compile("|".join(_expression(path) for path in paths)) if paths else None


def _expression(path: str) -> str:
    special = {"**": ".*", "*": r"[^.\[\]]+", "[*]": r"\[\d+\]"}
    return "".join(special.get(step, re.escape(step)) for step in _STEP.findall(path))
