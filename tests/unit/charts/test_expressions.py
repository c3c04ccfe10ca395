"""What actions of templates say."""

from __future__ import annotations

import pytest

from buildkit.charts.expressions import Expressions, bracketed
from buildkit.charts.marks import Condition, Hashed, Image, Namespace, Piece, Setting, Text, Word

E = Expressions(chart="demo", named={("Secret", "kubeflow", "s"): "demo.secret.s"})
NAMESPACE = Namespace("kubeflow")
HASHED = Hashed("Secret", "s", "s-abc", "kubeflow")
FIXED = Hashed("ConfigMap", "c", "c-abc", "kubeflow")


def test_a_value_is_referred_to_by_its_path() -> None:
    assert E.value("workloads.web.replicas") == ".Values.workloads.web.replicas"
    assert E.value("own.a-b") == '(index .Values "own" "a-b")'


def test_numbers_and_booleans_are_set_unless_they_are_null() -> None:
    assert E.setting(Setting(("a", "b"), "integer", 1)) == (
        'or (not (kindIs "invalid" .Values.a)) (not (kindIs "invalid" .Values.b))'
    )
    assert E.setting(Setting(("a", "b"), "string", "x")) == "or .Values.a .Values.b"


@pytest.mark.parametrize(
    ("pieces", "written"),
    [
        ((NAMESPACE,), "{{ .Release.Namespace | quote }}"),
        (("web.", NAMESPACE, ".svc"), '"web.{{ .Release.Namespace }}.svc"'),
        (('"', NAMESPACE, "\n"), '"\\"{{ .Release.Namespace }}\\n"'),
        (("{", NAMESPACE), '"{{ "{" }}{{ .Release.Namespace }}"'),
        ((Image("web", "a/b:1"),), '{{ include "demo.image" (list . "web" "a/b:1") | quote }}'),
        ((FIXED,), "c-abc"),
        (("/", FIXED), "/c-abc"),
        ((HASHED,), '{{ include "demo.secret.s.name" . | quote }}'),
        ((Word("v", "string", 'a"b'),), '{{ .Values.v | default `a"b` | quote }}'),
        (("100% ", Word("v", "string", "x")), '{{ printf "100%% %s" (.Values.v | default "x") | quote }}'),
        (
            (":", Word("v", "integer", "80")),
            '{{ printf ":%s" (include "demo.integer" (list .Values.v "80")) | quote }}',
        ),
        (
            (Word("v", "string", Text(("a.", NAMESPACE))),),
            '{{ .Values.v | default (printf "a.%s" .Release.Namespace) | quote }}',
        ),
    ],
)
def test_a_text_of_marks_is_one_scalar(pieces: tuple[Piece, ...], written: str) -> None:
    assert E.inline(Text(pieces)) == written


def test_a_text_of_a_secret_is_encoded_as_a_whole() -> None:
    assert E.inline(Text((Word("v", "string", "x"),), encoded=True)) == '{{ .Values.v | default "x" | b64enc | quote }}'
    assert E.inline(Text(("a.", NAMESPACE), encoded=True)) == '{{ printf "a.%s" .Release.Namespace | b64enc | quote }}'


@pytest.mark.parametrize(
    ("some", "written"),
    [
        ("a", 'eq .Values.profile "a"'),
        ("bcd", 'ne .Values.profile "a"'),
        ("ab", 'has .Values.profile (list "a" "b")'),
    ],
)
def test_profiles_are_asked_for_as_shortly_as_can_be(some: str, written: str) -> None:
    assert E.profiles(frozenset(some), frozenset("abcd")) == written


def test_more_than_half_of_the_profiles_are_asked_for_by_the_others() -> None:
    assert E.profiles(frozenset("abc"), frozenset("abcde")) == 'not (has .Values.profile (list "d" "e"))'


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (Condition("a.b", "unless"), "not .Values.a.b"),
        (Condition("crds.enabled", "enabled"), ".Values.crds.enabled"),
        (Condition("namespace.create", "exists"), 'include "demo.createNamespace" .'),
        (Condition("namespace.create", "is"), 'include "demo.createNamespace" .'),
    ],
)
def test_a_condition_is_a_test(condition: Condition, written: str) -> None:
    assert E.condition(condition) == written


@pytest.mark.parametrize(
    ("term", "written"),
    [
        (".Values.a", ".Values.a"),
        ("not .a", "(not .a)"),
        ('"a b"', '"a b"'),
        ('"a" "b"', '("a" "b")'),
        ("`a b`", "`a b`"),
    ],
)
def test_a_term_among_others_is_in_brackets_unless_it_is_one_word(term: str, written: str) -> None:
    assert bracketed(term) == written
