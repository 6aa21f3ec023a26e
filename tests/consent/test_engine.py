"""What happens between a person and a vendor: each step does what it says and leaves its line, or it leaves nothing."""

from dataclasses import replace

import pytest

from consent import asks, engine, granted, grants, using
from consent.engine import LONGEST_GRANT
from consent.errors import (
    AskAnswered,
    AskExpired,
    AskOfOtherBrowser,
    BadUntil,
    GrantEnded,
    NotAsked,
    RequiredRefused,
    UnknownAsk,
    UnknownGrant,
)

BROWSER = "the asking browser's secret"
DAY = 24 * 3600


@pytest.fixture
def refused(contents):
    """Does something, expects the refusal, and that nothing changed."""

    def refused(error, work, *args, **kwargs):
        before = contents()
        with pytest.raises(error):
            work(*args, **kwargs)
        assert contents() == before

    return refused


def of(party, **changed):
    return replace(party, **changed)


@pytest.fixture
def bookshop(ana_answers):
    """Another vendor than the one that asks unless told otherwise."""
    ask = ana_answers.is_asked("email")
    return of(ask.party, client_id="bookshop", name="Bookshop", host="books.example", sector="books.example")


def finds(house, ask_id, *, browser=BROWSER):
    return house.database.read(asks.find, ask_id, browser=browser, now=house.clock())


def test_a_grant_holds_exactly_what_was_chosen_and_remembers_what_was_refused(ana_answers, clock):
    ask = ana_answers.is_asked("email", "birthdate", needing=["given_name"])

    grant = ana_answers.grants(ask, {"given_name", "email"}, until=clock.now + 7 * DAY)

    assert grant.attributes == {"given_name", "email"}
    assert {item.attribute for item in grant.refused} == {"birthdate"}
    assert (grant.granted_at, grant.expires_at, grant.ended_at) == (clock.now, clock.now + 7 * DAY, None)
    assert grant.destinations == ("https://stadtwerke.example/back",)
    assert ana_answers.grant(grant.grant_id) == grant == ana_answers.current()


def test_a_grant_is_told_in_the_ledger_by_names_alone(ana_answers):
    ask = ana_answers.is_asked("email", "birthdate", needing=["given_name"])

    grant = ana_answers.grants(ask, {"given_name", "email"})

    asked, granted = ana_answers.ledger()
    assert (asked.action, asked.client_id, asked.grant_id) == ("asked", "stadtwerke", None)
    assert asked.detail == {
        "vendor": "Stadtwerke",
        "attributes": ["birthdate", "email", "given_name"],
        "required": ["given_name"],
    }
    assert (granted.action, granted.client_id, granted.grant_id) == ("granted", "stadtwerke", grant.grant_id)
    assert granted.detail == {
        "vendor": "Stadtwerke",
        "attributes": ["email", "given_name"],
        "refused": ["birthdate"],
        "until": grant.expires_at,
        "consent_token": grant.consent_token_id,
        "receipt": granted.detail["receipt"],
    }


def test_everything_may_be_refused_where_nothing_is_required(ana_answers):
    grant = ana_answers.grants(ana_answers.is_asked("email"), set())

    assert grant.attributes == set()
    assert ana_answers.log() == ["asked", "granted"]


def test_an_ask_that_is_shown_again_and_again_stands_in_the_ledger_once(ana_answers, house, resident, clock):
    ask = ana_answers.is_asked("email")
    bob = resident("Bob")
    for person_id in (ana_answers.person_id, ana_answers.person_id, bob.person_id, bob.person_id):
        house.database.write(engine.present, house.secrets, ask, person_id=person_id, now=clock.now)

    assert ana_answers.log() == ["asked"]
    assert bob.log() == ["asked"]


def test_refusing_leaves_no_grant_and_says_so_in_the_ledger(ana_answers):
    ana_answers.refuses(ana_answers.is_asked("email", "birthdate"))

    assert ana_answers.current() is None
    assert ana_answers.log() == ["asked", "refused"]
    assert ana_answers.ledger()[-1].detail == {"vendor": "Stadtwerke", "attributes": ["birthdate", "email"]}


def test_refusing_keeps_what_was_granted_before(ana_answers):
    before = ana_answers.grants(ana_answers.is_asked("email"), {"email"})

    ana_answers.refuses(ana_answers.is_asked("email", "birthdate"))

    assert ana_answers.current() == before
    ana_answers.is_read(before.grant_id, ["email"])


