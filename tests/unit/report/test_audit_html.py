"""The audit's page as a file: what stands in it, that nothing of a release can steer it, and that it needs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from buildkit.audit.judge import Compared
from buildkit.audit.overview import Cell, headline
from buildkit.audit.record import Change
from buildkit.model.finding import Owner
from buildkit.model.inspection import Verdict
from buildkit.model.kustomization import Kustomization
from buildkit.report.audit_html import audit_html, cell_words
from buildkit.report.html import anchor, fragment, link, owner_link, source_links
from buildkit.report.text import short_name
from tests.support.pages import audit_of, audited, full_audit, large_audit, use

if TYPE_CHECKING:
    from buildkit.audit.judge import Audit

HOSTILE = "docker.io/x/</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b[31m\u202egnp.exe\x00:1"


class Read(HTMLParser):
    """A page's tags, its texts, and what its style and script hold."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.raw: dict[str, str] = {}
        self._inside = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"}:
            self.raw[self._inside] = self.raw.get(self._inside, "") + data
        else:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def attributes(self, tag: str, name: str) -> list[str]:
        return [attrs[name] for one, attrs in self.tags if one == tag and name in attrs]


def read(audit: Audit) -> Read:
    return Read(audit_html(audit))


def test_go_or_no_go_comes_first_and_says_the_headline() -> None:
    audit = full_audit()
    page = audit_html(audit).decode()
    word, _, why = headline(audit).partition(": ")
    assert f"<title>{word}: 26.03, 2026-11-24</title>" in page
    assert page.index(f'<span class="word">{word}</span>') < page.index(why) < page.index("<main")


def test_sections_come_in_the_order_a_release_manager_asks() -> None:
    found = re.findall(r'<section id="(\w+)"', audit_html(full_audit()).decode())
    assert found == ["changed", "findings", "components", "images", "exceptions", "broken", "legend"]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_told_in_words_and_explained(verdict: Verdict) -> None:
    page = audit_html(audit_of([audited("docker.io/x/y:1", verdict)])).decode()
    assert page.count(f">{verdict}</span>") >= 2


def test_everything_is_there_without_script() -> None:
    audit = full_audit()
    shown = read(audit).text
    for image in audit.images:
        assert image.name in shown
        assert all(f"{one.file}:{one.line}" in shown for one in image.uses)
    wanted = (
        "was 1",
        "docker.io/katib/gone:1",
        "QEMU lacks AVX",
        "amd64 nodes only",
        "covers nothing",
    )
    assert [one for one in (*wanted, "Removed upstream.") if one not in shown] == []


def test_a_finding_says_what_to_do_where_and_whose_it_is() -> None:
    shown = " ".join(read(full_audit()).text.split())
    assert (
        "To do: Ask kubeflow/katib for a working linux/arm64 variant. katib/config.yaml:7 Katib, vendored from "
        in shown
    )
    assert "Whose move: kubeflow/katib 2" in shown


def test_the_name_above_a_finding_is_not_said_again() -> None:
    shown = read(full_audit()).text
    assert re.search(r"Regressed: (?!docker)", shown)
    assert "The exception for docker.io/gone/* on * covers nothing" in shown


def test_what_fails_comes_before_what_works() -> None:
    names = [row["id"] for tag, row in read(full_audit()).tags if tag == "tr" and "data-v" in row]
    assert names[0] == anchor("docker.io/library/sample:1")
    assert names[-1] == anchor("docker.io/kserve/good:1")


def test_a_number_of_the_matrix_leads_to_its_images() -> None:
    links = read(full_audit()).attributes("a", "href")
    assert "#component=KServe&platform=linux/arm64&counted=1" in links


def test_new_images_that_are_fine_are_told_apart() -> None:
    new = Change(kind="new")
    images = [audited("docker.io/x/bad:1", Verdict.MISSING, change=new), audited("docker.io/x/good:1", change=new)]
    shown = " ".join(read(audit_of(images, compared=Compared(against="b", date=None, gone=()))).text.split())
    assert "2 new in no place of the other audit missing docker.io/x/bad:1 Katib 1 of them fine supported" in shown


def test_what_does_not_count_is_no_change() -> None:
    image = audited("docker.io/x/y:1", default_install=False, status="not-counted", change=Change(kind="fixed"))
    assert "1 fixed" not in read(audit_of([image], compared=Compared(against="b", date=None, gone=()))).text


def test_the_same_audit_gives_the_same_bytes() -> None:
    assert audit_html(full_audit()) == audit_html(full_audit())


def test_nothing_is_missing_from_a_template() -> None:
    for audit in (full_audit(), audit_of([]), audit_of([audited("docker.io/x/y:1", owner=None, on_arm64=None)])):
        assert "None" not in read(audit).text.replace("None: all", "").replace("None.", "").replace("None of", "")


def test_an_audit_without_images_and_baseline_says_so() -> None:
    shown = read(audit_of([])).text
    assert "no image counts" in shown
    assert "Compared with nothing." in shown
    assert "None: all 1 render" in shown


