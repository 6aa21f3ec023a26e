"""A vendor's page says of each value how often it was read, when last, and for what."""

import json

import pytest
from actors import VendorActor
from journeys import tokens_for
from reading import words_in
from storage import on_sqlite_alone

DAY = 24 * 3600


def counts(person, grant_id):
    return words_in(person.browser.get(f"/vendors/{grant_id}"), "read-so-far")


def test_each_value_is_counted_by_itself(person, vendor, clock):
    tokens = tokens_for(person, vendor, ["email", "birthdate"])
    assert counts(person, tokens["grant_id"]) == ["Never read so far", "Never read so far"]

    vendor.reads(tokens["access_token"])
    page = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{page}/tighten", form_at=page, attribute="email", often="once")
    vendor.reads(tokens["access_token"])
    vendor.reads(tokens["access_token"])

    assert counts(person, tokens["grant_id"]) == [
        "Read 2 times for this reason, last on 15 January 2027",
        "Read 3 times for this reason, last on 15 January 2027",
    ]


def test_reads_for_another_reason_and_of_another_grant_are_told_apart(app, house, person, vendor):
    kind = "urn:hausrecht:consent"
    shop = VendorActor(app, house, "shop", authorization_details_types=[kind])

    def asks(purpose):
        detail = {"type": kind, "attributes": ["email"], "purpose": purpose, "essential": True}
        link = shop.link(authorization_details=json.dumps([detail]))
        return shop.redeems(shop.receives(person.allows(person.opens(link)))["code"]).json

    first = asks("To send your bill")
    shop.reads(first["access_token"])
    shop.reads(first["access_token"])
    second = asks("To send you news")
    before = counts(person, second["grant_id"])
    shop.reads(second["access_token"])
    vendor.reads(tokens_for(person, vendor)["access_token"])

    assert first["grant_id"] == second["grant_id"]
    assert before == ["Read 2 times, last on 15 January 2027"]
    assert counts(person, second["grant_id"]) == [
        "Read once for this reason, on 15 January 2027, and 2 times for others"
    ]


@on_sqlite_alone
@pytest.mark.parametrize("scope", ["openid offline_access"])
def test_what_is_no_value_has_no_count(person, vendor, scope):
    tokens = tokens_for(person, vendor, ["email"], scope=scope)

    assert len(counts(person, tokens["grant_id"])) == 1
