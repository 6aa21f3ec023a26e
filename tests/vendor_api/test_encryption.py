"""ID tokens and userinfo that nobody but the vendor can open (OpenID Connect Core 10.2)."""

import jwt
import orjson
import pytest
from actors import VendorActor
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey
from journeys import refused, tokens_for
from storage import nothing_changes, on_sqlite_alone

from keys.jwk import public_jwk
from vendor_api.errors import InvalidClientMetadata

pytestmark = on_sqlite_alone

RSA, EC = RSAKey.generate_key(2048, {"kid": "rsa"}), ECKey.generate_key("P-256", {"kid": "ec"})
JWKS = {"keys": [{**key.as_dict(private=False), "kid": key.kid, "use": "enc"} for key in (RSA, EC)]}
WEAK = {"keys": [public_jwk(rsa.generate_private_key(65537, 1024).public_key())]}  # noqa: S505 - has to be refused
KEYS = {"RSA-OAEP": RSA, "RSA-OAEP-256": RSA, "ECDH-ES": EC, "ECDH-ES+A128KW": EC, "ECDH-ES+A256KW": EC}


def opened(token, alg, enc):
    found = jwe.decrypt_compact(token, KEYS[alg], algorithms=[alg, enc])
    assert (found.protected["alg"], found.protected["enc"], found.protected["kid"]) == (alg, enc, KEYS[alg].kid)
    return found


@pytest.mark.parametrize("alg", KEYS)
@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"])
def test_an_id_token_is_signed_and_then_encrypted(app, house, person, alg, enc):
    wishes = {"id_token_encrypted_response_alg": alg, "id_token_encrypted_response_enc": enc}
    vendor = VendorActor(app, house, "stadtwerke", jwks=JWKS, **wishes)

    found = opened(tokens_for(person, vendor)["id_token"], alg, enc)

    assert found.protected["cty"] == "JWT"
    signed = found.plaintext.decode()
    key = jwt.PyJWKSet.from_dict(app.test_client().get("/oauth/jwks").json)[jwt.get_unverified_header(signed)["kid"]]
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        signed, key, algorithms=["ES256"], audience="stadtwerke", issuer="http://localhost", options=options
    )
    assert claims["nonce"] == vendor.nonce


def test_the_content_is_encrypted_with_the_default_where_nothing_is_said(app, house, person):
    vendor = VendorActor(app, house, "stadtwerke", jwks=JWKS, id_token_encrypted_response_alg="RSA-OAEP-256")

    assert opened(tokens_for(person, vendor)["id_token"], "RSA-OAEP-256", "A128CBC-HS256")


@pytest.mark.parametrize("signed", [None, "ES256"])
def test_userinfo_is_encrypted_with_or_without_a_signature(app, house, person, signed):
    wishes = {"userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_enc": "A256GCM"}
    wishes |= {"userinfo_signed_response_alg": signed} if signed else {}
    vendor = VendorActor(app, house, "stadtwerke", jwks=JWKS, **wishes)

    answer = vendor.reads(tokens_for(person, vendor)["access_token"])

    assert answer.mimetype == "application/jwt"
    assert "ana@example.org" not in answer.text
    found = opened(answer.text, "ECDH-ES", "A256GCM")
    assert found.protected.get("cty") == ("JWT" if signed else None)
    inside = found.plaintext.decode()
    claims = jwt.decode(inside, options={"verify_signature": False}) if signed else orjson.loads(inside)
    assert claims["email"] == "ana@example.org"
    assert person.log()[-1] == "read"


@pytest.mark.parametrize(
    "wrong",
    [
        {"id_token_encrypted_response_alg": "RSA1_5", "jwks": JWKS},
        {"id_token_encrypted_response_alg": "dir", "jwks": JWKS},
        {"id_token_encrypted_response_alg": "RSA-OAEP"},
        {"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": {"keys": [JWKS["keys"][1]]}},
        {"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": {"keys": [{**JWKS["keys"][0], "use": "sig"}]}},
        {"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": WEAK},
        {"id_token_encrypted_response_enc": "A128GCM", "jwks": JWKS},
        {"userinfo_encrypted_response_alg": "RSA-OAEP", "userinfo_encrypted_response_enc": "none", "jwks": JWKS},
        {"userinfo_encrypted_response_alg": ["RSA-OAEP"], "jwks": JWKS},
    ],
    ids=range(9),
)
def test_what_could_not_be_encrypted_can_not_be_registered(app, house, wrong):
    with nothing_changes(house), pytest.raises(InvalidClientMetadata):
        VendorActor(app, house, "stadtwerke", **wrong)


def test_what_was_encrypted_can_not_be_sent_back_as_a_hint(app, house, person):
    vendor = VendorActor(app, house, "stadtwerke", jwks=JWKS, id_token_encrypted_response_alg="RSA-OAEP")
    tokens = tokens_for(person, vendor)

    assert (
        "error=invalid_request" in person.browser.get(vendor.link(["email"], id_token_hint=tokens["id_token"])).location
    )
    assert refused(vendor.redeems("guess"), "invalid_grant")
