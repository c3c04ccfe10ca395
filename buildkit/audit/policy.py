"""The policy of an audit (`audits/policy.yaml`): which platforms are required, and which verdicts fail a release.

`unknown` is no verdict that a policy can fail or forgive: what could not be found out is exit code 3 by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from buildkit.model.authored import read_authored
from buildkit.model.inspection import Verdict
from buildkit.model.platform import PlatformError, parse_platform
from buildkit.verdict.outcome import HARMLESS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from buildkit.model.authored import Node

DEFAULT_PLATFORMS: Final = ("linux/amd64", "linux/arm64")
PROBLEMS: Final = frozenset(Verdict) - HARMLESS
_HINT: Final = "docs/reference/policy.md has every key"


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentRule:
    """What holds for a component instead of the policy's own lists; None: nothing else."""

    platforms: tuple[str, ...] | None = None
    fail: frozenset[Verdict] | None = None
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a release must fulfil.

    Attributes:
        platforms: required of every image, normalised.
        installs: kustomizations that count; empty for the default install. `installs_at` is `file:line: installs:`.
        fail: verdicts that fail a release; the others are listed only.
        components: rules of single components, by name.
        source: the file, None for the rules that hold without one.
    """

    platforms: tuple[str, ...] = DEFAULT_PLATFORMS
    installs: tuple[str, ...] = ()
    installs_at: str = ""
    fail: frozenset[Verdict] = PROBLEMS
    components: Mapping[str, ComponentRule] = field(default_factory=dict)
    source: str | None = None

    def all_platforms(self) -> tuple[str, ...]:
        """Every platform that is required of anything, the policy's own first."""
        more = (name for rule in self.components.values() for name in rule.platforms or ())
        return tuple(dict.fromkeys((*self.platforms, *more)))

    def required_of(self, components: Collection[str | None]) -> tuple[str, ...]:
        """What is required of an image of these components: whatever one of them requires."""
        wanted = {name for one in components for name in self._platforms_of(self._rule(one))}
        return tuple(name for name in self.all_platforms() if name in wanted)

    def fails(self, components: Iterable[str | None], platform: str, verdict: Verdict) -> bool:
        """Tell whether a verdict for a platform fails the release for one of these components."""
        return any(
            platform in self._platforms_of(rule) and verdict in (self.fail if rule.fail is None else rule.fail)
            for rule in map(self._rule, components)
        )

    def asked_for(self, platforms: tuple[str, ...]) -> Policy:
        """The policy with other required platforms (`--platform`); a component's own are narrowed to them."""
        rules = {
            name: rule
            if rule.platforms is None
            else replace(rule, platforms=tuple(one for one in rule.platforms if one in platforms))
            for name, rule in self.components.items()
        }
        return replace(self, platforms=platforms, components=rules)

    def _rule(self, component: str | None) -> ComponentRule:
        return self.components.get(component or "", _NO_RULE)

    def _platforms_of(self, rule: ComponentRule) -> tuple[str, ...]:
        return self.platforms if rule.platforms is None else rule.platforms


_NO_RULE: Final = ComponentRule()


def parse_policy(text: str, source: str, components: Collection[str]) -> Policy:
    """Read a policy; `components` are the names that rules can be about.

    Raises:
        UsageError: not YAML, an unknown key, platform, verdict or component; the message begins with `source:line`.
    """
    root = read_authored(text, source, hint=_HINT)
    if root is None:
        return Policy(source=source)
    root = root.keys("platforms", "installs", "fail", "components")
    rules = {}
    for name, node in root.entries("components"):
        if name not in components:
            near = get_close_matches(name, sorted(components), n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise root.wrong_at(node.line, "components", f"no owner in the data file is called '{name}'{meant}")
        rules[name] = _read_rule(node)
    return Policy(
        platforms=_read_platforms(root) or DEFAULT_PLATFORMS,
        installs=(installs := root.texts("installs")),
        installs_at=f"{source}:{root.line_of('installs')}: installs:" if installs else "",
        fail=PROBLEMS if (fail := _read_verdicts(root)) is None else fail,
        components=rules,
        source=source,
    )


def _read_rule(node: Node) -> ComponentRule:
    node = node.keys("platforms", "fail", "reason")
    if not node.has("reason"):
        raise node.wrong("reason", "is missing: every rule of a component says why")
    node.text("reason")
    return ComponentRule(platforms=_read_platforms(node), fail=_read_verdicts(node), line=node.line)


def _read_platforms(node: Node) -> tuple[str, ...] | None:
    if not node.has("platforms"):
        return None
    names = node.texts("platforms")
    if not names:
        raise node.wrong("platforms", "must name a platform, such as linux/arm64")
    try:
        return tuple(dict.fromkeys(str(parse_platform(name)) for name in names))
    except PlatformError as error:
        raise node.wrong("platforms", str(error)) from None


def _read_verdicts(node: Node) -> frozenset[Verdict] | None:
    if not node.has("fail"):
        return None
    known = sorted(PROBLEMS)
    for name in (names := node.texts("fail")):
        if name not in known:
            raise node.wrong("fail", f"'{name}' is no verdict that can fail a release; those are {', '.join(known)}")
    return frozenset(Verdict(name) for name in names)
