"""The consent token: anybody can check it with general tools, it says all a consent record has to say, and no value."""

import base64
import hashlib
import json
from dataclasses import replace

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from judging import IRIS, NAMESPACES, key_of, walk

from consent import token
from consent.errors import BadConsentToken
from consent.purposes import PURPOSES
from consent.vocabulary import KINDS, UNKNOWN
from keys.relationship import relationship_key
from wallet.data.catalogue import CATALOGUE

ISSUER = "https://wallet.example"
DAY = 24 * 3600
# ISO/IEC TS 27560: what is mandatory in a consent record, and where it stands in ours.
MANDATORY = {
    "schema version": ("dct:conformsTo",),
    "record id": ("dct:identifier",),
    "PII principal id": ("dpv:hasDataSubject",),
    "privacy notice": ("dpv:hasNotice", "@id"),
    "language": ("dpv:hasNotice", "dct:language"),
    "purpose": ("dpv:hasProcess", 0, "dpv:hasPurpose", "w:text"),
    "PII information": ("dpv:hasProcess", 0, "dpv:hasPersonalData"),
    "PII controllers": ("dpv:hasProcess", 0, "dpv:hasDataController"),
    "storage locations": ("dpv:hasProcess", 0, "dpv:hasStorageCondition", "dpv:hasLocation"),
    "retention period": ("dpv:hasProcess", 0, "dpv:hasStorageCondition", "dpv:hasDuration"),
    "jurisdiction": ("dpv:hasProcess", 0, "dpv:hasJurisdiction"),
    "withdrawal method": ("dpv:hasProcess", 0, "dpv:hasConsentControl", "dpv:isExercisedAt"),
    "PII type": ("dpv:hasProcess", 0, "dpv:hasPersonalData", 0, "@id"),
    "party id": ("dpv:hasProcess", 0, "dpv:hasDataController", "@id"),
    "party address": ("dpv:hasProcess", 0, "dpv:hasDataController", "dpv:hasAddress"),
    "party name": ("dpv:hasProcess", 0, "dpv:hasDataController", "dpv:hasName"),
    "party contact": ("dpv:hasProcess", 0, "dpv:hasDataController", "dpv:hasContact"),
    "party type": ("dpv:hasProcess", 0, "dpv:hasDataController", "w:type"),
    "event time": ("dpv:hasConsentStatus", 0, "dpv:isIndicatedAtTime"),
    "validity duration": ("dpv:hasConsentStatus", 0, "dpv:hasDuration"),
    "entity id": ("dpv:hasConsentStatus", 0, "dpv:isIndicatedBy"),
    "event type": ("dpv:hasConsentStatus", 0, "@type"),
    "event state": ("dpv:hasConsentStatus", 0, "@type"),
}


SELECTED = """
    AccountManagement AgeVerification CommunicationForCustomerCare CustomerOrderManagement CustomerSolvencyMonitoring
    DeliveryOfGoods DirectMarketing EnforceSecurity FraudPreventionAndDetection FulfilmentOfContractualObligation
    IdentityAuthentication IdentityVerification ImproveExistingProductsAndServices LegalCompliance Marketing
    OptimisationForConsumer PaymentManagement PersonalisedAdvertising Personalisation ProvidePersonalisedRecommendations
    RequestedServiceProvision ScientificResearch SellDataToThirdParties SellInsightsFromData ServiceProvision
    ServiceRegistration ServiceUsageAnalytics TargetedAdvertising
"""


def test_every_kind_of_purpose_is_one_of_the_vocabulary():
    assert {term.removeprefix("dpv:") for term in PURPOSES} == set(SELECTED.split())
    assert all(purpose.uri == f"https://w3id.org/dpv#{term[4:]}" for term, purpose in PURPOSES.items())


