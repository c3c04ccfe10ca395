"""Specifications: every key, and every way to get one wrong, told with file, line and key."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.spec import About, Accepted, ChartSpec, Ignored, NamespaceText, Profile, SpecValue, Spot
from buildkit.charts.spec_file import HINT
from buildkit.errors import UsageError
from tests.support.chart_spec import LEAST, VALUE, read


def test_every_key_is_read() -> None:
    found = read("""\
chart:
  name: katib
  description: Tunes parameters
  home: https://example.com
  sources: ["https://example.com/a"]
  keywords: [tuning]
  maintainers: [{name: Someone, url: "https://example.com/b"}]
  kubeVersion: ">=1.30.0-0"
  icon: https://example.com/c.svg
  license: MIT
appVersion: quarry/controller
component: ./applications/katib/
namespace: kubeflow
release: katib
profiles:
  standalone: {path: installs/standalone, description: Alone}
  openshift: {path: installs/openshift, optional: true}
default: standalone
watched: [installs]
ignored: [{path: "installs/*/old", reason: samples}]
crds: chart
values:
  - name: database.host
    kind: string
    description: Where the database is
    sample: db.example.org
    pattern: "[a-z.]+"
    at:
      - {object: apps/Deployment/x, path: "a[name=DB].value"}
      - {object: apps/Deployment/x, path: "a[*].b?"}
      - {object: "**", text: mysql, before: "@", after: ":"}
    omits: [Secret/mysql]
    optional: true
  - {name: debug, kind: boolean, description: Tells more, sample: true, omits: [Service/x]}
namespaceText:
  - {follow: "db.{namespace}", object: ConfigMap/a, path: data.*}
  - {keep: "part-of: {namespace}", reason: a label}
imageNames: {ghcr.io/x/ui: ui, mysql: database}
accepted:
  - {object: "*/ClusterRole/*", path: rules, drop: true, reason: server-side apply, profiles: [openshift]}
  - {object: Secret/x, reason: random}
