"""Named templates."""

from __future__ import annotations

import re

from buildkit.charts.helpers import helpers


def defined(text: str) -> list[str]:
    return re.findall(r'define "([^"]+)"', text)


def test_only_what_templates_call_is_there_under_the_charts_own_name() -> None:
    text = helpers("demo", ['x: {{ include "demo.image" (list . "a" "b") }}', '{{ include "demo.added" . }}'], [])
    assert defined(text) == ["demo.image", "demo.added"]
    assert "CHART" not in text


def test_a_template_that_calls_none_gets_none() -> None:
    assert helpers("demo", ["a: b", 'include "other.image"'], []) == ""


def test_the_profiles_that_make_the_namespace_are_listed_in_order() -> None:
    text = helpers("demo", ['{{ include "demo.createNamespace" . }}'], ["b", "a"])
    assert '(list "a" "b")' in text
