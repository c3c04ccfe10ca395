"""An earlier audit, as much of it as a later one is compared with.

A baseline (`audits/baselines/<release>.json`, schema `kfkit/baseline/v1`) and a whole report (`kfkit/audit/v1`, a
nightly one) are both read into it: the baseline's keys are those of the report that matter here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from buildkit.audit.scope import Scope
from buildkit.errors import UsageError
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from buildkit.audit.judge import Audit

SCHEMAS: Final = ("kfkit/baseline/v1", "kfkit/audit/v1")


@dataclass(frozen=True, kw_only=True, slots=True)
class PastRecord:
    """A platform of an image, then."""

    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class PastUse:
    """A place that named the image, then; lines are left out: they move."""

    file: str
    object: str | None = None
    path: str | None = None
    sample: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PastImage:
    """An image, then."""

    name: str
    default_install: bool
    verdict: Verdict
    platforms: Mapping[str, PastRecord]
    uses: tuple[PastUse, ...]
    component: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PastAudit:
    """An audit, then; `date` is left out in reports older than this key, `release` too."""

    source: str
    required: tuple[str, ...]
    images: tuple[PastImage, ...]
    release: str = ""
    date: str | None = None
    scope: Scope = "default"
    result: str | None = None


class _Schema(msgspec.Struct):
    schema: str = ""


def parse_past(content: bytes, source: str) -> PastAudit:
    """Read a baseline or a report.

    Raises:
        UsageError: no JSON, of another schema or version, or not of its form; the message names file and key.
    """
    try:
        schema = msgspec.json.decode(content, type=_Schema).schema
        if schema not in SCHEMAS:
            said = f"its schema is {schema[:60]!r}" if schema else "it names no schema"
            raise UsageError(
                f"{source}: {said}; this kfkit reads {' and '.join(SCHEMAS)}",
                hint="remove it, and write it anew with kfkit audit --update-baseline",
            )
        return msgspec.json.decode(content, type=PastAudit)
    except msgspec.ValidationError as error:
        raise UsageError(f"{source}: {_where(str(error))}", hint="is it a report of kfkit audit?") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{source}:{_line(content, str(error))}: not JSON: {error}") from error


def _where(message: str) -> str:
    """`images[3].verdict: …` of msgspec's "… - at `$.images[3].verdict`"."""
    what, _, path = message.partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    return f"key `{key}`: {what}" if key else what


def _line(content: bytes, message: str) -> int:
    """The line of the byte that msgspec's message names, the last one of a truncated file, else 1."""
    if "truncated" in message:
        return content.count(b"\n") + 1
    digits = "".join(c for c in message.rpartition("byte ")[2] if c.isdigit())
    return content.count(b"\n", 0, int(digits)) + 1 if "byte " in message and digits else 1


def past_of(audit: Audit) -> PastAudit:
    """What a later audit will be compared with."""
    return PastAudit(
        source=audit.source,
        release=audit.release,
        date=str(audit.date),
        scope=audit.scope,
        required=tuple(sorted(audit.required)),
        images=tuple(
            PastImage(
                name=image.name,
                default_install=image.default_install,
                verdict=image.verdict,
                platforms={name: PastRecord(verdict=record.verdict) for name, record in image.platforms.items()},
                uses=tuple(
                    sorted(
                        {
                            PastUse(file=use.file, object=use.object, path=use.path, sample=use.sample)
                            for use in image.uses
                        },
                        key=lambda use: (use.file, use.object or "", use.path or "", use.sample),
                    )
                ),
                component=image.component,
            )
            for image in audit.images
        ),
    )
