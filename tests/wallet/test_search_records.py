"""A person finds rows by their texts; numbers alone are never opened, and what was not looked through is said."""

import re

import pytest
from actors import PersonActor
from reading import words as plain
from sqlalchemy import update
from storage import nothing_changes, on_sqlite_alone

from wallet.records import blocks, engine, imports
from wallet.records.model import Column, Shape
from wallet.records.tables import record_imports
from wallet.search import records

DIARY = Shape((Column("day", "date"), Column("doctor", "text"), Column("sum", "number"), Column("note", "text")), 0)
METER = Shape((Column("at", "moment"), Column("kwh", "number")), 0)


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


@pytest.fixture
def keeps(house, ana):
    """A data set of Ana's with these rows, in blocks."""

    def keeps(name, shape, given, persona_id=ana.persona_id, person_id=ana.person_id):
        ids = {"person_id": person_id, "persona_id": persona_id, "now": house.clock()}
        made = house.database.write(engine.create, house.secrets, **ids, name=name, shape=shape)

        def work(db):
            by_hand = imports.begin(db, house.secrets, **ids, file_name="", data_set_id=made.data_set_id, origin="hand")
            digests = blocks.Digests(made)
            for portion, written in blocks.cut((cells, digests.of(cells)) for cells in given):
                blocks.add(db, made, import_id=by_hand.import_id, rows=portion, digests=written)

        house.database.write(work)
        return made

    return keeps


def day(number):
    return f"2026-{1 + number // 28 % 12:02}-{1 + number % 28:02}"


def finds(person, typed, **fields):
    return person.browser.post("/search", words=typed, **fields)


def hits(page):
    """Of records: title, text and address."""
    found = page.text.partition('id="found-records"')[2].partition("</section>")[0]
    return [
        (link, re.sub(r"<[^>]+>|\s+", " ", rest))
        for link, rest in re.findall(r'<a href="([^"]+)">(.*?)</li>', found, re.S)
    ]


def test_data_sets_are_found_by_name_and_columns_and_rows_by_their_texts(at_home, keeps):
    made = keeps(
        "Gesundheit", DIARY, [["2026-03-01", "Dr. Quittenbäum", "80", None], ["2026-03-02", "Dr. Weiß", "20", "Rücken"]]
    )
    keeps("Strom", METER, [[1_700_000_000, "5"]])

    assert [link for link, _text in hits(finds(at_home, "gesund"))] == [f"/records/{made.data_set_id}"]
    assert len(hits(finds(at_home, "kwh"))) == 1
    ((link, text),) = hits(finds(at_home, "quittenbaum"))
    assert "Dr. Quittenbäum" in " ".join(text.split())
    assert "80" not in text
    assert len(hits(finds(at_home, "weiss rucken"))) == 1
    assert hits(finds(at_home, "weiss quittenbaum")) == []
    assert f"/records/{made.data_set_id}/rows?block=" in link


def test_a_hit_leads_to_the_page_on_which_the_row_stands(at_home, keeps, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_ROWS_IN_BLOCK", 40)
    keeps("Gesundheit", DIARY, [[day(number), f"Dr. Nummer{number:03}", "1", None] for number in range(200)])

    for number in (0, 77, 120, 199):
        ((link, _text),) = hits(finds(at_home, f"nummer{number:03}"))
        page = at_home.browser.get(link.replace("&amp;", "&").partition("#")[0]).text
        assert f"Nummer{number:03}" in page.partition(f'id="{link.partition("#")[2]}"')[2].partition("</tr>")[0]


@on_sqlite_alone
def test_a_row_that_is_gone_meanwhile_leads_to_the_first_page(at_home, keeps):
    made = keeps("Gesundheit", DIARY, [["2026-03-01", "Dr. Weiß", "1", None]])

    for asked in ("block=01J&row=0", "block=&row=x", "block=01J&row=99999999999"):
        assert "Weiß" in at_home.browser.get(f"/records/{made.data_set_id}/rows?{asked}").text


@on_sqlite_alone
def test_numbers_in_texts_are_found_as_they_are_typed(at_home, keeps):
    keeps(
        "Verträge", DIARY, [["2026-03-01", "DE89 3704 0044", "1", None], ["2026-03-02", "+49 (30) 1234567", "1", None]]
    )

    assert len(hits(finds(at_home, "DE893704"))) == 1
    assert len(hits(finds(at_home, "030 1234567"))) == 1
    assert hits(finds(at_home, "5555")) == []


@on_sqlite_alone
def test_only_so_many_blocks_are_opened_the_newest_first_and_that_is_said(at_home, keeps, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_ROWS_IN_BLOCK", 10)
    monkeypatch.setattr(records, "MOST_BLOCKS", 3)
    keeps("Gesundheit", DIARY, [[day(number), f"Dr. Nummer{number:03}", "1", None] for number in range(100)])

    assert len(hits(finds(at_home, "nummer099"))) == 2
    only = hits(finds(at_home, "nummer001"))
    assert [link for link, _text in only] == ["/records"]
    assert "Older rows were not looked through" in only[0][1]
    assert len(hits(finds(at_home, "nummer", kind="records"))) == 31


@on_sqlite_alone
def test_nobody_finds_rows_of_somebody_else_of_another_persona_or_that_are_not_there_yet(
    house, at_home, app, keeps, moves_in
):
    ben = PersonActor(app, house, moves_in("ben"), password="correct horse battery")
    bens = {"person_id": ben.person.person_id, "persona_id": ben.person.persona_id}
    keeps("Bens", DIARY, [["2026-03-01", "Dr. Kestenholz", "1", None]], **bens)
    made = keeps("Gesundheit", DIARY, [["2026-03-01", "Dr. Weiß", "1", None]])
    this = record_imports.c.data_set_id == made.data_set_id
    house.database.write(lambda db: db.execute(update(record_imports).where(this).values(state="broken")))

    with nothing_changes(house):
        assert hits(finds(at_home, "kestenholz")) == []
        assert hits(finds(at_home, "weiß")) == []
    ben.signs_in()
    assert len(hits(finds(ben, "kestenholz"))) == 1


@on_sqlite_alone
def test_markup_in_rows_stays_text(at_home, keeps):
    keeps("<u>Hexe", DIARY, [["2026-03-01", "<img src=x onerror=alert(1)> Hexe", "1", "\u202eHexe"]])

    page = finds(at_home, "hexe")

    assert "<img src=x" not in page.text
    assert "<u>" not in page.text


@on_sqlite_alone
def test_readings_without_words_are_never_opened(at_home, keeps, statements):
    keeps("Strom", METER, [[1_700_000_000 + number, "1"] for number in range(10)])
    statements.clear()

    page = finds(at_home, "quittenbaum")

    assert "Nothing found" in plain(page)
    assert not any("record_blocks" in one for one in statements)
