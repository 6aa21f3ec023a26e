"""What a person changes in a grant: each change does what it says and leaves its line, or it leaves nothing."""

from dataclasses import replace

import pytest

from consent import changes, engine
from consent.engine import LONGEST_GRANT
from consent.errors import BadUntil, GrantEnded, GrantPaused, UnknownGrant

DAY = 24 * 3600


@pytest.fixture
def changes_it(ana_answers, house):
    """Makes one of the changes, as Ana or somebody else."""

    def changes_it(work, grant_id, *, by=ana_answers, **what):
        house.database.write(work, house.secrets, grant_id, person_id=by.person_id, **what, now=by.now)

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


def signs_on(resident, *attributes):
    """Whether the vendor gets its answer without the person being asked."""
    house, ids = resident.house, {"person_id": resident.person_id, "persona_id": resident.persona_id}
    ask = resident.is_asked(*attributes)
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

    told = [line.detail for line in ana_answers.ledger() if line.action == "changed"]
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
def test_a_pause_ends_in_the_future_and_within_a_year(refused, made, clock, length):
    refused(BadUntil, changes.pause, made.grant_id, until=clock.now + length)


@pytest.mark.parametrize("work", [changes.pause, changes.resume])
def test_what_has_ended_or_expired_is_neither_paused_nor_resumed(ana_answers, refused, made, clock, work):
    clock.now += 30 * DAY
    refused(GrantEnded, work, made.grant_id)

    clock.now -= 1
    ana_answers.revokes(made.grant_id)
    refused(GrantEnded, work, made.grant_id)


@pytest.mark.parametrize("work", [changes.pause, changes.resume])
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
