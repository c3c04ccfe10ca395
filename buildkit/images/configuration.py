"""Images in the values of ConfigMaps and Secrets, and what the rest of a render says about those values.

A value may be an image only because a variable that says so is filled from it, and a script in it runs with the
environment of the pod that mounts it: both are looked up among all objects of one render.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from buildkit.images import names, scripts, split
from buildkit.images.candidates import Judge, Strength
from buildkit.images.hits import Hit, Scope, Text
from buildkit.images.names import Says
from buildkit.model.path import child

if TYPE_CHECKING:
    from buildkit.images.surroundings import Surroundings
    from buildkit.model.image import How
    from buildkit.model.resource import Resource

_EXAMPLE = "_example"
_SHORTEST = 8  # base64 of anything that names an image is longer
# A file of a single line: `image: a/b:1`, `image=a/b:1`.
_ONE_LINE = re.compile(r"\s*[\w./-]+(?::\s|\s*=)\s*[^\s,]+\s*")


def with_version(resource: Resource, hit: Hit, known: Surroundings, judge: Judge) -> Hit:
    """The image with the version that another variable of its container holds, where it has none itself."""
    version = known.versions.get((str(resource.id), hit.path))
    if version is None or hit.candidate.versioned or len(hit.parts) != 1:
        return hit
    whole = judge.read(f"{hit.candidate.text}:{version.value.strip()}")
    if whole is None:
        return hit
    holder = version.holder if version.holder != str(resource.id) else ""
    how: How = "split" if hit.how == "environment" else hit.how
    return replace(hit, candidate=whole, how=how, parts=(*hit.parts, version.part), holder=holder)


def search(resource: Resource, known: Surroundings, judge: Judge) -> Iterator[Hit | Text]:
    """Search one ConfigMap or Secret."""
    for field_name, decode in (("data", resource.id.kind == "Secret"), ("stringData", False), ("binaryData", True)):
        data = resource.body.get(field_name)
        if isinstance(data, Mapping):
            texts = {key: _decoded(value) if decode else value for key, value in data.items() if isinstance(value, str)}
            scope = Scope(field_name, texts)
            for key, text in texts.items():
                if not _is_text(key, text):
                    yield from _value(key, text, scope, known.variables.get((*_place(resource), key), set()), judge)
                elif scripts.is_script(key, text):
                    environment = known.environments.get(_place(resource), {})
                    script = Text(path=child(field_name, key), key=key, text=text, how="script")
                    yield from scripts.search(script, environment, judge)
                else:
                    sample = key == _EXAMPLE
                    yield Text(path=child(field_name, key), key=key, text=text, how="embedded", sample=sample)


def _place(resource: Resource) -> tuple[str, str]:
    return resource.id.namespace, resource.id.name


def _is_text(key: str, text: str) -> bool:
    if key == _EXAMPLE or scripts.is_script(key, text) or "\n" in text.strip() or text[:1] in {"{", "["}:
        return True
    return "{{" in text or _ONE_LINE.fullmatch(text) is not None


def _value(key: str, text: str, scope: Scope, variables: set[str], judge: Judge) -> Iterator[Hit]:
    """A value that is one line: an image as a whole, or a list of them."""
    path, said = child(scope.path, key), _said(key, variables)
    least = {Says.IMAGE: Strength.BARE, Says.IMAGES: Strength.TAGGED, Says.MAYBE: Strength.FULL}.get(said)
    for whole in split.complete(key, text, scope, judge):
        if whole.candidate.evident or (least is not None and whole.candidate.strength >= least):
            yield Hit(path=path, candidate=whole.candidate, how="embedded", parts=whole.parts)
    if said is Says.IMAGES:
        for candidate in split.listed(text, judge):
            yield Hit(path=path, candidate=candidate, how="embedded", parts=((path, candidate.text),))


def _said(key: str, variables: set[str]) -> Says:
    said = [names.says(name) for name in (key, *variables)]
    return Says.IMAGE if Says.IMAGE in said else max(said)


def _decoded(text: str) -> str:
    if len(text) < _SHORTEST:
        return ""
    try:
        return base64.b64decode(text, validate=False).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
