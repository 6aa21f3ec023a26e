"""Userinfo and introspection as signed JWTs, for vendors that want them (OpenID Connect Core 5.3.2, RFC 9701)."""

import jwt
import pytest
from actors import SECRET, VendorActor, basic
from journeys import code_for, tokens_for
from storage import on_sqlite_alone

ISSUER = "http://localhost"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


def opened(vendor, token, algorithm, typ):
    """The claims of a JWT that any library can verify with nothing but the published keys."""
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == (algorithm, typ)
    key = jwt.PyJWKSet.from_dict(vendor.client.get("/oauth/jwks").json)[header["kid"]]
    options = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, key, algorithms=[algorithm], audience=vendor.client_id, issuer=ISSUER, options=options)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_userinfo_is_signed_as_registered_and_still_a_read_in_the_ledger(app, house, person, algorithm):
    vendor = VendorActor(app, house, "stadtwerke", userinfo_signed_response_alg=algorithm)
    tokens = tokens_for(person, vendor)

    answer = vendor.reads(tokens["access_token"])

    assert answer.mimetype == "application/jwt"
    claims = opened(vendor, answer.text, algorithm, "JWT")
    assert claims["email"] == "ana@example.org"
    assert claims["sub"] == vendor.introspects(tokens["access_token"])["sub"]
    assert person.log()[-1] == "read"


@on_sqlite_alone
def test_a_refused_read_is_plain_json_also_for_who_wants_it_signed(app, house, person):
    vendor = VendorActor(app, house, "stadtwerke", userinfo_signed_response_alg="ES256")
    tokens = tokens_for(person, vendor)
    person.revokes(tokens["grant_id"])

    answer = vendor.reads(tokens["access_token"])

    assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_introspection_is_signed_for_who_says_it_takes_that(app, house, person, algorithm):
    vendor = VendorActor(app, house, "stadtwerke", introspection_signed_response_alg=algorithm)
    token = tokens_for(person, vendor)["access_token"]
    headers = {"Authorization": basic("stadtwerke", SECRET), "Accept": "application/token-introspection+jwt"}

    answer = vendor.post("/oauth/introspect", {"token": token}, headers=headers)

    assert answer.mimetype == "application/token-introspection+jwt"
    claims = opened(vendor, answer.text, algorithm, "token-introspection+jwt")
    assert claims["token_introspection"] == vendor.introspects(token)
    assert claims.keys() == {"iss", "aud", "iat", "token_introspection"}


@on_sqlite_alone
def test_what_is_not_active_is_said_signed_too_and_says_nothing_more(vendor):
    headers = {"Authorization": basic("stadtwerke", SECRET), "Accept": "application/token-introspection+jwt"}

    answer = vendor.post("/oauth/introspect", {"token": "guess"}, headers=headers)

    assert opened(vendor, answer.text, "RS256", "token-introspection+jwt")["token_introspection"] == {"active": False}


@on_sqlite_alone
def test_signed_answers_are_no_id_tokens(app, house, person):
    """OpenID Connect Core section 16.14: neither has what an ID token must have."""
    vendor = VendorActor(app, house, "stadtwerke", userinfo_signed_response_alg="ES256")
    code = code_for(person, vendor)

    signed = jwt.decode(
        vendor.reads(vendor.redeems(code).json["access_token"]).text, options={"verify_signature": False}
    )

    assert not signed.keys() & {"exp", "nonce", "at_hash"}
