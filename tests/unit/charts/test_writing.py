"""Templates as a reviewer reads them; tests/integration/charts holds them against helm."""

from __future__ import annotations

import dataclasses

from buildkit.charts.expressions import Expressions
from buildkit.charts.marks import (
    ABSENT,
    Choice,
    Condition,
    Extended,
    Hashed,
    MarkedObject,
    Namespace,
    Setting,
    Text,
    Tree,
    When,
    Word,
)
from buildkit.charts.union import unite
from buildkit.charts.writing import is_literal, write_held, write_object
from tests.support.chart_parts import thing

A, B, AB = frozenset("a"), frozenset("b"), frozenset("ab")
E = Expressions(chart="demo")


def held(tree: Tree, profiles: frozenset[str] = AB) -> str:
    """What is written below `held` of a thing."""
    (one,) = unite({"a": [thing("x", 1)]})
    body = {**one.body, "held": tree}
    text = write_object(dataclasses.replace(one, profiles=profiles, body=body), profiles, E)
    head = "---\napiVersion: test/v1\nkind: Thing\nmetadata:\n  name: x\n"
    assert text.startswith(head)
    return text.removeprefix(head)


def test_plain_values_are_yaml_in_blocks() -> None:
    assert (
        held({"a": [1, {"b": "on", "name": "m"}, []], "t": "x\ny\n", "e": {}})
        == """\
held:
  a:
    - 1
    - name: m
      b: "on"
    - []
  t: |
    x
    y
  e: {}
"""
    )


def test_payloads_with_braces_are_escaped_readably() -> None:
    assert (
        held("{{ .Name }}: x\n{{\n")
        == """\
held: |
  {{ `{{ .Name }}` }}: x
  {{ "{{" }}
"""
    )


def test_what_profiles_have_stands_under_their_names_few_first() -> None:
    choice = Choice(((frozenset("bc"), 1), (A, 2)))
    assert (
        held(choice, frozenset("abc"))
        == """\
{{- if eq .Values.profile "a" }}
held: 2
{{- else }}
held: 1
{{- end }}
"""
    )


def test_what_has_one_condition_stands_under_one_if() -> None:
    tree: Tree = [Choice(((A, 1),)), Choice(((A, 2),)), Choice(((B, 3),))]
    assert (
        held(tree)
        == """\
held:
  {{- if eq .Values.profile "a" }}
  - 1
  - 2
  {{- end }}
  {{- if eq .Values.profile "b" }}
  - 3
  {{- end }}
"""
    )


def test_an_element_begins_with_what_no_condition_guards() -> None:
    assert (
        held([{"name": Choice(((A, "x"), (B, "y"))), "value": 1}])
        == """\
held:
  - value: 1
    {{- if eq .Values.profile "a" }}
    name: x
    {{- else }}
    name: "y"
    {{- end }}
"""
    )


def test_settings_are_on_one_line_where_that_reads_well() -> None:
    tree: Tree = {
        "s": Setting(("v",), "string", "x"),
        "i": Setting(("i",), "integer", 1),
        "l": [Setting(("v",), "string", Text((Namespace("k"),)))],
        "a": Setting(("o",), "object", ABSENT),
        "b": Setting(("b",), "boolean", default=True),
    }
    assert (
        held(tree)
        == """\
held:
  s: {{ .Values.v | default "x" | quote }}
  i: {{ include "demo.integer" (list .Values.i 1) }}
  l:
    - {{ .Values.v | default .Release.Namespace | quote }}
  {{- if .Values.o }}
  a:
    {{- toYaml .Values.o | nindent 4 }}
  {{- end }}
  {{- if not (kindIs "invalid" .Values.b) }}
  b: {{ .Values.b }}
  {{- else }}
  b: true
  {{- end }}
"""
    )


def test_a_default_that_profiles_differ_in_is_else_if() -> None:
    assert (
        held(Setting(("v",), "string", Choice(((A, "x"), (B, "z")))))
        == """\
{{- if .Values.v }}
held: {{ .Values.v | quote }}
{{- else if eq .Values.profile "a" }}
held: x
{{- else }}
held: z
{{- end }}
"""
    )


def test_a_list_that_grows_tells_what_it_has() -> None:
    assert (
        held(Extended("v", ({"name": "A"}, Choice(((A, {"name": "B"}),)))))
        == """\
held:
  - name: A
  {{- if eq .Values.profile "a" }}
  - name: B
  {{- end }}
  {{- if .Values.v }}
  {{- if eq .Values.profile "a" }}
  {{- include "demo.added" (list "v" .Values.v "A" "B") | nindent 2 }}
  {{- else }}
  {{- include "demo.added" (list "v" .Values.v "A") | nindent 2 }}
  {{- end }}
  {{- end }}
"""
    )


def test_a_list_of_names_leaves_out_those_that_are_there() -> None:
    assert (
        held(Extended("v", ({"name": "A"},), "name"))
        == """\
held:
  - name: A
  {{- range without .Values.v "A" }}
  - name: {{ . | quote }}
  {{- end }}
"""
    )
    assert (
        held(Extended("v", (), "name", []))
        == """\
{{- if .Values.v }}
held:
  {{- range .Values.v }}
  - name: {{ . | quote }}
  {{- end }}
{{- else }}
held: []
{{- end }}
"""
    )


def test_a_mapping_that_may_be_empty_stays_a_mapping() -> None:
    assert (
        held({"a": When("v", 1)})
        == """\
{{- if .Values.v }}
held:
  {{- if .Values.v }}
  a: 1
  {{- end }}
{{- else }}
held: {}
{{- end }}
"""
    )


def test_a_value_in_lines_is_a_block_unless_it_could_break_them() -> None:
    assert (
        held(Text(("a\n", Word("v", "string", "x"), "\n")))
        == """\
held: |
  a
  {{ .Values.v | default "x" }}
"""
    )
    assert (
        held(Text(("a\n", Word("v", "string", "")))) == 'held: {{ printf "a\\n%s" (.Values.v | default "") | quote }}\n'
    )


def test_an_object_that_some_profiles_have_or_that_has_conditions_is_guarded_as_a_whole() -> None:
    (one,) = unite({"a": [thing("x", 1, (Condition("v", "unless"),))]})
    text = write_object(one, AB, E)
    assert text.startswith('---\n{{- if and (eq .Values.profile "a") (not .Values.v) }}\napiVersion: test/v1\n')
    assert text.endswith("held: 1\n{{- end }}\n")


def test_what_a_generated_object_holds_stands_in_a_template_of_its_own() -> None:
    name = Text((Hashed("Secret", "s", "s-abc", "k"),))
    body: dict[str, Tree] = {"kind": "Secret", "metadata": {"name": name}, "data": {"a": "eA=="}, "type": "Opaque"}
    (one,) = unite({"a": [MarkedObject(key=("", "Secret", "k", "s"), body=body)]})
    keys = ("data", "stringData", "type")
    named = Expressions(chart="demo", named={("Secret", "k", "s"): "demo.s"})
    assert write_held(one, keys, named) == "data:\n  a: eA==\ntype: Opaque\n"
    assert (
        write_object(one, A, named, ("demo.s", keys))
        == """\
---
kind: Secret
metadata:
  name: {{ include "demo.s.name" . | quote }}
{{ include "demo.s" . | trimSuffix "\\n" }}
"""
    )


def test_a_tree_is_literal_while_it_has_no_mark() -> None:
    assert is_literal({"a": [1, None, "x"]})
    assert not is_literal({"a": [Choice(())]})
    assert not is_literal(Text(()))
