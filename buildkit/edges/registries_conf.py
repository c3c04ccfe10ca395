"""containers-registries.conf(5) version 2: where a reference is really pulled from.

Read are `prefix`, `location`, `insecure`, `blocked`, `mirror` (with `pull-from-mirror`), and `mirror-by-digest-only`;
other keys are left alone, as containers/image does. Short names never come here: references are already full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from buildkit.edges.toml import read_toml
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit.model.reference import Reference

PullFrom = Literal["all", "digest-only", "tag-only"]
_PULL_FROM: Mapping[str, PullFrom] = {"all": "all", "digest-only": "digest-only", "tag-only": "tag-only"}
_LOCATION = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/[a-z0-9._-]+)*")
_WILDCARD = re.compile(r"\*(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where to ask: `host[:port]`, the repository there, and whether plain HTTP and unknown certificates will do."""

    host: str
    repository: str
    insecure: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """One `[[registry.mirror]]`."""

    location: str
    insecure: bool
    pull_from: PullFrom


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One `[[registry]]`; `location` is empty where a wildcard prefix gives none: the reference stays as it is."""

    prefix: str
    location: str
    insecure: bool
    blocked: bool
    mirrors: tuple[Mirror, ...]

    def matched(self, name: str) -> str | None:
        """Part of the name (repository or full reference) that the prefix covers, None when it does not."""
        if self.prefix.startswith("*."):
            host = name.partition("/")[0]
            return host if host.endswith(self.prefix[1:]) else None
        follows = name[len(self.prefix) : len(self.prefix) + 1]
        return self.prefix if name.startswith(self.prefix) and follows in {"", "/", ":", "@"} else None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistriesConf:
    """All rules; the longest matching prefix wins."""

    rules: tuple[Rule, ...] = ()

    def places(self, reference: Reference) -> tuple[Place, ...]:
        """Places to ask, in this order: mirrors, then the location. Empty: pulling from there is blocked."""
        found = [(rule, part) for rule in self.rules if (part := rule.matched(reference.name))]
        if not found:
            return (Place(host=reference.registry, repository=reference.repository),)
        rule, part = max(found, key=lambda item: len(item[0].prefix))
        if rule.blocked:
            return ()
        skipped = "tag-only" if reference.digest else "digest-only"
        mirrors = [
            _place(mirror.location, part, reference, insecure=mirror.insecure)
            for mirror in rule.mirrors
            if mirror.pull_from != skipped
        ]
        return (*mirrors, _place(rule.location or part, part, reference, insecure=rule.insecure))

    def mirrors(self) -> dict[str, tuple[str, ...]]:
        """Of whole hosts, where else their images are: what a builder can be told. Narrower rules are left out."""
        return {
            rule.prefix: others
            for rule in self.rules
            if not rule.blocked and "/" not in rule.prefix and not rule.prefix.startswith("*.")
            for others in [tuple(dict.fromkeys(_others(rule)))]
            if others
        }

    def insecure_hosts(self) -> tuple[str, ...]:
        """Hosts that may be spoken to over plain HTTP, or with a certificate that nobody vouches for."""
        found = {mirror.location for rule in self.rules for mirror in rule.mirrors if mirror.insecure}
        found |= {rule.location or rule.prefix for rule in self.rules if rule.insecure}
        return tuple(sorted({location.partition("/")[0] for location in found if not location.startswith("*.")}))


def _others(rule: Rule) -> list[str]:
    """A mirror for digests alone cannot be told from another: a builder asks it for tags too, and falls back."""
    places = [mirror.location for mirror in rule.mirrors]
    return [place for place in (*places, rule.location) if place and place != rule.prefix]


def read_registries_conf(path: Path) -> RegistriesConf:
    """Read a registries.conf.

    Raises:
        UsageError: cannot be read; no TOML (with the line); a key that means nothing (with the key).
    """
    return parse_registries_conf(read_toml(path), str(path))


def parse_registries_conf(document: Mapping[str, Any], source: str) -> RegistriesConf:
    """All rules of a document (TOML's values); UsageError names `source` and the key that means nothing."""
    if isinstance(document.get("registries"), dict):
        raise UsageError(f"{source}: registries: version 1 of the format", hint="Write [[registry]] tables instead.")
    rules = tuple(
        _rule(table, f"registry[{number}]", source)
        for number, table in enumerate(_tables(document, "registry", source))
    )
    prefixes = [rule.prefix for rule in dict.fromkeys(rules)]
    twice = next((prefix for prefix in prefixes if prefixes.count(prefix) > 1), None)
    if twice:
        raise UsageError(
            f"{source}: registry.prefix: {twice} is given twice, differently", hint="Keep one [[registry]] of them."
        )
    return RegistriesConf(rules=rules)


def _place(location: str, part: str, reference: Reference, *, insecure: bool) -> Place:
    """Put the location in place of the matched part of the reference's name."""
    rest = reference.repository_name[len(part) :]
    host, _, repository = f"{location}{rest}".partition("/")
    return Place(host=host, repository=repository or reference.repository, insecure=insecure)


def _rule(table: Mapping[str, Any], key: str, source: str) -> Rule:
    prefix = _text(table, "prefix", key, source)
    location = _location(table, key, source, required=not prefix.startswith("*."))
    prefix = prefix.rstrip("/") or location
    if prefix.startswith("*") and not _WILDCARD.fullmatch(prefix):
        raise UsageError(f"{source}: {key}.prefix: {prefix!r} (a wildcard stands for whole labels: *.example.com)")
    if "://" in prefix:
        raise UsageError(f"{source}: {key}.prefix: {prefix!r} (no scheme: host[:port][/path])")
    by_digest = _flag(table, "mirror-by-digest-only", key, source)
    mirrors = enumerate(_tables(table, "mirror", source, key))
    return Rule(
        prefix=prefix,
        location=location,
        insecure=_flag(table, "insecure", key, source),
        blocked=_flag(table, "blocked", key, source),
        mirrors=tuple(
            _mirror(mirror, f"{key}.mirror[{number}]", source, by_digest=by_digest) for number, mirror in mirrors
        ),
    )


def _mirror(table: Mapping[str, Any], key: str, source: str, *, by_digest: bool) -> Mirror:
    chosen = _text(table, "pull-from-mirror", key, source) or ("digest-only" if by_digest else "all")
    if chosen not in _PULL_FROM:
        raise UsageError(f"{source}: {key}.pull-from-mirror: {chosen!r} (want all, digest-only or tag-only)")
    return Mirror(
        location=_location(table, key, source, required=True),
        insecure=_flag(table, "insecure", key, source),
        pull_from=_PULL_FROM[chosen],
    )


def _location(table: Mapping[str, Any], key: str, source: str, *, required: bool) -> str:
    location = _text(table, "location", key, source).rstrip("/")
    if not location and not required:
        return ""
    if not location:
        raise UsageError(f"{source}: {key}.location: missing (want host[:port][/path])")
    if "@" in location:  # not quoted: it may hold a password
        raise UsageError(f"{source}: {key}.location: want host[:port][/path], without credentials or digest")
    if not _LOCATION.fullmatch(location):
        raise UsageError(f"{source}: {key}.location: {location!r} (want host[:port][/path], without a scheme)")
    return location


def _tables(table: Mapping[str, Any], name: str, source: str, key: str = "") -> list[Mapping[str, Any]]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        where = f"{key}.{name}" if key else name
        raise UsageError(f"{source}: {where}: want tables, as in [[{'registry.' if key else ''}{name}]]")
    return value


def _text(table: Mapping[str, Any], name: str, key: str, source: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise UsageError(f"{source}: {key}.{name}: want a string")
    return value.strip()


def _flag(table: Mapping[str, Any], name: str, key: str, source: str) -> bool:
    value = table.get(name, False)
    if not isinstance(value, bool):
        raise UsageError(f"{source}: {key}.{name}: want true or false")
    return value
