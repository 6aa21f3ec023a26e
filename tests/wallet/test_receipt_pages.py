"""The pages of receipts: what was agreed, to read, to print and to take along, for the person it is about alone."""

import hashlib
import json

import jwt
import pytest
from actors import PersonActor
from journeys import tokens_for
from reading import words
from storage import nothing_changes, on_sqlite_alone

from wallet.people.personas import add_persona
from wallet.people.sessions import open_session

pytestmark = on_sqlite_alone
KINDS = ("jwt", "jsonld", "json")


@pytest.fixture
def page(person, vendor):
    made = tokens_for(person, vendor, ["email", "birthdate"])
    return f"/vendors/{made['grant_id']}"


def links(person, page):
    """The receipts of a vendor's page, newest first."""
    shown = person.browser.get(page).text
    return [part.partition('"')[0] for part in shown.split('<a href="') if part.startswith(f"{page}/receipts/")]


def test_every_change_stands_on_the_vendors_page_with_a_receipt_of_its_own(person, page):
    person.browser.post(f"{page}/narrow", form_at=page, attribute="birthdate")
    person.browser.post(f"{page}/revoke", form_at=page)

    listed = words(person.browser.get(page)).partition("Receipts")[2]

    assert [what for what in listed.split() if what in {"Allowed", "Stopped"}] == ["Stopped", "Allowed"]
    assert listed.count("not countersigned") == len(links(person, page)) == 3
    said = [words(person.browser.get(link)) for link in links(person, page)]
    assert "You stopped sharing with Stadtwerke." in said[0]
    assert "You took back from Stadtwerke: Date of birth." in said[1]
    assert "Stadtwerke may read: E-mail address." in said[1]
    assert "What had been agreed when it ended" in said[0]


def test_a_receipt_says_in_sentences_all_that_was_agreed_and_no_value(person, page):
    shown = person.browser.get(links(person, page)[0])

    for said in (
        "You allowed Stadtwerke to read Date of birth and E-mail address until 15 January 2028.",
        "Stadtwerke may read: E-mail address. Reason it gives: “To send your bill”",
        "This holds until 15 January 2028. You can stop it before at any time, at http://localhost/vendors.",
        "It rests on your consent alone",
        "Passed on to nobody",
    ):
        assert said in words(shown), said
    assert "ana@example.org" not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


def test_the_digest_on_the_page_is_that_of_the_file(person, page):
    link = links(person, page)[0]

    files = {kind: person.browser.get(f"{link}/{kind}") for kind in KINDS}

    digest = hashlib.sha256(files["jwt"].data).hexdigest()
    assert f"sha-256:{digest}" in words(person.browser.get(link))
    said = jwt.decode(files["jwt"].text, options={"verify_signature": False})
    assert said["event"]["kind"] == "granted"
    assert json.loads(files["jsonld"].data)["dct:identifier"] == said["statement"]["id"]
    assert json.loads(files["json"].data)["consentReceiptID"] == link.rpartition("/")[2]
    for kind, file in files.items():
        assert file.headers["Content-Disposition"].endswith(f'.{kind}"')
        assert file.headers["Cache-Control"] == "no-store"
    assert [file.mimetype for file in files.values()] == [
        "application/consent-receipt+jwt",
        "application/ld+json",
        "application/json",
    ]


def test_nobody_elses_receipt_is_shown_nor_one_of_another_persona_or_grant(app, house, person, vendor, page, moves_in):
    link = links(person, page)[0]
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.signs_in()
    theirs = tokens_for(ben, vendor, ["nickname"])["grant_id"]
    wrong = link.replace(page, f"/vendors/{theirs}")

    with nothing_changes(house):
        seen = [who.browser.get(path) for who in (ben, person) for path in (wrong, f"{wrong}/jwt")]
        seen += [ben.browser.get(path) for path in (link, f"{link}/jsonld")]
        seen += [person.browser.get(path) for path in (f"{link}/pdf", f"{page}/receipts/x")]
    assert {answer.status_code for answer in seen} == {404}

    shows_another_persona(house, person)
    assert [person.browser.get(path).status_code for path in (link, f"{link}/jwt")] == [404, 404]


def test_a_receipt_is_for_who_is_signed_in_and_no_page_of_one_takes_a_form(person, page):
    link = links(person, page)[0]

    assert [person.browser.client.post(path).status_code for path in (link, f"{link}/jwt")] == [405, 405]
    person.signs_out()

    assert "/sign-in" in person.browser.get(link).location


def test_a_receipt_speaks_german(person, page):
    person.browser.post("/language", form_at=page, language="de", next=page)

    shown = words(person.browser.get(links(person, page)[0]))

    assert "Stadtwerke darf lesen: E-Mail-Adresse." in shown
    assert "Das gilt bis zum 15. Januar 2028" in shown


def shows_another_persona(house, person):
    """Go on in this browser as a new persona of the same person."""
    at = {"person_id": person.person.person_id, "now": house.clock()}
    other = house.database.write(add_persona, house.secrets, name="At work", **at)
    ids = {"persona_id": other.persona_id, "browser_digest": "0" * 64}
    token = house.database.write(open_session, house.secrets, **ids, **at)
    with person.browser.client.session_transaction() as session:
        session["session"] = token
