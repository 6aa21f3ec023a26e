"""Between a person who has moved and their vendors everything goes on: the same number, tokens, receipts, proofs."""

from io import BytesIO

import jwt
import pytest
from actors import PersonActor
from listening import ListeningVendor, claims
from packing import exported, has_lived
from settling import NEW_ADDRESS, copy_of, furnished, goes_on, lives_on, settles
from sqlalchemy import delete
from storage import nothing_changes, on_sqlite_alone, rows

from consent.moving.tables import former_homes
from keys.did import public_key_of
from wallet.app import create_app
from wallet.disputes import checks

pytestmark = on_sqlite_alone
OLD_ADDRESS = "http://localhost"
OWN_CLOCK = {"verify_iat": False}


@pytest.fixture
def vendors(app, house, person, clock):
    return has_lived(app, house, person, clock)


def moves(house, person, sqlite, tmp_path, *, to):
    """The person's vault at another house; gives back the house, its app and the person there."""
    with furnished(house, copy_of(sqlite, tmp_path), issuer=to) as new:
        done = settles(new, exported(house, person))
        app = create_app(new)
        yield new, app, lives_on(app, new, person), done


@pytest.fixture
def same(house, person, vendors, sqlite, tmp_path):
    yield from moves(house, person, sqlite, tmp_path, to=OLD_ADDRESS)


@pytest.fixture
def other(house, person, vendors, sqlite, tmp_path):
    yield from moves(house, person, sqlite, tmp_path, to=NEW_ADDRESS)


def sub_of(vendor, tokens):
    return vendor.reads(tokens["access_token"]).json["sub"]


def checked(vendor, digest):
    """Whether the wallet has such a receipt of the vendor's grant."""
    return vendor.post("/oauth/receipts/check", {"digest": digest, "grant_id": vendor.tokens["grant_id"]})


def test_at_the_same_address_vendors_notice_nothing(vendors, same):
    vendor, shop = vendors
    before = {one: sub_of(one, one.tokens) for one in vendors}
    digest, token = vendor.lists().json["receipts"][0]["digest"], vendor.tokens["consent_token"]
    new, app, _person, done = same
    place = jwt.decode(token, options={"verify_signature": False})["status"]["status_list"]
    for one in vendors:
        goes_on(app, new, one)

    got = vendor.asserts(token)

    assert got.status_code == 200, got.text
    assert sub_of(vendor, got.json) == before[vendor]
    assert got.json["grant_id"] == vendor.tokens["grant_id"]
    vendor.tokens = got.json
    assert checked(vendor, digest).json["equal"] is True
    assert {"list_id": place["uri"].rpartition("/")[2], "idx": place["idx"]}.items() <= next(
        row for row in rows(new, "statuses") if row["idx"] == place["idx"]
    ).items()
    assert not done.moved
    assert rows(new, "outbox") == []
    refused = shop.asserts(token)
    assert refused.status_code == 400


def test_at_another_address_an_old_consent_token_is_still_redeemed(vendors, other):
    vendor, _shop = vendors
    before, token = sub_of(vendor, vendor.tokens), vendor.tokens["consent_token"]
    digest = vendor.lists().json["receipts"][0]["digest"]
    new, app, person, done = other
    goes_on(app, new, vendor)

    got = vendor.asserts(token)

    assert got.status_code == 200, got.text
    assert sub_of(vendor, got.json) == before
    assert done.moved
    assert person.log()[-3:] == ["moved", "redeemed", "read"]
    assert checked(vendor, digest).json["equal"] is True


def test_where_the_person_never_lived_their_token_opens_nothing(vendors, other):
    vendor, _shop = vendors
    new, app, _person, _done = other
    goes_on(app, new, vendor)
    new.database.write(lambda db: db.execute(delete(former_homes)))

    with nothing_changes(new):
        refused = vendor.asserts(vendor.tokens["consent_token"])

    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")


def test_the_wallet_of_somebody_else_is_no_former_home_of_ones_own(app, house, vendors, other, moves_in):
    """Ben's token of the old house stays one of the old house, though Ana came from there."""
    vendor, _shop = vendors
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.has({"email": "ben@example.org"})
    vendor.joins(ben, ["email"])
    new, new_app, _person, _done = other
    goes_on(new_app, new, vendor)

    with nothing_changes(new):
        refused = vendor.asserts(vendor.tokens["consent_token"])

    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")


def test_the_proof_for_a_dispute_still_holds(vendors, other, person):
    vendor, _shop = vendors
    _new, _app, here, _done = other
    here.signs_in()

    file = here.browser.get(f"/vendors/{vendor.tokens['grant_id']}/dispute")

    assert file.status_code == 200, file.text
    assert checks.verify(file.data)["receipts"] == 4


def test_a_stamp_of_the_old_house_is_still_one_of_this_ledger(vendors, other):
    new, _app, here, _done = other
    here.signs_in()
    (stamp,) = rows(new, "stamps")

    page = here.browser.post("/ledger/check", form_at="/ledger", stamp=(BytesIO(stamp["stamp"].encode()), "stamp.jwt"))

    assert (page.status_code, "and goes on from there" in page.text) == (200, True)
    assert f"You moved from {OLD_ADDRESS} to {NEW_ADDRESS}." in here.browser.get("/ledger").text


def test_the_ledger_says_so_in_german(other):
    _new, _app, here, _done = other
    here.signs_in()

    page = here.browser.get("/ledger", headers={"Accept-Language": "de"})

    assert f"Sie sind von {OLD_ADDRESS} nach {NEW_ADDRESS} umgezogen." in page.text


class Keeping(ListeningVendor):
    """Knows people by address and number, and believes only what their relationship's key signed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {}

    def keeps(self, person):
        tokens = self.redeems(self.receives(person.allows(person.opens(self.link(["email"])), only=["email"]))["code"])
        self.token = tokens.json["consent_token"]
        said = claims(self.token)
        self.people[OLD_ADDRESS, said["sub"]] = said["iss"]
        return said

    def hears(self, event):
        """docs/vendors.md: what to do with address-changed."""
        (said,) = event["events"].values()
        header = jwt.get_unverified_header(said["statement"])
        assert header["typ"] == "address-change+jwt"
        unverified = claims(said["statement"])
        did = self.people[unverified["w:from"], unverified["sub"]]
        proven = jwt.decode(
            said["statement"], public_key_of(did), ["EdDSA"], audience=self.client_id, issuer=did, options=OWN_CLOCK
        )
        self.people[proven["w:to"], proven["sub"]] = did
        return proven


def test_a_vendor_that_listens_learns_the_new_address_from_the_person(app, house, person, sqlite, tmp_path):
    vendor = Keeping(app, house, "listener")
    vendor.listens(events_requested=["urn:hausrecht:event:address-changed"])
    said = vendor.keeps(person)

    for new, new_app, here, _done in moves(house, person, sqlite, tmp_path, to=NEW_ADDRESS):
        goes_on(new_app, new, vendor)
        sets = vendor.polls()["sets"]
        (event,) = map(claims, sets.values())
        proven = vendor.hears(event)

        assert (proven["w:from"], proven["w:to"], proven["sub"]) == (OLD_ADDRESS, NEW_ADDRESS, said["sub"])
        assert vendor.people[NEW_ADDRESS, said["sub"]] == said["iss"]
        (told,) = event["events"].values()
        assert told["status"]["status_list"]["uri"].startswith(NEW_ADDRESS)
        again = vendor.asserts(vendor.token)
        assert again.status_code == 200, again.text
        assert here.log()[-2:] == ["moved", "redeemed"]
