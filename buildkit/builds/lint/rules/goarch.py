"""`fixed-goarch` and `cgo-cross`: what Go compiles for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.found import USE, Edit, Found, Report, report_foreign
from buildkit.builds.lint.rules.mending import declares, written_value
from buildkit.builds.lint.values import UNKNOWN, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Scene, Step
    from buildkit.builds.lint.shell.call import Call

_NAME: Final = "GOARCH"
# Architectures that are one where Go reads them, and a number or a word elsewhere.
_BARE: Final = frozenset({"386", "arm", "ppc64", "mips", "mips64", "mipsle", "wasm"})
# They compile by what stands in their environment.
_COMPILERS: Final = frozenset({"go", "make", "gmake", "goreleaser", "mage", "task", "just", "bazel", "ko"})
_REPORT: Final = Report(
    rule="fixed-goarch",
    does="compiles for {}",
    fix="Declare `ARG TARGETARCH` in the stage and write `GOARCH=$TARGETARCH`.",
)


def check_goarch(scene: Scene, step: Step) -> Iterator[Found]:
    """GOARCH set to another architecture, for a command or in ENV."""
    for call in step.calls:
        if _elsewhere(step, call):
            continue
        found = _own(call)
        if found is not None:
            value, is_word = found
            if _BARE.intersection(value.texts):
                continue  # one of a list
            yield from report_foreign(step, value, _REPORT, () if is_word else _mended(scene, step, call, value))
            continue
        binding = call.environment.get(_NAME)
        if binding is None or call.name not in _COMPILERS:
            continue
        for one in report_foreign(step, Value(texts=binding.texts, sources=(binding,), at=call.at), _REPORT):
            if one.rule != "fixed-argument" or one.subject != _NAME:
                yield one
                continue
            # ENV GOARCH is no default of something: it is what is wrong.
            message = f"ENV GOARCH={binding.texts[0]}: {USE} {_REPORT.does.format(binding.texts[0])} on every platform"
            yield replace(one, rule=_REPORT.rule, message=message, fix=_REPORT.fix, edits=_in_env(scene, step, one))


def _elsewhere(step: Step, call: Call) -> bool:
    """Whether the program is for another operating system: no image of this platform starts it."""
    own = next((value.texts for name, value in call.assigned if name == "GOOS"), None)
    own = own or next((word.texts for word in call.words[1:] if word.texts[0].startswith("GOOS=")), None)
    seen = call.environment.get("GOOS")
    texts = own or (seen.texts if seen is not None else ())
    systems = {text.removeprefix("GOOS=") for text in texts}
    return bool(systems) and systems.isdisjoint({step.stage.platform.os, "", UNKNOWN})


def _own(call: Call) -> tuple[Value, bool] | None:
    """GOARCH of the command itself, and whether it is an argument of it (`make GOARCH=…`)."""
    for name, value in call.assigned:
        if name == _NAME and call.words:
            return value, False
    for word in call.words[1:]:
        if word.texts[0].startswith(f"{_NAME}="):
            return word, True
    return None


def _mended(scene: Scene, step: Step, call: Call, value: Value) -> tuple[Edit, ...]:
    """`GOARCH=amd64` -> `GOARCH=$TARGETARCH`; not with cgo where the stage follows the building machine."""
    cgo = call.environment.get("CGO_ENABLED")
    if (cgo is not None and cgo.texts != ("0",)) and "BUILD" in (step.stage.stage.platform or ""):
        return ()
    edit = written_value(scene, step, value)
    return (edit, *declares(scene, step, "TARGETARCH")) if edit else ()


def _in_env(scene: Scene, step: Step, found: Found) -> tuple[Edit, ...]:
    for one in scene.steps:
        if one.instruction.keyword == "ENV" and one.stage is step.stage:
            for name, value in one.pairs:
                if name == _NAME and one.line_at(value.at) == found.line:
                    edit = written_value(scene, one, replace(value, at=value.at + len(_NAME) + 1))
                    return (edit, *declares(scene, one, "TARGETARCH")) if edit else ()
    return ()


def check_cgo(step: Step) -> Iterator[Found]:
    """Cross-compiling with cgo takes a C compiler for the target."""
    own = step.stage.platform.architecture
    for call in step.calls:
        if call.name not in _COMPILERS:
            continue
        cgo, goarch = call.environment.get("CGO_ENABLED"), call.environment.get(_NAME)
        if cgo is None or cgo.texts != ("1",) or goarch is None or "CC" in call.environment:
            continue
        target = goarch.texts[0] if len(goarch.texts) == 1 else ""
        if target != own and target in step.native:
            yield Found(
                rule="cgo-cross",
                line=step.line_at(call.at),
                subject=call.name,
                message=f"compiles with cgo for {target} on {own}, and sets no C compiler (CC) for {target}",
                fix="Install a cross compiler and set CC, or drop `--platform=$BUILDPLATFORM` from the stage.",
                platform=str(step.stage.platform),
            )
