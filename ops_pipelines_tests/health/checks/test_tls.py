"""A certificate is trusted, bears the name and lasts a while yet; else it is said what is wrong."""

import gc
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest

from ops_pipelines.health.checks import tls
from ops_pipelines.health.reading import Reading
from ops_pipelines.settings.checks import TlsCheck
from ops_pipelines_tests.health.bad_server import (
    BadServer,
    answered,
    refusing_port,
    silent_port,
)
from ops_pipelines_tests.health.certificates import Certificate
from ops_pipelines_tests.health.rounds import made, service_with, words

DAY = timedelta(days=1)


class Shown:
    """A private CA, and servers that show certificates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Certificate.authority()
        self.trusted = f"ca_file: {self.authority.pem(folder)}"

    def reading(
        self,
        certificate: Certificate,
        more: str | None = None,
        host: str = "127.0.0.1",
        chain: tuple[Certificate, ...] = (),
    ) -> Reading:
        """What a check says of a server that shows `certificate`."""
        context = certificate.served(self.folder, *chain)
        return self.reading_of(context, self.trusted if more is None else more, host)

    def reading_of(self, context: ssl.SSLContext, more: str, host: str = "127.0.0.1") -> Reading:
        with BadServer({}, context) as server:
            return probed(self.folder, server.port, more, host)

    def said(self, certificate: Certificate, more: str | None = None) -> str:
        return words(self.reading(certificate, more))


def probed(
    folder: Path, port: int, more: str = "timeout_seconds: 10", host: str = "127.0.0.1"
) -> Reading:
    check = f"name: it, kind: tls, host: {host}, port: {port}, warn_days: 0"
    service = service_with(folder, "http://127.0.0.1:1", [check], more)
    (reading,) = made(service, datetime.now(UTC)).readings
    return reading


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    return Shown(tmp_path)


PUBLIC = "timeout_seconds: 10"


# Trusted


def test_a_certificate_of_the_private_ca_is_healthy_timed_and_described(shown: Shown) -> None:
    certificate = shown.authority.signs("127.0.0.1", "rag.example.com", days_left=90.55)
    reading = shown.reading(certificate)
    assert words(reading) == "healthy"
    assert 0 < (reading.response_time_seconds or 0) < 10
    assert reading.facts == {
        "expires": certificate.certificate.not_valid_after_utc.isoformat(),
        "days_left": 90.5,
        "issuer": "CN=Private CA",
        "names": ["rag.example.com", "127.0.0.1"],
    }


def test_a_chain_that_leads_to_the_private_ca_is_healthy(shown: Shown) -> None:
    office = shown.authority.intermediate()
    assert words(shown.reading(office.signs(), chain=(office,))) == "healthy"


def test_a_server_that_wants_a_certificate_of_ours_has_shown_its_own(shown: Shown) -> None:
    context = shown.authority.signs().served(shown.folder)
    context.verify_mode = ssl.CERT_REQUIRED
    assert words(shown.reading_of(context, shown.trusted)) == "healthy"


# Not trusted: each trouble has its own words


def test_without_the_private_ca_its_issuer_is_not_known(shown: Shown) -> None:
    assert shown.said(shown.authority.signs(), PUBLIC) == (
        "unhealthy: the certificate's issuer is not known: CN=Private CA"
    )


def test_another_ca_is_not_known_either(shown: Shown) -> None:
    assert shown.said(Certificate.authority().signs()).startswith(
        "unhealthy: the certificate's issuer is not known"
    )


def test_a_chain_without_its_middle_is_of_an_unknown_issuer(shown: Shown) -> None:
    assert shown.said(shown.authority.intermediate().signs()) == (
        "unhealthy: the certificate's issuer is not known: CN=Office CA"
    )


def test_an_issuer_without_its_own_issuer_is_of_an_unknown_issuer(shown: Shown) -> None:
    office = shown.authority.intermediate()
    reading = shown.reading(office.signs(), f"ca_file: {office.pem(shown.folder)}")
    assert words(reading) == "unhealthy: the certificate's issuer is not known: CN=Office CA"


def test_an_expired_certificate_says_when_it_expired(shown: Shown) -> None:
    expired = shown.authority.signs(days_left=-1.5)
    reading = shown.reading(expired)
    until = expired.certificate.not_valid_after_utc.isoformat()
    assert words(reading) == f"unhealthy: the certificate expired on {until}"
    assert reading.facts["days_left"] == -1.6


def test_a_self_signed_certificate_is_told_from_an_expired_one(shown: Shown) -> None:
    wanted = (
        "unhealthy: the certificate is self-signed, or its chain ends in one that is not trusted"
    )
    assert shown.said(Certificate.self_signed()) == wanted
    expired = shown.reading(Certificate.self_signed(days_left=-3))
    assert words(expired) == wanted
    assert expired.facts["days_left"] < -2


def test_a_self_signed_certificate_that_is_named_is_trusted(shown: Shown) -> None:
    own = Certificate.self_signed()
    assert shown.said(own, f"ca_file: {own.pem(shown.folder)}") == "healthy"


def test_a_certificate_of_tomorrow_is_not_valid_yet(shown: Shown) -> None:
    tomorrow = shown.authority.signs(begins_in_days=1, days_left=90)
    assert shown.said(tomorrow) == "unhealthy: the certificate is not valid yet"


def test_a_chain_whose_authority_has_expired_does_not_blame_the_servers_own(shown: Shown) -> None:
    authority = Certificate.authority(days_left=-0.5)
    certificate = authority.signs(days_left=30)
    reading = shown.reading(certificate, f"ca_file: {authority.pem(shown.folder)}")
    until = certificate.certificate.not_valid_after_utc.isoformat()
    assert words(reading) == (
        "unhealthy: a certificate of the chain has expired, or is not valid yet; "
        f"its own ends {until}"
    )


@pytest.mark.parametrize(
    ("hosts", "host", "names"),
    [
        (("rag.example.com", "*.example.com"), "localhost", "rag.example.com, *.example.com"),
        (("127.0.0.2",), "127.0.0.1", "127.0.0.2"),
        (("localhost",), "127.0.0.1", "localhost"),
    ],
)
def test_a_certificate_of_another_host_says_whose_it_is(
    hosts: tuple[str, ...], host: str, names: str, shown: Shown
) -> None:
    reading = shown.reading(shown.authority.signs(*hosts), host=host)
    assert words(reading) == f"unhealthy: the certificate is not for {host}; it is for {names}"


def test_a_certificate_without_names_is_not_for_this_one(shown: Shown) -> None:
    assert shown.said(shown.authority.signs_without_names()) == (
        "unhealthy: the certificate is not for 127.0.0.1; it is for -"
    )


# How long it lasts, by data alone


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        (21 * DAY, "healthy"),
        (
            21 * DAY - timedelta(seconds=1),
            "degraded: the certificate expires in 20.9 days, wanted at least 21",
        ),
        (timedelta(hours=1), "degraded: the certificate expires in 0 days, wanted at least 21"),
    ],
)
def test_fewer_days_than_wanted_are_degraded(left: timedelta, verdict: str) -> None:
    certificate = Certificate.authority().signs(days_left=90).certificate
    check = TlsCheck(name="it", kind="tls", host="127.0.0.1")
    now = certificate.not_valid_after_utc - left
    assert words(tls.judge(check, certificate, None, 0.1, now)) == verdict


# No certificate at all


def test_a_port_that_speaks_no_tls_is_unhealthy(tmp_path: Path) -> None:
    with BadServer({"/": answered(200)}) as server:
        assert words(probed(tmp_path, server.port)) == (
            f"unhealthy: no TLS handshake with {server.address} (wrong version number)"
        )


def test_a_server_of_an_old_protocol_is_unhealthy(shown: Shown) -> None:
    context = shown.authority.signs().served(shown.folder)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    said = words(shown.reading_of(context, shown.trusted))
    assert said.startswith("unhealthy: no TLS handshake with 127.0.0.1:")


def _close_one(listener: socket.socket) -> None:
    listener.accept()[0].close()


def test_a_port_that_closes_at_once_is_unhealthy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_close_one, args=[listener], daemon=True).start()
        said = words(probed(tmp_path, listener.getsockname()[1]))
    assert said.startswith("unhealthy: no ")


def test_a_port_that_refuses_is_unhealthy(tmp_path: Path) -> None:
    with refusing_port() as port:
        assert words(probed(tmp_path, port)) == (
            f"unhealthy: no connection to 127.0.0.1:{port} (Connection refused)"
        )


def test_a_handshake_that_hangs_is_unhealthy(tmp_path: Path) -> None:
    with silent_port() as port:
        said = words(probed(tmp_path, port, "timeout_seconds: 0.3"))
    assert said == "unhealthy: no connection within 0.3 s"


def test_a_name_that_does_not_resolve_tells_nothing(tmp_path: Path) -> None:
    assert words(probed(tmp_path, 443, host="no-such-host.invalid")) == (
        "unknown: the name no-such-host.invalid cannot be resolved (Name or service not known)"
    )


def test_an_unreadable_ca_file_tells_nothing(shown: Shown) -> None:
    missing = shown.folder / "none.pem"
    assert shown.said(shown.authority.signs(), f"ca_file: {missing}") == (
        f"unknown: ca_file cannot be read: {missing} (No such file or directory)"
    )


# No connection stays open


@pytest.mark.parametrize(("days_left", "connections"), [(5, 1), (-5, 2)])
def test_each_connection_is_ended(days_left: int, connections: int, shown: Shown) -> None:
    context, ended = shown.authority.signs(days_left=days_left).served(shown.folder), Queue[str]()

    def serve(listener: socket.socket) -> None:
        for _ in range(connections):
            accepted, _address = listener.accept()
            accepted.settimeout(5)
            try:
                with context.wrap_socket(accepted, server_side=True) as connection:
                    ended.put(f"read {connection.recv(1000)!r}")
            except OSError as error:
                ended.put(type(error).__name__)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=[listener], daemon=True).start()
        gc.disable()  # it would close what nobody has closed
        try:
            probed(shown.folder, listener.getsockname()[1], shown.trusted)
            found = {ended.get(timeout=2) for _ in range(connections)}
        finally:
            gc.enable()
    assert "TimeoutError" not in found


def test_a_handshake_that_hangs_leaves_no_connection_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gc.disable()
        try:
            probed(tmp_path, listener.getsockname()[1], "timeout_seconds: 0.2")
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(2)
                while connection.recv(65536):
                    pass  # the beginning of a handshake, and then the end
        finally:
            gc.enable()
