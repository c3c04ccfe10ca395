"""What is to be built: every component with its tags, labels, caches and the runner of each platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CacheKind = Literal["none", "registry", "gha", "local"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedPlatform:
    """One platform of a component: built by itself, on a node of its own, and pushed by digest.

    Attributes:
        platform: `linux/arm64`.
        runner: the GitHub runner native to it; None where none is known.
        cache_from, cache_to: as `docker buildx build` takes them.
    """

    platform: str
    runner: str | None = None
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Excluded:
    """A platform of a component that is not built, and why (a known limit of the catalogue)."""

    component: str
    platform: str
    reason: str
    link: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedBuild:
    """One component to build.

    Attributes:
        component: its name.
        image: the repository to push to, without a tag.
        tags: tags in full (`ghcr.io/kubeflow/x:v1`), set only when every platform is verified.
        context: a folder, or a git URL with ref and folder as BuildKit takes it.
        dockerfile: file, in the context of a git URL relative to its root; for a folder a path that exists.
        target: the stage; None for the last one.
        args, labels: sorted by name.
        attest: as `docker buildx build --attest` takes them.
        platforms: sorted.
        smoke: command that shows that the image starts, as in the catalogue.
        revision: commit of the source, None where it is in no repository; `+dirty` after it for local changes.
        repository: URL of the source's repository; None where unknown.
        needs: components whose images it is built on; those of this plan stand before it.
    """

    component: str
    image: str
    tags: tuple[str, ...]
    context: str
    dockerfile: str
    target: str | None = None
    args: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    attest: tuple[str, ...] = ()
    platforms: tuple[PlannedPlatform, ...]
    smoke: tuple[str, ...] = ()
    revision: str | None = None
    repository: str | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Builds in the order of the catalogue.

    Attributes:
        catalogue: the file that it is made from.
        version: what is built; the first tag of every build.
        epoch: SOURCE_DATE_EPOCH, seconds since 1970; None where it is not set.
        builds: the components.
        excluded: platforms that were asked for and have a known limit.
        unchanged: components left out by --changed-since.
    """

    catalogue: str = ""
    version: str
    epoch: int | None = None
    builds: tuple[PlannedBuild, ...]
    excluded: tuple[Excluded, ...] = ()
    unchanged: tuple[str, ...] = ()
