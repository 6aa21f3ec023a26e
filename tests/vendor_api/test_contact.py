"""A vendor speaks to a person: of what they allowed, when they want it, as often as they like, and never otherwise."""

import base64
import json

import pytest
from actors import PersonActor, VendorActor
from journeys import at_once, refused
from speaking import Speaker, wants
from storage import nothing_changes, on_sqlite_alone, rows

from consent import grants
from consent.canonical import digest
from consent.contact import openings
from consent.contact.model import NOBODY_ELSE, Window
from consent.model import Span

DAY = 24 * 3600
PDF = base64.b64encode(b"%PDF-1.7 a plan").decode()


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


def is_refused(response, reason):
    assert (response.status_code, response.json["error"]) == (403, "contact_refused"), response.text
    assert response.json["reason"] == reason
    return True


def test_the_person_answers_topic_by_topic(vendor):
    assert vendor.tokens["scope"].split() == ["openid", "contact:outage"]
    assert vendor.may("outage") == {"allowed": True, "channel": "inbox"}
    assert vendor.may("tariffs") == {"allowed": False, "reason": "not_permitted"}


def test_a_message_about_an_allowed_topic_is_taken_and_stands_in_the_ledger(person, vendor, house):
    response = vendor.says("No power on Friday.")

    assert response.status_code == 201
    assert response.json["channel"] == "inbox"
    assert response.json["digest"] == digest(b"No power on Friday.")
    [kept] = rows(house, "messages")
    assert (kept["said_by"], kept["topic"], kept["digest"]) == ("vendor", "outage", response.json["digest"])
    assert b"Friday" not in kept["content_sealed"]
    assert person.log()[-1] == "contacted"


def test_the_same_message_is_taken_once_even_when_it_would_no_longer_be_allowed(person, vendor, house):
    first = vendor.says(id="1")
    wants(person, paused_until=house.clock() + DAY)

    again = vendor.says(id="1")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert len(rows(house, "messages")) == 1


def test_another_message_under_the_same_id_is_refused(vendor, house):
    vendor.says("One.", id="1")

    assert refused(vendor.says("Two.", id="1"), "message_conflict", status=409)
    assert len(rows(house, "messages")) == 1


def test_it_goes_on_in_a_thread_of_the_two(vendor, house):
    begun = vendor.says("One.").json["thread_id"]

    assert vendor.says("Two.", thread_id=begun).json["thread_id"] == begun
    assert len(rows(house, "threads")) == 1


def test_nobody_goes_on_in_a_thread_of_somebody_else(app, house, person, vendor):
    begun = vendor.says("One.").json["thread_id"]
    other = Speaker(app, house, "bookshop")
    other.joins(person)

    with nothing_changes(house):
        assert refused(other.says("Two.", thread_id=begun), "invalid_request", status=404)


@pytest.mark.parametrize("topic", ["tariffs", "anything", "OUTAGE", "outage "])
def test_off_topic_is_refused_and_told_to_the_person(person, vendor, house, topic):
    assert is_refused(vendor.says(topic=topic), "not_permitted")

    assert rows(house, "messages") == rows(house, "contacts") == []
    assert person.log()[-1] == "failed"
    assert person.ledger()[-1].detail["topic"] == topic


@pytest.mark.parametrize("what", ["narrow", "pause", "revoke"])
def test_what_is_taken_back_counts_at_once(person, vendor, house, what):
    page = f"/vendors/{vendor.grant_id}"
    person.browser.post(f"{page}/{what}", form_at=page, attribute="contact:outage")

    assert is_refused(vendor.says(), "paused" if what == "pause" else "not_permitted")
    assert rows(house, "messages") == []


def test_a_stranger_to_the_person_learns_no_more_than_whoever_is_refused(app, house, person, vendor):
    other = Speaker(app, house, "bookshop")
    other.grant_id = vendor.grant_id
    unknown = Speaker(app, house, "nobody")
    unknown.grant_id = "no grant at all"

    assert other.may() == unknown.may() == {"allowed": False, "reason": "not_permitted"}
    answers = [one.says() for one in (other, unknown)]
    assert [one.json for one in answers] == [answers[0].json] * 2
    assert is_refused(answers[0], "not_permitted")
    assert person.log()[-1] != "failed"


def test_who_does_not_prove_itself_is_not_heard(vendor, house):
    with nothing_changes(house):
        response = vendor.client.post("/contact/permission", data={"grant_id": vendor.grant_id, "topic": "outage"})
    assert refused(response, "invalid_client", status=401) or response.headers["WWW-Authenticate"]


