"""Somebody uses every room of the wallet once; whoever takes all files afterwards learns no word of it."""

import base64
import logging
import re
import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from actors import VendorActor
from asserting import key, public
from depositing import hands_over
from journeys import tokens_for
from PIL import Image, PngImagePlugin
from recovering import makes_shares
from seeking import Merchant, act, sends
from speaking import wants
from storage import on_sqlite_alone
from triggering import TOPICS, looks, makes, may_speak

from wallet.backup import making
from wallet.data.engine import set_value
from wallet.data.model import Origin
from wallet.people.personas import add_persona
from wallet.triggers.model import Change

# One for each thing that somebody could have left in the clear.
WORDS = {
    "value": "Quittenbaumgasse",
    "origin": "Herkunftsvogel",
    "label": "Halsbandkater",
    "unit": "Schnurrmeter",
    "description": "Beschreibungsfuchs",
    "persona": "Wilhelmine",
    "picture": "Bildkommentarin",
    "picture file": "Passfotografin",
    "data set": "Zählerkunde",
    "file name": "Kestenholz",
    "column": "Spaltenreiter",
    "row": "Zellenbewohner",
    "fact": "Auskunftei",
    "deposited value": "Rückgabestelle",
    "deposited set": "Ablesestapel",
    "deposited column": "Ablesespalte",
    "deposited row": "Ablesewort",
    "trigger": "Auslösername",
    "contact person": "Lieblingsberaterin",
    "intent": "Wunschtarif",
    "intent condition": "Preisgrenze",
    "offer": "Angebotswindrad",
    "question": "Rückfragewort",
    "share": "Kleopatra",
    "search": "Suchwortlaut",
    "card": "Kartenhausen",
    "rejected card": "Ablehnungsgrund",
}


