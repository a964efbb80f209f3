"""A certificate authority of our own, and servers' certificates: good ones and bad ones."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def authority(cls, days_left: float = 1) -> Self:
        """One that may sign others."""
        return cls._made("Private CA", None, [AUTHORITY], days_left)

    @classmethod
    def self_signed(cls, host: str = "127.0.0.1", days_left: float = 1) -> Self:
        return cls._made(host, None, [_hosts(host)], days_left)

    def intermediate(self) -> Self:
        """An authority below this one."""
        return self._made("Office CA", self, [AUTHORITY], 1)

    def signs(self, *hosts: str, days_left: float = 1, begins_in_days: float = -2) -> Self:
        """A certificate of `hosts`, signed by this one; it has run out when no days are left."""
        named = hosts or ("127.0.0.1",)
        return self._made(named[0], self, [_hosts(*named)], days_left, begins_in_days)

    def signs_without_names(self) -> Self:
        return self._made("127.0.0.1", self, [], 1)

    def pem(self, folder: Path) -> Path:
        """A file with the certificate alone."""
        file = folder / f"{self.certificate.serial_number}.pem"
        file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return file

    def served(self, folder: Path, *chain: "Certificate") -> ssl.SSLContext:
        """A context for a server that shows this certificate, and those of `chain`."""
        file = folder / f"{self.certificate.serial_number}-key.pem"
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown = folder / f"{self.certificate.serial_number}-chain.pem"
        shown.write_bytes(b"".join(one.pem(folder).read_bytes() for one in (self, *chain)))
        context.load_cert_chain(shown, file)
        return context

    @classmethod
    def _made(
        cls,
        name: str,
        issuer: "Certificate | None",
        says: list[x509.ExtensionType],
        days_left: float,
        begins_in_days: float = -2,
    ) -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = issuer.key if issuer else key
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + min(begins_in_days, days_left - 1) * DAY)
            .not_valid_after(now + days_left * DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
            )
        )
        for extension in says:
            builder = builder.add_extension(extension, critical=extension is AUTHORITY)
        return cls(builder.sign(signer, hashes.SHA256()), key)


def _hosts(*hosts: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(map(_host, hosts))


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
