"""TLS: a certificate that nobody vouches for, one that somebody does, and both schemes of an insecure host."""

from __future__ import annotations

import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.ask import inspect, verdicts
from tests.support.fault_proxy import Reply, Seen, run_faults, serve_built
from tests.support.push import build, index
from tests.support.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

BUILT = build(index("linux/amd64", "linux/arm64", salt="tls"))
GOOD = {"amd64": "supported", "arm64": "supported"}
SERVE = serve_built("x", "v1", BUILT)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and self-signed certificate for localhost in one file."""
    path = tmp_path / "localhost.pem"
    command = [tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(path), "-out", str(tmp_path / "only.pem")]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "only.pem").read_text())
    return path


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def test_this_machine_is_spoken_to_over_tls_where_it_wants_it(certificate: Path) -> None:
    with run_faults([SERVE], tls=context(certificate)) as faults:
        (record,) = inspect(f"{faults.host}/x:v1")
    assert verdicts(record) == GOOD


def test_a_redirect_from_https_to_http_is_refused(certificate: Path) -> None:
    with run_faults([SERVE]) as plain:

        def downgrade(request: Seen) -> Reply:
            return Reply(status=302, headers={"Location": f"http://{plain.host}{request.path}"})

        with run_faults([downgrade], tls=context(certificate)) as faults:
            (record,) = inspect(f"{faults.host}/x:v1")
        assert not plain.seen
    assert verdicts(record) == {"amd64": "unknown", "arm64": "unknown"}
    assert "from https" in str(record.reason)


def test_an_unknown_certificate_is_refused_unless_the_host_is_insecure(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("buildkit.edges.registry.transport.is_loopback", lambda _host: False)
    conf = tmp_path / "registries.conf"
    with run_faults([SERVE], tls=context(certificate)) as faults:
        (refused,) = inspect(f"{faults.host}/x:v1")
        conf.write_text(f'[[registry]]\nlocation = "{faults.host}"\ninsecure = true\n')
        (insecure,) = inspect(f"{faults.host}/x:v1", conf=conf)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        (trusted,) = inspect(f"{faults.host}/x:v1", cache=tmp_path / "trusted")
    assert verdicts(refused) == {"amd64": "unknown", "arm64": "unknown"}
    assert "certificate" in str(refused.reason)
    assert (verdicts(insecure), verdicts(trusted)) == (GOOD, GOOD)


def test_an_insecure_host_without_tls_is_spoken_to_in_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buildkit.edges.registry.transport.is_loopback", lambda _host: False)
    conf = tmp_path / "registries.conf"
    with run_faults([SERVE]) as faults:
        (refused,) = inspect(f"{faults.host}/x:v1")
        assert not faults.seen
        conf.write_text(f'[[registry]]\nlocation = "{faults.host}"\ninsecure = true\n')
        (insecure,) = inspect(f"{faults.host}/x:v1", conf=conf)
    assert (str(refused.verdict), verdicts(insecure)) == ("unknown", GOOD)
