"""The components of a catalogue: what is built from where, for which platforms, and how it is known to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping

# GitHub's hosted runners, one native to each platform; of other platforms the catalogue has to name one.
RUNNERS: Mapping[str, str] = {"linux/amd64": "ubuntu-24.04", "linux/arm64": "ubuntu-24.04-arm"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a component's files are: a git repository and ref, or a directory.

    Attributes:
        repository: `OWNER/REPO` on GitHub, or an https URL; None for a directory.
        branch: where it is developed: what checkouts are of; None where the repository has one such branch.
        ref: branch, tag or commit that is built; `{version}` stands for the version.
        directory: relative to the catalogue's folder; None for a repository.
    """

    repository: str | None = None
    branch: str | None = None
    ref: str = "{version}"
    directory: str | None = None

    @property
    def name(self) -> str:
        """`kubeflow/katib`, `kubeflow/notebooks@notebooks-v1`, or the directory."""
        if self.repository is None:
            return self.directory or "."
        return f"{self.repository}@{self.branch}" if self.branch else self.repository


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One platform of a component, and the runner that is native to it."""

    platform: Platform
    runner: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownLimit:
    """Why a platform cannot be built yet: `reason` one sentence, `link` where it is followed."""

    platform: Platform
    reason: str
    link: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One image that is built.

    Attributes:
        name: unique in the catalogue; letters, digits, `-`, `_`, `.`.
        image: the repository to push to, without a tag.
        source: where its files are.
        context: folder of the source.
        dockerfile: file of the source (not of the context).
        target: the stage that is built; None for the last one.
        tag: what the version's tag is, with `{version}` in it; `{version}-gpu` where two components share an image.
        args: build arguments, sorted; `{version}`, `{registry}` and `{revision}` in a value stand for what is built.
            One with a revision is left out where the revision is not known.
        targets: platforms, sorted, those with a known limit left out.
        labels: more labels than the standard ones.
        smoke: command that ends with 0 where the image starts: its first word replaces the entrypoint, unless it is
            empty (then the rest are the entrypoint's arguments). No words: no smoke command.
        limits: platforms that cannot be built yet.
        needs: components whose images it is built on, which stand before it.
        file, line: where the catalogue says so.
    """

    name: str
    image: str
    tag: str = "{version}"
    source: Source
    context: str = "."
    dockerfile: str = "Dockerfile"
    target: str | None = None
    args: tuple[tuple[str, str], ...] = ()
    targets: tuple[Target, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    smoke: tuple[str, ...] = ()
    limits: tuple[KnownLimit, ...] = ()
    needs: tuple[str, ...] = ()
    file: str = ""
    line: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignored:
    """Dockerfiles of a source that no component is built from, and why: `dockerfile` is a glob (`**` any folders)."""

    source: Source
    dockerfile: str
    reason: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """Components in the order of the file, which is the order of building; names are unique."""

    file: str
    components: tuple[Component, ...]
    ignored: tuple[Ignored, ...] = ()
