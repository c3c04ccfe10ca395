"""`fixed-download`: addresses that name one architecture, in what RUN starts and ADD fetches."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import Found, Report, report_foreign
from buildkit.builds.lint.rules.words import QUIET, fetched_to, narrowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Step
    from buildkit.builds.lint.shell.call import Call
    from buildkit.builds.lint.values import Value

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>|)\]}]+", re.IGNORECASE)
_WITHOUT_SCHEME: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S+", re.IGNORECASE)
# The same for every architecture, wherever they lie.
_KEYS: Final = (".asc", ".gpg", ".pub", ".pem", ".key", ".crt")
# Files for another system are not for this image to start.
_ELSEWHERE: Final = re.compile(
    r"(?<![a-z0-9])(?:darwin|macos|osx|windows|win32|win64|freebsd)(?![a-z])|\.exe$", re.IGNORECASE
)
_HERE: Final = re.compile(r"linux", re.IGNORECASE)
_FETCHERS: Final = frozenset({"curl", "wget"})
_VALUED_OPTIONS: Final = """
    -o -O -H -A -d -e -u -x -X -F -b -c -T -w -P -U -a -i --output --header --user-agent --user --data
    --output-document --directory-prefix
"""
_VALUED: Final = frozenset(_VALUED_OPTIONS.split())
_DOWNLOAD: Final = Report(
    rule="fixed-download",
    does="fetches a file for {}",
    fix="Choose the file by the platform: declare `ARG TARGETARCH` and use it, with a `case` where names differ.",
)


def check_downloads(step: Step) -> Iterator[Found]:
    """Addresses that name another architecture."""
    for call in step.calls:
        if call.name not in QUIET:
            for value in _fetched(call):
                yield from report_foreign(step, value, _DOWNLOAD)
    if step.instruction.keyword == "ADD":
        for word in step.words[:-1]:
            address = narrowed(word, addresses)
            if address is not None:
                yield from report_foreign(step, address, _DOWNLOAD)


def fetched_names(step: Step) -> Iterator[str]:
    """Names of the files that addresses and COPY bring into a stage."""
    words = [*step.words[:-1], *(word for call in step.calls for word in call.words[1:])]
    for word in words:
        for text in word.texts:
            for one in addresses(text) if "://" in text else [text] if step.words else []:
                yield posixpath.basename(one.partition("?")[0])
    for call in step.calls:
        if call.name in _FETCHERS and any(map(architectures, _fetched_texts(call))):
            yield posixpath.basename(fetched_to(call) or "")


def _fetched_texts(call: Call) -> Iterator[str]:
    for word in call.words[1:]:
        for text in word.texts:
            yield from addresses(text)


def addresses(text: str) -> list[str]:
    """The addresses in a text, keys, certificates and what is for another system left out."""
    if "://" not in text:
        return []
    return [one for one in _ADDRESS.findall(text) if not one.lower().endswith(_KEYS) and not _is_elsewhere(one)]


def _is_elsewhere(address: str) -> bool:
    path = posixpath.basename(address.partition("?")[0])
    return _ELSEWHERE.search(path) is not None and _HERE.search(path) is None


def _fetched(call: Call) -> Iterator[Value]:
    is_value = False
    for word in call.words[1:]:
        value = narrowed(word, addresses)
        if value is not None:
            yield value
        elif call.name in _FETCHERS and not is_value and all(map(_WITHOUT_SCHEME.fullmatch, word.texts)):
            yield word
        is_value = word.text in _VALUED