def test_the_policy_allows_our_own_style_and_script_alone() -> None:
    page = read(full_audit())
    (policy,) = (attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind, text in page.raw.items():
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert Counter(tag for tag, _ in page.tags)["script"] == 1


def test_the_page_asks_for_nothing_and_has_no_inline_code() -> None:
    page = read(full_audit())
    asking = {"img", "link", "iframe", "object", "embed", "base", "audio", "video"}
    assert asking.isdisjoint(tag for tag, _ in page.tags)
    names = {name for _, attrs in page.tags for name in attrs}
    assert not [name for name in names if name.startswith("on") or name in {"src", "style", "srcset", "action"}]
    assert "url(" not in page.raw["style"]
    assert "@import" not in page.raw["style"]


def test_links_that_leave_the_page_do_not_tell_where_from() -> None:
    leaving = [attrs for tag, attrs in read(full_audit()).tags if tag == "a" and not attrs["href"].startswith("#")]
    assert leaving
    assert all(one["href"].startswith("https://") and one["rel"] == "noopener noreferrer" for one in leaving)


def hostile_audit() -> Audit:
    image = audited(
        HOSTILE,
        Verdict.MISSING,
        reason=HOSTILE,
        component=HOSTILE,
        owner=Owner(repository=HOSTILE, path=HOSTILE),
        uses=(use(HOSTILE, 1, object=HOSTILE, path=HOSTILE),),
    )
    broken = Kustomization(path=HOSTILE, status="broken", why=HOSTILE, warnings=(HOSTILE,))
    return audit_of([image], source=HOSTILE, release=HOSTILE, kustomizations=(broken,), problems=(HOSTILE,))


def test_hostile_names_are_shown_and_do_nothing() -> None:
    tame = replace(hostile_audit().images[0], name="n", component="c", owner=Owner(repository="r"), uses=(use(),))
    page, like = read(hostile_audit()), read(replace(hostile_audit(), images=(tame,), release="r", source="s"))
    ours = {tag for tag, _ in like.tags}
    assert {tag for tag, _ in page.tags} == ours
    assert "</script><script>alert(1)</script>" in page.text
    assert [attrs for _, attrs in page.tags if "onerror" in attrs] == []


def test_characters_that_steer_are_replaced() -> None:
    page = audit_html(hostile_audit()).decode()
    assert not [one for one in "\x1b\u202e\x00" if one in page]
    assert "\ufffd[31m\ufffdgnp.exe\ufffd" in page


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//host/x",
        "https:///x",
        "https://[x",
        "https://a b",
        "https://a\u202e",
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(url: str) -> None:
    assert link(url, "text") == "text"


def test_an_address_of_the_web_is_a_link() -> None:
    assert link('https://h/?a="&b', "<t>") == (
        '<a href="https://h/?a=&#34;&amp;b" rel="noopener noreferrer">&lt;t&gt;</a>'
    )


def test_sources_are_links_with_short_names() -> None:
    found = source_links(
        "https://github.com/a/b/issues/12, https://github.com/a/b/blob/v1/c/d.yml#L3 (by <hand>); https://h.example/x"
    )
    assert re.findall(r'href="([^"]*)"[^>]*>([^<]*)<', found) == [
        ("https://github.com/a/b/issues/12", "a/b#12"),
        ("https://github.com/a/b/blob/v1/c/d.yml#L3", "a/b: d.yml"),
        ("https://h.example/x", "h.example"),
    ]
    assert " (by &lt;hand&gt;); " in found
    assert source_links("javascript:alert(1)") == "javascript:alert(1)"


@pytest.mark.parametrize("repository", ["../x", "a/..", "a/b/c", "a b/c", "a", "-a/b", "a/b\n"])
def test_an_owner_that_is_no_repository_is_plain_text(repository: str) -> None:
    assert owner_link(Owner(repository=repository)) == repository


def test_an_owner_leads_to_its_folder() -> None:
    assert 'href="https://github.com/a/b.c"' in owner_link(Owner(repository="a/b.c", path="d e/f"))
    assert 'href="https://github.com/a/b"' in owner_link(Owner(repository="a/b", path="../../c"))


def test_a_fragment_keeps_what_an_address_cannot_hold() -> None:
    assert fragment({"component": "Profiles + KFAM", "platform": "linux/arm64"}) == (
        "#component=Profiles%20%2B%20KFAM&platform=linux/arm64"
    )


def test_a_digest_is_cut_where_a_name_has_only_to_be_known_again() -> None:
    assert short_name(f"docker.io/x/y@sha256:{'0123456789abcdef' * 4}") == "docker.io/x/y@sha256:0123456789ab…"


def test_a_cell_says_what_does_not_work() -> None:
    assert cell_words(Cell(total=3, verdicts={Verdict.SUPPORTED: 1, Verdict.MISSING: 2})) == "2\u00a0missing"
    assert cell_words(Cell(total=2, verdicts={Verdict.SUPPORTED: 2})) == "all 2 images"
    several = Cell(total=2, verdicts={Verdict.UNKNOWN: 1, Verdict.MISSING: 1})
    assert cell_words(several) == "1\u00a0unknown, 1\u00a0missing"


def test_a_release_of_kubeflow_stays_under_a_megabyte() -> None:
    assert len(audit_html(large_audit(187, 6))) < 1_000_000


def test_five_thousand_findings_are_all_there() -> None:
    images = [audited(f"docker.io/x/y{number}:1", Verdict.MISSING) for number in range(5000)]
    assert audit_html(audit_of(images)).count(b'<li class="finding error">') == 5000


def test_the_command_line_reads_no_templates_before_a_page_is_asked_for() -> None:
    code = "import sys, buildkit.cli.main, buildkit.cli.audit; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
