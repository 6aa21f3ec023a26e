"""Rows that a vendor hands back become rows of a data set of the person's: all that are new, or none, to be undone."""

import re
from functools import partial

import pytest
from actors import VendorActor
from asserting import key, public
from depositing import hands_over
from journeys import tokens_for
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.data.engine import current_values
from wallet.records import blocks, engine, imports
from wallet.records import rows as single
from wallet.records.model import Column, Shape

READINGS = {
    "name": "Meter readings",
    "columns": ["day", "kWh", "note"],
    "rows": [["2026-12-30", 7.25, None], ["2026-12-31", 8, "Kestenholz"]],
}


def keyed():
    return {"jwks": public(key("ES256", "first")), "scope": "openid email deposit"}


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", **keyed())


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email", "deposit"], scope="openid deposit")


def hands(vendor, tokens, *given, **more):
    records = READINGS | ({"rows": list(given)} if given else {})
    return hands_over(vendor, tokens, records=records | more)


def answers(person, handed, answer="keep", *parts):
    path = f"/deposits/{handed.json['deposit_id']}"
    return person.browser.post(path, form_at="/deposits", answer=answer, part=list(parts or ("records",)))


def trusts(person, tokens):
    person.browser.post("/deposits/trust", form_at="/deposits", grant_id=tokens["grant_id"], trust="yes")


def place(person):
    return {"person_id": person.person.person_id, "persona_id": person.person.persona_id}


def sets(person):
    return person.house.database.read(engine.of_persona, person.house.secrets, **place(person))


def kept(person, found=None):
    found = found or sets(person)[0]
    return sorted(
        person.house.database.read(lambda db: [tuple(one) for one in single.every(db, found, blocks.heads(db, found))])
    )


def told(person):
    return words(person.browser.get("/deposits"))


def test_kept_rows_become_a_data_set_that_says_who_brought_them(person, vendor, tokens):
    handed = hands(vendor, tokens)

    answers(person, handed)

    (found,) = sets(person)
    assert [(one.name, one.kind) for one in found.shape.columns] == [
        ("day", "date"),
        ("kWh", "number"),
        ("note", "text"),
    ]
    assert kept(person) == [("2026-12-30", "7.25", None), ("2026-12-31", "8", "Kestenholz")]
    page = person.browser.get(f"/records/{found.data_set_id}")
    assert "Handed back by Stadtwerke" in words(page)
    assert person.log()[-1] == "deposit_kept"


def test_more_of_it_goes_into_the_same_data_set_and_nothing_twice(person, vendor, tokens):
    answers(person, hands(vendor, tokens))

    answers(
        person,
        hands(vendor, tokens, ["2026-12-31", 9, "other"], ["2027-01-01", "9.5", None], ["2026-12-30", 7.25, None]),
    )

    assert len(sets(person)) == 1
    assert [row[:2] for row in kept(person)] == [("2026-12-30", "7.25"), ("2026-12-31", "8"), ("2027-01-01", "9.5")]
    (latest, _first) = person.house.database.read(imports.of_data_set, person.house.secrets, sets(person)[0])
    assert (latest.outcome.imported, latest.outcome.duplicates, latest.outcome.kept) == (1, 1, 1)


def test_columns_are_matched_by_name_into_a_data_set_of_the_persons_own(person, vendor, tokens, house):
    shape = Shape((Column("KWH", "counter"), Column("Day", "date", is_key=True), Column("colour", "text")), 1)
    made = house.database.write(
        engine.create, house.secrets, **place(person), name="meter  READINGS", shape=shape, now=1
    )
    house.database.write(single.add, house.secrets, made, ["5", "2026-12-31", "red"], now=1)
    handed = hands_over(
        vendor, tokens, records={"name": "Meter readings", "columns": ["day", "kWh"], "rows": READINGS_ROWS}
    )
    assert "They go into your data set" in told(person)

    answers(person, handed)

    assert kept(person) == [("5", "2026-12-31", "red"), ("7.25", "2026-12-30", None)]


READINGS_ROWS = [row[:2] for row in READINGS["rows"]]


def test_an_import_of_a_vendor_is_undone_as_a_whole(person, vendor, tokens):
    answers(person, hands(vendor, tokens))
    answers(person, hands(vendor, tokens, ["2027-01-01", 1, None], ["2027-01-02", 2, None]))
    (latest, _first) = person.house.database.read(imports.of_data_set, person.house.secrets, sets(person)[0])

    page = person.browser.get(f"/records/imports/{latest.import_id}")
    assert "Handed back by Stadtwerke" in words(page)
    person.browser.post(f"/records/imports/{latest.import_id}/undo", form_at=f"/records/imports/{latest.import_id}")

    assert [row[0] for row in kept(person)] == ["2026-12-30", "2026-12-31"]


@on_sqlite_alone
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"columns": ["day", "kWh", "price"]}, "Your data set of this name has no column price"),
        ({"columns": ["kWh", "note"], "rows": [[1, "x"]]}, "Columns are missing"),
        ({"rows": [["2027-01-01", 1, None], ["2027-01-02", "much", None]]}, "Row 2 does not fit the kind of “kWh”"),
        ({"rows": [["next week", 1, None]]}, "Row 1 does not fit the kind of “day”"),
    ],
)
def test_rows_that_do_not_fit_keep_nothing_at_all(person, vendor, tokens, house, wrong, sentence):
    answers(person, hands(vendor, tokens))
    handed = hands_over(vendor, tokens, values={"nickname": "Annika"}, records=READINGS | wrong)

    with nothing_changes(house):
        answers(person, handed, "keep", "records", "nickname")

    assert f"Nothing was kept: {sentence}" in told(person)
    nickname = house.database.read(current_values, house.secrets, **place(person), attributes=["nickname"])
    assert nickname == {}


