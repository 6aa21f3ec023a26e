"""What vendors hand back: the person sees it beside what they have, and nothing of theirs is replaced unasked."""

import re

import pytest
from actors import PersonActor, VendorActor
from asserting import key, public
from depositing import hands_over
from journeys import tokens_for
from keeping import backup, restore
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.backup.settling import settle
from wallet.data.engine import current_values
from wallet.deposits import engine, pages, trust


@pytest.fixture
def vendor(app, house):
    keys = public(key("ES256", "first"))
    return VendorActor(app, house, "stadtwerke", jwks=keys, scope="openid email deposit")


@pytest.fixture
def ben(app, house, moves_in):
    return PersonActor(app, house, moves_in("Ben"), password="correct horse battery")


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email", "deposit"], scope="openid deposit")


def has(person, *names):
    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    found = person.house.database.read(current_values, person.house.secrets, **place)
    return {name: found[name].value if name in found else None for name in names}


def answers(person, handed, answer, *parts):
    path = f"/deposits/{handed.json['deposit_id']}"
    return person.browser.post(path, form_at="/deposits", answer=answer, part=list(parts))


def trusts(person, tokens, wanted="yes"):
    return person.browser.post("/deposits/trust", form_at="/deposits", grant_id=tokens["grant_id"], trust=wanted)


def test_the_person_is_asked_whether_a_vendor_may_hand_data_back(person, vendor):
    shown = words(person.opens(vendor.link(["email"], scope="openid deposit")))

    assert "Handing data back to you" in shown


def test_what_waits_is_shown_beside_what_is_there(person, vendor, tokens):
    person.has({"nickname": "Anni"})
    hands_over(vendor, tokens, values={"nickname": "Annika", "meter.number": "1EMH0012345678", "tariff_code": "G7"})

    shown = words(person.browser.get("/deposits"))

    assert "Nickname Annika replaces what you have: Anni" in shown
    assert "Electricity meter number 1EMH0012345678" in shown
    assert "tariff_code G7 something new" in shown


def test_only_what_replaces_nothing_is_ticked_before(person, vendor, tokens):
    person.has({"nickname": "Anni"})
    hands_over(vendor, tokens, values={"nickname": "Annika", "meter.number": "1EMH0012345678"})

    ticked = re.findall(r'value="([a-z._]+)"\s+checked', person.browser.get("/deposits").text)

    assert ticked == ["meter.number"]


def test_what_was_chosen_is_kept_with_where_it_came_from(person, vendor, tokens):
    handed = hands_over(vendor, tokens, values={"nickname": "Annika", "meter.number": "1EMH0012345678"})

    answers(person, handed, "keep", "nickname")

    assert has(person, "nickname", "meter.number") == {"nickname": "Annika", "meter.number": None}
    assert [row["state"] for row in rows(person.house, "deposits")] == ["partly_kept"]
    assert person.log()[-1] == "deposit_kept"
    assert "left here by Stadtwerke" in words(person.browser.get("/data/nickname"))


def test_something_new_can_be_kept_under_its_name(person, vendor, tokens):
    handed = hands_over(vendor, tokens, values={"tariff_code": "G7", "green": True, "price": 29.5})

    answers(person, handed, "keep", "tariff_code", "green", "price")

    assert has(person, "tariff_code", "green", "price") == {"tariff_code": "G7", "green": True, "price": 29.5}


def test_who_keeps_nothing_changes_nothing(person, vendor, tokens):
    handed = hands_over(vendor, tokens, values={"nickname": "Annika"})

    answers(person, handed, "refuse")

    assert has(person, "nickname") == {"nickname": None}
    assert person.log()[-1] == "deposit_refused"
    assert "Nothing waits for you" in words(person.browser.get("/deposits"))
    assert "Not kept" in words(person.browser.get("/deposits?over=1"))


