"""The audit as CSV (RFC 4180, UTF-8): a row per image, for who filters and sums in a spreadsheet.

A spreadsheet runs what looks like a formula, and names come from hostile trees: a cell that begins like one gets an
apostrophe before it (OWASP, "CSV Injection"), and control characters are replaced.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from buildkit.audit.judge import main_use
from buildkit.audit.overview import worst_first
from buildkit.report.audit_words import not_counted, platform_verdicts, reasons_of
from buildkit.report.text import printable

if TYPE_CHECKING:
    from buildkit.audit.judge import Audit
    from buildkit.audit.record import AuditedImage

# The full-width forms too: spreadsheets of some locales take them for the others.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BEFORE: Final = ("image", "reference", "verdict", "status")
_AFTER: Final = (
    "reason",
    "on_arm64",
    "on_arm64_error",
    "component",
    "owner",
    "owner_path",
    "file",
    "line",
    "uses",
    "default_install",
    "change",
    "was",
    "suggestion",
    "exception_until",
    "digest",
)


def audit_csv(audit: Audit) -> bytes:
    """All images: those that count before the others, the worst first."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_BEFORE, *map(_cell, audit.required), *_AFTER])
    for image in (*worst_first(audit.counted), *worst_first(not_counted(audit))):
        writer.writerow(map(_cell, _row(audit, image)))
    return out.getvalue().encode()


def _row(audit: Audit, image: AuditedImage) -> list[str]:
    use = main_use(image.uses, audit.installs)
    suggested = image.suggestion
    replacement = suggested.replacement.use if suggested and suggested.replacement else None
    return [
        image.name,
        image.reference,
        str(image.verdict),
        image.status,
        *platform_verdicts(image, audit.required, none=""),
        "; ".join(reasons_of(image)),
        image.on_arm64.outcome if image.on_arm64 else "",
        (image.on_arm64.error if image.on_arm64 else None) or "",
        image.component or "",
        image.owner.repository if image.owner else "",
        (image.owner.path if image.owner else None) or "",
        use.file,
        str(use.line),
        str(len(image.uses)),
        "true" if image.default_install else "false",
        image.change.kind if image.change else "",
        (image.change.was if image.change else None) or "",
        (suggested.name if suggested else None) or replacement or "",
        min((str(one.expires) for one in image.exceptions), default=""),
        image.digest or "",
    ]


def _cell(text: str) -> str:
    shown = printable(text)
    return f"'{shown}" if text.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown
