"""What registries say, and ties, built by hand."""

from __future__ import annotations

import hashlib
from typing import Any

from buildkit.model.facts import Entry, Failure, RegistryFacts
from buildkit.model.inspection import Verdict
from buildkit.model.platform import Platform, parse_platform
from buildkit.model.reference import Reference, parse_reference
from buildkit.pins.pin import Edit, Tie

AMD64, ARM64 = parse_platform("linux/amd64"), parse_platform("linux/arm64")
BOTH = (AMD64, ARM64)


def digest(name: str) -> str:
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


def entry(name: str, platform: str, *, config: str | None = None, labelled: bool = True) -> Entry:
    said: Platform = parse_platform(platform)
    return Entry(
        digest=digest(name),
        declared=said if labelled else None,
        configured=parse_platform(config or platform),
        config_read=True,
        variant_said=True,
        layers=(digest(f"layer of {name}"),),
    )


def index(name: str, *entries: Entry, note: str | None = None) -> RegistryFacts:
    return RegistryFacts(digest=digest(name), entries=entries, depth="config", note=note)


def manifest(name: str, platform: str = "linux/amd64") -> RegistryFacts:
    one = entry(name, platform, labelled=False)
    return RegistryFacts(digest=one.digest, entries=(one,), depth="config")


def failed(verdict: Verdict, reason: str = "the reason", *, denied: bool = False) -> RegistryFacts:
    return RegistryFacts(depth="config", failure=Failure(verdict=verdict, reason=reason, denied=denied))


def whole(name: str, amd64: str = "amd64", arm64: str = "arm64") -> RegistryFacts:
    """Facts of an index with both platforms."""
    return index(name, entry(amd64, "linux/amd64"), entry(arm64, "linux/arm64"))


def digest_tie(name: str = "amd64", *, tag: str | None = "v1", **settings: Any) -> Tie:
    value = digest(name)
    reference = Reference(registry="example.com", repository="team/app", tag=tag, digest=value)
    given: dict[str, Any] = {"file": "a.yaml", "line": 3, "column": 12, "start": 40, "hints": (tag,) if tag else ()}
    return Tie(kind="digest", value=value, reference=reference, **{**given, **settings})


def tag_tie(**settings: Any) -> Tie:
    given: dict[str, Any] = {
        "file": "a.yaml",
        "line": 3,
        "column": 30,
        "start": 40,
        "reference": parse_reference("example.com/team/app:v1-amd64"),
        "untied": parse_reference("example.com/team/app:v1"),
        "edits": (Edit(file="a.yaml", start=42, end=48, old="-amd64", new=""),),
    }
    return Tie(kind="tag", value="v1-amd64", **{**given, **settings})


def selector(*images: str, excludes: tuple[str, ...] = ("linux/arm64",), **settings: Any) -> Tie:
    given: dict[str, Any] = {
        "file": "a.yaml",
        "line": 9,
        "column": 5,
        "start": 90,
        "images": images,
        "excludes": excludes,
        "edits": (Edit(file="a.yaml", start=90, end=95, old="amd64", new="amd64, arm64"),),
    }
    return Tie(kind="selector", value="amd64", **{**given, **settings})
