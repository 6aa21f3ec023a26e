"""The person says how vendors may speak to them: in a press or to the minute, for all, for one, for a topic."""

import re
from html import unescape

import jwt
import pytest
from actors import PersonActor
from policing import fields, saves
from reading import words
from speaking import Speaker, wants
from sqlalchemy import update
from storage import nothing_changes, on_sqlite_alone, rows

from consent.contact.model import FOR_EVER, ContactPolicy, Window
from consent.contact.policies import Scope, find
from consent.contact.tables import contact_policies
from consent.model import Span
from keys.errors import CannotOpen
from keys.relationship import contact_key, relationship_key
from vendor_api.desk import directory
from vendor_api.desk.directory import ContactPerson
from wallet.people.personas import persona_root

pytestmark = on_sqlite_alone
DAY = 24 * 3600


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house, **{"contact_topics#de": {"outage": "Störungen"}})
    vendor.joins(person)
    return vendor


@pytest.fixture
def page(vendor):
    return f"/vendors/{vendor.grant_id}/contact"


def presses(person, path, **button):
    shown = person.browser.get(path).text
    seen = unescape(re.search(r'name="seen" value="([^"]*)"', shown)[1])
    return person.browser.post(path, seen=seen, **button)


def said(house, person, client_id="*", topic="*"):
    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    return house.database.read(find, house.secrets, Scope(client_id, topic), **place)


EVENINGS = {"w0_day": ["1", "2", "3", "4", "5"], "w0_since": "18:00", "w0_until": "20:00"}


@pytest.mark.parametrize(
    ("preset", "policy"),
    [
        ("inbox", ContactPolicy(("inbox",), (), (), None, frequency=Span(0, "day"), relevant_only=False)),
        (
            "working_days",
            ContactPolicy(
                None, (Window((1, 2, 3, 4, 5), 540, 1080),), (), "UTC", frequency=Span(1, "week"), relevant_only=False
            ),
        ),
        ("occasion", ContactPolicy(None, (), (), None, frequency=Span(0, "day"), relevant_only=True)),
    ],
)
def test_a_ready_made_policy_takes_one_press_and_counts_at_once(house, person, vendor, preset, policy):
    assert presses(person, "/contact", preset=preset).status_code == 303

    assert said(house, person) == policy
    reasons = {"inbox": None, "working_days": "outside_window", "occasion": "not_relevant"}
    assert vendor.may().get("reason") == reasons[preset]
    assert person.log()[-1] == "changed"
    assert 'aria-pressed="true"' in person.browser.get("/contact").text


def test_everything_can_be_said_to_the_minute_and_is_shown_again(house, person, vendor):
    quiet = {"q0_day": ["7"], "q0_since": "22:30", "q0_until": "07:00"}
    more = {"time_zone": "Europe/Berlin", "country": "DE", "number": "2", "unit": "month", "relevant_only": "yes"}
    days = {"not_before": "2027-01-20", "not_after": "2027-12-31"}

    assert saves(person, "/contact", **EVENINGS, **quiet, **more, **days).status_code == 303
    assert saves(person, "/contact", part="BY").status_code == 303

    kept = said(house, person)
    assert kept.windows == (Window((1, 2, 3, 4, 5), 1080, 1200),)
    assert kept.quiet == (Window((7,), 1350, 420),)
    assert (kept.time_zone, kept.holidays, kept.frequency) == ("Europe/Berlin", "DE-BY", Span(2, "month"))
    assert (kept.not_before, kept.not_after, kept.relevant_only) == (1800399600, 1830294000, True)
    before = fields(person.browser.get("/contact").text)
    assert saves(person, "/contact").status_code == 303
    assert (said(house, person), fields(person.browser.get("/contact").text)) == (kept, before)


def test_a_state_is_said_by_its_name_and_each_country_stands_once_in_its_place(person, vendor, page):
    german = {"Accept-Language": "de"}
    saves(person, "/contact", country="DE")
    saves(person, "/contact", part="BY")

    assert "Germany, Bayern" in words(person.browser.get(page))
    shown = person.browser.get("/contact", headers=german).text
    countries = re.findall(
        r"<option[^>]*>([^<]+)</option>", shown.partition('name="country"')[2].partition("</select>")[0]
    )
    assert countries.index("Österreich") < countries.index("Zypern")
    assert "UK" not in countries


