"""Selectors: only those that leave out a required platform, and edits in the selector's own style."""

from __future__ import annotations

import textwrap

import pytest

from tests.unit.pins.finding import applied, selectors

HEAD = "kind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"


def pod(text: str) -> str:
    return HEAD + textwrap.indent(textwrap.dedent(text).lstrip("\n"), "      ")


def affinity(expressions: str, *, rule: str = "requiredDuringSchedulingIgnoredDuringExecution") -> str:
    term = f"- matchExpressions:\n{textwrap.indent(textwrap.dedent(expressions).lstrip(chr(10)), '  ')}"
    return pod(f"affinity:\n  nodeAffinity:\n    {rule}:\n      nodeSelectorTerms:\n") + textwrap.indent(term, " " * 12)


CUSTOM = "kind: Thing\nmetadata: {name: web}\nspec:\n  nodeSelector:\n    kubernetes.io/arch: amd64\n  x: 1\n"
VOLUME = """\
kind: PersistentVolume
metadata: {name: web}
spec:
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions:
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
"""
CONFIG = "kind: ConfigMap\nmetadata: {name: web}\ndata:\n  é: |\n    spec:\n      TEXT\n      x: 1\n"
JSON = """\
{"kind": "Pod", "metadata": {"name": "web"}, "spec": {"nodeSelector": {"a": "b", "kubernetes.io/arch": "amd64"}}}
"""
TERMS = """affinity: {}
      required:
        nodeSelectorTerms:
        - matchExpressions:
          - key: kubernetes.io/arch
            operator: In
           """

EDITS = {
    "block list": (
        affinity("- key: kubernetes.io/arch\n  operator: In\n  values:\n  - amd64 # why\n"),
        lambda text: text.replace("- amd64 # why\n", "- amd64 # why\n                - arm64\n"),
    ),
    "quoted block list": (
        affinity('- key: "kubernetes.io/arch"\n  operator: "In"\n  values:\n    -  "ppc64le"\n    -  "amd64"\n'),
        lambda text: text.replace('-  "amd64"\n', '-  "amd64"\n                  -  "arm64"\n'),
    ),
    "flow list": (
        affinity("- {key: beta.kubernetes.io/arch, operator: In, values: [amd64]}\n"),
        lambda text: text.replace("[amd64]", "[amd64, arm64]"),
    ),
    "tight flow list": (
        affinity("- {key: kubernetes.io/arch, operator: In, values: ['s390x','amd64']}\n"),
        lambda text: text.replace("'amd64']", "'amd64','arm64']"),
    ),
    "not in, block": (
        affinity("- key: kubernetes.io/arch\n  operator: NotIn\n  values:\n  - s390x\n  - arm64 # slow\n"),
        lambda text: text.replace("                - arm64 # slow\n", ""),
    ),
    "not in, flow": (
        affinity("- {key: kubernetes.io/arch, operator: NotIn, values: [arm64, s390x]}\n"),
        lambda text: text.replace("arm64, ", ""),
    ),
    "selector alone": (
        pod("nodeSelector:\n  kubernetes.io/arch: amd64\ncontainers: []\n"),
        lambda text: text.replace("      nodeSelector:\n        kubernetes.io/arch: amd64\n", ""),
    ),
    "selector with others": (
        pod("nodeSelector:\n  kubernetes.io/os: linux\n  'kubernetes.io/arch': \"amd64\" # why\n  disk: ssd\n"),
        lambda text: text.replace("        'kubernetes.io/arch': \"amd64\" # why\n", ""),
    ),
    "selector in flow": (
        pod("nodeSelector: {kubernetes.io/os: linux, kubernetes.io/arch: amd64}\n"),
        lambda text: text.replace(", kubernetes.io/arch: amd64", ""),
    ),
    "selector in flow alone": (
        pod("nodeSelector: { kubernetes.io/arch: amd64 } # why\ncontainers: []\n"),
        lambda text: text.replace("      nodeSelector: { kubernetes.io/arch: amd64 } # why\n", ""),
    ),
    "selector alone in a row of JSON": (
        '{"kind": "Pod", "metadata": {"name": "web"}, "spec": {"nodeSelector": {"kubernetes.io/arch": "amd64"}}}\n',
        lambda text: text.replace('"kubernetes.io/arch": "amd64"', ""),
    ),
    "custom resource": (CUSTOM, lambda text: text.replace("  nodeSelector:\n    kubernetes.io/arch: amd64\n", "")),
    "volume": (VOLUME, lambda text: text.replace("[amd64]", "[amd64, arm64]")),
    "text in a ConfigMap": (
        CONFIG.replace("TEXT", "nodeSelector:\n        a: b\n        kubernetes.io/arch: amd64"),
        lambda text: text.replace("        kubernetes.io/arch: amd64\n", ""),
    ),
    "list in a text in a ConfigMap": (
        CONFIG.replace("TEXT", TERMS + " values:\n            - amd64"),
        lambda text: text.replace("- amd64\n", "- amd64\n            - arm64\n"),
    ),
    "json": (
        JSON,
        lambda text: text.replace(', "kubernetes.io/arch": "amd64"', ""),
    ),
}


