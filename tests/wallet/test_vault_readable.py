"""What a person has, to read and to print: one page and tables, without keys, and nothing in it leads elsewhere."""

import csv
import io
import re
import zipfile

import pytest
from click.testing import CliRunner
from packing import keeps_records
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.cli import main
from wallet.vault.readable import safe

pytestmark = on_sqlite_alone
PAGE = "/wallet/vault"
PASSWORD = "correct horse battery"


@pytest.fixture
def gets(full):
    full.signs_in()

    def gets(**headers):
        got = full.browser.client.post(
            PAGE,
            data={"csrf_token": token(full), "form": "readable", "password": PASSWORD},
            headers=headers,
        )
        assert got.status_code == 200, got.text
        return got

    return gets


def token(person):
    return re.search(r'name="csrf_token" value="([^"]+)"', person.browser.get(PAGE).text)[1]


def opened(got):
    return zipfile.ZipFile(io.BytesIO(got.data))


def lines(packed, name):
    return list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"))))


def test_it_has_one_page_and_a_table_of_each_kind(gets, full):
    got = gets()

    packed = opened(got)
    assert got.headers["Content-Disposition"] == 'attachment; filename="wallet.zip"'
    assert got.headers["Cache-Control"] == "no-store"
    assert packed.namelist() == [
        "index.html",
        "values.csv",
        "vendors.csv",
        "inbox.csv",
        "ledger.csv",
        "records/001-Stromzahler.csv",
    ]
    page = packed.read("index.html").decode()
    for told in ("Möhrchen", "ana@example.org", "as at Me", "Stadtwerke", "Stromzähler", "11.75"):
        assert told in page, told
    assert page.count('class="number"') == len(full.log())
    assert ["Me", "Katze", "Möhrchen"] in [line[:3] for line in lines(packed, "values.csv")]
    assert {"Stadtwerke", "Bookshop"} <= {line[0] for line in lines(packed, "vendors.csv")}
    told = lines(packed, "ledger.csv")
    assert [int(line[0]) for line in told[1:]] == list(range(len(full.log()), 0, -1))
    assert len(lines(packed, "records/001-Stromzahler.csv")) == 4


def test_in_german_it_is_german(gets):
    page = opened(gets(**{"Accept-Language": "de"})).read("index.html").decode()

    assert '<html lang="de">' in page
    assert "Ihre Werte" in page


def test_nothing_in_it_leads_elsewhere_or_is_a_key(gets, house):
    packed = opened(gets())
    page = packed.read("index.html").decode()

    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|iframe|form)|url\(|@import", page)
    for address in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert address.startswith("data:image/") or address in packed.namelist()
    everything = b"".join(map(packed.read, packed.namelist()))
    for secret in (*(row["consent_token"] for row in rows(house, "grants")), "$argon2id$"):
        assert secret.encode() not in everything


def test_no_cell_is_taken_for_a_formula(full, gets):
    full.has({"pets.cat": "=1+1", "nickname": "-2"})

    packed = opened(gets())

    assert {"'=1+1", "'-2"} <= {line[2] for line in lines(packed, "values.csv")}
    assert "'=warm" in {line[2] for line in lines(packed, "records/001-Stromzahler.csv")}


def test_markup_in_a_value_is_text(full, gets):
    full.has({"pets.cat": "<script>alert(1)</script>"})

    assert "&lt;script&gt;" in opened(gets()).read("index.html").decode()


def test_the_name_of_a_file_is_safe_anywhere(full):
    for name in ("../../etc/passwd", "C:\\con", "\u202exe.exe", "/", "a" * 500, "Zähler 1/2"):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", safe(name)), name


def test_two_data_sets_of_one_name_are_two_files(full, gets, house):
    keeps_records(house, {"person_id": full.person.person_id, "persona_id": full.person.persona_id})

    assert sum(name.startswith("records/") for name in opened(gets()).namelist()) == 2


def test_without_the_password_there_is_nothing(full, house):
    full.signs_in()

    got = full.browser.post(PAGE, form="readable", password="wrong")

    assert (got.status_code, got.mimetype) == (422, "text/html")


def test_what_is_too_large_for_a_page_is_refused(gets, full, monkeypatch):
    monkeypatch.setattr("wallet.vault.pages.LARGEST", 1000)

    got = full.browser.post(PAGE, form="readable", password=PASSWORD)

    assert (got.status_code, "wallet export" in got.text) == (413, True)


def test_by_command_it_is_the_same(house, full, monkeypatch, tmp_path):
    monkeypatch.setattr("wallet.commands.vault.open_here", lambda: house)
    path = tmp_path / "ana.zip"

    with nothing_changes(house):
        done = CliRunner().invoke(main, ["export", "ana", str(path), "--readable"])
        wrong = CliRunner().invoke(main, ["export", "ana", str(tmp_path / "ana.vault"), "--readable"])

    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as packed:
        page = packed.read("index.html").decode()
    assert "Möhrchen" in page
    assert ("2,718" in page, ">locked<" in page) == (False, True)
    assert wrong.exit_code == 2
    assert not (tmp_path / "ana.vault").exists()