def test_a_second_answer_is_the_newest_word_on_what_was_asked_and_the_older_word_on_the_rest(ana_answers, clock):
    first = ana_answers.grants(
        ana_answers.is_asked("email", "birthdate", "phone_number", "gender"), {"email", "birthdate"}
    )
    clock.now += DAY

    second = ana_answers.grants(ana_answers.is_asked("birthdate", "phone_number"), {"phone_number"})

    assert second.grant_id == first.grant_id
    assert second.attributes == {"email", "phone_number"}
    assert {item.attribute for item in second.refused} == {"birthdate", "gender"}
    assert second.granted_at == clock.now
    assert second.consent_token != first.consent_token
    assert second.consent_token_id != first.consent_token_id
    assert ana_answers.current() == second


def test_a_second_answer_takes_the_purpose_of_the_second_ask(ana_answers):
    ask = ana_answers.is_asked("email")
    ana_answers.grants(ask, {"email"})
    again = ana_answers.is_asked("email")
    again = replace(again, items=tuple(replace(item, purpose="To greet you") for item in again.items))

    grant = ana_answers.grants(again, {"email"})

    assert [(item.attribute, item.purpose) for item in grant.items] == [("email", "To greet you")]


def test_an_answer_after_the_grant_expired_starts_from_nothing(ana_answers, clock):
    ana_answers.grants(ana_answers.is_asked("email"), {"email"}, until=clock.now + DAY)
    clock.now += DAY

    grant = ana_answers.grants(ana_answers.is_asked("birthdate"), {"birthdate"})

    assert grant.attributes == {"birthdate"}
    assert grant.refused == ()


def test_an_answer_after_the_grant_was_revoked_is_a_grant_of_its_own(ana_answers):
    old = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    ana_answers.revokes(old.grant_id)

    new = ana_answers.grants(ana_answers.is_asked("birthdate"), {"birthdate"})

    assert new.grant_id != old.grant_id
    assert new.attributes == {"birthdate"}
    assert new.sub == old.sub
    assert not ana_answers.grant(old.grant_id).is_live(ana_answers.now)


def test_answers_to_two_vendors_share_neither_grant_nor_key(ana_answers, bookshop):
    one = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    other = ana_answers.grants(ana_answers.is_asked("birthdate", party=bookshop), {"birthdate"})

    assert one.grant_id != other.grant_id
    assert one.sub != other.sub
    assert ana_answers.current() == one
    assert ana_answers.current(bookshop) == other


def test_two_vendors_of_one_sector_know_the_person_by_one_name_under_two_grants(ana_answers):
    ask = ana_answers.is_asked("email")
    sister = of(ask.party, client_id="stadtwerke-app")

    one, other = ana_answers.grants(ask, {"email"}), ana_answers.grants(ana_answers.is_asked("email", party=sister), {})

    assert one.sub == other.sub
    assert one.grant_id != other.grant_id


def test_a_choice_of_something_that_was_not_asked_leaves_nothing(ana_answers, refused):
    ask = ana_answers.is_asked("email", needing=["given_name"])

    refused(NotAsked, ana_answers.grants, ask, {"given_name", "iban"})

    assert ana_answers.grants(ask, {"given_name"}).attributes == {"given_name"}  # the ask is still open


def test_a_choice_without_something_required_leaves_nothing(ana_answers, refused):
    refused(RequiredRefused, ana_answers.grants, ana_answers.is_asked("email", needing=["given_name"]), {"email"})


def test_an_answer_lasts_until_a_day_to_come_and_no_longer_than_offered(ana_answers, refused, clock):
    ask = ana_answers.is_asked("email")

    for until in (clock.now - 1, clock.now, clock.now + LONGEST_GRANT + 1, 0, -1):
        refused(BadUntil, ana_answers.grants, ask, {"email"}, until=until)

    assert ana_answers.grants(ask, {"email"}, until=clock.now + LONGEST_GRANT).is_live(clock.now + LONGEST_GRANT - 1)


def test_an_ask_is_answered_once_however_it_is_answered(ana_answers, refused):
    granted, declined = ana_answers.is_asked("email"), ana_answers.is_asked("email")
    ana_answers.grants(granted, {"email"})
    ana_answers.refuses(declined)

    for ask in (granted, declined):
        refused(AskAnswered, ana_answers.grants, ask, {"email"})
        refused(AskAnswered, ana_answers.grants, ask, set())
        refused(AskAnswered, ana_answers.refuses, ask)


