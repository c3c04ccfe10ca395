"""Planted pairs: two texts, and what must be reported, as `told` writes it; nothing, where they are the same.

`cm` and `pod` write objects, so that a pair shows only what is planted.
"""

from __future__ import annotations

from typing import NamedTuple


class Planted(NamedTuple):
    name: str
    a: str
    b: str
    told: tuple[str, ...] = ()


def cm(data: str = "", name: str = "x", meta: str = "") -> str:
    body = f"data:\n  {data}\n" if data else ""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n" + (f"  {meta}\n" if meta else "") + body


def pod(spec: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: ns}}\nspec:\n  {spec}\n"


def docs(*each: str) -> str:
    return "---\n".join(each)


X, P = "v1/ConfigMap/-/x", "v1/Pod/ns/p"
OLD, NEW = "x-2456789bcd", "x-dcb9876542"
USES = "volumes: [{{name: v, configMap: {{name: {}}}}}]"
ROLE = "apiVersion: {}\nkind: Role\nmetadata: {{name: r}}\n"

METADATA = [
    Planted(
        "a label's value", cm(meta="labels: {a: b}"), cm(meta="labels: {a: c}"), (f'{X} metadata.labels.a: "b" -> "c"',)
    ),
    Planted(
        "a label more",
        cm(meta="labels: {a: b}"),
        cm(meta="labels: {a: b, c: d}"),
        (f'{X} metadata.labels.c: absent -> "d"',),
    ),
    Planted("all labels gone", cm(meta="labels: {a: b}"), cm(), (f'{X} metadata.labels: {{"a": "b"}} -> absent',)),
    Planted(
        "helm's own labels",
        cm(),
        cm(meta="labels: {app.kubernetes.io/managed-by: Helm}"),
        (f'{X} metadata.labels: absent -> {{"app.kubernetes.io/managed-by": "Helm"}}',),
    ),
    Planted(
        "an annotation",
        cm(meta="annotations: {a.b/c: x}"),
        cm(meta="annotations: {a.b/c: z}"),
        (f'{X} metadata.annotations["a.b/c"]: "x" -> "z"',),
    ),
    Planted(
        "a hook",
        cm(),
        cm(meta="annotations: {helm.sh/hook: pre-install}"),
        (f'{X} metadata.annotations: absent -> {{"helm.sh/hook": "pre-install"}}',),
    ),
    Planted("empty annotations", cm(), cm(meta="annotations: {}"), (f"{X} metadata.annotations: absent -> {{}}",)),
    Planted("null annotations", cm(), cm(meta="annotations:"), (f"{X} metadata.annotations: absent -> null",)),
    Planted(
        "creationTimestamp: null",
        cm(),
        cm(meta="creationTimestamp: null"),
        (f"{X} metadata.creationTimestamp: absent -> null",),
    ),
    Planted("an empty namespace", cm(), cm(meta="namespace: ''"), (f'{X} metadata.namespace: absent -> ""',)),
    Planted("status: {}", cm(), cm() + "status: {}\n", (f"{X} status: absent -> {{}}",)),
]

IDENTITY = [
    Planted("missing", docs(cm(), cm(name="z")), cm(), ("only_a v1/ConfigMap/-/z",)),
    Planted("extra", cm(), docs(cm(), cm(name="z")), ("only_b v1/ConfigMap/-/z",)),
    Planted(
        "another namespace",
        cm(meta="namespace: m"),
        cm(meta="namespace: ns"),
        ("only_a v1/ConfigMap/m/x", "only_b v1/ConfigMap/ns/x"),
    ),
    Planted(
        "default is a namespace", cm(), cm(meta="namespace: default"), (f"only_a {X}", "only_b v1/ConfigMap/default/x")
    ),
    Planted(
        "another group", ROLE.format("a/v1"), ROLE.format("b/v1"), ("only_a a/v1/Role/-/r", "only_b b/v1/Role/-/r")
    ),
    Planted(
        "the same kind and name in two groups",
        docs(ROLE.format("a/v1"), ROLE.format("b/v1")),
        docs(ROLE.format("b/v1"), ROLE.format("a/v1")),
    ),
    Planted(
        "another version", ROLE.format("a/v1"), ROLE.format("a/v2"), ('a/v1/Role/-/r apiVersion: "a/v1" -> "a/v2"',)
    ),
    Planted("another kind", cm(), cm().replace("ConfigMap", "Secret"), (f"only_a {X}", "only_b v1/Secret/-/x")),
    Planted("another name", cm(), cm(name="z"), (f"only_a {X}", "only_b v1/ConfigMap/-/z")),
    Planted("a name in another case", cm(), cm(name="X"), (f"only_a {X}", "only_b v1/ConfigMap/-/X")),
    Planted(
        "generateName",
        cm().replace("name:", "generateName:"),
        cm(),
        (f'{X} metadata.generateName: "x" -> absent', f'{X} metadata.name: absent -> "x"'),
    ),
    Planted("a name that is a number", cm(name="5"), cm(name="'5'"), ('v1/ConfigMap/-/5 metadata.name: 5 -> "5"',)),
    Planted("duplicates in A", docs(cm(), cm()), cm(), (f"duplicate {X}", f"only_a {X}")),
    Planted("duplicates in B", cm(), docs(cm(), cm()), (f"duplicate {X}", f"only_b {X}")),
    Planted("the same duplicates on both sides", docs(cm(), cm()), docs(cm(), cm()), (f"duplicate {X}",)),
    Planted(
        "duplicates compared in order",
        docs(cm("a: b"), cm("a: c")),
        docs(cm("a: b"), cm("a: d")),
        (f"duplicate {X}", f'{X} data.a: "c" -> "d"'),
    ),
    Planted(
        "duplicates in two versions",
        docs(ROLE.format("a/v1"), ROLE.format("a/v2")),
        ROLE.format("a/v1"),
        ("duplicate a/v1/Role/-/r", "only_a a/v2/Role/-/r"),
    ),
]

