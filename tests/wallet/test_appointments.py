"""A vendor asks for a call, the person chooses when, and the vendor sees where to call only while it lasts."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from corresponding import with_mail
from delivering import CHANNELS, reached
from hypothesis import given, settings
from hypothesis import strategies as some
from icalendar import Calendar
from mailing import mail_server
from reading import words
from speaking import Speaker, wants
from storage import on_sqlite_alone, rows

from consent.contact import slots, windows
from consent.contact.model import Effective, Window
from consent.contact.slots import Slot
from wallet.appointments import reminding
from wallet.channels import addresses
from wallet.channels.sending import work_off
from wallet.dispatch.parcels import sender_of

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = (1, 2, 3, 4, 5, 6, 7)
NUMBER = "+49301234567"
DAY = 86400


class Caller(Speaker):
    """It asks for calls; `slots` are (begin, minutes)."""

    def asks(self, *times, channel="phone", message_id="a1", link=None, **more):
        offered = [{"start": at, "end": at + minutes * 60} for at, minutes in times]
        about = {"slots": offered} | ({"link": link} if link is not None else {})
        message = {"id": message_id, "subject": "Your meter", "text": "May we call you?", "reason": "It is old."}
        form = {"grant_id": self.grant_id, "topic": "outage", "channel": channel, **more}
        form |= {"message": json.dumps(message), "appointment": json.dumps(about)}
        return self.post("/contact/appointments", form)

    def looks(self, appointment_id, action="read"):
        return self.post(f"/contact/appointments/{appointment_id}", {"action": action})


@pytest.fixture
def vendor(app, house, person):
    caller = Caller(app, house)
    caller.joins(person)
    return caller


@pytest.fixture
def callable_(house, person, ids, clock):
    """By phone, from eight to six in Berlin; it is ten there."""
    window = Window(WEEK, 8 * 60, 18 * 60)
    wants(person, channels=("inbox", "phone", "video"), windows=(window,), time_zone="Europe/Berlin")
    reached(house, ids, "phone", phone=NUMBER)
    clock.now = int(datetime(2026, 11, 24, 10, tzinfo=BERLIN).timestamp())
    person.signs_in()


def at(hour, day=25):
    return int(datetime(2026, 11, day, hour, tzinfo=BERLIN).timestamp())


def page_of(house):
    return f"/appointments/{rows(house, 'appointments')[0]['appointment_id']}"


def agreed(vendor, person, house, start):
    """The answer to the vendor's question, once the person agreed to it."""
    asked = vendor.asks((start, 30))
    assert asked.status_code == 201, asked.text
    page = page_of(house)
    assert person.browser.post(f"{page}/accept", form_at=page, slot="0").status_code == 303
    return asked.json["appointment_id"]


@pytest.mark.usefixtures("callable_")
def test_the_number_is_shown_from_ten_minutes_before_until_the_end(house, vendor, person, clock):
    start = at(9)
    appointment_id = agreed(vendor, person, house, start)

    def is_shown(moment):
        clock.now = moment
        return vendor.looks(appointment_id).json.get("phone_number") == NUMBER

    moments = (start - 601, start - 600, start + 1799, start + 1800, start + 10 * DAY)
    assert [is_shown(moment) for moment in moments] == [False, True, True, False, False]
    told = [line for line in person.log() if line == "contacted"]
    assert len(told) == 1 + 2  # the question, and each showing
    assert NUMBER not in vendor.asks((start, 30)).text


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_who_looks_at_the_number_again_and_again_does_not_fill_the_persons_ledger(house, vendor, person, clock):
    appointment_id = agreed(vendor, person, house, at(9))
    clock.now = at(9)

    codes = [vendor.looks(appointment_id).status_code for _ in range(25)]

    assert codes == [200] * 20 + [429] * 5
    assert person.log().count("contacted") == 1 + 20
    assert vendor.looks(appointment_id, "cancel").json["state"] == "cancelled"