def verified(consent_token: str, audience: str, *, at: int) -> dict:
    """What a vendor, or a judge, does with PyJWT, cryptography and the token; the clock is the verifier's own."""
    header = jwt.get_unverified_header(consent_token)
    assert header["typ"] == "consent+jwt"
    did, _, fragment = header["kid"].partition("#")
    assert fragment == did.removeprefix("did:key:")
    own_clock = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp", "iat", "nbf"]}
    claims = jwt.decode(
        consent_token, key_of(did), algorithms=["EdDSA"], audience=audience, issuer=did, options=own_clock
    )
    assert max(claims["iat"], claims["nbf"]) <= at < claims["exp"]
    return claims


def record_of(grant, *, at):
    return verified(grant.consent_token, "stadtwerke", at=at)["consent"]


@pytest.fixture
def grant(ana_answers):
    ask = ana_answers.is_asked("email", "birthdate", "pets.cat_name", needing=["given_name"])
    return ana_answers.grants(ask, {"given_name", "email", "pets.cat_name"})


def test_anybody_can_verify_it_with_nothing_but_the_token(grant, clock):
    claims = verified(grant.consent_token, "stadtwerke", at=clock.now)

    assert claims["sub"] == grant.sub
    assert claims["grant_id"] == grant.grant_id
    assert claims["jti"] == f"urn:uuid:{grant.consent_token_id}"
    assert claims["aud"] == ["stadtwerke", ISSUER]
    assert (claims["iat"], claims["exp"]) == (clock.now, grant.expires_at)
    assert verified(grant.consent_token, ISSUER, at=clock.now) == claims


