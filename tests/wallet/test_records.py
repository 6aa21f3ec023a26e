"""Data sets: a file becomes rows, rows come to totals, and whatever was done can be undone."""

import io
import re
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from storage import contents, nothing_changes, on_sqlite_alone, rows

from wallet.records import engine
from wallet.records.totals import totals

METER = (
    "Zeitpunkt;Zählerstand;kWh\n"
    "24.12.2025 00:00;1.000,5;1,5\n24.12.2025 12:00;1.010,5;10\n01.01.2026 08:00;1.100;89,5\n"
)


@pytest.fixture
def at_home(browser, ana):
    browser.signs_in()
    return browser


def token(browser, path="/records/import"):
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).text)[1]


def sends(browser, content, name="meter.csv"):
    content = content.encode() if isinstance(content, str) else content
    fields = {"csrf_token": token(browser), "file": (io.BytesIO(content), name)}
    return browser.client.post("/records/import", data=fields, content_type="multipart/form-data")


def imports(browser, content, **fields):
    """Send a file and say yes to what the preview proposes; ends at the result."""
    sent = sends(browser, content)
    assert sent.status_code == 303, sent.text
    page = browser.get(sent.location).text
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    keys = re.findall(r'name="key"\s+value="(\d+)"\s+checked', page)
    chosen = dict(re.findall(r'<select (?:id="\w+" )?name="([\w-]+)".*?<option value="([^"]*)" selected', page, re.S))
    chosen = {name: value for name, value in chosen.items() if name.startswith("kind-") or name == "date"}
    joined = re.search(r'<select id="set" name="set">\s*<option value="([^"]*)"', page)
    form = {
        **given,
        **chosen,
        "key": keys,
        "name": "Strom",
        "zone": "Europe/Berlin",
        "set": joined[1] if joined else "",
    }
    answer = browser.client.post(f"{sent.location}/start", data=form | fields)
    assert answer.status_code == 303, answer.text
    for _try in range(100):
        page = browser.get(answer.location)
        if "Refresh" not in page.headers:
            return page
        time.sleep(0.05)
    raise AssertionError("the import does not end")


def only_set(house, ana):
    (found,) = house.database.read(engine.of_persona, house.secrets, person_id=ana.person_id, persona_id=ana.persona_id)
    return found


def total(house, ana, column, since, until):
    found = only_set(house, ana)
    place = {"person_id": ana.person_id, "persona_id": ana.persona_id, "data_set_id": found.data_set_id}
    between = {"since": since.date(), "until": until.date()}
    return house.database.read(totals, house.secrets, **place, column=column, **between)


def test_a_german_meter_file_becomes_totals_and_the_counter_counts_differences(house, at_home, ana):
    page = imports(at_home, METER)

    assert "3 rows were imported" in page.text
    found = only_set(house, ana)
    assert [column.kind for column in found.shape.columns] == ["moment", "counter", "number"]
    year, behind = datetime(2024, 12, 31, 23, tzinfo=UTC), datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert total(house, ana, "kWh", year, behind) == Decimal("11.5")
    assert total(house, ana, "Zählerstand", year, behind) == Decimal(10)
    after = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert total(house, ana, "Zählerstand", behind, after) == Decimal("89.5")
    assert total(house, ana, "nothing", behind, after) is None
    shown = at_home.get(f"/records/{found.data_set_id}?by=month&column=2&at=2025-12-01").text
    assert "<svg" in shown
    assert "11.5" in shown
    assert "Strom" in at_home.get("/records").text


def test_nothing_of_a_file_lies_in_the_clear_and_nothing_of_it_waits_afterwards(house, at_home, stored):
    sends(at_home, "Tag;Arzt;Betrag\n2025-01-02;Dr. Quittenbaum;12,50\n", name="Kestenholz.csv")
    imports(at_home, "Tag;Arzt;Betrag\n2025-01-02;Dr. Quittenbaum;12,50\n")

    assert all(word not in stored() for word in ("Quittenbaum", "Kestenholz", "Betrag", "Strom", "12,50", "12.5"))
    assert len(rows(house, "record_uploads")) == 1


def test_the_same_file_again_adds_nothing_and_a_changed_row_is_kept_or_taken_as_told(house, at_home, ana):
    imports(at_home, METER)
    again = imports(at_home, METER)
    assert "3 rows were there already" in again.text
    changed = METER.replace("89,5", "90")

    kept = imports(at_home, changed)
    assert "One row gave way" in kept.text
    new_year = datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert total(house, ana, "kWh", *new_year) == Decimal("89.5")
    taken = imports(at_home, changed, conflicts="take")
    assert "One row replaced another" in taken.text
    assert total(house, ana, "kWh", *new_year) == Decimal(90)

    at_home.post(f"{taken.request.path}/undo", form_at=taken.request.path)
    assert total(house, ana, "kWh", *new_year) == Decimal("89.5")


