"""Checks of what images are made of: every blob is there with its size, labels are as planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.check import AGAIN, SHORT, Outcome, Remark, conclude, outcome_of, problem, unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from buildkit.builds.check import Check
    from buildkit.builds.judged import Judged
    from buildkit.model.contents import BlobContents, ChildContents
    from buildkit.model.facts import Failure

_VALUE: Final = 120
_SAID: Final = 1000
_LISTED: Final = 50  # labels that differ; a registry can have a config of a hundred thousand
_PUSH: Final = "push that platform again, and do not let the registry remove it"
_OURS: Final = "org.opencontainers.image."
# These may rightly differ: platforms are built one after another, from base images of their own.
_VARY: Final = (f"{_OURS}created", f"{_OURS}base.")


def check_blobs(judged: Judged) -> Check:
    """The registry has every config, layer and statement, each of the size that its manifest says."""
    contents = judged.contents
    parts = [(_platform_of(one), one.blobs, one.size is not None) for one in contents.images if not one.artifact]
    owners = {image.digest: _platform_of(image) for image in contents.images}
    parts += [(owners.get(one.refers or ""), one.blobs, one.size is not None) for one in contents.attestations]
    remarks = [remark for platform, blobs, read in parts for remark in _blob_remarks(platform, blobs, read=read)]
    looked = {blob.descriptor.digest: blob.found for _, blobs, _ in parts for blob in blobs if blob.found is not None}
    return conclude("blobs", remarks, f"{len(looked)} are there with their sizes, {sum(looked.values())} bytes")


def _blob_remarks(platform: str | None, blobs: Sequence[BlobContents], *, read: bool) -> Iterator[Remark]:
    if not read:
        yield unknown(platform, "no manifest was read that names its blobs")
    for blob in blobs:
        name, size = blob.descriptor.digest, blob.descriptor.size
        if blob.failure:
            outcome = outcome_of(blob.failure)
            fix = _PUSH if outcome is Outcome.PROBLEM else AGAIN
            yield Remark(outcome=outcome, platform=platform, message=_said(name, blob.failure), fix=fix)
        elif blob.found is not None and blob.found != size:
            message = f"blob {name[:SHORT]} has {blob.found} bytes in the registry, {size} in its manifest"
            yield problem(platform, message, _PUSH)


def _said(digest: str, failure: Failure) -> str:
    return failure.reason if digest in failure.reason else f"blob {digest[:SHORT]}: {failure.reason}"


def check_labels(judged: Judged) -> Check:
    """Every platform's config has the planned labels, and says of itself what the others say."""
    planned = judged.expected.labels
    images = [image for image in judged.contents.images if not image.artifact]
    remarks = [remark for image in images for remark in _label_remarks(image, planned or ())]
    told = "the same on every platform" if planned is None else f"{len(planned)} as planned on every platform"
    return conclude("labels", [*remarks, *_differences(judged)], told)


def _label_remarks(image: ChildContents, planned: Sequence[tuple[str, str]]) -> Iterator[Remark]:
    platform = _platform_of(image)
    if image.config is None:
        yield unknown(platform, "its config was not read")
        return
    labels = dict(image.config.labels)
    for name, value in planned:
        found = labels.get(name)
        if found != value:
            has = "has no such label" if found is None else f"has {_quoted(found)}"
            message = f"{name}: planned is {_quoted(value)}, the image {has}"
            yield problem(platform, message, "build that platform again from the plan; it is of another run")


def _differences(judged: Judged) -> Iterator[Remark]:
    """What images say of themselves by the OCI's names; base images' own labels may differ for good reasons."""
    configs = {
        _platform_of(image) or image.digest[:SHORT]: dict(image.config.labels)
        for image in judged.contents.images
        if image.config
    }
    differing = list(_differing(configs, dict(judged.expected.labels or ())))
    for name, values in differing[:_LISTED]:
        said = ", ".join(f"{platform} {_quoted(value) if value else 'nothing'}" for platform, value in values.items())
        yield _differs(f"{name[:_VALUE]} differs: {said[:_SAID]}")
    if len(differing) > _LISTED:
        yield _differs(f"{len(differing) - _LISTED} more labels differ")


def _differing(
    configs: Mapping[str, Mapping[str, str]], planned: Collection[str]
) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Names of labels, with what each image says."""
    names = {name for labels in configs.values() for name in labels if name.startswith(_OURS)}
    for name in sorted(names.difference(planned)):
        values = {whose: labels.get(name) for whose, labels in configs.items()}
        if not name.startswith(_VARY) and len(set(values.values())) > 1:
            yield name, values


def _differs(message: str) -> Remark:
    return problem(None, message, "build all platforms from one commit and version")


def _platform_of(image: ChildContents) -> str | None:
    return str(image.platform) if image.platform else None


def _quoted(value: str) -> str:
    return repr(value if len(value) <= _VALUE else value[:_VALUE] + "…")
