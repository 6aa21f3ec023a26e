"""A persona is erased: its grants end signed and told, its key goes, and what proves something stays."""

import re

import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from keeping import backup, restore
from listening import ListeningVendor, claims, told
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from consent import ledger
from wallet.app import create_app
from wallet.data.engine import current_values
from wallet.erasing import backups, erasures
from wallet.people.errors import BeingErased, UnknownPersona
from wallet.people.granted import signs
from wallet.people.personas import of_person, persona_root
from wallet.people.recovery.pages import PROVEN_FOR
from wallet.upkeep import remind, settle, stamp_all, sweep


@pytest.fixture
def at_work(house, person):
    """Ana at the door as her second persona, which has an e-mail address of its own; that persona's id."""
    person.signs_in()
    person.browser.post("/accounts/personas", form_at="/accounts", name="Wilhelmine at work")
    persona_id = next(row["persona_id"] for row in rows(house, "personas") if not row["is_default"])
    person.has({"email": "ana@work.example"}, persona_id=persona_id)
    return persona_id


def erases(person, persona_id):
    return person.browser.post(f"/wallet/erase/personas/{persona_id}")


def of(house, table, persona_id):
    return [row for row in rows(house, table) if row.get("persona_id") == persona_id]


def shown(person, path):
    """The page, which is one of ours and no failure."""
    page = person.browser.get(path)
    assert page.status_code in {200, 404}, page.text
    return page


def test_an_erased_persona_is_gone_with_all_it_had(house, person, ana, at_work, stored):
    kept = backup(house)

    answer = erases(person, at_work)

    assert (answer.status_code, answer.location) == (303, "/wallet/erase")
    for table in ("personas", "attribute_values", "data_keys", "sessions", "erasures"):
        assert of(house, table, at_work) == []
    assert "Wilhelmine" not in person.browser.get("/accounts").text
    restore(house, kept)
    ids = {"person_id": ana.person_id, "persona_id": at_work}
    assert house.database.read(current_values, house.secrets, **ids) == {}
    with pytest.raises(UnknownPersona):
        house.database.read(persona_root, house.secrets, **ids)
    assert [one.persona_id for one in house.database.read(of_person, house.secrets, person_id=ana.person_id)] == [
        ana.persona_id
    ]


def test_its_grants_end_signed_and_the_vendor_is_told(app, house, person, at_work):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    made = tokens_for(person, shop)
    page = words(person.browser.get(f"/wallet/erase/personas/{at_work}"))
    assert "One value goes" in page
    assert "Shop" in page

    erases(person, at_work)

    assert shop.reads(made["access_token"]).status_code == 401
    assert person.log()[-2:] == ["revoked", "erased"]
    assert [row["kind"] for row in rows(house, "receipts")][-1] == "revoked"
    assert told(claims(one) for one in shop.polls()["sets"].values()) == ["grant-revoked"]


def test_the_persona_one_begins_with_and_the_only_one_stay(house, person, ana, at_work):
    with nothing_changes(house):
        first = person.browser.post(f"/wallet/erase/personas/{ana.persona_id}", form_at="/wallet/erase/data")
        assert first.status_code == 409
    erases(person, at_work)
    with nothing_changes(house):
        only = person.browser.post(f"/wallet/erase/personas/{ana.persona_id}", form_at="/wallet/erase/data")

    assert "Make another one the first" in words(first)
    assert "your only persona" in words(only)


def test_what_is_left_is_read_and_nothing_fails(app, house, person, at_work, vendor, clock):
    made = tokens_for(person, vendor)
    grant, at = made["grant_id"], f"/vendors/{made['grant_id']}"
    vendor.reads(made["access_token"])
    asked = person.browser.post(f"{at}/rights", form_at=at, right="access").location
    erases(person, at_work)

    page = shown(person, "/wallet/erased")
    receipts = re.findall(rf'"({at}/receipts/[\w-]+)"', page.text)
    assert len(receipts) == 2
    assert asked in page.text
    for path in (asked, f"{asked}/document", *receipts, *(f"{one}/jwt" for one in receipts)):
        assert shown(person, path).status_code == 200
    for path in (at, f"{at}/dispute", "/wallet/erase", "/vendors", "/rights", "/ledger", "/terms", "/rules", "/data"):
        shown(person, path)
    assert person.browser.get("/ledger/stamp").status_code == 200
    assert person.browser.post(f"{at}/rights", form_at="/data/email", right="erasure").status_code == 404
    assert person.browser.post(f"{at}/pause", form_at="/data/email").status_code == 404
    clock.now += 40 * 24 * 3600
    assert remind(house) == 1
    stamp_all(house), settle(house), house.database.write(sweep, now=clock.now)
    person.signs_in()
    assert person.browser.post(f"{asked}/withdraw", form_at=asked).status_code == 303
    assert grant in page.text
    assert house.database.read(ledger.verify, house.secrets.ledger, person_id=person.person.person_id)


