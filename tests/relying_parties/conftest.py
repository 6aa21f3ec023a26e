"""One wallet that serves for all tests here; for each test a person's browser, a vendor's address and its library."""

import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import npm
import pytest
import tls
from relying import Ana, Corner, Library, Shop, Wallet, free_port, open_corner, open_wallet

from wallet.demo.browser import Browser

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with what npm brought."""
    npm.install(HERE)
    return HERE / "node_modules"


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[Wallet]:
    """Behind a proxy that speaks TLS, as a host has it."""
    port = free_port()
    with (
        tls.before(port, authority) as issuer,
        open_wallet(tmp_path_factory.mktemp("wallet"), port=port, issuer=issuer) as wallet,
    ):
        yield wallet


@pytest.fixture
def corner() -> Iterator[Corner]:
    with open_corner() as corner:
        yield corner


@pytest.fixture
def ana(corner: Corner, authority: Path) -> Iterator[Ana]:
    browser = Browser()
    browser.close()
    trusting = ssl.create_default_context(cafile=authority)
    with httpx.Client(
        headers=browser.client.headers, follow_redirects=True, timeout=30, trust_env=False, verify=trusting
    ) as browser.client:
        yield Ana(browser, corner)


@pytest.fixture
def library(packages: Path, authority: Path) -> Iterator[Library]:
    """openid-client in a process of its own."""
    command, pipe = [npm.node(), "--no-warnings", "openid_client.mjs"], subprocess.PIPE
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(authority)}
    with subprocess.Popen(command, cwd=packages.parent, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        yield Library(process)
        process.communicate(timeout=20)


@pytest.fixture
def shop(wallet: Wallet, ana: Ana, library: Library) -> Shop:
    return Shop(wallet, ana, library)
