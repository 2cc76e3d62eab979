"""A certificate authority that no operating system knows, and the servers that it vouches for."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Authority:
    """A certificate authority of its own, whose certificate is in `file`."""

    folder: Path
    _key: ec.EllipticCurvePrivateKey = field(init=False, repr=False)
    _name: x509.Name = field(init=False)

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Siege CA")
        body = self._body(self._name, self._key, timedelta(days=1)).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file.write_bytes(self._signed(body))

    @property
    def file(self) -> Path:
        """Its own certificate (PEM)."""
        return self.folder / "ca.pem"

    def server(
        self, host: str = "127.0.0.1", ends: timedelta = timedelta(days=1)
    ) -> ssl.SSLContext:
        """What a server of this name needs, until `ends` from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        numeric = host.replace(".", "").isdecimal()
        san = x509.IPAddress(ip_address(host)) if numeric else x509.DNSName(host)
        body = self._body(_name(host), key, ends).add_extension(
            x509.SubjectAlternativeName([san]), critical=False
        )
        path = self.folder / f"{host}{ends.days}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + self._signed(body))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _body(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, ends: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=9))
            .not_valid_after(now + ends)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )

    def _signed(self, body: x509.CertificateBuilder) -> bytes:
        return body.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
