"""Pins as SARIF, for the repository that owns the files: a result at each line that ties, or could not be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit import __version__
from buildkit.pins.pin import Class
from buildkit.report.pins_findings import findings_of
from buildkit.report.sarif import About, Notice, Rule, Run, sarif

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.model.finding import Level
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Pin

_TAGS: Final = ("arm64", "container-image", "multi-arch")
_FIX: Final = "Run `kfkit pins fix`: it proves by rendering that nothing else changes."
_WORDS: Final[Mapping[Class, tuple[str, str, str]]] = {
    Class.SINGLE_PLATFORM: (
        "An image of one platform is pinned",
        "The digest or tag names the image of one platform, not the index that has them all.",
        _FIX,
    ),
    Class.EXCLUDES_PLATFORM: (
        "A selector keeps pods off a required platform",
        "A node selector or affinity on kubernetes.io/arch leaves out a platform that the release requires.",
        f"{_FIX} It widens a selector only where every image of its pods runs on what it leaves out.",
    ),
    Class.STALE: (
        "The registry no longer has what is pinned",
        "A pull of this digest or tag fails.",
        "Pin the digest of an index that is there.",
    ),
    Class.INDEX_INCOMPLETE: (
        "The pinned index lacks a required platform",
        "The registry answered: it has no variant, or a wrong one, for a platform that the release requires.",
        "Use a newer tag that has the platform (`kfkit audit` names one where there is one), or ask its publisher.",
    ),
    Class.UNKNOWN: (
        "It could not be found out what is pinned",
        "The registry gave no answer that tells: it was down, asked for credentials, limited the rate.",
        "Run it again when the registry answers, with credentials where the image is private.",
    ),
}
_LEVELS: Final[Mapping[Class, Level]] = {Class.UNKNOWN: "warning"}
RULES: Final = tuple(
    Rule(id=str(name), short=short, full=full, help=what, level=_LEVELS.get(name, "error"), tags=_TAGS)
    for name, (short, full, what) in _WORDS.items()
)


def pins_sarif(judged: JudgedPins, root: str = "") -> bytes:
    """SARIF 2.1.0; `root` is the folder of MANIFESTS in the repository that it is uploaded to."""
    found = findings_of(judged)
    pins = {id(finding): pin for finding, pin in found}
    notices = tuple(
        Notice(level="warning", text=f"What counts is not all there, pins may be missing: {problem}")
        for problem in judged.problems
    )
    run = Run(version=__version__, rules=RULES, root=root, notices=notices)
    return sarif((finding for finding, _ in found), run, lambda finding: About(identity=_identity(pins[id(finding)])))


def _identity(pin: Pin) -> str:
    """What stays the same from run to run: neither digest nor tag."""
    reference = pin.tie.reference
    return f"{pin.tie.kind} {reference.repository_name if reference else pin.tie.value}"