def test_undoing_an_import_leaves_the_others_rows_and_deleting_the_set_leaves_nothing(house, at_home, ana):
    imports(at_home, METER)
    second = imports(at_home, METER + "02.01.2026 08:00;1.200;100\n")
    found = only_set(house, ana)
    assert len(rows(house, "record_blocks")) == 2

    at_home.post(f"{second.request.path}/undo", form_at=second.request.path)
    assert len(rows(house, "record_blocks")) == 1
    asked = at_home.post(f"/records/{found.data_set_id}/delete", form_at=f"/records/{found.data_set_id}")
    assert (asked.status_code, len(rows(house, "data_sets"))) == (200, 1)
    at_home.post(f"/records/{found.data_set_id}/delete", form_at=f"/records/{found.data_set_id}", sure="yes")

    for table in ("data_sets", "record_imports", "record_blocks", "record_uploads"):
        assert rows(house, table) == []
    assert [row for row in rows(house, "data_keys") if row["subject"].startswith("records/")] == []


def test_a_row_is_added_changed_and_deleted_and_the_second_browser_is_told(house, at_home, ana, opens_browser):
    imports(at_home, METER)
    found = only_set(house, ana)
    at = f"/records/{found.data_set_id}/rows"
    at_home.post(f"{at}/new", **{"0": "2026-02-01 00:00", "1": "1300", "2": "200"})
    newest = re.search(rf'href="({at}/\w+/\d+)"', at_home.get(at).text)[1]
    other = opens_browser()
    other.signs_in()
    seen = re.search(r'name="seen" value="(\w+)"', other.get(newest).text)[1]
    assert at_home.post(newest, seen=seen, **{"0": "2026-02-01", "1": "1300", "2": "201"}).status_code == 303

    told = other.post(newest, seen=seen, **{"0": "2026-02-01", "1": "1300", "2": "999"})
    gone = other.post(newest, seen=seen, delete="yes")

    assert (told.status_code, gone.status_code) == (409, 409)
    assert "201" in told.text
    assert 'value="999"' in told.text
    february = datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert total(house, ana, "kWh", *february) == Decimal(201)
    again = at_home.post(f"{at}/new", **{"0": "2026-02-01", "1": "1", "2": "1"})
    assert (again.status_code, "same key" in again.text) == (422, True)
    bad = at_home.post(f"{at}/new", **{"0": "yesterday", "1": "1", "2": "1"})
    assert bad.status_code == 422
    seen = re.search(r'name="seen" value="(\w+)"', at_home.get(newest).text)[1]
    at_home.post(newest, seen=seen, delete="yes")
    assert total(house, ana, "kWh", *february) is None


@on_sqlite_alone
def test_a_row_reads_as_its_language_writes_it_and_saving_it_as_shown_changes_nothing(house, at_home, ana):
    imports(at_home, METER)
    at = f"/records/{only_set(house, ana).data_set_id}/rows"
    page = at_home.get(at, headers={"Accept-Language": "de"}).text
    form = re.search(rf'href="({at}/\w+/\d+)"', page)[1]
    shown = at_home.get(form, headers={"Accept-Language": "de"}).text
    seen = re.search(r'name="seen" value="(\w+)"', shown)[1]
    cells = dict(re.findall(r'name="(\d)"\s+value="([^"]*)"', shown))

    assert re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d", cells["0"])
    assert at_home.post(form, seen=seen, **cells).status_code == 303
    again = at_home.get(form, headers={"Accept-Language": "de"}).text
    assert re.search(r'name="seen" value="(\w+)"', again)[1] == seen


@on_sqlite_alone
def test_refused_rows_are_told_with_their_line_and_the_others_are_taken(at_home):
    page = imports(at_home, "day,amount\n2025-01-01,1\n2025-01-02,2\n2025-13-02,3\n2025-01-04,x\n2025-01-05,5,6\n", **{
        "kind-0": "date", "kind-1": "number", "date": "0", "key": ["0"]})  # fmt: skip

    assert "2 rows were imported" in page.text
    assert re.findall(r"Line (\d+):", page.text) == ["4", "5", "6"]


