"""The audit as text: a table per Kubeflow component, worst first; then what does not count, and what broke.

Digests of supported images and reasons of broken kustomizations are cut short, so that a line stays readable; the JSON
has them whole.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from buildkit.audit.judge import SEVERITY, Audit, counts, main_use
from buildkit.errors import Exit
from buildkit.model.inspection import Verdict
from buildkit.report.text import bold, columns, count_of, printable, tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.audit.record import AuditedImage

NO_COMPONENT = "no known component"
_DIGEST = re.compile(r"@(\w+:[0-9a-f]{12})[0-9a-f]+")
_WHY_LIMIT = 200


def audit_text(audit: Audit, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result line."""
    blocks = [_head(audit, colour=colour), *_components(audit, colour=colour)]
    blocks += [_not_counted(audit, colour=colour), _broken(audit, colour=colour), _result(audit)]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode() + b"\n"


def _head(audit: Audit, *, colour: bool) -> list[str]:
    scope = "everything but samples" if audit.scope == "all" else "everything that renders"
    if audit.scope == "default" and audit.installs:
        scope = f"the default install ({printable(', '.join(sorted(audit.installs)))})"
    return [
        bold(f"Audit of {printable(audit.source)} for {', '.join(audit.required)}, {audit.date}", colour=colour),
        f"Counted: {scope}, {len(audit.counted)} of {count_of(len(audit.images), 'image')}: {tally(audit.summary)}",
    ]


def _components(audit: Audit, *, colour: bool) -> Iterator[list[str]]:
    def component(image: AuditedImage) -> str:
        return image.component or NO_COMPONENT

    groups = [
        (name, _worst_first(group)) for name, group in groupby(sorted(audit.counted, key=component), key=component)
    ]
    for name, images in sorted(groups, key=lambda pair: SEVERITY[pair[1][0].verdict]):
        owners = sorted({image.owner.repository for image in images if image.owner})
        title = f"{printable(name)}  {printable(', '.join(owners))}".rstrip()
        yield [bold(title, colour=colour), *_table(audit, images, colour=colour)]


def _table(audit: Audit, images: Sequence[AuditedImage], *, colour: bool) -> list[str]:
    header = ["verdict", *audit.required, "image", "where"]
    rows = [header, *(_row(audit, image) for image in images)]
    lines = columns(rows, colour=colour, indent="  ")
    table = lines[:1]
    # A reason that several images in a row share (a registry is down) is said once, below them.
    for reasons, group in groupby(zip(images, lines[1:], strict=True), key=lambda pair: _reasons(pair[0])):
        table += [line for _, line in group]
        table += [f"    {reason}" for reason in reasons]
    return table


def _row(audit: Audit, image: AuditedImage) -> list[str]:
    use = main_use(image.uses, audit.installs)
    more = f" and {len(image.uses) - 1} more" if len(image.uses) > 1 else ""
    platforms = [str(image.platforms[name].verdict) if name in image.platforms else "-" for name in audit.required]
    name = printable(image.name)
    if image.verdict is Verdict.SUPPORTED:
        name = _DIGEST.sub(r"@\1…", name)
    return [str(image.verdict), *platforms, name, printable(f"{use.file}:{use.line}{more}")]


def _reasons(image: AuditedImage) -> list[str]:
    """Why an image is not simply supported: a reason that holds for all platforms names none."""
    reasons = {
        platform: printable(record.reason)
        for platform, record in sorted(image.platforms.items())
        if record.reason and record.verdict is not Verdict.SUPPORTED
    }
    if len(set(reasons.values())) > 1:
        return [f"{platform}: {reason}" for platform, reason in reasons.items()]
    if reasons:
        return list(reasons.values())[:1]
    if image.depth == "descriptor":
        return ["from descriptors alone: configs were not read"]
    return []


def _not_counted(audit: Audit, *, colour: bool) -> list[str]:
    others = [image for image in audit.images if not counts(image, audit.scope)]
    if not others:
        return []
    found = Counter(image.verdict for image in others)
    listed = _worst_first(image for image in others if image.verdict is not Verdict.SUPPORTED)
    what = "outside the default install" if audit.scope == "default" and audit.installs else "samples"
    title = f"Not counted ({what}): {count_of(len(others), 'image')}: {tally({v: found[v] for v in Verdict})}"
    return [bold(title, colour=colour), *(_table(audit, listed, colour=colour) if listed else [])]


def _broken(audit: Audit, *, colour: bool) -> list[str]:
    broken = [item for item in audit.kustomizations if item.status == "broken"]
    if not broken:
        return []
    title = f"Broken: {count_of(len(broken), 'kustomization')}"
    return [bold(title, colour=colour), *(f"  {printable(item.path)}: {_clipped(item.why or '')}" for item in broken)]


def _clipped(text: str) -> str:
    return printable(text if len(text) <= _WHY_LIMIT else text[:_WHY_LIMIT] + "…")


def _result(audit: Audit) -> list[str]:
    problems = sum(n for verdict, n in audit.summary.items() if verdict not in {Verdict.SUPPORTED, Verdict.UNKNOWN})
    unknown = audit.summary[Verdict.UNKNOWN]
    counted = count_of(len(audit.counted), "counted image")
    lines = []
    if problems:
        lines.append(f"Result: {problems} of {counted} without a working variant for every required platform.")
    if unknown:
        lines.append(f"Result: {unknown} of {counted} could not be found out.")
    if audit.problems:
        lines.append("Result: what counts is not all there, images may be missing from this list:")
        lines += [f"  {_clipped(problem)}" for problem in audit.problems]
    if audit.exit is Exit.OK:
        works = "every counted image works on every required platform" if audit.counted else "no image counts"
        lines.append(f"Result: {works}.")
    return lines


def _worst_first(images: Iterator[AuditedImage] | Sequence[AuditedImage]) -> list[AuditedImage]:
    return sorted(images, key=lambda image: (SEVERITY[image.verdict], image.name))
