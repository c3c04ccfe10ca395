"""What changed between two audits, by repository *and use*.

A tag bump in a Deployment that loses arm64 is one image that `regressed`, not one that is gone and one that is new.
Each use of today finds what stood in the same place then: the image of the same repository that the same object named
at the same path (its own name first, where several overlays name several); else the same name anywhere; else the only
image of that repository on both sides. What counts is compared with what counted: an image that only an optional
overlay named, and that the default install takes in now, is new.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from buildkit.audit.record import Change
from buildkit.audit.scope import Scope, counts
from buildkit.model.inspection import Verdict
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from buildkit.audit.past import PastAudit, PastImage, PastUse
    from buildkit.audit.record import AuditedImage, ChangeKind
    from buildkit.model.image import ImageUse

    Judged = AuditedImage | PastImage

Key = tuple[str, str, str]

# kustomize's (api/hasher/hasher.go): a generated ConfigMap's name ends in ten characters of its content's hash.
_HASH: Final = re.compile(r"-[24567bcdfghkmt89]{10}$")
_HASHED: Final = frozenset({"ConfigMap", "Secret"})
_WHOLE_ID: Final = 5
_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class GoneImage:
    """An image of the baseline that nothing of today stands for."""

    name: str
    verdict: Verdict
    component: str | None = None


class Comparison:
    """Today's images against an earlier audit's, in the scope of today's."""

    def __init__(self, past: PastAudit, images: Iterable[Judged], scope: Scope) -> None:
        self._scope = scope
        self._by_name = {image.name: image for image in past.images}
        self._by_key: dict[Key, dict[str, PastImage]] = defaultdict(dict)
        self._by_repository: dict[str, list[PastImage]] = defaultdict(list)
        for image in past.images:
            repository = repository_of(image.name)
            self._by_repository[repository].append(image)
            for use in image.uses:
                for key in use_keys(repository, use):
                    self._by_key[key][image.name] = image
        listed = tuple(images)
        self._now = {image.name for image in listed if counts(image, scope)}
        self._counts = Counter((repository_of(image.name), counts(image, scope)) for image in listed)
        self._matched: set[str] = set()

    def change_of(self, image: Judged, fails: Callable[[str, Verdict], bool]) -> tuple[Change, frozenset[str]]:
        """How an image changed, and which of its failing platforms failed before too.

        `fails` tells whether a verdict for a platform fails the release, by the policy of today for both sides.
        """
        before = self._before(image)
        self._matched.update(one.name for one in before)
        kinds = {
            name: _platform_change(record.verdict, [_verdict(one, name) for one in before], partial(fails, name))
            for name, record in image.platforms.items()
        }
        failing = {name for name, record in image.platforms.items() if fails(name, record.verdict)}
        kind = _worst(kinds.values(), new=not before or any(kinds[name] is None for name in failing))
        platforms = tuple(name for name in image.platforms if kinds[name] == kind and kind in {"regressed", "fixed"})
        was = _was(image, before, platforms, fails)
        known = frozenset(name for name in failing if kinds[name] == "same")
        return Change(kind=kind, was=was, platforms=platforms), known

    def gone(self) -> tuple[GoneImage, ...]:
        """What counted in the baseline and is left of it; after each image of today was asked about."""
        left = self._now | self._matched
        return tuple(
            GoneImage(name=image.name, verdict=image.verdict, component=image.component)
            for name, image in sorted(self._by_name.items())
            if counts(image, self._scope) and name not in left
        )

    def _before(self, image: Judged) -> list[PastImage]:
        """The images that stood where this one stands, each once."""
        repository = repository_of(image.name)
        uses = [use for use in image.uses if not use.sample] or list(image.uses)
        found = [one for use in uses for one in self._at(image, repository, use)]
        same = self._alike(image, [self._by_name[image.name]] if image.name in self._by_name else [])
        if not found and same:
            return same
        alone = self._alike(image, self._by_repository.get(repository, []))
        if not found and self._counts[repository, counts(image, self._scope)] == 1 and len(alone) == 1:
            return alone
        return list({one.name: one for one in found}.values())

    def _at(self, image: Judged, repository: str, use: ImageUse | PastUse) -> list[PastImage]:
        """What stood in one place: overlays may put several images there, and a pod may hold several versions."""
        there = [self._alike(image, self._by_key.get(key, {}).values()) for key in use_keys(repository, use)]
        own = [one for group in there for one in group if one.name == image.name]
        return own[:1] or next(filter(None, there), [])

    def _alike(self, image: Judged, past: Iterable[PastImage]) -> list[PastImage]:
        """Those that counted, for an image that counts; for another one the others."""
        counted = counts(image, self._scope)
        return [one for one in past if counts(one, self._scope) == counted]