RENAMED = [
    Planted(
        "a suffix and nothing else",
        cm(name=OLD),
        cm(name=NEW),
        (
            f"renamed v1/ConfigMap/-/{OLD} v1/ConfigMap/-/{NEW}",
            f"only_a v1/ConfigMap/-/{OLD}",
            f"only_b v1/ConfigMap/-/{NEW}",
        ),
    ),
    Planted(
        "a suffix and what it stands for",
        cm("a: b", name=OLD),
        cm("a: c", name=NEW),
        (
            f"renamed v1/ConfigMap/-/{OLD} v1/ConfigMap/-/{NEW}",
            f"only_a v1/ConfigMap/-/{OLD}",
            f"only_b v1/ConfigMap/-/{NEW}",
            f'v1/ConfigMap/-/{OLD} data.a: "b" -> "c"',
        ),
    ),
    Planted(
        "a suffix with its reference",
        docs(cm(name=OLD), pod(USES.format(OLD))),
        docs(cm(name=NEW), pod(USES.format(NEW))),
        (
            f"renamed v1/ConfigMap/-/{OLD} v1/ConfigMap/-/{NEW}",
            f"only_a v1/ConfigMap/-/{OLD}",
            f"only_b v1/ConfigMap/-/{NEW}",
            f'{P} spec.volumes[0].configMap.name: "{OLD}" -> "{NEW}"',
        ),
    ),
    Planted(
        "a suffix without its reference",
        docs(cm(name=OLD), pod(USES.format(OLD))),
        docs(cm(name=NEW), pod(USES.format(OLD))),
        (
            f"renamed v1/ConfigMap/-/{OLD} v1/ConfigMap/-/{NEW}",
            f"only_a v1/ConfigMap/-/{OLD}",
            f"only_b v1/ConfigMap/-/{NEW}",
        ),
    ),
    Planted(
        "a reference without its object",
        docs(cm(name=OLD), pod(USES.format(OLD))),
        docs(cm(name=OLD), pod(USES.format(NEW))),
        (f'{P} spec.volumes[0].configMap.name: "{OLD}" -> "{NEW}"',),
    ),
    Planted(
        "a suffix on one side only",
        cm(),
        cm(name=NEW),
        (f"renamed {X} v1/ConfigMap/-/{NEW}", f"only_a {X}", f"only_b v1/ConfigMap/-/{NEW}"),
    ),
    Planted(
        "ten letters that kustomize never writes",
        cm(name="x-controller"),
        cm(name="x-aaaaaaaaaa"),
        ("only_a v1/ConfigMap/-/x-controller", "only_b v1/ConfigMap/-/x-aaaaaaaaaa"),
    ),
    Planted(
        "two candidates",
        docs(cm(name=OLD), cm(name="x-tttttttttt")),
        cm(name=NEW),
        (f"only_a v1/ConfigMap/-/{OLD}", "only_a v1/ConfigMap/-/x-tttttttttt", f"only_b v1/ConfigMap/-/{NEW}"),
    ),
    Planted(
        "a suffix of another tool's letters, on what gets one unasked",
        cm(name="x-abcdef0123"),
        cm(name="x-0123456789"),
        (
            "renamed v1/ConfigMap/-/x-abcdef0123 v1/ConfigMap/-/x-0123456789",
            "only_a v1/ConfigMap/-/x-abcdef0123",
            "only_b v1/ConfigMap/-/x-0123456789",
        ),
    ),
    Planted(
        "a word of ten letters is no suffix",
        cm(name="x-controller"),
        cm(name="x-deployment"),
        ("only_a v1/ConfigMap/-/x-controller", "only_b v1/ConfigMap/-/x-deployment"),
    ),
    Planted(
        "a suffix in another namespace",
        cm(name=OLD, meta="namespace: m"),
        cm(name=NEW, meta="namespace: ns"),
        (f"only_a v1/ConfigMap/m/{OLD}", f"only_b v1/ConfigMap/ns/{NEW}"),
    ),
]

