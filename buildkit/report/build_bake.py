"""A plan as a bake file (JSON) for `docker buildx bake`: a target for each platform of a component, pushed by digest.

It has no tags: these are set when every platform is there and proven.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from buildkit.builds.arguments import from_name
from buildkit.builds.contexts import from_folder, is_remote
from buildkit.builds.planning import slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.builds.plan import Plan, PlannedBuild, PlannedPlatform

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_-]")


def plan_bake(plan: Plan) -> bytes:
    """The bake file: groups `default` and one for each component, targets `COMPONENT-linux-arm64`."""
    names = target_names(plan)
    groups: dict[str, Any] = {"default": {"targets": [names[one.component, ""] for one in plan.builds]}}
    targets: dict[str, Any] = {}
    for build in plan.builds:
        groups[names[build.component, ""]] = {
            "targets": [names[build.component, each.platform] for each in build.platforms]
        }
        for each in build.platforms:
            contexts = _contexts(plan, build, each.platform, names)
            targets[names[build.component, each.platform]] = _target(build, each, plan.epoch, contexts)
    # Buildx refuses a `target` without any.
    text = json.dumps({"group": groups, **({"target": targets} if targets else {})}, indent=1, ensure_ascii=True)
    return text.encode("ascii") + b"\n"


def target_names(plan: Plan) -> dict[tuple[str, str], str]:
    """Names of groups (platform "") and targets, each once: bake takes letters, digits, `-` and `_` only."""
    found: dict[tuple[str, str], str] = {}
    taken = {"default"}
    for build in plan.builds:
        for platform in ("", *(each.platform for each in build.platforms)):
            plain = _NOT_IN_NAMES.sub("_", f"{build.component}-{slug(platform)}" if platform else build.component)
            name, number = plain, 1
            while name in taken:
                number += 1
                name = f"{plain}-{number}"
            taken.add(name)
            found[build.component, platform] = name
    return found


def _contexts(plan: Plan, build: PlannedBuild, platform: str, names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """What stands for the images that this one is built on: targets of the same file. Their tags are not set yet."""
    needed = [one for one in plan.builds if one.component in build.needs and (one.component, platform) in names]
    return {from_name(tag): f"target:{names[one.component, platform]}" for one in needed for tag in one.tags}


def _target(
    build: PlannedBuild, each: PlannedPlatform, epoch: int | None, contexts: Mapping[str, str]
) -> dict[str, Any]:
    # Bake looks for a Dockerfile below the context, `docker buildx build` below the current directory.
    dockerfile = build.dockerfile if is_remote(build.context) else from_folder(build.dockerfile, build.context)
    args = dict(build.args) | ({} if epoch is None else {"SOURCE_DATE_EPOCH": str(epoch)})
    found = {
        "context": build.context,
        "contexts": dict(contexts),
        "dockerfile": dockerfile,
        "target": build.target,
        "args": args,
        "labels": dict(build.labels),
        "platforms": [each.platform],
        "attest": list(build.attest),
        "cache-from": list(each.cache_from),
        "cache-to": list(each.cache_to),
        "output": [f"type=image,name={build.image},push-by-digest=true,name-canonical=true,push=true"],
    }
    return {key: _plain(value) for key, value in found.items() if value}


def _plain(value: Any) -> Any:
    """Text that bake takes as it is: `${` and `%{` would be put in from its variables."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value]
