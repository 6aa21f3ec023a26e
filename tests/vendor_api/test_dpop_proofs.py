"""DPoP proofs (RFC 9449 section 4.3): one good one counts once, and anything else is refused without a trace."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from dpop import ISSUER, ProvingVendor, new_key
from journeys import at_once, code_for, refused, tokens_for
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from storage import nothing_changes, on_sqlite_alone

from keys.jwk import public_jwk
from wallet.upkeep import sweep


@pytest.fixture
def vendor(app, house):
    return ProvingVendor(app, house, "shop")


def encoded(part):
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(proof):
    return jwt.decode(proof, options={"verify_signature": False})


def unsigned(vendor):
    header = {"typ": "dpop+jwt", "alg": "none", "jwk": public_jwk(vendor.key.public_key())}
    return f"{encoded(header)}.{encoded(claims_of(vendor.proof()))}."


def symmetric(vendor, jwk):
    """HS256 with what everybody can read as its secret."""
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": jwk}
    text = f"{encoded(header)}.{encoded(claims_of(vendor.proof()))}"
    return f"{text}.{encoded(hmac.digest(b'secret', text.encode(), hashlib.sha256))}"


def with_private_key(vendor):
    return vendor.proof(header={"jwk": ECAlgorithm.to_jwk(vendor.key, as_dict=True)})


def with_short_rsa(vendor):
    vendor.algorithm, vendor.key = "RS256", generate_rsa(65537, 1024)  # noqa: S505 - too short, and refused for it
    return vendor.proof()


def with_private_rsa(vendor):
    vendor.algorithm, vendor.key = "PS256", new_key("PS256")
    return vendor.proof(header={"jwk": RSAAlgorithm.to_jwk(vendor.key, as_dict=True)})


def by_another_key(vendor):
    return vendor.proof(header={"jwk": public_jwk(new_key().public_key())})


def key_of_another_kind(vendor):
    return vendor.proof(header={"jwk": public_jwk(new_key("RS256").public_key())})


def jwk_with(**changed):
    return lambda vendor: vendor.proof(header={"jwk": {**public_jwk(vendor.key.public_key()), **changed}})


def altered(vendor):
    header, payload, signature = vendor.proof().split(".")
    claims = claims_of(f"{header}.{payload}.{signature}")
    return f"{header}.{encoded({**claims, 'jti': 'another'})}.{signature}"


def with_a_number_as_id(vendor):
    claims = {**claims_of(vendor.proof()), "jti": 5}
    header = {"typ": "dpop+jwt", "jwk": public_jwk(vendor.key.public_key())}
    return jwt.api_jws.encode(json.dumps(claims).encode(), vendor.key, algorithm="ES256", headers=header)


def raw(header, payload=None):
    return lambda _vendor: f"{encoded(header)}.{encoded(payload or {})}.{encoded(b'x' * 64)}"


def header_with(**changed):
    return lambda vendor: vendor.proof(header=changed)


def claims_with(**changed):
    return lambda vendor: vendor.proof(**changed)


def issued(seconds):
    return lambda vendor: vendor.proof(iat=vendor.house.clock() + seconds)


BAD = {
    "empty": lambda _: "",
    "no JWT": lambda _: "proof",
    "five parts": lambda _: "a.b.c.d.e",
    "too long": lambda vendor: vendor.proof(more="x" * 9000),
    "not ASCII": lambda _: "ä.ö.ü",
    "header is a list": raw(["alg"]),
    "header is a text": raw("alg"),
    "header is nested deeply": raw(b"[" * 2000 + b"]" * 2000),
    "payload is a list": raw({"typ": "dpop+jwt", "alg": "ES256"}, [1]),
    "payload is nested deeply": raw({"typ": "dpop+jwt", "alg": "ES256"}, b"[" * 2000 + b"]" * 2000),
    "alg is a list": raw({"typ": "dpop+jwt", "alg": ["ES256"], "jwk": {}}),
    "alg is none": unsigned,
    "alg is HS256": lambda vendor: symmetric(vendor, {"kty": "oct", "k": encoded(b"secret")}),
    "alg is HS256, key is EC": lambda vendor: symmetric(vendor, public_jwk(vendor.key.public_key())),
    "alg is ES256, key is symmetric": header_with(jwk={"kty": "oct", "k": encoded(b"secret")}),
    "typ is JWT": header_with(typ="JWT"),
    "typ is missing": lambda vendor: vendor.proof(header={"typ": None}),
    "typ in capitals": header_with(typ="DPOP+JWT"),
    "crit": header_with(crit=["b64"], b64=True),
    "crit of the unknown": header_with(crit=["more"], more=1),
    "jwk is missing": header_with(jwk=None),
    "jwk is a text": header_with(jwk="key"),
    "jwk is empty": header_with(jwk={}),
    "jwk is private": with_private_key,
    "jwk is a private RSA key": with_private_rsa,
    "jwk has an empty private member": jwk_with(d=""),
    "jwk is of another kind": key_of_another_kind,
    "jwk is on another curve": jwk_with(crv="P-384"),
    "jwk is no point": jwk_with(x=encoded(b"x" * 32)),
    "jwk has a number": jwk_with(x=5),
    "jwk is for encryption": jwk_with(use="enc"),
    "jwk is for another algorithm": jwk_with(alg="ES384"),
    "short RSA key": with_short_rsa,
    "signed by another key": by_another_key,
    "altered": altered,
    "htm of another method": claims_with(htm="GET"),
    "htm in small letters": claims_with(htm="post"),
    "htm is missing": claims_with(htm=None),
    "htu is missing": claims_with(htu=None),
    "htu is a list": claims_with(htu=[f"{ISSUER}/oauth/token"]),
    "htu of another path": claims_with(htu=f"{ISSUER}/oauth/userinfo"),
    "htu with a slash": claims_with(htu=f"{ISSUER}/oauth/token/"),
    "htu of another host": claims_with(htu="http://evil.example/oauth/token"),
    "htu of a longer host": claims_with(htu=f"{ISSUER}.evil.example/oauth/token"),
    "htu with a user": claims_with(htu="http://localhost@evil.example/oauth/token"),
    "htu of another scheme": claims_with(htu="https://localhost/oauth/token"),
    "htu of another port": claims_with(htu="http://localhost:8080/oauth/token"),
    "htu with an impossible port": claims_with(htu="http://localhost:port/oauth/token"),
    "htu is relative": claims_with(htu="/oauth/token"),
    "iat is missing": claims_with(iat=None),
    "iat is 0": claims_with(iat=0),
    "iat is negative": claims_with(iat=-1),
    "iat is huge": claims_with(iat=10**30),
    "iat is a text": lambda vendor: vendor.proof(iat=str(vendor.house.clock())),
    "iat is a fraction": lambda vendor: vendor.proof(iat=vendor.house.clock() + 0.5),
    "iat is true": claims_with(iat=True),
    "iat is stale": issued(-61),
    "iat is in the future": issued(11),
    "jti is missing": claims_with(jti=None),
    "jti is empty": claims_with(jti=""),
    "jti is a number": with_a_number_as_id,
    "jti is long": claims_with(jti="x" * 201),
}


@on_sqlite_alone
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_a_proof_that_proves_nothing_is_refused_and_the_code_stays_good(person, vendor, house, make):
    code, algorithm, key = code_for(person, vendor), vendor.algorithm, vendor.key
    vendor.sends(make(vendor))

    with nothing_changes(house):
        answer = vendor.redeems(code)

    assert refused(answer, "invalid_dpop_proof")
    assert answer.headers["DPoP-Nonce"]
    vendor.algorithm, vendor.key = algorithm, key
    assert vendor.redeems(code).json["token_type"] == "DPoP"


GOOD = {
    "a minute old": issued(-60),
    "of a clock that is fast": issued(10),
    "htu with host in capitals": claims_with(htu="HTTP://LOCALHOST/oauth/token"),
    "htu with its default port": claims_with(htu="http://localhost:80/oauth/token"),
    "htu with query and fragment": claims_with(htu=f"{ISSUER}/oauth/token?more=1#part"),
    "jwk with uses": jwk_with(use="sig", key_ops=["verify"], alg="ES256", kid="mine"),
    "more in the header": header_with(kid="mine", more="later"),
    "more claims": claims_with(exp=1, aud="x"),
}


@on_sqlite_alone
@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD.keys())
def test_what_the_standard_leaves_open_is_accepted(person, vendor, make):
    code = code_for(person, vendor)

    answer = vendor.sends(make(vendor)).redeems(code)

    assert answer.json["token_type"] == "DPoP"


@on_sqlite_alone
def test_two_proofs_in_one_request_are_refused(person, vendor, house):
    code = code_for(person, vendor)
    vendor.sends(vendor.proof(), vendor.proof())

    with nothing_changes(house):
        answer = vendor.redeems(code)

    assert refused(answer, "invalid_dpop_proof")


def test_a_proof_counts_once(person, vendor, house):
    consent_token = tokens_for(person, vendor)["consent_token"]
    proof = vendor.proof()
    assert vendor.sends(proof).asserts(consent_token).status_code == 200

    with nothing_changes(house):
        assert refused(vendor.sends(proof).asserts(consent_token), "invalid_dpop_proof")


def test_a_proof_is_remembered_for_as_long_as_it_would_count(person, vendor, house, clock):
    consent_token = tokens_for(person, vendor)["consent_token"]
    proof = vendor.proof(iat=clock() + 10)
    vendor.sends(proof).asserts(consent_token)
    clock.now += 70
    house.database.write(sweep, now=clock())

    assert refused(vendor.sends(proof).asserts(consent_token), "invalid_dpop_proof")


def test_the_same_id_of_another_key_is_another_proof(person, vendor):
    consent_token = tokens_for(person, vendor)["consent_token"]
    vendor.sends(vendor.proof(jti="one")).asserts(consent_token)

    vendor.key = new_key()

    assert vendor.sends(vendor.proof(jti="one")).asserts(consent_token).status_code == 200


def test_of_eight_at_once_with_one_proof_one_passes(person, vendor, app, house):
    consent_token = tokens_for(person, vendor)["consent_token"]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": consent_token}
    headers = {"DPoP": vendor.proof(), **vendor.credentials}

    answers = at_once(app, 8, lambda client: client.post("/oauth/token", data=form, headers=headers))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert {answer.json["error"] for answer in answers if answer.status_code == 400} == {"invalid_dpop_proof"}