VALUES = [
    Planted(
        "emptyDir: {} gone",
        pod("volumes: [{name: v, emptyDir: {}}]"),
        pod("volumes: [{name: v}]"),
        (f"{P} spec.volumes[0].emptyDir: {{}} -> absent",),
    ),
    Planted(
        "emptyDir: {} to null",
        pod("volumes: [{name: v, emptyDir: {}}]"),
        pod("volumes: [{name: v, emptyDir: }]"),
        (f"{P} spec.volumes[0].emptyDir: {{}} -> null",),
    ),
    Planted("null and absent", cm("a:"), cm("b: x").replace("  b: x\n", "  {}\n"), (f"{X} data.a: null -> absent",)),
    Planted("null and an empty string", cm("a:"), cm("a: ''"), (f'{X} data.a: null -> ""',)),
    Planted(
        "an empty list and an empty map",
        pod("tolerations: []"),
        pod("tolerations: {}"),
        (f"{P} spec.tolerations: [] -> {{}}",),
    ),
    Planted("an empty list gone", pod("{a: [], b: 1}"), pod("{b: 1}"), (f"{P} spec.a: [] -> absent",)),
    Planted("a number and text", pod("x: 1"), pod("x: '1'"), (f'{P} spec.x: 1 -> "1"',)),
    Planted("a boolean and text", pod("x: true"), pod("x: 'true'"), (f'{P} spec.x: true -> "true"',)),
    Planted("a boolean and a number", pod("x: true"), pod("x: 1"), (f"{P} spec.x: true -> 1",)),
    Planted("false and 0", pod("x: 0"), pod("x: false"), (f"{P} spec.x: 0 -> false",)),
    Planted("null and text", pod("x: null"), pod("x: 'null'"), (f'{P} spec.x: null -> "null"',)),
    Planted("yes is true", pod("x: yes"), pod("x: true")),
    Planted("yes quoted is text", pod("x: 'yes'"), pod("x: yes"), (f'{P} spec.x: "yes" -> true',)),
    Planted("1 and 1.0 are one number", pod("x: 1"), pod("x: 1.0")),
    Planted("1000 and 1e3 are one number", pod("x: 1000"), pod("x: 1e3")),
    Planted("1.10 and 1.1 are one number", pod("x: 1.10"), pod("x: 1.1")),
    Planted("but not as text", pod("x: '1.10'"), pod("x: '1.1'"), (f'{P} spec.x: "1.10" -> "1.1"',)),
    Planted("0644 is octal", pod("x: 0644"), pod("x: 420")),
    Planted("0644 and 644", pod("x: 0644"), pod("x: 644"), (f"{P} spec.x: 420 -> 644",)),
    Planted(
        "big integers to the last digit",
        pod("x: 9007199254740993"),
        pod("x: 9007199254740992"),
        (f"{P} spec.x: 9007199254740993 -> 9007199254740992",),
    ),
    Planted("a date is text", pod("x: 2001-01-01"), pod("x: '2001-01-01'")),
    Planted("a map and a list", pod("x: {a: 1}"), pod("x: [1]"), (f'{P} spec.x: {{"a": 1}} -> [1]',)),
    Planted("blanks at the end of a string", cm("a: 'x'"), cm("a: 'x '"), (f'{X} data.a: "x" -> "x "',)),
    Planted("blanks inside a string", cm("a: x y"), cm("a: 'x  y'"), (f'{X} data.a: "x y" -> "x  y"',)),
    Planted("a tab for a blank", cm('a: "x y"'), cm('a: "x\\ty"'), (f'{X} data.a: "x y" -> "x\\ty"',)),
    Planted("a trailing newline", cm("a: |-\n    x"), cm("a: |\n    x"), (f'{X} data.a: "x" -> "x\\n"',)),
    Planted("two trailing newlines", cm("a: |\n    x"), cm("a: |+\n    x\n"), (f'{X} data.a: "x\\n" -> "x\\n\\n"',)),
    Planted(
        "trailing blanks in a block",
        cm("a: |\n    x\n    y"),
        cm("a: |\n    x \n    y"),
        (f'{X} data.a: "x\\ny\\n" -> "x \\ny\\n"',),
    ),
    Planted("a line break inside text", cm('a: "x\\r\\ny"'), cm('a: "x\\ny"'), (f'{X} data.a: "x\\r\\ny" -> "x\\ny"',)),
    Planted(
        "composed and decomposed letters", cm("a: \u00e9"), cm("a: e\u0301"), (f'{X} data.a: "\u00e9" -> "e\u0301"',)
    ),
    Planted(
        "a key in another case", cm("a: x"), cm("A: x"), (f'{X} data.A: absent -> "x"', f'{X} data.a: "x" -> absent')
    ),
]

