"""Checks of what the index says: it can be read, every platform stands in it once, configs agree, layers differ."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from buildkit.builds.check import AGAIN, SHORT, Remark, conclude, outcome_of, problem, unknown
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.builds.check import Check
    from buildkit.builds.judged import Judged
    from buildkit.model.contents import ChildContents

_PUSH = "build and push that platform, then merge again"
_TWIN = "build each platform by itself: one was pushed as the other"


def check_index(judged: Judged) -> Check:
    """The reference stands for something that can be read, and for images."""
    return conclude("index", _index_remarks(judged), _index_told(judged))


def _index_remarks(judged: Judged) -> Iterator[Remark]:
    failure = judged.blocked
    if failure:
        fixes = {
            Verdict.ABSENT: "push it, or correct the name; where it is private, log in with docker login",
            Verdict.NOT_AN_IMAGE: "name a container image",
        }
        yield Remark(outcome=outcome_of(failure), message=failure.reason, fix=fixes.get(failure.verdict, AGAIN))


def _index_told(judged: Judged) -> str:
    contents = judged.contents
    if not contents.index:
        return "one image, no index"
    images = [image for image in contents.images if not image.artifact]
    other = len(contents.others) + len(contents.images) - len(images)
    kinds = f", {other} of another kind" if other else ""
    return f"{_count(images, 'image')}, {_count(contents.attestations, 'attestation')}{kinds}"


def _count(what: Sequence[object], noun: str) -> str:
    return f"{len(what)} {noun}" if len(what) == 1 else f"{len(what)} {noun}s"


def check_platforms(judged: Judged) -> Check:
    """Every expected platform is there, each once, and with a plan no other one."""
    told = f"{', '.join(judged.expected_names)}, each once"
    return conclude("platforms", _platform_remarks(judged), told)


def _platform_remarks(judged: Judged) -> Iterator[Remark]:
    for platform, record in judged.records.items():
        if record.verdict in {Verdict.MISSING, Verdict.ABSENT, Verdict.NOT_AN_IMAGE}:
            yield problem(platform, record.reason or str(record.verdict), _PUSH)
    images = [image for image in judged.contents.images if image.platform]
    counted = Counter((str(image.platform), image.descriptor.os_version) for image in images)
    for (platform, _), count in sorted(counted.items()):
        if count > 1:
            yield problem(
                platform,
                f"{platform} is {count} times in the index, and a node takes the first",
                "merge again from one digest for each platform",
            )
    if judged.expected.exact:
        for platform in judged.records:
            if platform not in judged.expected_names:
                yield problem(platform, f"{platform} is not in the plan", "merge again from what was planned")


def check_configs(judged: Judged) -> Check:
    """Descriptor, manifest and config of every image tell the same."""
    return conclude("configs", _config_remarks(judged), f"{len(judged.contents.images)} agree with their descriptors")


def _config_remarks(judged: Judged) -> Iterator[Remark]:
    for platform, record in judged.records.items():
        if record.verdict is Verdict.MISLABELLED:
            fix = f"build it for {platform}: its FROM, or a copied file, is for another platform"
            yield problem(platform, record.reason or "mislabelled", fix)
        elif record.verdict is Verdict.UNKNOWN:
            yield unknown(platform, record.reason or "could not be read")
    for image in judged.contents.images:
        whose = str(image.platform) if image.platform else None
        for message in _disagreements(image):
            yield problem(whose, message, "push the image again; what wrote this index is broken")


def _disagreements(image: ChildContents) -> Iterator[str]:
    short = image.digest[:SHORT]
    if image.size is not None and image.size != image.descriptor.size:
        yield f"the index says that {short} has {image.descriptor.size} bytes, it has {image.size}"
    if image.config and image.layers and len(image.config.diff_ids) != len(image.layers):
        yield f"{short} has {len(image.layers)} layers, its config {len(image.config.diff_ids)}"


def check_layers(judged: Judged) -> Check:
    """No two platforms have the same layers: then at least one of them holds the other's programs."""
    remarks = [
        problem(platform, record.reason or "the same layers", _TWIN)
        for platform, record in judged.records.items()
        if record.verdict is Verdict.SUSPECT
    ]
    unread = [
        unknown(platform, "its layers could not be read")
        for platform, record in judged.records.items()
        if record.verdict is Verdict.UNKNOWN
    ]
    return conclude("layers", [*remarks, *unread], "no two platforms have the same")
