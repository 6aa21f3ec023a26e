"""A person erases all their data and keeps the account, or lets go of everything, the account too."""

import pytest
from actors import PersonActor, VendorActor
from click.testing import CliRunner
from journeys import tokens_for
from keeping import backup, restore
from listening import ListeningVendor, claims, told
from reading import words
from sqlalchemy import select
from storage import nothing_changes, on_sqlite_alone, rows

from consent import ledger
from keys.tables import metadata
from wallet.cli import main
from wallet.commands import people
from wallet.data.attributes import define_attribute
from wallet.data.engine import current_values, history
from wallet.erasing import backups, destroying, erasures, personal
from wallet.people.engine import find_person_by_login
from wallet.upkeep import sweep

PASSWORD = "correct horse battery"


@pytest.fixture
def told_to_backups(monkeypatch):
    told = []
    monkeypatch.setattr(backups, "after_erasing", told.append)
    return told


@pytest.fixture
def at_home(house, person, ana):
    """Ana at the door with two personas and an attribute of her own."""
    person.signs_in()
    person.browser.post("/accounts/personas", form_at="/accounts", name="at work")
    work = next(row["persona_id"] for row in rows(house, "personas") if not row["is_default"])
    person.has({"email": "ana@work.example"}, persona_id=work)
    ids = {"person_id": ana.person_id, "now": house.clock()}
    house.database.write(define_attribute, house.secrets, name="pets.cat", label="Cat", kind="text", **ids)
    return person


def erases(person, what, login="ana", password=PASSWORD):
    return person.browser.post(f"/wallet/erase/{what}", login=login, password=password)


def of(house, person_id):
    """By table, how many rows are this person's."""
    found = {}
    for table in metadata.sorted_tables:
        mine = [row for row in rows(house, table.name) if person_id in map(str, row.values())]
        found |= {table.name: len(mine)} if mine else {}
    return found


def test_all_data_goes_and_the_account_with_its_proof_stays(house, at_home, ana, vendor, told_to_backups):
    tokens = tokens_for(at_home, vendor)
    kept = backup(house)
    asked = f"/vendors/{tokens['grant_id']}"
    assert "Stadtwerke" in at_home.browser.get("/wallet/erase/data").text
    proof = {table: rows(house, table) for table in ("receipts", "statuses", "agreements", "relationships")}

    answer = erases(at_home, "data")

    assert (answer.status_code, answer.location) == (303, "/wallet/erase")
    assert vendor.reads(tokens["access_token"]).status_code == 401
    for table in ("attribute_values", "custom_attributes", "erasures", "tokens"):
        assert rows(house, table) == []
    assert [row["persona_id"] for row in rows(house, "data_keys")] == [ana.persona_id]
    assert [row["subject"] for row in rows(house, "data_keys")] == [""]
    assert all(row in rows(house, table) for table, before in proof.items() for row in before)
    assert at_home.log()[-2:] == ["revoked", "erased"]
    assert house.database.read(ledger.verify, house.secrets.ledger, person_id=ana.person_id) > 0
    assert told_to_backups == [house]
    for path in ("/data", "/ledger", "/accounts", "/wallet/erased", "/vendors", "/ledger/stamp"):
        assert at_home.browser.get(path).status_code == 200
    assert at_home.browser.get(asked).status_code in {200, 404}
    at_home.has({"email": "anew@example.org"})
    restore(house, kept)
    with pytest.raises(Exception, match=r"no persona|does not open|no data key"):
        house.database.read(
            lambda db: (
                history(db, house.secrets, person_id=ana.person_id, persona_id=ana.persona_id, attribute="given_name")
                or pytest.fail("there is nothing left to open")
            )
        )


def test_everything_goes_but_what_others_need(app, house, at_home, ana, vendor, told_to_backups):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    tokens, shops = tokens_for(at_home, vendor), tokens_for(at_home, shop)
    places = {(row["list_id"], row["idx"]) for row in rows(house, "statuses")}
    kept = backup(house)

    page = erases(at_home, "everything")

    assert page.status_code == 200
    assert "You are gone from here" in page.text
    assert "It is being told, until it confirms." in words(page)
    assert of(house, ana.person_id) == {}
    assert of(house, ana.persona_id) == {}
    assert {(row["list_id"], row["idx"]) for row in rows(house, "statuses")} == places
    assert {row["person_id"] for row in rows(house, "statuses")} == {destroying.NOBODY}
    assert vendor.client.get(f"/oauth/status/{next(iter(places))[0]}").status_code == 200
    assert vendor.reads(tokens["access_token"]).status_code == 401
    assert vendor.asserts(shops["consent_token"]).status_code == 400
    assert at_home.browser.get("/data").status_code == 303
    assert told(claims(one) for one in shop.polls()["sets"].values()) == ["grant-revoked"]
    assert told_to_backups == [house]
    restore(house, kept)
    assert house.database.read(lambda db: db.execute(select(metadata.tables["person_keys"])).all()) == []
    assert (
        house.database.read(
            lambda db: current_values(db, house.secrets, person_id=ana.person_id, persona_id=ana.persona_id)
        )
        == {}
    )


def test_what_a_vendor_was_told_is_forgotten_once_it_confirms(app, house, at_home, clock):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    tokens_for(at_home, shop)
    erases(at_home, "everything")
    waiting = shop.polls()["sets"]
    house.database.write(sweep, now=clock.now)
    assert {row["person_id"] for row in rows(house, "outbox")} == {destroying.NOBODY}

    while waiting:
        waiting = shop.polls(ack=list(waiting))["sets"]
    house.database.write(sweep, now=clock.now)

    assert rows(house, "outbox") == []


