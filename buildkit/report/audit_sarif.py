"""The audit as SARIF, for the repository that owns the files: a result at each line that names a failing image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit import __version__
from buildkit.audit.compare import repository_of
from buildkit.audit.findings import findings_of
from buildkit.model.inspection import Verdict
from buildkit.report.sarif import About, Notice, Rule, Run, sarif

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from buildkit.audit.judge import Audit
    from buildkit.audit.record import AuditedImage
    from buildkit.model.finding import Finding, Level

_VERDICTS: Final = frozenset(Verdict)
_TAGS: Final = ("arm64", "container-image", "multi-arch")
_NEWER: Final = (
    "Use a newer tag that has the platform (the message names one where there is one), or ask its publisher."
)
_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    Verdict.ABSENT: (
        "The image does not exist or is private",
        "The registry has no such repository or tag; without credentials a private one cannot be told apart.",
        "Correct the reference. Where the image is private, give the audit credentials for its registry.",
    ),
    Verdict.NOT_AN_IMAGE: (
        "The reference is no container image",
        "Something else lies under this name: a Helm chart, a signature, an attestation.",
        "Correct the reference.",
    ),
    Verdict.UNKNOWN: (
        "It could not be found out which platforms the image has",
        "The registry gave no answer that tells: it was down, limited the rate, or sent a wrong content.",
        "Run the audit again when the registry answers. This is never counted as a missing platform.",
    ),
    Verdict.MISSING: (
        "The image lacks a required platform",
        "No variant for a platform that the release requires: `no matching manifest` or `exec format error` on a node.",
        f"{_NEWER} Where neither helps, an exception with a reason and a day keeps the problem in sight.",
    ),
    Verdict.MISLABELLED: (
        "The image has another content than its label says",
        "The index lists the platform, but the config of the image is for another one: `exec format error` on a node.",
        _NEWER,
    ),
    Verdict.SUSPECT: (
        "Two platforms of the image have identical layers",
        "One of the two most likely holds the programs of the other platform.",
        "Look into the image. Where it is right (it holds data alone), make an exception.",
    ),
    Verdict.SUPPORTED: (
        "The image has every required platform",
        "The index offers the platform, and the config of the image agrees.",
        "Nothing to do.",
    ),
    "expired-exception": (
        "An exception has expired",
        "The day until which somebody answered for this problem has passed.",
        "Solve the problem, or give the exception a later day with what has happened since.",
    ),
    "unused-exception": (
        "An exception covers nothing",
        "No image of this release needs it: it would hide the next problem that it happens to match.",
        "Remove it, or restrict it with `releases`.",
    ),
}
_LEVELS: Final[Mapping[str, Level]] = {Verdict.UNKNOWN: "warning", Verdict.SUPPORTED: "note"}
RULES: Final = tuple(
    Rule(id=str(name), short=short, full=full, help=what, level=_LEVELS.get(name, "error"), tags=_TAGS)
    for name, (short, full, what) in _WORDS.items()
)


def audit_sarif(audit: Audit, root: str = "") -> bytes:
    """SARIF 2.1.0; `root` is the folder of MANIFESTS in the repository that it is uploaded to.

    Exceptions stand in a file of who ran the audit, which may lie in another repository: what is wrong with them is
    said of the run, at no place of the tree.
    """
    images = {image.name: image for image in audit.images}

    def about(finding: Finding) -> About:
        return _about(images[finding.subject], audit)

    stale = tuple(
        Notice(level=one.level, text=f"{_where(one)}: {one.message}. {one.fix}", rule=one.rule, configuration=True)
        for one in audit.stale
    )
    gaps = tuple(
        Notice(level="warning", text=f"What counts is not all there, images may be missing: {problem}")
        for problem in audit.problems
    )
    findings = (one for one in findings_of(audit) if one.rule in _VERDICTS)
    return sarif(findings, Run(version=__version__, rules=RULES, root=root, notices=(*gaps, *stale)), about)


def _where(finding: Finding) -> str:
    return f"{finding.places[0].file}:{finding.places[0].line}"


def _about(image: AuditedImage, audit: Audit) -> About:
    return About(
        identity=repository_of(image.name),
        suppressed=_suppressed(image, audit),
        baseline=_baseline(image) if audit.compared else None,
    )


def _suppressed(image: AuditedImage, audit: Audit) -> str | None:
    if image.status == "excepted":
        one = image.exceptions[0]
        return f"{one.reason} ({one.owner}, until {one.expires}, {one.link})"
    if image.status == "known":
        return f"known from the baseline {audit.compared.against}" if audit.compared else "known"
    return "the policy allows it" if image.status == "allowed" else None


def _baseline(image: AuditedImage) -> Literal["new", "unchanged", "updated"]:
    """A problem that came up since is new, also of an image that was there before."""
    if image.change is None or image.change.kind in {"regressed", "new"}:
        return "new"
    return "unchanged" if image.change.kind == "same" and image.change.was is None else "updated"