def test_an_answer_leaves_once_and_only_for_the_person_who_gave_it(ana_answers, house, refused, resident, clock):
    ask = ana_answers.is_asked("email")
    ids = {"person_id": ana_answers.person_id, "now": clock.now}
    refused(UnknownAsk, house.database.write, asks.take_answer, ask, **ids)

    ana_answers.grants(ask, {"email"})
    answered = finds(house, ask.ask_id)
    stranger = resident("Bob").person_id
    refused(UnknownAsk, house.database.write, asks.take_answer, answered, person_id=stranger, now=clock.now)
    house.database.write(asks.take_answer, answered, **ids)

    refused(AskAnswered, house.database.write, asks.take_answer, answered, **ids)
    refused(UnknownAsk, finds, house, ask.ask_id)


def test_an_ask_belongs_to_the_browser_it_began_in(ana_answers, house, refused):
    ask = ana_answers.is_asked("email")

    for browser in (None, "", "another", BROWSER + " "):
        refused(AskOfOtherBrowser, finds, house, ask.ask_id, browser=browser)
    refused(UnknownAsk, finds, house, "no-such-ask")
    assert finds(house, ask.ask_id).ask_id == ask.ask_id


def test_an_ask_waits_a_short_while_and_can_not_be_answered_later(ana_answers, house, refused, clock):
    ask = ana_answers.is_asked("email")
    clock.now += asks.LIFETIME - 1
    assert finds(house, ask.ask_id) == replace(ask, person_id=ana_answers.person_id)
    clock.now += 1

    refused(AskExpired, finds, house, ask.ask_id)
    refused(AskAnswered, ana_answers.grants, ask, {"email"})
    refused(AskAnswered, ana_answers.refuses, ask)


def test_asks_are_swept_when_their_time_is_over_and_grants_stay(ana_answers, house, clock):
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    clock.now += asks.LIFETIME // 2
    open_ask = ana_answers.is_asked("email")
    clock.now += asks.LIFETIME - asks.LIFETIME // 2

    assert house.database.write(asks.sweep, now=clock.now) == 1
    assert finds(house, open_ask.ask_id).ask_id == open_ask.ask_id
    assert ana_answers.current() == grant


def test_a_read_of_what_was_granted_leaves_one_line_with_its_purposes(ana_answers):
    grant = ana_answers.grants(ana_answers.is_asked("email", "birthdate", "phone_number"), {"email", "birthdate"})

    ana_answers.is_read(grant.grant_id, ["email", "birthdate"])

    read = ana_answers.ledger()[-1]
    assert (read.action, read.grant_id) == ("read", grant.grant_id)
    assert read.detail == {
        "vendor": "Stadtwerke",
        "attributes": ["birthdate", "email"],
        "purposes": ["To greet you", "To send your bill"],
    }


def test_a_read_of_anything_else_leaves_nothing(ana_answers, refused):
    grant = ana_answers.grants(ana_answers.is_asked("email", "birthdate"), {"email"})

    for attributes in (["birthdate"], ["email", "birthdate"], ["iban"]):
        refused(NotAsked, ana_answers.is_read, grant.grant_id, attributes)


def test_a_grant_that_ended_or_expired_opens_nothing(ana_answers, house, refused, clock):
    revoked = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    ana_answers.revokes(revoked.grant_id)
    expired = ana_answers.grants(ana_answers.is_asked("email"), {"email"}, until=clock.now + DAY)
    clock.now += DAY

    for grant_id in (revoked.grant_id, expired.grant_id):
        grant = ana_answers.grant(grant_id)
        refused(GrantEnded, ana_answers.is_read, grant_id, ["email"])
        refused(GrantEnded, house.database.write, using.redeem, house.secrets, grant, via="code", now=clock.now)


def test_a_grant_holds_to_its_last_second_and_not_a_second_more(ana_answers, refused, clock):
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"}, until=clock.now + DAY)
    clock.now += DAY - 1
    ana_answers.is_read(grant.grant_id, ["email"])
    clock.now += 1

    refused(GrantEnded, ana_answers.is_read, grant.grant_id, ["email"])


def test_revoking_twice_gives_one_line_and_keeps_the_first_time(ana_answers, clock, contents):
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    ana_answers.revokes(grant.grant_id)
    ended_at, before = clock.now, contents()
    clock.now += DAY

    ana_answers.revokes(grant.grant_id)

    assert contents() == before
    assert ana_answers.log() == ["asked", "granted", "revoked"]
    assert ana_answers.grant(grant.grant_id).ended_at == ended_at


