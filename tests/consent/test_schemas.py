"""Every document the wallet makes is what its published schema says; with any part missing or spoiled it is not."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from storage import on_sqlite_alone

from consent import changes, receipts, record
from consent.kantara import kantara
from consent.model import PUBLIC, WHILE_AWAY, Limits, Range, Span, Terms
from consent.tightening import Tightening

FOLDER = Path(__file__).parents[2] / "docs/schemas"
SCHEMAS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
REGISTRY = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in SCHEMAS.values())
DAY = 24 * 3600
TERMS = Terms("https://terms.example/1", "sha-256:" + "1" * 64)
SPOILED = (None, [], -1, "", {"": 0})


def fits(name, document):
    return Draft202012Validator(SCHEMAS[name], registry=REGISTRY).is_valid(document)


@pytest.fixture
def documents(ana_answers, house, clock):
    """Every kind of document of a grant with all that one can have, by the name of its schema."""
    ask = ana_answers.is_asked("email", "iban", "pets.cat_name", WHILE_AWAY, PUBLIC, needing=["given_name"])
    limits = Limits(
        "store",
        frequency=Span(4, "month"),
        data_life=Span(1, "year"),
        until=clock.now + DAY,
        data_range=Range(clock.now - DAY, clock.now + DAY),
        recipients=("Druckerei",),
        storage_place=("DE",),
    )
    items = tuple(
        replace(item, limits=limits, terms=TERMS, purpose_type="dpv:ServiceProvision")
        if item.attribute == "email"
        else item
        for item in ask.items
    )
    made = ana_answers.grants(replace(ask, items=items), ask.attributes)
    ids = {"person_id": ana_answers.person_id, "signs": ana_answers.signs}
    for work, what in (
        (changes.pause, {"until": clock.now + DAY}),
        (changes.resume, {}),
        (changes.narrow, {"taken": ["iban"]}),
        (changes.tighten, {"tightening": Tightening("given_name", fetch="once")}),
        (changes.prolong, {"until": clock.now + 60 * DAY}),
        (changes.revoke, {}),
    ):
        house.database.write(work, house.secrets, made.grant_id, **ids, **what, now=clock.now)
    found = house.database.read(receipts.of_grant, made.grant_id, person_id=ana_answers.person_id)
    return {
        "consent-token": [jwt.decode(one.consent_token, options={"verify_signature": False}) for one in found],
        "consent-record": [record.of_receipt(one.said) for one in found],
        "consent-receipt": [one.said for one in found],
        "kantara-receipt": [kantara(one.said) for one in found],
    }


def test_every_schema_is_one():
    assert SCHEMAS.keys() == {"consent-token", "consent-record", "consent-receipt", "kantara-receipt"}
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


@on_sqlite_alone
def test_every_document_is_what_its_schema_says(documents):
    for name, made in documents.items():
        assert len(made) == 7
        for document in made:
            validator = Draft202012Validator(SCHEMAS[name], registry=REGISTRY)
            assert [error.message for error in validator.iter_errors(document)] == [], name


@on_sqlite_alone
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_document_with_a_member_missing_is_refused(documents, name):
    document = documents[name][0]

    missed = [path for path in members(document) if fits(name, without(document, path))]
    assert [path for path in missed if path[-1] not in MAY_BE_MISSING and path[-2:] not in MAY_BE_MISSING] == []


@on_sqlite_alone
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_document_with_a_value_of_another_kind_is_refused(documents, name):
    document = documents[name][0]

    passed = [
        (path, spoiled)
        for path in members(document)
        for spoiled in SPOILED
        if type(spoiled) is not type(at(document, path)) and fits(name, put(document, path, spoiled))
    ]
    assert passed == []


# What a document may go without, as not every vendor says it and not every person chooses it.
MAY_BE_MISSING = {
    *("address", "contact", "policy_uri", "jurisdiction", "storage_location", "retention"),
    *("purpose", "limits", "terms", "frequency", "data_life", "until", "w:access", "w:terms", "dataLife"),
    *("w:receipt", "publicSubject", "publicKey", "email", "purpose_type", "data_range", "since", "storage_place"),
    *("dataRange", "from", "to", "storagePlace"),
    *(("limits", "recipients"), ("w:access", "recipients"), ("dpv:hasPurpose", "@id")),
}


def members(document, path=()):
    """The way to every member of every object in it."""
    if isinstance(document, dict):
        for name, inner in document.items():
            yield (*path, name)
            yield from members(inner, (*path, name))
    elif isinstance(document, list):
        for number, inner in enumerate(document):
            yield from members(inner, (*path, number))


def at(document, path):
    for step in path:
        document = document[step]
    return document


def without(document, path):
    changed = copy.deepcopy(document)
    del at(changed, path[:-1])[path[-1]]
    return changed


def put(document, path, value):
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed
