"""Tags, selectors and downloads in hostile text: no more than reading it costs."""

from __future__ import annotations

import time

import pytest

from buildkit.pins.downloads import find_downloads
from tests.unit.pins.finding import selectors, source, tags

TEXTS = {
    "one long word": "x: " + "amd64-" * 60_000 + "\n",
    "one long reference": "image: gcr.io/" + "a/" * 60_000 + "b:v1-amd64\n",
    "many words": "x: '" + "a/b:v1-amd64 " * 4_000 + "'\n",
    "many keys": "image:\n" + "".join(f"  tag{n}: v1-amd64\n" for n in range(3_000)),
    "many rows": "x: |\n  set -e\n" + "  curl https://x.io/a-amd64 # x\n" * 4_000,
    "one long row": "x: |\n  a b\n  " + "curl https://x.io/amd64 " * 10_000 + "\n",
    "blanks": "x: |\n  a b\n" + "  amd64" + " " * 200_000 + "y\n",
    "quotes": "x: |\n  a b\n" + "  amd64 '\" # " * 10_000 + "\n",
    "many selectors": "x:\n" + "- nodeSelector: {kubernetes.io/arch: amd64}\n" * 2_000,
    "one long list": "nodeAffinity:\n  required:\n    nodeSelectorTerms:\n    - matchExpressions:\n"
    "      - {key: kubernetes.io/arch, operator: In, values: [" + "s390x, " * 5_000 + "]}\n",
    "many terms": "nodeSelectorTerms:\n"
    + "- matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]\n" * 1_500,
    "aliases": "a: &a {nodeSelector: &s {kubernetes.io/arch: amd64}}\n" + "".join(f"b{n}: *a\n" for n in range(5_000)),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_costs_no_more_than_reading_it(text: str) -> None:
    start = time.process_time()
    tags(text)
    selectors(text)
    assert len(find_downloads(source(text))) <= 50
    assert time.process_time() - start < 5
