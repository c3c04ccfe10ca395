"""`$(NAME)` of a container's own variables, as the kubelet puts them in."""

from __future__ import annotations

import time

import pytest

from tests.unit.images.finding import deployment, found

ENV = "{name: HUB, value: r.example.com/a}, {name: TAG, value: '1.2'}"


def parts(more: str) -> list[tuple[str, str, tuple[str, str]]]:
    """Text, how and last part of everything found beside the container's own image."""
    images = found(deployment(f"image: own/image:1\n{more}"))
    return [(one.text, one.how, one.parts[-1]) for one in images if one.how != "pod"]


def test_a_version_in_a_variable_stands_there() -> None:
    (one,) = parts(f"env: [{ENV}]\nargs: ['--image=$(HUB)/x:$(TAG)']")
    assert one == ("r.example.com/a/x:1.2", "argument", ("spec.template.spec.containers[0].env[1].value", "1.2"))


def test_a_version_in_the_argument_stands_there() -> None:
    (one,) = parts(f"env: [{ENV}]\nargs: ['--image=$(HUB)/x:3']")
    last = ("spec.template.spec.containers[0].args[0]", "--image=$(HUB)/x:3")
    assert one == ("r.example.com/a/x:3", "argument", last)


def test_variables_see_those_before_them() -> None:
    assert parts(f"env: [{ENV}, {{name: IMAGE, value: '$(HUB)/x:$(TAG)'}}]")[0][0] == "r.example.com/a/x:1.2"
    assert parts(f"env: [{{name: IMAGE, value: '$(HUB)/x:$(TAG)'}}, {ENV}]") == []


@pytest.mark.parametrize("text", ["$$(HUB)/x:$(TAG)", "$(NONE)/x:1", "$(HUB", "$()"])
def test_what_the_kubelet_leaves_is_no_image(text: str) -> None:
    assert parts(f"env: [{ENV}]\nargs: ['--image={text}']") == []


def test_a_registry_and_a_tag_alone_are_no_image() -> None:
    assert parts(f"env: [{ENV.replace('HUB', 'REGISTRY')}]") == []


def test_variables_that_double_each_other_end() -> None:
    env = "{name: V0, value: aaaaaaaa}" + "".join(
        f", {{name: V{n}, value: '$(V{n - 1})$(V{n - 1})'}}" for n in range(1, 60)
    )
    start = time.monotonic()
    assert parts(f"env: [{env}]\nargs: ['--image=$(V59)/x:1']") == []
    assert time.monotonic() - start < 5
