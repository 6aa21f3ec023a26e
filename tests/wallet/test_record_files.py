"""Foreign files and cards: what is understood, and that hostile ones are refused with a sentence and leave nothing."""

import gzip
import io
import re
import sqlite3
import zipfile
from functools import partial

import pytest
from storage import nothing_changes, on_sqlite_alone

from wallet.records import cards, letter_heads, readers
from wallet.records.errors import BadFile
from wallet.records.looking import look


@pytest.fixture
def at_home(browser, ana):
    browser.signs_in()
    return browser


def seen(content, **chosen):
    content = content.encode() if isinstance(content, str) else content
    try:
        content.decode()
        utf8 = True
    except UnicodeError:
        utf8 = False
    return look(partial(io.BytesIO, content), utf8=utf8, chosen=chosen)


def kinds(found):
    return [column.kind for column in found.columns]


def sqlite_file(script):
    db = sqlite3.connect(":memory:")
    db.executescript(script)
    content = db.serialize()
    db.close()
    return content


GERMAN = "Tag;Betrag;Wo\n24.12.2025;1.234,50;Köln\n25.12.2025;3,5;Bonn\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_german_table_is_understood_in_every_encoding(encoding):
    found = seen(GERMAN.encode(encoding))

    assert kinds(found) == ["date", "number", "text"]
    assert (found.reading.delimiter, found.reading.decimal, found.reading.header) == (";", ",", True)
    assert found.rows[0] == ["24.12.2025", "1.234,50", "Köln"]
    assert (found.reading.encoding == "cp1252") == (encoding == "cp1252")


def test_a_table_without_names_keeps_its_first_row():
    found = seen("2025-01-01,5\n2025-01-02,6\n")

    assert (len(found.rows), found.reading.header, [column.name for column in found.columns]) == (
        2,
        False,
        ["#1", "#2"],
    )


@pytest.mark.parametrize("content", ['[{"day": "2025-01-01", "n": 1.50}, {"n": null, "x": [1]}]',
    '{"day": "2025-01-01", "n": 1.50}\n{"n": null, "x": [1]}\n'])  # fmt: skip
def test_json_is_understood_as_a_list_or_as_lines(content):
    found = seen(content)

    assert found.rows == [["2025-01-01", "1.50", ""], ["", "", '["1"]']] or found.rows[0] == ["2025-01-01", "1.50", ""]
    assert kinds(found)[:2] == ["date", "number"]


def test_a_table_of_an_sqlite_file_is_read_and_no_view_or_trigger_is():
    content = sqlite_file(
        "create table b (day text, kwh real); insert into b values ('2025-01-01', 1.5);"
        "create table a (x); create view evil as select load_extension('x');"
        "create virtual table ft using fts5(x);"
    )
    found = seen(content, table="b")

    assert "b" in found.tables
    assert not {"evil", "ft"} & set(found.tables)
    assert (kinds(found), found.rows) == (["date", "number"], [["2025-01-01", "1.5"]])
    with pytest.raises(BadFile):
        readers.open_table(partial(io.BytesIO, content), readers.Reading("sqlite", table="evil"))


def zipped():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd", bytes(1_000_000))
    return written.getvalue()


GOOD = sqlite_file("create table b (x); insert into b values (zeroblob(20000));")
WIDE = "create table w (" + ",".join(f"c{n}" for n in range(300)) + ")"
COMPUTED = "create table g (x, y as (printf('%.*c', 900000, 'x'))); insert into g(x) values (1);"
HOSTILE = {
    "nothing": b"",
    "blanks": b" \n \n",
    "a zip bomb or a workbook": zipped(),
    "gzip": gzip.compress(bytes(1_000_000)),
    "an old workbook": b"\xd0\xcf\x11\xe0" + bytes(600),
    "a program": b"\x7fELF" + bytes(range(256)) * 10,
    "ten million columns": b"a," * 400_000,
    "a line without an end": b"a,b\n" + b"x" * 2_000_000,
    "a quote without an end": b'a,b\n"' + b"x\n" * 200_000,
    "deep JSON": b'{"a":' * 200_000,
    "half a JSON list": b'[{"a": 1}, {"a": 2}',
    "a JSON list of numbers": b"[1, 2, 3]",
    "JSON of a million names": b"{" + b",".join(b'"n%d":1' % n for n in range(20_000)) + b"}",
    "a cut SQLite file": GOOD[: len(GOOD) - 4096],
    "half a page of SQLite": GOOD[:600],
    "an SQLite head alone": b"SQLite format 3\x00" + bytes(5000),
    "scrambled SQLite": GOOD[:100] + bytes(b ^ 0x5A for b in GOOD[100:]),
    "wide SQLite": sqlite_file(WIDE),
    "SQLite that computes": sqlite_file(COMPUTED),
    "SQLite with views alone": sqlite_file("create view v as select 1"),
    "half UTF-16": b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8x",
}


@on_sqlite_alone
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_and_nothing_of_it_stays(house, at_home, what):
    token = re.search(r'name="csrf_token" value="([^"]+)"', at_home.get("/records/import").text)[1]
    with nothing_changes(house):
        fields = {"csrf_token": token, "file": (io.BytesIO(HOSTILE[what]), "../../../etc/passwd\x00.csv")}
        answer = at_home.client.post("/records/import", data=fields, content_type="multipart/form-data")

    assert answer.status_code == 422, answer.location
    assert "notice-error" in answer.text


