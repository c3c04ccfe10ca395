"""Catalogues: every key, and every way to get one wrong, told with file, line and key."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.builds.catalogue import HINT, parse_catalogue
from buildkit.builds.component import Catalogue, Component, Ignored, KnownLimit, Source, Target
from buildkit.errors import UsageError
from buildkit.model.platform import parse_platform
from tests.support.tools import ROOT

AMD64 = Target(platform=parse_platform("linux/amd64"), runner="ubuntu-24.04")
ARM64 = Target(platform=parse_platform("linux/arm64"), runner="ubuntu-24.04-arm")
S390X = parse_platform("linux/s390x")


def read(text: str) -> Catalogue:
    return parse_catalogue(text, "b.yaml")


def one(rest: str) -> str:
    """A catalogue of one component; what is given begins on line 4."""
    return f"components:\n  - name: a\n    image: ghcr.io/x/a\n{rest}"


def test_every_key_is_read() -> None:
    found = read("""\
defaults:
  platforms: [linux/amd64, {platform: linux/arm64, runner: own-arm}]
  labels: {org.opencontainers.image.vendor: Quarry}
sources:
  katib:
    repository: kubeflow/katib
    branch: master
    ref: "v{version}"
    ignored:
      - {dockerfile: "examples/**", reason: samples}
components:
  - name: katib-ui
    image: ghcr.io/kubeflow/katib/katib-ui
    tag: "{version}-ui"
    source: katib
    context: ./cmd//ui/
    dockerfile: cmd/ui/Dockerfile
    target: Final
    args: {Z: "{registry}/a:{version}", A: "", C: "{revision}"}
    platforms: [{platform: linux/s390x, runner: mainframe}, linux/arm64/v8, linux/amd64]
    labels: {b: "{version}", org.opencontainers.image.vendor: Other}
    smoke: ["", --help]
    limits:
      - {platform: linux/s390x, reason: no wheel, link: "https://example.com/1"}
  - name: other
    image: agent
    needs: [katib-ui]
