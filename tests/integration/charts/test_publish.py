"""`kfkit charts publish` with both helms, a real registry and one that misbehaves; and both commands as typed."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
from pathlib import Path

import pytest

from buildkit.edges import helm_package, helm_registry
from buildkit.edges.helm_registry import Access
from buildkit.edges.process import Limits
from buildkit.edges.tools import HELM4, Program, find_program
from buildkit.errors import Exit, UndeterminedError, UsageError
from tests.integration.charts.packaging import Desk, packaged, write
from tests.support.fault_proxy import Reply, Seen, run_faults
from tests.support.kfkit import run_kfkit
from tests.support.push import digest_of, index, push_image
from tests.support.registry_process import Registry
from tests.support.tools import tool


@pytest.fixture
def desk(registry: Registry, tmp_path: Path) -> Desk:
    return Desk(registry=f"oci://{registry.host}/{tmp_path.name.replace('_', '-')}".lower())


def test_a_chart_is_pushed_and_pulled_back_and_there_the_next_time(desk: Desk, archive: Path) -> None:
    first, second = desk.publish(archive), desk.publish(archive)
    (pushed,), (there,) = first.charts, second.charts
    assert (pushed.state, there.state) == ("pushed", "there")
    assert pushed.reference == f"{desk.registry}/demo:1.0.0"
    assert pushed.digest == there.digest
    assert (pushed.digest or "").startswith("sha256:")
    assert (first.exit, second.exit) == (Exit.OK, Exit.OK)


def test_one_archive_is_one_manifest_whoever_pushes_it(program: Program, archive: Path, registry: Registry) -> None:
    one = helm_package.read_package(archive)
    os.utime(archive, (1, 1))
    digests = {
        helm_registry.push(program, one, f"oci://{registry.host}/same-{program.version}-{number}", Access(plain=True))
        for number in range(2)
    }
    assert len(digests) == 1
    pulled = helm_registry.pull(
        program, f"oci://{registry.host}/same-{program.version}-1/demo", "1.0.0", Access(plain=True)
    )
    assert pulled == one.data


def test_a_version_with_a_plus_gets_a_tag(desk: Desk, tmp_path: Path) -> None:
    (one,) = packaged(write(tmp_path / "charts" / "demo", version="1.0.0-rc.1+abc"))
    assert desk.one(Path(one.file)).reference == f"{desk.registry}/demo:1.0.0-rc.1_abc"
    assert desk.one(Path(one.file)).state == "there"


def test_a_version_that_is_taken_is_refused_and_then_nothing_is_pushed(desk: Desk, chart: Path, archive: Path) -> None:
    digest = desk.one(archive).digest
    (chart / "values.yaml").write_text("color: blue\n")
    (changed,) = packaged(chart)
    (other,) = packaged(write(chart.parent / "other", "other"))
    outcome = desk.publish(Path(changed.file), Path(other.file))
    refused, kept = outcome.charts
    assert (refused.state, refused.digest, outcome.exit) == ("refused", digest, Exit.PROBLEMS)
    assert "another archive" in (refused.reason or "")
    assert (kept.state, kept.reason) == ("absent", "not pushed: not every chart of this run could be")
    assert desk.one(Path(other.file), check=True).state == "absent"
    assert desk.one(Path(changed.file), force=True).state == "pushed"
    assert desk.one(Path(changed.file)).state == "there"


def test_a_tag_that_is_an_image_is_taken_too(desk: Desk, archive: Path, registry: Registry) -> None:
    repository = desk.registry.removeprefix(f"oci://{registry.host}/") + "/demo"
    push_image(registry.host, repository, "1.0.0", index("linux/amd64", salt="taken"))
    assert "something that is no chart" in (desk.one(archive).reason or "")


def test_check_pushes_nothing(desk: Desk, archive: Path) -> None:
    for _ in range(2):
        outcome = desk.publish(archive, check=True)
        assert ([one.state for one in outcome.charts], outcome.exit) == (["absent"], Exit.PROBLEMS)


def test_a_registry_that_is_gone_is_undetermined(archive: Path) -> None:
    outcome = Desk(registry="oci://127.0.0.1:9/charts").publish(archive)
    (one,) = outcome.charts
    assert (one.state, one.unknown, outcome.exit) == ("failed", True, Exit.UNDETERMINED)
    with pytest.raises(UndeterminedError, match=r"could not be pushed to oci://127\.0\.0\.1:9/charts: .*refused"):
        helm_registry.push(
            find_program(HELM4), helm_package.read_package(archive), "oci://127.0.0.1:9/charts", Access(plain=True)
        )


def test_a_registry_that_never_answers_is_given_up(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm_registry, "LIMITS", Limits(seconds=1))
    with (
        run_faults([lambda _request: Reply(delay=5)]) as faults,
        pytest.raises(UndeterminedError, match="took longer than 1 s"),
    ):
        helm_registry.pull(program, f"oci://{faults.host}/x/demo", "1.0.0", Access(plain=True))


def test_what_is_pulled_back_has_to_be_what_was_pushed(chart: Path, registry: Registry) -> None:
    (chart / "values.yaml").write_text("color: blue\n")
    (other,) = packaged(chart)
    pushed = Desk(registry=f"oci://{registry.host}/other").one(Path(other.file))

    def swapped(request: Seen) -> Reply | None:
        """Another chart's manifest, once the push is over."""
        if request.method == "PUT" and "/manifests/" in request.path:
            state.append(request.path)
            return Reply(status=201, headers={"Docker-Content-Digest": digest_of(request.body)})
        if state and "/manifests/" in request.path:
            return Reply(status=307, headers={"Location": f"http://{registry.host}/v2/other/demo/manifests/1.0.0"})
        return None

    state: list[str] = []
    write(chart)
    (again,) = packaged(chart)
    with run_faults([swapped], upstream=registry.host) as faults:
        one = Desk(registry=f"oci://{faults.host}/swapped").one(Path(again.file))
    assert one.state == "failed"
    assert pushed.digest is not None
    assert pushed.digest in (one.reason or "")


