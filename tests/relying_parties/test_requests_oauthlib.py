"""requests-oauthlib, which knows OAuth and nothing of OpenID Connect, gets its tokens, reads and renews them."""

from collections.abc import Iterator

import httpx
import pytest
from browsing import Person, Wallet, person_at, wallet_at
from sites import certificate, serving

from wallet.demo.stage import VALUES, reserve

library = pytest.importorskip("requests_oauthlib", reason="requests-oauthlib is not installed")
pytestmark = pytest.mark.slow
SCOPES = ["openid", "profile", "email", "offline_access"]


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wallet]:
    with reserve(0) as door:
        port = door.getsockname()[1]
    with wallet_at(tmp_path_factory.mktemp("home"), port) as wallet:
        yield wallet


@pytest.fixture
def ana(wallet: Wallet) -> Iterator[Person]:
    with person_at(wallet) as ana:
        yield ana


def test_requests_oauthlib_reads_and_renews(
    wallet: Wallet, ana: Person, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses http, even on loopback, and a token whose scope is not the one it asked for."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    provider = httpx.get(wallet.discovery, trust_env=False).json()
    with serving(certificate(tmp_path_factory.mktemp("site")), scheme="http") as site:
        client_id, client_secret = wallet.registers(
            client_name="Script", redirect_uris=[site.url], scope=" ".join(SCOPES)
        )
        session = library.OAuth2Session(client_id, redirect_uri=site.url, scope=SCOPES, pkce="S256")
        session.trust_env = False
        address, _ = session.authorization_url(provider["authorization_endpoint"])
        page = ana.allows(ana.signs_in(ana.opens(address)), "email", "offline_access")

    session.fetch_token(provider["token_endpoint"], authorization_response=page.url, client_secret=client_secret)
    assert session.get(provider["userinfo_endpoint"]).json()["email"] == VALUES["email"]

    first = session.token["access_token"]
    session.refresh_token(provider["token_endpoint"], auth=(client_id, client_secret))
    assert session.token["access_token"] != first
    assert session.get(provider["userinfo_endpoint"]).json()["email"] == VALUES["email"]
