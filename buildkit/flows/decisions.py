"""What maintainers decided and keep beside their releases: policy, exceptions and baselines, read before an audit.

Without flags the folder `audits` of the current directory holds, as long as that directory is no part of the audited
tree: trees are hostile (DESIGN.md, "Settings").
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.audit.exceptions import AuditException, parse_exceptions, select_exceptions
from buildkit.audit.past import PastAudit, parse_past
from buildkit.audit.policy import Policy, parse_policy
from buildkit.audit.settle import Rules
from buildkit.edges.files import lies_inside, read_limited, read_text_file
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from buildkit.flows.watch import Watch

_POLICY: Final = Path("audits/policy.yaml")
_EXCEPTIONS: Final = Path("audits/exceptions.yaml")
_BASELINES: Final = Path("audits/baselines")
_MAX_AUTHORED: Final = 4 * 1024 * 1024
_MAX_REPORT: Final = 256 * 1024 * 1024
_LONGEST: Final = 200  # it becomes a file's name
_GITHUB: Final = re.compile(r"(?:https://)?github\.com/[^@]+@(?P<ref>.+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionFiles:
    """Files that the user names; None: the one of the folder `audits`, where there is one.

    `against`: the release that is compared with, instead of a file (`--against`).
    """

    policy: Path | None = None
    exceptions: Path | None = None
    baseline: Path | None = None
    update_baseline: bool = False
    against: str | None = None
    platforms: tuple[str, ...] = ()


def release_name(manifests: str) -> str:
    """The name that baselines, exceptions and reports know a release by: a REF, or the last part of a path."""
    github = _GITHUB.fullmatch(manifests)
    if manifests == "-":
        return "stdin"
    # os.path, unlike pathlib, takes links that lead in circles and names that no file can have as they are.
    path = Path(os.path.realpath(manifests))
    name = github["ref"] if github else path.stem if os.path.isfile(path) else path.name  # noqa: PTH113
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", name[:_LONGEST]).lstrip(".-").rstrip("-") or "release"


def baseline_path(files: DecisionFiles, manifests: str) -> Path:
    """The file that `--update-baseline` writes."""
    return files.baseline or _BASELINES / f"{release_name(manifests)}.json"


def read_rules(files: DecisionFiles, manifests: str, today: date, components: Collection[str], watch: Watch) -> Rules:
    """Read what was decided about a release.

    Raises:
        UsageError: a file that was named is missing, or one is wrong; with key and line.
    """
    trees = {"MANIFESTS": manifests, "OLD_MANIFESTS": files.against}
    around = next((name for name, tree in trees.items() if tree is not None and lies_inside(tree)), None)
    if files.update_baseline and files.baseline is None and around:
        raise UsageError(
            "--update-baseline: the current directory lies inside MANIFESTS, which is never written to",
            hint="Name the file with --baseline.",
        )
    release = release_name(manifests)
    policy = Policy()
    exceptions: tuple[AuditException, ...] = ()
    policy_file = _choose(files.policy, _POLICY, watch, around)
    if policy_file is not None:
        policy = parse_policy(read_text_file(policy_file, _MAX_AUTHORED), str(policy_file), components)
    if files.platforms:
        policy = policy.asked_for(files.platforms)
    exceptions_file = _choose(files.exceptions, _EXCEPTIONS, watch, around)
    if exceptions_file is not None:
        exceptions = parse_exceptions(read_text_file(exceptions_file, _MAX_AUTHORED), str(exceptions_file))
    past, against = _read_baseline(files, manifests, watch, around)
    return Rules(
        release=release,
        today=today,
        policy=policy,
        exceptions=select_exceptions(exceptions, release),
        exceptions_source=str(exceptions_file) if exceptions_file is not None else None,
        past=past,
        against=against,
    )


def _read_baseline(
    files: DecisionFiles, manifests: str, watch: Watch, around: str | None
) -> tuple[PastAudit | None, str | None]:
    if files.against is not None:
        return None, None
    if files.baseline is not None and not files.baseline.exists():
        if files.update_baseline:
            return None, None
        raise UsageError(f"{files.baseline}: there is no such file", hint="--update-baseline writes it.")
    path = _choose(files.baseline, baseline_path(replace(files, baseline=None), manifests), watch, around)
    if path is None:
        return None, None
    return parse_past(read_limited(path, _MAX_REPORT), str(path)), str(path)


def _choose(named: Path | None, default: Path, watch: Watch, around: str | None) -> Path | None:
    """`around` is the tree that the current directory lies in."""
    if named is not None or not default.is_file():
        return named
    if around:
        watch.tell(f"{default} lies inside {around} and is not read unless its option names it")
        return None
    return default