def _was(
    image: Judged,
    before: Sequence[PastImage],
    platforms: Collection[str],
    fails: Callable[[str, Verdict], bool],
) -> str | None:
    """The other name that stood there: one that explains the change, where something changed."""
    others = [one for one in before if one.name != image.name]
    if platforms:
        others = [one for one in others if any(_differs(image, one, name, fails) for name in platforms)]
    return min((one.name for one in others), default=None)


def _differs(image: Judged, before: PastImage, platform: str, fails: Callable[[str, Verdict], bool]) -> bool:
    now, then = image.platforms[platform].verdict, _verdict(before, platform)
    return then is not Verdict.UNKNOWN and fails(platform, then) != fails(platform, now)


def _verdict(image: PastImage, platform: str) -> Verdict:
    record = image.platforms.get(platform)
    return record.verdict if record else Verdict.UNKNOWN


def _platform_change(now: Verdict, before: Sequence[Verdict], fails: Callable[[Verdict], bool]) -> ChangeKind | None:
    """A platform's change; None where then or now is unknown, or nothing stood there."""
    known = [verdict for verdict in before if verdict is not Verdict.UNKNOWN]
    if now is Verdict.UNKNOWN or not known:
        return None
    if fails(now):
        return "same" if all(map(fails, known)) else "regressed"
    return "fixed" if any(map(fails, known)) else "same"


def _worst(kinds: Iterable[ChangeKind | None], *, new: bool) -> ChangeKind:
    found = set(kinds)
    if "regressed" in found:
        return "regressed"
    if new:
        return "new"
    return "fixed" if "fixed" in found else "same"


@lru_cache(maxsize=65536)
def repository_of(name: str) -> str:
    """`ghcr.io/kubeflow/katib/katib-ui` of a name in full."""
    try:
        return parse_reference(name).repository_name
    except ReferenceError:
        return name


def use_keys(repository: str, use: ImageUse | PastUse) -> tuple[Key, Key]:
    """What stays of a use from one release to the next, exact and without a list's positions: items move.

    Object and path, or the file where there is no object; versions of APIs change, generated names with their content.
    """
    place, path = stable_object(use.object) if use.object else use.file, use.path or ""
    return (repository, place, path), (repository, place, _INDEX.sub("[]", path))


def stable_object(text: str) -> str:
    """`group/Kind/namespace/name` without version and content hash."""
    parts = text.split("/")
    group = parts[0] if len(parts) >= _WHOLE_ID else ""
    kind, namespace, name = parts[-3:] if len(parts) > 2 else ("", "", text)  # noqa: PLR2004  (Kind, namespace, name)
    return "/".join((group, kind, namespace, _HASH.sub("", name) if kind in _HASHED else name))


def group_by_kind(images: Iterable[AuditedImage]) -> Mapping[ChangeKind, tuple[AuditedImage, ...]]:
    """Images by how they changed, worst first; kinds that no image has are empty."""
    kinds: tuple[ChangeKind, ...] = ("regressed", "new", "fixed", "same")
    listed = tuple(images)
    return {kind: tuple(one for one in listed if one.change and one.change.kind == kind) for kind in kinds}
