"""A vendor that has a certificate, behind a proxy that hands it on (RFC 8705, RFC 9440)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from actors import VendorActor
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from flask import Flask
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from wallet.house import House

HEADER = "ClientCert"
START = 1_800_000_000  # what the clock of the tests begins with
DAY = 24 * 3600
Names = Sequence[x509.GeneralName]


@dataclass(frozen=True)
class Credential:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def in_bytes(self) -> str:
        """As RFC 9440 has it in a header."""
        return f":{base64.b64encode(self.der).decode()}:"

    @property
    def escaped(self) -> str:
        """As nginx has it in $ssl_client_escaped_cert."""
        return quote(self.pem, safe="")

    @property
    def thumbprint(self) -> str:
        return base64.urlsafe_b64encode(self.certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()

    @property
    def jwks(self) -> dict[str, Any]:
        """As a vendor registers it (RFC 8705 section 2.2.2)."""
        jwk = ECKey.import_key(self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        return {"keys": [{**jwk.as_dict(private=False), "x5c": [base64.b64encode(self.der).decode()]}]}

    def written(self, folder: Path, name: str) -> tuple[str, str]:
        """The paths of two files with certificate and key."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_text(self.pem)
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return str(certificate), str(key)


def certify(
    subject: str,
    *,
    by: Credential | None = None,
    names: Names = (),
    is_authority: bool = False,
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
    around: int = START,
    days: int = 1,
    key: CertificateIssuerPrivateKeyTypes | None = None,
) -> Credential:
    """Signed by an authority, or by itself; good from a day before `around`, for as many days after it."""
    key, middle = key or ec.generate_private_key(ec.SECP256R1()), datetime.fromtimestamp(around, UTC)
    name = x509.Name.from_rfc4514_string(subject)
    made = (
        x509.CertificateBuilder(by.certificate.subject if by else name, name, key.public_key())  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(middle - timedelta(days=1))
        .not_valid_after(middle + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by is not None:
        issuer = by.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer)
        made = made.add_extension(identifier, critical=False)
    if is_authority:
        made = made.add_extension(key_usage(), critical=True)
    elif usage is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Credential(made.sign(by.key if by else key, hashes.SHA256()), key)


def key_usage() -> x509.KeyUsage:
    """Of an authority."""
    said = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    rest = {"digital_signature": False, "encipher_only": False, "decipher_only": False}
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **said, **rest)


@cache
def authority(name: str = "Vendors of Berlin", around: int = START) -> Credential:
    return certify(f"CN={name}", is_authority=True, around=around, days=365)


class CertifiedVendor(VendorActor):
    """Presents `credential` with each request to its own proxy, by the header that the proxy then sends."""

    def __init__(self, app: Flask, house: House, name: str, credential: Credential, **metadata: Any) -> None:
        self.credential: Credential | None = credential
        super().__init__(app, house, name, **metadata)

    @property
    def credentials(self) -> dict[str, str]:
        proves_by_certificate = self.registered["token_endpoint_auth_method"].endswith("tls_client_auth")
        return {} if proves_by_certificate else super().credentials

    @property
    def by_proxy(self) -> dict[str, str]:
        return {HEADER: self.credential.in_bytes} if self.credential else {}

    def post(self, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> TestResponse:
        sent = {**self.by_proxy, **(self.credentials if headers is None else headers)}
        named = form if "Authorization" in sent else {"client_id": self.client_id, **form}
        return self.client.post(path, data={name: value for name, value in named.items() if value}, headers=sent)

    def reads(self, access_token: str, *, method: str = "GET") -> TestResponse:
        headers = {"Authorization": f"Bearer {access_token}", **self.by_proxy}
        return self.client.open("/oauth/userinfo", method=method, headers=headers)