def test_a_grant_of_somebody_else_can_be_neither_seen_nor_revoked(ana_answers, house, resident, refused):
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    bob = resident("Bob")

    for grant_id in (grant.grant_id, "no-such-grant", ""):
        refused(UnknownGrant, bob.revokes, grant_id)
        refused(UnknownGrant, bob.grant, grant_id)
    assert house.database.read(grants.of_person, person_id=bob.person_id) == ()
    assert ana_answers.grant(grant.grant_id).is_live(ana_answers.now)


def covers(house, resident, ask):
    ids = {"person_id": resident.person_id, "persona_id": resident.persona_id}
    return house.database.read(engine.covering, ask, **ids, now=house.clock()) is not None


def test_an_ask_that_is_fully_answered_already_needs_no_new_answer(ana_answers, house):
    ask = ana_answers.is_asked("email", "birthdate")
    assert not covers(house, ana_answers, ask)

    ana_answers.grants(ask, {"email"})

    assert covers(house, ana_answers, ask)
    assert covers(house, ana_answers, ana_answers.is_asked("email"))
    assert covers(house, ana_answers, ana_answers.is_asked("birthdate"))  # it was refused, and that is an answer
    assert covers(house, ana_answers, ana_answers.is_asked())


def test_whatever_is_new_about_an_ask_makes_the_person_decide_anew(ana_answers, house, bookshop, clock):
    ask = ana_answers.is_asked("email", "birthdate")
    ana_answers.grants(ask, {"email"}, until=clock.now + DAY)
    new_purpose = tuple(replace(item, purpose="To sell it") for item in ask.items)
    again = {
        "an attribute more": ana_answers.is_asked("email", "phone_number"),
        "something refused is required now": ana_answers.is_asked("email", needing=["birthdate"]),
        "another purpose": replace(ask, items=new_purpose),
        "another address": ana_answers.is_asked("email", to="https://stadtwerke.example/other"),
        "the vendor says something else of itself": ana_answers.is_asked("email", party=of(ask.party, notice="1" * 64)),
        "another vendor": ana_answers.is_asked("email", party=bookshop),
    }

    assert [what for what, changed in again.items() if covers(house, ana_answers, changed)] == []
    assert covers(house, ana_answers, ask)
    clock.now += DAY
    assert not covers(house, ana_answers, ask)


def test_a_revoked_grant_covers_nothing(ana_answers, house):
    ask = ana_answers.is_asked("email")
    ana_answers.revokes(ana_answers.grants(ask, {"email"}).grant_id)

    assert not covers(house, ana_answers, ask)


def test_an_address_the_person_saw_stays_good_until_the_vendor_says_something_else(ana_answers):
    first = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    second = ana_answers.grants(ana_answers.is_asked("email", to="https://stadtwerke.example/app"), {"email"})
    changed = of(second.party, notice="1" * 64)
    third = ana_answers.grants(ana_answers.is_asked("email", party=changed, to="https://stadtwerke.example/app"), set())

    assert second.destinations == (*first.destinations, "https://stadtwerke.example/app")
    assert third.destinations == ("https://stadtwerke.example/app",)


def test_who_has_what_names_live_grants_only(ana_answers, house, bookshop, clock):
    ids = {"person_id": ana_answers.person_id, "persona_id": ana_answers.persona_id}
    ana_answers.grants(ana_answers.is_asked("email", "birthdate"), {"email"}, until=clock.now + 9 * DAY)
    other = ana_answers.grants(ana_answers.is_asked("email", party=bookshop), {"email"}, until=clock.now + 9 * DAY)

    def shared(after=0):
        now = clock.now + after
        names = house.database.read(granted.readers, "email", **ids, now=now)
        return house.database.read(granted.shared_with, **ids, now=now), names

    assert shared() == ({"email": 2}, ("Bookshop", "Stadtwerke"))

    ana_answers.revokes(other.grant_id)
    assert shared() == ({"email": 1}, ("Stadtwerke",))
    assert shared(9 * DAY) == ({}, ())


def test_what_was_ever_asked_and_answered_can_be_listed(ana_answers, house, bookshop):
    ana_answers.grants(ana_answers.is_asked("email", "birthdate"), {"email"})
    ended = ana_answers.grants(ana_answers.is_asked("given_name", party=bookshop), {"given_name"})
    ana_answers.revokes(ended.grant_id)

    found, _purposes = house.database.read(granted.subjects, person_id=ana_answers.person_id, limit=9)

    assert found == ["birthdate", "email", "given_name"]
    assert len(house.database.read(granted.subjects, person_id=ana_answers.person_id, limit=2)[0]) == 2
