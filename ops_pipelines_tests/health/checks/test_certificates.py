"""Over TLS a server must show a certificate that is trusted, and a handshake must end."""

import gc
import socket
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops_pipelines_tests.health.bad_server import (
    BadServer,
    said,
    silent_port,
)
from ops_pipelines_tests.health.certificates import Certificate
from ops_pipelines_tests.health.rounds import (
    made,
    round_of,
    service_with,
    words,
    words_of,
)

WELL = said({"status": "healthy"})


@dataclass(frozen=True, slots=True)
class Issued:
    """A private CA, and the folder in which its file and those of others lie."""

    authority: Certificate
    folder: Path

    def said_with(self, certificate: Certificate, more: str, host: str = "127.0.0.1") -> str:
        """What a check says of a healthy server with `certificate`."""
        with BadServer({"/health": WELL}, certificate.served(self.folder)) as server:
            base_url = f"https://{host}:{server.port}"
            service = service_with(self.folder, base_url, ["name: it, url: /health"], more)
            (reading,) = made(service).readings
        return words(reading).replace(str(server.port), "PORT")

    @property
    def trusted(self) -> str:
        return f"ca_file: {self.authority.pem(self.folder)}"


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return Issued(Certificate.authority(), tmp_path)


NOT_TRUSTED = "unhealthy: the certificate of {} is not trusted ({})"
ANY = "timeout_seconds: 10"


def test_a_certificate_of_the_private_ca_is_trusted(issued: Issued) -> None:
    assert issued.said_with(issued.authority.signs(), issued.trusted) == "healthy"


def test_the_ca_file_is_found_beside_the_service_file(issued: Issued) -> None:
    issued.authority.pem(issued.folder).rename(issued.folder / "ca.pem")
    assert issued.said_with(issued.authority.signs(), "ca_file: ../ca.pem") == "healthy"


def test_a_certificate_of_the_private_ca_is_not_trusted_without_it(issued: Issued) -> None:
    assert issued.said_with(issued.authority.signs(), ANY) == NOT_TRUSTED.format(
        "127.0.0.1:PORT", "unable to get local issuer certificate"
    )


def test_a_self_signed_certificate_is_unhealthy(issued: Issued) -> None:
    assert issued.said_with(Certificate.self_signed(), ANY) == NOT_TRUSTED.format(
        "127.0.0.1:PORT", "self-signed certificate"
    )


def test_an_expired_certificate_is_unhealthy(issued: Issued) -> None:
    expired = issued.authority.signs(days_left=-1)
    assert issued.said_with(expired, issued.trusted) == NOT_TRUSTED.format(
        "127.0.0.1:PORT", "certificate has expired"
    )


def test_a_certificate_of_another_host_is_unhealthy(issued: Issued) -> None:
    other = issued.authority.signs("rag.example.com")
    assert issued.said_with(other, issued.trusted, "localhost") == NOT_TRUSTED.format(
        "localhost:PORT",
        "Hostname mismatch, certificate is not valid for 'localhost'.",
    )


def test_a_certificate_of_another_address_is_unhealthy(issued: Issued) -> None:
    other = issued.authority.signs("127.0.0.2")
    assert issued.said_with(other, issued.trusted) == NOT_TRUSTED.format(
        "127.0.0.1:PORT",
        "IP address mismatch, certificate is not valid for '127.0.0.1'.",
    )


def test_a_port_that_speaks_no_tls_is_no_matter_of_certificates(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server:
        found = round_of(tmp_path, f"https://{server.address}", "url: /health")
    assert found == {
        None: f"unhealthy: no connection to {server.address} (wrong version number)",
    }


def test_a_handshake_that_hangs_is_unhealthy(tmp_path: Path) -> None:
    with silent_port() as port:
        service = service_with(
            tmp_path, f"https://127.0.0.1:{port}", ["name: it, url: /"], "timeout_seconds: 0.5"
        )
        found = made(service)
    assert words_of(found.readings, "it") == {None: "unhealthy: no connection within 0.5 s"}


def test_a_handshake_that_hangs_leaves_no_connection_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        service = service_with(tmp_path, base_url, ["name: it, url: /"], "timeout_seconds: 0.3")
        gc.disable()  # it would close what nobody has closed
        try:
            made(service)
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(2)
                while connection.recv(65536):
                    pass  # the beginning of a handshake, and then the end
        finally:
            gc.enable()


def test_plain_http_to_a_port_of_tls_is_unhealthy(issued: Issued) -> None:
    with BadServer({"/health": WELL}, issued.authority.signs().served(issued.folder)) as server:
        found = round_of(issued.folder, f"http://{server.address}", "url: /health")
    assert found[None].startswith(f"unhealthy: {server.address} gave no whole HTTP answer (")


@pytest.mark.parametrize(
    ("content", "detail"),
    [(None, "No such file or directory"), (b"nonsense", "no certificate or crl found")],
)
def test_an_unreadable_ca_file_tells_nothing_of_the_service(
    content: bytes | None, detail: str, issued: Issued
) -> None:
    file = issued.folder / "broken.pem"
    if content:
        file.write_bytes(content)
    said_of_it = issued.said_with(issued.authority.signs(), f"ca_file: {file}")
    assert said_of_it == f"unknown: ca_file cannot be read: {file} ({detail})"


def test_an_unreadable_ca_file_leaves_checks_without_tls_alone(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server:
        service = service_with(
            tmp_path, server.url, ["name: it, url: /health, status: status"], "ca_file: none.pem"
        )
        assert words_of(made(service).readings, "it") == {None: "healthy"}


def test_a_ca_file_that_was_renewed_is_read_again(issued: Issued) -> None:
    file = issued.folder / "ca.pem"
    issued.authority.pem(issued.folder).rename(file)
    renewed = Certificate.authority()
    before = issued.said_with(renewed.signs(), f"ca_file: {file}")
    renewed.pem(issued.folder).rename(file)
    assert before.startswith("unhealthy: the certificate of 127.0.0.1:PORT is not trusted (")
    assert issued.said_with(renewed.signs(), f"ca_file: {file}") == "healthy"
