"""HTML pages: each one file that needs nothing else, and that nothing in it can steer.

A page asks no network for anything and runs only our own script, which its policy names by hash: it may be opened from
a mail, an artifact or a CI server. Every text is escaped by jinja2 and loses what `printable` takes away; a link is one
only where it leads to http(s).
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from buildkit.report.text import count_of, printable, repository_url, short_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.model.finding import Owner

_TEMPLATES: Final = files("buildkit.report").joinpath("templates")
_ADDRESS: Final = re.compile(r"(https?://[^\s,;()<>\[\]]+)")
_GITHUB: Final = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/(issues|pull|blob|tree)/([^?#]+)(?:#.*)?")
_TONES: Final = {"supported": "good", "unknown": "unsure", "suspect": "unsure"}


def render_page(name: str, script: str | None, **values: object) -> bytes:
    """A page from the template `name`, with our style and, where it has one, its script."""
    style, code = _own("page.css"), _own(script) if script else Markup()
    allowed = f"script-src {_source(code)}; require-trusted-types-for 'script'; " if script else ""
    policy = f"default-src 'none'; {allowed}style-src {_source(style)}; base-uri 'none'; form-action 'none'"
    text = _environment().get_template(name).render(policy=policy, style=style, script=code, **values)
    return text.encode()


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "anchor": anchor,
        "breakable": breakable,
        "capital": capital,
        "count_of": count_of,
        "fragment": fragment,
        "short": short_name,
        "tone": tone,
    }
    environment.globals |= {"link": link, "owner_link": owner_link, "source_links": source_links}
    return environment


def _read(name: str) -> str:
    return _TEMPLATES.joinpath(name).read_text(encoding="utf-8")


def _own(name: str) -> Markup:
    """Our own style or script, as it is: what its hash is taken of."""
    return Markup(_read(name))  # noqa: S704  # a file of this package


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(value: object) -> object:
    """What a template prints of a value."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def tone(verdict: str) -> str:
    """The class of a verdict's colour; the word itself is always there too."""
    return _TONES.get(verdict, "bad")


def fragment(values: Mapping[str, object]) -> str:
    """The address of a state of the page's filters: `#component=Katib&verdict=missing`."""
    pairs = (f"{name}={quote(printable(str(value)), safe='/')}" for name, value in values.items())
    return f"#{'&'.join(pairs)}"


def anchor(name: str) -> str:
    """Where an image stands in the page: the same every night, whatever its name holds."""
    return f"i-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:10]}"


def capital(text: str) -> str:
    """A sentence that begins as one; jinja2's `capitalize` would lower the rest."""
    return text[:1].upper() + text[1:]


def breakable(platform: str) -> Markup:
    """`linux/arm64`, that may go on in the next line after the slash."""
    return Markup("/<wbr>").join(printable(part) for part in platform.split("/"))


def link(url: str, text: str) -> Markup | str:
    """`text` as a link where `url` leads to http(s), else plain."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return text
    if parts.scheme not in {"http", "https"} or not parts.netloc or not url.isprintable() or " " in url:
        return text
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, _shown(text))


def source_links(text: str) -> Markup:
    """Where something is known from: its addresses as links with short names, what stands between them as it is."""
    parts = _ADDRESS.split(text)
    return Markup().join(
        link(part, _short_address(part)) if at % 2 else str(_shown(part)) for at, part in enumerate(parts)
    )


def _short_address(url: str) -> str:
    """`kubeflow/pipelines#10308`, `kubeflow/pipelines: README.md`, else the host."""
    github = _GITHUB.fullmatch(url)
    if github is None:
        return urlsplit(url).hostname or url
    repository, kind, rest = github.groups()
    return f"{repository}#{rest}" if kind in {"issues", "pull"} else f"{repository}: {rest.rpartition('/')[2]}"


def owner_link(owner: Owner) -> Markup | str:
    """An owner's repository on GitHub; plain text where that is no repository's name.

    Not the path: on which branch or tag it lies is not known, and a wrong guess is a page that is not found.
    """
    text = f"{owner.repository}: {owner.path}" if owner.path else owner.repository
    url = repository_url(owner)
    return link(url, text) if url else text
