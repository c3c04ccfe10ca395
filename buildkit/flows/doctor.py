"""`kfkit doctor`: ask every program, the engine and the builders at once, and judge what they say."""

from __future__ import annotations

import platform as machine
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit import __version__
from buildkit.edges.builders import emulated_platforms, list_builders, native_platform
from buildkit.edges.engine import ask_engine
from buildkit.edges.probe import probe
from buildkit.edges.process import worker_pool
from buildkit.edges.tools import BUILDX_COMMANDS, Program, candidates
from buildkit.edges.usage import measure_cache
from buildkit.errors import UndeterminedError
from buildkit.flows.requirements import BUILDKIT, BUILDX, ENGINE, PROGRAMS, PYTHON, item, judge, state_of
from buildkit.model.installation import Builder, Installation, Item, Runnable, State, Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.flows.requirements import Wanted
    from buildkit.flows.watch import Watch
    from buildkit.model.nodes import FoundBuilder
    from buildkit.model.platform import Platform

_SECONDS: Final = 1.2  # each program, the engine, the builders: all asked beside each other
_CACHE_SECONDS: Final = 0.4


def examine(watch: Watch) -> Installation:
    """Everything that can be told about this machine within about two seconds, whatever hangs."""
    with watch.stage("programs"), worker_pool(len(PROGRAMS) + 3) as pool:
        asked = [pool.submit(_probe, wanted) for wanted in PROGRAMS]
        engine, versions = pool.submit(_ask_engine), pool.submit(_ask_buildx)
        listing = pool.submit(_ask_builders)
        programs = [judge(wanted, answer.result()) for wanted, answer in zip(PROGRAMS, asked, strict=True)]
        buildx = judge(BUILDX, versions.result())
        found, problem = listing.result() if buildx.state is not State.MISSING else ((), "")
        items = (_python(), *programs, engine.result(), buildx, _judge_builders(found, problem))
    with watch.stage("cache"):
        cache = measure_cache(seconds=_CACHE_SECONDS)
    native, emulated = native_platform(), emulated_platforms()
    return Installation(
        kfkit=__version__,
        ready=all(one.state is State.OK for one in items if one.required),
        items=items,
        builders=tuple(_builder(one, native, emulated) for one in found),
        platforms=_runnable((native, *emulated), native, emulated),
        cache=cache,
    )


def _probe(wanted: Wanted) -> tuple[Program, ...]:
    """Every program of its name, and those of its other names whose version will do."""
    found = probe(wanted.name, wanted.arguments, seconds=_SECONDS)
    others = (probe(name, wanted.arguments, seconds=_SECONDS) for name in wanted.also)
    return (*found, *(one for more in others for one in more if state_of(wanted, one.version) is State.OK))


def _python() -> Item:
    return judge(PYTHON, [Program(path=Path(sys.executable), version=machine.python_version().rstrip("+"))])


def _ask_engine() -> Item:
    try:
        engine = ask_engine(seconds=_SECONDS)
    except UndeterminedError as error:
        return item(ENGINE, State.UNREACHABLE, problem=str(error))
    return item(ENGINE, State.OK, version=f"{engine.version} ({engine.platform})", path=engine.endpoint)


def _ask_buildx() -> tuple[Program, ...]:
    asked = (probe(name, (*more, "version"), seconds=_SECONDS) for name, *more in BUILDX_COMMANDS)
    return next((found for found in asked if found), ())


def _ask_builders() -> tuple[tuple[FoundBuilder, ...], str]:
    """The builders, and why there are none."""
    problem = ""
    for name, *more in BUILDX_COMMANDS:
        for path in candidates(name):
            try:
                return list_builders((str(path), *more), seconds=_SECONDS), ""
            except UndeterminedError as error:
                problem = problem or str(error)
    return (), problem


def _judge_builders(found: Sequence[FoundBuilder], problem: str) -> Item:
    """The builder that `docker buildx build` would take, else another that runs."""
    running = sorted((one for one in found if one.status == "running"), key=lambda one: not one.current)
    if not running:
        state = State.UNREACHABLE if found or problem else State.MISSING
        return item(BUILDKIT, state, problem=problem or next((one.problem for one in found if one.problem), ""))
    best = running[0]
    # An engine's own builder tells the engine's version, or none: the engine vouches for its BuildKit.
    state = State.OK if best.driver == "docker" else state_of(BUILDKIT, best.version)
    return item(BUILDKIT, state, version=best.version, path=best.name)


def _builder(one: FoundBuilder, native: Platform, emulated: Sequence[Platform]) -> Builder:
    platforms = (
        _runnable(one.platforms, native, emulated)
        if one.local
        else tuple(Runnable(platform=str(name), way=Way.REPORTED) for name in one.platforms)
    )
    return Builder(
        name=one.name,
        driver=one.driver,
        current=one.current,
        status=one.status,
        version=one.version or None,
        problem=one.problem or None,
        platforms=platforms,
    )


def _runnable(names: Sequence[Platform], native: Platform, emulated: Sequence[Platform]) -> tuple[Runnable, ...]:
    """How this machine runs each platform; variants of its own architecture are native, others' follow binfmt_misc."""
    families = {one.family for one in emulated}
    ways = [
        (
            name,
            Way.NATIVE if name.family == native.family else Way.EMULATED if name.family in families else Way.REPORTED,
        )
        for name in names
    ]
    return tuple(Runnable(platform=str(name), way=way) for name, way in ways)