@pytest.mark.usefixtures("callable_")
def test_it_is_said_on_both_sides_whether_the_number_was_proved(house, vendor, person, ids, clock):
    start = at(9)
    appointment_id = agreed(vendor, person, house, start)
    clock.now = start
    person.signs_in()

    def is_proved():
        told = "nobody has checked whether this number is yours" in words(person.browser.get(page_of(house)))
        seen = vendor.looks(appointment_id).json["phone_number_verified"]
        assert told is not seen
        return seen

    assert is_proved() is False
    reached(house, ids, "sms", phone="+491711111111")
    assert is_proved() is False
    reached(house, ids, "sms", phone=NUMBER)
    assert is_proved() is True


@pytest.mark.usefixtures("callable_")
def test_nothing_is_shown_before_the_person_agreed(house, vendor, clock):
    start = at(9)
    appointment_id = vendor.asks((start, 30)).json["appointment_id"]
    clock.now = start

    seen = vendor.looks(appointment_id, action="accept")

    assert seen.status_code == 409
    assert "phone_number" not in vendor.looks(appointment_id).json
    assert rows(house, "appointments")[0]["state"] == "asked"


@pytest.mark.usefixtures("callable_")
def test_a_time_outside_is_named_with_the_next_one_that_would_do_and_nothing_is_kept(house, vendor):
    refused = vendor.asks((at(9), 30), (at(18) - 900, 30), (at(22), 60))

    assert refused.status_code == 403
    assert refused.json["reason"] == "outside_window"
    outside = [{"start": at(18) - 900, "end": at(18) + 900, "next_allowed_at": at(8, 26)}]
    outside += [{"start": at(22), "end": at(23), "next_allowed_at": at(8, 26)}]
    assert refused.json["slots"] == outside
    assert rows(house, "appointments") == rows(house, "messages") == rows(house, "contacts") == []


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_nobody_reads_a_calendar_off_the_times_that_do_not_fit(vendor, clock):
    def nights(n):
        return vendor.asks(*((at(22) + (5 * n + one) * DAY, 30) for one in range(5)), message_id=f"n{n}").status_code

    assert [nights(n) for n in range(5)] == [403] * 4 + [429]
    assert vendor.asks((at(9), 30), message_id="fits").status_code == 201
    clock.now += DAY
    assert nights(6) == 403


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_the_same_question_twice_is_one_and_another_under_its_id_is_refused(house, vendor):
    first = vendor.asks((at(9), 30))

    assert vendor.asks((at(9), 30)).json == first.json
    assert vendor.asks((at(10), 30)).status_code == 409
    assert len(rows(house, "appointments")) == 1


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
@pytest.mark.parametrize(
    ("times", "more"),
    [
        ([], {}),
        ([(at(9), 30)] * 2, {}),
        ([(at(9), 4)], {}),
        ([(at(9), 241)], {}),
        ([(at(9, 24), 30)], {}),
        ([(at(9) + 61 * DAY, 30)], {}),
        ([(at(9) + n * 3600, 30) for n in range(6)], {}),
        ([(at(9), 30)], {"channel": "email"}),
        ([(at(9), 30)], {"link": "https://meet.example/x"}),
        ([(at(9), 30)], {"channel": "video", "link": "http://meet.example/x"}),
        ([(at(9), 30)], {"channel": "video", "link": "https://bank.example@meet.example/x"}),
        ([(at(9), 30)], {"channel": "video", "link": "javascript:alert(1)"}),
    ],
    ids=range(12),
)
def test_what_is_no_proposal_is_refused(house, vendor, times, more):
    assert vendor.asks(*times, **more).status_code == 400
    assert rows(house, "appointments") == []