def basic(request: Seen) -> Reply | None:
    """Want a password for everything."""
    wanted = "Basic " + base64.b64encode(b"me:s3cr3t-word").decode()
    if request.headers.get("authorization") == wanted:
        return None
    return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})


def credentials(host: str, password: str) -> str:
    return json.dumps({"auths": {host: {"auth": base64.b64encode(f"me:{password}".encode()).decode()}}})


@pytest.mark.parametrize("name", ["HELM_REGISTRY_CONFIG", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"])
def test_the_users_credentials_are_used_wherever_they_are(
    name: str, archive: Path, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "login" / "config.json"
    file.parent.mkdir()
    monkeypatch.setenv(name, str(file.parent if name == "DOCKER_CONFIG" else file))
    with run_faults([basic], upstream=registry.host) as faults:
        file.write_text(credentials(faults.host, "s3cr3t-word"))
        assert Desk(registry=f"oci://{faults.host}/{name.lower().replace('_', '-')}").one(archive).state == "pushed"


def test_wrong_credentials_are_no_answer_and_are_not_shown(
    program: Program, archive: Path, registry: Registry, home: Path
) -> None:
    (home / ".docker").mkdir()
    with run_faults([basic], upstream=registry.host) as faults:
        (home / ".docker" / "config.json").write_text(credentials(faults.host, "wr0ng-word"))
        one = Desk(registry=f"oci://{faults.host}/denied").one(archive)
        forced = Desk(registry=f"oci://{faults.host}/denied").one(archive, force=True)
        with pytest.raises(UndeterminedError) as error:
            helm_registry.push(
                program, helm_package.read_package(archive), f"oci://{faults.host}/denied", Access(plain=True)
            )
    assert (one.state, one.unknown, forced.state, forced.unknown) == ("failed", True, "failed", True)
    assert "helm registry login" in error.value.hint
    assert all("wr0ng-word" not in str(text) for text in (one.reason, forced.reason, error.value))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and self-signed certificate in one file."""
    return certify(tmp_path, "one")


def certify(folder: Path, name: str) -> Path:
    path = folder / f"{name}.pem"
    command = [tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(path), "-out", str(folder / f"{name}.crt")]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (folder / f"{name}.crt").read_text())
    return path


def test_a_certificate_has_to_be_vouched_for_unless_the_host_is_insecure(
    archive: Path, registry: Registry, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("buildkit.edges.registry.transport.is_loopback", lambda _host: False)
    other, context = certify(tmp_path, "two"), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with run_faults([], upstream=registry.host, tls=context) as faults:
        there = Desk(registry=f"oci://{faults.host}/tls")
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        unknown = there.one(archive)
        with pytest.raises(UndeterminedError, match=r"could not be pushed to .*certificate"):
            helm_registry.push(
                find_program(HELM4), helm_package.read_package(archive), there.registry, Access(authorities=other)
            )
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert there.one(archive).state == "pushed"
        monkeypatch.delenv("SSL_CERT_FILE")
        conf = tmp_path / "registries.conf"
        conf.write_text(f'[[registry]]\nlocation = "{faults.host}"\ninsecure = true\n')
        assert there.one(archive, conf).state == "there"
    assert (unknown.state, unknown.unknown) == ("failed", True)
    assert "certificate" in (unknown.reason or "")


def test_registries_conf_leads_helm_where_a_push_goes(archive: Path, registry: Registry, tmp_path: Path) -> None:
    conf = tmp_path / "registries.conf"
    conf.write_text(f'[[registry]]\nprefix = "charts.example/ours"\nlocation = "{registry.host}/led"\n')
    led = Desk(registry="oci://charts.example/ours").one(archive, conf)
    assert (led.state, led.reference) == ("pushed", "oci://charts.example/ours/demo:1.0.0")
    assert Desk(registry=f"oci://{registry.host}/led").one(archive).digest == led.digest


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no archive", "no packaged chart"),
        (b"", "no packaged chart"),
        (None, "there is no such file"),
    ],
)
def test_an_archive_that_is_no_chart_is_the_users_error(
    desk: Desk, tmp_path: Path, content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / "x.tgz").write_bytes(content)
    with pytest.raises(UsageError, match=why):
        desk.publish(tmp_path / "x.tgz")


def test_the_commands_from_folder_to_registry(registry: Registry, tmp_path: Path) -> None:
    write(tmp_path / "dist" / "charts" / "demo")
    write(tmp_path / "dist" / "charts" / "more", "more", "0.2.0")
    where = ("--registry", f"oci://{registry.host}/command")
    nothing = run_kfkit("charts", "publish", *where, work=tmp_path)
    assert (nothing.code, "no packaged chart in it" in nothing.err) == (Exit.USAGE, True)
    made = run_kfkit("charts", "package", "--today", "2026-01-01", "--format", "json", work=tmp_path)
    assert made.code == Exit.OK
    assert [(one["file"], one["state"]) for one in made.document()["packages"]] == [
        ("dist/packages/demo-1.0.0.tgz", "written"),
        ("dist/packages/more-0.2.0.tgz", "written"),
    ]
    pushed = run_kfkit("charts", "publish", *where, work=tmp_path)
    assert pushed.code == Exit.OK
    assert f"oci://{registry.host}/command/demo:1.0.0@sha256:" in pushed.out
    again = run_kfkit("charts", "publish", *where, "--format", "json", work=tmp_path)
    assert {one["state"] for one in again.document()["charts"]} == {"there"}
    named = run_kfkit("charts", "package", "dist", work=tmp_path)
    assert (named.code, "no chart: it has no Chart.yaml" in named.err) == (Exit.USAGE, True)