def test_a_deposit_is_answered_once(person, vendor, tokens, house):
    handed = hands_over(vendor, tokens, values={"nickname": "Annika"})
    answers(person, handed, "refuse")
    hands_over(vendor, tokens, values={"nickname": "Annegret"})

    with nothing_changes(house):
        assert answers(person, handed, "keep", "nickname").status_code == 409


@on_sqlite_alone
def test_what_does_not_fit_an_attribute_of_ones_own_keeps_nothing(person, vendor, tokens, house):
    person.browser.post("/data/new", name="shoe_size", label="Shoes", kind="integer", value="")
    handed = hands_over(vendor, tokens, values={"shoe_size": "huge", "nickname": "Annika"})

    with nothing_changes(house):
        answers(person, handed, "keep", "shoe_size", "nickname")
    assert "Nothing was kept" in words(person.browser.get("/deposits"))


@on_sqlite_alone
def test_nobody_answers_somebody_elses_deposit(person, ben, vendor, tokens, house):
    handed = hands_over(vendor, tokens, values={"nickname": "Annika"})
    ben.signs_in()

    assert "Annika" not in ben.browser.get("/deposits").text
    with nothing_changes(house):
        assert answers(ben, handed, "keep", "nickname").status_code in {400, 404}


@on_sqlite_alone
@pytest.mark.parametrize("fields", [{}, {"answer": "perhaps"}, {"answer": "keep"}])
def test_an_answer_that_is_none_changes_nothing(person, vendor, tokens, house, fields):
    handed = hands_over(vendor, tokens, values={"nickname": "Annika"})

    with nothing_changes(house):
        person.browser.post(f"/deposits/{handed.json['deposit_id']}", form_at="/deposits", **fields)


def test_a_trusted_vendors_deposit_is_kept_by_itself(person, vendor, tokens):
    hands_over(vendor, tokens, values={"nickname": "Annika"})
    trusts(person, tokens)

    hands_over(vendor, tokens, values={"meter.number": "1EMH0012345678"})

    assert has(person, "meter.number", "nickname") == {"meter.number": "1EMH0012345678", "nickname": None}
    assert person.log()[-2:] == ["deposited", "deposit_kept"]


@pytest.mark.parametrize("values", [{"nickname": "Annika"}, {"tariff_code": "G7"}])
def test_not_even_a_trusted_vendor_replaces_or_invents_anything_unasked(person, vendor, tokens, values):
    person.has({"nickname": "Anni"})
    hands_over(vendor, tokens, values={"meter.number": "1"})
    trusts(person, tokens)

    hands_over(vendor, tokens, values=values)

    assert has(person, "nickname", "tariff_code") == {"nickname": "Anni", "tariff_code": None}
    assert person.log()[-1] == "deposited"


@on_sqlite_alone
def test_a_trusted_vendor_fills_no_wallet(person, vendor, tokens, house, monkeypatch):
    monkeypatch.setattr(trust, "MOST_KEPT_IN_A_DAY", 2)
    monkeypatch.setattr(engine, "MOST_WAITING", 1)
    trusts(person, tokens)

    answered = [hands_over(vendor, tokens, values={"nickname": "Anni"}).status_code for _ in range(5)]

    assert answered == [201, 201, 201, 429, 429]
    assert [row["state"] for row in rows(house, "deposits")].count("kept") == 2


def test_trust_can_be_taken_back(person, vendor, tokens):
    hands_over(vendor, tokens, values={"nickname": "Annika"})
    trusts(person, tokens)
    trusts(person, tokens, "no")

    hands_over(vendor, tokens, values={"meter.number": "1EMH0012345678"})

    assert has(person, "meter.number") == {"meter.number": None}


@on_sqlite_alone
def test_the_vendors_page_says_how_far_it_may_go_and_has_the_switch(app, house, person, vendor, tokens):
    at = f"/vendors/{tokens['grant_id']}"
    assert "Handing data back you look first" in words(person.browser.get(at))

    fields = {"grant_id": tokens["grant_id"], "trust": "yes", "back": "vendor"}
    answer = person.browser.post("/deposits/trust", form_at=at, **fields)

    assert answer.location == at
    assert "Handing data back kept by itself" in words(person.browser.get(at))
    other = tokens_for(person, VendorActor(app, house, "shop"))
    assert "Handing data back not allowed" in words(person.browser.get(f"/vendors/{other['grant_id']}"))


