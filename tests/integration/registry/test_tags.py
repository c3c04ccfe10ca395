"""The tags of a repository: pages, refusals, links that lead astray, limits."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from buildkit.edges.registry import tags
from buildkit.edges.registry.client import open_registry
from buildkit.edges.registry.tags import TagList
from buildkit.flows.inspect import parse_platforms
from buildkit.model.reference import parse_reference
from tests.support.fault_proxy import Faults, Reply, Rule, Seen, first, run_faults
from tests.support.push import index, push_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry

TOKEN = json.dumps({"token": "opaque"}).encode()


def ask(*names: str, conf: Path | None = None) -> list[TagList]:
    client = open_registry(conf)
    try:
        return list(client.tags([parse_reference(name) for name in names]))
    finally:
        client.close()


def page(*names: str, link: str | None = None) -> Reply:
    return Reply(body=json.dumps({"name": "x", "tags": names}).encode(), headers={"Link": link} if link else {})


def serving(*replies: Reply) -> Rule:
    """One reply after the other, the last one again and again."""
    left = list(replies)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


def served(*replies: Reply) -> tuple[TagList, Faults]:
    with run_faults([serving(*replies)]) as faults:
        (found,) = ask(f"{faults.host}/x:1")
    return found, faults


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_all_pages_of_a_real_registry_make_one_list(
    registry: Registry, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_PAGE", size)
    for number in range(7):
        push_image(registry.host, "tags/seven", f"1.{number}", index("linux/amd64", salt="tags"))
    (found,) = ask(f"{registry.host}/tags/seven:1.0")
    assert found == TagList(tags=tuple(f"1.{number}" for number in range(7)), complete=True)


def test_two_references_of_a_repository_list_it_once(registry: Registry) -> None:
    digest = push_image(registry.host, "tags/once", "1.0", index("linux/amd64", salt="tags"))
    with run_faults([], upstream=registry.host) as faults:
        found = ask(f"{faults.host}/tags/once:1.0", f"{faults.host}/tags/once@{digest}", f"{faults.host}/tags/gone:1.0")
    assert [one.tags for one in found] == [("1.0",), ("1.0",), ()]
    assert sorted(faults.paths()) == ["/v2/tags/gone/tags/list?n=1000", "/v2/tags/once/tags/list?n=1000"]
    assert (found[2].complete, found[2].status, found[2].reason) == (
        False,
        404,
        f"{faults.host} does not list tags (404)",
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500])
def test_a_registry_that_does_not_list_says_its_status(status: int) -> None:
    found, faults = served(Reply(status=status))
    assert (found.tags, found.complete, found.status) == ((), False, status)
    assert len(faults.seen) == 1


def test_a_token_is_fetched_for_the_list_too() -> None:
    def rule(request: Seen) -> Reply | None:
        if request.path.startswith("/token"):
            return Reply(body=TOKEN)
        if request.headers.get("authorization") == "Bearer opaque":
            return page("1.0")
        realm = f'Bearer realm="http://{request.headers["host"]}/token",service="r"'
        return Reply(status=401, headers={"WWW-Authenticate": realm})

    with run_faults([rule]) as faults:
        (found,) = ask(f"{faults.host}/x:1")
    assert found == TagList(tags=("1.0",), complete=True)
    (scope,) = [parse_qs(urlsplit(path).query)["scope"] for path in faults.paths() if "/token" in path]
    assert scope == ["repository:x:pull"]


def test_a_token_service_that_refuses_is_a_refusal_of_the_list() -> None:
    def rule(request: Seen) -> Reply | None:
        if request.path.startswith("/token"):
            return Reply(status=403)
        return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{request.headers["host"]}/token"'})

    with run_faults([rule]) as faults:
        (found,) = ask(f"{faults.host}/x:1")
    assert (found.tags, found.status) == ((), 401)


def test_a_429_is_waited_for_and_a_long_one_is_not(registry: Registry) -> None:
    push_image(registry.host, "tags/busy", "1.0", index("linux/amd64", salt="tags"))
    with run_faults([first(2, Reply(status=429, headers={"Retry-After": "0"}))], upstream=registry.host) as faults:
        assert ask(f"{faults.host}/tags/busy:1.0") == [TagList(tags=("1.0",), complete=True)]
        assert len(faults.seen) == 3
    start = time.monotonic()
    found, _ = served(Reply(status=429, headers={"Retry-After": "600"}))
    assert (found.tags, found.complete, found.status) == ((), False, None)
    assert "600 s" in str(found.reason)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "link",
    [
        "<https://evil.example/v2/x/tags/list?last=a>",
        "<//evil.example/v2/x/tags/list?last=a>",
        "<http://169.254.169.254/v2/x/tags/list?last=a>",
        "<http://127.0.0.1:1/v2/x/tags/list?last=a>",
        "<http://user@HOST/v2/x/tags/list?last=a>",
        "</v2/other/tags/list?last=a>",
        "</v2/x/../other/tags/list?last=a>",
        "</v2/x/manifests/1.0?last=a>",
        "</v2/x/tags/list>",
        "</v2/x/tags/list?last=\xff>",
        f"</v2/x/tags/list?last={'a' * 3000}>",
        "<http://[::1/v2/x/tags/list?last=a>",
    ],
)
def test_a_link_to_anywhere_else_is_not_followed(link: str) -> None:
    def rule(request: Seen) -> Reply:
        return page("1.0", link=link.replace("HOST", request.headers["host"]) + '; rel="next"')

    with run_faults([rule]) as faults:
        (found,) = ask(f"{faults.host}/x:1")
    assert (found.tags, found.complete, found.status) == (("1.0",), False, None)
    assert "the next page of tags" in str(found.reason)
    assert len(faults.seen) == 1


@pytest.mark.parametrize(
    "link",
    [
        '</v2/x/tags/list?last=1.0&n=1>; rel="next"',
        "</v2/x/tags/list?last=1.0&n=1>; rel=next",
        '<?last=1.0&n=1>;rel="next"',
        '</v2/x/other>; rel="prev", </v2/x/tags/list?last=1.0&n=1>; REL="Next"',
        '<http://HOST/v2/x/tags/list?last=1.0&n=1>; rel="next"',
        '<https://HOST/v2/x/tags/list?last=1.0&n=1>; rel="next"',
        "</v2/x/tags/list?last=1.0&n=1>",
    ],
)
def test_every_way_to_write_the_next_page_is_understood(link: str) -> None:
    def rule(request: Seen) -> Reply:
        if "last" in request.path:
            return page("1.1")
        return page("1.0", link=link.replace("HOST", request.headers["host"]))

    with run_faults([rule]) as faults:
        (found,) = ask(f"{faults.host}/x:1")
    assert found == TagList(tags=("1.0", "1.1"), complete=True)
    assert faults.paths()[1] == "/v2/x/tags/list?last=1.0&n=1"


def test_pages_in_a_circle_end() -> None:
    found, faults = served(page("1.0", link='<?last=a>; rel="next"'), page("1.1", link='<?last=a>; rel="next"'))
    assert (found.tags, found.complete) == (("1.0", "1.1"), False)
    assert "in a circle" in str(found.reason)
    assert len(faults.seen) == 2


def test_pages_without_end_are_read_as_far_as_twenty() -> None:
    def rule(request: Seen) -> Reply:
        number = len(request.path)
        return page(f"1.{number}", link=f'<?last={"a" * number}>; rel="next"')

    with run_faults([rule]) as faults:
        (found,) = ask(f"{faults.host}/x:1")
    assert (len(found.tags), found.complete) == (tags.PAGES_LIMIT, False)
    assert found.reason == "only the first 20 tags were read"
    assert len(faults.seen) == tags.PAGES_LIMIT


def test_a_slow_registry_is_not_listed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_SECONDS", 0.0)
    with run_faults([lambda request: page("1.0", link=f"<{request.path}1>; rel=next")]) as faults:
        (found,) = ask(f"{faults.host}/x:1")
    assert found == TagList(tags=("1.0",), reason="only the first 1 tags were read, in 0 s")
    assert len(faults.seen) == 1


def test_twenty_thousand_tags_are_enough() -> None:
    found, _ = served(page(*(f"1.{number}" for number in range(25_000))))
    assert (len(found.tags), found.complete) == (tags.TAGS_LIMIT, False)
    assert found.reason == "only the first 20000 tags were read"


def test_what_is_no_tag_is_left_out() -> None:
    found, _ = served(page("1.0", "", "-x", "a b", "\x1b[31mred", "ü", "x" * 129, "../../etc", "1.0", "ok_1.x-y"))
    assert found == TagList(tags=("1.0", "ok_1.x-y"), complete=True)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"tags": "1.0"}', b'{"tags": [1]}', b'{"tags": ["\xff"]}', b'{"tags":' + b"[" * 100_000],
)
def test_an_answer_that_is_no_list_is_a_reason(body: bytes) -> None:
    found, _ = served(Reply(body=body))
    assert (found.tags, found.complete, found.status) == ((), False, None)
    assert "no list of tags" in str(found.reason)


def test_a_page_may_be_empty_or_null() -> None:
    assert served(Reply(body=b'{"tags": null}'))[0] == TagList(complete=True)
    assert served(Reply(body=b'{"tags": []}'))[0] == TagList(complete=True)


def test_an_endless_page_is_not_read_to_its_end() -> None:
    found, _ = served(Reply(body=b'{"tags": ["1.0"' + b" " * 65536, endless=True))
    assert found.tags == ()
    assert "larger than" in str(found.reason)


def test_mirrors_are_asked_first_and_those_for_digests_not_at_all(registry: Registry, tmp_path: Path) -> None:
    digest = push_image(registry.host, "real/listed", "1.0", index("linux/amd64", salt="tags"))
    push_image(registry.host, "mirror/listed", "2.0", index("linux/amd64", salt="tags"))
    push_image(registry.host, "digests/listed", "3.0", index("linux/amd64", salt="tags"))
    path = tmp_path / "registries.conf"
    path.write_text(
        f'[[registry]]\nprefix = "example.com"\nlocation = "{registry.host}/real"\n'
        f'[[registry.mirror]]\nlocation = "{registry.host}/digests"\npull-from-mirror = "digest-only"\n'
        f'[[registry.mirror]]\nlocation = "{registry.host}/none"\n'
        f'[[registry.mirror]]\nlocation = "{registry.host}/mirror"\n'
        '[[registry]]\nprefix = "blocked.example"\nlocation = "blocked.example"\nblocked = true\n'
    )
    named, pinned, blocked = ask(
        "example.com/listed:1.0", f"example.com/listed@{digest}", "blocked.example/x:1", conf=path
    )
    assert named.tags == pinned.tags == ("2.0",)
    assert blocked == TagList(reason="registries.conf blocks pulling it")


def test_a_client_goes_on_after_it_was_closed(registry: Registry, tmp_path: Path) -> None:
    for tag in ("1.0", "1.1"):
        push_image(registry.host, "tags/again", tag, index("linux/amd64", salt=tag))
    with run_faults([], upstream=registry.host) as faults:
        old, new = (parse_reference(f"{faults.host}/tags/again:{tag}") for tag in ("1.0", "1.1"))
        client = open_registry(None, tmp_path)
        for reference in (old, new):
            client.read([reference], parse_platforms(["linux/amd64"]), "config")
            client.close()
        assert client.tags([old])[0].tags == ("1.0", "1.1")
        client.close()
        faults.seen.clear()
        later = open_registry(None, tmp_path)
        later.read([old, new], parse_platforms(["linux/amd64"]), "config")
        later.close()
        assert [request.method for request in faults.seen] == ["HEAD", "HEAD"]
