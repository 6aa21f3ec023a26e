"""A Django project signs people in through mozilla-django-oidc, with nothing but what any vendor is given."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from secrets import token_urlsafe

import pytest
from browsing import HOST, Person, Wallet, person_at, wallet_at

from wallet.demo.browser import Page
from wallet.demo.stage import PASSWORD, VALUES, ours, reserve, running, wait_until_ready

PROJECT = Path(__file__).with_name("django_shop")
RENEWAL = 2.1  # seconds after which settings.py has Django ask anew
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("mozilla_django_oidc") is None, reason="mozilla-django-oidc is not installed"),
]


@dataclass(frozen=True)
class Shop:
    """Where it is, and the file with its accounts."""

    address: str
    wallet: Wallet
    database: Path

    @property
    def account(self) -> str:
        return f"{self.address}/account/"

    def accounts(self) -> list[tuple[str, str, str]]:
        return self.does("select email, first_name, last_name from auth_user order by id")

    def does(self, statement: str) -> list[tuple[str, str, str]]:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as db:
            return db.execute(statement).fetchall()


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ExitStack() as stack:
        doors = [stack.enter_context(reserve(0)) for _ in range(2)]
        ports = [door.getsockname()[1] for door in doors]
        for door in doors:
            door.close()
        wallet = stack.enter_context(wallet_at(tmp_path_factory.mktemp("home"), ports[0]))
        folder = tmp_path_factory.mktemp("shop")
        shop = Shop(f"http://{HOST}:{ports[1]}", wallet, folder / "shop.db")
        environment = settings_of(shop, folder)
        ours("django", "migrate", environment=environment)
        serve = ("django", "runserver", "--noreload", f"{HOST}:{ports[1]}")
        wait_until_ready(stack.enter_context(running("django", serve, environment)), shop.address)
        yield shop


def settings_of(shop: Shop, folder: Path) -> dict[str, str]:
    client_id, client_secret = shop.wallet.registers(
        client_name="Django",
        redirect_uris=[f"{shop.address}/oidc/callback/"],
        post_logout_redirect_uris=[f"{shop.address}/"],
    )
    return shop.wallet.environment | {
        "WALLET_HOME": str(folder),
        "PYTHONPATH": str(PROJECT),
        "DJANGO_SETTINGS_MODULE": "settings",
        "SHOP_DISCOVERY_URL": shop.wallet.discovery,
        "SHOP_CLIENT_ID": client_id,
        "SHOP_CLIENT_SECRET": client_secret,
        "SHOP_SECRET_KEY": token_urlsafe(32),
        "SHOP_DATABASE": str(shop.database),
    }


@pytest.fixture
def shop(street: Shop) -> Shop:
    """Without an account."""
    street.does("delete from auth_user")
    return street


@pytest.fixture
def ana(shop: Shop) -> Iterator[Person]:
    with person_at(shop.wallet) as ana:
        yield ana
        ana.stops_sharing()


def comes(person: Person, shop: Shop, *names: str) -> Page:
    return person.allows(person.signs_in(person.opens(shop.account)), *names)


def test_django_makes_an_account_of_what_she_allows(shop: Shop, ana: Person) -> None:
    page = comes(ana, shop, "email", "given_name", "family_name")

    assert page.url == shop.account
    shown = page.marked("id")
    assert (shown["email"], shown["name"]) == (VALUES["email"], VALUES["name"])
    assert shop.accounts() == [(VALUES["email"], VALUES["given_name"], VALUES["family_name"])]
    assert ana.happened()[-4:] == ["asked", "granted", "redeemed", "read"]


def test_django_finds_the_same_account_again_without_a_page(shop: Shop, ana: Person) -> None:
    first = comes(ana, shop, "email", "given_name").marked("id")
    environment = shop.wallet.environment
    ours("wallet", "person", "set", "ana", "email=ana@new.example", environment=environment)

    try:
        ana.browser.client.cookies.delete("sessionid")
        page = ana.opens(shop.account)
    finally:
        ours("wallet", "person", "set", "ana", f"email={VALUES['email']}", environment=environment)

    assert page.url == shop.account
    assert page.marked("id")["username"] == first["username"]
    assert shop.accounts() == [("ana@new.example", VALUES["given_name"], "")]


def test_django_signs_her_in_without_what_she_keeps_to_herself(shop: Shop, ana: Person) -> None:
    page = comes(ana, shop, "given_name")

    assert page.url == shop.account
    assert shop.accounts() == [("", VALUES["given_name"], "")]


def test_django_makes_no_account_of_a_refusal(shop: Shop, ana: Person) -> None:
    page = ana.refuses(ana.signs_in(ana.opens(shop.account)))

    assert page.url == f"{shop.address}/?refused"
    assert page.text == "Welcome, stranger."
    assert shop.accounts() == []


def test_django_gives_nobody_an_account_for_its_email_address(shop: Shop, ana: Person) -> None:
    """Anybody can write any address into a wallet."""
    comes(ana, shop, "email")
    environment = shop.wallet.environment
    ours("wallet", "person", "add", "eve", "--password-stdin", environment=environment, given=f"{PASSWORD}\n")
    ours("wallet", "person", "set", "eve", f"email={VALUES['email']}", environment=environment)

    with person_at(shop.wallet, login="eve") as eve:
        page = comes(eve, shop, "email")

    assert page.url == shop.account
    assert shop.accounts() == [(VALUES["email"], "", "")] * 2


def test_django_asks_anew_after_a_while_without_a_page(shop: Shop, ana: Person) -> None:
    comes(ana, shop, "email")
    time.sleep(RENEWAL)

    page = ana.opens(shop.account)

    assert page.parameter("prompt") == "none"
    assert (page.url, page.marked("id")["email"]) == (shop.account, VALUES["email"])


def test_django_notices_after_a_while_that_she_signed_out_in_the_wallet(shop: Shop, ana: Person) -> None:
    comes(ana, shop, "email")
    ana.signs_out()
    time.sleep(RENEWAL)

    page = ana.opens(shop.account)

    assert page.parameter("error") == "login_required"
    assert page.text == "Welcome, stranger."


def test_django_notices_after_a_while_that_she_stopped_sharing(shop: Shop, ana: Person) -> None:
    comes(ana, shop, "email")
    ana.stops_sharing()
    time.sleep(RENEWAL)

    page = ana.opens(shop.account)

    assert page.parameter("error") == "consent_required"
    assert page.text == "Welcome, stranger."


def test_django_sends_her_to_sign_out_and_she_comes_back(shop: Shop, ana: Person) -> None:
    page = comes(ana, shop, "email")

    page = ana.browser.submit(page, page.form(action="/oidc/logout/"))
    assert page.url.startswith(f"{shop.wallet.issuer}/sign-out?")
    page = ana.chooses(page, "everywhere")

    assert (page.url, page.text) == (f"{shop.address}/", "Welcome, stranger.")
    assert ana.opens(shop.account).form("login", "password")
