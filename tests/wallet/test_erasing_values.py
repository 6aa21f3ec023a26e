"""One value is erased: with its past and its key, so that no copy of the database made before can be read either."""

import re

import pytest
from actors import PersonActor
from keeping import backup, restore
from storage import nothing_changes, on_sqlite_alone, rows

from consent import ledger
from keys.errors import CannotOpen
from wallet.data import engine
from wallet.data.attributes import define_attribute
from wallet.erasing import backups


@pytest.fixture
def erased_from_backups(monkeypatch):
    """How often backups were told to lose a key."""
    told = []
    monkeypatch.setattr(backups, "after_erasing", told.append)
    return told


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


def erases(person, name, **fields):
    page = person.browser.get(f"/data/{name}/erase").text
    version = re.search(r'name="version" value="(\d+)"', page)
    return person.browser.post(f"/data/{name}/erase", **{"version": version[1] if version else "0", **fields})


def values(house, person, persona_id=None):
    ids = {"person_id": person.person_id, "persona_id": persona_id or person.persona_id}
    return {name: one.value for name, one in house.database.read(engine.current_values, house.secrets, **ids).items()}


def history(house, person, name):
    ids = {"person_id": person.person_id, "persona_id": person.persona_id}
    return house.database.read(engine.history, house.secrets, **ids, attribute=name)


def shares(person, vendor, *names):
    answer = person.allows(person.opens(vendor.link(list(names))), only=names)
    return vendor.redeems(vendor.receives(answer)["code"]).json


def test_an_erased_value_is_gone_with_its_past(house, at_home, ana, erased_from_backups):
    at_home.has({"email": "new@example.org"})

    answer = erases(at_home, "email")

    assert (answer.status_code, answer.location) == (303, "/data/email/erase")
    assert "email" not in values(house, ana)
    assert values(house, ana)["given_name"] == "Ana"
    assert history(house, ana, "email") == []
    assert [row for row in rows(house, "data_keys") if row["subject"] == "email"] == []
    assert at_home.log() == ["erased"]
    assert erased_from_backups == [house]


def test_a_backup_from_before_does_not_bring_it_back(house, at_home, ana):
    kept = backup(house)
    erases(at_home, "email")

    restore(house, kept)

    assert "email" not in values(house, ana)
    assert values(house, ana)["given_name"] == "Ana"
    with pytest.raises(CannotOpen):
        history(house, ana, "email")


def test_removing_keeps_the_history_and_the_page_names_both(house, at_home, ana):
    page = at_home.browser.get("/data/email").text
    at_home.browser.post("/data/email/unset", form_at="/data/email")

    assert "Remove this value" in page
    assert "The history keeps it." in page
    assert "Erase it for good" in page
    assert len(history(house, ana, "email")) == 2
    assert at_home.browser.get("/data/email").text.count("Erase it for good") == 1


def test_a_new_value_after_it_begins_anew(house, at_home, ana):
    erases(at_home, "email")

    at_home.has({"email": "later@example.org"})

    assert values(house, ana)["email"] == "later@example.org"
    assert [change.value for change in history(house, ana, "email")] == ["later@example.org"]


def test_a_vendor_finds_nothing_and_keeps_its_access_unless_it_is_taken_back(house, at_home, vendor):
    tokens = shares(at_home, vendor, "email", "given_name")
    page = at_home.browser.get("/data/email/erase").text
    assert "Stadtwerke" in page

    erases(at_home, "email")
    assert "email" not in vendor.reads(tokens["access_token"]).json
    at_home.has({"email": "later@example.org"})
    assert vendor.reads(tokens["access_token"]).json["email"] == "later@example.org"
    erases(at_home, "email", narrow=tokens["grant_id"])
    at_home.has({"email": "last@example.org"})

    assert "email" not in vendor.reads(tokens["access_token"]).json
    assert vendor.reads(tokens["access_token"]).json["given_name"] == "Ana"
    assert at_home.log().count("changed") == 1


def test_who_may_hold_a_copy_is_named_and_asked_by_one_click(house, at_home, vendor):
    tokens = shares(at_home, vendor, "email")
    vendor.reads(tokens["access_token"])
    at_home.revokes(tokens["grant_id"])
    erases(at_home, "email")
    page = at_home.browser.get("/data/email/erase").text
    assert "Ask them to erase it" in page

    asked = at_home.browser.post(
        f"/vendors/{tokens['grant_id']}/rights", form_at="/data/email/erase", right="erasure", attribute="email"
    )

    assert asked.location.startswith("/rights/")
    assert at_home.log()[-1] == "right_asked"
    assert "Asked to erase it" in at_home.browser.get("/data/email/erase").text


def test_an_attribute_of_ones_own_goes_with_its_definition_in_all_personas_if_wished(house, at_home, ana, stored):
    ids = {"person_id": ana.person_id, "now": house.clock()}
    house.database.write(define_attribute, house.secrets, name="pets.cat", label="Cat", kind="text", **ids)
    at_home.browser.post("/accounts/personas", form_at="/accounts", name="at work")
    other = next(row["persona_id"] for row in rows(house, "personas") if not row["is_default"])
    at_home.has({"pets.cat": "Minka"})
    at_home.has({"pets.cat": "Mohrle"}, persona_id=other)

    erases(at_home, "pets.cat", definition="yes")

    assert at_home.browser.get("/data/pets.cat").status_code == 404
    assert "pets.cat" not in stored()
    house.database.write(define_attribute, house.secrets, name="pets.cat", label="Cat", kind="text", **ids)
    assert values(house, ana, other) == {}


def test_what_changed_meanwhile_is_not_erased_unseen(house, at_home, ana, opens_browser, erased_from_backups):
    at_home.browser.get("/data/email/erase")
    other = opens_browser()
    other.signs_in()
    other.post("/data/email", value="other@example.org", version="1")

    with nothing_changes(house):
        answer = erases(at_home, "email", version="1")

    assert answer.status_code == 409
    assert "Meanwhile somebody changed this value" in answer.text
    assert values(house, ana)["email"] == "other@example.org"
    assert erased_from_backups == []


@on_sqlite_alone
def test_looking_changes_nothing_and_without_the_forms_token_nothing_goes(house, at_home):
    with nothing_changes(house):
        assert at_home.browser.get("/data/email/erase").status_code == 200
        assert at_home.browser.client.post("/data/email/erase", data={"version": "1"}).status_code == 400
        assert erases(at_home, "email", version="x").status_code == 409
        assert at_home.browser.get("/data/no.such/erase").status_code == 404


def test_somebody_elses_value_of_the_same_name_stays(house, app, at_home, moves_in):
    ben = moves_in("ben")
    PersonActor(app, house, ben, password="correct horse battery").has({"email": "ben@example.org"})
    before = [row for row in rows(house, "attribute_values") if row["person_id"] == ben.person_id]

    erases(at_home, "email")

    assert [row for row in rows(house, "attribute_values") if row["person_id"] == ben.person_id] == before
    assert values(house, ben) == {"email": "ben@example.org"}


def test_the_ledger_still_holds_and_says_what_was_erased(house, at_home, ana):
    erases(at_home, "email")

    assert house.database.read(ledger.verify, house.secrets.ledger, person_id=ana.person_id) == 1
    assert "You erased E-mail address, with everything it had been before." in at_home.browser.get("/ledger").text
