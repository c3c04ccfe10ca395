"""Checks of digests: the index is the one that was named, each platform's image the one that its build reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from buildkit.builds.check import Outcome, Remark, conclude, not_asked, outcome_of, problem, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.builds.check import Check
    from buildkit.builds.expectation import BuiltDigest
    from buildkit.builds.judged import Judged
    from buildkit.model.contents import TagContents

_MOVED = "somebody moved the tag, or another run pushed: find out who before it is released"
_REBUILT = "merge again from the digests of the results"


def check_digests(judged: Judged, pushed: Mapping[str, TagContents]) -> Check:
    """What is served is what was built."""
    expected = judged.expected
    if expected.index is None and expected.built is None:
        return not_asked("digests", "no digest and no result file was given")
    said = [*(["the index"] if expected.index else []), *(["each platform"] if expected.built is not None else [])]
    return conclude("digests", _remarks(judged, pushed), f"{' and '.join(said)} as built")


def built_state(judged: Judged, platform: str, pushed: Mapping[str, TagContents]) -> Literal["yes", "no", "unknown"]:
    """Whether the image that serves a platform is the one that its build reported."""
    remark = _platform_remark(judged, platform, pushed)
    if remark is None:
        return "yes"
    return "no" if remark.outcome is Outcome.PROBLEM else "unknown"


def _remarks(judged: Judged, pushed: Mapping[str, TagContents]) -> Iterator[Remark]:
    wanted, found = judged.expected.index, judged.contents.digest
    if wanted and found and wanted != found:
        yield problem(None, f"it stands for {found}, not for {wanted}", _MOVED)
    if judged.expected.built is None:
        return
    for platform in judged.expected_names:
        remark = _platform_remark(judged, platform, pushed)
        if remark:
            yield remark


def _platform_remark(judged: Judged, platform: str, pushed: Mapping[str, TagContents]) -> Remark | None:
    """Why a platform is not known to be what was built; None where it is."""
    built = next((one for one in judged.expected.built or () if str(one.platform) == platform), None)
    if built is None:
        fix = "give the result file of that platform too (--result)"
        return unknown(platform, "no result file says what was built", fix)
    digest = judged.records[platform].digest
    if digest is None:
        return unknown(platform, "there is no image to compare", _REBUILT)
    if digest in {built.manifest, built.digest}:
        return None
    if built.manifest is None:
        return _by_pushed_index(platform, digest, built, pushed.get(built.digest))
    return _other(platform, digest, built.manifest)


def _by_pushed_index(platform: str, digest: str, built: BuiltDigest, root: TagContents | None) -> Remark | None:
    """Compare with what the build pushed: an index of the image and its attestation, of which only the image counts."""
    if root is None or root.failure:
        reason = root.failure.reason if root and root.failure else f"{built.digest} was not read"
        outcome = outcome_of(root.failure) if root and root.failure else Outcome.UNKNOWN
        # What is gone from the registry since it was merged says nothing about what the tag has.
        gone = outcome is Outcome.PROBLEM
        fix = "build again, or verify before untagged manifests are removed" if gone else "ask again"
        return unknown(platform, f"what the build pushed could not be read: {reason}", fix)
    images = [image.digest for image in root.images]
    return None if digest in images else _other(platform, digest, ", ".join(images) or built.digest)


def _other(platform: str, digest: str, wanted: str) -> Remark:
    return problem(platform, f"it is {digest}, the build reported {wanted}", _REBUILT)
