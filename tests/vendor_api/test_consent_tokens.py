"""The consent token as an assertion (RFC 7523): for its vendor, as it was signed, while it is the latest answer."""

import base64
import hmac
import json

import jwt
import pytest
from actors import VendorActor
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from journeys import at_once, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from keys.did import did_key, public_key_of
from keys.relationship import RelationshipKey, relationship_key
from vendor_api.vendors import registry
from wallet.people.personas import persona_root

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def parts(token):
    """Header and claims."""
    header, claims = (json.loads(unpacked(part)) for part in token.split(".")[:2])
    return header, claims


def unpacked(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def packed(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(signer, header, claims):
    """Any header and claims under the true signature of the person's key."""
    text = f"{packed(header)}.{packed(claims)}"
    return f"{text}.{packed(signer.private.sign(text.encode()))}"


@pytest.fixture
def other(app, house):
    return VendorActor(app, house, "other")


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email", "birthdate"])


@pytest.fixture
def consent_token(tokens):
    return tokens["consent_token"]


@pytest.fixture
def signer(house, person, consent_token):
    """The very key that signed the consent token: what it signs can only be refused for its words."""
    root = house.database.read(
        persona_root, house.secrets, persona_id=person.person.persona_id, person_id=person.person.person_id
    )
    key = relationship_key(root, "stadtwerke.example")
    assert parts(consent_token)[1]["iss"] == key.did
    return key


def test_the_vendor_it_was_made_for_redeems_it_for_what_was_granted(person, vendor, consent_token):
    response = vendor.asserts(consent_token)

    answer = response.json
    assert (response.status_code, answer["token_type"], answer["scope"]) == (200, "Bearer", "openid")
    assert not {"refresh_token", "id_token"} & answer.keys()
    assert vendor.reads(answer["access_token"]).json["email"] == "ana@example.org"
    assert person.log() == ["asked", "granted", "redeemed", "redeemed", "read"]
    assert [line.detail.get("via") for line in person.ledger()[2:4]] == ["code", "consent_token"]


def test_it_can_be_redeemed_again_and_again(vendor, consent_token):
    first, second = (vendor.asserts(consent_token).json["access_token"] for _ in range(2))

    assert first != second
    assert (vendor.reads(first).status_code, vendor.reads(second).status_code) == (200, 200)


def test_another_vendor_can_not_redeem_it(person, vendor, other, house, consent_token):
    tokens_for(person, other, [])

    with nothing_changes(house):
        assert refused(other.asserts(consent_token), "invalid_grant")

    assert vendor.asserts(consent_token).status_code == 200


def test_another_vendor_on_the_same_host_can_not_redeem_it(app, person, house, consent_token):
    neighbour = VendorActor(app, house, "neighbour", redirect_uris=["https://stadtwerke.example/other"])
    tokens_for(person, neighbour, [])

    with nothing_changes(house):
        assert refused(neighbour.asserts(consent_token), "invalid_grant")


def test_a_vendor_that_does_not_prove_itself_can_not_redeem_it(vendor, house, consent_token):
    form = {"grant_type": GRANT_TYPE, "assertion": consent_token}

    with nothing_changes(house):
        for more in ({}, {"client_id": "stadtwerke"}, {"client_id": "stadtwerke", "client_secret": "wrong"}):
            assert refused(vendor.post("/oauth/token", form | more, headers={}), "invalid_client", status=401)


@on_sqlite_alone
def test_a_vendor_not_registered_for_it_can_not_redeem_it(app, person, house):
    frugal = VendorActor(app, house, "frugal", grant_types=["authorization_code"])
    consent_token = tokens_for(person, frugal)["consent_token"]

    with nothing_changes(house):
        assert refused(frugal.asserts(consent_token), "unauthorized_client")


@on_sqlite_alone
@pytest.mark.parametrize("segment", [0, 1, 2])
def test_one_changed_letter_anywhere_breaks_it(vendor, house, consent_token, segment):
    segments = consent_token.split(".")
    letters = segments[segment]
    positions = range(0, len(letters), max(1, len(letters) // 40))

    with nothing_changes(house):
        for position in (*positions, len(letters) - 1):
            changed = letters[:position] + ("A" if letters[position] != "A" else "B") + letters[position + 1 :]
            token = ".".join([*segments[:segment], changed, *segments[segment + 1 :]])
            assert refused(vendor.asserts(token), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize(
    "change",
    [
        lambda token: token + "=",
        lambda token: token + ".",
        lambda token: token + "." + token.split(".")[2],
        lambda token: "." + token,
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: token.rpartition(".")[0],
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: f" {token}",
        lambda token: f"{token}\n",
        lambda token: token.replace(".", ".\n", 1),
        lambda token: token.replace("_", "/").replace("-", "+") + "+",
        lambda token: f"Bearer {token}",
        lambda token: token.upper(),
        lambda token: token.replace("e", "\u0435", 1),
        lambda token: json.dumps({"payload": token.split(".")[1], "signature": token.split(".")[2]}),
    ],
)
def test_it_has_exactly_one_spelling(vendor, house, consent_token, change):
    with nothing_changes(house):
        assert refused(vendor.asserts(change(consent_token)), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("keep_signature", [True, False])
def test_without_an_algorithm_it_is_nothing(vendor, house, consent_token, algorithm, keep_signature):
    header, claims = parts(consent_token)
    signature = consent_token.split(".")[2] if keep_signature else ""

    with nothing_changes(house):
        assert refused(
            vendor.asserts(f"{packed({**header, 'alg': algorithm})}.{packed(claims)}.{signature}"), "invalid_grant"
        )


@on_sqlite_alone
@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_the_public_key_is_no_shared_secret(vendor, house, consent_token, algorithm):
    header, claims = parts(consent_token)
    public = public_key_of(claims["iss"])
    secrets = (public.public_bytes_raw(), claims["iss"].encode(), b"")
    digest = {"HS256": "sha256", "HS512": "sha512"}[algorithm]
    text = f"{packed({**header, 'alg': algorithm})}.{packed(claims)}"

    with nothing_changes(house):
        for secret in secrets:
            signature = packed(hmac.digest(secret, text.encode(), digest))
            assert refused(vendor.asserts(f"{text}.{signature}"), "invalid_grant")


@on_sqlite_alone
def test_another_key_does_not_sign_for_the_person(vendor, house, consent_token):
    """A stranger may call themselves by any did:key, and sign with it; the grant still stores another token."""
    header, claims = parts(consent_token)
    private = Ed25519PrivateKey.generate()
    stranger = RelationshipKey(private, did_key(private.public_key()), "x")

    with nothing_changes(house):
        as_themselves = stranger.sign({**claims, "iss": stranger.did}, typ=header["typ"])
        as_the_person = jwt.encode(
            claims, private, algorithm="EdDSA", headers={"typ": header["typ"], "kid": header["kid"]}
        )
        by_their_kid = stranger.sign(claims, typ=header["typ"])
        for token in (as_themselves, as_the_person, by_their_kid):
            assert refused(vendor.asserts(token), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize("name", ["jwk", "x5c", "jku", "x5u"])
def test_a_key_that_comes_along_is_never_used(vendor, house, consent_token, name):
    header, claims = parts(consent_token)
    private = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": packed(private.public_key().public_bytes_raw())}
    brought = {
        "jwk": jwk,
        "x5c": [packed(b"certificate")],
        "jku": "http://localhost/oauth/jwks",
        "x5u": "https://evil.test/",
    }

    with nothing_changes(house):
        token = jwt.encode(claims, private, algorithm="EdDSA", headers={**header, name: brought[name]})
        assert refused(vendor.asserts(token), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize(
    "kid",
    [
        "",
        "x",
        "../../master.key",
        "' or 1=1 --",
        "x" * 10_000,
        "did:key:z6Mk",
        "did:web:evil.test#a",
        7,
        None,
        ["a"],
        "\u00fc",
        "\x00",
    ],
)
def test_another_key_id_is_refused_even_under_the_right_signature(vendor, house, consent_token, signer, kid):
    header, claims = parts(consent_token)

    with nothing_changes(house):
        assert refused(vendor.asserts(signed(signer, {**header, "kid": kid}, claims)), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize(
    "changed",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"typ": None},
        {"crit": ["b64"], "b64": False},
        {"crit": []},
        {"alg": "ES256"},
        {"alg": "Ed25519"},
        {"alg": 7},
    ],
)
def test_another_header_is_refused_even_under_the_right_signature(vendor, house, consent_token, signer, changed):
    header, claims = parts(consent_token)

    with nothing_changes(house):
        assert refused(vendor.asserts(signed(signer, {**header, **changed}, claims)), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "aud", "iss", "sub", "jti", "grant_id"])
def test_a_missing_or_absurd_claim_is_refused_even_under_the_right_signature(
    vendor, house, consent_token, signer, name
):
    header, claims = parts(consent_token)
    claims.pop(name, None)
    absurd = (0, -1, 1.5, 10**400, True, None, "", "x", [], [None, 7], {}, "\x00", "\ud800")

    with nothing_changes(house):
        for changed in (claims, *({**claims, name: value} for value in absurd)):
            assert refused(vendor.asserts(signed(signer, header, changed)), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize(
    "aud", ["stadtwerke", ["stadtwerke"], ["http://localhost"], ["other", "http://localhost"], "http://localhost"]
)
def test_its_audience_is_this_wallet_and_this_vendor(vendor, house, consent_token, signer, aud):
    header, claims = parts(consent_token)

    with nothing_changes(house):
        assert refused(vendor.asserts(signer.sign({**claims, "aud": aud}, typ=header["typ"])), "invalid_grant")


@on_sqlite_alone
def test_a_longer_or_wider_one_is_refused_even_from_the_persons_own_key(vendor, house, consent_token, signer):
    """Only what the person saw and the wallet stored counts, whoever got hold of the key."""
    header, claims = parts(consent_token)
    record = claims["consent"]
    notice = {**record["dpv:hasNotice"], "w:digest": f"sha-256:{'0' * 64}"}
    other_terms = {"consent": {**record, "dpv:hasNotice": notice}}

    with nothing_changes(house):
        for changed in (
            {"exp": claims["exp"] + 1},
            {"jti": "another"},
            {"consent": {}},
            {"scope": "everything"},
            other_terms,
        ):
            assert refused(vendor.asserts(signer.sign({**claims, **changed}, typ=header["typ"])), "invalid_grant")


def test_it_expires_with_the_grant(vendor, clock, house, consent_token):
    clock.now = parts(consent_token)[1]["exp"] - 1
    assert vendor.asserts(consent_token).status_code == 200

    clock.now += 1
    with nothing_changes(house):
        assert refused(vendor.asserts(consent_token), "invalid_grant")


@on_sqlite_alone
def test_it_is_not_valid_before_it_was_signed(vendor, clock, house, consent_token):
    clock.now = parts(consent_token)[1]["iat"] - 1

    with nothing_changes(house):
        assert refused(vendor.asserts(consent_token), "invalid_grant")


def test_a_newer_answer_takes_its_place(person, vendor, clock, house, consent_token):
    clock.now += 1
    page = person.opens(vendor.link(["email", "birthdate"], prompt="consent"))
    newer = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json["consent_token"]

    with nothing_changes(house):
        assert refused(vendor.asserts(consent_token), "invalid_grant")

    assert "birthdate" not in vendor.reads(vendor.asserts(newer).json["access_token"]).json


def test_the_same_answer_given_twice_in_a_second_still_makes_two_different_ones(person, vendor, house, consent_token):
    newer = tokens_for(person, vendor, ["email", "birthdate"], prompt="consent")["consent_token"]

    assert newer != consent_token
    with nothing_changes(house):
        assert refused(vendor.asserts(consent_token), "invalid_grant")


def test_it_dies_when_the_person_revokes(person, vendor, house, tokens):
    access = vendor.asserts(tokens["consent_token"]).json["access_token"]
    person.revokes(tokens["grant_id"])

    with nothing_changes(house):
        assert refused(vendor.asserts(tokens["consent_token"]), "invalid_grant")
        assert refused(vendor.reads(access), "invalid_token", status=401)


@on_sqlite_alone
@pytest.mark.parametrize(
    "garbage",
    [
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "e30.e30.",
        "e30.e30.e30",
        "bnVsbA.bnVsbA.bnVsbA",
        f"{packed([])}.{packed([])}.AA",
        f"{packed({'alg': 'EdDSA'})}.{packed('text')}.AA",
        f"{packed({'alg': 'EdDSA', 'typ': 'consent+jwt'})}.{packed(b'[' * 40_000)}.AA",
        f"{packed(b'[' * 40_000)}.e30.AA",
        f"{packed(b'1' * 40_000)}.{packed(b'1' * 40_000)}.AA",
        f"{packed(bytes(range(256)))}.{packed(bytes(range(256)))}.{packed(bytes(range(256)))}",
        "\u00fc",
        "\u00fc.\u00fc.\u00fc",
        "\U0001f600" * 100,
        "a" * (64 * 1024 + 1),
        "." * 60_000,
        "a." * 30_000,
    ],
)
def test_garbage_is_a_clean_refusal(vendor, house, garbage):
    with nothing_changes(house):
        assert refused(vendor.asserts(garbage), "invalid_grant")


@on_sqlite_alone
def test_no_other_token_stands_in_for_it(vendor, house, tokens):
    with nothing_changes(house):
        for name in ("access_token", "refresh_token", "id_token", "grant_id"):
            assert refused(vendor.asserts(tokens[name]), "invalid_grant")
        assert refused(vendor.asserts(""), "invalid_request")


@on_sqlite_alone
@pytest.mark.parametrize("scope", ["openid email", "openid offline_access", "admin", "phone"])
def test_it_gives_no_scope_it_does_not_have(vendor, house, consent_token, scope):
    form = {"grant_type": GRANT_TYPE, "assertion": consent_token, "scope": scope}

    with nothing_changes(house):
        assert refused(vendor.post("/oauth/token", form), "invalid_scope")


@on_sqlite_alone
def test_redeeming_one_in_sixteen_threads_gives_sixteen_lines_in_an_unbroken_ledger(
    app, person, vendor, house, consent_token
):
    form = {"grant_type": GRANT_TYPE, "assertion": consent_token}

    answers = at_once(app, 16, lambda client: client.post("/oauth/token", data=form, headers=vendor.credentials))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["access_token"] for answer in answers}) == 16
    assert person.log() == ["asked", "granted", *["redeemed"] * 17]
    lines = sorted(line["seq"] for line in rows(house, "ledger"))
    assert lines == list(range(len(lines)))


@on_sqlite_alone
def test_a_vendor_without_a_secret_can_not_redeem_one_and_keeps_its_refresh_token(app, house, person):
    public = VendorActor(app, house, "app", token_endpoint_auth_method="none")
    tokens = tokens_for(person, public)

    with nothing_changes(house):
        assert refused(public.asserts(tokens["consent_token"]), "unauthorized_client")
    assert public.refreshes(tokens["refresh_token"]).status_code == 200


@on_sqlite_alone
def test_a_client_id_that_comes_back_at_another_host_inherits_nothing(app, house, person, vendor, consent_token):
    house.database.write(registry.remove, vendor.client_id)
    moved = VendorActor(app, house, vendor.client_id, redirect_uris=["https://elsewhere.example/back"])

    with nothing_changes(house):
        assert refused(moved.asserts(consent_token), "invalid_grant")