def test_the_vendor_still_gets_its_receipts_answers_requests_and_finds_its_token_invalid(
    app, house, person, at_work, vendor
):
    made = tokens_for(person, vendor)
    list_id = rows(house, "statuses")[0]["list_id"]
    before = rows(house, "statuses")
    erases(person, at_work)

    assert rows(house, "statuses") == before
    assert vendor.client.get(f"/oauth/status/{list_id}").status_code == 200
    assert vendor.reads(made["access_token"]).status_code == 401
    assert vendor.asserts(made["consent_token"]).status_code == 400


def test_two_vendors_of_the_other_persona_and_the_other_person_are_not_touched(app, house, person, moves_in, at_work):
    ben = PersonActor(app, house, moves_in("ben"), password="correct horse battery")
    ben.has({"email": "ben@example.org"})
    shop, club = VendorActor(app, house, "shop"), VendorActor(app, house, "club")
    bens = tokens_for(ben, shop)
    tokens_for(person, club)
    before = [row for table in ("grants", "attribute_values", "ledger") for row in rows(house, table)]
    untouched = [row for row in before if row["person_id"] == ben.person.person_id]

    erases(person, at_work)

    after = [row for table in ("grants", "attribute_values", "ledger") for row in rows(house, table)]
    assert [row for row in after if row["person_id"] == ben.person.person_id] == untouched
    assert shop.reads(bens["access_token"]).json["email"] == "ben@example.org"


@on_sqlite_alone
def test_many_grants_end_in_steps_and_a_crash_in_between_costs_nothing(app, house, person, at_work, monkeypatch):
    monkeypatch.setattr(erasures, "AT_ONCE", 2)
    vendors = [VendorActor(app, house, f"shop{number}") for number in range(5)]
    made = [tokens_for(person, one) for one in vendors]
    ids = {"person_id": person.person.person_id, "persona_id": at_work}
    told = []
    monkeypatch.setattr(backups, "after_erasing", told.append)
    house.database.write(erasures.begin_with_persona, **ids, now=house.clock())
    assert not erasures.go_on(house, **ids, steps=1)

    live = [row["grant_id"] for row in rows(house, "grants") if row["ended_at"] is None]
    assert len(live) == 3
    assert "Wilhelmine" not in person.browser.get("/accounts").text
    restarted = create_app(house)
    assert told == []
    assert erasures.go_on_with_all(house) == 1

    assert told == [house]
    assert all(one.reads(each["access_token"]).status_code == 401 for one, each in zip(vendors, made, strict=True))
    assert person.log().count("revoked") == 5
    assert erasures.go_on_with_all(house) == 0
    assert restarted


@on_sqlite_alone
def test_while_it_is_being_erased_it_signs_nothing_new(app, house, person, ana, at_work, vendor):
    page = person.opens(vendor.link(["email"]))
    ids = {"person_id": ana.person_id, "persona_id": at_work}
    house.database.write(erasures.begin_with_persona, **ids, now=house.clock())

    answer = person.allows(page, only=["email"])

    assert answer.status_code in {404, 409}
    assert rows(house, "grants") == []
    with pytest.raises(BeingErased):
        house.database.read(signs, house, type("Who", (), ids))


@on_sqlite_alone
def test_at_a_browser_left_open_nobody_erases_a_persona_without_the_password(house, person, at_work, clock):
    clock.now += PROVEN_FOR
    where = f"/wallet/erase/personas/{at_work}"
    person.browser.get(where)

    with nothing_changes(house):
        answer = person.browser.post(where, form_at=where, back=where)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={where}")

    person.signs_in()
    assert person.browser.post(where, form_at=where).location == "/wallet/erase"
    assert of(house, "personas", at_work) == []


@on_sqlite_alone
def test_nobody_erases_somebody_elses_persona_nor_by_looking(app, house, person, at_work, moves_in):
    ben = PersonActor(app, house, moves_in("ben"), password="correct horse battery")
    ben.signs_in()

    with nothing_changes(house):
        assert ben.browser.post(f"/wallet/erase/personas/{at_work}", form_at="/data/email").status_code == 404
        assert person.browser.get(f"/wallet/erase/personas/{at_work}").status_code == 200
        assert person.browser.client.post(f"/wallet/erase/personas/{at_work}").status_code == 400
