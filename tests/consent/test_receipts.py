"""Receipts: every change of a grant leaves one that both keep, each names the one before, and anybody can check it."""

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import jwt
import pytest
from judging import IRIS, NAMESPACES, STATES, key_of, walk
from storage import on_sqlite_alone

from consent import changes, receipts, record
from consent.changes import Tightening
from consent.kantara import kantara
from consent.model import PUBLIC, WHILE_AWAY, Limits, Span, Terms
from consent.vocabulary import SENSITIVE
from wallet.data.catalogue import CATALOGUE

ISSUER = "https://wallet.example"
DAY = 24 * 3600
TERMS = Terms("https://terms.example/1", "sha-256:" + "1" * 64)


@pytest.fixture
def changes_it(ana_answers, house):
    def changes_it(work, grant_id, **what):
        ids = {"person_id": ana_answers.person_id, "signs": ana_answers.signs, "now": ana_answers.now}
        house.database.write(work, house.secrets, grant_id, **ids, **what)

    return changes_it


@pytest.fixture
def chain(ana_answers, house):
    """The receipts of one grant, oldest first."""
    return lambda grant_id: house.database.read(receipts.of_grant, grant_id, person_id=ana_answers.person_id)


@pytest.fixture
def made(ana_answers):
    return ana_answers.grants(ana_answers.is_asked("email", "birthdate", "phone_number"), ["email", "birthdate"])


@pytest.fixture
def lived(changes_it, made, clock):
    """A grant with all that can happen to one."""
    for work, what in (
        (changes.pause, {"until": clock.now + DAY}),
        (changes.resume, {}),
        (changes.narrow, {"taken": ["birthdate"]}),
        (changes.tighten, {"tightening": Tightening("email", fetch="once")}),
        (changes.prolong, {"until": clock.now + 60 * DAY}),
        (changes.revoke, {}),
    ):
        clock.now += 60
        changes_it(work, made.grant_id, **what)
    return made


def judged(document, audience="stadtwerke"):
    """What a vendor, or a judge, does with PyJWT, cryptography and the document alone."""
    header = jwt.get_unverified_header(document)
    assert header["typ"] == "consent-receipt+jwt"
    did, _, fragment = header["kid"].partition("#")
    assert fragment == did.removeprefix("did:key:")
    options = {"require": ["iss", "sub", "aud", "iat", "jti"], "verify_iat": False}
    return jwt.decode(document, key_of(did), algorithms=["EdDSA"], audience=audience, issuer=did, options=options)


def test_every_change_leaves_one_receipt_and_each_names_the_one_before(lived, chain, ana_answers):
    found = chain(lived.grant_id)

    kinds = ["granted", "paused", "resumed", "narrowed", "tightened", "prolonged", "revoked"]
    assert [one.kind for one in found] == kinds
    said = [judged(one.document) for one in found]
    assert [one["event"]["kind"] for one in said] == kinds
    assert [one["number"] for one in said] == [1, 2, 3, 4, 5, 6, 7]
    digests = [f"sha-256:{hashlib.sha256(one.document.encode()).hexdigest()}" for one in found]
    assert [one.get("previous") for one in said] == [None, *digests[:-1]]
    lines = [line.detail["receipt"] for line in ana_answers.ledger() if line.grant_id == lived.grant_id]
    assert lines == digests


def test_a_receipt_says_what_happened_and_what_holds_since(lived, chain, made):
    first, paused, resumed, narrowed, tightened, prolonged, ended = (
        judged(one.document) for one in chain(lived.grant_id)
    )

    assert paused["event"] == {"kind": "paused", "until": made.granted_at + DAY}
    assert resumed["event"] == {"kind": "resumed"}
    assert resumed["statement"] == first["statement"]
    assert narrowed["event"] == {"kind": "narrowed", "narrowed": ["birthdate"]}
    assert [datum["attribute"] for datum in narrowed["statement"]["processes"][0]["data"]] == ["email"]
    assert tightened["statement"]["processes"][0]["limits"]["fetch"] == "once"
    assert prolonged["statement"]["expires_at"] == prolonged["event"]["until"] == made.granted_at + 60 * DAY
    assert ended["statement"] == prolonged["statement"]


def test_what_changes_nothing_leaves_no_receipt(changes_it, made, chain):
    changes_it(changes.pause, made.grant_id)
    changes_it(changes.pause, made.grant_id)
    changes_it(changes.prolong, made.grant_id, until=made.expires_at)
    changes_it(changes.revoke, made.grant_id)
    changes_it(changes.revoke, made.grant_id)

    assert [one.kind for one in chain(made.grant_id)] == ["granted", "paused", "revoked"]


def test_of_two_changes_at_once_none_is_left_out_of_the_chain(ana_answers, changes_it, made, chain):
    start = Barrier(2)

    def takes(attribute):
        start.wait()
        changes_it(changes.narrow, made.grant_id, taken=[attribute])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(takes, ["email", "birthdate"]))

    found = [judged(one.document) for one in chain(made.grant_id)]
    assert [one["number"] for one in found] == [1, 2, 3]
    assert found[2]["previous"] == chain(made.grant_id)[1].digest


