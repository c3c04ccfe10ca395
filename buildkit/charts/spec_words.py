"""What the words of a specification may be: names, folders, links, globs; each held to what all take that use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from ruamel.yaml.scalarbool import ScalarBoolean

from buildkit.charts.pattern import PatternError, check_pattern
from buildkit.charts.spots import GlobError, check_object_glob, check_path_glob
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from buildkit.model.authored import Node

T = TypeVar("T")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RELEASE: Final = 53  # Helm's
_STEP: Final = re.compile(r"[a-z][A-Za-z0-9]{0,62}")
_MOST_STEPS: Final = 8
_VERSIONS: Final = re.compile(r"[0-9A-Za-z.<>=!~^|, *+-]{1,100}")
ADDED: Final = "?"  # behind a path's last key: added once the value is set
_ADDED_KEY: Final = re.compile(r"\.[A-Za-z0-9_-]+\?\Z")
_BY_FIELD: Final = re.compile(r"\[[A-Za-z0-9_-]+=")
_LONGEST: Final = 500
_LONGEST_TEXT: Final = 2000
_NOT_IN_PATHS: Final = frozenset('\\:#%?*"<>|')


class WordError(ValueError):
    """What is wrong with a word, as the end of a sentence that its key begins."""


def check_label(text: str) -> str:
    """A DNS label, as names of charts, profiles, namespaces and Services are."""
    if not _LABEL.fullmatch(text):
        raise WordError(f"'{text[:80]}' is no DNS label: a-z, 0-9 and - between them, at most 63 characters")
    return text


def check_release(text: str) -> str:
    if len(check_label(text)) > _RELEASE:
        raise WordError(f"is longer than the {_RELEASE} characters that helm takes")
    return text


def check_step(text: str) -> str:
    """One step of a value's name."""
    if not _STEP.fullmatch(text):
        raise WordError(f"'{text[:80]}' is no name of a value: lower camel case, such as existingSecret")
    return text


def check_value_name(text: str) -> str:
    steps = text.split(".")
    if len(steps) > _MOST_STEPS:
        raise WordError(f"has more than {_MOST_STEPS} steps")
    for step in steps:
        check_step(step)
    return text


def check_text(text: str) -> str:
    """Text for readers: of one line, and not of spaces alone."""
    if not text.strip() or len(text) > _LONGEST_TEXT or not text.strip().isprintable():
        raise WordError(f"must be one line of text, at most {_LONGEST_TEXT} characters")
    return text.strip()


def check_literal(text: str) -> str:
    """Text as it stands in objects, line breaks and spaces included."""
    if len(text) > _LONGEST_TEXT or not all(char.isprintable() or char in "\n\t" for char in text):
        raise WordError(f"must be a text without control characters, at most {_LONGEST_TEXT} characters")
    return text


def check_folder(text: str, *, also: str = "") -> str:
    """A folder below the tree's root, without `.` and empty parts; `also`: characters that are none of a folder's."""
    if text.startswith("/") or len(text) > _LONGEST:
        raise WordError(f"'{text[:80]}' must be relative to the manifests' root, and short")
    if not text.isprintable() or (_NOT_IN_PATHS - set(also)) & set(text):
        raise WordError(f"'{text[:80]}' has a character that no path here may have")
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise WordError(f"'{text[:80]}' leads out of the manifests")
    if not parts:
        raise WordError("must be a folder below the manifests' root")
    return "/".join(parts)


def check_folder_glob(text: str) -> str:
    """A folder, with `*` for any characters."""
    return check_folder(text, also="*")


def check_link(text: str) -> str:
    try:
        url = urlsplit(text)
        plain = url.scheme == "https" and bool(url.hostname) and not url.username and not url.password
    except ValueError:
        plain = False
    if not plain or not text.isprintable() or " " in text or len(text) > _LONGEST:
        # Not quoted: an address may hold a password.
        raise WordError("must be an https:// address, without user and password")
    return text


def check_versions(text: str) -> str:
    if not _VERSIONS.fullmatch(text):
        raise WordError(f"'{text[:80]}' is no constraint of versions, such as >=1.29.0-0")
    return text