def test_the_first_rows_are_shown_before_and_nothing_is_kept_by_looking(person, vendor, tokens, house):
    hands(vendor, tokens, *([f"2026-01-{day:02}", day, f"n{day}"] for day in range(1, 20)))

    with nothing_changes(house):
        shown = told(person)

    assert "19 rows of records" in shown
    assert "n10" in shown
    assert "n11" not in shown
    assert "They become a data set of yours" in shown


def test_a_trusted_vendors_rows_go_by_themselves_where_it_brought_some_before(person, vendor, tokens):
    first = hands(vendor, tokens)
    trusts(person, tokens)
    assert sets(person) == ()
    answers(person, first)

    hands(vendor, tokens, ["2027-01-01", 1, None])

    assert [row[0] for row in kept(person)] == ["2026-12-30", "2026-12-31", "2027-01-01"]
    assert person.log()[-2:] == ["deposited", "deposit_kept"]


@on_sqlite_alone
@pytest.mark.parametrize("of", ["nobody", "the person", "another vendor", "an import undone", "a wrong column"])
def test_a_trusted_vendors_rows_wait_otherwise(app, person, vendor, tokens, house, of):
    answers(person, hands(vendor, tokens), "refuse")
    hands_over(vendor, tokens, values={"nickname": "Annika"})
    trusts(person, tokens)
    if of == "the person":
        shape = Shape((Column("day", "date"), Column("kWh", "number"), Column("note", "text")), 0)
        house.database.write(engine.create, house.secrets, **place(person), name="Meter readings", shape=shape, now=1)
    elif of == "another vendor":
        other = VendorActor(app, house, "gaswerke", **keyed())
        answers(person, hands(other, tokens_for(person, other, ["email", "deposit"], scope="openid deposit")))
    elif of in {"an import undone", "a wrong column"}:
        (waiting,) = (row for row in rows(house, "deposits") if row["state"] == "waiting")
        handed = hands(vendor, tokens)
        assert waiting["deposit_id"] != handed.json["deposit_id"]
        answers(person, handed)
        if of == "an import undone":
            (one,) = house.database.read(imports.of_data_set, house.secrets, sets(person)[0])
            house.database.write(imports.undo, sets(person)[0], one.import_id)
    before = [kept(person, found) for found in sets(person)]

    hands(
        vendor, tokens, ["2027-01-01", 1, None], columns=["day", "kWh", "price" if of == "a wrong column" else "note"]
    )

    assert [kept(person, found) for found in sets(person)] == before
    assert person.log()[-1] == "deposited"


def test_while_a_file_goes_into_the_data_set_nothing_is_kept(person, vendor, tokens, house):
    answers(person, hands(vendor, tokens))
    begun = partial(imports.begin, person_id=person.person.person_id, persona_id=person.person.persona_id)
    (found,) = sets(person)
    house.database.write(
        lambda db: begun(db, house.secrets, file_name="", data_set_id=found.data_set_id, origin="vendor", now=1)
    )
    handed = hands(vendor, tokens, ["2027-01-01", 1, None])

    with nothing_changes(house):
        answers(person, handed)

    assert "Another file is being imported" in told(person)


@on_sqlite_alone
def test_a_row_twice_in_one_delivery_is_taken_once(person, vendor, tokens):
    answers(person, hands(vendor, tokens))

    answers(person, hands(vendor, tokens, ["2027-01-01", 1, None], ["2027-01-01", 2, None], [None, None, None]))

    assert [row[:2] for row in kept(person)][-1] == ("2027-01-01", "1")
    (latest, _first) = person.house.database.read(imports.of_data_set, person.house.secrets, sets(person)[0])
    assert (latest.outcome.imported, latest.outcome.refused_count) == (1, 2)


@on_sqlite_alone
@pytest.mark.parametrize("name", [" ", "\u202e", "<b>x</b>"])
def test_hostile_names_become_text_or_nothing(person, vendor, tokens, house, name):
    handed = hands(vendor, tokens, name=name)

    assert "<b>x" not in person.browser.get("/deposits").text
    answers(person, handed)

    assert [found.name for found in sets(person)] == (["<b>x</b>"] if name.strip("\u202e ") else [])
    assert "Kestenholz" not in re.sub(r"<[^>]*>", "", person.browser.get("/records").text)


@on_sqlite_alone
def test_many_rows_are_kept_with_as_few_statements_as_one(person, vendor, tokens, statements):
    def asked(count):
        begin = 1_700_000_000 + 10**6 * count
        handed = hands(vendor, tokens, *([begin + 900 * number, number / 4, None] for number in range(count)))
        statements.clear()
        answers(person, handed)
        return len(statements)

    asked(2)  # makes the data set
    assert asked(200) <= asked(1)
    assert len(kept(person)) == 203


def test_nothing_of_the_rows_or_who_brought_them_lies_in_the_clear(person, vendor, tokens, stored):
    answers(person, hands(vendor, tokens))

    assert all(word not in stored() for word in ("Kestenholz", "Meter readings", "kWh"))
    assert "stadtwerke" not in str(rows(person.house, "record_imports")).lower()
