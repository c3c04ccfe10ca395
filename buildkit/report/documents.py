"""The JSON documents, one dataclass each; field names and their order are the interface (DESIGN.md, "JSON")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from buildkit.audit.findings import findings_of
from buildkit.audit.judge import Audit, Compared, Result
from buildkit.audit.past import PastAudit
from buildkit.audit.record import AuditedImage
from buildkit.audit.scope import Scope
from buildkit.audit.trend import Trend
from buildkit.builds.outcome import RunOutcome
from buildkit.builds.plan import Plan
from buildkit.builds.result import BuildResult
from buildkit.charts.packages import Packages, Publication
from buildkit.compare.comparison import ABSENT
from buildkit.compare.outcome import ComparedKustomization, Outcome
from buildkit.model.finding import Finding
from buildkit.model.image import Image
from buildkit.model.inspection import Inspection, Verdict
from buildkit.model.installation import Installation
from buildkit.model.kustomization import Kustomization
from buildkit.report.build_catalogue_document import CatalogueDocument
from buildkit.report.charts_document import ChartGenerationDocument, ChartsDocument
from buildkit.report.lint_document import LintDocument
from buildkit.report.overlay_document import OverlayDocument
from buildkit.report.pins_document import PinsDocument
from buildkit.report.verify_document import VerifyDocument


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesDocument:
    """`kfkit images`: every image a release can pull, and what became of each kustomization."""

    source: str
    images: tuple[Image, ...]
    kustomizations: tuple[Kustomization, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectDocument:
    """`kfkit inspect`: what the registries said, in input order."""

    images: tuple[Inspection, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditDocument:
    """`kfkit audit`: each image with its uses, its platforms and its owner; `summary` counts the images in scope.

    `result` is the exit code in words; `findings` say what to do; `compared` is there where a baseline is.
    """

    source: str
    release: str
    date: date
    result: Result
    required: tuple[str, ...]
    scope: Scope
    policy: str | None = None
    exceptions: str | None = None
    summary: Mapping[Verdict, int]
    compared: Compared | None = None
    findings: tuple[Finding, ...]
    images: tuple[AuditedImage, ...]
    kustomizations: tuple[Kustomization, ...]
    problems: tuple[str, ...]


def audit_document(audit: Audit) -> AuditDocument:
    """The document of an audit."""
    return AuditDocument(
        source=audit.source,
        release=audit.release,
        date=audit.date,
        result=audit.result,
        required=tuple(sorted(audit.required)),
        scope=audit.scope,
        policy=audit.policy,
        exceptions=audit.exceptions,
        summary=audit.summary,
        compared=audit.compared,
        findings=findings_of(audit),
        images=audit.images,
        kustomizations=audit.kustomizations,
        problems=audit.problems,
    )


class DifferenceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A value that differs; a side that is absent has no key. `kustomizations` only where trees are compared."""

    object: str
    path: str
    a: Any = msgspec.UNSET
    b: Any = msgspec.UNSET
    kustomizations: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DiffDocument:
    """`kfkit diff`: what differs between A and B; `kustomizations` is empty where two renders are compared."""

    equal: bool
    a: str
    b: str
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    duplicates: tuple[str, ...]
    differences: tuple[DifferenceRecord, ...]
    kustomizations: tuple[ComparedKustomization, ...]
    problems: tuple[str, ...]


def diff_document(outcome: Outcome) -> DiffDocument:
    """The document of a comparison."""
    return DiffDocument(
        equal=outcome.equal,
        a=outcome.a,
        b=outcome.b,
        only_a=outcome.only_a,
        only_b=outcome.only_b,
        renamed=outcome.renamed,
        duplicates=outcome.duplicates,
        differences=tuple(
            DifferenceRecord(
                object=one.object,
                path=one.path,
                a=msgspec.UNSET if one.a is ABSENT else one.a,
                b=msgspec.UNSET if one.b is ABSENT else one.b,
                kustomizations=one.kustomizations if outcome.kustomizations else None,
            )
            for one in outcome.differences
        ),
        kustomizations=outcome.kustomizations,
        problems=outcome.problems,
    )


DOCUMENTS = {
    "audit": AuditDocument,
    "baseline": PastAudit,
    "build-catalogue": CatalogueDocument,
    "build-plan": Plan,
    "build-result": BuildResult,
    "build-run": RunOutcome,
    "build-verify": VerifyDocument,
    "chart-generation": ChartGenerationDocument,
    "chart-packages": Packages,
    "chart-publish": Publication,
    "charts": ChartsDocument,
    "diff": DiffDocument,
    "doctor": Installation,
    "images": ImagesDocument,
    "inspect": InspectDocument,
    "lint": LintDocument,
    "overlay": OverlayDocument,
    "pins": PinsDocument,
    "trend": Trend,
}