def check_repository(text: str) -> str:
    """An image's repository, given in full (`docker.io/library/mysql`)."""
    try:
        reference = parse_reference(text)
    except ReferenceError as error:
        raise WordError(str(error)) from None
    if reference.tag or reference.digest:
        raise WordError(f"'{text[:80]}' has a tag or a digest: a repository has none")
    return reference.repository_name


def check_object(text: str) -> str:
    try:
        return check_object_glob(text)
    except GlobError as error:
        raise WordError(str(error)) from None


def check_path(text: str) -> str:
    try:
        return check_path_glob(text)
    except GlobError as error:
        raise WordError(str(error)) from None


def check_place(text: str) -> str:
    """A path that a value is put to; `?` behind its last key: the key is added where it does not stand."""
    if not text.endswith(ADDED):
        return check_path(text)
    check_path(text.removesuffix(ADDED))
    if not _ADDED_KEY.search(text):
        raise WordError(f"'{text[:80]}': the key that {ADDED} adds is a plain one, behind a dot")
    return text


def check_path_without_fields(text: str) -> str:
    """A path that is held against others, not against an object: what an element says is not known there."""
    if _BY_FIELD.search(check_path(text)):
        raise WordError(f"'{text[:80]}': an element is not told by a field here; [*] is any of them")
    return text


def check_expression(text: str) -> str:
    try:
        return check_pattern(text)
    except PatternError as error:
        raise WordError(str(error)) from None


def text_of(node: Node, key: str, check: Callable[[str], T]) -> T:
    """A text of a mapping that has to be there, checked; an error is told with the line of its key."""
    text = node.text(key)
    try:
        return check(text)
    except WordError as error:
        raise node.wrong(key, str(error)) from None


def text_or(node: Node, key: str, check: Callable[[str], str], default: str = "") -> str:
    """A text of a mapping, checked, and what it is where the key does not stand."""
    return text_of(node, key, check) if node.has(key) else default


def texts_of(node: Node, key: str, check: Callable[[str], str]) -> tuple[str, ...]:
    """A list of texts, none of them twice."""
    return once(node, key, (word(node, key, text, check) for text in node.texts(key)))


def word(node: Node, key: str, text: str, check: Callable[[str], T]) -> T:
    """A text that stands in a list, or is a name, checked."""
    try:
        return check(text)
    except WordError as error:
        raise node.wrong_at(node.line_of(key), key, str(error)) from None


def one_or_more(node: Node, key: str, check: Callable[[str], str], most: int) -> tuple[str, ...]:
    """A text, or a list of them that has one at least, none of them twice."""
    value = node.value.get(key) if isinstance(node.value, Mapping) else None
    if not isinstance(value, list):
        return (text_of(node, key, check),)
    if not value:
        raise node.wrong(key, "must name one at least")
    return at_most(node, key, texts_of(node, key, check), most)


def flag(node: Node, key: str) -> bool:
    """A key that is true or false; false where it does not stand."""
    value = node.value.get(key, False) if isinstance(node.value, Mapping) else False
    if not isinstance(value, bool | ScalarBoolean):
        raise node.wrong(key, "must be true or false")
    return bool(value)


def child(node: Node, key: str) -> Node:
    """What stands under a key, which has to be there."""
    if not isinstance(node.value, Mapping) or key not in node.value:
        raise node.wrong(key, "is missing")
    return type(node)(node.value[key], node.source, node.line_of(key), node.hint)


def one_of(node: Node, key: str, known: Iterable[T], default: T | None = None) -> T:
    """One of some words."""
    words = tuple(known)
    if default is not None and not node.has(key):
        return default
    text = node.text(key)
    for known_word in words:
        if text == known_word:
            return known_word
    raise node.wrong(key, f"'{text[:80]}' is none of {', '.join(map(str, words))}")


def once(node: Node, key: str, names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        if name in found:
            raise node.wrong(key, f"{name[:80]} stands there twice")
        found[name] = None
    return tuple(found)


def at_most(node: Node, key: str, many: tuple[T, ...], most: int) -> tuple[T, ...]:
    if len(many) > most:
        raise node.wrong(key, f"more than {most}")
    return many
