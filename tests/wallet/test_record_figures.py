"""Blocks against a plain model: whatever is imported, undone and edited, totals are what adding the rows up gives."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage import on_sqlite_alone

from wallet.records import blocks, cells, engine, importing, imports, rows
from wallet.records.model import Column, Plan, Reading, Shape
from wallet.records.summaries import packed, summarise, unpacked
from wallet.records.totals import Series, totals

BERLIN = ZoneInfo("Europe/Berlin")
SHAPE = Shape(
    (Column("at", "moment", is_key=True), Column("kwh", "number"), Column("stand", "counter")), 0, "Europe/Berlin"
)
START = int(datetime(2025, 3, 28, tzinfo=BERLIN).timestamp())
figures = st.decimals(min_value=-(10**15), max_value=10**15, places=3, allow_nan=False).map(cells.written)
some_rows = st.lists(st.tuples(st.integers(0, 5 * 96), figures, figures), max_size=40, unique_by=lambda row: row[0])


def model_total(known, since, until, place):
    """Straight from the rows, without blocks, days or summaries."""
    within = sorted((at, Decimal(values[place])) for at, values in known.items() if since <= at < until)
    if not within:
        return None
    if place == 0:
        return sum((value for _at, value in within), Decimal(0))
    before = sorted((at, Decimal(values[1])) for at, values in known.items() if at < since)
    return within[-1][1] - (before[-1] if before else within[0])[1]


def brings(house, ana, data_set, given_rows, conflicts="keep"):
    text = "".join(f"{START + slot * 900},{kwh},{stand}\n" for slot, kwh, stand in given_rows)
    ids = {"person_id": ana.person_id, "persona_id": ana.persona_id}
    found = house.database.write(imports.begin, house.secrets, **ids, file_name="x", now=1)
    house.database.write(imports.arrived, found, person_id=ana.person_id, size=1, utf8=True, now=1)
    plan = Plan(Reading("csv", header=False), (0, 1, 2), conflicts)
    running = house.database.write(imports.start, found, data_set, plan=plan, now=1)
    source = partial(io.BytesIO, text.encode() or b"x\n")
    return running.import_id, importing.run(house.database, data_set, running, source=source, clock=lambda: 1)


@on_sqlite_alone
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_totals_are_what_the_rows_add_up_to_whatever_was_imported_undone_and_edited(house, ana, monkeypatch, data):
    monkeypatch.setattr(blocks, "MOST_ROWS_IN_BLOCK", 7)
    monkeypatch.setattr(importing, "SORTED_TOGETHER", 16)
    ids = {"person_id": ana.person_id, "persona_id": ana.persona_id}
    found = house.database.write(engine.create, house.secrets, **ids, name="x", shape=SHAPE, now=1)
    first, second = data.draw(some_rows), data.draw(some_rows)
    known = {START + slot * 900: (kwh, stand) for slot, kwh, stand in first}
    brings(house, ana, found, first)
    before = dict(known)
    conflicts = data.draw(st.sampled_from(["keep", "take"]))
    import_id, _outcome = brings(house, ana, found, second, conflicts)
    for slot, kwh, stand in second:
        if conflicts == "take" or START + slot * 900 not in known:
            known[START + slot * 900] = kwh, stand
    check(house, ana, found, known, data)
    if data.draw(st.booleans()):
        house.database.write(imports.undo, found, import_id)
        known = before
        check(house, ana, found, known, data)
    page = house.database.read(lambda db: rows.page(db, found, blocks.heads(db, found), skipped=0))
    for row in page[:2]:
        gone = data.draw(st.booleans())
        house.database.write(rows.change, found, row, None if gone else [row.cells[0], "7", "8"])
        known[row.cells[0]] = "7", "8"
        if gone:
            del known[row.cells[0]]
    house.database.write(rows.add, house.secrets, found, [START - 900, "1.5", "2"], now=1)
    known[START - 900] = "1.5", "2"
    check(house, ana, found, known, data)
    kept = house.database.read(lambda db: list(rows.every(db, found, blocks.heads(db, found))))
    assert {row[0]: (row[1], row[2]) for row in kept} == known


def check(house, ana, found, known, data):
    first = date(2025, 3, 28) + timedelta(days=data.draw(st.integers(-1, 5)))
    behind = first + timedelta(days=data.draw(st.integers(0, 6)))
    since, until = (int(datetime(*day.timetuple()[:3], tzinfo=BERLIN).timestamp()) for day in (first, behind))
    place = {"person_id": ana.person_id, "persona_id": ana.persona_id, "data_set_id": found.data_set_id}
    for at, column in enumerate(("kwh", "stand")):
        said = house.database.read(totals, house.secrets, **place, column=column, since=first, until=behind)
        assert said == model_total(known, since, until, at)


@settings(max_examples=50, deadline=None)
@given(some_rows)
def test_a_summary_survives_being_kept_and_does_not_depend_on_how_rows_are_cut(given_rows):
    lines = [[START + slot * 900, kwh, stand] for slot, kwh, stand in given_rows]
    whole = summarise(lines, SHAPE)
    cut = [summarise(lines[at : at + 5], SHAPE) for at in range(0, len(lines), 5)]

    assert unpacked(packed(whole)) == whole
    one, many = Series([whole], SHAPE, 1), Series(cut, SHAPE, 1)
    assert (one.days, one.figures) == (many.days, many.figures)


@pytest.mark.parametrize(("typed", "decimal", "kept"), [
    ("1.234,50", ",", "1234.5"), ("1,234.50", ".", "1234.5"), ("-0", ".", "0"), ("1e3", ".", "1000"), ("007", ".", "7"),
    ("1 234,5", ",", "1234.5"), ("+5", ".", "5"), ("12345678901234567890", ".", "12345678901234567890")])  # fmt: skip
def test_numbers_are_kept_exactly(typed, decimal, kept):
    assert cells.number(typed, decimal=decimal) == kept


@pytest.mark.parametrize("typed", ["", "nan", "inf", "1e99", "1_000", "٣", "0x10", "1.2.3", "--1", "1" * 21, "1e-30"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValueError, match=r".*"):
        cells.number(typed)


@pytest.mark.parametrize(("typed", "at"), [
    ("2025-03-30T00:30:00Z", "2025-03-30T00:30:00+00:00"), ("30.03.2025 12:00", "2025-03-30T10:00:00+00:00"),
    ("2025-03-30 24:00", "2025-03-30T22:00:00+00:00"), ("2025-01-01T00:00+0100", "2024-12-31T23:00:00+00:00"),
    ("1735686000", "2024-12-31T23:00:00+00:00")])  # fmt: skip
def test_moments_are_understood_as_meters_write_them(typed, at):
    assert cells.moment(typed, BERLIN) == int(datetime.fromisoformat(at).timestamp())


@pytest.mark.parametrize("typed", ["12:00", "2025-02-30 12:00", "2025-01-01 25:00", "2025-01-01 12:60", "x", "99:99"])
def test_what_is_no_moment_is_refused(typed):
    with pytest.raises(ValueError, match=r".*"):
        cells.moment(typed, BERLIN)
