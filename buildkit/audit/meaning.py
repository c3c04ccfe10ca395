"""What becomes of an image on a linux/arm64 node (the issue's "what it means for me").

Two ways to fail, as containerd pulls (core/images `image.go`, `Manifest`): of an index it takes the entries that match
the node, and without any the pull ends there ("no match for platform in manifest", Docker says "no matching manifest
for linux/arm64"). The platform of a root that is a manifest itself is never looked at, nor that of what is unpacked
(client `pull.go`: `platforms.All`, unless it is told to check): the pull succeeds, and the first amd64 program ends
with "exec format error". So it does where an index gives amd64 content for arm64.

Where there is amd64 code, emulation can run it (binfmt with QEMU, Rosetta); of an index without an arm64 entry only
for who pulls `--platform linux/amd64`, which a Kubernetes node does not by itself (containerd/containerd#13927).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from buildkit.audit.record import OnArm64
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.model.inspection import PlatformRecord

ARM64: Final = "linux/arm64"
AMD64: Final = "linux/amd64"
NO_MATCH: Final = "no matching manifest"
WRONG_FORMAT: Final = "exec format error"
NOT_FOUND: Final = "not found"


class FailsEmulated(Protocol):
    """Why an image fails even where it is emulated: an entry of the data file."""

    @property
    def text(self) -> str: ...
    @property
    def source(self) -> str: ...


def on_arm64(platforms: Mapping[str, PlatformRecord], emulation: FailsEmulated | None) -> OnArm64 | None:
    """Tell what becomes of an image; None where linux/arm64 is not required of it."""
    record = platforms.get(ARM64)
    if record is None:
        return None
    if record.verdict is Verdict.SUPPORTED:
        return OnArm64(outcome="native")
    if record.verdict is Verdict.MISSING:
        return _missing(record, platforms.get(AMD64), emulation)
    return OnArm64(outcome="unknown", reason=record.reason)


def _missing(record: PlatformRecord, amd64: PlatformRecord | None, emulation: FailsEmulated | None) -> OnArm64:
    error = _error(record)
    if amd64 is None:
        runs, reason = any(map(_is_amd64, record.offered or ())), "linux/amd64 is not offered either"
    else:
        runs = amd64.verdict is Verdict.SUPPORTED
        reason = f"linux/amd64 is {amd64.verdict}" + (f": {amd64.reason}" if amd64.reason else "")
    if amd64 is None and record.offered is None:
        reason = "nobody asked for linux/amd64"
    return _emulated(error, emulation) if runs else OnArm64(outcome="unknown", error=error, reason=reason)


def _error(record: PlatformRecord) -> str:
    if record.config_platform is not None:
        return WRONG_FORMAT
    # With a digest: the index names a manifest that the registry has lost, so the pull gets as far as asking for it.
    return NO_MATCH if record.digest is None else NOT_FOUND


def _emulated(error: str, emulation: FailsEmulated | None) -> OnArm64:
    if emulation is None:
        return OnArm64(outcome="emulated", error=error)
    return OnArm64(outcome="fails", error=error, reason=emulation.text, source=emulation.source)


def _is_amd64(platform: str | None) -> bool:
    """Any variant: what is beyond the machine's own is the emulator's to have."""
    return platform is not None and (platform == AMD64 or platform.startswith(f"{AMD64}/"))
