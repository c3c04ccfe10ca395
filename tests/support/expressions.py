"""`${{ … }}` of GitHub's workflows, as much of it as ours use; anything else fails the test that meets it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:'(?P<text>(?:[^']|'')*)'|(?P<number>\d+)|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|[!().,]))"
)
_PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = ("success", "always", "failure", "cancelled")


class ExpressionError(Exception):
    """An expression that this reader does not know, or that names what is not there."""


class Lax(dict[str, Any]):
    """A context whose missing keys are null, as all of GitHub's are; others fail, because a missing key is a typo."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What an expression can see; `status` holds success(), always(), failure(), cancelled()."""

    contexts: Mapping[str, Any]
    status: Mapping[str, bool] = field(default_factory=dict)

    def value(self, text: str) -> Any:
        """Evaluate one expression."""
        return _Reader(text, self).whole()

    def fill(self, template: Any) -> Any:
        """Put values into a text; one that is nothing but an expression keeps its type."""
        if not isinstance(template, str):
            return template
        whole = _PLACE.fullmatch(template.strip())
        if whole and "${{" not in whole[1]:
            return self.value(whole[1])
        return _PLACE.sub(lambda found: as_text(self.value(found[1])), template)

    def condition(self, text: str | None) -> bool:
        """Evaluate an `if:`; without a status function it means success() as well."""
        if text is None:
            return self.status["success"]
        found = _PLACE.fullmatch(text.strip())
        inner = found[1] if found else text
        asks = any(re.search(rf"\b{name}\(\)", inner) for name in STATUS)
        return truth(self.value(inner)) and (asks or self.status["success"])


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def truth(value: Any) -> bool:
    return value not in {None, False, ""} if not isinstance(value, dict | list) else True


class _Reader:
    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope, self.at = text.strip(), scope, 0
        self.kind, self.token = "", ""
        self.step()

    def step(self) -> None:
        if self.at >= len(self.text):
            self.kind, self.token = "end", ""
            return
        found = _TOKEN.match(self.text, self.at)
        if found is None or found.lastgroup is None:
            raise ExpressionError(f"cannot read {self.text[self.at :]!r}")
        self.at, self.kind, self.token = found.end(), found.lastgroup, found[found.lastgroup]

    def take(self, sign: str) -> bool:
        if self.kind == "sign" and self.token == sign:
            self.step()
            return True
        return False

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise ExpressionError(f"{sign} expected in {self.text!r}")

    def whole(self) -> Any:
        value = self.either()
        if self.kind != "end":
            raise ExpressionError(f"{self.token!r} is left over in {self.text!r}")
        return value

    def either(self) -> Any:
        value = self.both()
        while self.take("||"):
            other = self.both()
            value = value if truth(value) else other
        return value

    def both(self) -> Any:
        value = self.equal()
        while self.take("&&"):
            other = self.equal()
            value = other if truth(value) else value
        return value

    def equal(self) -> Any:
        value = self.unary()
        for sign in ("==", "!="):
            if self.take(sign):
                return (as_text(value).lower() == as_text(self.unary()).lower()) is (sign == "==")
        return value

    def unary(self) -> Any:
        if self.take("!"):
            return not truth(self.unary())
        if self.take("("):
            value = self.either()
            self.need(")")
            return value
        kind, token = self.kind, self.token
        self.step()
        if kind == "text":
            return token.replace("''", "'")
        if kind == "number":
            return int(token)
        if kind != "name":
            raise ExpressionError(f"{token!r} cannot begin a value in {self.text!r}")
        return self.call(token) if self.take("(") else self.path(token)

    def call(self, name: str) -> Any:
        arguments = []
        while not self.take(")"):
            arguments.append(self.either())
            self.take(",")
        if name in self.scope.status and not arguments:
            return self.scope.status[name]
        functions: dict[str, Callable[..., Any]] = {"fromJSON": json.loads}
        if name not in functions:
            raise ExpressionError(f"{name}() is not known")
        return functions[name](*arguments)

    def path(self, name: str) -> Any:
        if name in {"true", "false"}:
            return name == "true"
        value, path = self.scope.contexts, [name]
        found: Any = _member(value, name, path)
        while self.take("."):
            path.append(self.token)
            self.step()
            found = _member(found, path[-1], path)
        return found


def _member(value: Any, key: str, path: list[str]) -> Any:
    if value is None:
        return None
    if isinstance(value, Lax):
        return value.get(key)
    if not isinstance(value, Mapping) or key not in value:
        raise ExpressionError(f"there is no {'.'.join(path)}")
    return value[key]