def test_its_subject_is_the_thumbprint_of_the_key_that_signed(grant):
    """RFC 7638 and RFC 8037: so the pairwise sub proves itself."""

    def b64(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    did = jwt.decode(grant.consent_token, options={"verify_signature": False})["iss"]
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": b64(key_of(did).public_bytes_raw())}
    canonical = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    assert b64(hashlib.sha256(canonical).digest()) == grant.sub


def test_a_single_changed_letter_breaks_the_signature(grant, clock):
    head, body, signature = grant.consent_token.split(".")
    changed = body[:40] + ("A" if body[40] != "A" else "B") + body[41:]

    with pytest.raises((jwt.InvalidSignatureError, jwt.DecodeError, InvalidSignature)):
        verified(f"{head}.{changed}.{signature}", "stadtwerke", at=clock.now)


def test_all_that_a_consent_record_must_say_is_said(grant, clock):
    record = record_of(grant, at=clock.now)

    for what, path in MANDATORY.items():
        found = record
        for step in path:
            found = found[step]
        assert found, what
    assert "dpv:hasRecipient" in record["dpv:hasProcess"][0]
    assert record["dpv:hasProcess"][0]["dpv:hasRecipient"] == ["Druckerei"]
    assert record["dct:conformsTo"] == ["https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"]


def test_a_vendor_that_says_little_of_itself_still_gets_a_complete_record(ana_answers, clock):
    ask = ana_answers.is_asked("email")
    silent = dict.fromkeys(("policy_uri", "contact", "address", "jurisdiction", "storage_location", "retention"), None)
    ask = replace(ask, party=replace(ask.party, **silent, recipients=()))

    record = record_of(ana_answers.grants(ask, {"email"}), at=clock.now)

    for what, path in MANDATORY.items():
        found = record
        for step in path:
            found = found[step]
        assert found, what
    assert record["dpv:hasNotice"]["@id"] == "w:NotStated"
    assert record["dpv:hasProcess"][0]["dpv:hasRecipient"] == []


def test_an_answer_that_allows_nothing_is_a_record_without_a_process(ana_answers, clock):
    record = record_of(ana_answers.grants(ana_answers.is_asked("email"), set()), at=clock.now)

    assert record["dpv:hasProcess"] == []


def test_every_word_of_the_privacy_vocabulary_exists_in_it(grant, clock):
    used = {word for word in walk(record_of(grant, at=clock.now)) if word.partition(":")[0] in NAMESPACES}

    assert used - IRIS.keys() == set()
    assert {*KINDS.values(), UNKNOWN} - IRIS.keys() == set()
    assert {word for word in IRIS if word not in used and word not in KINDS.values()} <= {UNKNOWN, "dpv:Optional"}


def test_every_attribute_with_a_kind_is_one_that_people_have():
    assert KINDS.keys() <= CATALOGUE.keys()


def test_each_attribute_is_named_with_its_kind_its_purpose_and_whether_it_was_needed(grant, clock):
    processes = {
        process["dpv:hasPurpose"]["w:text"]: {
            datum["dct:identifier"]: (datum["@id"], datum["dpv:hasNecessity"])
            for datum in process["dpv:hasPersonalData"]
        }
        for process in record_of(grant, at=clock.now)["dpv:hasProcess"]
    }

    assert processes == {
        "To send your bill": {"email": ("pd:EmailAddress", "dpv:Optional")},
        "w:NotStated": {
            "given_name": ("pd:Name", "dpv:Required"),
            "pets.cat_name": ("dpv:PersonalData", "dpv:Optional"),
        },
    }


def test_what_was_refused_is_not_in_it(grant, clock):
    assert "birthdate" not in list(walk(record_of(grant, at=clock.now)))


def test_it_carries_the_names_of_attributes_and_never_a_value(person, vendor):
    page = person.opens(vendor.link(asking=["email", "birthdate", "phone_number", "address"], needing=["given_name"]))
    answer = vendor.receives(person.allows(page, only=["email", "birthdate", "phone_number", "address.locality"]))
    consent_token = vendor.redeems(answer["code"]).json["consent_token"]

    claims = json.dumps(jwt.decode(consent_token, options={"verify_signature": False}), ensure_ascii=False)
    values = ["Ana", "Müller", "ana@example.org", "1990-12-24", "301234567", "Lindenweg", "10115", "Berlin"]

    assert "address.locality" in claims
    assert [value for value in values if value in claims] == []
    assert person.person.person_id not in claims
    assert person.person.persona_id not in claims
    assert person.person.login not in claims


def test_two_vendors_hold_nothing_in_common_that_could_link_them(ana_answers, clock):
    one = ana_answers.is_asked("email")
    shop = replace(one.party, client_id="bookshop", name="Bookshop", host="books.example", sector="books.example")
    ids = []
    for ask in (one, ana_answers.is_asked("email", party=shop)):
        grant = ana_answers.grants(ask, {"email"})
        claims = verified(grant.consent_token, ask.party.client_id, at=clock.now)
        ids.append(
            {claims["iss"], claims["sub"], claims["jti"], claims["grant_id"], claims["consent"]["dct:identifier"]}
        )

    assert ids[0] & ids[1] == set()


def test_a_second_answer_is_signed_as_a_whole_with_what_was_granted_before(ana_answers, clock):
    first = ana_answers.grants(ana_answers.is_asked("email", "birthdate"), {"email", "birthdate"})
    clock.now += DAY

    second = ana_answers.grants(ana_answers.is_asked("birthdate", "phone_number"), {"phone_number"})

    claims = verified(second.consent_token, "stadtwerke", at=clock.now)
    named = {
        process["dpv:hasPurpose"]["w:text"]: [datum["dct:identifier"] for datum in process["dpv:hasPersonalData"]]
        for process in claims["consent"]["dpv:hasProcess"]
    }
    assert named == {"To send your bill": ["email", "phone_number"]}
    assert (claims["iat"], claims["exp"]) == (clock.now, second.expires_at)
    before = jwt.decode(first.consent_token, options={"verify_signature": False})
    assert (claims["grant_id"], claims["iss"], claims["sub"]) == (before["grant_id"], before["iss"], before["sub"])
    assert claims["jti"] != before["jti"]


def test_it_states_when_it_was_given_and_for_how_long(ana_answers, clock):
    clock.now = 1_800_000_000
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"}, until=clock.now + 7 * DAY)

    status = record_of(grant, at=clock.now)["dpv:hasConsentStatus"][0]

    assert status["dpv:isIndicatedAtTime"] == "2027-01-15T08:00:00Z"
    assert status["dpv:hasDuration"] == f"PT{7 * DAY}S"


def test_it_is_good_until_its_last_second(grant):
    ids = {"client_id": "stadtwerke", "issuer": ISSUER}

    assert token.verify(grant.consent_token, **ids, now=grant.granted_at)["grant_id"] == grant.grant_id
    assert token.verify(grant.consent_token, **ids, now=grant.expires_at - 1)["grant_id"] == grant.grant_id
    for now in (grant.expires_at, grant.expires_at + DAY):
        with pytest.raises(BadConsentToken, match="expired"):
            token.verify(grant.consent_token, **ids, now=now)
    with pytest.raises(BadConsentToken, match="not valid yet"):
        token.verify(grant.consent_token, **ids, now=grant.granted_at - 1)


def test_it_is_good_for_its_vendor_and_its_wallet_only(grant, clock):
    with pytest.raises(BadConsentToken, match="another vendor"):
        token.verify(grant.consent_token, client_id="bookshop", issuer=ISSUER, now=clock.now)
    with pytest.raises(BadConsentToken):
        token.verify(grant.consent_token, client_id="stadtwerke", issuer="https://other.example", now=clock.now)


def forged(grant, *, key=None, header=(), without=(), **claims):
    """The token with something else in it, signed anew by somebody's key."""
    before = jwt.decode(grant.consent_token, options={"verify_signature": False})
    after = {name: value for name, value in {**before, **claims}.items() if name not in without}
    given = {**jwt.get_unverified_header(grant.consent_token), **dict(header)}
    return jwt.encode(after, key or Ed25519PrivateKey.generate(), algorithm=given.pop("alg"), headers=given)


def test_what_is_not_exactly_a_consent_token_of_this_wallet_is_refused(grant, clock):
    public_key = key_of(jwt.decode(grant.consent_token, options={"verify_signature": False})["iss"]).public_bytes_raw()
    head, body, _ = grant.consent_token.split(".")
    strangers = {
        "signed by another key": forged(grant),
        "not signed": jwt.encode({"iss": "x"}, None, algorithm="none", headers={"typ": "consent+jwt"}),
        "signed with the public key as a password": forged(grant, key=public_key, header={"alg": "HS256"}),
        "no signature": f"{head}.{body}.",
        "another type": forged(grant, header={"typ": "JWT"}),
        "another key id": forged(grant, header={"kid": "did:key:z6Mk"}),
        "a critical extension": forged(grant, header={"crit": ["exp"], "exp": 1}),
        "no issuer": forged(grant, without=["iss"]),
        "an issuer that is no key": forged(grant, iss="did:web:example.org"),
        "too long": grant.consent_token + "A" * 70_000,
        "two parts": f"{head}.{body}",
        "four parts": f"{grant.consent_token}.x",
        "nothing": "",
        "no text of ours": "Ω.Ω.Ω",
    }

    taken = {}
    for what, stranger in strangers.items():
        try:
            taken[what] = token.verify(stranger, client_id="stadtwerke", issuer=ISSUER, now=clock.now)
        except BadConsentToken:
            continue
    assert taken == {}


def test_claims_of_the_wrong_kind_are_refused_even_if_the_key_of_the_relationship_signed_them(
    grant, ana_answers, clock
):
    key = relationship_key(ana_answers.face.root, "stadtwerke.example").private
    changes = [
        {"exp": "never"},
        {"exp": float(clock.now + DAY)},
        {"exp": True},
        {"exp": None},
        {"iat": "yesterday"},
        {"iat": clock.now + 1},
        {"nbf": clock.now + 1},
        {"nbf": None},
        {"aud": "stadtwerke"},
        {"aud": [ISSUER]},
        {"aud": ["stadtwerke"]},
        {"without": ["exp"]},
        {"without": ["grant_id"]},
        {"without": ["jti"]},
        {"without": ["aud"]},
    ]
    assert token.verify(forged(grant, key=key), client_id="stadtwerke", issuer=ISSUER, now=clock.now)

    for change in changes:
        with pytest.raises(BadConsentToken):
            token.verify(forged(grant, key=key, **change), client_id="stadtwerke", issuer=ISSUER, now=clock.now)
