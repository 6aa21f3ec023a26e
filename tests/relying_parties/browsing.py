"""A wallet of its own process with one person in it, and what she does in her browser to come to a relying party."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from wallet.demo.browser import Browser, NotThere, Page
from wallet.demo.stage import LOGIN, PASSWORD, move_in, ours, own_environment, running, wait_until_ready

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Wallet:
    """Where people and relying parties reach it, and where it listens."""

    issuer: str
    environment: dict[str, str]

    @property
    def discovery(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    def registers(self, **metadata: Any) -> tuple[str, str]:
        """All that a relying party gets to know beside the discovery URL: client_id and client_secret."""
        said = ours("wallet", "vendor", "add", "-", environment=self.environment, given=json.dumps(metadata))
        client = json.loads(said)
        return client["client_id"], client["client_secret"]


@contextmanager
def wallet_at(home: Path, port: int, *, issuer: str = "", **settings: str) -> Iterator[Wallet]:
    """A wallet that listens on the port, in which Ana lives; behind a proxy it has another issuer."""
    address = f"http://{HOST}:{port}"
    environment = own_environment(home) | settings | {"WALLET_ISSUER": issuer or address}
    move_in(environment)
    with running("wallet", ("wallet", "serve", "--port", str(port)), environment) as house:
        wait_until_ready(house, f"{address}/readyz")
        yield Wallet(environment["WALLET_ISSUER"], environment)


@dataclass
class Person:
    """One person in one browser, at a wallet and a relying party."""

    browser: Browser
    wallet: Wallet
    login: str = LOGIN

    def opens(self, address: str) -> Page:
        return self.goes_on(self.browser.open(address))

    def signs_in(self, page: Page) -> Page:
        form = page.form("login", "password")
        return self.goes_on(self.browser.submit(page, form, login=self.login, password=PASSWORD))

    def allows(self, page: Page, *names: str) -> Page:
        form = page.form("answer")
        assert set(names) <= set(form.choices)
        return self.goes_on(self.browser.submit(page, form, ticked=names, answer="allow"))

    def refuses(self, page: Page) -> Page:
        return self.goes_on(self.browser.submit(page, page.form("answer"), answer="refuse"))

    def goes_on(self, page: Page) -> Page:
        """Where an answer travels by form_post, the page's script sends it on at once."""
        try:
            form = page.form("iss", "state")
        except NotThere:
            return page
        return self.browser.submit(page, form)

    def signs_out(self, *, where: str = "everywhere") -> Page:
        """In the wallet, by its own page."""
        return self.chooses(self.browser.open(f"{self.wallet.issuer}/sign-out"), where)

    def chooses(self, page: Page, where: str) -> Page:
        return self.browser.submit(page, page.form("where"), where=where)

    def stops_sharing(self) -> None:
        """End whatever was granted, signing in where it has to be."""
        page = self.browser.open(f"{self.wallet.issuer}/vendors")
        if "/sign-in" in page.url:
            page = self.signs_in(page)
        with suppress(NotThere):
            vendor = self.browser.open(page.link(r"/vendors/[^\"]+"))
            self.browser.submit(vendor, vendor.form(action="/revoke"))

    def forgets(self, host: str) -> None:
        """Lose the cookies of one host, as in a browser that was cleaned."""
        self.browser.client.cookies.clear(domain=host)

    def happened(self) -> list[str]:
        """The ledger, oldest line first."""
        return self.browser.open(f"{self.wallet.issuer}/ledger").kinds("ledger-line ledger-")[::-1]


@contextmanager
def person_at(wallet: Wallet, *, login: str = LOGIN, authority: Path | None = None) -> Iterator[Person]:
    """With a browser that trusts one more authority."""
    browser = Browser()
    if authority is not None:
        trusting = ssl.create_default_context(cafile=authority)
        headers = browser.client.headers
        browser.client = httpx.Client(
            headers=headers, follow_redirects=True, timeout=30, trust_env=False, verify=trusting
        )
    try:
        yield Person(browser, wallet, login)
    finally:
        browser.close()
