"""Vendors with certificates before a real Apache, which ends TLS and hands the certificates on to a wallet."""

import base64
import hashlib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from browsing import Wallet, person_at, wallet_at
from certified import HEADER, Credential, authority, certify
from proxy import MISSING, apache_before
from relying import Ana, free_port, open_corner
from sites import certificate

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MISSING, reason="there is no apache2 (apt: apache2)"),
]
NOW = int(time.time())
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SUBJECT = "CN=shop,O=Shop GmbH,C=DE"
MINE, OTHERS = certify("CN=shop", around=NOW), certify("CN=thief", around=NOW)
CERTIFIED = certify(SUBJECT, by=authority(around=NOW), around=NOW)
METHODS = {
    "self_signed_tls_client_auth": ({"jwks": MINE.jwks}, MINE),
    "tls_client_auth": ({"tls_client_auth_subject_dn": SUBJECT}, CERTIFIED),
}


@dataclass(frozen=True)
class House:
    """A wallet behind Apache, with the authority for Apache's own certificate."""

    wallet: Wallet
    behind: int
    authority: Path
    folder: Path

    def client(self, credential: Credential | None) -> httpx.Client:
        """Somebody's own TLS, with or without a certificate."""
        context = ssl.create_default_context(cafile=self.authority)
        if credential is not None:
            context.load_cert_chain(*credential.written(self.folder, credential.thumbprint))
        return httpx.Client(base_url=self.wallet.issuer, verify=context, trust_env=False)

    def introspects(self, credential: Credential | None, client_id: str, headers: Any = None) -> httpx.Response:
        with self.client(credential) as client:
            form = {"token": "x", "client_id": client_id}
            return client.post("/oauth/introspect", data=form, headers=headers)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Apache runs as another user when root starts it, who may not enter pytest's folders."""
    with TemporaryDirectory(prefix="hausrecht-apache-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        own, vendors = certificate(folder), tmp_path_factory.mktemp("vendors")
        behind, port = free_port(), free_port()
        (vendors / "authorities.pem").write_text(authority(around=NOW).pem)
        settings = {
            "WALLET_REGISTRATION": "open",
            "WALLET_CLIENT_CERTIFICATE_HEADER": HEADER,
            "WALLET_TRUSTED_PROXIES": "127.0.0.1/32",
            "WALLET_CLIENT_CA_FILE": str(vendors / "authorities.pem"),
        }
        home, issuer = tmp_path_factory.mktemp("home"), f"https://localhost:{port}"
        with (
            wallet_at(home, behind, issuer=issuer, **settings) as wallet,
            apache_before(behind, port=port, folder=folder, authority=own),
        ):
            yield House(wallet, behind, own, vendors)


@pytest.fixture
def ana(house: House) -> Iterator[Ana]:
    with open_corner() as corner, person_at(house.wallet, authority=house.authority) as person:
        yield Ana(person.browser, corner)


def registers(house: House, back: str, method: str) -> str:
    metadata, _ = METHODS[method]
    bound = {"tls_client_certificate_bound_access_tokens": True, "token_endpoint_auth_method": method}
    with house.client(None) as client:
        made = client.post("/oauth/register", json={"redirect_uris": [back], **bound, **metadata})
    assert made.status_code == 201, made.text
    return str(made.json()["client_id"])


@pytest.mark.parametrize("method", METHODS)
def test_a_vendor_signs_somebody_in_by_nothing_but_its_certificate(house: House, ana: Ana, method: str) -> None:
    back, credential = ana.corner.back, METHODS[method][1]
    client_id = registers(house, back, method)
    asked = {"client_id": client_id, "redirect_uri": back, "response_type": "code", "scope": "openid email"}
    asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}

    arrived = ana.follows(f"{house.wallet.issuer}/oauth/authorize?{urlencode(asked)}")
    code = dict(parse_qsl(urlsplit(arrived["address"]).query))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": VERIFIER}
    form["client_id"] = client_id

    with house.client(OTHERS) as thief, house.client(credential) as shop:
        assert thief.post("/oauth/token", data=form).json()["error"] == "invalid_client"
        tokens = shop.post("/oauth/token", data=form).json()
        by_token = {"Authorization": f"Bearer {tokens['access_token']}"}
        forged = by_token | {HEADER: credential.in_bytes}

        assert shop.get("/oauth/userinfo", headers=by_token).json()["email"] == "ana@example.org"
        for headers in (by_token, forged):
            assert thief.get("/oauth/userinfo", headers=headers).status_code == 401
        told = shop.post("/oauth/introspect", data={"token": tokens["access_token"], "client_id": client_id}).json()
        assert told["cnf"] == {"x5t#S256": credential.thumbprint}


SMUGGLED = {
    "the_header": [(HEADER, MINE.in_bytes)],
    "in_small_letters": [(HEADER.lower(), MINE.in_bytes)],
    "escaped": [(HEADER, MINE.escaped)],
    "twice": [(HEADER, MINE.in_bytes), (HEADER, MINE.in_bytes)],
    "with_a_hyphen": [("Client-Cert", MINE.in_bytes)],
    "with_an_underscore": [("Client_Cert", MINE.in_bytes)],
    "declared_to_be_for_the_proxy": [("Connection", f"close, {HEADER}"), (HEADER, MINE.in_bytes)],
    "as_a_trailer": [("Trailer", HEADER), (HEADER, MINE.in_bytes)],
}


@pytest.mark.parametrize("certificate", [None, OTHERS], ids=["without_one", "with_another"])
@pytest.mark.parametrize("headers", SMUGGLED.values(), ids=SMUGGLED)
def test_what_a_client_writes_into_the_header_never_arrives(
    house: House, headers: list[tuple[str, str]], certificate: Credential | None
) -> None:
    client_id = registers(house, "https://shop.example/back", "self_signed_tls_client_auth")
    assert house.introspects(MINE, client_id).json() == {"active": False}

    answer = house.introspects(certificate, client_id, headers)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_before_the_real_server_a_header_sent_twice_is_refused_and_its_twin_is_another(house: House) -> None:
    client_id = registers(house, "https://shop.example/back", "self_signed_tls_client_auth")
    address, form = f"http://127.0.0.1:{house.behind}/oauth/introspect", {"token": "x", "client_id": client_id}

    def sends(*headers: tuple[str, str]) -> str:
        answer = httpx.post(address, data=form, headers=list(headers), trust_env=False).json()
        return str(answer.get("error", "let in"))

    assert sends((HEADER, MINE.in_bytes)) == "let in"
    assert sends((HEADER, OTHERS.in_bytes)) == "invalid_client"
    assert sends((HEADER, OTHERS.in_bytes), (HEADER, MINE.in_bytes)) == "invalid_request"
    assert sends((HEADER, MINE.in_bytes), (HEADER, MINE.in_bytes)) == "invalid_request"
    assert sends((HEADER, OTHERS.in_bytes), ("Client_Cert", MINE.in_bytes)) == "invalid_client"
    assert sends((HEADER, OTHERS.in_bytes), ("Client-Cert", MINE.in_bytes)) == "invalid_client"