@pytest.mark.parametrize(("text", "wanted"), EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_selector_is_widened_in_its_own_style(text: str, wanted: object, bom: str, ends: str) -> None:
    assert callable(wanted)
    after = bom + wanted(text).replace("\n", ends)
    text = bom + text.replace("\n", ends)
    (found,) = selectors(text)
    assert found.tie.blocked is None
    assert found.tie.excludes == ("linux/arm64",)
    assert found.name == "web"
    assert applied(text, found.tie.edits) == after
    assert selectors(after) == ()


NO_TIES = {
    "both": affinity("- {key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}\n"),
    "exists": affinity("- {key: kubernetes.io/arch, operator: Exists}\n"),
    "not in of others": affinity("- {key: kubernetes.io/arch, operator: NotIn, values: [s390x]}\n"),
    "another term lets it in": affinity("- {key: kubernetes.io/arch, operator: In, values: [amd64]}\n")
    + " " * 12
    + "- matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux]}]\n",
    "preferred": pod(
        """
        affinity:
          nodeAffinity:
            preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 1
              preference:
                matchExpressions:
                - {key: kubernetes.io/arch, operator: In, values: [amd64]}
        """
    ),
    "os only": pod("nodeSelector: {kubernetes.io/os: linux} # kubernetes.io/arch\n"),
    "comment": pod("# nodeSelector:\n#   kubernetes.io/arch: amd64\ncontainers: []\n"),
    "null in a patch": pod("nodeSelector: {kubernetes.io/arch: null}\n"),
}


@pytest.mark.parametrize("text", NO_TIES.values(), ids=NO_TIES)
def test_what_lets_every_required_platform_in_is_no_tie(text: str) -> None:
    assert selectors(text) == ()


def test_expressions_of_a_term_must_all_hold_and_each_is_widened() -> None:
    text = affinity(
        "- {key: kubernetes.io/arch, operator: In, values: [amd64]}\n"
        "- {key: beta.kubernetes.io/arch, operator: In, values: [amd64]}\n"
    )
    found = selectors(text)
    assert len(found) == 2
    after = applied(text, [edit for one in found for edit in one.tie.edits])
    assert selectors(after) == ()


def test_a_selector_of_both_keys_goes_as_a_whole() -> None:
    both = "nodeSelector:\n  kubernetes.io/arch: amd64\n  beta.kubernetes.io/arch: amd64\n"
    text = pod(both + "containers: []\n")
    found = selectors(text)
    assert applied(text, [edit for one in found for edit in one.tie.edits]) == pod("containers: []\n")
    (first, second) = selectors(pod("nodeSelector: {kubernetes.io/arch: amd64, beta.kubernetes.io/arch: amd64}\n"))
    assert first.tie.blocked
    assert second.tie.blocked


def test_an_alternative_for_other_platforms_stays() -> None:
    text = affinity("- {key: kubernetes.io/arch, operator: In, values: [amd64]}\n") + " " * 12
    text += "- matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [s390x]}]\n"
    (found,) = selectors(text)
    assert found.tie.value == "amd64"


BLOCKED = {
    "does not exist": affinity("- {key: kubernetes.io/arch, operator: DoesNotExist}\n"),
    "greater": affinity("- {key: kubernetes.io/arch, operator: Gt, values: ['1']}\n"),
    "nothing left": affinity("- {key: kubernetes.io/arch, operator: NotIn, values: [arm64]}\n"),
    "anchor": affinity("- {key: kubernetes.io/arch, operator: In, values: [&a amd64]}\n"),
    "selector behind a dash": "spec:\n- nodeSelector:\n    kubernetes.io/arch: amd64\n",
    "operation": '[{"op": "add", "path": "/spec/nodeSelector/kubernetes.io~1arch", "value": "amd64"}]\n',
    "operation with a mapping": "- op: add\n  path: /spec/nodeSelector\n  value: {kubernetes.io/arch: amd64}\n",
    "escaped": 'kind: ConfigMap\ndata:\n  x: "{\\"nodeSelector\\": {\\"kubernetes.io/arch\\": \\"amd64\\"}}"\n',
}


@pytest.mark.parametrize("text", BLOCKED.values(), ids=BLOCKED)
def test_what_is_not_provably_right_is_refused_with_a_reason(text: str) -> None:
    (found,) = selectors(text)
    assert found.tie.edits == ()
    assert found.tie.blocked


def test_a_patch_is_about_its_target() -> None:
    patch = "spec: {template: {spec: {nodeSelector: {kubernetes.io/arch: amd64}}}}"
    text = f"patches:\n- target: {{kind: Deployment, name: api}}\n  patch: |-\n    a: b\n    {patch}\n"
    (found,) = selectors(text, "base/kustomization.yaml")
    assert (found.kind, found.name) == ("Deployment", "api")


TEMPLATE = """\
{{- if .Values.on }}
kind: Pod
metadata: {name: "{{ .Name }}"}
spec:
  image: {{ .Hub }}/x
  nodeSelector:
    kubernetes.io/arch: amd64
{{- end }}
"""


def test_a_selector_in_a_template_is_told_and_not_edited() -> None:
    (found,) = selectors("kind: ConfigMap\nmetadata: {name: web}\ndata:\n  x: |\n" + textwrap.indent(TEMPLATE, "    "))
    assert (found.tie.value, found.tie.line, found.tie.edits) == ("amd64", 11, ())
    assert (found.tie.blocked or "").startswith("a template")