LISTS = [
    Planted(
        "order in a list",
        pod("args: [a, b]"),
        pod("args: [b, a]"),
        (f'{P} spec.args[0]: "a" -> "b"', f'{P} spec.args[1]: "b" -> "a"'),
    ),
    Planted("one more at the end", pod("args: [a]"), pod("args: [a, b]"), (f'{P} spec.args[1]: absent -> "b"',)),
    Planted("one more in front", pod("args: [b, c]"), pod("args: [a, b, c]"), (f'{P} spec.args[0]: absent -> "a"',)),
    Planted("one gone between", pod("args: [a, b, c]"), pod("args: [a, c]"), (f'{P} spec.args[1]: "b" -> absent',)),
    Planted("twice the same", pod("args: [a, a]"), pod("args: [a]"), (f'{P} spec.args[1]: "a" -> absent',)),
    Planted(
        "elements paired by name",
        pod("containers: [{name: a, image: x}, {name: b}, {name: c, image: w}]"),
        pod("containers: [{name: a, image: z}, {name: c, image: w, tty: true}]"),
        (
            f'{P} spec.containers[0].image: "x" -> "z"',
            f'{P} spec.containers[1]: {{"name": "b"}} -> absent',
            f"{P} spec.containers[2].tty: absent -> true",
        ),
    ),
    Planted(
        "another order and another length",
        pod("env: [{name: a}, {name: b}, {name: c}]"),
        pod("env: [{name: b}, {name: a}]"),
        (
            f'{P} spec.env[0].name: "a" -> "b"',
            f'{P} spec.env[1].name: "b" -> "a"',
            f'{P} spec.env[2]: {{"name": "c"}} -> absent',
        ),
    ),
    Planted("a list in a list", pod("x: [[1, 2], [3]]"), pod("x: [[1, 2], [4]]"), (f"{P} spec.x[1][0]: 3 -> 4",)),
]

SAME = [
    Planted("order of documents", docs(cm(), cm(name="z")), docs(cm(name="z"), cm())),
    Planted("order of keys", pod("{a: 1, b: 2}"), pod("{b: 2, a: 1}")),
    Planted("block and flow style", pod("x: [1, {a: b}]"), pod("x:\n  - 1\n  - a: b")),
    Planted("indented and not indented lists", pod("x:\n  - 1"), pod("x:\n    - 1")),
    Planted("quoting", cm("a: x"), cm("'a': \"x\"")),
    Planted("escapes", cm('a: "\\u0041\\x42"'), cm("a: AB")),
    Planted("literal and quoted", cm("a: |\n    x\n    y"), cm('a: "x\\ny\\n"')),
    Planted("folded and plain", cm("a: >-\n    x\n    y"), cm("a: x\n    y")),
    Planted("comments", cm("a: x # why"), "# head\n" + cm("a: x")),
    Planted("anchors and aliases", pod("{a: &x {k: v}, b: *x}"), pod("{a: {k: v}, b: {k: v}}")),
    Planted("merge keys", pod("{a: &x {k: v}, b: {<<: *x, l: w}}"), pod("{a: {k: v}, b: {k: v, l: w}}")),
    Planted("line endings", cm("a: |\n    x\n    y"), cm("a: |\n    x\n    y").replace("\n", "\r\n")),
    Planted("a byte order mark", cm(), "\ufeff" + cm()),
    Planted("document marks", cm(), f"---\n{cm()}...\n---\n"),
    Planted(
        "empty documents", docs(cm(), cm(name="z")), docs("# only a comment\n", cm(), "\n", "null\n", cm(name="z"))
    ),
    Planted("JSON", cm("a: x"), '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"x"}}'),
    Planted("a tag that says what it is anyway", cm("a: !!str 5"), cm("a: '5'")),
    Planted(
        "a List",
        docs(cm(), cm(name="z")),
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: ConfigMap, metadata: {name: z}}\n"
        "- {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}",
    ),
    Planted("a typed list", cm(), "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: x}"),
    Planted(
        "a List in a List",
        cm(),
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}]}",
    ),
    Planted(
        "an empty List", cm(), docs(cm(), "apiVersion: v1\nkind: List\n", "apiVersion: v1\nkind: List\nitems: []\n")
    ),
    Planted("nothing at all", "", "# nothing\n---\n"),
]

PLANTED = (*METADATA, *IDENTITY, *RENAMED, *VALUES, *LISTS, *SAME)