@on_sqlite_alone
def test_exports_round_trip_and_hold_no_formula(house, at_home, ana):
    cells = ["=1+1", "+x", "-y", "@z", "'=q", "it's", 'a"b', "two\nlines", "ü"]
    quoted = "".join(f'{n},"{cell.replace(chr(34), chr(34) * 2)}"\n' for n, cell in enumerate(cells))
    imports(at_home, f"n,what\n{quoted}", **{"key": ["0"], "kind-0": "number", "kind-1": "text"})
    path = f"/records/{only_set(house, ana).data_set_id}/export"
    exported = at_home.get(f"{path}?as=csv").data

    assert re.findall(rb'(?:^|[,\n])"?[=+@-]\D', exported) == []
    assert [row["what"] for row in sorted(at_home.get(f"{path}?as=json").json, key=lambda row: int(row["n"]))] == [
        "=1+1", "+x", "-y", "@z", "=q", "it's", 'a"b', "two\nlines", "ü"]  # fmt: skip
    again = imports(at_home, exported)
    assert "9 rows were there already" in again.text
    assert at_home.get(f"{path}?as=xlsx").status_code == 404


def test_another_persons_data_set_is_not_found(house, at_home, ana, moves_in, opens_browser):
    page = imports(at_home, METER)
    found = only_set(house, ana)
    moves_in("bob")
    bob = opens_browser()
    bob.signs_in("bob")
    at = f"/records/{found.data_set_id}"
    paths = [at, f"{at}/rows", f"{at}/rows/new", f"{at}/export?as=csv", page.request.path]

    with nothing_changes(house):
        assert {bob.get(path).status_code for path in paths} == {404}
        posted = (f"{at}/rename", f"{at}/delete", f"{page.request.path}/undo", f"{page.request.path}/start")
        assert {bob.post(path, form_at="/records/import", sure="yes", name="x").status_code for path in posted} == {404}


EDGES = ("0001-01-01 00:00", "0001-01-01 00:00+14:00", "9999-12-31 23:59", "9999-12-31 23:59-12:00")


@on_sqlite_alone
def test_a_moment_at_the_edge_of_time_spoils_no_page(house, at_home, ana):
    content = "at;kWh\n2025-12-24 12:00;1\n" + "".join(f"{edge};2\n" for edge in EDGES)

    page = imports(at_home, content, zone="America/New_York", **{"kind-0": "moment", "date": "0"})

    where = f"/records/{only_set(house, ana).data_set_id}"
    assert page.status_code == 200
    assert total(house, ana, "kWh", datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)) == 1
    for path in ("", "?by=year&at=0001-01-01", "?by=day&at=9999-12-31", "/rows", "/export?as=csv", "/export?as=json"):
        assert at_home.get(f"{where}{path}").status_code == 200, path


@on_sqlite_alone
def test_json_with_half_a_letter_is_told_and_the_rest_is_taken(house, at_home, ana):
    imports(at_home, '[{"d": "2025-12-24", "what": "\\ud800"}, {"d": "2025-12-25", "what": "fine", "\\udfff": "x"}]')

    assert "fine" in at_home.get(f"/records/{only_set(house, ana).data_set_id}/rows").text


@on_sqlite_alone
@pytest.mark.parametrize("version", ["9" * 30, "9" * 5000, "-1", "x"], ids=["large", "huge", "negative", "word"])
def test_a_made_up_version_renames_nothing(house, at_home, ana, version):
    imports(at_home, METER)
    where = f"/records/{only_set(house, ana).data_set_id}"

    with nothing_changes(house):
        assert at_home.post(f"{where}/rename", form_at=where, name="Gas", version=version).status_code in {409, 422}


def test_a_file_without_the_forms_token_is_not_taken(house, at_home):
    with nothing_changes(house):
        fields = {"csrf_token": "wrong", "file": (io.BytesIO(METER.encode()), "m.csv")}
        answer = at_home.client.post("/records/import", data=fields, content_type="multipart/form-data")

    assert answer.status_code == 400


def test_an_import_nobody_works_at_is_broken_and_can_begin_again(house, at_home, ana, clock):
    page = imports(at_home, METER)
    import_id = page.request.path.rpartition("/")[2]
    assert "rows were imported" in page.text
    before = contents(house)["record_blocks"]
    from sqlalchemy import update

    from wallet.records.tables import record_imports
    from wallet.upkeep import sweep

    sent = sends(at_home, METER)
    stuck = sent.location.rpartition("/")[2]
    found = only_set(house, ana)
    values = {"state": "running", "data_set_id": found.data_set_id, "attempt": 1}
    house.database.write(
        lambda db: db.execute(update(record_imports).where(record_imports.c.import_id == stuck).values(values))
    )
    assert at_home.get(sent.location).headers["Refresh"] == "2"
    clock.now += 200

    assert "interrupted" in at_home.get(sent.location).text
    house.database.write(sweep, now=clock.now)

    assert {row["import_id"]: row["state"] for row in rows(house, "record_imports")} == {
        import_id: "done", stuck: "broken"}  # fmt: skip
    assert contents(house)["record_blocks"] == before
    clock.now += 25 * 3600
    house.database.write(sweep, now=clock.now)
    assert [row["import_id"] for row in rows(house, "record_imports")] == [import_id]
    assert rows(house, "record_uploads") == []
