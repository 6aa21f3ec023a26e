"""A ledger is stamped by itself on each day on which something happened; an old stamp tells whether it still holds."""

import io
import json

import jwt
import pytest
from actors import PersonActor
from journeys import tokens_for
from reading import csrf_token, words
from sqlalchemy import update
from storage import nothing_changes, on_sqlite_alone, rows

from consent.tables import ledger as table
from keys.did import public_key_of
from wallet.sharing import stamping
from wallet.sharing.stamping import stamp_all

DAY = 24 * 3600


@pytest.fixture
def token(person, vendor):
    return tokens_for(person, vendor)["access_token"]


def stamps(house):
    return sorted((row["day"], row["last"]) for row in rows(house, "stamps"))


def test_each_day_on_which_something_happened_has_one_stamp(vendor, token, house, clock):
    assert stamp_all(house) == 1
    vendor.reads(token)
    assert stamp_all(house) == 0
    clock.now += DAY
    assert stamp_all(house) == 1
    clock.now += DAY
    assert stamp_all(house) == 0

    assert stamps(house) == [("2027-01-15", 3), ("2027-01-16", 4)]


def test_everybody_has_a_stamp_of_their_own(app, person, vendor, token, house, moves_in, monkeypatch):
    monkeypatch.setattr(stamping, "AT_ONCE", 1)
    ben, _silent = PersonActor(app, house, moves_in("Ben"), password=person.password), moves_in("Cleo")
    ben.has({"email": "ben@example.org"})
    tokens_for(ben, vendor)

    assert stamp_all(house) == 2
    assert len({row["person_id"] for row in rows(house, "stamps")}) == 2


def test_they_are_taken_one_by_one_or_all_and_verify_with_nothing_of_ours(person, vendor, token, house, clock):
    stamp_all(house)
    clock.now += DAY
    person.opens(vendor.link(["phone_number"]))
    stamp_all(house)

    page = person.browser.get("/ledger")
    one = person.browser.get("/ledger/stamps/2027-01-15")
    every = person.browser.get("/ledger/stamps")

    assert "Signed every day; keep one elsewhere" in words(page)
    assert "16 January 2027, up to line" in words(page)
    claims = jwt.decode(
        one.text,
        public_key_of(jwt.get_unverified_header(one.text)["kid"]),
        algorithms=["EdDSA"],
        audience=house.settings.issuer,
        options={"verify_iat": False},
    )
    lines = [json.loads(line) for line in every.text.splitlines()]
    assert claims["w:last"] == 3
    assert [line["day"] for line in lines] == ["2027-01-15", "2027-01-16"]
    assert lines[0]["stamp"] == one.text
    assert one.headers["Content-Disposition"] == 'attachment; filename="ledger-2027-01-15.jwt"'
    assert compares(person, one.data).status_code == 200


def compares(person, stamp):
    page = person.browser.get("/ledger")
    sent = {"csrf_token": csrf_token(page), "stamp": (io.BytesIO(stamp), "stamp.jwt")}
    return person.browser.client.post("/ledger/check", data=sent, content_type="multipart/form-data")


@on_sqlite_alone
def test_nobody_takes_those_of_somebody_else(app, person, token, house, moves_in):
    stamp_all(house)
    ben = PersonActor(app, house, moves_in("Ben"), password=person.password)
    ben.signs_in()

    with nothing_changes(house):
        assert ben.browser.get("/ledger/stamps/2027-01-15").status_code == 404
        assert ben.browser.get("/ledger/stamps").data == b""
        assert person.browser.get("/ledger/stamps/2027-01-14").status_code == 404
        assert app.test_client().get("/ledger/stamps").status_code == 303


@on_sqlite_alone
def test_a_line_that_was_changed_together_with_all_that_follows_is_noticed_by_an_old_stamp(person, token, house):
    stamp_all(house)
    (kept,) = rows(house, "stamps")
    house.database.write(lambda db: db.execute(update(table).where(table.c.seq == kept["last"]).values(hash="0" * 64)))

    assert "Do not rely on it" in words(compares(person, kept["stamp"].encode()))