@on_sqlite_alone
def test_my_data_says_that_something_waits_by_one_indexed_statement(person, vendor, tokens, statements, house):
    assert "handed" not in words(person.browser.get("/data")).replace("Handed back", "")
    hands_over(vendor, tokens, values={"nickname": "Annika"})
    statements.clear()

    shown = words(person.browser.get("/data"))

    assert "A vendor has handed something back to you." in shown
    (asked,) = (one for one in statements if "FROM deposits" in one)
    plan = house.database.read(lambda db: db.exec_driver_sql(f"explain query plan {asked}").all())
    assert "COVERING INDEX ix_deposits_newest" in str(plan)


@on_sqlite_alone
def test_trust_is_for_vendors_of_ones_own(person, ben, vendor, tokens, house):
    ben.signs_in()
    hands_over(vendor, tokens, values={"nickname": "Annika"})
    token = re.search(r'name="csrf_token" value="([^"]+)"', ben.browser.get("/data").text)[1]

    with nothing_changes(house):
        fields = {"csrf_token": token, "grant_id": tokens["grant_id"], "trust": "yes"}
        assert ben.browser.client.post("/deposits/trust", data=fields).status_code == 404


@on_sqlite_alone
def test_many_deposits_come_in_pages(person, vendor, tokens, monkeypatch):
    monkeypatch.setattr(pages, "ON_A_PAGE", 2)
    for number in range(3):
        hands_over(vendor, tokens, values={"nickname": f"Anni{number}"})

    first, second = (person.browser.get(address).text for address in ("/deposits", "/deposits?skip=2"))

    found = [set(re.findall(r"Anni\d", page)) for page in (first, second)]
    assert [len(names) for names in found] == [2, 1]
    assert found[0] | found[1] == {"Anni0", "Anni1", "Anni2"}


def test_nothing_of_a_deposit_lies_in_the_clear(vendor, tokens, stored):
    records = {"name": "Verborgene Liste", "columns": ["Spalte"], "rows": [["Zelle"]]}
    hands_over(vendor, tokens, values={"nickname": "Geheimnisvoll"}, records=records)

    assert not any(word in stored() for word in ("Geheimnisvoll", "Verborgene", "Spalte", "Zelle"))


PASSWORD = "correct horse battery"


def copies(person):
    """Of what was handed over, all that the host can open: values and signed documents."""
    face = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    found = person.house.database.read(engine.newest, person.house.secrets, **face, waiting=False, limit=9)
    return [(dict(one.values), bool(one.document)) for one in found]


def test_an_erased_value_stays_in_no_deposit_and_in_no_backup(person, vendor, tokens, house):
    handed = hands_over(vendor, tokens, values={"nickname": "Anni", "tariff_code": "G7"})
    answers(person, handed, "keep", "nickname", "tariff_code")
    kept = backup(house)
    page = person.browser.get("/data/nickname/erase").text
    person.browser.post("/data/nickname/erase", version=re.search(r'name="version" value="(\d+)"', page)[1])

    assert copies(person) == [({"tariff_code": "G7"}, False)]
    restore(house, kept)
    house.database.write(settle, house.secrets, made_at=1, now=house.clock())
    assert copies(person) == []


def test_what_is_locked_opens_in_no_deposit(person, vendor, tokens):
    person.signs_in()
    answers(person, hands_over(vendor, tokens, values={"nickname": "Anni"}), "keep", "nickname")

    assert person.browser.post("/data/nickname/lock", form_at="/data/nickname", password=PASSWORD).status_code == 303
    assert copies(person) == [({}, False)]
    answers(person, hands_over(vendor, tokens, values={"nickname": "Annika"}), "keep", "nickname")

    assert copies(person) == [({}, False), ({}, False)]
