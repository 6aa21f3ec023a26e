"""Two vendors, or one vendor and two personas, have nothing to compare: no value, no number, no piece of an id."""

import json

import pytest
from actors import PersonActor, VendorActor
from storage import rows
from taking_apart import IDS, SHARED, ids, members, status, values

from wallet.people.personas import add_persona
from wallet.people.sessions import open_session

WISHES = {
    "userinfo": {"given_name": {"essential": True}, "email": {"purpose": "To write to you"}, "nickname": None},
    "id_token": {"nickname": None},
}


@pytest.fixture
def plays(clock):
    """Plays the whole journey, errors included; gives back all that the vendor was sent. No two moments are alike."""

    def play(person, vendor):
        def later(answer):
            clock.now += 7
            return answer

        vendor.seen.clear()
        asking = {"claims": json.dumps(WISHES), "scope": "openid profile phone offline_access"}
        page = later(person.opens(vendor.link(**asking)))
        code = vendor.receives(later(person.allows(page, only=["email", "nickname"])))["code"]
        tokens = later(vendor.redeems(code)).json
        later(vendor.reads(tokens["access_token"]))
        for name in ("access_token", "refresh_token"):
            later(vendor.introspects(tokens[name]))
        renewed = later(vendor.refreshes(tokens["refresh_token"])).json
        later(vendor.reads(later(vendor.asserts(tokens["consent_token"])).json["access_token"]))
        vendor.receives(later(person.opens(vendor.link(**asking))))
        vendor.receives(later(person.opens(vendor.link(["iban"], prompt="none"))))
        vendor.receives(later(person.refuses(person.opens(vendor.link(["iban"])))))
        later(vendor.redeems(code))
        later(vendor.refreshes(renewed["refresh_token"]))
        later(vendor.reads(renewed["access_token"]))
        later(vendor.post("/oauth/revoke", {"token": renewed["access_token"]}))
        person.revokes(tokens["grant_id"])
        later(vendor.post("/oauth/receipts", {"grant_id": tokens["grant_id"]}))
        for late in (vendor.asserts, vendor.introspects, vendor.reads):
            later(late(tokens["consent_token"]))
        later(vendor.asserts("x.y.z"))
        return [*vendor.seen]

    return play


@pytest.fixture
def anni(person):
    person.has({"nickname": "Anni the nurse"})
    return person


@pytest.fixture
def crowd(app, house, moves_in, clock):
    """Somebody else, to tell what everybody gets from what is about one person."""
    ben = PersonActor(app, house, moves_in("Benjamin"), password="correct horse battery")
    ben.has({"given_name": "Benjamin", "email": "ben@elsewhere.example", "nickname": "Benny of the hill"})
    return ben


def test_two_vendors_have_nothing_in_common_but_what_the_person_gave_both(app, house, anni, crowd, plays):
    one, two, third = (VendorActor(app, house, name) for name in ("stadtwerke", "bookshop", "library"))

    seen_by_one, seen_by_two, seen_of_everybody = plays(anni, one), plays(anni, two), plays(crowd, third)

    common = values(seen_by_one) & values(seen_by_two)
    assert common - values(seen_of_everybody) == {"ana@example.org", "Anni the nurse"}
    assert pieces(seen_by_one) & pieces(seen_by_two) == set()


def test_one_vendor_can_not_tell_that_two_personas_are_one_person(house, anni, vendor, crowd, plays):
    at_home = plays(anni, vendor)
    house.clock.now += 1000
    become(house, anni, {"given_name": "A. M.", "email": "am@firma.example", "nickname": "The clerk on duty"})
    at_work = plays(anni, vendor)

    of_everybody = plays(crowd, vendor)

    assert "am@firma.example" in values(at_work)
    assert "ana@example.org" not in values(at_work)
    assert (values(at_home) & values(at_work)) - values(of_everybody) == set()
    assert pieces(at_home) & pieces(at_work) == set()


def test_a_grant_made_anew_after_the_end_of_one_keeps_the_sub_and_nothing_else(anni, vendor, crowd, plays):
    first, second = plays(anni, vendor), plays(anni, vendor)

    common = values(first) & values(second) - values(plays(crowd, vendor))

    assert ids(first)["sub"] == ids(second)["sub"]
    for name in IDS - {"sub"}:
        assert ids(first)[name] & ids(second)[name] == set()
    assert ids(first)["sub"] <= common


def test_the_status_of_a_token_stands_where_that_of_everybody_does_and_two_places_have_nothing_in_common(
    app, house, anni, crowd, plays
):
    one, two = VendorActor(app, house, "stadtwerke"), VendorActor(app, house, "bookshop")

    mine, also_mine = status(plays(anni, one)), status(plays(anni, two))
    of_another = status(plays(crowd, one))

    assert {uri for uri, _ in mine} == {uri for uri, _ in also_mine} == {uri for uri, _ in of_another}
    assert len(mine | also_mine | of_another) == len(mine) + len(also_mine) + len(of_another)
    taken = {(row["list_id"], row["idx"]) for row in rows(house, "statuses")}
    assert {(uri.rpartition("/")[2], idx) for uri, idx in mine | also_mine | of_another} <= taken


def test_the_names_of_people_and_personas_inside_never_reach_a_vendor(house, anni, vendor, plays):
    seen = " ".join([*plays(anni, vendor), *map(str, values(vendor.seen))])

    inside = {row["person_id"] for row in rows(house, "people")} | {
        row["persona_id"] for row in rows(house, "personas")
    }
    inside |= {row["ask_id"] for row in rows(house, "asks")} | {row["login_digest"] for row in rows(house, "people")}
    assert not [name for name in inside if name in seen]


def test_errors_are_the_same_sentence_for_everybody(app, house, anni, crowd, plays):
    one, two = VendorActor(app, house, "one"), VendorActor(app, house, "two")

    def sentences(seen):
        return [found["error_description"] for found in map(members, seen) if "error_description" in found]

    of_ana, of_crowd = sentences(plays(anni, one)), sentences(plays(crowd, two))

    assert len(of_ana) >= 8
    assert of_ana == of_crowd


def test_no_vendor_gets_a_cookie(vendor):
    answer = vendor.redeems("x")

    assert "Set-Cookie" not in answer.headers


# What a vendor can take apart


def pieces(seen):
    """All runs of twelve letters in all ids."""
    every = {value for values in ids(seen).values() for value in values}
    return {value[start : start + SHARED] for value in every for start in range(len(value) - SHARED + 1)}


def become(house, person, values):
    """Go on in this browser as a new persona of the same person, signed in at another moment."""
    at = {"person_id": person.person.person_id, "now": house.clock()}
    persona = house.database.write(add_persona, house.secrets, name="At work", **at)
    person.has(values, persona_id=persona.persona_id)
    token = house.database.write(
        open_session, house.secrets, persona_id=persona.persona_id, browser_digest="0" * 64, **at
    )
    with person.browser.client.session_transaction() as session:
        session["session"] = token
