"""The Markdown of an audit: what a maintainer sees first, that it fits, and that no name in it is markup."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from buildkit.audit.overview import headline
from buildkit.model.finding import Owner
from buildkit.report.audit_markdown import audit_markdown
from buildkit.report.markdown import LIMIT, code, prose, repository_link, url_link
from buildkit.report.text import clipped, printable
from tests.unit.report.audits import (
    HOSTILE,
    MISSING,
    OK,
    UNKNOWN,
    check_golden,
    enriched,
    hostile,
    judged,
    known,
    large,
    place,
    rich,
)

# A job summary holds 1 MiB, an issue 65,536 characters (GitHub counts no byte twice that we count once).
ISSUE, SUMMARY = 65_536, 1024 * 1024


class Page(HTMLParser):
    """What a reader of the rendered page gets: texts in code, all other text, links, and what else there is."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.codes: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.rows: list[int] = []
        self.feed(MarkdownIt("commonmark").enable("table").render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag != "br":
            self.open.append(tag)
        if tag == "code":
            self.codes.append("")
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.rows += [0] if tag == "tr" else []
        if tag in {"td", "th"}:
            self.rows[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.codes[-1] += data
        else:
            self.texts.append(data)


def text() -> str:
    return audit_markdown(rich()).decode()


def test_the_whole_report() -> None:
    check_golden("audit.md", audit_markdown(rich()))


def test_the_first_lines_say_go_or_no_go_whose_move_it_is_and_what_changed() -> None:
    lines = [line for line in text().splitlines() if line]
    assert lines[0] == f"## 🔴 {headline(rich())}"
    assert "**Whose move:** [`kubeflow/katib`](https://github.com/kubeflow/katib) (1 image)" in lines[2]
    order = [
        "**Whose move",
        "### Changed since",
        "findings\n",
        "### Components",
        "### Exceptions",
        "<details>",
        "### Broken",
    ]
    places = [text().index(words) for words in order]
    assert places == sorted(places)


def test_the_move_is_no_owners_where_a_registry_gave_no_answer() -> None:
    found = audit_markdown(judged(known("docker.io/x/y:1", (UNKNOWN, UNKNOWN)))).decode()
    assert "**Whose move:** registries that gave no answer (1 image)\n" in found
    assert found.startswith("## 🟡 UNDETERMINED: ")
    assert "who keeps `audits/exceptions.yaml` (1 exception)" in text()


def test_a_regression_is_said_with_the_tag_that_had_it() -> None:
    assert "- **regressed**: `ghcr.io/kubeflow/katib/katib-ui:v0.19.0` on linux/arm64, was `v0.18.0`" in text()


def test_what_changes_nothing_is_folded_away() -> None:
    folded = text().partition("<details>")[2].partition("</details>")[0]
    assert "docker.io/library/mysql:8.0" in folded
    assert "docker.io/library/mysql:8.0" not in text().partition("<details>")[0].partition("findings\n")[2]


def test_a_release_without_problems_is_a_go_and_has_no_findings() -> None:
    found = audit_markdown(judged(known("docker.io/x/y:1", (OK, OK)))).decode()
    assert found.startswith("## 🟢 GO: every counted image works on every required platform\n")
    assert "finding" not in found


def test_tables_and_details_come_out_whole() -> None:
    page = Page(text())
    assert page.open == []
    assert {"table", "details", "summary", "code", "a"} <= page.tags
    assert set(page.rows) == {6, 3}


def test_no_name_of_a_hostile_tree_is_markup() -> None:
    page = Page(audit_markdown(hostile()).decode())
    known_tags = {"h2", "h3", "p", "strong", "code", "a", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "br"}
    assert page.tags <= known_tags
    assert {link for link in page.links if not link.startswith("https://github.com/kubeflow/")} == set()
    assert page.rows.count(6) >= 10
    shown = {clipped(printable(f"{name}/{number}:1"), 300).strip(" ") for number, name in enumerate(HOSTILE)}
    assert shown <= {one.strip(" ") for one in page.codes}


def test_nobody_is_notified_and_no_issue_is_linked() -> None:
    outside = "".join(Page(audit_markdown(hostile()).decode()).texts)
    assert not re.search(r"@|#\d|GH-\d|://|www\.|[`<>\x1b\u202e]", outside)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_code_span_holds_whatever_it_is_of_in_a_line_and_in_a_cell(name: str) -> None:
    shown = clipped(printable(name), 300)
    assert Page(f"a {code(name)} b").codes == [shown]
    page = Page(f"| x | y |\n| --- | --- |\n| {code(name)} | {code(name)} |")
    assert (page.codes, page.rows) == ([shown.strip(" ")] * 2, [2, 2]) or page.codes == [shown] * 2


@given(st.text(alphabet=st.one_of(st.sampled_from("|`\\ @#<>&*_[]()!:/.w-+1a\n"), st.characters()), max_size=40))
def test_no_text_at_all_is_markup_in_a_cell_or_an_item(text: str) -> None:
    row = f"| x | y |\n| --- | --- |\n| {code(text)} | {prose(text)} |"
    page, item = Page(row), Page(f"- {prose(text)}")
    assert page.rows == [2, 2]
    assert page.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert item.tags <= {"ul", "li", "code"}
    assert not re.search(r"[@<>`|*_\\\[\]]|#|://|www\.", "".join((*page.texts, *item.texts)))
    shown = clipped(printable(text), 300)
    assert not shown.strip() or page.codes[0].strip(" ") == shown.strip(" ")


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("no linux/arm64, only linux/amd64", "no linux/arm64, only linux/amd64"),
        ("Use docker.io/x/y:1.2: it has it.", "Use `docker.io/x/y:1.2`: it has it."),
        ("ask @octocat (see #7)", "ask `@octocat` (see `#7`)"),
        ("1. one", "`1.` one"),
        ("- one - two", "`-` one - two"),
        ("a_b *c* <d>", "`a_b` `*c*` `<d>`"),
        ("two\nlines", "two lines"),
        ("commit 0123abc", "commit `0123abc`"),
        ("naïve 漢字, 50% of 2.17.0", "naïve 漢字, 50% of 2.17.0"),
    ],
)
def test_a_sentence_keeps_its_plain_words_and_has_the_others_in_code(sentence: str, shown: str) -> None:
    assert prose(sentence) == shown


