"""`undeclared-argument`: TARGETARCH and its like are empty in a stage that does not declare them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import Found
from buildkit.builds.lint.rules.downloads import addresses
from buildkit.builds.lint.rules.mending import declares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Scene, Step
    from buildkit.builds.lint.values import Value

UNDECLARED: Final = "undeclared-argument"


def check_undeclared(scene: Scene, step: Step) -> Iterator[Found]:
    """Addresses, paths to copy, and GOARCH of a stage that cross-compiles, made with an argument that is not there."""
    for value in _used(scene, step):
        if value.undeclared and not any(map(architectures, value.texts)):
            name = value.undeclared[0]
            yield Found(
                rule=UNDECLARED,
                line=step.line_at(value.at),
                subject=name,
                message=f"uses {name}, which is empty here: the stage does not declare it",
                fix=f"Write `ARG {name}` behind the stage's FROM; declared before the first FROM it is not enough.",
                platform=str(step.stage.platform),
                edits=declares(scene, step, name),
            )


def _used(scene: Scene, step: Step) -> Iterator[Value]:
    crosses = step.stage.platform.family != scene.setting.target_platform.family
    for call in step.calls:
        yield from (word for word in call.words[1:] if any(map(addresses, word.texts)))
        if crosses and call.words:
            yield from (value for name, value in call.assigned if name == "GOARCH")
    if crosses:
        yield from (value for name, value in step.pairs if name == "GOARCH")
    if step.instruction.keyword in {"ADD", "COPY"}:
        yield from step.words
