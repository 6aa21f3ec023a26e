"""Receipts at the vendor's side: the person's own bytes, proven by digest, countersigned once and by nobody else."""

import hashlib

import jwt
import pytest
from actors import VendorActor, basic
from asserting import key
from dpop import ProvingVendor, ath
from journeys import at_once, refused, sent_back, tokens_for
from signatory import SCOPES, Signatory
from storage import nothing_changes, on_sqlite_alone, rows

ISSUER = "http://localhost"
UNSIGNED = {"verify_signature": False}


@pytest.fixture
def vendor(app, house):
    return Signatory(app, house, "stadtwerke")


@pytest.fixture
def page(person, vendor):
    return f"/vendors/{vendor.joins(person)}"


@pytest.fixture
def receipt(vendor, page):
    """The first one of what was allowed."""
    return vendor.lists().json["receipts"][0]


def changes(person, page, what, **fields):
    person.browser.post(f"{page}/{what}", form_at=page, **fields)


def test_both_copies_are_byte_equal_and_the_digest_proves_it(person, vendor, page):
    changes(person, page, "narrow", attribute="birthdate")

    listed = vendor.lists()
    assert (listed.status_code, listed.headers["Cache-Control"]) == (200, "no-store")
    assert [(one["kind"], one["number"]) for one in listed.json["receipts"]] == [("granted", 1), ("narrowed", 2)]
    for one in listed.json["receipts"]:
        fetched = vendor.fetches(one["receipt_id"])
        mine = person.browser.get(f"{page}/receipts/{one['receipt_id']}/jwt")
        assert fetched.data == mine.data == one["document"].encode()
        assert fetched.mimetype == "application/consent-receipt+jwt"
        digest = f"sha-256:{hashlib.sha256(mine.data).hexdigest()}"
        assert one["digest"] == digest
        assert vendor.checks(digest).json == {"equal": True, "receipt_id": one["receipt_id"]}
    assert vendor.checks("sha-256:" + "0" * 64).json == {"equal": False}
    assert vendor.checks("\N{SNOWMAN}").json == {"equal": False}


def test_while_paused_receipts_can_be_had(person, vendor, page):
    changes(person, page, "pause")

    assert [one["kind"] for one in vendor.lists().json["receipts"]] == ["granted", "paused"]


def test_a_countersignature_is_kept_for_the_person_and_stands_in_the_ledger(person, vendor, page, receipt, clock):
    clock.now += 60

    answer = vendor.countersigns(receipt)

    assert answer.status_code == 200, answer.text
    assert answer.json == {
        "receipt_id": receipt["receipt_id"],
        "digest": receipt["digest"],
        "countersigned_at": clock.now,
    }
    assert vendor.lists().json["receipts"][0]["countersigned_at"] == clock.now
    line = person.ledger()[-1]
    assert (line.action, line.detail["receipt"]) == ("countersigned", receipt["digest"])
    shown = person.browser.get(f"{page}/receipts/{receipt['receipt_id']}").text
    assert "countersigned this receipt on 15 January 2027" in shown
    assert "Stadtwerke countersigned the receipt of 15 January 2027." in person.browser.get("/ledger").text


def test_a_receipt_is_countersigned_once(house, vendor, receipt):
    first = vendor.countersignature(receipt["document"])
    vendor.countersigns(receipt, first)

    with nothing_changes(house):
        for again in (first, vendor.countersignature(receipt["document"])):
            assert refused(vendor.countersigns(receipt, again), "invalid_request", status=409)


def test_of_several_countersignatures_at_once_one_is_kept(app, person, vendor, receipt):
    form = {"countersignature": vendor.countersignature(receipt["document"])}
    address = f"/oauth/receipts/{receipt['receipt_id']}"

    answers = at_once(app, 4, lambda client: client.post(address, data=form, headers=vendor.bearer))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert person.log().count("countersigned") == 1


@on_sqlite_alone
@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"digest": "sha-256:" + "0" * 64}),
        ({}, {"digest": None}),
        ({}, {"digest": 1}),
        ({}, {"iss": "bookshop"}),
        ({}, {"aud": "https://another.example"}),
        ({}, {"aud": None}),
        ({}, {"iat": None}),
        ({}, {"iat": 1_800_000_031}),
        ({}, {"iat": 1_799_999_969}),
        ({}, {"iat": True}),
        ({"typ": "JWT"}, {}),
        ({"typ": None}, {}),
        ({"typ": "consent-receipt+jwt"}, {}),
        ({"kid": "another"}, {}),
    ],
    ids=str,
)
def test_what_is_not_exactly_a_countersignature_of_this_receipt_is_refused(house, vendor, receipt, header, claims):
    signature = vendor.countersignature(receipt["document"], header=header, **claims)

    with nothing_changes(house):
        assert refused(vendor.countersigns(receipt, signature), "invalid_countersignature")


@on_sqlite_alone
def test_neither_another_key_nor_a_changed_letter_nor_our_own_document_countersigns(house, vendor, receipt):
    good = vendor.countersignature(receipt["document"])
    head, payload, signature = good.split(".")
    vendor.signs_with = key("ES256", "a thief")
    forged = vendor.countersignature(receipt["document"], header={"kid": vendor.key.kid})
    unsigned = jwt.encode({"iss": "stadtwerke"}, "", algorithm="none", headers={"typ": "consent-countersignature+jwt"})
    turned = f"{head}.{payload}.{signature[:-8]}{signature[:8]}"

    with nothing_changes(house):
        for wrong in (forged, turned, unsigned, receipt["document"], "x", "a" * 20_001):
            assert refused(vendor.countersigns(receipt, wrong), "invalid_countersignature")
        bare = vendor.client.post(f"/oauth/receipts/{receipt['receipt_id']}", data={"x": "y"}, headers=vendor.bearer)
        assert refused(bare, "invalid_request")