@pytest.fixture
def temp(tmp_path, monkeypatch):
    """Where temporary files would be written."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def posts(browser, path, *, form_at=None, **fields):
    answer = browser.post(path, form_at=form_at, **fields)
    assert answer.status_code in {200, 303}, (path, answer.text)
    return answer


def values_and_personas(house, person, browser):
    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id, "expected_version": None}
    origin = Origin("credential", f"https://{WORDS['origin']}.example")
    given = {"attribute": "address.street_address", "value": WORDS["value"], "origin": origin, "now": house.clock()}
    house.database.write(set_value, house.secrets, **place, **given)
    own = {"name": "pets.cat", "label": WORDS["label"], "kind": "number", "value": "7"}
    posts(browser, "/data/new", **own, unit=WORDS["unit"], description=WORDS["description"])
    where = f"/personas/{person.person.persona_id}"
    who = {"person_id": person.person.person_id, "name": WORDS["persona"], "now": house.clock()}
    house.database.write(add_persona, house.secrets, **who)
    out, said = BytesIO(), PngImagePlugin.PngInfo()
    said.add_text("Comment", WORDS["picture"])
    Image.effect_noise((900, 900), 90).save(out, "PNG", pnginfo=said)
    file = {"picture": (BytesIO(out.getvalue()), f"{WORDS['picture file']}.png"), "seen": ""}
    posts(browser, f"{where}/picture", form_at=where, **file)


def records(browser):
    lines = "".join(f"2026-01-{1 + n % 28:02},{n},{WORDS['row']} {n}\n" for n in range(30_000))
    content = f"Tag,kWh,{WORDS['column']}\n{lines}".encode()
    file = {"file": (BytesIO(content), f"{WORDS['file name']}.csv")}
    sent = posts(browser, "/records/import", **file)
    kinds = {"kind-0": "date", "kind-1": "number", "kind-2": "text"}
    form = {"name": WORDS["data set"], **kinds, "date": "0", "zone": "UTC"}
    posts(browser, f"{sent.location}/start", form_at=sent.location, **form)
    (found,) = set(re.findall(r"/records/([0-9A-Z]{26})\"", browser.get("/records").text))
    fact = {"of": "kWh", "period": "this_year", "comparison": ">=", "than": "1", "name": "enough"}
    fact |= {"label": WORDS["fact"]}
    posts(browser, f"/records/{found}/fact", **fact)
    posts(browser, f"/records/{found}/fact", **fact | {"name": "other", "preview": "1"})


def deposits(app, house, person):
    keys = public(key("ES256", "first"))
    vendor = VendorActor(app, house, "stadtwerke", jwks=keys, scope="openid email deposit")
    tokens = tokens_for(person, vendor, ["email", "deposit"], scope="openid deposit")
    rows = [[WORDS["deposited row"]]]
    handed = {"name": WORDS["deposited set"], "columns": [WORDS["deposited column"]], "rows": rows}
    kept = hands_over(vendor, tokens, values={"nickname": WORDS["deposited value"]}, records=handed).json
    hands_over(vendor, tokens, values={"nickname": WORDS["deposited value"]}, records=handed)
    path = f"/deposits/{kept['deposit_id']}"
    posts(person.browser, path, form_at="/deposits", answer="keep", part=["nickname", "records"])
    person.browser.get("/deposits")


def triggers(app, house, person):
    """One that fires for a value, which it releases."""
    grant_id = may_speak(person, VendorActor(app, house, "tariffs", **TOPICS))["grant_id"]
    made = makes(house, person, Change("nickname"), grant_id, name=WORDS["trigger"], released=("email", "nickname"))
    looks(house)
    person.has({"nickname": WORDS["value"]})
    assert looks(house) == 1
    person.browser.get(f"/triggers/{made.trigger_id}")


def intents(app, house, person, clock):
    """One that was answered, and asked back about."""
    merchant = Merchant(app, house, "merchant")
    page = sends(person, clock, text=WORDS["intent"], label_1=WORDS["intent condition"])
    assert merchant.offers(text=WORDS["offer"]).status_code == 200
    act(person, page, "ask", client_id="merchant", text=WORDS["question"])
    assert WORDS["offer"] in person.browser.get(page).text


def cards(browser):
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nN:Müller;Ana;;;\nADR:;;Weg 1;{WORDS['card']};;1;DE\nEND:VCARD\n"
    posts(browser, "/data/import", text=card)
    browser.post("/data/import", text=f"BEGIN:VCARD\n{WORDS['rejected card']}")


@on_sqlite_alone
def test_no_word_of_any_room_is_in_any_byte_of_files_backups_log_or_temp(
    app, house, person, clock, temp, tmp_path, caplog
):
    with caplog.at_level(logging.DEBUG):
        person.signs_in()
        values_and_personas(house, person, person.browser)
        records(person.browser)
        deposits(app, house, person)
        makes_shares(person, f"Ben\n{WORDS['share']}\nDora")
        cards(person.browser)
        triggers(app, house, person)
        intents(app, house, person, clock)
        wants(person, contact_person=WORDS["contact person"])
        for typed in (WORDS["search"], WORDS["row"], f"{WORDS['search']} " * 50):
            person.browser.post("/search", words=typed)
        making.make(house, tmp_path / "backups")

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    parts = [part for path in files for part in (path.read_bytes(), str(path).encode())]
    stored = b"\n".join([*parts, caplog.text.encode()])
    assert {"wallet.db", "wallet.db-wal", "keyring"} <= {path.name for path in files}
    assert list(Path(temp).iterdir()) == []
    assert b"pets.cat" in stored
    assert {what for what, word in WORDS.items() for spelled in spellings(word) if spelled in stored} == set()


def spellings(word):
    plain = word.encode()
    yield from (plain, plain.lower(), word.encode("utf-16-le"), plain.hex().encode(), word.encode("unicode_escape"))
    yield from (base64.b64encode(b"\0" * before + plain)[4:-4] for before in range(3))
