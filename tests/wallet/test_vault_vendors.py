"""Which vendors come along with a vault, and which the operator has to add."""

import json
from dataclasses import replace

import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from packing import exported
from settling import copied, settles, vault_of
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.app import create_app
from wallet.vault.errors import BadVault
from wallet.vault.restore import restore


@on_sqlite_alone
def test_vendors_come_along_only_to_an_empty_host_or_if_they_are_wanted(house, new, full, vault):
    from wallet.people import engine

    other = {"login": "ben", "password_hash": "$argon2id$", "language": None}
    new.database.write(engine.sign_up, new.secrets, **other, now=new.clock())

    assert settles(new, vault).unknown_vendors == ("bookshop", "meterworks", "stadtwerke", "waterworks")
    assert rows(new, "vendors") == []


VENDORS = {
    "an id that is none": "update vendors set client_id = client_id || char(10)",
    "an id without end": "update vendors set client_id = client_id || hex(zeroblob(2000))",
    "a digest that is none": "update vendors set secret_digest = 'x'",
    "metadata that is no JSON": "update vendors set metadata = '{'",
    "metadata that is a list": "update vendors set metadata = '[]'",
    "metadata without end": "update vendors set metadata = replace(hex(zeroblob(50000)), '0', '[')",
    "a stream that is no JSON": "update vendors set stream = '{'",
    "a stream of nothing": "update vendors set stream = '{}'",
    "a stream of no way there is": "update vendors set stream = json_set(stream, '$.method', json('[]'))",
    "a stream to no address": """update vendors set stream = json_set(stream, '$.method', 'urn:ietf:rfc:8935',
        '$.endpoint_url', 'http://10.0.0.1/')""",
    "a stream of no events": "update vendors set stream = json_set(stream, '$.events_requested', 'x')",
    "a stream with a novel": "update vendors set stream = json_set(stream, '$.description', hex(zeroblob(200)))",
    "a stream of an odd status": "update vendors set stream = json_set(stream, '$.status', 'x')",
}


STREAM = {
    "sector": "x",
    "method": "urn:ietf:rfc:8936",
    "endpoint_url": None,
    "events_requested": ["x"],
    "description": None,
    "status": "enabled",
}


@on_sqlite_alone
def test_a_vendor_that_was_spoiled_is_refused_in_a_sentence(new, vault):
    vault.execute("update vendors set stream = ?", [json.dumps(STREAM)])
    for told, spoil in VENDORS.items():
        spoiled = copied(vault)
        spoiled.executescript(spoil)

        with nothing_changes(new):
            try:
                restore(new, vault_of(spoiled))
            except BadVault as error:
                assert "vendor in this vault" in str(error), told  # noqa: PT017
            else:
                raise AssertionError(told)
    assert settles(new, vault).unknown_vendors == ()
    assert len(rows(new, "event_streams")) == 4


NEEDS_MORE = {
    "other hosts": {"sector_identifier_uri": "https://bank.example/all.json"},
    "no PKCE": {"require_pkce": False},
    "the front channel": {"response_types": ["id_token"], "grant_types": ["implicit"]},
    "a certificate": {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": {"keys": []}},
    "a wildcard": {"redirect_uris": ["https://*.example/cb"]},
    "numbers": {"redirect_uris": [1]},
    "no name": {"client_name": 7},
}


@on_sqlite_alone
@pytest.mark.parametrize("asked", NEEDS_MORE.values(), ids=NEEDS_MORE)
def test_what_only_the_operator_may_say_is_not_believed_of_a_file(house, new, person, asked):
    vendor = VendorActor(new_app := create_app(house), house, "stadtwerke")
    tokens_for(PersonActor(new_app, house, person.person, password=person.password), vendor, ["email"])
    vault = exported(house, person)
    (metadata,) = vault.execute("select metadata from vendors").fetchone()
    vault.execute("update vendors set metadata = ?", [json.dumps(json.loads(metadata) | asked)])

    assert settles(new, vault).unknown_vendors == ("stadtwerke",)
    assert rows(new, "vendors") == []


@on_sqlite_alone
def test_a_front_channel_vendor_comes_along_where_the_front_channel_is_offered(house, new, person):
    asked = {"response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"]}
    vendor = VendorActor(app := create_app(house), house, "stadtwerke")
    tokens_for(PersonActor(app, house, person.person, password=person.password), vendor, ["email"])
    vault = exported(house, person)
    (metadata,) = vault.execute("select metadata from vendors").fetchone()
    vault.execute("update vendors set metadata = ?", [json.dumps(json.loads(metadata) | asked)])
    offering = replace(new, settings=replace(new.settings, front_channel_tokens="on"))

    assert settles(offering, vault).unknown_vendors == ()
    assert [row["metadata"]["response_types"] for row in rows(new, "vendors")] == [["code id_token"]]