@pytest.mark.usefixtures("callable_")
def test_the_person_proposes_another_time_inside_their_own_and_the_vendor_agrees(house, vendor, person, clock):
    appointment_id = vendor.asks((at(9), 30)).json["appointment_id"]
    page = page_of(house)
    outside = person.browser.post(f"{page}/propose", form_at=page, day="2026-11-26", time="19:00", minutes="30")
    assert outside.status_code == 422
    assert rows(house, "appointments")[0]["state"] == "asked"

    for day, hour in (("0001-01-01", "00:30"), ("9999-12-31", "23:59"), ("2026-11-26", "x")):
        odd = person.browser.post(f"{page}/propose", form_at=page, day=day, time=hour, minutes="30")
        assert odd.status_code == outside.status_code
    person.browser.post(f"{page}/propose", form_at=page, day="2026-11-26", time="11:00", minutes="30")
    assert vendor.looks(appointment_id).json["start"] == at(11, 26)
    assert vendor.looks(appointment_id, action="accept").json["state"] == "agreed"

    clock.now = at(11, 26)
    assert vendor.looks(appointment_id).json["phone_number"] == NUMBER


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
@pytest.mark.parametrize("how", ["narrow", "revoke", "windows", "channel", "pause"])
def test_what_the_person_no_longer_allows_is_cancelled_and_shows_no_number(house, vendor, person, clock, how):
    start = at(9)
    appointment_id = agreed(vendor, person, house, start)
    page = f"/vendors/{vendor.grant_id}"
    if how == "narrow":
        person.browser.post(f"{page}/narrow", form_at=page, attribute="contact:outage")
    elif how == "revoke":
        person.revokes(vendor.grant_id)
    elif how == "windows":
        wants(person, client_id="stadtwerke", windows=(Window(WEEK, 12 * 60, 18 * 60),))
    elif how == "channel":
        wants(person, client_id="stadtwerke", channels=("inbox",))
    else:
        wants(person, client_id="stadtwerke", paused_until=start + 600)
    clock.now = start

    seen = vendor.looks(appointment_id).json

    assert (seen["state"], seen["ended_by"]) == ("cancelled", "wallet")
    assert "phone_number" not in seen


@pytest.mark.usefixtures("callable_")
@pytest.mark.parametrize("by", ["person", "vendor"])
def test_either_side_cancels_and_no_number_is_shown(house, vendor, person, clock, by):
    start = at(9)
    appointment_id = agreed(vendor, person, house, start)
    if by == "vendor":
        assert vendor.looks(appointment_id, action="cancel").json["state"] == "cancelled"
    else:
        person.browser.post(f"{page_of(house)}/cancel", form_at=page_of(house))
    clock.now = start

    assert "phone_number" not in vendor.looks(appointment_id).json
    assert vendor.looks(appointment_id, action="cancel").status_code == 409
    assert rows(house, "appointments")[0]["ended_by"] == by


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_both_have_the_same_appointment_for_their_calendars(house, vendor, person, clock):
    appointment_id = agreed(vendor, person, house, at(9))

    mine = person.browser.get(f"{page_of(house)}/appointment.ics")
    theirs = vendor.looks(appointment_id).json["calendar"]

    assert mine.mimetype == "text/calendar"
    one, other = (Calendar.from_ical(text).walk("VEVENT")[0] for text in (mine.data, theirs))
    assert one["UID"] == other["UID"]
    assert one["DTSTART"].dt.timestamp() == at(9)
    assert NUMBER not in theirs
    clock.now += 60
    person.browser.post(f"{page_of(house)}/cancel", form_at=page_of(house))
    after = Calendar.from_ical(vendor.looks(appointment_id).json["calendar"]).walk("VEVENT")[0]
    assert (after["UID"], after["STATUS"]) == (one["UID"], "CANCELLED")
    assert after["SEQUENCE"] > one["SEQUENCE"]
    assert after["DTSTAMP"].dt > one["DTSTAMP"].dt


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_nobody_else_sees_it(app, house, vendor, person, clock):
    appointment_id = agreed(vendor, person, house, at(9))
    clock.now = at(9)
    other = Caller(app, house, "bookshop")
    other.joins(person)

    assert other.looks(appointment_id).status_code == 404
    assert vendor.looks(appointment_id + "x").status_code == 404
    assert vendor.looks("x").status_code == 404


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_a_video_call_at_the_vendors_own_place_shows_where_it_leads_and_nothing_of_the_person(
    house, vendor, person, clock
):
    asked = vendor.asks((at(9), 30), channel="video", link="https://meet.example/room").json
    page = page_of(house)

    shown = person.browser.get(page).text
    person.browser.post(f"{page}/accept", form_at=page, slot="0")
    clock.now = at(9)

    assert "→ meet.example" in shown
    seen = vendor.looks(asked["appointment_id"]).json
    assert (seen["state"], "link" in seen) == ("agreed", False)


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_without_a_number_nothing_is_agreed(house, vendor, person, ids):
    vendor.asks((at(9), 30))
    address_id = rows(house, "channel_addresses")[0]["address_id"]
    house.database.write(addresses.remove, person_id=ids["person_id"], address_id=address_id)

    page = page_of(house)
    assert person.browser.post(f"{page}/accept", form_at=page, slot="0").status_code == 422
    assert rows(house, "appointments")[0]["state"] == "asked"