@on_sqlite_alone
def test_another_vendor_neither_sees_nor_countersigns_and_another_grant_neither(app, house, person, vendor, receipt):
    other = Signatory(app, house, "bookshop")
    other.joins(person)
    theirs = other.lists().json["receipts"][0]

    with nothing_changes(house):
        for answer in (other.fetches(receipt["receipt_id"]), other.countersigns(receipt)):
            assert refused(answer, "invalid_request", status=404)
        assert refused(
            other.countersigns(theirs, vendor.countersignature(theirs["document"])), "invalid_countersignature"
        )
        assert other.checks(receipt["digest"]).json == {"equal": False}
        wrong = other.countersignature(receipt["document"])
        assert refused(other.countersigns(theirs, wrong), "invalid_countersignature")


@on_sqlite_alone
def test_a_token_without_the_scope_or_none_has_no_receipts(house, person, vendor, receipt):
    code = sent_back(person.browser.get(vendor.link(["email"])), vendor)["code"]
    plain = {"Authorization": f"Bearer {vendor.redeems(code).json['access_token']}"}
    for headers, status in (
        (plain, 403),
        ({"Authorization": "Bearer x"}, 401),
        ({}, 401),
    ):
        with nothing_changes(house):
            answers = [
                vendor.client.get("/oauth/receipts", headers=headers),
                vendor.client.get(f"/oauth/receipts/{receipt['receipt_id']}", headers=headers),
                vendor.client.post("/oauth/receipts/check", data={"digest": receipt["digest"]}, headers=headers),
                vendor.client.post(
                    f"/oauth/receipts/{receipt['receipt_id']}", data={"countersignature": "x"}, headers=headers
                ),
            ]
        assert [answer.status_code for answer in answers] == [status] * 4
        assert all("WWW-Authenticate" in answer.headers for answer in answers)


def test_after_the_end_a_vendor_that_proves_itself_still_gets_and_countersigns_its_receipts(
    person, vendor, page, house
):
    changes(person, page, "revoke")
    grant_id = vendor.tokens["grant_id"]
    assert vendor.lists().status_code == 401

    listed = vendor.post("/oauth/receipts", {"grant_id": grant_id})

    assert [one["kind"] for one in listed.json["receipts"]] == ["granted", "revoked"]
    last = listed.json["receipts"][-1]
    assert jwt.decode(last["document"], options=UNSIGNED)["event"] == {"kind": "revoked"}
    form = {"grant_id": grant_id, "digest": last["digest"]}
    assert vendor.post("/oauth/receipts/check", form).json["equal"]
    assert vendor.countersigns(last, grant_id=grant_id).status_code == 200
    assert person.log()[-1] == "countersigned"


@on_sqlite_alone
def test_nobody_but_its_vendor_gets_the_receipts_of_a_grant_by_its_name(app, house, person, vendor, page):
    other = Signatory(app, house, "bookshop")
    grant_id = vendor.tokens["grant_id"]
    wrong = {"Authorization": basic("stadtwerke", "a wrong secret")}
    public_one = VendorActor(app, house, "app", token_endpoint_auth_method="none")

    with nothing_changes(house):
        for named in (grant_id, "x", grant_id[:-4] + "AAAA"):
            assert refused(other.post("/oauth/receipts", {"grant_id": named}), "invalid_grant_id")
        assert refused(vendor.post("/oauth/receipts", {"grant_id": "x"}), "invalid_grant_id")
        answer = vendor.post("/oauth/receipts", {"grant_id": grant_id}, headers=wrong)
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
        answer = public_one.post("/oauth/receipts", {"grant_id": grant_id})
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


@on_sqlite_alone
def test_keys_behind_an_address_are_fetched_and_where_they_can_not_be_nothing_is_kept(app, house, person):
    away = Signatory(app, house, "away", jwks=None, jwks_uri="https://127.0.0.1:1/keys")
    away.joins(person)
    receipt = away.lists().json["receipts"][0]

    with nothing_changes(house):
        assert refused(away.countersigns(receipt), "invalid_countersignature")


@on_sqlite_alone
def test_a_bound_token_wants_its_proof_here_too(app, house, person):
    vendor = ProvingVendor(app, house, "prover", scope=SCOPES)
    made = tokens_for(person, vendor, ["email"], scope=SCOPES)
    token = made["access_token"]
    proof = vendor.proof("GET", "/oauth/receipts", ath=ath(token))

    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    assert vendor.client.get("/oauth/receipts", headers=headers).status_code == 200
    with nothing_changes(house):
        assert vendor.client.get("/oauth/receipts", headers=headers).status_code == 401
        assert vendor.client.get("/oauth/receipts", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_what_the_person_keeps_of_it_verifies_with_the_vendors_key_alone(person, vendor, page, receipt, house):
    vendor.countersigns(receipt)

    signature = jwt.decode(
        kept(house)["countersignature"],
        jwt.PyJWK({**kept(house)["countersigner"], "alg": "ES256"}).key,
        algorithms=["ES256"],
        audience=ISSUER,
        issuer="stadtwerke",
        options={"verify_iat": False},
    )

    assert signature["digest"] == receipt["digest"]
    assert "d" not in kept(house)["countersigner"]


def kept(house):
    return rows(house, "receipts")[0]
