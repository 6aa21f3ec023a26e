"""Debian's Apache with mod_auth_openidc signs people in, and out, with nothing but what any vendor is given."""

import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from apache import MISSING, Shop, apache_at, told
from browsing import HOST, Person, person_at
from sites import certificate

from wallet.demo.stage import VALUES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MISSING, reason="there is no apache2 with mod_auth_openidc (apt: libapache2-mod-auth-openidc)"),
]
ASKED = {"name", "given_name", "family_name", "birthdate", "email"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Apache runs as another user when root starts it, who may not enter pytest's folders."""
    with TemporaryDirectory(prefix="hausrecht-apache-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        authority = certificate(folder)
        with apache_at(folder, tmp_path_factory.mktemp("home"), authority) as shop:
            yield shop


@pytest.fixture
def ana(shop: Shop) -> Iterator[Person]:
    with person_at(shop.wallet, authority=shop.authority) as ana:
        yield ana
        ana.stops_sharing()


def comes(ana: Person, shop: Shop) -> dict[str, str]:
    """For the first time: she signs in, ticks two values, and Apache lets her in. Returns what it was told."""
    page = ana.signs_in(ana.opens(shop.account))
    page = ana.allows(page, "name", "email")
    assert page.url == shop.account
    return told(page)


def is_let_in(ana: Person, shop: Shop) -> bool:
    return ana.opens(shop.account).url == shop.account


def test_apache_lets_in_who_signed_in_and_hands_on_what_she_allowed(shop: Shop, ana: Person) -> None:
    page = ana.opens(shop.account)
    assert (page.parameter("code_challenge_method"), page.parameter("scope")) == ("S256", "openid profile email")
    page = ana.signs_in(page)
    assert set(page.form("answer").choices) == ASKED

    page = ana.allows(page, "name", "email")

    assert page.url == shop.account
    facts = told(page)
    assert facts["REMOTE_USER"] == facts["OIDC_CLAIM_sub"]
    assert facts["OIDC_CLAIM_iss"] == shop.wallet.issuer
    assert {name: facts.get(f"OIDC_CLAIM_{name}") for name in ASKED} == {
        **dict.fromkeys(ASKED),
        "name": VALUES["name"],
        "email": VALUES["email"],
    }
    assert ana.happened()[-4:] == ["asked", "granted", "redeemed", "read"]


def test_apache_tells_the_application_behind_it_and_nobody_else_does(shop: Shop, ana: Person) -> None:
    comes(ana, shop)

    ana.browser.client.headers["OIDC_CLAIM_birthdate"] = "1900-01-01"
    ana.opens(f"{shop.address}/account/application")

    _, _, headers, _ = shop.application.seen[-1]
    assert headers["oidc_claim_name"].encode("latin-1").decode() == VALUES["name"]
    assert headers["oidc_claim_email"] == VALUES["email"]
    assert "oidc_claim_birthdate" not in headers


def test_apache_renews_its_access_token_for_as_long_as_she_shares(shop: Shop, ana: Person) -> None:
    first = comes(ana, shop)
    time.sleep(1.1)
    assert told(ana.opens(shop.short))["OIDC_access_token"] != first["OIDC_access_token"]

    ana.stops_sharing()
    time.sleep(1.1)

    assert "Logged Out" in ana.opens(shop.short).text
    assert ana.opens(shop.account).form("answer")


def test_apache_recognises_her_on_the_next_visit_without_a_page(shop: Shop, ana: Person) -> None:
    first = comes(ana, shop)

    ana.forgets(HOST)
    page = ana.opens(shop.account)

    assert page.url == shop.account
    assert told(page)["REMOTE_USER"] == first["REMOTE_USER"]
    assert ana.happened()[-3:] == ["signed_in", "redeemed", "read"]


def test_apache_lets_nobody_in_who_was_refused(shop: Shop, ana: Person) -> None:
    page = ana.signs_in(ana.opens(shop.account))

    page = ana.refuses(page)

    assert page.url == shop.back
    assert "access_denied" in page.text
    assert "the person refused" in page.text
    assert ana.happened()[-1] == "refused"
    assert not is_let_in(ana, shop)


def test_apache_forgets_her_when_she_signs_out_in_the_wallet(shop: Shop, ana: Person) -> None:
    comes(ana, shop)
    assert is_let_in(ana, shop)

    ana.signs_out()

    assert eventually(lambda: not is_let_in(ana, shop))
    page = ana.opens(shop.account)
    assert page.form("login", "password")
    page = ana.signs_in(page)
    assert page.url == shop.account


def test_apache_forgets_nobody_else_when_she_signs_out(shop: Shop, ana: Person) -> None:
    comes(ana, shop)
    with person_at(shop.wallet, authority=shop.authority) as elsewhere:
        elsewhere.signs_in(elsewhere.opens(shop.account))

        ana.signs_out()

        assert eventually(lambda: not is_let_in(ana, shop))
        assert told(elsewhere.opens(shop.account))["REMOTE_USER"]


def test_browsers_send_apache_its_cookie_along_with_an_answer_by_form(shop: Shop) -> None:
    """The wallet is another site, and its page posts: without SameSite=None no browser would."""
    answer = httpx.get(shop.account, verify=ssl.create_default_context(cafile=shop.authority), trust_env=False)

    assert "response_mode=form_post" in answer.headers["location"]
    assert "SameSite=None" in answer.headers["set-cookie"]


def test_apache_sends_her_to_sign_out_and_she_comes_back(shop: Shop, ana: Person) -> None:
    comes(ana, shop)

    page = ana.opens(f"{shop.back}?logout={shop.address}/bye.html")
    assert page.url.startswith(f"{shop.wallet.issuer}/sign-out?")
    page = ana.chooses(page, "everywhere")

    assert (page.url, page.text) == (f"{shop.address}/bye.html", "Come back soon.")
    assert not is_let_in(ana, shop)


def eventually(holds: Callable[[], bool]) -> bool:
    """Within a few seconds: the wallet tells vendors beside its requests."""
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()
