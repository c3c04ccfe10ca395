"""Wishes become new texts: only the characters of references change, and nobody loses what is shared."""

from __future__ import annotations

import base64
import itertools
import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.compare.objects import Text, read_objects
from buildkit.model.reference import parse_reference
from buildkit.overlay.edits import edit
from buildkit.overlay.mirror import parse_mirror
from buildkit.overlay.plan import Asked, plan_wishes
from buildkit.overlay.spots import find_spots
from buildkit.overlay.substitutions import Substitution
from tests.unit.images.finding import config_map, custom, deployment, found

if TYPE_CHECKING:
    from collections.abc import Mapping

M = parse_mirror("m.example/kf")


def edited(asked: Asked, *documents: str) -> tuple[dict[str, str], list[str]]:
    """New texts by path, and why others are not reached."""
    # To Kubernetes a bare `n` is false.
    documents = tuple(textwrap.dedent(one).strip("\n").replace("namespace: n}", "namespace: ns}") for one in documents)
    text = "\n---\n".join(documents) + "\n"
    bodies: Mapping[str, object] = {str(one.id): one.body for one in read_objects(Text("render", text))}
    planned = plan_wishes(found(*documents), asked)
    done = edit(bodies, planned.wishes, planned.kept)  # type: ignore[arg-type]
    return {one.path: str(one.new) for one in done.operations}, [why for _, why in done.failed]


def mirrored(*documents: str) -> dict[str, str]:
    texts, failed = edited(Asked(mirror=M), *documents)
    assert not failed
    return texts


def test_a_bare_word_changes_where_it_is_the_image_and_nowhere_else() -> None:
    text = mirrored(config_map(x__yaml="name: nginx\nimage: nginx\n# nginx\ncommand: [nginx]"))['data["x.yaml"]']
    assert text == "name: nginx\nimage: m.example/kf/docker.io/library/nginx\n# nginx\ncommand: [nginx]"


def test_a_longer_reference_that_begins_alike_stays() -> None:
    text = mirrored(config_map(x__yaml="a_image: quay.io/a/b:1\nnote: quay.io/a/b:1.2 and quay.io/a/b:1-rc"))
    assert text == {'data["x.yaml"]': "a_image: m.example/kf/quay.io/a/b:1\nnote: quay.io/a/b:1.2 and quay.io/a/b:1-rc"}


def test_a_template_changes_by_its_lines() -> None:
    body = "{{- if .on }}\nimage: {{ .x }}\n{{- end }}\nother_image: quay.io/a/b:1\n"
    assert mirrored(config_map(t__yaml=body))['data["t.yaml"]'] == body.strip("\n").replace(
        "quay.io", "m.example/kf/quay.io"
    )


def test_text_in_text_changes_in_place() -> None:
    body = "inner: |\n  spec:\n    image: quay.io/a/b:1\nouter_image: quay.io/a/c:1"
    assert mirrored(config_map(x__yaml=body))['data["x.yaml"]'] == body.replace("quay.io", "m.example/kf/quay.io")


def test_a_script_changes_on_its_line() -> None:
    body = '#!/usr/bin/env python\nIMAGE = "quay.io/a/b:1"\nprint("quay.io/a/b:1 was here")\n'
    texts = mirrored(config_map(x__py=body))
    assert texts['data["x.py"]'].split("\n")[1] == 'IMAGE = "m.example/kf/quay.io/a/b:1"'


def test_an_address_of_a_model_keeps_its_scheme() -> None:
    assert mirrored(custom("storageUri: oci://quay.io/a/model:1")) == {
        "spec.storageUri": "oci://m.example/kf/quay.io/a/model:1"
    }


def test_a_secret_is_changed_inside_its_base64() -> None:
    data = base64.b64encode(b"image: quay.io/a/b:1\n").decode()
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: n}}\ndata: {{x.yaml: {data}}}\n"
    (text,) = mirrored(secret).values()
    assert base64.b64decode(text) == b"image: m.example/kf/quay.io/a/b:1\n"


def test_a_list_of_images_in_one_text_is_changed_one_by_one() -> None:
    container = "image: quay.io/a/b:1\nenv: [{name: SIDECAR_IMAGES, value: 'quay.io/x/y:1,quay.io/x/z:2'}]"
    texts = mirrored(deployment(container))
    path = "spec.template.spec.containers[0].env[0].value"
    assert texts[path] == "m.example/kf/quay.io/x/y:1,m.example/kf/quay.io/x/z:2"


def test_a_variable_in_an_argument_is_changed_where_it_stands_or_refused() -> None:
    whole = "image: quay.io/a/b:1\nenv: [{name: JOB_IMAGE, value: 'quay.io/x/y:1'}]\nargs: ['--image=$(JOB_IMAGE)']"
    assert mirrored(deployment(whole))["spec.template.spec.containers[0].env[0].value"] == "m.example/kf/quay.io/x/y:1"
    pieces = "image: quay.io/a/b:1\nenv: [{name: HOST_OF, value: quay.io/x}]\nargs: ['--image=$(HOST_OF)/y:1']"
    texts, failed = edited(Asked(mirror=M), deployment(pieces))
    assert list(texts) == ["spec.template.spec.containers[0].image"]
    assert failed == ["the reference is put together from texts that cannot be told apart"]


def test_a_shared_registry_is_not_changed_for_one_of_two_images() -> None:
    body = "global: {hub: gcr.io/i, tag: '1'}\nproxy: {image: proxyv2}\npilot: {image: pilot}"
    one = Substitution(
        image="x", use=parse_reference("x.example/p:2"), text="x.example/p:2", reason=None, file="f", line=1
    )
    texts, failed = edited(Asked(substitutions={"gcr.io/i/proxyv2:1": one}), config_map(v__yaml=body))
    assert not texts
    assert "shares with" in failed[0]


def test_an_image_that_stays_is_not_rewritten_in_full() -> None:
    body = '{"image": "kserve/art-explainer", "defaultImageVersion": "latest"}'
    assert edited(Asked(), config_map(x__json=body)) == ({}, [])


@given(
    st.lists(st.sampled_from(["quay.io/a/b:1", "nginx", "x quay.io/a/b:1.1", "-quay.io/a/b:1", "\n", " ", "é", "'"])),
    st.sampled_from(["quay.io/a/b:1", "nginx"]),
)
def test_spots_hold_the_text_that_is_looked_for_and_do_not_overlap(pieces: list[str], needle: str) -> None:
    text = " ".join(pieces)
    spots = find_spots(text, "data.x", needle)
    assert all(text[start:end] == needle for start, end in spots)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spots))


@pytest.mark.parametrize("path", ["data.x | a.b[0]", "data.x | line 99", "data.x | [3].a", "data.x | a | b | c"])
def test_a_path_that_leads_nowhere_does_no_harm(path: str) -> None:
    assert find_spots("a: [", path, "nginx") == ()
