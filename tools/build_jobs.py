"""The steps of `build-multiarch.yml` that are more than a command: `python -m tools.build_jobs jobs|images|quote FILE`.

`jobs` makes the matrix of builds from a plan (`kfkit build plan --report json=FILE`): a job for each platform of each
component, and of components that are built on each other, which one machine has to build in their order, together.
`images` makes the matrix of what is signed from a merge (`kfkit build merge --report json=FILE`). `quote` shows a text
in Markdown as it is. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.nightly import put_outputs

# https://docs.github.com/actions/reference/limits: jobs that one matrix can make
MOST_JOBS: Final = 256
# The registry that takes the token of a workflow; no other gets to see it.
GITHUB_REGISTRY: Final = "ghcr.io"
# Where a platform is emulated that has no native runner.
EMULATING: Final = "ubuntu-24.04"
MOST_QUOTED: Final = 60_000


class JobsError(Exception):
    """What no matrix can be made of; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job: components of a platform, in their order, on the runner that is native to it, or emulates it."""

    components: tuple[str, ...]
    platform: str
    runner: str
    emulated: bool

    def row(self) -> dict[str, str | bool]:
        """One row of the matrix; `name` may stand in an artifact's name."""
        return {
            "components": " ".join(self.components),
            "platform": self.platform,
            "runner": self.runner,
            "emulated": self.emulated,
            "name": f"{self.components[0]}-{self.platform.replace('/', '-')}",
        }


def plan_jobs(plan: dict[str, Any], *, emulate: bool) -> list[Job]:
    """The jobs of a plan, in its order; `emulate`: also those of platforms that no runner is native to.

    Raises:
        JobsError: nothing is to be built, a platform has no runner, or there are more jobs than GitHub makes.
    """
    builds = {build["component"]: build for build in plan["builds"]}
    jobs = [_job(platform, members) for group in _groups(builds) for platform, members in _platforms(builds, group)]
    silent = [job for job in jobs if job.emulated and not emulate]
    if silent:
        raise JobsError(
            f"{silent[0].components[0]}: no runner is known that is native to {silent[0].platform}: name one in the "
            f"catalogue, platforms: [{{platform: {silent[0].platform}, runner: LABEL}}], or set the input emulate"
        )
    if not jobs:
        raise JobsError("nothing is to be built: the catalogue has no platform of these components")
    if len(jobs) > MOST_JOBS:
        raise JobsError(f"{len(jobs)} jobs: GitHub makes at most {MOST_JOBS} of one matrix: name components")
    return jobs


def _groups(builds: dict[str, Any]) -> list[list[str]]:
    """Components that are built on each other, by name; those without are alone."""
    groups: list[list[str]] = []
    for name, build in builds.items():
        linked = [group for group in groups if set(build["needs"]) & set(group)]
        groups = [group for group in groups if group not in linked]
        groups.append([*(member for group in linked for member in group), name])
    places = {name: place for place, name in enumerate(builds)}
    return sorted((sorted(group, key=places.__getitem__) for group in groups), key=lambda group: places[group[0]])


def _platforms(builds: dict[str, Any], group: list[str]) -> list[tuple[str, dict[str, str | None]]]:
    """Each platform with the components that have it, and the runner that each of them names."""
    found: dict[str, dict[str, str | None]] = {}
    for name in group:
        for each in builds[name]["platforms"]:
            found.setdefault(each["platform"], {})[name] = each.get("runner")
    return sorted(found.items())


def _job(platform: str, members: dict[str, str | None]) -> Job:
    runners = sorted({runner for runner in members.values() if runner})
    if len(runners) > 1:
        raise JobsError(
            f"{', '.join(members)} are built on each other, and the catalogue names several runners for {platform}: "
            f"{', '.join(runners)}"
        )
    runner = runners[0] if runners else EMULATING
    return Job(components=tuple(members), platform=platform, runner=runner, emulated=not runners)


def registry_of(plan: dict[str, Any], *, has_token: bool) -> str:
    """The host that is pushed to.

    Raises:
        JobsError: there are several, or one that needs a token of its own.
    """
    hosts: list[str] = sorted({build["image"].partition("/")[0] for build in plan["builds"]})
    if len(hosts) != 1:
        raise JobsError(f"one release goes to one registry, not to {', '.join(hosts)}: set the input registry")
    if hosts[0] != GITHUB_REGISTRY and not has_token:
        raise JobsError(f"{hosts[0]} needs the secret registry-token: GitHub's own token is for {GITHUB_REGISTRY}")
    return hosts[0]


def images_of(merge: dict[str, Any]) -> list[dict[str, str]]:
    """Each index that has its tags, by image and digest.

    Raises:
        JobsError: one of them has not.
    """
    lacking = [one["component"] for one in merge["components"] if not _is_tagged(one)]
    if lacking or not merge["components"]:
        raise JobsError(f"not released: {', '.join(lacking) or 'nothing was merged'}")
    return [{"image": one["image"], "digest": one["digest"]} for one in merge["components"]]


def _is_tagged(component: dict[str, Any]) -> bool:
    return bool(component.get("digest")) and all(tag["state"] in {"set", "there"} for tag in component["tags"])


def quote(text: str) -> str:
    """A text as it is, in Markdown: each line is code, so that none can end it; the end is kept where it is long."""
    lines = text.splitlines()
    kept: list[str] = []
    room = MOST_QUOTED
    for line in reversed(lines):
        room -= len(line) + 5
        if room < 0:
            break
        kept.append(f"    {line}")
    cut = [f"    ... {len(lines) - len(kept)} lines before that"] if len(kept) < len(lines) else []
    return "\n".join(["", *cut, *reversed(kept), "", ""])


def _read(file: Path, schema: str) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JobsError(f"{file}: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != f"kfkit/{schema}/v1":
        raise JobsError(f"{file}: is no {schema} of kfkit")
    return document


def _jobs(file: Path) -> None:
    plan = _read(file, "build-plan")
    rows = [job.row() for job in plan_jobs(plan, emulate=os.environ.get("EMULATE") == "true")]
    host = registry_of(plan, has_token=os.environ.get("HAS_TOKEN") == "true")
    put_outputs({"matrix": json.dumps(rows), "host": host})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.build_jobs", description=__doc__)
    parser.add_argument("command", choices=["jobs", "images", "quote"])
    parser.add_argument("file", type=Path)
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "jobs":
            _jobs(asked.file)
        elif asked.command == "images":
            put_outputs({"images": json.dumps(images_of(_read(asked.file, "build-run")))})
        else:
            print(quote(asked.file.read_text(encoding="utf-8", errors="replace")), end="")
    except JobsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
