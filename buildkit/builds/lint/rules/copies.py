"""`prebuilt-binary`: what COPY and ADD take from the context for one architecture, by its name or by its content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.found import Found, Report, clip, report_foreign
from buildkit.builds.lint.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.context import Context
    from buildkit.builds.lint.scene import Step

_SUFFIXES: Final = "[Ssch] cc cpp go rs py sh js txt md json ya?ml toml conf cfg list sources patch lock"
_SOURCE: Final = re.compile(rf"\.(?:{_SUFFIXES.replace(' ', '|')})$")
_PREBUILT: Final = Report(
    rule="prebuilt-binary",
    does="copies a file for {}",
    fix="Build it in a stage, or keep one per platform and copy `…/${TARGETARCH}/…`.",
)


def check_copies(step: Step, context: Context) -> Iterator[Found]:
    """Files of the context that are for another architecture."""
    if step.instruction.keyword not in {"ADD", "COPY"} or step.instruction.flag("from") is not None:
        return
    for word in step.words[:-1]:
        text = word.texts[0]
        if "://" in text or text.startswith("<<") or "qemu-" in text or _SOURCE.search(text):
            continue  # an emulator is for the machine that it runs on, source is for any
        named = tuple(report_foreign(step, word, _PREBUILT))
        yield from named
        if not named and UNKNOWN not in text:
            yield from _by_content(step, text, context)


def _by_content(step: Step, source: str, context: Context) -> Iterator[Found]:
    binaries = context.binaries(source)
    wrong = [one for one in binaries if one.architecture not in step.native]
    if not wrong or len(wrong) < len(binaries):
        return  # nothing, or something for everybody
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    yield Found(
        rule="prebuilt-binary",
        line=step.instruction.line,
        subject=clip(source),
        message=f"{_PREBUILT.does.format(wrong[0].architecture)}: {clip(wrong[0].path)}{more} is machine code for it",
        fix=_PREBUILT.fix,
        platform=str(step.stage.platform),
    )
