"""People move in once, under one login, with keys of their own."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from storage import on_sqlite_alone

from keys.opaque import digest
from keys.persons import destroy_data_key, open_data_key
from keys.tables import person_keys
from wallet.people import engine, entrance
from wallet.people.errors import (
    BadLogin,
    BadPassword,
    InvitationNeeded,
    LoginTaken,
    SignUpClosed,
    UnknownPersona,
)
from wallet.people.invitations import LIFETIME, check_invitation, invite, use_invitation
from wallet.people.logins import check_login, login_digest
from wallet.people.personas import add_persona, persona_root
from wallet.people.tables import invitations, people, personas

PASSWORD = "correct horse battery"


def count(house, table):
    return house.database.read(lambda db: db.execute(select(func.count()).select_from(table)).scalar_one())


def signs_up(house, login="bob", invitation="", password=PASSWORD):
    return entrance.sign_up(house, invitation=invitation, login=login, password=password, language="de")


def test_a_person_is_found_by_login_in_any_spelling(house, ana):
    for spelling in ("ana", "ANA", " Ana ", "ＡＮＡ"):
        found = house.database.read(engine.find_person_by_login, house.secrets, login=spelling)

        assert found == ana
        assert found.login == "Ana"


def test_an_unknown_login_finds_nobody(house, ana):
    for login in ("bob", "", "a\x00na", "\ud800", "x" * 10_000):
        assert house.database.read(engine.find_person_by_login, house.secrets, login=login) is None


def test_people_are_listed_oldest_first(house, clock, moves_in):
    moves_in("zoe")
    clock.now += 1
    moves_in("ana")

    logins = [person.login for person in house.database.read(engine.list_people, house.secrets)]

    assert logins == ["zoe", "ana"]


@pytest.mark.parametrize("login", ["ana", "ANA", "Ａna"])
def test_a_taken_login_is_refused_and_nothing_is_left_behind(house, ana, login):
    with pytest.raises(LoginTaken):
        signs_up(house, login)

    assert (count(house, people), count(house, personas), count(house, person_keys)) == (1, 1, 1)


def test_the_same_form_sent_many_times_at_once_gives_one_person(house):
    def try_to_sign_up(_):
        try:
            return signs_up(house)
        except LoginTaken:
            return None

    with ThreadPoolExecutor(4) as pool:
        taken_in = [person for person in pool.map(try_to_sign_up, range(4)) if person]

    assert len(taken_in) == 1
    assert (count(house, people), count(house, personas), count(house, person_keys)) == (1, 1, 1)


@on_sqlite_alone
@pytest.mark.parametrize("login", ["", "  ", "x" * 65, "a\x00b", "a\nb", "a\u202eb", "a\u200bb", "a\x7f", "\ud800"])
def test_a_login_nobody_can_read_is_refused(house, login):
    with pytest.raises(BadLogin):
        signs_up(house, login)

    assert count(house, people) == 0


@pytest.mark.parametrize("login", ["ana@example.org", "Jürgen Groß", "محمد", "x" * 64, "🏡"])
def test_a_login_may_be_in_any_script(login):
    assert check_login(login) == login


@on_sqlite_alone
@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 1025])
def test_a_password_too_short_or_too_long_is_refused(house, password):
    with pytest.raises(BadPassword):
        signs_up(house, password=password)

    assert count(house, people) == 0


def test_the_database_tells_neither_login_nor_password(house, ana, stored):
    signs_up(house, "Bartholomäus", password="a most secret password")

    for word in ("Bartholomäus", "bartholomäus", "a most secret password"):
        assert word not in stored()


def test_the_digest_of_a_login_needs_the_hosts_secret(house):
    other = replace(house.secrets, logins=b"o" * 32)

    assert login_digest(house.secrets, "ana") != login_digest(other, "ana")


def test_neither_login_nor_hash_shows_in_a_repr(house, ana):
    credentials = house.database.read(engine.find_credentials, house.secrets, login="ana", browser_digest="")

    assert "Ana" not in repr(ana)
    assert "argon2" not in repr(credentials)


def test_every_persona_has_a_root_of_its_own(house, ana):
    place = {"person_id": ana.person_id}
    work = house.database.write(add_persona, house.secrets, **place, name="At work", now=house.clock())

    roots = {
        house.database.read(persona_root, house.secrets, **place, persona_id=persona_id)
        for persona_id in (ana.persona_id, work.persona_id)
    }

    assert {len(root) for root in roots} == {32}
    assert len(roots) == 2
    assert not work.is_default


def test_a_persona_is_known_to_its_own_person_only(house, ana, moves_in):
    bob = moves_in("bob")

    with pytest.raises(UnknownPersona):
        house.database.read(persona_root, house.secrets, person_id=bob.person_id, persona_id=ana.persona_id)


def test_without_the_data_key_a_person_is_gone(house, ana):
    house.database.write(destroy_data_key, person_id=ana.person_id)

    assert house.database.read(engine.find_person_by_login, house.secrets, login="ana") is None
    assert house.database.read(engine.list_people, house.secrets) == []


def test_every_person_has_a_data_key_of_their_own(house, ana, moves_in):
    keys = {
        house.database.read(open_data_key, house.secrets, person_id=person.person_id)
        for person in (ana, moves_in("bob"))
    }

    assert len(keys) == 2


def test_a_closed_house_takes_nobody_in(house):
    closed = replace(house, settings=replace(house.settings, sign_up="closed"))
    invitation = house.database.write(invite, now=house.clock())

    with pytest.raises(SignUpClosed):
        signs_up(closed, invitation=invitation)

    assert count(house, people) == 0


def test_an_invitation_lets_one_person_in(house):
    house = replace(house, settings=replace(house.settings, sign_up="invite"))
    invitation = house.database.write(invite, now=house.clock())
    signs_up(house, "bob", invitation)

    with pytest.raises(InvitationNeeded):
        signs_up(house, "eve", invitation)

    assert count(house, people) == 1


def test_many_at_once_do_not_get_in_on_one_invitation(house):
    house = replace(house, settings=replace(house.settings, sign_up="invite"))
    invitation = house.database.write(invite, now=house.clock())

    def try_to_sign_up(login):
        try:
            return signs_up(house, login, invitation)
        except InvitationNeeded:
            return None

    with ThreadPoolExecutor(4) as pool:
        taken_in = [person for person in pool.map(try_to_sign_up, ["a", "b", "c", "d"]) if person]

    assert len(taken_in) == 1
    assert count(house, people) == 1


@pytest.mark.parametrize("invitation", ["", "guess", "\x00", "\ud800"])
def test_without_an_invitation_nobody_gets_in(house, invitation):
    house = replace(house, settings=replace(house.settings, sign_up="invite"))
    house.database.write(invite, now=house.clock())

    with pytest.raises(InvitationNeeded):
        signs_up(house, invitation=invitation)

    assert count(house, people) == 0


def test_an_old_invitation_is_refused(house, clock):
    invitation = house.database.write(invite, now=house.clock())
    clock.now += LIFETIME

    for work in (check_invitation, use_invitation):
        with pytest.raises(InvitationNeeded):
            house.database.write(work, invitation=invitation, now=house.clock())


def test_an_invitation_is_not_spent_on_a_sign_up_that_failed(house, ana):
    house = replace(house, settings=replace(house.settings, sign_up="invite"))
    invitation = house.database.write(invite, now=house.clock())

    with pytest.raises(LoginTaken):
        signs_up(house, "ana", invitation)

    assert signs_up(house, "bob", invitation).login == "bob"


def test_only_the_digest_of_an_invitation_is_kept(house):
    invitation = house.database.write(invite, now=house.clock())

    stored = house.database.read(lambda db: db.execute(select(invitations.c.invitation_digest)).scalar_one())

    assert stored == digest(invitation)
    assert stored != invitation