""")
    katib = Source(repository="kubeflow/katib", branch="master", ref="v{version}")
    own = Target(platform=ARM64.platform, runner="own-arm")
    assert found == Catalogue(
        file="b.yaml",
        components=(
            Component(
                name="katib-ui",
                image="ghcr.io/kubeflow/katib/katib-ui",
                tag="{version}-ui",
                source=katib,
                context="cmd/ui",
                dockerfile="cmd/ui/Dockerfile",
                target="Final",
                args=(("A", ""), ("C", "{revision}"), ("Z", "{registry}/a:{version}")),
                targets=(AMD64, own),
                labels=(("b", "{version}"), ("org.opencontainers.image.vendor", "Other")),
                smoke=("", "--help"),
                limits=(KnownLimit(platform=S390X, reason="no wheel", link="https://example.com/1"),),
                file="b.yaml",
                line=12,
            ),
            Component(
                name="other",
                image="docker.io/library/agent",
                source=Source(directory="."),
                targets=(AMD64, own),
                labels=(("org.opencontainers.image.vendor", "Quarry"),),
                needs=("katib-ui",),
                file="b.yaml",
                line=25,
            ),
        ),
        ignored=(Ignored(source=katib, dockerfile="examples/**", reason="samples", line=10),),
    )


def test_what_is_left_out_is_both_platforms_on_githubs_runners_from_the_catalogues_folder() -> None:
    (found,) = read(one("")).components
    assert found == Component(
        name="a", image="ghcr.io/x/a", source=Source(directory="."), targets=(AMD64, ARM64), file="b.yaml", line=2
    )


def test_a_source_may_stand_in_its_component() -> None:
    inline = read(one("    source: {repository: 'https://git.example/x/y'}\n")).components[0].source
    assert inline == Source(repository="https://git.example/x/y")
    assert read(one("    source: {directory: ../apps/./a}\n")).components[0].source == Source(directory="../apps/a")


def test_a_platform_that_cannot_be_built_is_none_of_the_targets() -> None:
    limit = "    limits: [{platform: linux/arm64, reason: x, link: 'https://example.com/1'}]\n"
    (found,) = read(one(limit)).components
    assert found.targets == (AMD64,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "b.yaml:1: components: is missing"),
        ("[]\n", "b.yaml:1: expected a mapping of defaults, sources, components"),
        ("components: {}\n", "b.yaml:1: components: must be a list"),
        ("components: []\n", "b.yaml:1: components: must name a component"),
        ("components: [a]\n", "b.yaml:1: expected a mapping of name, image, tag"),
        ("component: []\n", "b.yaml:1: component: is no key here; known: defaults, sources, components"),
        ("components:\n  - image: a\n", "b.yaml:2: name: is missing"),
        ("components:\n  - name: a\n", "b.yaml:2: image: is missing"),
        ("components:\n  - name: 7\n    image: a\n", "b.yaml:2: name: must be a text that is not empty"),
        ("components:\n  - name: a/b\n    image: a\n", "b.yaml:2: name: 'a/b' is no name"),
        ("components:\n  - name: -a\n    image: a\n", "b.yaml:2: name: '-a' is no name"),
        (one("    platform: x\n"), "b.yaml:4: platform: is no key here"),
        (
            "components:\n  - name: a\n    image: ghcr.io/x/a:1\n",
            "b.yaml:3: image: 'ghcr.io/x/a:1' has a tag or a digest",
        ),
        (
            "components:\n  - name: a\n    image: ghcr.io/A\n",
            "b.yaml:3: image: 'ghcr.io/A': a repository name must be lower case",
        ),
        (one("    tag: v1\n"), "b.yaml:4: tag: must have {version} in it"),
        (
            one("    tag: '{version}-{revision}'\n"),
            "b.yaml:4: tag: {revision} stands for nothing here; known: {version}",
        ),
        (one("    tag: '-{version}'\n"), "b.yaml:4: tag: '-{version}' makes no tag"),
        (one("    tag: '{version}+x'\n"), "b.yaml:4: tag: '{version}+x' makes no tag"),
        (one("    source: katib\n"), "b.yaml:4: source: there is no 'katib' in `sources`"),
        (one("    source: {}\n"), "b.yaml:4: source: is either a repository or a directory"),
        (
            one("    source: {repository: a/b, directory: c}\n"),
            "b.yaml:4: source: is either a repository or a directory",
        ),
        (one("    source: {directory: c, ref: main}\n"), "b.yaml:4: ref: is of a repository"),
        (one("    source: {directory: /etc}\n"), "b.yaml:4: directory: '/etc' must be relative"),
        (one("    source: {directory: a/../../b}\n"), "b.yaml:4: directory: 'a/../../b' leads out of the source"),
        (one("    source: {repository: kubeflow}\n"), "b.yaml:4: repository: is neither OWNER/REPO nor"),
        (one("    source: {repository: a/..}\n"), "b.yaml:4: repository: is neither OWNER/REPO nor"),
        (one("    source: {repository: 'http://a/b'}\n"), "b.yaml:4: repository: is neither OWNER/REPO nor"),
        (one("    source: {repository: 'https://u:secret@a/b'}\n"), "b.yaml:4: repository: is neither OWNER/REPO nor"),
        (one("    source: {repository: 'https://[a/b'}\n"), "b.yaml:4: repository: is neither OWNER/REPO nor"),
        (one("    source: {repository: a/b, ref: --upload-pack=x}\n"), "b.yaml:4: ref: '--upload-pack=x' is no branch"),
        (one("    source: {repository: a/b, ref: 'a:b'}\n"), "b.yaml:4: ref: 'a:b' is no branch"),
        (
            one("    source: {repository: a/b, ref: 'v{registry}'}\n"),
            "b.yaml:4: ref: {registry} stands for nothing here",
        ),
        (one("    context: ../x\n"), "b.yaml:4: context: '../x' leads out of the source"),
        (one("    context: /x\n"), "b.yaml:4: context: '/x' must be relative to the source"),
        (one("    context: 'a#b'\n"), "b.yaml:4: context: 'a#b' has a character that no path here may have"),
        (one('    context: "a\\tb"\n'), "b.yaml:4: context: 'a\tb' has a character"),
        (one("    dockerfile: x/../../y\n"), "b.yaml:4: dockerfile: 'x/../../y' leads out of the source"),
        (one("    target: 'a b'\n"), "b.yaml:4: target: 'a b' is no name"),
        (one("    args: [A]\n"), "b.yaml:4: args: must be a mapping"),
        (one("    args:\n      A: 1\n"), "b.yaml:5: args.A: must be a text, numbers and dates in quotes"),
        (one("    args:\n      A:\n"), "b.yaml:5: args.A: must be a text, numbers and dates in quotes"),
        (one("    args: {1: b}\n"), "b.yaml:4: args: '1' is no name of a build argument"),
        (one("    args: {TARGETARCH: arm64}\n"), "b.yaml:4: args: 'TARGETARCH' is set by the builder"),
        (one("    args: {A: '{verison}'}\n"), "b.yaml:4: args.A: {verison} stands for nothing here; known: {version}"),
        (one('    args: {A: "a\\0b"}\n'), "b.yaml:4: args.A: is too long, or has control characters"),
        (one("    platforms: []\n"), "b.yaml:4: platforms: must name a platform, such as linux/arm64"),
        (one("    platforms: linux/arm64\n"), "b.yaml:4: platforms: must be a list"),
        (one("    platforms:\n      - linux/amd64\n      - arm64\n"), "b.yaml:6: platforms: 'arm64' is no platform"),
        (one("    platforms: [linux/arm64, linux/arm64/v8]\n"), "b.yaml:4: platforms: linux/arm64 stands there twice"),
        (one("    platforms: [{platform: linux/arm64}]\n"), "b.yaml:4: runner: is missing"),
        (one("    platforms: [{platform: x, runner: y}]\n"), "b.yaml:4: platform: 'x' is no platform"),
        (one("    platforms: [{platform: linux/arm64, runner: 'a b'}]\n"), "b.yaml:4: runner: 'a b' is no label"),
        (one("    labels: {'a b': c}\n"), "b.yaml:4: labels: 'a b' is no name of a label"),
        (
            one("    labels: {org.opencontainers.image.revision: c}\n"),
            "b.yaml:4: labels: 'org.opencontainers.image.revision' is set by the plan",
        ),
        (one("    smoke: /a\n"), "b.yaml:4: smoke: must be a list"),
        (one("    smoke: []\n"), "b.yaml:4: smoke: must be a command"),
        (one("    smoke: ['']\n"), "b.yaml:4: smoke: must be a command"),
        (one("    smoke: [a, '']\n"), "b.yaml:4: smoke: must be a list of texts"),
        (one("    smoke: [sleep, 1]\n"), "b.yaml:4: smoke: must be a list of texts, numbers in quotes"),
        (one("    limits:\n      - platform: linux/arm64\n        reason: x\n"), "b.yaml:5: link: is missing"),
        (
            one("    limits: [{platform: linux/arm64, reason: x, link: 'http://a/b'}]\n"),
            "b.yaml:4: link: 'http://a/b' is no https:// address",
        ),
        (
            one("    limits: [{platform: linux/arm64, reason: x, link: 'javascript:alert(1)'}]\n"),
            "b.yaml:4: link: 'javascript:alert(1)' is no https:// address",
        ),
        (one("    needs: [b]\n"), "b.yaml:2: needs: no component called 'b' stands before this one"),
        (one("    needs: [a]\n"), "b.yaml:2: needs: no component called 'a' stands before this one"),
        (one("  - name: A\n    image: b\n"), "b.yaml:4: name: 'A' is the name of line 2's component too"),
        (one("  - name: b\n    image: ghcr.io/x/a\n"), "b.yaml:4: image: 'ghcr.io/x/a' is a's too; a `tag` of its own"),
        (
            one("    platforms: [linux/amd64]\n  - name: b\n    image: b\n    needs: [a]\n"),
            "b.yaml:5: needs: 'a' is not built for linux/arm64",
        ),
        ("sources: [a]\n" + one(""), "b.yaml:1: sources: must be a mapping"),
        ("sources:\n  a b: {directory: x}\n" + one(""), "b.yaml:2: sources: 'a b' is no name"),
        ("sources:\n  a:\n" + one(""), "b.yaml:2: expected a mapping of repository, branch, ref, directory, ignored"),
        (
            "sources:\n  a:\n    directory: x\n    ignored: [{dockerfile: ../x, reason: y}]\n" + one(""),
            "b.yaml:4: dockerfile: '../x' leads out of the source",
        ),
        ("defaults: []\n" + one(""), "b.yaml:1: expected a mapping of platforms, labels"),
        ("defaults: {platforms: []}\n" + one(""), "b.yaml:1: platforms: must name a platform"),
        ("a: b\ncomponents: " + "[" * 100_000, "b.yaml:2: brackets in more than 50 brackets"),
        ("components: !!python/object/apply:os.system [ls]\n", "b.yaml:1: expected a mapping of name, image"),
        ("components:\n\t- a\n", "b.yaml:2: not YAML"),
        ("components: []\ncomponents: []\n", "b.yaml:2: not YAML: found duplicate key"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert str(caught.value).startswith(says)
    assert caught.value.hint == HINT


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        read(one("    source: {repository: 'https://u:secret@a/b'}\n"))
    assert "secret" not in str(caught.value)


def test_what_is_misspelt_is_guessed() -> None:
    with pytest.raises(UsageError, match="did you mean katib"):
        read("sources:\n  katib: {directory: x}\n" + one("    source: katb\n"))


def test_two_components_share_an_image_where_their_tags_differ() -> None:
    found = read(one("  - name: gpu\n    image: ghcr.io/x/a\n    tag: '{version}-gpu'\n"))
    assert [each.tag for each in found.components] == ["{version}", "{version}-gpu"]


@pytest.mark.parametrize(
    "value", ["${X:-y}", "${x}", "{}", '{"a": 1}', "{{version}}", "%{x}", "{Version}", "all=-N -l", "a\nb", "é"]
)
def test_braces_that_name_nothing_of_ours_are_left_alone(value: str) -> None:
    text = one(f"    args:\n      A: {value!r}\n" if "\n" not in value else '    args:\n      A: "a\\nb"\n')
    assert read(text).components[0].args == (("A", value),)


def test_a_block_and_a_date_are_texts() -> None:
    (found,) = read(
        one("    args:\n      A: |\n        x\n        y\n      B: 2026-01-02\n    smoke: [2026-01-02]\n")
    ).components
    assert found.args == (("A", "x\ny\n"), ("B", "2026-01-02"))
    assert {type(value) for _, value in found.args} | {type(word) for word in found.smoke} == {str}


def test_more_components_than_anyone_has_are_refused() -> None:
    many = "".join(f"  - name: c{number}\n    image: c{number}\n" for number in range(1001))
    with pytest.raises(UsageError, match="more than 1000"):
        read(f"components:\n{many}")


KEYS = ["components", "sources", "defaults", "name", "image", "source", "args", "platforms", "limits", "smoke", "needs"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["a", "linux/arm64", "x/y"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def complaint(text: str) -> str | None:
    """What is wrong; None where nothing is."""
    try:
        read(text)
    except UsageError as error:
        return str(error)
    return None


@given(VALUES)
def test_whatever_stands_there_a_wrong_file_is_one_message(value: object) -> None:
    flow = json.dumps(value)  # JSON is YAML
    for text in (flow, json.dumps({"components": [value]}), one(f"    args: {flow}\n"), one(f"    limits: {flow}\n")):
        assert (complaint(text) or "b.yaml:").startswith("b.yaml:")


@given(st.text())
def test_whatever_the_text_a_wrong_file_is_one_message(text: str) -> None:
    for whole in (text, one(f"    {text}\n")):
        assert (complaint(whole) or "b.yaml:").startswith("b.yaml:")


def test_the_built_in_catalogue_is_right() -> None:
    text = files("buildkit").joinpath("data", "builds.yaml").read_text("utf-8")
    found = parse_catalogue(text, "builds.yaml")
    assert len(found.components) > 100
    for each in found.components:
        assert each.source.repository is not None
        assert AMD64 in each.targets
        # What is not built for arm64 has to say why.
        assert ARM64 in each.targets or any(limit.platform == ARM64.platform for limit in each.limits), each.name


def test_the_samples_catalogue_is_right() -> None:
    file = ROOT / "examples" / "builds.yaml"
    found = parse_catalogue(file.read_text("utf-8"), "examples/builds.yaml")
    assert [each.name for each in found.components] == ["console", "runs", "serving", "agent"]
    assert all(each.smoke and not each.limits for each in found.components)


@pytest.mark.parametrize("page", ["reference/catalogue.md", "how-to/build-a-release.md"])
def test_the_example_in_the_documentation_is_right(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    assert read(example).components