tested: [katib-controller]
""")
    assert found == ChartSpec(
        about=About(
            name="katib",
            description="Tunes parameters",
            home="https://example.com",
            sources=("https://example.com/a",),
            keywords=("tuning",),
            maintainers=(("Someone", "https://example.com/b"),),
            kube_version=">=1.30.0-0",
            icon="https://example.com/c.svg",
            license="MIT",
        ),
        app_version="docker.io/quarry/controller",
        component="applications/katib",
        namespace="kubeflow",
        release="katib",
        profiles=(
            Profile(name="standalone", path="installs/standalone", description="Alone"),
            Profile(name="openshift", path="installs/openshift", optional=True),
        ),
        default="standalone",
        watched=("installs",),
        ignored=(Ignored(path="installs/*/old", reason="samples"),),
        crds="chart",
        values=(
            SpecValue(
                name="database.host",
                kind="string",
                description="Where the database is",
                sample="db.example.org",
                pattern="[a-z.]+",
                at=(
                    Spot(object="apps/Deployment/x", path="a[name=DB].value"),
                    Spot(object="apps/Deployment/x", path="a[*].b?"),
                    Spot(object="**", text="mysql", before="@", after=":"),
                ),
                omits=("Secret/mysql",),
                optional=True,
                line=23,
            ),
            SpecValue(
                name="debug", kind="boolean", description="Tells more", sample=True, omits=("Service/x",), line=34
            ),
        ),
        namespace_text=(
            NamespaceText(text="db.{namespace}", object="ConfigMap/a", path="data.*", follow=True, line=36),
            NamespaceText(text="part-of: {namespace}", follow=False, reason="a label", line=37),
        ),
        image_names=(("docker.io/library/mysql", "database"), ("ghcr.io/x/ui", "ui")),
        accepted=(
            Accepted(
                object="*/ClusterRole/*",
                path="rules",
                reason="server-side apply",
                drop=True,
                profiles=("openshift",),
                line=40,
            ),
            Accepted(object="Secret/x", path="", reason="random", line=41),
        ),
        tested=("katib-controller",),
        source="spec.yaml",
    )


def test_what_is_left_out_is_as_little_as_can_be() -> None:
    assert read(LEAST) == ChartSpec(
        about=About(name="katib", description="Tunes", home="https://example.com"),
        app_version="ghcr.io/x/controller",
        component="applications/katib",
        namespace="kubeflow",
        release="katib",
        profiles=(Profile(name="standalone", path="installs/standalone"),),
        default="standalone",
        source="spec.yaml",
    )


def test_folders_of_other_releases_stand_behind_the_first() -> None:
    found = read(
        LEAST.replace("installs/standalone", "[applications/x/, ./apps/x]")
        .replace("applications/katib", "[applications/katib, apps/katib]")
        .replace("ghcr.io/x/controller", "[ghcr.io/x/controller, quarry/controller]")
    )
    assert (found.app_version, found.versioned_by) == ("ghcr.io/x/controller", ("docker.io/quarry/controller",))
    assert found.profiles == (Profile(name="standalone", path="applications/x", elsewhere=("apps/x",)),)
    assert found.profiles[0].paths == ("applications/x", "apps/x")
    assert found.components == ("applications/katib", "apps/katib")


def _without(key: str) -> str:
    return "".join(line for line in LEAST.splitlines(keepends=True) if not line.startswith(f"{key}:"))


@pytest.mark.parametrize("key", ["chart", "appVersion", "component", "namespace", "release", "profiles", "default"])
def test_a_key_that_has_to_be_there(key: str) -> None:
    with pytest.raises(UsageError, match=rf"^spec\.yaml:1: {key}: is missing$") as caught:
        read(_without(key))
    assert caught.value.hint == HINT


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: katib", "name: Katib", "1: name: 'Katib' is no DNS label"),
        ("name: katib", f"name: {'a' * 54}", "1: name: is longer than the 53 characters"),
        ("Tunes", '" "', "1: description: must be one line of text"),
        ('"https://example.com"', "http://example.com", "1: home: must be an https"),
        ('"https://example.com"', "https://a:b@example.com", "1: home: must be an https"),
        ('"https://example.com"', '"https://[x"', "1: home: must be an https"),
        ('home: "https://example.com"', 'home: "https://a.b", sources: [x]', "1: sources: must be an https"),
        ('home: "https://example.com"', 'home: "https://a.b", keywords: [a, a]', "1: keywords: a stands there twice"),
        (
            'home: "https://example.com"',
            'home: "https://a.b", kubeVersion: "1;2"',
            "1: kubeVersion: '1;2' is no constr",
        ),
        ('home: "https://example.com"', 'home: "https://a.b", maintainers: [{name: x}]', "1: url: is missing"),
        ('home: "https://example.com"', 'home: "https://a.b", version: 1', "1: version: is no key here"),
        ("ghcr.io/x/controller", "ghcr.io/x/controller:1", "2: appVersion: 'ghcr.io/x/controller:1' has a tag"),
        ("ghcr.io/x/controller", "X/y/Z", "2: appVersion: 'X/y/Z': a repository name must be lower case"),
        ("applications/katib", "/katib", "3: component: '/katib' must be relative"),
        ("applications/katib", ".", "3: component: must be a folder below"),
        ("namespace: kubeflow", "namespace: kube.flow", "4: namespace: 'kube.flow' is no DNS label"),
        ("release: katib", f"release: {'a' * 54}", "5: release: is longer than the 53"),
        ("{standalone:", "{Stand:", "6: profiles: 'Stand' is no DNS label"),
        ("installs/standalone", "../x", "6: path: '../x' leads out of the manifests"),
        ("installs/standalone", "a/*", "6: path: 'a/*' has a character that no path here may have"),
        ("installs/standalone", "[]", "6: path: must name one at least"),
        ("installs/standalone", "[a, ./a]", "6: path: a stands there twice"),
        ("installs/standalone", "[a, /b]", "6: path: '/b' must be relative"),
        ("installs/standalone", "[a, 1]", "6: path: must be a list of texts, numbers and dates in quotes"),
        ("installs/standalone", "{a: b}", "6: path: must be a text that is not empty"),
        ("installs/standalone", f"[{', '.join(f'p{n}' for n in range(17))}]", "6: path: more than 16"),
        ("applications/katib", "[]", "3: component: must name one at least"),
        ("path: installs/standalone", "optional: 1, path: x", "6: optional: must be true or false"),
        ("path: installs/standalone", "optional: true, path: x", "7: default: 'standalone' is optional"),
        ("{standalone: {path: installs/standalone}}", "{}", "6: profiles: must name a profile"),
        ("{standalone: {path: installs/standalone}}", "[a]", "6: profiles: must be a mapping"),
        ("{standalone: {path: installs/standalone}}", "{standalone: x}", "6: expected a mapping of path"),
        (
            "{standalone: {path: installs/standalone}}",
            "{standalone: {path: a}, other: {path: a/}}",
            "6: path: 'a' is the profile 'standalone' already",
        ),
        (
            "{standalone: {path: installs/standalone}}",
            "{standalone: {path: [a, b]}, other: {path: [c, b]}}",
            "6: path: 'b' is the profile 'standalone' already",
        ),
        (
            "{standalone: {path: installs/standalone}}",
            f"{{standalone: {{path: a}}, {', '.join(f'p{n}: {{path: p{n}}}' for n in range(64))}}}",
            "6: profiles: more than 64",
        ),
        ("default: standalone", "default: other", "7: default: 'other' is none of standalone"),
    ],
)
def test_a_wrong_chart_or_profile_is_told_with_its_line(old: str, new: str, says: str) -> None:
    assert LEAST.count(old) == 1
    with pytest.raises(UsageError) as caught:
        read(LEAST.replace(old, new))
    assert str(caught.value).startswith(f"spec.yaml:{says}")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("other: 1", "8: other: is no key here"),
        ("crds: no", "8: crds: 'no' is none of templates, chart"),
        ("crds: both", "8: crds: 'both' is none of templates, chart"),
        ("watched: [a, ./a]", "8: watched: a stands there twice"),
        ("watched: a", "8: watched: must be a list"),
        ("ignored: [{path: a}]", "8: reason: is missing"),
        ('ignored: [{path: a, reason: ""}]', "8: reason: must be a text that is not empty"),
        ("ignored: [{path: a, reason: x}, {path: a, reason: y}]", "8: ignored: a stands there twice"),
        ("ignored: [{path: installs/standalone, reason: x}]", "8: path: 'installs/standalone' is the profile"),
        ("ignored: [{path: ../*, reason: x}]", "8: path: '../*' leads out"),
        ("namespaceText: [{follow: kubeflow}]", "8: follow: must have {namespace} in it, once"),
        ("namespaceText: [{follow: '{namespace}{namespace}'}]", "8: follow: must have {namespace} in it, once"),
        ("namespaceText: [{keep: '{namespace}'}]", "8: reason: is missing"),
        ("namespaceText: [{follow: '{namespace}', reason: x}]", "8: reason: is for what stays"),
        ("namespaceText: [{follow: '{namespace}', keep: '{namespace}'}]", "8: follow: either `follow` or `keep`"),
        ("namespaceText: [{object: '**'}]", "8: keep: either `follow` or `keep`"),
        ("namespaceText: [{follow: '{namespace}', object: x}]", "8: object: 'x' is no glob of objects"),
        ("namespaceText: [{follow: '{namespace}', path: a..b}]", "8: path: 'a..b' is no path"),
        ("namespaceText: [{follow: '{namespace}', path: 'a[b=c].d'}]", "8: path: 'a[b=c].d': an element is not told"),
        ("accepted: [{object: Secret/x, reason: r, path: '**[b=c]'}]", "8: path: '**[b=c]': an element is not told"),
        (
            "namespaceText:\n  - {follow: '{namespace}'}\n  - {keep: '{namespace}', reason: x}",
            "10: keep: '{namespace}' is said in line 9",
        ),
        ("imageNames: {mysql: db, docker.io/library/mysql: other}", "8: imageNames: docker.io/library/mysql stands"),
        ("imageNames: {a: db, b: db}", "8: imageNames: 'db' is the name of docker.io/library/a too"),
        ("imageNames: {a: my-db}", "8: imageNames: 'my-db' is no name of a value"),
        ("imageNames: {a: 1}", "8: imageNames: a: must be a name"),
        ("imageNames: {'a:1': x}", "8: imageNames: 'a:1' has a tag"),
        ("accepted: [{object: Secret/x, path: a}]", "8: reason: is missing"),
        ("accepted: [{object: Secret/x, reason: r, drop: x}]", "8: drop: must be true or false"),
        ("accepted: [{object: Secret/x, reason: r, profiles: [x]}]", "8: profiles: there is no profile 'x'"),
        ("accepted: [{object: Secret/x, reason: r, profiles: []}]", "8: profiles: must name a profile"),
        ("accepted:\n - {object: a/B/c, reason: r}\n - {object: a/B/c, reason: q}", "10: accepted: is what line 9 acc"),
        ("tested: [Katib]", "8: tested: 'Katib' is no DNS label"),
        ("tested: [a, a]", "8: tested: a stands there twice"),
        ("chart: {}", "8: not YAML: found duplicate key"),
        ("x: [", "9: not YAML"),
        ("x: " + "[" * 60, "8: brackets in more than 50 brackets"),
    ],
)
def test_what_else_is_wrong_is_told_with_its_line(more: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(f"{LEAST}{more}\n")
    assert str(caught.value).startswith(f"spec.yaml:{says}")
    assert caught.value.hint == HINT


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "a", "- b", "\0", "a: &x {b: *x}", "\ufeff"])
def test_what_is_no_specification_at_all_is_one_message(text: str) -> None:
    with pytest.raises(UsageError, match=r"^spec\.yaml:[0-9]+: "):
        read(text)


@given(st.text(max_size=60))
def test_whatever_stands_in_the_file_is_read_or_is_one_message(text: str) -> None:
    lines = (LEAST + VALUE).splitlines(keepends=True)
    for at in (0, len(lines) // 2, len(lines)):
        try:
            read("".join([*lines[:at], text, *lines[at:]]))
        except UsageError as error:
            assert str(error).startswith("spec.yaml:")  # noqa: PT017  # most texts are wrong, some comments are not


def test_hostile_files_take_no_time() -> None:
    bomb = "".join(f"    - &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12))
    start = time.monotonic()
    for text in ("[" * 100_000, "{" * 50 + "x: " * 10_000, f"{LEAST}values:\n  - sample:\n{bomb}"):
        with pytest.raises(UsageError):
            read(text)
    with pytest.raises(UsageError, match="sample"):
        read(LEAST + VALUE.replace("sample: db.example.org", f"sample:\n{bomb}"))
    assert time.monotonic() - start < 5
