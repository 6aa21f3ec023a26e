"""One wallet that serves for all tests here; for each test a person's browser, a vendor's address and its library."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import npm
import pytest
from relying import Ana, Corner, Library, Shop, Wallet, free_port, open_corner, open_wallet

from wallet.demo.browser import Browser
from wallet.demo.stage import HOST

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with what npm brought."""
    npm.install(HERE)
    return HERE / "node_modules"


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wallet]:
    port = free_port()
    with open_wallet(tmp_path_factory.mktemp("wallet"), port=port, issuer=f"http://{HOST}:{port}") as wallet:
        yield wallet


@pytest.fixture
def corner() -> Iterator[Corner]:
    with open_corner() as corner:
        yield corner


@pytest.fixture
def ana(corner: Corner) -> Iterator[Ana]:
    browser = Browser()
    with closing(browser):
        yield Ana(browser, corner)


@pytest.fixture
def library(packages: Path) -> Iterator[Library]:
    """openid-client in a process of its own."""
    command, pipe = [npm.node(), "--no-warnings", "openid_client.mjs"], subprocess.PIPE
    with subprocess.Popen(command, cwd=packages.parent, stdin=pipe, stdout=pipe, text=True) as process:
        yield Library(process)
        process.communicate(timeout=20)


@pytest.fixture
def shop(wallet: Wallet, ana: Ana, library: Library) -> Shop:
    return Shop(wallet, ana, library)
