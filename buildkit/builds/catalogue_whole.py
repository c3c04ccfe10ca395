"""What no component of a catalogue can say of itself: names and images are its own, and what it needs is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.builds.component import Component
    from buildkit.model.platform import Platform


def check_together(components: tuple[Component, ...], hint: str) -> None:
    """See to it.

    Raises:
        UsageError: `file:line: key: what is wrong`.
    """
    before: dict[str, Component] = {}
    seen: dict[tuple[str, str], Component] = {}
    for one in components:
        twin = before.get(one.name.lower())
        if twin:
            raise _wrong(one, "name", f"'{one.name}' is the name of line {twin.line}'s component too", hint)
        same = seen.get((one.image, one.tag))
        if same:
            raise _wrong(one, "image", f"'{one.image}' is {same.name}'s too; a `tag` of its own tells them apart", hint)
        for name in one.needs:
            _check_need(one, name, before, hint)
        before[one.name.lower()] = seen[one.image, one.tag] = one


def _check_need(one: Component, name: str, before: Mapping[str, Component], hint: str) -> None:
    needed = before.get(name.lower())
    if needed is None or needed.name != name:
        raise _wrong(one, "needs", f"no component called '{name}' stands before this one", hint)
    there = {target.platform for target in needed.targets}
    lacking: list[Platform] = [target.platform for target in one.targets if target.platform not in there]
    if lacking:
        raise _wrong(one, "needs", f"'{name}' is not built for {lacking[0]}", hint)


def _wrong(one: Component, key: str, what: str, hint: str) -> UsageError:
    return UsageError(f"{one.file}:{one.line}: {key}: {what}", hint=hint)
