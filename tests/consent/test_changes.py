"""What a person changes in a grant: each change does what it says and leaves its line, or it leaves nothing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Barrier

import pytest
from storage import on_sqlite_alone

from consent import asks, changes, engine, token, using
from consent.engine import LONGEST_GRANT
from consent.errors import BadUntil, GrantEnded, GrantPaused, NotAsked, NotGranted, NotTighter, UnknownGrant
from consent.model import PUBLIC, WHILE_AWAY, Limits, Span
from consent.tightening import Tightening

ISSUER = "https://wallet.example"
START = 1_800_000_000
DAY = 24 * 3600


@pytest.fixture
def changes_it(ana_answers, house):
    """Makes one of the changes, as Ana or somebody else."""

    def changes_it(work, grant_id, *, by=ana_answers, **what):
        ids = {"person_id": by.person_id, "signs": by.signs, "now": by.now}
        house.database.write(work, house.secrets, grant_id, **ids, **what)

    return changes_it


@pytest.fixture
def refused(changes_it, contents):
    """Expects a change to be refused, and that nothing changed."""

    def refused(error, work, grant_id, **what):
        before = contents()
        with pytest.raises(error):
            changes_it(work, grant_id, **what)
        assert contents() == before

    return refused


@pytest.fixture
def made(ana_answers):
    """What Ana allowed: two of three values, for 30 days."""
    return ana_answers.grants(ana_answers.is_asked("email", "birthdate", "phone_number"), ["email", "birthdate"])


def signs_on(resident, *attributes, needing=()):
    """Whether the vendor gets its answer without the person being asked."""
    house, ids = resident.house, {"person_id": resident.person_id, "persona_id": resident.persona_id}
    ask = resident.is_asked(*attributes, needing=needing)
    return house.database.read(engine.covering, ask, **ids, now=resident.now) is not None


# Pause and resume


def test_while_paused_nothing_leaves_and_then_all_is_as_before(ana_answers, changes_it, made):
    changes_it(changes.pause, made.grant_id)

    with pytest.raises(GrantPaused):
        ana_answers.is_read(made.grant_id, ["email"])
    assert not signs_on(ana_answers, "email")

    changes_it(changes.resume, made.grant_id)

    ana_answers.is_read(made.grant_id, ["email"])
    assert signs_on(ana_answers, "email")
    assert ana_answers.grant(made.grant_id) == made


def test_a_pause_with_an_end_is_over_at_that_very_second(ana_answers, changes_it, made, clock):
    changes_it(changes.pause, made.grant_id, until=clock.now + DAY)

    clock.now += DAY - 1
    with pytest.raises(GrantPaused):
        ana_answers.is_read(made.grant_id, ["email"])

    clock.now += 1
    ana_answers.is_read(made.grant_id, ["email"])
    assert ana_answers.log()[-2:] == ["changed", "read"]


def test_each_pause_and_each_resumption_stands_in_the_ledger_once(ana_answers, changes_it, made, clock):
    for work, what in (
        (changes.pause, {}),
        (changes.pause, {}),
        (changes.pause, {"until": clock.now + DAY}),
        (changes.pause, {"until": clock.now + DAY}),
        (changes.resume, {}),
        (changes.resume, {}),
    ):
        changes_it(work, made.grant_id, **what)

    told = [dict(line.detail) for line in ana_answers.ledger() if line.action == "changed"]
    assert len({detail.pop("receipt") for detail in told}) == 3
    assert told == [
        {"vendor": "Stadtwerke", "paused": True},
        {"vendor": "Stadtwerke", "paused": True, "until": clock.now + DAY},
        {"vendor": "Stadtwerke", "paused": False},
    ]


def test_a_pause_that_is_over_needs_no_resumption(ana_answers, changes_it, made, clock, contents):
    changes_it(changes.pause, made.grant_id, until=clock.now + DAY)
    clock.now += DAY
    before = contents()

    changes_it(changes.resume, made.grant_id)

    assert contents() == before


@pytest.mark.parametrize("length", [-1, 0, LONGEST_GRANT + 1])
@on_sqlite_alone
def test_a_pause_ends_in_the_future_and_within_a_year(refused, made, clock, length):
    refused(BadUntil, changes.pause, made.grant_id, until=clock.now + length)


@pytest.mark.parametrize("work", [changes.pause, changes.resume])
@on_sqlite_alone
def test_what_has_ended_or_expired_is_neither_paused_nor_resumed(ana_answers, refused, made, clock, work):
    clock.now += 30 * DAY
    refused(GrantEnded, work, made.grant_id)

    clock.now -= 1
    ana_answers.revokes(made.grant_id)
    refused(GrantEnded, work, made.grant_id)


@pytest.mark.parametrize("work", [changes.pause, changes.resume])
@on_sqlite_alone
def test_nobody_changes_somebody_elses_grant(refused, resident, made, work):
    refused(UnknownGrant, work, made.grant_id, by=resident("Ben"))
    refused(UnknownGrant, work, "made up")


def test_a_paused_grant_can_be_revoked_and_does_not_come_back(ana_answers, changes_it, refused, made):
    changes_it(changes.pause, made.grant_id)

    ana_answers.revokes(made.grant_id)

    refused(GrantEnded, changes.resume, made.grant_id)
    assert not ana_answers.grant(made.grant_id).is_live(ana_answers.now)


def test_a_new_answer_lets_go_on_what_was_paused_and_a_refusal_does_not(ana_answers, changes_it, made):
    changes_it(changes.pause, made.grant_id)

    ana_answers.refuses(ana_answers.is_asked("email"))
    assert ana_answers.grant(made.grant_id).is_paused(ana_answers.now)

    ana_answers.grants(ana_answers.is_asked("email"), ["email"])
    after = ana_answers.grant(made.grant_id)
    assert (after.paused_until, after.attributes) == (None, {"email", "birthdate"})


def test_pausing_one_vendor_leaves_the_other_alone(ana_answers, changes_it, made):
    bookshop = replace(made.party, client_id="bookshop", host="books.example", sector="books.example")
    other = ana_answers.grants(ana_answers.is_asked("email", party=bookshop), ["email"])

    changes_it(changes.pause, made.grant_id)

    ana_answers.is_read(other.grant_id, ["email"])


# Narrow


def test_what_is_taken_back_no_longer_leaves_and_counts_as_refused(ana_answers, changes_it, made):
    changes_it(changes.narrow, made.grant_id, taken=["email"])

    after = ana_answers.grant(made.grant_id)
    assert after.attributes == {"birthdate"}
    assert {item.attribute for item in after.refused} == {"phone_number", "email"}
    assert (after.granted_at, after.expires_at) == (made.granted_at, made.expires_at)
    with pytest.raises(NotAsked):
        ana_answers.is_read(made.grant_id, ["email"])
    ana_answers.is_read(made.grant_id, ["birthdate"])


def test_a_change_signs_a_consent_token_for_what_is_granted_now(ana_answers, changes_it, made, clock):
    clock.now += DAY
    changes_it(changes.narrow, made.grant_id, taken=["email"])

    after = ana_answers.grant(made.grant_id)
    claims = token.verify(after.consent_token, client_id="stadtwerke", issuer=ISSUER, now=clock.now)
    (process,) = claims["consent"]["dpv:hasProcess"]
    assert [data["dct:identifier"] for data in process["dpv:hasPersonalData"]] == ["birthdate"]
    assert claims["jti"] == f"urn:uuid:{after.consent_token_id}"
    assert (claims["sub"], claims["iat"], claims["exp"]) == (made.pairwise_sub, clock.now, made.expires_at)
    assert after.consent_token_id != made.consent_token_id
    line = ana_answers.ledger()[-1]
    assert line.action == "changed"
    said = {"vendor": "Stadtwerke", "narrowed": ["email"], "consent_token": after.consent_token_id}
    assert line.detail == said | {"receipt": line.detail["receipt"]}


def test_the_same_ask_is_answered_without_a_page_unless_the_vendor_can_not_go_on(ana_answers, changes_it, made):
    changes_it(changes.narrow, made.grant_id, taken=["email"])

    assert signs_on(ana_answers, "email", "birthdate", "phone_number")
    assert not signs_on(ana_answers, "birthdate", needing=["email"])


def test_all_can_be_taken_back_and_signing_in_is_left(ana_answers, changes_it, made):
    changes_it(changes.narrow, made.grant_id, taken=["email", "birthdate"])

    assert ana_answers.grant(made.grant_id).attributes == frozenset()
    assert signs_on(ana_answers)


def test_what_was_taken_back_can_be_allowed_again_on_the_page(ana_answers, changes_it, made):
    changes_it(changes.narrow, made.grant_id, taken=["email"])

    ana_answers.grants(ana_answers.is_asked("email"), ["email"])

    assert ana_answers.grant(made.grant_id).attributes == {"email", "birthdate"}


@pytest.mark.parametrize("taken", [[], ["phone_number"], ["email", "phone_number"], ["nickname"], [PUBLIC]])
@on_sqlite_alone
def test_only_what_is_granted_is_taken_back_and_nothing_by_halves(refused, made, taken):
    refused(NotGranted, changes.narrow, made.grant_id, taken=taken)


def test_the_number_the_vendor_knows_is_not_taken_back_alone(ana_answers, refused):
    made = ana_answers.grants(ana_answers.is_asked("email", PUBLIC), ["email", PUBLIC])

    refused(NotGranted, changes.narrow, made.grant_id, taken=["email", PUBLIC])


def test_taking_back_twice_is_refused_the_second_time(changes_it, refused, made):
    changes_it(changes.narrow, made.grant_id, taken=["email"])

    refused(NotGranted, changes.narrow, made.grant_id, taken=["email"])


def test_narrowing_does_not_let_a_paused_grant_go_on(ana_answers, changes_it, made):
    changes_it(changes.pause, made.grant_id)

    changes_it(changes.narrow, made.grant_id, taken=["email"])

    assert ana_answers.grant(made.grant_id).is_paused(ana_answers.now)


# Prolong


def test_a_grant_gets_a_later_or_an_earlier_end(ana_answers, changes_it, made, clock):
    for until in (clock.now + LONGEST_GRANT, clock.now + DAY):
        changes_it(changes.prolong, made.grant_id, until=until)

        after = ana_answers.grant(made.grant_id)
        claims = token.verify(after.consent_token, client_id="stadtwerke", issuer=ISSUER, now=clock.now)
        assert (after.expires_at, claims["exp"]) == (until, until)
        assert (after.granted_at, after.items) == (made.granted_at, made.items)
    assert [line.detail["longer"] for line in ana_answers.ledger()[-2:]] == [True, False]

    clock.now += DAY
    with pytest.raises(GrantEnded):
        ana_answers.is_read(made.grant_id, ["email"])


def test_the_end_it_has_already_changes_nothing(changes_it, contents, made):
    before = contents()

    changes_it(changes.prolong, made.grant_id, until=made.expires_at)

    assert contents() == before


@pytest.mark.parametrize("length", [-DAY, 0, LONGEST_GRANT + 1])
@on_sqlite_alone
def test_an_end_lies_in_the_future_and_within_a_year(refused, made, clock, length):
    refused(BadUntil, changes.prolong, made.grant_id, until=clock.now + length)


def test_a_grant_is_prolonged_beyond_a_year_from_its_beginning_but_not_from_today(changes_it, refused, made, clock):
    clock.now += 29 * DAY

    refused(BadUntil, changes.prolong, made.grant_id, until=clock.now + LONGEST_GRANT + 1)
    changes_it(changes.prolong, made.grant_id, until=clock.now + LONGEST_GRANT)


@pytest.mark.parametrize(
    ("work", "what"),
    [
        (changes.narrow, {"taken": ["email"]}),
        (changes.prolong, {"until": START + 60 * DAY}),
        (changes.tighten, {"tightening": Tightening("email", fetch="once")}),
    ],
)
@on_sqlite_alone
def test_what_has_ended_or_belongs_to_somebody_else_is_left_alone(
    ana_answers, refused, resident, made, clock, work, what
):
    ben = resident("Ben")
    refused(UnknownGrant, work, made.grant_id, by=ben, **what)

    clock.now += 30 * DAY
    refused(GrantEnded, work, made.grant_id, **what)

    clock.now -= 1
    ana_answers.revokes(made.grant_id)
    refused(GrantEnded, work, made.grant_id, **what)


def test_of_two_browsers_at_once_each_change_counts_or_is_refused_whole(ana_answers, changes_it, made):
    start = Barrier(2)

    def takes(attribute):
        start.wait()
        changes_it(changes.narrow, made.grant_id, taken=[attribute])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(takes, ["email", "birthdate"]))

    after = ana_answers.grant(made.grant_id)
    assert (after.attributes, len(after.refused)) == (frozenset(), 3)
    assert ana_answers.log()[-2:] == ["changed", "changed"]
    claims = token.verify(after.consent_token, client_id="stadtwerke", issuer=ISSUER, now=ana_answers.now)
    assert claims["consent"]["dpv:hasProcess"] == []
    assert ana_answers.verifies() == len(ana_answers.log())


def test_a_change_beside_a_revocation_brings_nothing_back(ana_answers, changes_it, made):
    start = Barrier(2)

    def prolongs():
        start.wait()
        with suppress(GrantEnded):
            changes_it(changes.prolong, made.grant_id, until=ana_answers.now + 60 * DAY)

    def revokes():
        start.wait()
        ana_answers.revokes(made.grant_id)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(prolongs), pool.submit(revokes)]:
            done.result()

    assert not ana_answers.grant(made.grant_id).is_live(ana_answers.now)
    assert ana_answers.log()[-1] == "revoked"


# Tighten


@pytest.fixture
def tightens(changes_it):
    def tightens(grant, **what):
        changes_it(changes.tighten, grant.grant_id, tightening=Tightening("email", **what))

    return tightens


@pytest.fixture
def allowed(ana_answers, house):
    """The e-mail address, asked for and allowed under these limits."""

    def allowed(limits):
        ask = limited_ask(ana_answers, limits)
        return ana_answers.grants(ask, ["email"])

    return allowed


def limited_ask(resident, limits):
    """Asked as `is_asked` does, under these limits."""
    asked = resident.is_asked("email")
    new = replace(asked, items=tuple(replace(item, limits=limits) for item in asked.items))
    return resident.house.database.write(asks.keep, new, browser="b", now=resident.now)


def reads(resident, grant_id):
    house, grant = resident.house, resident.grant(grant_id)
    found = house.database.write(using.read, house.secrets, grant, attributes=["email"], now=resident.now)
    return "email" in found.attributes


def test_a_value_without_limits_gets_some_and_the_vendor_is_held_to_them(ana_answers, allowed, tightens, clock):
    made = allowed(None)
    assert [reads(ana_answers, made.grant_id) for _ in range(2)] == [True, True]

    tightens(made, frequency=Span(1, "day"))

    assert [reads(ana_answers, made.grant_id) for _ in range(2)] == [True, False]
    clock.now += DAY
    assert [reads(ana_answers, made.grant_id) for _ in range(2)] == [True, False]


def test_what_was_counted_before_counts_after_tightening(ana_answers, allowed, tightens, clock):
    made = allowed(Limits(frequency=Span(4, "hour")))
    clock.now += 7 * 3600
    assert reads(ana_answers, made.grant_id)
    clock.now += 3600
    assert [reads(ana_answers, made.grant_id) for _ in range(2)] == [True, True]

    tightens(made, frequency=Span(3, "day"))

    assert [reads(ana_answers, made.grant_id) for _ in range(2)] == [True, False]
    clock.now += DAY
    assert [reads(ana_answers, made.grant_id) for _ in range(4)] == [True, True, True, False]


def test_only_once_and_until_a_day(ana_answers, allowed, tightens, clock):
    made = allowed(None)
    tightens(made, until=clock.now + DAY)
    clock.now += DAY - 1
    assert reads(ana_answers, made.grant_id)

    tightens(made, fetch="once")
    assert [reads(ana_answers, made.grant_id) for _ in range(2)] == [True, False]

    clock.now += 1
    assert not reads(ana_answers, made.grant_id)
    assert ana_answers.grant(made.grant_id).items[0].in_force == Limits(
        mode="store", fetch="once", until=made.granted_at + DAY
    )


def test_the_vendors_usual_ask_does_not_come_back_and_a_new_answer_keeps_the_limits(ana_answers, allowed, tightens):
    asked = Limits(frequency=Span(4, "month"))
    made = allowed(asked)
    tightens(made, frequency=Span(1, "month"))

    ids = {"person_id": ana_answers.person_id, "persona_id": ana_answers.persona_id, "now": ana_answers.now}
    again = limited_ask(ana_answers, asked)
    assert ana_answers.house.database.read(engine.covering, again, **ids)
    ana_answers.grants(again, ["email"])
    assert ana_answers.grant(made.grant_id).items[0].in_force == Limits(frequency=Span(1, "month"))

    ana_answers.grants(limited_ask(ana_answers, None), ["email"])
    assert ana_answers.grant(made.grant_id).items[0].in_force is None


def test_the_consent_token_says_the_limits_in_force(ana_answers, allowed, tightens, clock):
    made = allowed(Limits(frequency=Span(4, "month")))

    tightens(made, frequency=Span(1, "month"))

    after = ana_answers.grant(made.grant_id)
    claims = token.verify(after.consent_token, client_id="stadtwerke", issuer=ISSUER, now=clock.now)
    (process,) = claims["consent"]["dpv:hasProcess"]
    assert process["w:access"]["frequency"] == {"value": 1, "unit": "MONTH"}
    assert ana_answers.ledger()[-1].detail["tightened"] == ["email"]


@pytest.mark.parametrize(
    ("before", "looser"),
    [
        (Limits(frequency=Span(1, "month")), {"frequency": Span(2, "month")}),
        (Limits(frequency=Span(1, "month")), {"frequency": Span(1, "day")}),
        (Limits(frequency=Span(4, "week")), {"frequency": Span(4, "month")}),
        (Limits(fetch="once"), {"fetch": "periodic"}),
        (Limits(fetch="once"), {"frequency": Span(1, "year")}),
        (Limits(until=START + 2 * DAY), {"until": START + 3 * DAY}),
        (Limits(until=START + 2 * DAY), {"fetch": "once", "until": START + 3 * DAY}),
    ],
    ids=["more", "sooner", "unaligned", "again", "once to yearly", "later", "later but once"],
)
@on_sqlite_alone
def test_limits_never_become_looser_by_a_change(refused, allowed, before, looser):
    made = allowed(before)

    refused(NotTighter, changes.tighten, made.grant_id, tightening=Tightening("email", **looser))


@pytest.mark.parametrize("attribute", ["phone_number", "nickname", WHILE_AWAY])
@on_sqlite_alone
def test_only_a_value_that_is_granted_has_limits_to_tighten(ana_answers, refused, attribute):
    made = ana_answers.grants(ana_answers.is_asked("email", "phone_number", WHILE_AWAY), ["email", WHILE_AWAY])
    tightening = Tightening(attribute, fetch="once")

    refused(NotGranted, changes.tighten, made.grant_id, tightening=tightening)


def test_tightening_twice_alike_changes_nothing_more(allowed, tightens, contents):
    made = allowed(None)
    tightens(made, fetch="once")
    before = contents()

    tightens(made, fetch="once")

    assert contents() == before


@pytest.mark.parametrize("length", [-1, 0, LONGEST_GRANT + 1])
@on_sqlite_alone
def test_the_end_of_a_limit_lies_in_the_future(refused, allowed, clock, length):
    made = allowed(None)

    refused(
        BadUntil,
        changes.tighten,
        made.grant_id,
        tightening=Tightening("email", until=clock.now + length),
    )
