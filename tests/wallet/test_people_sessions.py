"""A session is one person in one browser, for so long and no longer."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from storage import on_sqlite_alone, rows

from keys.opaque import digest, mint
from wallet.people.invitations import invite
from wallet.people.sessions import (
    BROWSER_KNOWN,
    IDLE_LIFETIME,
    LIFETIME,
    SEEN_EVERY,
    end_session,
    find_session,
    is_due,
    note_seen,
    open_session,
)
from wallet.people.tables import sessions
from wallet.upkeep import sweep


def opens(house, person, browser="browser"):
    return house.database.write(
        open_session,
        house.secrets,
        person_id=person.person_id,
        persona_id=person.persona_id,
        browser_digest=digest(browser),
        now=house.clock(),
    )


def finds(house, token):
    return house.database.read(find_session, house.secrets, token=token, now=house.clock())


def ends(house, person, token):
    return house.database.write(
        end_session, person_id=person.person_id, session_digest=digest(token), now=house.clock()
    )


def test_a_session_tells_who_is_there_and_since_when(house, clock, ana):
    token = opens(house, ana)
    clock.now += 60

    visitor = finds(house, token)

    assert (visitor.person_id, visitor.persona_id, visitor.login) == (ana.person_id, ana.persona_id, "Ana")
    assert (visitor.auth_time, visitor.session_digest) == (clock.now - 60, digest(token))


@on_sqlite_alone
def test_looking_up_a_session_costs_one_statement(house, ana, statements):
    token = opens(house, ana)
    statements.clear()

    finds(house, token)

    assert [statement.split()[0] for statement in statements] == ["SELECT"]


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\x00", "\ud800", "ü"])
def test_rubbish_is_nobodys_session(house, ana, token):
    opens(house, ana)

    assert finds(house, token) is None


def test_a_token_that_was_never_opened_is_nobodys_session(house, ana):
    opens(house, ana)

    assert finds(house, mint(house.secrets.tokens, "session", ana.person_id)) is None


def test_a_token_of_another_kind_is_no_session(house, ana):
    assert finds(house, mint(house.secrets.tokens, "access", ana.person_id)) is None


def test_only_the_digest_of_a_token_is_kept(house, ana, stored):
    token = opens(house, ana)

    assert token not in stored()
    assert digest(token) in stored()


def test_ending_a_session_ends_it_at_once_and_no_other(house, ana):
    phone, laptop = opens(house, ana, "phone"), opens(house, ana, "laptop")

    assert ends(house, ana, phone)

    assert finds(house, phone) is None
    assert finds(house, laptop)


def test_a_session_ends_once(house, ana):
    token = opens(house, ana)

    assert [ends(house, ana, token), ends(house, ana, token)] == [True, False]


def test_nobody_ends_somebody_elses_session(house, ana, moves_in):
    token = opens(house, ana)

    assert not ends(house, moves_in("bob"), token)
    assert finds(house, token)


def test_an_idle_session_ends_after_twelve_hours(house, clock, ana):
    token = opens(house, ana)
    clock.now += IDLE_LIFETIME - 1
    assert finds(house, token)

    clock.now += 1

    assert finds(house, token) is None


def test_a_busy_session_ends_after_seven_days(house, clock, ana):
    token = opens(house, ana)
    for _ in range(LIFETIME // IDLE_LIFETIME * 2):
        clock.now += IDLE_LIFETIME // 2
        visitor = finds(house, token)
        if visitor:
            seen = {"person_id": ana.person_id, "session_digest": visitor.session_digest}
            house.database.write(note_seen, **seen, now=house.clock())
            last_seen = clock.now

    assert finds(house, token) is None
    assert last_seen == ana.created_at + LIFETIME - IDLE_LIFETIME // 2


def test_being_seen_is_noted_every_five_minutes_at_most(house, clock, ana):
    token = opens(house, ana)
    clock.now += SEEN_EVERY - 1
    assert not is_due(finds(house, token), now=clock.now)

    clock.now += 1

    assert is_due(finds(house, token), now=clock.now)


def test_noting_is_guarded_so_that_two_requests_note_it_once(house, clock, ana):
    token = opens(house, ana)
    clock.now += SEEN_EVERY
    seen = {"person_id": ana.person_id, "session_digest": digest(token)}
    house.database.write(note_seen, **seen, now=clock.now)

    house.database.write(note_seen, **seen, now=clock.now + 1)

    assert finds(house, token).seen_at == clock.now


def test_an_ended_session_can_not_be_woken_up(house, clock, ana):
    token = opens(house, ana)
    ends(house, ana, token)
    clock.now += SEEN_EVERY
    house.database.write(note_seen, person_id=ana.person_id, session_digest=digest(token), now=clock.now)

    assert finds(house, token) is None


def test_the_token_of_another_host_is_nobodys_session(house, ana):
    token = opens(house, ana)

    assert finds(replace(house, secrets=replace(house.secrets, tokens=b"o" * 32)), token) is None


def test_old_sessions_are_swept_away_when_a_new_one_opens(house, clock, ana):
    opens(house, ana)
    clock.now += LIFETIME
    opens(house, ana)

    assert house.database.read(lambda db: db.execute(select(func.count()).select_from(sessions)).scalar_one()) == 1


def test_what_is_over_is_forgotten_and_nothing_else(house, clock, ana, moves_in):
    old = opens(house, ana, browser="old")
    house.database.write(invite, now=clock.now)
    clock.now += LIFETIME - 1
    kept = house.database.write(invite, now=clock.now)
    clock.now += 1
    fresh = opens(house, moves_in("Ben"), browser="new")

    house.database.write(sweep, now=clock.now)
    left = rows(house, "sessions"), rows(house, "browsers"), rows(house, "invitations")
    clock.now += BROWSER_KNOWN - LIFETIME
    house.database.write(sweep, now=clock.now)

    assert finds(house, old) is None
    assert [row["session_digest"] for row in left[0]] == [digest(fresh)]
    assert {row["browser_digest"] for row in left[1]} == {digest("old"), digest("new")}
    assert [row["invitation_digest"] for row in left[2]] == [digest(kept)]
    assert {row["browser_digest"] for row in rows(house, "browsers")} == {digest("new")}
