"""Whatever room of the wallet a person has used: what is erased is gone from all of them, and from every backup."""

from functools import partial
from io import BytesIO

import pytest
from actors import VendorActor
from asserting import key, public
from depositing import hands_over
from journeys import tokens_for
from keeping import backup, restore
from keys_apart import told
from PIL import Image
from reading import words
from storage import on_sqlite_alone, rows

from wallet.data import engine, inheritance
from wallet.people import preferences
from wallet.records import engine as records
from wallet.records import imports
from wallet.records import rows as single
from wallet.records.model import Column, Shape

PASSWORD = "correct horse battery"
ROOMS = {
    *("attribute_values", "data_sets", "record_imports", "record_blocks", "record_uploads", "deposits"),
    *("trusted_depositors", "persona_pictures", "preferences", "vendor_personas", "inherited_values"),
}
SECRETS = (b"ana@work.example", b"Anni", b"Diary", b"Kestenholz", b"Quitten.csv", b"Quittenbaum", b"JFIF", b"Annika")
SHAPE = Shape((Column("day", "date"), Column("note", "text")), 0)


@pytest.fixture
def at_work(house, person):
    """Ana at the door as her second persona, which is in every room; that persona's id."""
    person.signs_in()
    person.browser.post("/accounts/personas", form_at="/accounts", name="at work")
    persona_id = next(row["persona_id"] for row in rows(house, "personas") if not row["is_default"])
    moves_into_every_room(house, person, persona_id)
    return persona_id


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", jwks=public(key("ES256", "first")), scope="openid email deposit")


def moves_into_every_room(house, person, persona_id):
    place = {"person_id": person.person.person_id, "persona_id": persona_id}
    person.has({"email": "ana@work.example", "nickname": "Anni"}, persona_id=persona_id)
    made = house.database.write(records.create, house.secrets, **place, name="Diary", shape=SHAPE, now=house.clock())
    house.database.write(single.add, house.secrets, made, ["2026-01-01", "Kestenholz"], now=house.clock())
    found = house.database.write(imports.begin, house.secrets, **place, file_name="Quitten.csv", now=house.clock())
    piece = {"person_id": place["person_id"], "piece": 0, "content": b"Quittenbaum"}
    house.database.write(imports.put_piece, found, **piece)
    house.database.write(preferences.prefer, {"language": "de"}, **place)
    out = BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    where = f"/personas/{persona_id}"
    picture = {"picture": (BytesIO(out.getvalue()), "me.png"), "seen": ""}
    assert person.browser.post(f"{where}/picture", form_at=where, **picture).status_code == 303


def hands_back(person, vendor):
    tokens = tokens_for(person, vendor, ["email", "deposit"], scope="openid deposit")
    hands_over(vendor, tokens, values={"nickname": "Annika"}, records={"name": "x", "columns": ["y"], "rows": [["z"]]})
    person.browser.post("/deposits/trust", form_at="/deposits", grant_id=tokens["grant_id"], trust="yes")
    answer = person.browser.get("/vendors")
    assert answer.status_code == 200


def takes(house, person, persona_id, source, attribute):
    place = {"person_id": person.person.person_id, "persona_id": persona_id, "attribute": attribute}
    house.database.write(inheritance.inherit, **place, source=source, now=house.clock())


def of(house, persona_id):
    """The tables in which something of this persona lies, who alone has records here."""
    return {table for table in ROOMS for row in rows(house, table) if row.get("persona_id", persona_id) == persona_id}


def test_an_erased_persona_leaves_nothing_in_any_room(house, person, ana, at_work, vendor):
    hands_back(person, vendor)
    takes(house, person, at_work, ana.persona_id, "given_name")
    assert of(house, at_work) >= ROOMS - {"vendor_personas"}
    everything = told(house, ROOMS, SECRETS, person_id=ana.person_id)
    kept = backup(house)

    assert person.browser.post(f"/wallet/erase/personas/{at_work}").status_code == 303

    assert of(house, at_work) == set()
    assert [row for row in rows(house, "data_keys") if row["persona_id"] == at_work] == []
    restore(house, kept)
    assert everything == set(SECRETS)
    assert told(house, ROOMS, SECRETS, person_id=ana.person_id) == set()


def test_all_data_leaves_nothing_in_any_room(house, person, ana, at_work, vendor):
    hands_back(person, vendor)
    moves_into_every_room(house, person, ana.persona_id)
    takes(house, person, at_work, ana.persona_id, "given_name")
    kept = backup(house)

    answer = person.browser.post("/wallet/erase/data", login="ana", password=PASSWORD)

    assert answer.status_code == 303
    assert [table for table in ROOMS if rows(house, table)] == []
    restore(house, kept)
    assert told(house, ROOMS, SECRETS, person_id=ana.person_id) == set()


def test_what_was_taken_from_an_erased_persona_ends_and_the_history_says_so(house, person, ana, at_work):
    takes(house, person, ana.persona_id, at_work, "nickname")
    place = {"person_id": ana.person_id, "persona_id": ana.persona_id}
    reads = partial(house.database.read, engine.current_values, house.secrets, **place, attributes=["nickname"])
    assert reads()["nickname"].value == "Anni"

    person.browser.post(f"/wallet/erase/personas/{at_work}")

    assert reads() == {}
    history = house.database.read(engine.history, house.secrets, **place, attribute="nickname")
    assert [(change.value, change.taken_from) for change in history] == [(None, None), (None, at_work)]
    assert "an erased persona" in words(person.browser.get("/data/nickname"))
    person.has({"nickname": "Anna"})
    assert reads()["nickname"].value == "Anna"


@on_sqlite_alone
def test_the_page_that_erases_a_value_names_the_personas_that_take_it(house, person, ana, at_work):
    takes(house, person, at_work, ana.persona_id, "given_name")

    page = person.browser.get(f"/data/given_name/erase?persona={ana.persona_id}")

    assert "These personas take it from here, and have none then until you enter a new one: at work" in words(page)