def test_the_login_is_free_again_and_who_takes_it_is_somebody_else(app, house, at_home, ana, moves_in):
    erases(at_home, "everything")

    newcomer = PersonActor(app, house, moves_in("ana"), password=PASSWORD)
    newcomer.signs_in()

    assert newcomer.person.person_id != ana.person_id
    assert newcomer.log() == []
    assert house.database.read(current_values, house.secrets, person_id=newcomer.person.person_id,
                               persona_id=newcomer.person.persona_id) == {}  # fmt: skip


def test_every_browser_is_signed_out_and_others_at_this_one_stay(house, app, at_home, moves_in, opens_browser):
    elsewhere = opens_browser()
    elsewhere.signs_in()
    moves_in("ben")
    at_home.browser.post("/sign-in", login="ben", password=PASSWORD)
    at_home.signs_in()

    erases(at_home, "everything")

    assert not elsewhere.is_signed_in()
    assert "ben" in at_home.browser.follow("/data").text
    assert rows(house, "sessions") != []


@on_sqlite_alone
@pytest.mark.parametrize("what", ["data", "everything"])
def test_only_who_types_their_login_and_password_is_believed(house, at_home, what, told_to_backups):
    def tries(**given):
        with nothing_changes_but_guesses(house):
            return erases(at_home, what, **given)

    assert tries(login="ben").status_code == 422
    assert tries(password="wrong password").status_code == 403
    assert tries(password="").status_code == 422
    with nothing_changes(house):
        assert at_home.browser.client.post(f"/wallet/erase/{what}", data={"login": "ana"}).status_code == 400
        assert at_home.browser.get(f"/wallet/erase/{what}").status_code == 200
    for _ in range(5):
        erases(at_home, what, password="wrong password")
    assert erases(at_home, what).status_code == 429
    assert told_to_backups == []


class nothing_changes_but_guesses:  # noqa: N801
    def __init__(self, house):
        self.house = house

    def seen(self):
        return {table: rows(self.house, table) for table in metadata.tables if table != "sign_in_failures"}

    def __enter__(self):
        self.before = self.seen()

    def __exit__(self, *_):
        assert self.seen() == self.before


def test_a_crash_on_the_way_is_made_good(app, house, at_home, ana, monkeypatch):
    monkeypatch.setattr(erasures, "AT_ONCE", 1)
    for name in ("shop", "club"):
        tokens_for(at_home, VendorActor(app, house, name))
    house.database.write(erasures.begin, person_id=ana.person_id, what=erasures.EVERYTHING, now=house.clock())
    erasures.go_on(house, person_id=ana.person_id, steps=1)

    assert erasures.go_on_with_all(house) == 1

    assert of(house, ana.person_id) == {}


@on_sqlite_alone
def test_somebody_else_is_not_touched(app, house, at_home, ana, moves_in, vendor):
    ben = PersonActor(app, house, moves_in("ben"), password=PASSWORD)
    ben.has({"email": "ben@example.org"})
    tokens = tokens_for(ben, vendor)
    tokens_for(at_home, vendor)
    bens = of(house, ben.person.person_id)

    erases(at_home, "everything")

    assert of(house, ben.person.person_id) == bens
    assert vendor.reads(tokens["access_token"]).json["email"] == "ben@example.org"


def test_of_every_table_it_is_said_whether_it_is_proof_the_account_or_goes():
    tables = set(metadata.tables)
    by_person = {table.name for table in personal.personal_tables()}
    goes = {table.name for table in (*personal.of_personas(), *personal.of_data())}

    assert by_person >= personal.STAYS
    assert goes | personal.STAYS == by_person
    assert {name for name in tables if "person_id" in metadata.tables[name].c} == by_person | personal.NAMING
    assert goes == GOES


# Who adds a table of people's has to say here that it goes, or in wallet/erasing/personal.py that it stays.
GOES = {
    *("followed_topics", "publication_copies", "contributors"),
    *("attribute_values", "inherited_values", "custom_attributes", "persona_pictures", "preferences"),
    *("vendor_personas", "rules", "standing_terms", "backchannel_requests", "deposits", "trusted_depositors"),
    *("data_sets", "record_imports", "record_blocks", "record_uploads", "released"),
    *(
        "threads",
        "messages",
        "attachments",
        "erased_messages",
        "feedback",
        "appointments",
        "reviews",
        "intents",
        "intent_offers",
    ),
    *("contact_policies", "contacts", "openings", "triggers", "firings"),
    *("channel_addresses", "channel_codes", "deliveries", "mail_aliases"),
}


@on_sqlite_alone
def test_the_operator_erases_by_command(house, settings, at_home, ana, monkeypatch, told_to_backups):
    monkeypatch.setattr(people, "open_here", lambda: house)
    run = CliRunner()
    refused = run.invoke(main, ["person", "erase", "ana"], input="ben\n")
    assert refused.exit_code == 1
    assert house.database.read(find_person_by_login, house.secrets, login="ana")

    kept = run.invoke(main, ["person", "erase", "ana", "--keep-account", "--yes"])
    assert (kept.exit_code, kept.output) == (0, "Erased all data of Ana.\n")
    assert rows(house, "attribute_values") == []
    gone = run.invoke(main, ["person", "erase", "ana"], input="ana\n")
    assert gone.exit_code == 0, gone.output
    assert of(house, ana.person_id) == {}
    assert len(told_to_backups) == 2
    assert run.invoke(main, ["person", "erase", "ana", "--yes"]).exit_code == 1
