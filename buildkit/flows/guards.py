"""What is looked at before kustomize is let loose on hostile files, and after it failed on broken ones."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from buildkit.images.graph import KustomizationFile, resolve
from buildkit.images.locate import Branch, Leaf, compose, leaves
from buildkit.model.documents import DocumentError, parse_value, split_documents
from buildkit.model.remote import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.flows.sources import Sources

# Both begin with a literal, which `re` looks for at the speed of memchr; what stands before it comes after.
_ALIAS: Final = re.compile(r"(?m)\*(?<=[\s\[,:-]\*)[^\s\[\]{},*]+\s*(?:$|[,\]}#])")
_ANCHOR: Final = re.compile(r"&(?<=[\s\[,:-]&)[^\s\[\]{},&]+")
_YAML: Final = (".yaml", ".yml", ".json", "Kustomization")
_PLUGINS: Final = ("generators", "transformers", "validators")


def refusal(sources: Sources, folder: str) -> str | None:
    """Why a kustomization is not handed to kustomize at all."""
    return _bomb(sources, folder) or _remote_plugin(sources, folder)


def _bomb(sources: Sources, folder: str) -> str | None:
    """The first file in reach whose aliases expand to more than any release needs: kustomize would write them out."""
    for path in sources.closure(folder):
        if path.endswith(_YAML):
            if path not in sources.bombs:
                sources.bombs[path] = _bomb_in(path, sources.read_bytes(path) or b"")
            if sources.bombs[path]:
                return sources.bombs[path]
    return None


def _bomb_in(path: str, content: bytes) -> str | None:
    if b"*" not in content or b"&" not in content:
        return None
    text = "\n" + content.decode("utf-8", "replace")
    if not (_ALIAS.search(text) and _ANCHOR.search(text)):
        return None
    fault = _fault(path, text[1:])
    return fault if fault and "aliases" in fault else None


def _fault(path: str, text: str) -> str | None:
    """`path:line: problem` of the first document that does not parse."""
    try:
        for line, body in split_documents(text):
            try:
                parse_value(body)
            except DocumentError as error:
                return f"{path}:{line + error.line - 1}: {error}"
    except DocumentError as error:
        return f"{path}:{error.line}: {error}"
    return None


def _twice(path: str, text: str) -> str | None:
    """`path:line: problem` of the first key that a mapping has twice: kustomize takes none, our parser takes the last.

    Only for texts that `_fault` finds no fault in.
    """
    for line, body in split_documents(text):
        stack = [compose(body, line=line)]
        while stack:
            node = stack.pop()
            if isinstance(node, Branch):
                seen: set[str] = set()
                for key in node.keys:
                    if key.text in seen:
                        return f"{path}:{key.line}: key '{key.text}' twice in one mapping"
                    seen.add(key.text)
                stack.extend(reversed(node.values))
    return None


def _remote_plugin(sources: Sources, folder: str) -> str | None:
    """A built-in generator or transformer configured by a file of its own, with an address in it.

    Kustomize would download it: addresses of this machine even past the proxy it is given.
    """
    for one in sorted(sources.graph.reached(folder)):
        parsed = sources.graph.nodes[one].parsed
        if parsed is None:
            continue
        for place, text in _plugin_texts(sources, parsed):
            for leaf in _all_leaves(text):
                if is_remote(leaf.text) or is_remote(leaf.text.partition("=")[2]):
                    return f"{place}: a plugin's configuration names a remote file: {leaf.text}"
    return None


def _plugin_texts(sources: Sources, parsed: KustomizationFile) -> Iterator[tuple[str, str]]:
    """Yield `(file, YAML)` of everything that configures plugins: inline, in a file, in all files of a folder."""
    for name in _PLUGINS:
        for leaf in parsed.items(name):
            if not isinstance(leaf, Leaf):
                continue
            path = None if "\n" in leaf.text else resolve(parsed.folder, leaf.text, parsed.home)
            if path is None:
                yield parsed.file, leaf.text
            for file in [path] if path and path not in sources.graph.nodes else sources.closure(path or ""):
                yield file, sources.read(posixpath.normpath(file)) or ""


def _all_leaves(text: str) -> Iterator[Leaf]:
    try:
        for line, body in split_documents(text):
            yield from leaves(compose(body, line=line))
    except DocumentError:
        return


def yaml_fault(sources: Sources, folder: str, why: str) -> str:
    """A reason with file and line put before it, where it is YAML that does not parse."""
    if not re.search(r"(?i)yaml|json", why):
        return why
    for one in sorted(sources.graph.reached(folder), key=lambda one: (one != folder, one)):
        node = sources.graph.nodes[one]
        entries = node.parsed.entries if node.parsed else ()
        home = node.parsed.home if node.parsed else "."
        named = (resolve(one, entry.text, home) for entry in entries if not entry.remote)
        for path in dict.fromkeys((*node.files, *(path for path in named if path))):
            text = (sources.read(path) or "") if path.endswith(_YAML) else ""
            fault = _fault(path, text) or ("already defined" in why and _twice(path, text))
            if fault:
                return f"{fault} (kustomize: {why})"
    return why
