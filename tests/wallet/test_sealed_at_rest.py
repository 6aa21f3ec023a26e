"""Who steals the database without the master key learns no value, no login and no word the person chose."""

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from actors import PersonActor
from sqlalchemy import make_url, select, text

from keys.tables import metadata
from wallet.data.attributes import define_attribute
from wallet.database import Database
from wallet.errors import SetupError
from wallet.opening import open_house

PASSWORD = "correct horse battery"
LOGIN = "wilhelmine.kestenholz"
VALUES = {
    "given_name": "Wilhelmine-Ottilie",
    "family_name": "Kestenhölzer",
    "email": "w.kestenholz@posteo.example",
    "birthdate": "1931-07-29",
    "phone_number": "+4930770188342",
    "address.street_address": "Quittenbaumgasse 117",
    "iban": "DE89370400440532013000",
    "electricity.kwh_year": "2718.28182",
}
LABEL = "Katze mit Halsband"
CUSTOM = "Möhrchen von Schnurrburg"
OLD = "old.address.of.wilhelmine@posteo.example"
SECRETS = [LOGIN, PASSWORD, LABEL, CUSTOM, OLD, *VALUES.values()]


@pytest.fixture
def lived_in(house, app, moves_in, vendor, clock):
    """A house in which somebody wrote much down and a vendor asked, read, renewed and was stopped."""
    person = PersonActor(app, house, moves_in(LOGIN), password=PASSWORD)
    at = {"person_id": person.person.person_id, "now": clock.now}
    house.database.write(define_attribute, house.secrets, name="pets.cat", label=LABEL, kind="text", **at)
    person.has({"email": OLD})
    person.has({**VALUES, "pets.cat": CUSTOM})
    asked = [*VALUES, "pets.cat"]
    claims = json.dumps({"userinfo": dict.fromkeys(asked), "id_token": {"email": None}})
    page = person.opens(vendor.link(claims=claims))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=asked))["code"]).json
    delivered = str(vendor.reads(tokens["access_token"]).json)
    tokens = vendor.refreshes(tokens["refresh_token"]).json
    vendor.asserts(tokens["consent_token"])
    for path in ("/data", "/vendors", "/ledger", f"/vendors/{tokens['grant_id']}"):
        assert person.browser.get(path).status_code == 200
    person.browser.post("/data/iban", value="DE00 this is no account of Wilhelmine", version="1")
    person.browser.post("/sign-in", login=LOGIN, password="wrong password of Wilhelmine")
    person.opens(vendor.link(["nickname"]))
    assert all(value in delivered for name, value in VALUES.items() if name != "electricity.kwh_year")
    return house


def spellings(secret):
    """How a value could stand in a file: in several encodings, in base64 at each of the three alignments."""
    found = {secret.encode("unicode_escape")}
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = secret.encode(encoding)
        found |= {plain, plain.hex().encode(), plain.hex().upper().encode()}
        for before in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                # the first and last letters also depend on the neighbours
                found.add(encode(b"\0" * before + plain).rstrip(b"=")[-(-before * 8 // 6) : -1])
    return found


def found_in(stored, secrets=SECRETS):
    return {secret for secret in secrets for spelling in spellings(secret) if spelling in stored}


def every_row(house):
    """All rows as text and bytes, however a column holds them."""
    cells = []
    for table in metadata.sorted_tables:
        for row in house.database.read(lambda db, table=table: db.execute(select(table)).all()):
            cells += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    return b"\n".join(cells)


def every_file(house):
    """The raw files: those of SQLite with write-ahead log, or the whole data directory of PostgreSQL."""
    if house.database.is_sqlite:
        files = list(Path(house.database.url.database).parent.glob("wallet.db*"))
        assert len(files) == 3, files
    else:
        with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text("checkpoint"))
            directory = Path(db.execute(text("select current_setting('data_directory')")).scalar_one())
        files = [path for path in directory.rglob("*") if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files)


@pytest.mark.parametrize("look", [every_row, every_file])
def test_a_stolen_database_names_no_value_no_login_and_no_label(lived_in, vendor, look):
    stored = look(lived_in)

    assert vendor.redirect_uri.encode() in stored
    assert b"pets.cat" in stored
    assert found_in(stored) == set()
    assert found_in(stored, ["Wilhelmine", "this is no account", "wrong password"]) == set()


@pytest.mark.parametrize("look", [every_row, every_file])
def test_a_stolen_database_holds_no_token_code_or_secret_that_works(lived_in, vendor, look):
    stored = look(lived_in)

    given = [part for seen in vendor.seen for part in working(seen)]

    assert len(given) >= 5
    assert [secret for secret in given if secret.encode() in stored] == []
    assert b"a secret of the vendor, long enough" not in stored


def test_the_search_itself_finds_every_spelling():
    for secret in SECRETS:
        for before in (b"", b"x", b"xy"):
            plain = before + secret.encode()
            for spelled in (plain, secret.encode("utf-16-le"), plain.hex().encode(), base64.b64encode(plain + b"end")):
                assert found_in(b"..." + spelled + b"...", [secret]) == {secret}


def test_a_copy_without_the_master_key_can_not_be_opened(lived_in, settings, clock, tmp_path):
    thief = tmp_path / "thief"
    stolen = copy(lived_in, settings, thief)

    with pytest.raises(SetupError, match=r"master\.key"):
        open_house(stolen, clock=clock)

    assert not stolen.master_key_file.exists()


def test_a_copy_with_another_master_key_can_not_be_opened(lived_in, settings, clock, tmp_path):
    stolen = copy(lived_in, settings, tmp_path / "thief")
    stolen.home.mkdir(exist_ok=True)
    write_key(stolen.master_key_file, b"n" * 32)

    with pytest.raises(SetupError, match="not the one this database was sealed with"):
        open_house(stolen, clock=clock)


def test_a_copy_with_the_master_key_is_the_whole_house(lived_in, settings, clock, tmp_path):
    copied = copy(lived_in, settings, tmp_path / "new home")
    copied.home.mkdir(exist_ok=True)
    write_key(copied.master_key_file, b"m" * 32)

    house = open_house(copied, clock=clock)

    assert house.secrets == lived_in.secrets
    house.database.close()


def working(seen):
    """What a vendor was given that opens something."""
    for name in ("access_token", "refresh_token", "code"):
        for separator in (f'"{name}":"', f"{name}="):
            _, found, rest = seen.partition(separator)
            if found:
                yield rest.partition('"')[0].partition("&")[0]


def copy(house, settings, home):
    """Settings of somebody who took the database along, but nothing else."""
    home.mkdir()
    if not house.database.is_sqlite:
        return replace(settings, home=home, master_key_file=home / "master.key")
    for path in Path(house.database.url.database).parent.glob("wallet.db*"):
        shutil.copyfile(path, home / path.name)
    url = make_url(f"sqlite:///{home / 'wallet.db'}")
    Database(str(url)).check()
    return replace(settings, home=home, database_url=str(url), master_key_file=home / "master.key")


def write_key(path, key):
    path.write_bytes(base64.b64encode(key) + b"\n")
    path.chmod(0o600)
