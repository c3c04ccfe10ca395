"""JSON documents: what is left out, what is always there, and the schemas that say so."""

from __future__ import annotations

import json

import jsonschema

from buildkit.model.image import Image, ImageUse
from buildkit.model.kustomization import Kustomization
from buildkit.report.documents import ImagesDocument
from buildkit.report.json import encode, json_schema


def document() -> ImagesDocument:
    use = ImageUse(file="a.yaml", line=1, kustomizations=(), how="pod", sample=True)
    image = Image(reference="x", name="docker.io/library/x:latest", pinned="none", default_install=False, uses=(use,))
    return ImagesDocument(
        source="tree",
        images=(image,),
        kustomizations=(Kustomization(path=".", status="rendered", warnings=()),),
    )


def test_absent_values_leave_their_key_out_and_lists_stay() -> None:
    data = json.loads(encode("images", document()))
    assert list(data) == ["schema", "source", "images", "kustomizations"]
    assert data["schema"] == "kfkit/images/v1"
    assert "object" not in data["images"][0]["uses"][0]
    assert data["images"][0]["uses"][0]["kustomizations"] == []
    assert data["kustomizations"] == [{"path": ".", "status": "rendered", "warnings": []}]


def test_the_schema_accepts_the_document_and_refuses_another_one() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(json_schema("images", ImagesDocument)))
    data = json.loads(encode("images", document()))
    validator.validate(data)
    assert not validator.is_valid({**data, "schema": "kfkit/images/v2"})
    assert not validator.is_valid({**data, "surprise": 1})
    data["images"][0]["uses"][0]["object"] = None
    assert not validator.is_valid(data)


def test_the_same_answers_give_the_same_bytes() -> None:
    assert encode("images", document()) == encode("images", document())
