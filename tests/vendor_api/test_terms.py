"""A person's own terms towards a vendor: agreed within the ask or by a call, and held at every redeem and read."""

import hashlib
import json
from contextlib import contextmanager

import jwt
import pytest
from actors import VendorActor
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey
from journeys import refused, sent_back, tokens_for
from jwt.algorithms import ECAlgorithm
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from consent.terms import standing
from consent.terms.negotiations import LIFETIME
from keys.did import public_key_of

TYPE = "urn:hausrecht:consent"
KEY = ec.generate_private_key(ec.SECP256R1())
JWKS = {"keys": [ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k1", "alg": "ES256"}]}


@pytest.fixture
def wants(house, person):
    """The person's standing terms, the dearest first."""

    def wants(*agreements, applies="conditionally", kind="every"):
        ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
        house.database.write(standing.put, kind, **ids, applies=applies, agreements=agreements)

    return wants


@pytest.fixture
def known(app, house):
    """A vendor that accepts these agreements beforehand."""

    def known(*accepts, name="stadtwerke", **more):
        stated = {"myterms": list(accepts)} if accepts else {}
        return VendorActor(app, house, name, authorization_details_types=[TYPE], jwks=JWKS, **stated, **more)

    return known


def asks(*wishes):
    """Details: (attribute, DPV purpose) or (attribute, DPV purpose, needed)."""
    details = [
        {"type": TYPE, "attributes": [name], "essential": bool(needed)} | ({"purpose_type": purpose} if purpose else {})
        for name, purpose, *needed in wishes
    ]
    return {"authorization_details": json.dumps(details)}


def claims_of(consent_token):
    return jwt.decode(consent_token, options={"verify_signature": False})


class Round:
    """The vendor's side of a negotiation, by its access token."""

    def __init__(self, vendor, tokens):
        self.vendor, self.path = vendor, f"/oauth/agreements/{tokens['grant_id']}"
        self.headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    def looks(self):
        return self.vendor.client.get(self.path, headers=self.headers)

    def says(self, action, **form):
        return self.vendor.post(self.path, {"action": action, **form}, headers=self.headers)


def test_the_first_of_the_persons_terms_that_the_vendor_accepts_is_agreed_within_the_ask(person, wants, known, house):
    wants("SD-BASE", "SD-BASE-A-DP", "SD-BASE-A")
    vendor = known("SD-BASE-ATP", "SD-BASE-A", "https://w3id.org/dpv/standards/p7012#SD-BY-A-DP")

    page = person.opens(vendor.link(["email"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json

    assert "Under your terms: Service and statistics, and to take along." in words(page)
    told = Round(vendor, tokens).looks().json
    assert told["negotiation"]["state"] == "accepted"
    assert [one["id"] for one in told["negotiation"]["proposed"]] == ["SD-BASE", "SD-BASE-A-DP", "SD-BASE-A"]
    assert json.loads(told["agreement"]["document"])["agreement"]["id"].endswith("#SD-BASE-A-DP")
    assert person.ledger()[1].detail["agreement"] == "SD-BASE-A-DP"
    assert "Agreed terms: Service and statistics, and to take along." in words(person.browser.get("/ledger"))
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"


def test_anybody_can_verify_an_agreement_with_nothing_but_the_documents(person, wants, known):
    wants("SD-BASE")
    vendor = known("SD-BASE")
    tokens = tokens_for(person, vendor)
    told = Round(vendor, tokens).looks().json["agreement"]

    document = json.loads(told["document"])
    header = jwt.get_unverified_header(told["person_signature"])
    signed = jwt.decode(told["person_signature"], public_key_of(document["firstParty"]), algorithms=["EdDSA"])

    claims = claims_of(tokens["consent_token"])
    roster = vendor.client.get("/.well-known/myterms.json").json
    [listed] = [one for one in roster["agreements"] if one["id"] == "SD-BASE"]
    text = vendor.client.get(listed["url"].removeprefix("http://localhost")).data
    assert signed == document
    assert header["typ"] == "agreement+jwt"
    assert f"sha-256:{hashlib.sha256(told['document'].encode()).hexdigest()}" == told["digest"]
    assert claims["w:agreement"]["digest"] == told["digest"]
    assert claims["iss"] == document["firstParty"]
    assert f"sha-256:{hashlib.sha256(text).hexdigest()}" == listed["digest"] == document["agreement"]["digest"]


@on_sqlite_alone
def test_nothing_in_an_agreement_links_two_relationships(person, wants, known, house):
    wants("SD-BASE")
    first, second = (known("SD-BASE", name=name) for name in ("stadtwerke", "bookshop"))

    told = [Round(vendor, tokens_for(person, vendor)).looks().json["agreement"] for vendor in (first, second)]

    one, other = (json.loads(each["document"]) for each in told)
    alike = {name for name in one if one[name] == other[name]}
    assert alike == {"@type", "agreement", "agreedAt", "until", "acceptedBy", "issuer"}
    assert one["agreement"] == other["agreement"]
    assert person.person.person_id not in str(told)


def test_what_an_agreement_prohibits_is_not_given_at_the_ask(person, wants, known):
    wants("SD-BASE")
    vendor = known("SD-BASE")
    link = vendor.link(**asks(("email", "dpv:PaymentManagement"), ("birthdate", "dpv:Personalisation")))

    page = person.opens(link)
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email", "birthdate"]))["code"]).json

    assert "Kept back by your terms" in words(page)
    assert 'value="birthdate"' not in page.text
    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub", "email", "email_verified"}
    assert person.ledger()[1].detail["refused"] == ["birthdate"]
    assert "code" in sent_back(person.browser.get(vendor.link(**asks(("email", "dpv:PaymentManagement")))), vendor)


@on_sqlite_alone
def test_who_needs_what_the_terms_prohibit_can_only_be_refused(person, wants, known, house):
    wants("SD-BASE")
    vendor = known("SD-BASE")

    page = person.opens(vendor.link(**asks(("email", "dpv:Personalisation", True))))
    with nothing_changes(house):
        answer = person.allows(page)

    assert 'value="allow"' not in page.text
    assert answer.status_code == 400
    assert "Your terms do not allow this" in words(answer)
    assert vendor.receives(person.refuses(page))["error"] == "access_denied"


def test_where_nothing_is_agreed_the_person_decides_and_the_terms_stay_proposed(person, wants, known):
    wants("SD-BASE")
    vendor = known()

    page = person.opens(vendor.link(["email"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json

    assert "Stadtwerke accepts none of your terms." in words(page)
    told = Round(vendor, tokens).looks().json
    assert told["negotiation"]["state"] == "pending"
    assert "agreement" not in told
    assert "w:agreement" not in claims_of(tokens["consent_token"])
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"


@on_sqlite_alone
def test_who_wants_their_terms_or_nothing_can_only_refuse_a_vendor_that_accepts_none(person, wants, known, house):
    wants("SD-BASE", applies="always")
    vendor = known("SD-BASE-ATP")

    page = person.opens(vendor.link(["email"]))
    with nothing_changes(house):
        forged = person.allows(page, only=["email"])
    answer = vendor.receives(person.refuses(page))

    assert 'value="allow"' not in page.text
    assert "counter_offer" not in page.text
    assert forged.status_code == 400
    assert answer["error"] == "access_denied"
    assert [(row["state"], row["grant_id"]) for row in rows(house, "negotiations")] == [("refused", None)]
    assert "Stadtwerke was refused: it accepts none of your terms." in words(person.browser.get("/ledger"))


def test_who_wants_not_even_to_be_asked_is_not(person, wants, known, house):
    wants("SD-BASE", applies="never", kind="advertising")
    person.signs_in()
    agency, shop = known("SD-BASE-ATP", vendor_kind="advertising"), known(name="shop", vendor_kind="shop")

    turned_away = agency.receives(person.browser.follow(agency.link(["email"])))
    page = person.opens(shop.link(["email"]))

    assert turned_away["error"] == "access_denied"
    assert rows(house, "grants") == []
    assert [row["state"] for row in rows(house, "negotiations")] == ["refused"]
    assert page.status_code == 200
    assert "your terms" not in words(page)


def test_a_vendors_counter_offer_counts_once_the_person_has_confirmed_it(person, wants, known):
    wants("SD-BASE")
    vendor = known("SD-BASE-A", "SD-BASE-ATP")
    page = person.opens(vendor.link(["email"]))
    assert "Agree on: Service and statistics" in words(page)
    form = {"answer": "allow", "attribute": "email", "counter_offer": "SD-BASE-A", "agreement": ""}
    until = "2027-02-01"

    sent = person.browser.post(page.request.path, until=until, **form)
    tokens = vendor.redeems(vendor.receives(person.browser.follow(sent.location))["code"]).json

    told = Round(vendor, tokens).looks().json
    assert told["negotiation"]["state"] == "accepted"
    assert told["negotiation"]["counter_offer"] == "SD-BASE-A"
    assert json.loads(told["agreement"]["document"])["agreement"]["id"].endswith("#SD-BASE-A")


@on_sqlite_alone
def test_an_offer_the_vendor_did_not_make_can_not_be_confirmed(person, wants, known):
    wants("SD-BASE")
    vendor = known("SD-BASE-A")
    page = person.opens(vendor.link(["email"]))
    form = {"answer": "allow", "attribute": "email", "counter_offer": "SD-BASE-ATP-S3P", "until": "2027-02-01"}

    sent = person.browser.post(page.request.path, **form)
    tokens = vendor.redeems(vendor.receives(person.browser.follow(sent.location))["code"]).json

    assert "agreement" not in Round(vendor, tokens).looks().json


@on_sqlite_alone
def test_what_the_person_was_shown_is_what_is_agreed_or_nothing_is(person, wants, known, house):
    wants("SD-BASE")
    vendor = known("SD-BASE", "SD-BASE-A")
    page = person.opens(vendor.link(["email"]))
    wants("SD-BASE-A")

    with nothing_changes(house):
        answer = person.allows(page, only=["email"])

    assert answer.status_code == 400
    assert "Please look again" in words(answer)


def do(person, tokens, what):
    path = f"/vendors/{tokens['grant_id']}"
    return person.browser.follow(person.browser.post(f"{path}/agreement", form_at=path, do=what).location)


@pytest.mark.parametrize("what", ["end", "violated"])
def test_once_the_agreement_is_over_nothing_is_read_or_redeemed_until_the_person_answers_anew(
    person, wants, known, what
):
    wants("SD-BASE")
    vendor = known("SD-BASE")
    tokens = tokens_for(person, vendor)
    code = vendor.receives(person.opens(vendor.link(["email"])))["code"]

    page = do(person, tokens, what)

    assert "Nothing leaves until it has asked you again." in words(page)
    assert refused(vendor.reads(tokens["access_token"]), "terms_ended", status=403)
    assert refused(vendor.redeems(code), "invalid_grant")
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")
    assert refused(vendor.asserts(tokens["consent_token"]), "invalid_grant")
    again = person.opens(vendor.link(["email"]))
    assert "Under your terms: Service only." in words(again)
    renewed = vendor.redeems(vendor.receives(person.allows(again, only=["email"]))["code"]).json
    assert vendor.reads(renewed["access_token"]).json["email"] == "ana@example.org"


def test_ending_the_agreement_leaves_the_consent_and_a_second_time_changes_nothing(person, wants, known, house):
    wants("SD-BASE")
    vendor = known("SD-BASE")
    tokens = tokens_for(person, vendor)
    do(person, tokens, "end")

    with nothing_changes(house):
        do(person, tokens, "end")

    [grant], [contract] = rows(house, "grants"), rows(house, "agreements")
    assert grant["ended_at"] is None
    assert contract["over"] == "ended"
    assert Round(vendor, tokens).looks().json["agreement"]["status"] == "https://w3id.org/dpv#ContractTerminated"
    assert "You ended the agreement with Stadtwerke: Service only." in words(person.browser.get("/ledger"))


def test_an_agreement_that_has_run_out_lets_nothing_through(person, wants, known, house, clock):
    wants("SD-BASE")
    vendor = known("SD-BASE")
    tokens_for(person, vendor)
    clock.now += 300 * 24 * 3600
    person.opens(vendor.link(["birthdate"]))
    later = tokens_for(person, vendor, ["email", "birthdate"])
    clock.now += 66 * 24 * 3600 - 1
    fresh = vendor.refreshes(later["refresh_token"]).json

    assert vendor.reads(fresh["access_token"]).json["email"] == "ana@example.org"
    clock.now += 1
    assert refused(vendor.reads(fresh["access_token"]), "terms_ended", status=403)
    assert refused(vendor.refreshes(fresh["refresh_token"]), "invalid_grant")


def test_what_is_prohibited_under_an_agreement_made_later_is_withheld_from_the_next_read(person, wants, known):
    wants("SD-BASE")
    vendor = known()
    link = vendor.link(**asks(("email", "dpv:PaymentManagement"), ("birthdate", "dpv:Personalisation")))
    page = person.opens(link)
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email", "birthdate"]))["code"]).json
    before = vendor.reads(tokens["access_token"]).json

    told = Round(vendor, tokens).says("accept", agreement="https://w3id.org/dpv/standards/ieee/7012#SD-BASE")

    after = vendor.reads(tokens["access_token"]).json
    assert before["birthdate"] == "1990-12-24"
    assert told.json["negotiation"]["state"] == "accepted"
    assert "birthdate" not in after
    assert after["withheld"] == {"birthdate": {"error": "terms_prohibit"}}
    assert after["email"] == "ana@example.org"
    assert "Your terms kept back: Date of birth." in words(person.browser.get("/ledger"))
    assert refused(vendor.asserts(tokens["consent_token"]), "invalid_grant")
    renewed = vendor.refreshes(tokens["refresh_token"]).json
    assert claims_of(renewed["consent_token"])["w:agreement"]["digest"] == told.json["agreement"]["digest"]


@contextmanager
def pending(person, wants, known):
    wants("SD-BASE", "SD-BASE-DP")
    vendor = known()
    yield Round(vendor, tokens := tokens_for(person, vendor)), tokens


def test_a_counter_offer_by_call_waits_for_the_person(person, wants, known):
    with pending(person, wants, known) as (vendor, tokens):
        told = vendor.says("counter_offer", agreement="SD-BASE-AT").json
        assert told["negotiation"]["state"] == "counter_offer"
        assert "agreement" not in told

        page = do(person, tokens, "confirm")

        told = vendor.looks().json
        assert "Service, statistics and tracking" in words(page)
        assert told["negotiation"]["state"] == "accepted"
        assert json.loads(told["agreement"]["document"])["agreement"]["id"].endswith("#SD-BASE-AT")


@on_sqlite_alone
def test_a_counter_offer_that_the_person_does_not_take_changes_nothing_of_what_is_read(person, wants, known):
    with pending(person, wants, known) as (vendor, tokens):
        vendor.says("counter_offer", agreement="SD-BASE-AT")

        do(person, tokens, "reject")

        assert vendor.looks().json["negotiation"]["state"] == "refused"
        assert vendor.vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"
        assert refused(vendor.says("accept", agreement="SD-BASE"), "negotiation_over", status=409)


@on_sqlite_alone
@pytest.mark.parametrize(
    ("action", "form", "error", "status"),
    [
        ("accept", {"agreement": "SD-BASE-ATP"}, "invalid_agreement", 400),
        ("accept", {"agreement": "my own"}, "invalid_agreement", 400),
        ("accept", {}, "invalid_agreement", 400),
        ("counter_offer", {"agreement": "SD-BASE"}, "invalid_agreement", 400),
        ("counter_offer", {"agreement": "TPR"}, "invalid_agreement", 400),
        ("confirm", {}, "invalid_agreement", 400),
        ("sign", {"signature": "a.b.c"}, "invalid_agreement", 400),
        ("", {}, "invalid_agreement", 400),
    ],
)
def test_an_answer_that_does_not_fit_changes_nothing(person, wants, known, house, action, form, error, status):
    with pending(person, wants, known) as (vendor, _tokens), nothing_changes(house):
        assert refused(vendor.says(action, **form), error, status=status)


@on_sqlite_alone
@pytest.mark.parametrize("first", [("decline", {}), ("accept", {"agreement": "SD-BASE"})], ids=["declined", "accepted"])
@pytest.mark.parametrize(
    "then", [("accept", {"agreement": "SD-BASE-DP"}), ("counter_offer", {"agreement": "SD-BASE-A"}), ("decline", {})]
)
def test_one_round_is_one_round(person, wants, known, house, first, then):
    with pending(person, wants, known) as (vendor, _tokens):
        action, form = first
        assert vendor.says(action, **form).status_code == 200

        action, form = then
        with nothing_changes(house):
            assert refused(vendor.says(action, **form), "negotiation_over", status=409)


def test_nobody_answers_after_two_weeks(person, wants, known, house, clock):
    with pending(person, wants, known) as (vendor, tokens):
        clock.now += LIFETIME
        renewed = vendor.vendor.refreshes(tokens["refresh_token"]).json
        late = Round(vendor.vendor, renewed)

        with nothing_changes(house):
            assert refused(late.says("accept", agreement="SD-BASE"), "negotiation_over", status=409)
            assert late.looks().json["negotiation"]["state"] == "expired"


def test_a_vendor_signs_the_very_document_with_its_own_key_once(person, wants, known, house):
    wants("SD-BASE")
    vendor = known("SD-BASE")
    side = Round(vendor, tokens_for(person, vendor))
    document = json.loads(side.looks().json["agreement"]["document"])
    head = {"typ": "agreement+jwt", "kid": "k1"}
    good = jwt.encode(document, KEY, algorithm="ES256", headers=head)
    forged = jwt.encode(document, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers=head)
    softer = jwt.encode({**document, "until": 1}, KEY, algorithm="ES256", headers=head)
    other = jwt.encode(document, KEY, algorithm="ES256", headers={"typ": "JWT", "kid": "k1"})

    with nothing_changes(house):
        for bad in (forged, softer, other):
            assert refused(side.says("sign", signature=bad), "invalid_agreement")
    told = side.says("sign", signature=good).json["agreement"]

    assert told["status"] == "https://w3id.org/dpv#ContractFullySigned"
    assert told["vendor_signature"] == good
    with nothing_changes(house):
        assert refused(side.says("sign", signature=good), "invalid_agreement")


@on_sqlite_alone
def test_a_document_that_two_readers_read_differently_is_not_signed(person, wants, known, house):
    wants("SD-BASE")
    vendor = known("SD-BASE")
    side = Round(vendor, tokens_for(person, vendor))
    document = side.looks().json["agreement"]["document"]
    by = ECKey.import_key(json.loads(ECAlgorithm.to_jwk(KEY)))
    head = {"alg": "ES256", "kid": "k1", "typ": "agreement+jwt"}
    twice = f'{{"until":1,{document[1:]}'

    with nothing_changes(house):
        for body in (twice, f'{{"until":{"9" * 25}}}', f'{document[:-1]},"x":{"[" * 200}{"]" * 200}}}'):
            assert refused(side.says("sign", signature=jws.serialize_compact(head, body, by)), "invalid_agreement")


@on_sqlite_alone
def test_only_the_vendor_of_the_grant_sees_and_answers_its_negotiation(person, wants, known, house):
    with pending(person, wants, known) as (vendor, _tokens):
        other = known(name="bookshop")
        mine = Round(other, tokens_for(person, other))
        mine.path = vendor.path

        with nothing_changes(house):
            assert refused(mine.looks(), "invalid_request", status=404)
            assert refused(mine.says("accept", agreement="SD-BASE"), "invalid_request", status=404)
            vendor.headers = {}
            assert vendor.looks().status_code == 401


def test_who_has_no_terms_has_no_agreement_and_no_negotiation(person, known, house):
    vendor = known("SD-BASE")
    tokens = tokens_for(person, vendor)

    assert rows(house, "agreements") == rows(house, "negotiations") == []
    assert Round(vendor, tokens).looks().json == {"grant_id": tokens["grant_id"]}


EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@pytest.fixture
def handed_on(person, wants, known):
    """An agreement, a vendor's tokens under it, and one that it handed to its processor."""
    wants("SD-BASE-A")
    vendor = known("SD-BASE-A", recipients=["printer"], grant_types=["authorization_code", "refresh_token", EXCHANGE])
    page = person.opens(
        vendor.link(**asks(("email", "dpv:PaymentManagement"), ("birthdate", "dpv:OptimisationForConsumer")))
    )
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email", "birthdate"]))["code"]).json
    form = {"subject_token": tokens["access_token"], "audience": "printer"}
    form["subject_token_type"] = "urn:ietf:params:oauth:token-type:access_token"
    narrower = vendor.post("/oauth/token", {"grant_type": EXCHANGE, **form}).json
    return vendor, tokens, narrower | {"grant_id": tokens["grant_id"]}


@on_sqlite_alone
def test_a_processor_reads_what_serves_the_service_and_no_more(handed_on):
    vendor, tokens, narrower = handed_on

    assert vendor.reads(tokens["access_token"]).json.keys() >= {"email", "birthdate"}
    read = vendor.reads(narrower["access_token"]).json
    assert read["email"] == "ana@example.org"
    assert read["withheld"] == {"birthdate": {"error": "terms_prohibit"}}


@on_sqlite_alone
def test_a_processor_does_not_speak_for_the_vendor(handed_on, house):
    vendor, _tokens, narrower = handed_on

    with nothing_changes(house):
        assert refused(Round(vendor, narrower).looks(), "invalid_request", status=404)
        assert refused(Round(vendor, narrower).says("decline"), "invalid_request", status=404)