def test_links_lead_to_repositories_and_decisions_only() -> None:
    assert repository_link(Owner(repository="a/b", path="c d")) == "[`a/b`](https://github.com/a/b) `c d`"
    assert repository_link(Owner(repository="a/b/../c")) == "`a/b/../c`"
    assert repository_link(None) == "no known owner"
    assert url_link("decision", "https://x.example/a?b=c#d") == "[decision](<https://x.example/a?b=c#d>)"
    assert url_link("decision", "javascript:alert(1)") == "`javascript:alert(1)`"
    assert url_link("decision", "https://x.example/>(evil)") == "`https://x.example/>(evil)`"


def test_thousands_of_findings_are_cut_at_whole_rows_and_the_cut_is_said() -> None:
    audit = large()
    start = time.process_time()
    content = audit_markdown(audit)
    assert time.process_time() - start < 5
    found = content.decode()
    assert 50_000 < len(found) <= LIMIT
    assert len(content) < SUMMARY
    rows = [line for line in found.splitlines() if line.startswith("| `registry-")]
    assert all(line.endswith(" |") for line in rows)
    cuts = re.findall(r"… and (\d+) more, see the JSON report\.", found)
    assert len(cuts) == 6
    page = Page(found)
    assert page.open == []


def test_what_one_part_does_not_need_goes_to_the_others() -> None:
    images = [known(f"docker.io/x/y-{one}:1", (OK, MISSING), place("a.yaml", one + 1)) for one in range(400)]
    found = audit_markdown(enriched(judged(*images), {})).decode()
    assert LIMIT - 2000 < len(found) <= LIMIT or "… and" not in found


def test_many_platforms_do_not_widen_the_matrix_without_end() -> None:
    audit = replace(rich(), required=("linux/amd64", "linux/arm64", *(f"linux/p{one}" for one in range(500))))
    with pytest.raises(KeyError):
        audit.images[0].platforms["linux/p1"]
    found = audit_markdown(audit).decode()
    assert "(and 494 more platforms, see the JSON report)" in found
    assert len(found) <= LIMIT < ISSUE


def test_the_same_audit_gives_the_same_bytes() -> None:
    assert audit_markdown(rich()) == audit_markdown(rich())