def test_outside_the_window_it_is_told_when_the_next_one_opens(person, vendor, house, clock):
    evening = Window((1, 2, 3, 4, 5, 6, 7), 18 * 60, 20 * 60)
    wants(person, windows=(evening,), time_zone="Europe/Berlin")

    answer = vendor.may()
    assert (answer["allowed"], answer["reason"]) == (False, "outside_window")
    assert is_refused(vendor.says(), "outside_window")

    clock.now = answer["next_allowed_at"] - 1
    assert not vendor.may()["allowed"]
    clock.now += 1
    assert vendor.says().status_code == 201


def test_at_most_so_many_in_a_span(person, vendor, clock):
    wants(person, frequency=Span(2, "week"))
    assert [vendor.says().status_code for _ in range(2)] == [201, 201]

    third = vendor.says()

    assert is_refused(third, "too_often")
    assert third.json["next_allowed_at"] == clock.now + 7 * DAY
    clock.now += 7 * DAY - 1
    assert is_refused(vendor.says(), "too_often")
    clock.now += 1
    assert vendor.says().status_code == 201


def test_what_is_said_of_a_vendor_counts_all_its_topics_together(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person, allowed=("outage", "tariffs"))
    wants(person, client_id="stadtwerke", frequency=Span(1, "day"))

    assert vendor.says(topic="outage").status_code == 201
    assert is_refused(vendor.says(topic="tariffs"), "too_often")


def test_what_is_said_of_a_topic_counts_that_one_alone(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person, allowed=("outage", "tariffs"))
    wants(person, client_id="stadtwerke", topic="tariffs", frequency=Span(1, "day"))

    assert [vendor.says(topic="tariffs").status_code for _ in range(2)] == [201, 403]
    assert [vendor.says(topic="outage").status_code for _ in range(2)] == [201, 201]


def test_of_many_at_once_no_more_are_taken_than_are_wanted(app, house, person, vendor):
    wants(person, frequency=Span(1, "day"))

    def send(client):
        form = {"grant_id": vendor.grant_id, "topic": "outage"}
        message = {"id": str(id(client)), "subject": "News", "text": "Buy now", "reason": "It is cheap"}
        return client.post(
            "/contact/messages", data={**form, "message": json.dumps(message)}, headers=vendor.credentials
        )

    answers = at_once(app, 4, send)

    assert sorted(one.status_code for one in answers) == [201, 403, 403, 403]
    assert len(rows(house, "messages")) == 1


def test_by_no_other_channel_than_the_person_wants(person, vendor):
    wants(person, channels=("email", "inbox"))

    assert vendor.may() == {"allowed": True, "channel": "email"}
    assert is_refused(vendor.says(channel="phone"), "other_channel")


@on_sqlite_alone
def test_of_the_channels_beside_the_one_that_is_told_nobody_learns_whether_there_are_any(person, vendor, house):
    wants(person, channels=("email", "inbox", "sms"))
    asked = {name: vendor.may(channel=name) for name in ("inbox", "sms", "letter", "feed", "pigeon")}
    assert all(answer == {"allowed": False, "reason": "other_channel"} for answer in asked.values())
    assert vendor.may(channel="email") == {"allowed": True, "channel": "email"}

    grant = house.database.read(grants.find, vendor.grant_id, person_id=person.person.person_id)
    made = {"kind": "trigger", "topic": "outage", "channel": "sms", "until": house.clock() + 60, "now": house.clock()}
    occasion = house.database.write(openings.open_, grant, **made)
    assert vendor.may(channel="sms", opening_id=occasion) == {"allowed": True, "channel": "sms"}
    assert vendor.may(channel="inbox", opening_id=occasion)["reason"] == "other_channel"


def test_relevant_only_needs_an_occasion_the_person_made(person, vendor, house, clock):
    wants(person, relevant_only=True)
    grant = grant_of(house, person, vendor)
    made = {"kind": "trigger", "topic": "outage", "until": clock.now + DAY, "now": clock.now}
    opening_id = house.database.write(openings.open_, grant, **made)
    elsewhere = house.database.write(openings.open_, grant, **{**made, "topic": "tariffs"})

    assert is_refused(vendor.says(), "not_relevant")
    assert is_refused(vendor.says(opening_id=elsewhere), "not_relevant")
    assert vendor.says(opening_id=opening_id).status_code == 201
    clock.now += DAY
    assert is_refused(vendor.says(opening_id=opening_id), "not_relevant")


def test_only_from_the_contact_person_that_is_wanted(person, vendor):
    wants(person, client_id="stadtwerke", contact_person="kim", fallback=NOBODY_ELSE)

    assert is_refused(vendor.says(), "other_person")
    assert vendor.may(contact_person_id="kim")["allowed"]


def test_a_blocked_vendor_says_nothing(person, vendor, house):
    page = f"/vendors/{vendor.grant_id}"
    person.browser.post(f"{page}/block", form_at=page)

    assert is_refused(vendor.says(), "not_permitted")


