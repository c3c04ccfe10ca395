"""Specifications of charts (`helm-charts/<name>/spec.yaml`), read and checked by line.

docs/reference/chart-spec.md has every key. What only a release can tell (whether a place is there) is told later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from buildkit.charts.spec import About, Accepted, ChartSpec, CrdPolicy, Ignored, NamespaceText, Profile
from buildkit.charts.spec_values import read_values
from buildkit.charts.spec_words import (
    at_most,
    check_folder,
    check_folder_glob,
    check_label,
    check_link,
    check_literal,
    check_object,
    check_path_without_fields,
    check_release,
    check_repository,
    check_step,
    check_text,
    check_versions,
    child,
    flag,
    once,
    one_of,
    one_or_more,
    text_of,
    text_or,
    texts_of,
    word,
)
from buildkit.errors import UsageError
from buildkit.model.authored import check_depth, read_authored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.model.authored import Node

HINT: Final = "docs/reference/chart-spec.md has every key"
MOST_PROFILES: Final = 64
_MOST: Final = 1000
_MOST_FOLDERS: Final = 16
_PLACEHOLDER: Final = "{namespace}"
_KEYS: Final = (
    *("chart", "appVersion", "component", "namespace", "release", "profiles", "default", "watched", "ignored"),
    *("crds", "values", "namespaceText", "imageNames", "accepted", "tested"),
)
_ABOUT_KEYS: Final = (
    *("name", "description", "home", "sources", "keywords", "maintainers", "kubeVersion", "icon", "license"),
)
_KUBERNETES: Final = ">=1.29.0-0"


def read_spec(text: str, source: str) -> ChartSpec:
    """Read a specification.

    Raises:
        UsageError: not YAML, an unknown key, a wrong value, a name that stands twice: `file:line: key: what is wrong`.
    """
    check_depth(text, source, hint=HINT)
    root = read_authored(text, source, hint=HINT)
    if root is None:
        raise UsageError(f"{source}:1: chart: is missing", hint=HINT)
    root = root.keys(*_KEYS)
    about = _read_about(child(root, "chart"))
    profiles = _read_profiles(root)
    names = tuple(one.name for one in profiles)
    app_version, *versioned_by = one_or_more(root, "appVersion", check_repository, _MOST_FOLDERS)
    component, *elsewhere = one_or_more(root, "component", check_folder, _MOST_FOLDERS)
    return ChartSpec(
        about=about,
        app_version=app_version,
        versioned_by=tuple(versioned_by),
        component=component,
        elsewhere=tuple(elsewhere),
        namespace=text_of(root, "namespace", check_label),
        release=text_of(root, "release", check_release),
        profiles=profiles,
        default=_read_default(root, profiles),
        watched=at_most(root, "watched", texts_of(root, "watched", check_folder), _MOST),
        ignored=_read_ignored(root, profiles),
        crds=one_of(root, "crds", get_args(CrdPolicy), "templates"),
        values=read_values(root),
        namespace_text=_read_namespace_texts(root),
        image_names=_read_image_names(root),
        accepted=_read_accepted(root, names),
        tested=at_most(root, "tested", texts_of(root, "tested", check_label), _MOST),
        source=source,
    )


def _read_about(node: Node) -> About:
    node = node.keys(*_ABOUT_KEYS)
    maintainers = at_most(node, "maintainers", node.each("maintainers", _read_maintainer), _MOST)
    once(node, "maintainers", (name for name, _ in maintainers))
    return About(
        name=text_of(node, "name", check_release),
        description=text_of(node, "description", check_text),
        home=text_of(node, "home", check_link),
        sources=at_most(node, "sources", texts_of(node, "sources", check_link), _MOST),
        keywords=at_most(node, "keywords", texts_of(node, "keywords", check_text), _MOST),
        maintainers=maintainers,
        kube_version=text_or(node, "kubeVersion", check_versions, _KUBERNETES),
        icon=text_or(node, "icon", check_link),
        license=text_or(node, "license", check_text),
    )


def _read_maintainer(node: Node) -> tuple[str, str]:
    node = node.keys("name", "url")
    return text_of(node, "name", check_text), text_of(node, "url", check_link)


def _read_profiles(root: Node) -> tuple[Profile, ...]:
    profiles: list[Profile] = []
    paths: dict[str, str] = {}
    for name, node in root.entries("profiles"):
        word(node, "profiles", name, check_label)
        one = _read_profile(node.keys("path", "optional", "description"), name)
        for path in one.paths:
            if path in paths:
                raise node.wrong("path", f"'{path}' is the profile '{paths[path]}' already")
            paths[path] = name
        profiles.append(one)
    if not profiles:
        raise root.wrong("profiles", "must name a profile" if root.has("profiles") else "is missing")
    return at_most(root, "profiles", tuple(profiles), MOST_PROFILES)


def _read_default(root: Node, profiles: tuple[Profile, ...]) -> str:
    name = one_of(root, "default", tuple(one.name for one in profiles))
    if any(one.optional for one in profiles if one.name == name):
        raise root.wrong("default", f"'{name}' is optional: a release that lacks it would have no default")
    return name


def _read_profile(node: Node, name: str) -> Profile:
    path, *elsewhere = one_or_more(node, "path", check_folder, _MOST_FOLDERS)
    return Profile(
        name=name,
        path=path,
        elsewhere=tuple(elsewhere),
        optional=flag(node, "optional"),
        description=text_or(node, "description", check_text),
    )


def _read_ignored(root: Node, profiles: tuple[Profile, ...]) -> tuple[Ignored, ...]:
    taken: Mapping[str, str] = {path: one.name for one in profiles for path in one.paths}

    def read(node: Node) -> Ignored:
        node = node.keys("path", "reason")
        path = text_of(node, "path", check_folder_glob)
        if path in taken:
            raise node.wrong("path", f"'{path}' is the profile '{taken[path]}'")
        return Ignored(path=path, reason=text_of(node, "reason", check_text))

    ignored = at_most(root, "ignored", root.each("ignored", read), _MOST)
    once(root, "ignored", (one.path for one in ignored))
    return ignored


def _read_namespace_texts(root: Node) -> tuple[NamespaceText, ...]:
    found: dict[tuple[str, str, str], NamespaceText] = {}

    def read(node: Node) -> None:
        one = _read_namespace_text(node.keys("follow", "keep", "reason", "object", "path"))
        twin = found.setdefault((one.text, one.object, one.path), one)
        if twin is not one:
            key = "follow" if one.follow else "keep"
            raise node.wrong(key, f"'{one.text[:80]}' is said in line {twin.line} for the same places")

    root.each("namespaceText", read)
    return at_most(root, "namespaceText", tuple(found.values()), _MOST)


def _read_namespace_text(node: Node) -> NamespaceText:
    follow = node.has("follow")
    key = "follow" if follow else "keep"
    if follow == node.has("keep"):
        raise node.wrong(key, "either `follow` or `keep`, with the text")
    if follow and node.has("reason"):
        raise node.wrong("reason", "is for what stays (`keep`)")
    text = text_of(node, key, check_literal)
    if text.count(_PLACEHOLDER) != 1:
        raise node.wrong(key, f"must have {_PLACEHOLDER} in it, once")
    return NamespaceText(
        text=text,
        object=text_or(node, "object", check_object, "**"),
        path=text_or(node, "path", check_path_without_fields),
        follow=follow,
        reason="" if follow else text_of(node, "reason", check_text),
        line=node.line,
    )


def _read_image_names(root: Node) -> tuple[tuple[str, str], ...]:
    names: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for written, node in root.entries("imageNames"):
        repository = word(node, "imageNames", written, check_repository)
        if not isinstance(node.value, str):
            raise node.wrong_at(node.line, "imageNames", f"{written[:80]}: must be a name")
        name = word(node, "imageNames", str(node.value), check_step)
        if repository in names:
            raise node.wrong_at(node.line, "imageNames", f"{repository[:80]} stands there twice")
        if name in by_name:
            raise node.wrong_at(node.line, "imageNames", f"'{name}' is the name of {by_name[name]} too")
        names[repository], by_name[name] = name, repository
    return at_most(root, "imageNames", tuple(sorted(names.items())), _MOST)


def _read_accepted(root: Node, profiles: tuple[str, ...]) -> tuple[Accepted, ...]:
    def read(node: Node) -> Accepted:
        node = node.keys("object", "path", "reason", "drop", "profiles")
        return Accepted(
            object=text_of(node, "object", check_object),
            path=text_or(node, "path", check_path_without_fields),
            reason=text_of(node, "reason", check_text),
            drop=flag(node, "drop"),
            profiles=_known(node, profiles),
            line=node.line,
        )

    accepted = at_most(root, "accepted", root.each("accepted", read), _MOST)
    lines: dict[tuple[str, str, str], int] = {}
    for one in accepted:
        for profile in one.profiles or ("",):
            line = lines.setdefault((one.object, one.path, profile), one.line)
            if line != one.line:
                raise root.wrong_at(one.line, "accepted", f"is what line {line} accepts already")
    return accepted


def _known(node: Node, profiles: tuple[str, ...]) -> tuple[str, ...]:
    named = texts_of(node, "profiles", str)
    for name in named:
        if name not in profiles:
            raise node.wrong("profiles", f"there is no profile '{name[:80]}'; known: {', '.join(profiles)}")
    if node.has("profiles") and not named:
        raise node.wrong("profiles", "must name a profile; without the key all are meant")
    return named
