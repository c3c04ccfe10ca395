"""Selectors of nodes that leave out an architecture, and what lets the required ones in.

`nodeSelector` and the required terms of a node affinity are judged together, as the scheduler does: the terms are
alternatives, the expressions of a term must all hold. `preferred…` leaves nobody out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.images.locate import Branch, Leaf, Node, leaf_text, walk
from buildkit.pins import widen
from buildkit.pins.pin import Tie
from buildkit.pins.source import Source
from buildkit.pins.structures import Document, Lines, Spot, inner, is_object, is_structured, spots, without_actions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.model.platform import Platform

_KEYS: Final = frozenset({"kubernetes.io/arch", "beta.kubernetes.io/arch"})
_AFFINITY: Final = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
_TERMS: Final = "nodeSelectorTerms"
_OPERATOR: Final = "no list of architectures widens this operator"
_OPERATION: Final = "an operation of a JSON 6902 patch: taking it out is not shown to be right"
_TEMPLATE: Final = "a template: what stands around it is known only once it is filled in"
_SHARED: Final = "a merge key or an alias brings it in"
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Selected:
    """A tie, and whose pods it is about: `kind` and `name` of the object, empty where the text does not tell."""

    tie: Tie
    kind: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """One requirement on the architecture."""

    operator: Leaf
    values: tuple[Leaf, ...]

    def lets(self, architecture: str) -> bool:
        listed = any(one.text == architecture for one in self.values)
        return {"In": listed, "NotIn": not listed, "Exists": True}.get(self.operator.text, False)


Term = tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pod:
    """What selects the nodes of a pod, or of a volume: all of `chosen` and one of `terms`, if there are any."""

    chosen: tuple[tuple[Leaf, Leaf], ...]
    terms: tuple[Term, ...]

    def rejected_by_terms(self, architecture: str) -> bool:
        return bool(self.terms) and not any(all(one.lets(architecture) for one in term) for term in self.terms)


def holds_selector(text: str) -> bool:
    """Whether a text may select nodes by architecture."""
    return "kubernetes.io/arch" in text or "kubernetes.io~1arch" in text


def find_selectors(source: Source, required: Sequence[Platform]) -> tuple[Selected, ...]:
    """Every selector of a file that leaves out a required platform; to widen one lets in what it left out.

    A `nodeSelector` cannot list several architectures: it is taken out, which lets in every platform.
    """
    names = {one.architecture: str(one) for one in required if one.os == "linux"}
    finder = _Finder(source, names)
    return tuple(one for part in source.parts(holds_selector) for one in finder.in_part(part, None))


@dataclass(frozen=True, slots=True)
class _Finder:
    """`wanted`: architecture -> the required platform."""

    source: Source
    wanted: dict[str, str]

    def in_part(self, part: Document | Lines, within: Spot | None) -> Iterator[Selected]:
        if isinstance(part, Lines):
            yield from self._in_template(part, within)
            return
        if not (self.source.taken or within or is_object(part)):
            return
        for tie, owner in self._pods(part):
            kind, name = self._owner(owner, within)
            yield Selected(tie=tie, kind=kind, name=name)
        for spot in spots(part):
            if holds_selector(spot.leaf.text) and is_structured(spot.leaf.text):
                for one in inner(spot, spot.text(), holds_selector):
                    yield from self.in_part(one, spot)

    def _in_template(self, part: Lines, within: Spot | None) -> Iterator[Selected]:
        document = without_actions(part)
        for one in self.in_part(document, within) if document else ():
            yield replace(one, tie=replace(one.tie, edits=(), blocked=_TEMPLATE))

    def _owner(self, owner: Branch | None, within: Spot | None) -> tuple[str, str]:
        """Kind and name of the object in a render: a text's own object is the one that holds the text."""
        if within is not None:
            target = within.holder.get("target") if within.holder.is_map else None
            if isinstance(target, Branch):
                return leaf_text(target, "kind") or "", leaf_text(target, "name") or ""
            if not self.source.is_kustomization:
                owner = within.object
        return leaf_text(owner, "kind") or "", leaf_text(owner, "metadata", "name") or ""

    def _pods(self, document: Document) -> Iterator[tuple[Tie, Branch | None]]:
        done: set[int] = set()
        for branch, owner, example in _branches(document):
            selector, terms = branch.get("nodeSelector"), walk(branch, _AFFINITY)
            if terms is None and branch.get(_TERMS) is not None and id(branch) not in done:
                terms = branch
            done.add(id(terms))
            pod = Pod(tuple(_chosen(selector)), tuple(_terms(terms)))
            for tie in self._judged(document, branch, pod):
                yield (tie if not example else _sampled(tie)), owner
            if "op" in {key.text for key in branch.keys}:
                yield from ((tie, owner) for tie in self._operation(document, branch))

    def _judged(self, document: Document, branch: Branch, pod: Pod) -> Iterator[Tie]:
        """What keeps out the architectures that nothing lets in."""
        for key, value in pod.chosen:
            out = [one for one in self.wanted if value.text != one]
            if out:
                yield self._selector(document, branch, (key, value), out)
        out = [one for one in self.wanted if pod.rejected_by_terms(one)]
        # Alternatives for none of the required platforms stay as they are, unless there are no others.
        useful = [term for term in pod.terms if any(all(one.lets(name) for one in term) for name in self.wanted)]
        for term in useful or pod.terms:
            for expression in term:
                rejected = [one for one in out if not expression.lets(one)]
                if rejected:
                    yield self._expression(document, expression, rejected)

    def _selector(self, document: Document, branch: Branch, entry: tuple[Leaf, Leaf], out: list[str]) -> Tie:
        key, value = entry
        selector = branch.get("nodeSelector")
        own = next((one for one in branch.keys if one.text == "nodeSelector"), None)
        if any(one.text == "op" for one in branch.keys) or _is_operation(document):
            edits = widen.refused(_OPERATION)
        elif not isinstance(selector, Branch) or not any(one is key for one in selector.keys):
            edits = widen.refused(_SHARED)
        else:
            chosen = {id(one) for one, leaf in _chosen(selector) if any(leaf.text != name for name in self.wanted)}
            all_go = chosen == {id(one) for one in selector.keys}
            gone = widen.Entry(holder=selector, key=key, own_key=own, all_go=all_go)
            edits = widen.without_entry(self.source, document.text, gone)
        return self._tie(document, value, value, out, edits)

    def _expression(self, document: Document, expression: Expression, out: list[str]) -> Tie:
        operator, values = expression.operator, expression.values
        if operator.text == "In" and values:
            edits = widen.appended(self.source, document.text, values, out)
        elif operator.text == "NotIn":
            gone = [one for one in values if one.text in out]
            edits = widen.taken(self.source, document.text, values, gone)
        else:
            return self._tie(document, operator, operator, out, widen.refused(_OPERATOR))
        return self._tie(document, values[0], values[-1], out, edits)

    def _operation(self, document: Document, operation: Branch) -> Iterator[Tie]:
        """`{op: add, path: …/nodeSelector/kubernetes.io~1arch, value: amd64}`, or the whole mapping as the value."""
        path, value = leaf_text(operation, "path") or "", operation.get("value")
        if leaf_text(operation, "op") not in {"add", "replace"}:
            return
        chosen: list[Leaf] = []
        if isinstance(value, Leaf) and path.rpartition("/")[2].replace("~1", "/") in _KEYS:
            chosen = [value]
        elif path.endswith("/nodeSelector"):
            chosen = [leaf for _, leaf in _chosen(value)]
        for leaf in chosen:
            out = [one for one in self.wanted if leaf.text != one]
            if out:
                yield self._tie(document, leaf, leaf, out, widen.refused(_OPERATION))

    def _tie(self, document: Document, first: Leaf, last: Leaf, out: list[str], edits: widen.Edits) -> Tie:
        """A tie whose value is the texts from the first to the last scalar where they stand in one row."""
        begin, end = widen.span(self.source, document.text, first), widen.span(self.source, document.text, last)
        value, start = first.text, -1
        if begin is not None:
            start = self.source.text.index(first.text, begin[0]) if first.text else begin[0]
            if end is not None and begin < end and "\n" not in self.source.text[start : end[1]]:
                start = begin[0]
                value = self.source.text[start : end[1]]
        line, column = self.source.rows.place(start if start >= 0 else document.text.near(first.start))
        return Tie(
            kind="selector",
            value=value,
            file=self.source.file,
            line=line,
            column=column,
            start=start,
            excludes=tuple(sorted(self.wanted[one] for one in out)),
            edits=edits[0],
            blocked=edits[1],
            sample=document.around.example,
        )


