"""Who may read what, what each vendor did with it, and how to stop it: the pages about grants and the ledger."""

import re
from html import unescape

import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from reading import controls, csrf_token, words, words_in
from sqlalchemy import delete, update
from storage import nothing_changes, on_sqlite_alone, rows

from consent.ledger import COVER
from consent.tables import ledger as ledger_table
from wallet.people.personas import add_persona
from wallet.people.sessions import open_session


@pytest.fixture
def other(app, house):
    return VendorActor(app, house, "other")


@pytest.fixture
def ben(app, house, moves_in):
    return PersonActor(app, house, moves_in("Ben"), password="correct horse battery")


@pytest.fixture
def grant_id(person, vendor):
    """A vendor that was allowed the e-mail address, refused the date of birth, and has read once."""
    page = person.opens(vendor.link(asking=["email", "birthdate"], needing=["given_name"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json
    vendor.reads(tokens["access_token"])
    return tokens["grant_id"]


def sentences(page):
    return words_in(page, "ledger-sentence")


# Connected vendors


@on_sqlite_alone
def test_who_has_nothing_to_show_is_told_what_will_stand_here(person):
    person.signs_in()

    assert "Nobody may read anything" in words(person.browser.get("/vendors"))
    assert "Nothing has happened yet" in words(person.browser.get("/ledger"))


@on_sqlite_alone
@pytest.mark.parametrize("path", ["/vendors", "/vendors/x", "/ledger"])
def test_who_is_not_signed_in_is_led_to_the_door(person, grant_id, path):
    person.signs_out()

    answer = person.browser.get(path)

    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")
    assert "Stadtwerke" not in answer.text


def test_the_list_shows_who_may_read_what_until_when_and_how_often_it_did(person, grant_id):
    shown = words(person.browser.get("/vendors"))

    assert "May read now" in shown
    assert "Stadtwerke stadtwerke.example" in shown
    assert "E-mail address" in shown
    assert "Date of birth" not in shown
    assert "15 January 2027" in shown
    assert "15 January 2028" in shown
    assert "Read once" in shown


def test_every_vendor_has_its_own_line_and_the_ended_ones_come_last(person, vendor, other, grant_id):
    tokens_for(person, other, ["birthdate"])
    person.revokes(grant_id)

    shown = words(person.browser.get("/vendors"))

    assert shown.index("May read now") < shown.index("Other other.example") < shown.index("Ended")
    assert shown.index("Ended") < shown.index("Stadtwerke stadtwerke.example")


def test_a_grant_that_expired_is_shown_as_ended(person, grant_id, clock):
    clock.now += 367 * 24 * 3600
    person.signs_in()

    shown = words(person.browser.get("/vendors"))

    assert "Nobody may read anything" in shown
    assert "Ended Stadtwerke" in shown
    assert "Stop sharing" not in words(person.browser.get(f"/vendors/{grant_id}"))


def test_everybody_sees_their_own_vendors_alone(person, ben, other, grant_id):
    ben.signs_in()
    tokens_for(ben, other, ["nickname"])

    for path in ("/vendors", "/ledger"):
        assert "Stadtwerke" not in ben.browser.get(path).text
        assert "Other" not in words(person.browser.get(path))


# One vendor


@on_sqlite_alone
def test_a_vendors_page_shows_values_reasons_refusals_and_what_happened(person, grant_id):
    page = person.browser.get(f"/vendors/{grant_id}")
    shown = words(page)

    for part in ("stadtwerke.example", "ana@example.org", "To send your bill", "Ana", "no reason given"):
        assert part in shown
    assert "You refused: Date of birth" in shown
    assert "24 December 1990" not in shown
    assert sentences(page)[0].startswith("Stadtwerke read ")
    assert len(sentences(page)) == 4


@on_sqlite_alone
def test_a_vendors_page_shows_todays_value(person, grant_id):
    person.has({"email": "new@example.org"})

    shown = words(person.browser.get(f"/vendors/{grant_id}"))

    assert "new@example.org" in shown
    assert "ana@example.org" not in shown


def test_another_persons_grant_is_not_found(house, person, ben, grant_id):
    ben.signs_in()

    with nothing_changes(house):
        shown = ben.browser.get(f"/vendors/{grant_id}")
        revoked = ben.browser.post(f"/vendors/{grant_id}/revoke", form_at="/data")

    assert (shown.status_code, revoked.status_code) == (404, 404)
    assert "Stadtwerke" not in shown.text + revoked.text
    assert shown.text.count("ana") == 0


@pytest.mark.parametrize("made_up", ["x", "x" * 3000, "%00", "%F0%9F%8F%A1", "' or 1=1 --"])
def test_a_grant_there_is_not_is_not_found(house, person, grant_id, made_up):
    with nothing_changes(house):
        shown = person.browser.get(f"/vendors/{made_up}")
        revoked = person.browser.post(f"/vendors/{made_up}/revoke", form_at="/data")

    assert {shown.status_code, revoked.status_code} <= {400, 404}


def test_a_grant_of_one_persona_is_neither_shown_nor_ended_by_another(house, person, grant_id):
    at = {"person_id": person.person.person_id, "now": house.clock()}
    persona = house.database.write(add_persona, house.secrets, name="At work", **at)
    token = house.database.write(
        open_session, house.secrets, persona_id=persona.persona_id, browser_digest="0" * 64, **at
    )
    with person.browser.client.session_transaction() as session:
        session["session"] = token

    assert "Stadtwerke" not in person.browser.get("/vendors").text
    assert person.browser.get(f"/vendors/{grant_id}").status_code == 404
    with nothing_changes(house):
        assert person.browser.post(f"/vendors/{grant_id}/revoke", form_at="/data").status_code == 404


# Stop sharing


def test_stopping_takes_effect_on_the_very_next_request(person, vendor):
    tokens = tokens_for(person, vendor)
    code = vendor.receives(person.opens(vendor.link(["email"])))["code"]

    person.revokes(tokens["grant_id"])

    assert vendor.reads(tokens["access_token"]).status_code == 401
    assert (
        vendor.introspects(tokens["access_token"]) == vendor.introspects(tokens["refresh_token"]) == {"active": False}
    )
    for late in (vendor.refreshes(tokens["refresh_token"]), vendor.asserts(tokens["consent_token"])):
        assert (late.status_code, late.json["error"]) == (400, "invalid_grant")
    assert vendor.redeems(code).json["error"] == "invalid_grant"
    assert person.log() == ["asked", "granted", "redeemed", "signed_in", "revoked", *["failed"] * 4]


@on_sqlite_alone
def test_stopping_says_so_and_the_page_stays_to_be_read(person, grant_id):
    page = person.browser.follow(person.revokes(grant_id).location)

    assert "Stopped. The next read will be refused." in words(page)
    assert "Could read" in words(page)
    assert "Stop sharing" not in words(page)
    assert sentences(page)[0] == "You stopped sharing with Stadtwerke."


def test_stopping_twice_is_one_line(house, person, grant_id):
    person.revokes(grant_id)

    with nothing_changes(house):
        again = person.browser.post(f"/vendors/{grant_id}/revoke", form_at="/data")

    assert again.status_code == 303
    assert person.log()[-2:] == ["read", "revoked"]


def test_stopping_one_vendor_leaves_the_other_alone(person, vendor, other, grant_id):
    tokens = tokens_for(person, other, ["birthdate"])

    person.revokes(grant_id)

    assert other.reads(tokens["access_token"]).status_code == 200


def test_after_stopping_the_vendor_has_to_ask_and_gets_a_new_grant(person, vendor, grant_id):
    person.revokes(grant_id)

    assert vendor.receives(person.opens(vendor.link(asking=["email"], prompt="none")))["error"] == "consent_required"
    assert tokens_for(person, vendor)["grant_id"] != grant_id


@on_sqlite_alone
def test_stopping_needs_the_forms_token(house, person, ben, grant_id):
    ben.signs_in()
    foreign = csrf_token(ben.browser.get("/data"))
    stale = csrf_token(person.browser.get("/data"))
    person.signs_out()
    person.signs_in()

    with nothing_changes(house):
        answers = [
            person.browser.client.post(f"/vendors/{grant_id}/revoke", data=form)
            for form in ({}, {"csrf_token": ""}, {"csrf_token": foreign}, {"csrf_token": stale})
        ]

    assert [answer.status_code for answer in answers] == [400] * 4


@on_sqlite_alone
def test_an_address_alone_never_stops_sharing(house, person, grant_id):
    token = csrf_token(person.browser.get("/data"))

    with nothing_changes(house):
        answer = person.browser.get(f"/vendors/{grant_id}/revoke", query_string={"csrf_token": token})

    assert answer.status_code == 405


# Ledger


def test_the_ledger_tells_the_whole_story_newest_first(person, vendor, grant_id):
    person.revokes(grant_id)

    assert sentences(person.browser.get("/ledger")) == [
        "You stopped sharing with Stadtwerke.",
        "Stadtwerke read E-mail address and Given name. Reason given: “To send your bill”",
        "Stadtwerke picked up the access you granted.",
        "You allowed Stadtwerke to read E-mail address and Given name until 15 January 2028, "
        "and kept back Date of birth.",
        "Stadtwerke asked for Date of birth, E-mail address, and Given name.",
    ]


@on_sqlite_alone
def test_the_ledger_speaks_german(person, grant_id):
    person.browser.post("/language", form_at="/data", language="de")

    shown = sentences(person.browser.get("/ledger"))

    assert len(shown) == 4
    assert "E-Mail-Adresse" in shown[0]


@on_sqlite_alone
def test_a_whole_ledger_says_that_it_was_checked(person, grant_id):
    shown = words(person.browser.get("/ledger"))

    assert "Checked just now" in shown
    assert "was changed from outside" not in shown


def test_the_ledger_can_be_read_for_one_vendor(person, vendor, other, grant_id):
    tokens_for(person, other, ["birthdate"])

    page = person.browser.get("/ledger?vendor=other")

    assert len(sentences(page)) == 3
    assert all("Other" in sentence for sentence in sentences(page))
    options = controls(page, tag="option")
    assert [option["value"] for option in options][:3] == ["", "other", "stadtwerke"]
    assert [option["value"] for option in options if "selected" in option] == ["other"]


@on_sqlite_alone
@pytest.mark.parametrize("query", ["vendor=nobody", "before=1", "before=0", "before=-5"])
def test_where_no_line_fits_the_ledger_is_empty(person, grant_id, query):
    page = person.browser.get(f"/ledger?{query}")

    assert page.status_code == 200
    assert sentences(page) == []


@pytest.mark.parametrize(
    "query",
    ["vendor=%00", "vendor=%F0%9F%8F%A1", "before=x", f"before={'9' * 19}", f"before=-{'9' * 30}", "vendor=a&vendor=b"],
)
def test_a_strange_question_to_the_ledger_is_no_fault_of_ours(house, person, grant_id, query):
    with nothing_changes(house):
        page = person.browser.get(f"/ledger?{query}")

    assert page.status_code in {200, 400}


def test_a_long_ledger_comes_in_pages_and_no_line_is_lost(person, vendor):
    tokens = tokens_for(person, vendor)
    for _ in range(110):
        vendor.reads(tokens["access_token"])

    numbers, path = [], "/ledger?vendor=stadtwerke"
    while path:
        page = person.browser.get(path)
        numbers.append([int(number) for number in re.findall(r"line (\d+)", words(page))])
        older = re.search(r'<p class="older">\s*<a [^>]*href="([^"]+)"', page.text)
        path = unescape(older[1]) if older else None

    assert [len(page) for page in numbers] == [50, 50, 13]
    assert [number for page in numbers for number in page] == list(range(113, 0, -1))


def test_exactly_one_page_of_lines_offers_no_older_ones(person, vendor):
    tokens = tokens_for(person, vendor)
    for _ in range(47):
        vendor.reads(tokens["access_token"])

    page = person.browser.get("/ledger")

    assert len(sentences(page)) == 50
    assert "Older lines" not in page.text


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (update(ledger_table).where(ledger_table.c.seq == 2).values(detail={"vendor": "Nobody"}), 2),
        (update(ledger_table).where(ledger_table.c.seq == 4).values(at=1), 4),
        (delete(ledger_table).where(ledger_table.c.seq == 3), 3),
        (delete(ledger_table).where(ledger_table.c.seq == 1), 1),
        (delete(ledger_table).where(ledger_table.c.seq == 4), 4),
        (delete(ledger_table).where(ledger_table.c.seq == COVER), 4),
        (update(ledger_table).where(ledger_table.c.seq == COVER).values(detail={"last": 3}), 4),
    ],
    ids=["reworded", "redated", "torn out", "first line gone", "last line gone", "cover gone", "cover forged"],
)
def test_a_ledger_that_was_changed_from_outside_says_so_and_where(house, person, grant_id, damage, line):
    house.database.write(lambda db: db.execute(damage))

    page = person.browser.get("/ledger")

    assert page.status_code == 200
    assert f"This ledger was changed from outside. Do not rely on line {line}" in words(page)
    assert "Checked just now" not in page.text


def test_a_ledger_torn_out_as_a_whole_is_noticed_as_long_as_a_page_of_it_is_left(house, person, vendor, grant_id):
    house.database.write(
        lambda db: db.execute(delete(ledger_table).where(ledger_table.c.seq.in_([COVER, *range(3, 9)])))
    )

    assert "was changed from outside" in words(person.browser.get("/ledger"))


@on_sqlite_alone
def test_one_persons_damaged_ledger_is_no_concern_of_others(house, person, ben, other, grant_id):
    tokens_for(ben, other, ["nickname"])
    mine = ledger_table.c.person_id == person.person.person_id
    house.database.write(lambda db: db.execute(update(ledger_table).where(mine, ledger_table.c.seq == 1).values(at=1)))

    assert "was changed from outside" not in words(ben.browser.get("/ledger"))
    assert len(rows(house, "ledger")) > 0