def test_the_week_is_drawn_and_said_and_the_next_moment_named(person, vendor):
    saves(person, "/contact", **EVENINGS, time_zone="Europe/Berlin")

    shown = person.browser.get("/contact")

    assert shown.text.count('class="week-cell week-2"') == 10
    assert shown.text.count('class="week-cell week-0"') == 7 * 24 - 10
    assert "Monday–Friday 18:00–20:00" in words(shown)
    assert "Next possible: Friday 18:00" in words(shown)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"w0_day": ["1"], "w0_since": "18:00"}, "For each time choose the days"),
        ({"w0_since": "18:00", "w0_until": "20:00"}, "For each time choose the days"),
        ({"q0_day": ["1"], "q0_since": "18:00", "q0_until": "18:00"}, "begins and ends at once"),
        ({"q0_day": ["1"], "q0_since": "25:00", "q0_until": "18:00"}, "For each time choose the days"),
        ({"time_zone": "Europe/Atlantis"}, "Choose a time zone"),
        ({"country": "XX"}, "Choose one of the countries"),
        ({"number": "0"}, "Enter a whole number from 1 to 1000"),
        ({"number": "3", "unit": "fortnight"}, "Choose one of those offered"),
        ({"channel_inbox": ""}, "Choose at least one way"),
        ({"not_before": "soon"}, "Write the day as year-month-day"),
        ({"not_before": "2027-03-02", "not_after": "2027-03-01"}, "first day that is not after"),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence_and_nothing_is_kept(house, person, vendor, changed, sentence):
    person.browser.get("/contact")
    with nothing_changes(house):
        answer = saves(person, "/contact", **changed)

    assert answer.status_code == 422
    assert sentence in words(answer)


def test_a_channel_without_a_proved_address_is_not_offered_and_can_not_be_chosen(house, person, vendor):
    assert "channel_email" not in person.browser.get("/contact").text

    saves(person, "/contact", channel_email="1")

    assert said(house, person).channels is None
    assert vendor.may(channel="email")["reason"] == "other_channel"


def test_each_member_shows_what_it_inherits_and_only_what_is_said_here_is_kept(house, person, vendor, page):
    saves(person, "/contact", **EVENINGS, time_zone="Europe/Berlin")
    shown = words(person.browser.get(page))
    assert "as for all vendors: Monday–Friday 18:00–20:00" in shown
    assert "as the wallet does it by itself: as often as they like" in shown

    assert saves(person, page, number="1", unit="day").status_code == 303

    assert said(house, person, "stadtwerke") == ContactPolicy(frequency=Span(1, "day"))
    topic = words(person.browser.get(f"{page}/outage"))
    assert "as for all topics of this vendor: at most one in a day" in topic
    assert saves(person, page, inherit="frequency").status_code == 303
    assert said(house, person, "stadtwerke").says_nothing


def test_a_topic_has_a_policy_of_its_own(house, person, app, page, vendor):
    saves(person, f"{page}/outage", relevant_only="yes")

    assert vendor.may()["reason"] == "not_relevant"
    assert said(house, person, "stadtwerke", "outage") == ContactPolicy(time_zone=None, relevant_only=True)
    assert said(house, person, "stadtwerke").says_nothing


def test_a_pause_takes_one_press_or_ends_on_a_day(house, person, vendor, page, clock):
    presses(person, page, pause="yes", until="")
    assert said(house, person, "stadtwerke").paused_until == FOR_EVER
    assert vendor.may() == {"allowed": False, "reason": "paused"}

    presses(person, page, pause="no")
    assert vendor.may()["allowed"]
    presses(person, "/contact", pause="yes", until="2027-01-16")
    assert not vendor.may()["allowed"]
    clock.now = said(house, person).paused_until
    person.signs_in()
    assert vendor.may()["allowed"]


def test_of_two_browsers_the_second_is_told_and_nothing_is_lost(house, person, vendor):
    first = fields(person.browser.get("/contact").text)
    second = fields(person.browser.get("/contact").text)
    person.browser.client.post("/contact", data=first | EVENINGS)

    with nothing_changes(house):
        answer = person.browser.client.post("/contact", data=second | {"number": "1", "unit": "week"})

    assert answer.status_code == 409
    assert "Meanwhile this was changed elsewhere: When" in words(answer)
    person.browser.client.post("/contact", data=fields(answer.text))
    kept = said(house, person)
    assert (len(kept.windows), kept.frequency) == (1, Span(1, "week"))