@on_sqlite_alone
@pytest.mark.usefixtures("callable_")
def test_who_did_not_come_is_noted_by_the_other_once_it_began(house, vendor, person, clock):
    appointment_id = agreed(vendor, person, house, at(9))
    assert vendor.looks(appointment_id, action="missed").status_code == 409
    clock.now = at(10)
    person.signs_in()

    person.browser.post(f"{page_of(house)}/missed", form_at=page_of(house))
    assert vendor.looks(appointment_id, action="missed").json["missed"] == "both"


@pytest.mark.usefixtures("callable_")
def test_the_person_is_reminded_once_by_the_channel_they_like_best_with_a_file_for_the_calendar(
    house, vendor, person, ids, clock
):
    agreed(vendor, person, house, at(8))
    wants(person, client_id="stadtwerke", channels=("email", "phone"), windows=(Window(WEEK, 8 * 60, 18 * 60),))
    reached(house, ids, "email", email="ana@example.org")
    clock.now = at(8) - 3000  # before any vendor may speak, and yet the wallet may

    with mail_server() as (url, box):
        mailing = with_mail(house, smtp_url=url)
        assert [reminding.remind_all(mailing) for _ in range(2)] == [1, 0]
        work_off(sender_of(mailing), CHANNELS)
        [mail] = box.mails

    assert "08:00" in mail.get_body(("plain",)).get_content()
    [file] = mail.iter_attachments()
    event = Calendar.from_ical(file.get_payload(decode=True)).walk("VEVENT")[0]
    assert event["DTSTART"].dt.timestamp() == at(8)
    person.signs_in()
    shown = Calendar.from_ical(person.browser.get(f"{page_of(house)}/appointment.ics").data).walk("VEVENT")[0]
    assert (event["UID"], event["ORGANIZER"]) == (shown["UID"], shown["ORGANIZER"])
    assert mail["Date"].datetime.timestamp() == clock.now


@pytest.mark.usefixtures("callable_")
def test_a_call_cancelled_at_night_is_told_when_the_vendor_may_speak_and_shown_at_once(
    house, vendor, person, ids, clock
):
    appointment_id = agreed(vendor, person, house, at(12))
    wants(person, client_id="stadtwerke", channels=("email", "phone"))
    reached(house, ids, "email", email="ana@example.org")
    clock.now = at(3)
    vendor.looks(appointment_id, action="cancel")
    person.signs_in()

    with mail_server() as (url, box):
        mailing = with_mail(house, smtp_url=url)
        work_off(sender_of(mailing), CHANNELS)
        at_night = list(box.mails)
        page = person.browser.get(page_of(house)).text
        clock.now = at(8)
        work_off(sender_of(mailing), CHANNELS)

    assert at_night == []
    assert "The vendor cancelled it." in page
    assert len(box.mails) == 1


ZONES = some.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
MINUTE = some.integers(0, 24 * 60 - 1)
WINDOWS = some.lists(some.builds(Window, some.just(WEEK), MINUTE, MINUTE), max_size=2).map(tuple)
# Around the days on which some of these clocks are put forward or back.
MOMENTS = some.sampled_from([1774659600, 1792890000, 1775322000, 1791050400]).flatmap(
    lambda at: some.integers(at - 2 * DAY, at + 2 * DAY).map(lambda moment: moment - moment % 60)
)


@settings(max_examples=60, deadline=None)
@given(MOMENTS, some.integers(5, 240), ZONES, WINDOWS, WINDOWS)
def test_what_fits_is_inside_at_every_minute_of_it_whatever_the_clocks_do(begin, minutes, time_zone, open_, quiet):
    policy = Effective(windows=open_, quiet=quiet, time_zone=time_zone)
    slot = Slot(begin, begin + minutes * 60)

    every = all(windows.is_open(policy, moment) for moment in range(slot.start, slot.end, 60))

    assert slots.fits(policy, slot) == every
    found = slots.next_fit(policy, begin, minutes * 60)
    assert found is None or slots.fits(policy, Slot(found, found + minutes * 60))
    assert found == begin if every else found != begin
