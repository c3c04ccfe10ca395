"""Keys of builds: one digest of everything that goes into one platform of a component, so that nothing is built twice.

Not in it: tags, caches and the smoke command, which change nothing of the image, and what FROM stands for today.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from buildkit.builds.contexts import from_folder, is_remote

if TYPE_CHECKING:
    from buildkit.builds.plan import PlannedBuild


def content_key(build: PlannedBuild, platform: str, epoch: int | None, files: str | None) -> str | None:
    """`sha256:…`; None where the state of the files (`files`) cannot be told."""
    if files is None:
        return None
    remote = is_remote(build.context)
    parts = {
        "image": build.image,
        "context": build.context if remote else "",
        "dockerfile": build.dockerfile if remote else from_folder(build.dockerfile, build.context),
        "target": build.target,
        "args": build.args,
        "labels": build.labels,
        "attest": build.attest,
        "platform": platform,
        "epoch": epoch,
        "files": files,
    }
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"