def _sampled(tie: Tie) -> Tie:
    return replace(tie, sample=True)


def _is_operation(document: Document) -> bool:
    root = document.root
    return isinstance(root, Branch) and not root.is_map


def _branches(document: Document) -> Iterator[tuple[Branch, Branch | None, bool]]:
    """Every mapping with the object around it, outer ones first, each once."""
    around = document.around
    stack: list[tuple[Node, Branch | None, bool]] = [(document.root, around.object, around.example)]
    seen: set[int] = set()
    while stack:
        node, owner, example = stack.pop()
        if not isinstance(node, Branch) or id(node) in seen:
            continue
        seen.add(id(node))
        if node.is_map:
            owner = node if node.get("kind") is not None and node.get("metadata") is not None else owner
            yield node, owner, example
            pairs = zip(node.keys, node.values, strict=True)
            stack.extend((one, owner, example or key.text == "_example") for key, one in reversed(list(pairs)))
        else:
            stack.extend((one, owner, example) for one in reversed(node.values))


def _chosen(selector: Node | None) -> Iterator[tuple[Leaf, Leaf]]:
    """The entries of a `nodeSelector` that name an architecture."""
    if isinstance(selector, Branch) and selector.is_map:
        for key, value in zip(selector.keys, selector.values, strict=True):
            if key.text in _KEYS and isinstance(value, Leaf) and value.text not in _NULLS:
                yield key, value


def _terms(holder: Node | None) -> Iterator[Term]:
    """The alternatives of a node affinity, each with what it asks of the architecture; an empty one lets nobody in."""
    terms = holder.get(_TERMS) if isinstance(holder, Branch) else None
    for term in terms.values if isinstance(terms, Branch) and not terms.is_map else ():
        listed = term.get("matchExpressions") if isinstance(term, Branch) else None
        if isinstance(term, Branch) and (listed is not None or term.get("matchFields") is not None):
            yield tuple(_expressions(listed))


def _expressions(listed: Node | None) -> Iterator[Expression]:
    for one in listed.values if isinstance(listed, Branch) and not listed.is_map else ():
        operator = one.get("operator") if isinstance(one, Branch) else None
        if leaf_text(one, "key") in _KEYS and isinstance(operator, Leaf) and isinstance(one, Branch):
            values = one.get("values")
            leaves = values.values if isinstance(values, Branch) and not values.is_map else []
            yield Expression(operator, tuple(leaf for leaf in leaves if isinstance(leaf, Leaf)))