def test_what_is_said_is_signed_by_the_relationship_and_can_be_downloaded(house, person, vendor, page):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    root = house.database.read(persona_root, house.secrets, **ids)
    assert person.browser.get("/contact.jwt").status_code == 404
    both = ("/contact", 3, contact_key(root)), (page, 5, relationship_key(root, "stadtwerke.example"))
    for path, number, key in both:
        saves(person, path, number=str(number))

        document = person.browser.get(f"{path}.jwt").text

        read = jwt.decode(
            document, key.private.public_key(), ["EdDSA"], options={"verify_aud": False, "verify_iat": False}
        )
        assert (read["sub"], read["frequency"]) == (key.sub, {"unit": "week", "value": number})
        assert jwt.get_unverified_header(document)["kid"] == key.kid


def test_a_topic_is_taken_back_and_allowed_again(person, vendor, page):
    before = words(person.browser.get(page))
    assert "Outages and repairs allowed" in before
    assert "New tariffs not allowed" in before

    person.browser.post(f"{page}/outage/allowed", form_at=page, do="take_back")
    assert vendor.may()["reason"] == "not_permitted"
    person.browser.post(f"{page}/outage/allowed", form_at=page, do="allow")
    person.browser.post(f"{page}/tariffs/allowed", form_at=page, do="allow")

    assert [vendor.may(topic)["allowed"] for topic in ("outage", "tariffs")] == [True, True]
    assert "You allowed Stadtwerke again: Writing to you about" in words(person.browser.get("/ledger"))


@pytest.mark.parametrize("do", ["allow", "take_back", "resume"])
def test_a_topic_it_never_asked_for_is_none(house, person, vendor, page, do):
    person.browser.get(page)
    with nothing_changes(house):
        assert person.browser.post(f"{page}/lottery/allowed", form_at=page, do=do).status_code == 404
    assert person.browser.get(f"{page}/lottery").status_code == 404


def test_the_contact_person_is_one_of_the_directory(house, person, vendor, page):
    found = [ContactPerson("kim", "Kim Sommer", "Grid")]
    house.database.write(directory.replace, house.secrets, found, client_id="stadtwerke", now=house.clock())
    assert "Kim Sommer, Grid" in person.browser.get(page).text

    saves(person, page, contact_person="kim", fallback="nobody")

    assert vendor.may()["reason"] == "other_person"
    with nothing_changes(house):
        assert saves(person, page, contact_person="somebody").status_code == 422


def test_the_vendors_page_and_the_page_it_asks_on_say_how_it_may_speak(app, house, person, vendor):
    wants(person, windows=(Window((2,), 540, 600),), frequency=Span(1, "week"))
    shown = words(person.browser.get(f"/vendors/{vendor.grant_id}"))
    assert "How it may speak to you" in shown
    assert "Tuesday 09:00–10:00" in shown

    other = Speaker(app, house, "bookshop")
    ask = person.opens(other.link(["email"], scope="openid contact:outage"))

    assert "It wants to write to you about" in words(ask)
    assert "What you said for all counts here too: Tuesday 09:00–10:00, at most one in a week." in words(ask)
    assert " checked" not in ask.text.partition("<main")[2]


def test_nobody_sees_or_changes_what_another_person_or_persona_said(app, house, person, vendor, page, moves_in):
    other = PersonActor(app, house, moves_in("Bo"), password=person.password)
    other.signs_in()
    for path in (page, f"{page}/outage", f"{page}.jwt"):
        assert other.browser.get(path).status_code == 404
    with nothing_changes(house):
        assert other.browser.post(page, form_at="/contact", seen="{}", preset="occasion").status_code == 404
    assert rows(house, "contact_policies") == []


def test_what_is_said_lies_sealed_and_opens_at_its_own_place_alone(house, person, vendor):
    wants(person, client_id="stadtwerke", contact_person="Lieblingsberaterin")
    (row,) = rows(house, "contact_policies")
    assert all(b"Liebling" not in row[part] for part in ("policy_sealed", "document_sealed"))

    moved = update(contact_policies).values(client_id="*")
    house.database.write(lambda db: db.execute(moved))

    with pytest.raises(CannotOpen):
        said(house, person)


def test_a_look_changes_nothing_and_a_form_without_its_token_neither(house, person, vendor, page):
    person.browser.get(page)
    with nothing_changes(house):
        for path in ("/contact", page, f"{page}/outage"):
            person.browser.get(path)
            answer = person.browser.client.post(path, data={"seen": "{}", "preset": "occasion"})
            assert answer.status_code == 400
