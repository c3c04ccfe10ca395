"""A run of builds as text: released, failed, kept back, half done, and a part for a merge elsewhere."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildkit.builds.outcome import ComponentOutcome, PlatformOutcome, RunOutcome, TagOutcome
from buildkit.builds.verification import verify
from buildkit.errors import Exit
from buildkit.model.execution import Executed, Execution, not_executed
from buildkit.report.build_run_text import build_run_text
from buildkit.report.json import encode, json_schema
from tests.unit.builds.contents import expected, tag
from tests.unit.builds.results import AMD64, ARM64, digest
from tests.unit.report.audits import check_golden

if TYPE_CHECKING:
    from buildkit.builds.verification import Verification

BUILDER = "our own buildkitd 0.33.1, cache /home/me/.cache/kfkit/builder"
NATIVE = Execution(state=Executed.NATIVELY, way="native", exit_code=0)


def platform(name: str, **facts: Any) -> PlatformOutcome:
    built = PlatformOutcome(
        platform=name,
        state="built",
        way="native" if name == AMD64 else "emulated",
        node="unix:///run/buildkitd.sock",
        digest=digest(name[::-1]),
        seconds=12.34,
        log=f"dist/builds/app.{name.replace('/', '-')}.log",
    )
    return replace(built, **facts)


def tags(*states: str, name: str = "app", reason: str | None = None) -> tuple[TagOutcome, ...]:
    known = zip(("1.0", "latest"), states, strict=False)
    return tuple(
        TagOutcome(tag=f"ghcr.io/x/{name}:{one}", state=state, reason=reason if state == "kept" else None)  # type: ignore[arg-type]
        for one, state in known
    )


def component(*platforms: PlatformOutcome, name: str = "app", **facts: Any) -> ComponentOutcome:
    return replace(ComponentOutcome(component=name, image=f"ghcr.io/x/{name}", platforms=platforms), **facts)


def run(*components: ComponentOutcome, complete: bool = True, **facts: Any) -> RunOutcome:
    plain = RunOutcome(version="1.0", builder=BUILDER, complete=complete, components=components)
    return replace(plain, **facts)


def verified(executions: dict[str, Execution] | None = None) -> Verification:
    return verify(tag(name=f"ghcr.io/x/app@{digest('index')}"), expected(), executions=executions)


def released() -> RunOutcome:
    resumed = platform(ARM64, state="resumed", seconds=0.0)
    return run(
        component(
            platform(AMD64),
            resumed,
            digest=digest("index"),
            verification=verified({AMD64: NATIVE, ARM64: not_executed("the engine has no emulator for it")}),
            tags=tags("set", "there"),
        )
    )


def failed() -> RunOutcome:
    broken = platform(
        AMD64,
        state="failed",
        digest=None,
        problem='[2/2] RUN make: process "/bin/sh -c make" did not complete successfully: exit code: 2',
        lines=("cc -c x.c", "x.c:1: error: no such thing"),
    )
    late = platform(
        ARM64,
        state="late",
        digest=None,
        problem="the time limit of 3600 s was reached at [2/2] RUN make (emulated: by this machine's binfmt_misc)",
        hint="Emulated builds are slow: build linux/arm64 on a native runner.",
    )
    fine = component(platform(AMD64), platform(ARM64), name="other", tags=tags("kept", name="other", reason=PLATFORM))
    return run(component(broken, late, tags=tags("kept", reason=PLATFORM)), fine)


PLATFORM = "a platform failed"


def kept_back() -> RunOutcome:
    reason = f"it stands for {digest('old')} and is not moved without --force"
    return run(
        component(
            platform(AMD64),
            platform(ARM64),
            digest=digest("index"),
            verification=verified(),
            tags=tags("kept", "kept", reason=reason),
            problem=f"ghcr.io/x/app:1.0: {reason}",
        )
    )


def half() -> RunOutcome:
    refused = "it could not be set: buildx failed with exit 1: denied"
    return run(
        component(
            platform(AMD64),
            digest=digest("index"),
            verification=verified(),
            tags=tags("set", "kept", reason=refused),
            unknown=f"ghcr.io/x/app:latest: {refused}",
        )
    )


def part() -> RunOutcome:
    reason = "merge sets it, when every platform is there"
    return run(
        component(platform(ARM64, way="native", execution=NATIVE), tags=tags("kept", reason=reason)),
        complete=False,
        builder="the current builder ci (docker-container 0.33.1)",
        results=("dist/builds/app.linux-arm64.json",),
    )


ALL = {"released": released, "failed": failed, "kept back": kept_back, "half done": half, "a part": part}


def test_golden() -> None:
    blocks = [f"== {name}\n".encode() + build_run_text(make(), colour=False) for name, make in ALL.items()]
    check_golden("build-run.txt", b"\n".join(blocks))


@pytest.mark.parametrize(
    ("make", "code", "last"),
    [
        (released, Exit.OK, "RELEASED: 2 tags, each platform read back from the registry"),
        (failed, Exit.PROBLEMS, "NOT RELEASED: no tag was set"),
        (kept_back, Exit.PROBLEMS, "NOT RELEASED: no tag was set"),
        (half, Exit.UNDETERMINED, "INCOMPLETE: 1 of 2 tags set"),
        (lambda: run(complete=False), Exit.OK, "NOTHING TO BUILD: no component changed, or none was asked for"),
    ],
)
def test_the_last_line_and_the_code_say_the_same(make: Any, code: Exit, last: str) -> None:
    assert make().exit == code
    assert build_run_text(make(), colour=False).decode().splitlines()[-1] == last


def test_a_part_says_what_to_do_with_its_results() -> None:
    assert build_run_text(part(), colour=False).decode().splitlines()[-3:] == [
        "PUSHED by digest: no tag is set before every platform is merged and verified",
        "Results for `kfkit build merge`:",
        "  dist/builds/app.linux-arm64.json",
    ]


def test_what_was_not_executed_never_reads_as_passed() -> None:
    for make in (kept_back, half):
        text = build_run_text(make(), colour=False).decode()
        assert "not executed" in text
        assert "natively" not in text


def test_colour_marks_and_changes_nothing() -> None:
    for make in ALL.values():
        coloured = build_run_text(make(), colour=True)
        assert b"\x1b[" in coloured
        assert re.sub(rb"\x1b\[\d*m", b"", coloured) == build_run_text(make(), colour=False)


def test_what_steps_and_registries_say_cannot_steer_a_terminal() -> None:
    nasty = "\x1b[2J\u202e\r\n::error::x"
    broken = platform(nasty, state="failed", way=nasty, problem=nasty, hint=nasty, lines=(nasty,), log=nasty)
    one = component(broken, name=nasty, image=nasty, problem=nasty, unknown=nasty, tags=tags("kept", reason=nasty))
    text = build_run_text(run(one, version=nasty, builder=nasty, results=(nasty,)), colour=False).decode()
    assert not {"\x1b", "\u202e", "\r"} & set(text)
    assert not any(line.strip().startswith("::") for line in text.splitlines())


def test_long_texts_are_cut() -> None:
    broken = platform(AMD64, state="failed", problem="x" * 9000, lines=("y" * 9000,))
    text = build_run_text(run(component(broken, problem="z" * 90_000)), colour=False)
    assert len(text) < 5000


@pytest.mark.parametrize("make", ALL.values())
def test_json_is_as_its_schema_says(make: Any) -> None:
    document = json.loads(encode("build-run", make()))
    jsonschema.validate(document, json.loads(json_schema("build-run", RunOutcome)))
    assert document["schema"] == "kfkit/build-run/v1"