@on_sqlite_alone
def test_a_form_that_is_cut_off_leaves_nothing(house, at_home):
    token = re.search(r'name="csrf_token" value="([^"]+)"', at_home.get("/records/import").text)[1]
    body = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="m.csv"\r\n\r\na,b\n' + "1,2\n" * 100_000
    )
    with nothing_changes(house):
        answer = at_home.client.post("/records/import", data=body, content_type="multipart/form-data; boundary=b")

    assert answer.status_code == 422


VCARD = "BEGIN:VCARD\r\nVERSION:{version}\r\nN:Müller;Ana;Maria;;\r\nFN:Ana Müller\r\n{lines}END:VCARD\r\n"
ADR = "ADR;TYPE=home:;;Lindenweg 5;Berlin;;10115;Deutschland\r\nTEL;TYPE=cell:+49 30 1234567\r\nBDAY:19901224\r\n"


@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
def test_a_card_becomes_values(version):
    found = cards.values_of(VCARD.format(version=version, lines=ADR))

    assert found["given_name"] == "Ana"
    assert found["birthdate"] == "1990-12-24"
    assert (found["address.postal_code"], found["address.locality"]) == ("10115", "Berlin")
    assert found["phone_number"] == "+49 30 1234567"


BEGIN = "BEGIN:VCARD\n"
CARDS = (
    *("BEGIN:VCARD", f"{BEGIN}END:VCARD", BEGIN * 3000, f"{BEGIN}N:;{';' * 99999}", f"{BEGIN}PHOTO:{'A' * 300_000}"),
    f"{BEGIN}FN;ENCODING=BASE64:!!!\nEND:VCARD",
    f"{BEGIN}FN;ENCODING=QUOTED-PRINTABLE;CHARSET=x-none:=FF\nEND:VCARD",
    f"{BEGIN}VERSION:3.0\nBEGIN:VCALENDAR\nEND:VCARD",
)


@pytest.mark.parametrize("card", CARDS, ids=range(len(CARDS)))
def test_a_hostile_card_is_refused(card):
    try:
        found = cards.values_of(card)
    except BadFile:
        return
    assert set(found) <= {"name"}


def test_what_can_not_be_read_of_a_card_is_not_written_into_the_log(caplog, capfd):
    for line in ('BDAY;"1990-12-24', "X-IBAN DE02", "\x00DE02"):
        cards.values_of(VCARD.format(version="3.0", lines=f"{line}\r\n"))

    assert not caplog.records
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize(
    ("text", "street", "code", "town", "country"),
    [
        ("Lindenweg 5, 10115 Berlin", "Lindenweg 5", "10115", "Berlin", None),
        ("Ana Müller\nLindenweg 5\nD-10115 Berlin", "Lindenweg 5", "10115", "Berlin", "DE"),
        ("Ana Müller\nc/o Weber\nGasse 1/2\n1010 Wien\nÖsterreich", "c/o Weber\nGasse 1/2", "1010", "Wien", "AT"),
        ("10 Downing Street\nLondon\nSW1A 2AA\nUnited Kingdom", "10 Downing Street", "SW1A 2AA", "London", "GB"),
        ("350 Fifth Avenue, New York, NY 10118, USA", "350 Fifth Avenue", "10118", "New York", "US"),
        ("350 Fifth Avenue\nNew York, NY 10118-0110", "350 Fifth Avenue", "10118-0110", "New York", "US"),
    ],
)
def test_an_address_is_understood_as_people_write_it(text, street, code, town, country):
    found = letter_heads.values_of(text)

    assert (found["address.street_address"], found["address.postal_code"]) == (street, code)
    assert (found["address.locality"], found.get("address.country")) == (town, country)


@pytest.mark.parametrize("text", ["", "hello", "x" * 2000, "\n" * 900])
def test_a_text_without_an_address_is_refused(text):
    with pytest.raises(BadFile):
        letter_heads.values_of(text)


@on_sqlite_alone
def test_what_is_ticked_is_saved_and_what_would_replace_a_value_is_not_ticked(house, person):
    person.signs_in()
    browser = person.browser
    card = VCARD.format(version="3.0", lines="ADR:;;Rosenweg 7;Köln;;50667;\r\nNICKNAME:Anni\r\n")
    with nothing_changes(house):
        page = browser.post("/data/import", text=card).text

    ticked = re.findall(r'name="take"\s+value="([\w.]+)"\s+checked', page)
    assert {"nickname", "middle_name"} <= set(ticked)
    assert not {"address.locality", "given_name"} & set(ticked)
    assert "address.locality" in re.findall(r'name="take"\s+value="([\w.]+)"', page)
    fields = dict(re.findall(r'name="(version-[\w.]+)" value="(\d+)"', page))
    fields |= dict(re.findall(r'name="(value-[\w.]+)">([^<]*)<', page))
    form = {"take": ["nickname", "address.locality"], **fields}
    browser.post("/data/import/save", form_at="/data/import", **form)
    shown = browser.get("/data").text
    assert "Anni" in shown
    assert "Köln" in shown
    assert "Rosenweg" not in shown
    person.has({"address.locality": "Bonn"})

    late = browser.post("/data/import/save", form_at="/data/import", **form)

    assert late.status_code == 409
    assert "Bonn" in browser.get("/data").text
