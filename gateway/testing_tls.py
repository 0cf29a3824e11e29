"""Certificates for tests: an authority of our own, and servers that it vouches for."""

from __future__ import annotations

import datetime as dt
import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = dt.timedelta(days=1)
DER = serialization.Encoding.DER


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key. `chain` in DER is what a server shows, its own first."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[bytes, ...]

    def sha256(self, place: int = 0) -> bytes:
        """The digest of a certificate of the chain: TLSA selector 0, matching type 1."""
        return hashlib.sha256(self.chain[place]).digest()

    def key_sha256(self) -> bytes:
        """The digest of the key: TLSA selector 1, matching type 1."""
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self.certificate.public_key().public_bytes(DER, spki)).digest()

    def context(self, folder: Path) -> ssl.SSLContext:
        """For a server; the files stay in the folder."""
        path = folder / f"{self.certificate.serial_number:x}.pem"
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + "".join(map(ssl.DER_cert_to_PEM_cert, self.chain)).encode())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


class Authority:
    """Signs for any name."""

    def __init__(self, name: str = "Authority of the tests") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key.public_key())
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = builder.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, expired: bool = False
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC) - (10 * DAY if expired else 0 * DAY)
        serial = x509.random_serial_number()
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = x509.CertificateBuilder(self._name, name, key, serial, now - DAY, now + DAY)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        return builder.add_extension(signer, critical=False)

    def file(self, folder: Path) -> Path:
        """The authority's certificate in PEM."""
        path = folder / "authority.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def identity(self, *names: str, expired: bool = False) -> Identity:
        """A server of these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = self._builder(subject, key.public_key(), expired=expired)
        for extension in _server(names):
            builder = builder.add_extension(extension, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return Identity(certificate, key, tuple(item.public_bytes(DER) for item in (certificate, self.certificate)))


def _server(names: Sequence[str]) -> tuple[x509.ExtensionType, ...]:
    return (
        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.BasicConstraints(ca=False, path_length=None),
    )
