"""Checks of attestations: each is about an image of this index, its provenance about that very image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.check import AGAIN, SHORT, Outcome, Remark, conclude, not_asked, outcome_of, problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.builds.check import Check
    from buildkit.builds.judged import Judged
    from buildkit.model.contents import AttestationContents, StatementContents

_TYPE: Final = "vnd.docker.reference.type"
_PROVENANCE: Final = "https://slsa.dev/provenance/"
_PREDICATES: Final[Mapping[str, tuple[str, ...]]] = {
    "provenance": (_PROVENANCE,),
    "sbom": ("https://spdx.dev/", "https://cyclonedx.org/"),
}
_MERGE: Final = "merge again from what the builds pushed: imagetools create keeps attestations with their images"


def check_attestations(judged: Judged) -> Check:
    """Attestations stand beside the right images, and where they are planned, every platform has them."""
    found, wanted = judged.contents.attestations, judged.expected.attest
    if not found and not wanted:
        return not_asked("attestations", "there are none, and none were planned")
    remarks = [remark for one in found for remark in _attachment(judged, one)]
    remarks += _lacking(judged)
    planned = f", {' and '.join(sorted(wanted))} of every platform" if wanted else ""
    return conclude("attestations", remarks, f"{len(found)}, each beside its image{planned}")


def _attachment(judged: Judged, one: AttestationContents) -> Iterator[Remark]:
    owners = {image.digest: str(image.platform) for image in judged.contents.images}
    short, platform = one.descriptor.digest[:SHORT], owners.get(one.refers or "")
    if one.refers is None and one.descriptor.annotation(_TYPE):
        yield problem(None, f"attestation {short} does not say which image it is about", _MERGE)
    elif one.refers is not None and platform is None:
        yield problem(None, f"attestation {short} is about {one.refers}, which is not in the index", _MERGE)
    if one.failure:
        reason = f"attestation {short}: {one.failure.reason}"
        yield Remark(outcome=outcome_of(one.failure), platform=platform, message=reason, fix=AGAIN)
    if one.subject is not None and one.refers is not None and one.subject != one.refers:
        message = f"attestation {short}: its manifest is about {one.subject}, the index puts it to {one.refers}"
        yield problem(platform, message, _MERGE)
    if one.size is not None and one.size != one.descriptor.size:
        message = f"the index says that attestation {short} has {one.descriptor.size} bytes, it has {one.size}"
        yield problem(platform, message, _MERGE)
    for statement in one.statements:
        yield from _provenance(statement, one.refers, platform)


def _provenance(statement: StatementContents, refers: str | None, platform: str | None) -> Iterator[Remark]:
    if not statement.predicate_type.startswith(_PROVENANCE):
        return
    if statement.failure:
        # A blob that is not there is told as a blob.
        if not statement.blob.failure:
            message = f"its provenance: {statement.failure.reason}"
            yield Remark(outcome=outcome_of(statement.failure), platform=platform, message=message, fix=AGAIN)
        return
    if statement.stated_type != statement.predicate_type:
        said = f"its provenance is of type {statement.stated_type!r}, the manifest says {statement.predicate_type!r}"
        yield problem(platform, said, _MERGE)
    if platform is not None and refers not in (statement.subjects or ()):
        about = ", ".join(statement.subjects or ()) or "nothing"
        yield problem(platform, f"its provenance is about {about}, not about {refers}", _MERGE)


def _lacking(judged: Judged) -> Iterator[Remark]:
    """Kinds that are planned and that a platform has not."""
    for platform in judged.expected_names:
        child = judged.child(platform)
        if child is None:
            continue
        own = [one for one in judged.contents.attestations if one.refers == child.digest]
        types = [statement.predicate_type for one in own for statement in one.statements]
        for kind in sorted(judged.expected.attest):
            if not any(found.startswith(_PREDICATES.get(kind, ("?",))) for found in types):
                unread = any(one.failure and outcome_of(one.failure) is Outcome.UNKNOWN for one in own)
                yield Remark(
                    outcome=Outcome.UNKNOWN if unread else Outcome.PROBLEM,
                    platform=platform,
                    message=f"no {kind} was read" if unread else f"it has no {kind}, which was planned",
                    fix=AGAIN if unread else f"build it with --attest type={kind}, and merge what that pushes",
                )
