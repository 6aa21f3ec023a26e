"""Where a session signed somebody in: remembered only for vendors that want to be told of its end, linking no two."""

import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from jwt import decode
from storage import on_sqlite_alone, rows

from vendor_api.vendors import registry
from wallet.upkeep import sweep

BACK = {"backchannel_logout_uri": "https://shop.example/logout"}


def claims(answer):
    return decode(answer["id_token"], options={"verify_signature": False})


@pytest.fixture
def shop(app, house):
    return VendorActor(app, house, "shop", **BACK)


@pytest.mark.parametrize("metadata", [BACK, {"frontchannel_logout_uri": "https://other.example/logout"}])
def test_a_vendor_that_wants_to_be_told_learns_which_session_this_is(app, house, person, metadata):
    other = VendorActor(app, house, "other", **metadata)

    sid = claims(tokens_for(person, other))["sid"]

    [kept] = rows(house, "sign_ins")
    assert (kept["client_id"], kept["sid"], kept["at"]) == ("other", sid, house.clock())
    assert kept["sub"] == claims(tokens_for(person, other, prompt="consent"))["sub"]


def test_a_vendor_that_does_not_want_to_be_told_gets_no_sid_and_costs_no_row(person, vendor, house):
    assert "sid" not in claims(tokens_for(person, vendor))

    assert rows(house, "sign_ins") == []


def test_without_openid_there_is_no_sign_in(person, shop, house):
    tokens_for(person, shop, scope="email")

    assert rows(house, "sign_ins") == []


def test_the_sid_stays_the_same_for_the_session_and_in_renewed_id_tokens(person, shop, house):
    first = tokens_for(person, shop)

    again = shop.redeems(shop.receives(person.opens(shop.link(["email"])))["code"]).json
    renewed = shop.refreshes(again["refresh_token"]).json

    assert len({claims(answer)["sid"] for answer in (first, again, renewed)}) == 1
    assert len(rows(house, "sign_ins")) == 1


def test_two_vendors_and_two_browsers_have_a_sid_each(app, house, ana, person, shop):
    other = VendorActor(app, house, "other", backchannel_logout_uri="https://other.example/logout")
    phone = PersonActor(app, house, ana, password=person.password)

    sids = {
        claims(tokens_for(actor, vendor, prompt="consent"))["sid"]
        for actor in (person, phone)
        for vendor in (shop, other)
    }

    assert len(sids) == 4


def test_who_proves_anew_who_they_are_keeps_the_sid(person, shop, clock):
    before = claims(tokens_for(person, shop))
    clock.now += 60

    after = claims(tokens_for(person, shop, prompt="login"))

    assert after["sid"] == before["sid"]
    assert after["auth_time"] == clock.now


def test_a_removed_vendor_leaves_no_sign_in(person, shop, house):
    tokens_for(person, shop)

    house.database.write(registry.remove, "shop")

    assert rows(house, "sign_ins") == []


@on_sqlite_alone
def test_a_sign_in_is_forgotten_a_month_later(person, shop, house, clock):
    tokens_for(person, shop)
    clock.now += 30 * 24 * 3600

    house.database.write(sweep, now=clock.now)

    assert rows(house, "sign_ins") == []
