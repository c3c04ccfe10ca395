"""A plan as a GitHub workflow's matrix: `{"include": [...]}` on one line, a job for each platform of a component."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from buildkit.builds.component import RUNNERS
from buildkit.builds.planning import slug
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from buildkit.builds.plan import Plan

# https://docs.github.com/actions/reference/limits: jobs that one matrix can make
_MOST: Final = 256
_EMULATING: Final = RUNNERS["linux/amd64"]


def plan_matrix(plan: Plan) -> bytes:
    """Rows of component, platform, runner; `native` is false where no runner is known and another one emulates.

    Raises:
        UsageError: more jobs than GitHub makes of one matrix.
    """
    rows = [
        {
            "component": build.component,
            "platform": each.platform,
            "runner": each.runner or _EMULATING,
            "native": each.runner is not None,
            "image": build.image,
            "name": f"{build.component}-{slug(each.platform)}",
        }
        for build in plan.builds
        for each in build.platforms
    ]
    if len(rows) > _MOST:
        raise UsageError(
            f"{len(rows)} builds: GitHub makes at most {_MOST} jobs of one matrix",
            hint="name components, or restrict --platform",
        )
    return json.dumps({"include": rows}, separators=(",", ":")).encode("ascii") + b"\n"
