"""The page from which a person takes everything along."""

import io
import sqlite3

import pytest
from packing import PASSPHRASE
from settling import vault_of
from storage import nothing_changes, on_sqlite_alone

from wallet.vault import envelope

pytestmark = on_sqlite_alone
PAGE = "/wallet/vault"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch):
    monkeypatch.setattr(envelope, "COST", 2**10)


@pytest.fixture
def browser(person):
    person.signs_in()
    return person.browser


def test_the_wallets_page_leads_there(browser):
    assert f'href="{PAGE}"' in browser.get("/wallet").text
    assert browser.get(PAGE).status_code == 200


def test_the_sealed_file_opens_with_the_passphrase(browser, person):
    got = browser.post(PAGE, passphrase=PASSPHRASE, again=PASSPHRASE, password=PASSWORD)

    assert (got.status_code, got.headers["Cache-Control"]) == (200, "no-store")
    assert 'filename="wallet.vault"' in got.headers["Content-Disposition"]
    assert b"ana@example.org" not in got.data
    file = io.BytesIO(got.data)
    assert file.readline() == envelope.FIRST_LINE
    db = sqlite3.connect(":memory:")
    db.deserialize(envelope.opened(file, PASSPHRASE))
    assert vault_of(db).person_id == person.person.person_id


def test_in_the_clear_it_is_to_be_had_by_who_understands(browser):
    refused = browser.post(PAGE, form="clear", password=PASSWORD)
    got = browser.post(PAGE, form="clear", password=PASSWORD, understood="yes")

    assert refused.status_code == 422
    assert got.data.startswith(b"SQLite format 3\0")


@pytest.mark.parametrize(
    "fields",
    [
        {"passphrase": PASSPHRASE, "again": PASSPHRASE, "password": "wrong"},
        {"passphrase": PASSPHRASE, "again": PASSPHRASE},
        {"passphrase": "short", "again": "short", "password": PASSWORD},
        {"passphrase": PASSPHRASE, "again": "another", "password": PASSWORD},
        {"form": "clear", "understood": "yes", "password": "wrong"},
    ],
    ids=["wrong password", "no password", "too short", "not the same", "in the clear"],
)
def test_otherwise_nothing_leaves(browser, fields):
    got = browser.post(PAGE, **fields)

    assert got.status_code == 422
    assert got.mimetype == "text/html"
    assert 'role="alert"' in got.text


def test_who_guesses_the_password_there_has_to_wait(browser, clock):
    for _ in range(30):
        got = browser.post(PAGE, form="clear", understood="yes", password="wrong")
        if got.status_code == 429:
            break
    else:
        pytest.fail("it went on for ever")
    assert browser.post(PAGE, form="clear", understood="yes", password=PASSWORD).status_code == 429

    clock.now += 1000
    got = browser.post(PAGE, form="clear", understood="yes", password=PASSWORD)

    assert got.data.startswith(b"SQLite format 3")
    again = [browser.post(PAGE, form="clear", understood="yes", password="wrong").status_code for _ in range(5)]
    assert again == [422] * 5, "the mistakes before are forgotten"


def test_what_is_too_large_for_a_page_is_to_be_had_by_command(browser, monkeypatch):
    monkeypatch.setattr("wallet.vault.pages.LARGEST", 100_000)

    got = browser.post(PAGE, form="clear", understood="yes", password=PASSWORD)

    assert (got.status_code, got.mimetype) == (413, "text/html")
    assert "wallet export" in got.text


def test_nobody_else_gets_it(app, house):
    stranger = app.test_client()

    with nothing_changes(house):
        assert "/sign-in" in stranger.get(PAGE).location
        assert stranger.post(PAGE, data={"password": PASSWORD}).status_code in {302, 303, 400}
