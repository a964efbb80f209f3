"""Checks of kind `tls`: a certificate that is trusted, bears the name, and lasts a while yet."""

import asyncio
import math
import socket
import ssl
import time
from contextlib import suppress
from datetime import datetime
from typing import Any

from cryptography import x509

from ops_pipelines.health.body import one_line
from ops_pipelines.health.network import Network, system_words, unresolved
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.checks import TlsCheck
from ops_pipelines.settings.service import Service

# OpenSSL's verification errors (X509_V_ERR_*, x509_vfy.h) and what we call them.
_DISTRUST = {
    2: "health.certificate_of_unknown_issuer",
    9: "health.certificate_not_yet_valid",
    10: "health.certificate_expired",
    18: "health.certificate_self_signed",
    19: "health.certificate_self_signed",
    20: "health.certificate_of_unknown_issuer",
    21: "health.certificate_of_unknown_issuer",
    62: "health.certificate_of_another_name",
    64: "health.certificate_of_another_name",
}
_OF_ITS_TIME = ("health.certificate_not_yet_valid", "health.certificate_expired")


async def probe(
    check: TlsCheck, _service: Service, network: Network, now: datetime
) -> list[Reading]:
    """Shake hands, and judge the certificate.

    Raises:
        NoAnswer: there was no TLS server.
    """
    if network.distrust:
        raise NoAnswer(Status.UNKNOWN, network.distrust.code, **network.distrust.facts)
    await network.resolve(check.host, check.name)
    started = time.perf_counter()
    try:
        certificate, distrust = await _shake_hands(check, network, network.trust), None
    except ssl.SSLCertVerificationError as error:
        certificate, distrust = await _shake_hands(check, network, _anybody()), error
    return [judge(check, certificate, distrust, time.perf_counter() - started, now)]


def judge(
    check: TlsCheck,
    certificate: x509.Certificate,
    distrust: ssl.SSLCertVerificationError | None,
    seconds: float,
    now: datetime,
) -> Reading:
    """The reading that a certificate gives, and why it is not trusted, if it is not."""
    facts = describe(certificate, now)
    if distrust is not None:
        code = _DISTRUST.get(distrust.verify_code, "health.certificate_not_trusted")
        if code in _OF_ITS_TIME and _is_of_its_time(certificate, now):
            code = "health.certificate_of_the_chain"
        why = {"detail": distrust.verify_message, "host": check.host, **facts}
        why["names"] = facts["names"] or ["-"]
        return Reading(check.name, None, Status.UNHEALTHY, seconds, Reason(code, why), facts)
    if facts["days_left"] < check.warn_days:
        reason = Reason("health.certificate_expires", {**facts, "warn_days": check.warn_days})
        return Reading(check.name, None, Status.DEGRADED, seconds, reason, facts)
    return Reading(check.name, None, Status.HEALTHY, seconds, facts=facts)


def describe(certificate: x509.Certificate, now: datetime) -> dict[str, Any]:
    """What an operator wants to know of a certificate."""
    expires = certificate.not_valid_after_utc
    days_left = (expires - now).total_seconds() / 86_400
    return {
        "expires": expires.isoformat(),
        "days_left": math.floor(days_left * 10) / 10,  # never more than there are
        "issuer": one_line(certificate.issuer.rfc4514_string(), 200),
        "names": [one_line(name, 100) for name in _names(certificate)[:10]],
    }


def _names(certificate: x509.Certificate) -> list[str]:
    """The names and addresses that it is made for."""
    with suppress(x509.ExtensionNotFound, ValueError):
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        addresses = extension.value.get_values_for_type(x509.IPAddress)
        return [*extension.value.get_values_for_type(x509.DNSName), *map(str, addresses)]
    return []


def _is_of_its_time(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc


async def _shake_hands(
    check: TlsCheck, network: Network, trust: ssl.SSLContext
) -> x509.Certificate:
    address = f"{check.host}:{check.port}"
    try:
        _, writer = await asyncio.open_connection(
            check.host, check.port, ssl=trust, happy_eyeballs_delay=0.25
        )
    except socket.gaierror as error:
        raise unresolved(check.host, error) from None
    except ssl.SSLError as error:
        network.answered.add(check.name)
        if isinstance(error, ssl.SSLCertVerificationError):
            raise
        detail = system_words(error)
        raise NoAnswer(Status.UNHEALTHY, "health.no_tls", address=address, detail=detail) from None
    except OSError as error:
        detail = system_words(error)
        raise NoAnswer(
            Status.UNHEALTHY, "health.no_connection", address=address, detail=detail
        ) from None
    network.answered.add(check.name)
    try:
        return x509.load_der_x509_certificate(
            writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        )
    finally:
        writer.transport.abort()


def _anybody() -> ssl.SSLContext:
    """Believes every certificate: only to read one that has just been refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
