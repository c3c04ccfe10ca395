"""`fixed-checksum`: one checksum for a download that is another file on every platform."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import Found, clip
from buildkit.builds.lint.rules.downloads import addresses
from buildkit.builds.lint.rules.words import fetched_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.builds.lint.scene import Scene, Step
    from buildkit.builds.lint.shell.call import Call

_TOOLS: Final = frozenset({"sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum"})
_LINE: Final = re.compile(r"\b([0-9a-fA-F]{32,128})\s+\*?(\S+)")
_FETCHERS: Final = frozenset({"curl", "wget"})
Check = tuple[int, str, str]  # line, sum, file


def check_checksums(scenes: Sequence[Scene]) -> Iterator[Found]:
    """Sums that stay the same from platform to platform while the file that they are for does not."""
    seen: dict[Check, dict[str, str]] = {}
    for scene in scenes:
        platform = str(scene.setting.target_platform)
        for step in scene.steps:
            for check, address in _checked(step):
                seen.setdefault(check, {}).setdefault(platform, address)
    for (line, total, name), by_platform in seen.items():
        if len(set(by_platform.values())) > 1:
            yield Found(
                rule="fixed-checksum",
                line=line,
                subject=clip(name),
                message=f"expects one checksum ({total[:12]}…) of what is another file on every platform: {clip(name)}",
                fix="Keep a checksum for each platform, and choose it as the file is chosen.",
                platform=max(by_platform),
            )


def _checked(step: Step) -> Iterator[tuple[Check, str]]:
    """Sums with the address of the file that they are for, where that one names the platform."""
    fetched: dict[str, str] = {}
    for call in step.calls:
        if call.name in _FETCHERS:
            fetched |= _fetched(call)
        elif call.name in _TOOLS and call.data is not None and call.data.text is not None:
            for match in _LINE.finditer(call.data.text):
                address = fetched.get(posixpath.basename(match[2]))
                if address is not None:
                    yield (step.line_at(call.at), match[1].lower(), posixpath.basename(match[2])), address
    total = step.instruction.flag("checksum")
    if step.instruction.keyword == "ADD" and total and "$" not in total:
        for word in step.words[:-1]:
            for address in addresses(word.texts[0]):
                if architectures(address) & step.native:
                    yield (step.line_at(word.at), total.partition(":")[2], step.words[-1].texts[0]), address


def _fetched(call: Call) -> dict[str, str]:
    """Files by their names, with the address that names a platform."""
    texts = [word.text for word in call.words]
    found = [one for text in texts if text for one in addresses(text) if architectures(one)]
    if len(found) != 1:
        return {}
    name = fetched_to(call) or found[0].partition("?")[0]
    return {posixpath.basename(name): found[0]}
