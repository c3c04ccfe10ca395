"""registries.conf in effect: locations, mirrors, blocked and insecure registries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.ask import inspect, verdicts
from tests.support.fault_proxy import Reply, run_faults
from tests.support.push import index, push_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry

GOOD = {"amd64": "supported", "arm64": "supported"}


def conf(folder: Path, text: str) -> Path:
    path = folder / "registries.conf"
    path.write_text(text)
    return path


def test_a_location_with_a_path_stands_for_a_whole_registry(registry: Registry, tmp_path: Path) -> None:
    digest = push_image(registry.host, "docker.io/library/mysql", "8.4", index("linux/amd64", "linux/arm64"))
    path = conf(
        tmp_path, f'[[registry]]\nprefix = "docker.io"\nlocation = "{registry.host}/docker.io"\ninsecure = true\n'
    )
    records = inspect("mysql:8.4", f"mysql@{digest}", conf=path)
    assert [record.name for record in records] == ["docker.io/library/mysql:8.4", f"docker.io/library/mysql@{digest}"]
    assert [verdicts(record) for record in records] == [GOOD, GOOD]


def test_what_a_mirror_lacks_the_location_has(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "real/app", "v1", index("linux/amd64", "linux/arm64", salt="mirror"))
    push_image(registry.host, "mirror/only", "v1", index("linux/amd64", "linux/arm64", salt="only"))
    path = conf(
        tmp_path,
        f'[[registry]]\nprefix = "example.com"\nlocation = "{registry.host}/real"\n'
        f'[[registry.mirror]]\nlocation = "127.0.0.1:1/down"\n'
        f'[[registry.mirror]]\nlocation = "{registry.host}/mirror"\n',
    )
    app, only, gone = inspect("example.com/app:v1", "example.com/only:v1", "example.com/gone:v1", conf=path)
    assert (verdicts(app), verdicts(only)) == (GOOD, GOOD)
    assert str(gone.verdict) == "absent"


def test_a_mirror_for_digests_is_not_asked_for_tags(registry: Registry, tmp_path: Path) -> None:
    digest = push_image(registry.host, "digests/app", "v1", index("linux/amd64", "linux/arm64", salt="digests"))
    with run_faults([lambda _request: None], upstream=registry.host) as mirror:
        path = conf(
            tmp_path,
            f'[[registry]]\nlocation = "{registry.host}"\n[[registry.mirror]]\nlocation = "{mirror.host}"\n'
            'pull-from-mirror = "digest-only"\n',
        )
        (tagged,) = inspect(f"{registry.host}/digests/app:v1", conf=path)
        assert (verdicts(tagged), mirror.seen) == (GOOD, [])
        (pinned,) = inspect(f"{registry.host}/digests/app@{digest}", conf=path, cache=tmp_path / "other")
        assert (verdicts(pinned), len(mirror.seen)) == (GOOD, 5)


def test_a_blocked_registry_is_not_asked(tmp_path: Path) -> None:
    with run_faults([lambda _request: Reply()]) as faults:
        path = conf(tmp_path, f'[[registry]]\nlocation = "{faults.host}"\nblocked = true\n')
        (record,) = inspect(f"{faults.host}/x:v1", conf=path)
        assert str(record.verdict) == "unknown"
        assert "registries.conf" in str(record.reason)
        assert not faults.seen