@on_sqlite_alone
def test_its_bytes_are_those_of_canonical_json(ana_answers, chain):
    ask = ana_answers.is_asked("email")
    odd = replace(ask.party, name='Müller & Söhne "😀" \u20ac \t\x1f\x7f/', recipients=("Ä", "b", "A"))
    grant = ana_answers.grants(replace(ask, party=odd), ["email"])

    signed = chain(grant.grant_id)[0].document.split(".")[1]
    payload = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))

    said = json.loads(payload)
    assert payload.decode() == json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert said["statement"]["vendor"]["name"] == odd.name
    assert all(isinstance(name, str) and name.isascii() for name in names(said))
    assert not [number for number in leaves(said) if isinstance(number, float)]


def names(document):
    if isinstance(document, dict):
        yield from document
    for inner in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from names(inner)


def leaves(document):
    if isinstance(document, dict | list):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from leaves(inner)
    else:
        yield document


@on_sqlite_alone
def test_consent_token_and_receipt_are_proven_to_say_the_same(lived, chain):
    for one in chain(lived.grant_id):
        said, token = judged(one.document), jwt.decode(one.consent_token, options={"verify_signature": False})
        source = json.dumps(said["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert token["w:statement"] == f"sha-256:{hashlib.sha256(source).hexdigest()}"
        assert said["consent_token"] == f"sha-256:{hashlib.sha256(one.consent_token.encode()).hexdigest()}"
        assert token["consent"] == record.record(said["statement"])
        assert (token["iss"], token["grant_id"]) == (said["iss"], said["grant_id"])


@on_sqlite_alone
def test_two_vendors_hold_nothing_in_common_and_no_inner_name_leaves(ana_answers, chain):
    one = ana_answers.is_asked("email")
    shop = replace(one.party, client_id="bookshop", name="Bookshop", host="books.example", sector="books.example")
    first, second = (ana_answers.grants(ask, {"email"}) for ask in (one, ana_answers.is_asked("email", party=shop)))
    mine, theirs = judged(chain(first.grant_id)[0].document), judged(chain(second.grant_id)[0].document, "bookshop")

    ids = ("iss", "sub", "jti", "grant_id", "consent_token")
    assert not {mine[name] for name in ids} & {theirs[name] for name in ids}
    assert (mine["number"], theirs["number"]) == (1, 1)
    for inner in (ana_answers.person_id, ana_answers.persona_id):
        assert inner not in json.dumps([mine, theirs])


@on_sqlite_alone
def test_a_grant_that_another_takes_the_place_of_ends_with_a_receipt(ana_answers, chain):
    first = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    second = ana_answers.grants(ana_answers.is_asked("email", PUBLIC), {"email", PUBLIC})

    assert first.grant_id != second.grant_id
    assert [one.kind for one in chain(first.grant_id)] == ["granted", "revoked"]
    assert [(one.kind, one.number) for one in chain(second.grant_id)] == [("granted", 1)]
    assert ana_answers.ledger()[-1].detail["ended"] == chain(first.grant_id)[-1].digest
    assert second.public_sub not in json.dumps(judged(chain(second.grant_id)[0].document))


@on_sqlite_alone
def test_the_record_of_each_receipt_is_in_words_of_the_vocabulary(lived, chain):
    states = []
    for one in chain(lived.grant_id):
        found = record.of_receipt(one.said)
        used = {word for word in walk(found) if word.partition(":")[0] in NAMESPACES}
        assert used <= IRIS.keys() | STATES
        states.append(found["dpv:hasConsentStatus"][-1]["@type"][0])

    given = "dpv:ConsentGiven"
    assert states == [given, "w:ConsentPaused", given, given, given, "dpv:RenewedConsentGiven", "dpv:ConsentWithdrawn"]


@on_sqlite_alone
def test_the_kantara_receipt_says_the_same_in_its_own_words(ana_answers, chain):
    ask = ana_answers.is_asked("email", "birthdate", WHILE_AWAY)
    items = tuple(
        replace(item, limits=Limits(frequency=Span(4, "month")), terms=TERMS) if item.attribute == "email" else item
        for item in ask.items
    )
    grant = ana_answers.grants(replace(ask, items=items), ["email", "birthdate", WHILE_AWAY])

    found = kantara(chain(grant.grant_id)[0].said)

    assert (found["version"], found["consentTimestamp"]) == ("KI-CR-v1.1.0", grant.granted_at)
    assert found["piiPrincipalId"] == grant.pairwise_sub
    purposes = found["services"][0]["purposes"]
    assert [(one["purpose"], one["piiCategory"]) for one in purposes] == [
        ("To send your bill", ["email"]),
        ("To greet you", ["birthdate"]),
    ]
    assert {one["thirdPartyName"] for one in purposes} == {"Druckerei"}
    assert (found["sensitive"], found["spiCat"]) == (True, ["birthdate"])


def test_what_counts_as_sensitive_in_receipts_is_what_counts_so_on_the_pages():
    assert {name for name, attribute in CATALOGUE.items() if attribute.is_sensitive} == SENSITIVE