def test_who_asks_too_much_has_to_wait(vendor, clock):
    clock.now += 3600 - clock.now % 3600
    for _ in range(60):
        vendor.may()

    response = vendor.post("/contact/permission", {"grant_id": vendor.grant_id, "topic": "outage"})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3600")
    clock.now += 3600
    assert vendor.may()["allowed"]


def test_an_attachment_is_kept_sealed(vendor, house):
    came = [{"name": "plan.pdf", "media_type": "application/pdf", "content": PDF}]

    assert vendor.says(attachments=came).status_code == 201
    [kept] = rows(house, "attachments")
    assert b"a plan" not in kept["content_sealed"]


@on_sqlite_alone
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "a\x1bb"}, "text"),
        ({"text": 5}, "text"),
        ({"subject": "two\nlines"}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "\u202egnp.exe"}, "subject"),
        ({"id": ""}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"html": "<b>"}, "members"),
        ({"reason": "x" * 301}, "reason"),
        ({"reason": ""}, "reason"),
        ({"attachments": {}}, "attachments"),
        ({"attachments": [{"name": "a.pdf", "media_type": "application/pdf", "content": PDF}] * 4}, "at most 3"),
        ({"attachments": [{"name": "../a.pdf", "media_type": "application/pdf", "content": PDF}]}, "file name"),
        ({"attachments": [{"name": "a.pdf", "media_type": "application/pdf", "content": "MZ=="}]}, "media_type"),
        ({"attachments": [{"name": "a.html", "media_type": "text/html", "content": PDF}]}, "media_type"),
        ({"attachments": [{"name": "a.pdf", "media_type": "application/pdf", "content": "*"}]}, "base64"),
    ],
)
def test_a_message_that_is_none_is_refused_whole(vendor, house, said, why):
    with nothing_changes(house):
        response = vendor.says(**said)
    assert refused(response, "invalid_request")
    assert why in response.json["error_description"]


def test_topics_are_registered_by_being_declared(app, house, person):
    plain = VendorActor(app, house, "bookshop")
    link = plain.link(scope="openid contact:outage")

    answer = plain.receives(person.allows(person.opens(link)))

    assert "contact:outage" not in plain.redeems(answer["code"]).json["scope"]


def test_the_consent_page_says_what_the_vendor_wants_to_speak_about(app, house, person):
    vendor = Speaker(app, house)
    page = person.opens(vendor.link(scope="openid contact:outage"))

    assert "Outages and repairs" in page.text
    assert 'value="contact:outage"' in page.text


def test_another_persona_is_another_matter(app, house, person: PersonActor, vendor):
    """What one persona wants says nothing of another."""
    assert vendor.may()["allowed"]
    wants(person, paused_until=house.clock() + DAY)
    assert vendor.may() == {"allowed": False, "reason": "paused"}


def grant_of(house, person, vendor):
    return house.database.read(grants.find, vendor.grant_id, person_id=person.person.person_id)


def people_on_duty(vendor, *people):
    form = {"entries": json.dumps([{"contact_person_id": one["name"].lower(), **one} for one in people])}
    assert vendor.post("/desk/directory", form).status_code == 200


@on_sqlite_alone
def test_while_the_wanted_contact_person_is_there_nobody_else_writes(person, vendor):
    people_on_duty(vendor, {"name": "Kim", "skills": ["billing"]}, {"name": "Joe", "skills": ["billing"]})
    wants(person, client_id="stadtwerke", contact_person="kim")

    assert is_refused(vendor.says(contact_person_id="joe"), "other_person")
    assert is_refused(vendor.says(), "other_person")
    assert vendor.may(contact_person_id="kim")["allowed"]
    assert vendor.says(contact_person_id="kim").status_code == 201


@on_sqlite_alone
@pytest.mark.parametrize(
    ("fallback", "joe", "ann"), [("anybody", 201, 201), ("same_skill", 201, 403), ("nobody", 403, 403)]
)
def test_while_they_are_away_it_is_as_the_person_said(person, vendor, clock, fallback, joe, ann):
    away = {"name": "Kim", "skills": ["billing"], "absences": [{"from": clock.now - DAY, "until": clock.now + DAY}]}
    people_on_duty(vendor, away, {"name": "Joe", "skills": ["billing"]}, {"name": "Ann", "skills": ["repairs"]})
    wants(person, client_id="stadtwerke", contact_person="kim", fallback=fallback)

    assert vendor.says(contact_person_id="joe").status_code == joe
    assert vendor.says(contact_person_id="ann").status_code == ann
    clock.now += DAY
    assert is_refused(vendor.says(contact_person_id="joe"), "other_person")
