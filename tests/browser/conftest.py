"""A real Chromium, a real wallet and a real shop. Each page is looked at; a picture of it is kept in $SCREENSHOTS."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from wallet.demo.stage import HOST, ours, own_environment, register_shop, reserve, running, wait_until_ready

PASSWORD = "a long walk by the sea"
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
EXPECTED_STATUS = re.compile(r"Failed to load resource: the server responded with a status of (403|422) ")


@dataclass(frozen=True)
class Town:
    """A wallet and a shop, each a process of its own."""

    wallet: str
    shop: str
    environment: dict[str, str]
    said: Path

    def command(self, *arguments: str) -> str:
        return ours("wallet", *arguments, environment=self.environment)


@contextmanager
def town_at(home: Path, **settings: str) -> Iterator[Town]:
    with ExitStack() as stack:
        environment = own_environment(home) | settings
        doors = [stack.enter_context(reserve(0)) for _ in range(2)]
        ports = [door.getsockname()[1] for door in doors]
        wallet, shop = (f"http://{HOST}:{port}" for port in ports)
        environment |= register_shop(environment, wallet=wallet, shop_port=ports[1])
        for door in doors:
            door.close()
        serve = ("wallet", "serve", "--port", str(ports[0]))
        house = stack.enter_context(running("wallet", serve, environment))
        corner = stack.enter_context(running("shop", ("wallet.demo.shop", "--port", str(ports[1])), environment))
        wait_until_ready(house, f"{wallet}/readyz")
        wait_until_ready(corner, shop)
        yield Town(wallet, shop, environment | {"WALLET_ISSUER": wallet}, house.log)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town where everybody may move in."""
    with town_at(tmp_path_factory.mktemp("town"), WALLET_SIGN_UP="open") as town:
        yield town


@pytest.fixture
def town_by_invitation(tmp_path: Path) -> Iterator[Town]:
    """A town where nobody lives yet, with the wallet as it is when nobody has set anything."""
    with town_at(tmp_path, WALLET_SIGN_UP="") as town:
        yield town


@dataclass(frozen=True)
class LeadingVendor:
    """A vendor whose redirect URI leads on to another of its hosts, as those with a sign-in host of their own do."""

    link: str
    ends_at: str


@pytest.fixture
def leading_vendor(town: Town) -> Iterator[LeadingVendor]:
    with answering(200, {}) as home, answering(303, {"Location": home}) as door:
        metadata = {"client_name": "Leads on", "redirect_uris": [f"{door}back"], "require_pkce": False}
        client = json.loads(
            ours("wallet", "vendor", "add", "-", environment=town.environment, given=json.dumps(metadata))
        )
        query = {
            "client_id": client["client_id"],
            "redirect_uri": f"{door}back",
            "response_type": "code",
            "scope": "openid",
        }
        yield LeadingVendor(f"{town.wallet}/oauth/authorize?{urlencode(query)}", home)


@contextmanager
def answering(status: int, headers: dict[str, str]) -> Iterator[str]:
    """A host that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}/"
        server.shutdown()


@dataclass
class Walk:
    """One person's walk through the town, in a browser of their own."""

    town: Town
    page: Page
    pictures: Path | None
    login: str = "ana"
    complaints: list[str] = field(default_factory=list)
    pages: int = 0

    def at(self, name: str) -> Page:
        """Say which page this is: it must fit the screen, and where somebody wants pictures, one is kept."""
        self.pages += 1
        if self.pictures:
            self.page.screenshot(path=self.pictures / f"{self.pages:02}-{name}.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels wider than the screen"
        return self.page

    def open(self, address: str) -> Page:
        self.page.goto(address)
        return self.page

    def goes(self, selector: str) -> None:
        """Follow a link or press a button, and wait until the page it leads to stands."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def signs_up(self, link: str | None = None) -> None:
        self.open(link or f"{self.town.wallet}/sign-up")
        self.at("sign-up")
        self.page.fill("[name=login]", self.login)
        self.page.fill("[name=password]", PASSWORD)
        self.page.fill("[name=password_again]", PASSWORD)
        self.goes("main form button")
        assert self.page.url == f"{self.town.wallet}/recovery?welcome=1"

    def enters(self, name: str, value: str) -> None:
        """Write down one value, by the link on the page of all values."""
        self.open(f"{self.town.wallet}/data")
        link = f'a[href$="/data/{name}"]'
        folded = self.page.locator("#groups details:not([open])", has=self.page.locator(link))
        if folded.count():
            folded.locator("summary").click()
        self.goes(f"#groups {link}")
        self.page.fill("main [name=value]", value)
        self.goes("main form.fields button")

    def signs_in(self) -> None:
        self.page.fill("[name=login]", self.login)
        self.page.fill("[name=password]", PASSWORD)
        self.goes("main form button")

    def signs_out(self) -> None:
        self.open(f"{self.town.wallet}/data")
        self.goes('form[action="/sign-out"] button')

    def asks_at_the_shop(self) -> None:
        """Choose “Sign in with your wallet” on the shop's start page."""
        self.open(self.town.shop)
        self.goes('a[href="/sign-in"]')

    def ticks(self, name: str) -> None:
        """The whole row is the label of its box."""
        self.page.locator("li", has=self.page.locator(f'[name=attribute][value="{name}"]')).click()
        assert self.page.is_checked(f'[name=attribute][value="{name}"]')

    def answers(self, answer: str) -> None:
        self.goes(f"[name=answer][value={answer}]")

    def shop_shows(self) -> dict[str, str]:
        rows = self.page.locator("[data-given]").all()
        return {row.get_attribute("data-given") or "": row.inner_text() for row in rows}

    def shop_misses(self) -> set[str | None]:
        return {row.get_attribute("data-withheld") for row in self.page.locator("[data-withheld]").all()}

    def happened(self) -> list[str]:
        """The ledger, oldest line first."""
        self.open(f"{self.town.wallet}/ledger")
        classes = [line.get_attribute("class") or "" for line in self.page.locator(".ledger-line").all()]
        return [text.rpartition("ledger-")[2] for text in reversed(classes)]

    def listen(self) -> None:
        """Whatever the browser complains of, or a server fails at, makes the test fail."""

        def hear(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not EXPECTED_STATUS.match(message.text):
                self.complaints.append(message.text)

        def see(answer: Response) -> None:
            if answer.status >= 500:
                self.complaints.append(f"{answer.status} at {answer.url}")

        self.page.on("console", hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", see)


Begins = Callable[..., Walk]


@pytest.fixture
def begins(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Begins]:
    """Begin a walk: language, screen, colours, scripts or none. When the test ends, nobody may have complained."""
    folder = os.environ.get("SCREENSHOTS")
    contexts: list[BrowserContext] = []
    walks: list[Walk] = []

    def begins(
        town: Town, login: str, *, locale: str = "en-GB", phone: bool = False, dark: bool = False, scripts: bool = True
    ) -> Walk:
        context = chromium.new_context(
            locale=locale,
            viewport=PHONE if phone else WIDE,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        pictures = Path(folder, name, str(len(contexts))) if folder else None
        walk = Walk(town, context.new_page(), pictures, login)
        walk.listen()
        walks.append(walk)
        return walk

    yield begins
    for context in contexts:
        context.close()
    assert [walk.complaints for walk in walks] == [[] for _ in walks]
