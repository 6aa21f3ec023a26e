"""Reads with bound tokens (RFC 9449 section 7): token and key together, by the DPoP scheme, and no other way."""

import pytest
from actors import VendorActor
from dpop import ProvingVendor, ath, new_key
from journeys import at_once, code_for, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows


@pytest.fixture
def vendor(app, house):
    return ProvingVendor(app, house, "shop")


@pytest.fixture
def bank(app, house):
    """Registered for bound tokens alone, and holding a nonce."""
    bank = ProvingVendor(app, house, "bank", dpop_bound_access_tokens=True)
    bank.dpop_nonce = bank.redeems("nothing").headers["DPoP-Nonce"]
    return bank


def test_a_bound_token_is_read_with_a_proof_and_leaves_one_line(person, vendor):
    access_token = tokens_for(person, vendor)["access_token"]

    answer = vendor.reads(access_token)

    assert answer.json["email"] == "ana@example.org"
    assert answer.headers["DPoP-Nonce"]
    assert vendor.reads(access_token, method="POST").json["email"] == "ana@example.org"
    assert person.log()[-2:] == ["read", "read"]


def refused_at_userinfo(answer, error, *, scheme):
    """Whether the error stands in the challenge of this scheme, and the other scheme beside it without one."""
    assert refused(answer, error, status=401)
    said = f', error="{error}", error_description="{answer.json["error_description"]}"'
    bearer, dpop = (said, "") if scheme == "Bearer" else ("", said)
    expected = f'Bearer realm="wallet"{bearer}, DPoP realm="wallet"{dpop}, algs="ES256 EdDSA Ed25519 PS256 RS256"'
    assert answer.headers["WWW-Authenticate"] == expected
    return True


def test_a_bound_token_is_no_bearer_token(person, vendor, house):
    access_token = tokens_for(person, vendor)["access_token"]
    by_header = {"Authorization": f"Bearer {access_token}"}

    with nothing_changes(house):
        plain = vendor.client.get("/oauth/userinfo", headers=by_header)
        with_proof = vendor.reads(access_token, scheme="Bearer")
        by_form = vendor.client.post("/oauth/userinfo", data={"access_token": access_token})

    assert refused_at_userinfo(plain, "invalid_token", scheme="Bearer")
    assert refused_at_userinfo(with_proof, "invalid_token", scheme="Bearer")
    assert refused_at_userinfo(by_form, "invalid_token", scheme="Bearer")


def test_a_bearer_token_is_no_bound_token(person, vendor, house):
    access_token = vendor.sends().redeems(code_for(person, vendor)).json["access_token"]

    with nothing_changes(house):
        assert refused_at_userinfo(vendor.reads(access_token), "invalid_token", scheme="DPoP")


def test_a_stolen_token_is_of_no_use_with_the_thiefs_own_key(person, vendor, house):
    access_token = tokens_for(person, vendor)["access_token"]
    vendor.key = new_key()

    with nothing_changes(house):
        assert refused_at_userinfo(vendor.reads(access_token), "invalid_token", scheme="DPoP")


@on_sqlite_alone
@pytest.mark.parametrize(
    "changed",
    [{"ath": None}, {"ath": "x" * 43}, {"ath": 5}, {"ath": "ä"}, {"htm": "POST"}, {"htu": "http://localhost/"}],
)
def test_a_proof_for_something_else_is_refused(person, vendor, house, changed):
    access_token = tokens_for(person, vendor)["access_token"]
    proof = vendor.proof("GET", "/oauth/userinfo", **{"ath": ath(access_token), **changed})

    with nothing_changes(house):
        answer = vendor.sends(proof).reads(access_token)

    assert refused_at_userinfo(answer, "invalid_dpop_proof", scheme="DPoP")
    assert answer.headers["DPoP-Nonce"]


@on_sqlite_alone
def test_a_read_without_a_proof_or_with_two_is_refused(person, vendor, house):
    access_token = tokens_for(person, vendor)["access_token"]
    two = [vendor.proof("GET", "/oauth/userinfo") for _ in range(2)]

    with nothing_changes(house):
        assert refused_at_userinfo(vendor.sends().reads(access_token), "invalid_dpop_proof", scheme="DPoP")
        assert refused_at_userinfo(vendor.sends(*two).reads(access_token), "invalid_dpop_proof", scheme="DPoP")


@on_sqlite_alone
def test_a_token_in_header_and_form_at_once_is_refused(person, vendor, house):
    access_token = tokens_for(person, vendor)["access_token"]
    headers = {"Authorization": f"DPoP {access_token}", "DPoP": vendor.proof("POST", "/oauth/userinfo")}

    with nothing_changes(house):
        answer = vendor.client.post("/oauth/userinfo", data={"access_token": access_token}, headers=headers)

    assert refused(answer, "invalid_request")


@on_sqlite_alone
def test_without_a_token_both_schemes_are_offered(app):
    answer = app.test_client().get("/oauth/userinfo")

    assert answer.status_code == 401
    schemes = 'Bearer realm="wallet", DPoP realm="wallet", algs="ES256 EdDSA Ed25519 PS256 RS256"'
    assert answer.headers["WWW-Authenticate"] == schemes


def test_a_vendor_registered_for_bound_tokens_reads_with_a_nonce_alone(person, bank, house):
    access_token = tokens_for(person, bank)["access_token"]
    nonce, bank.dpop_nonce = bank.dpop_nonce, None

    with nothing_changes(house):
        answer = bank.reads(access_token)

    assert refused_at_userinfo(answer, "use_dpop_nonce", scheme="DPoP")
    assert answer.headers["DPoP-Nonce"] == nonce
    bank.dpop_nonce = nonce
    assert bank.reads(access_token).json["email"] == "ana@example.org"


def test_of_eight_reads_at_once_with_one_proof_one_is_answered(person, vendor, app):
    access_token = tokens_for(person, vendor)["access_token"]
    proof = vendor.proof("GET", "/oauth/userinfo", ath=ath(access_token))
    headers = {"Authorization": f"DPoP {access_token}", "DPoP": proof}

    answers = at_once(app, 8, lambda client: client.get("/oauth/userinfo", headers=headers))

    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    assert person.log().count("read") == 1


def test_the_persons_end_is_the_end_of_a_bound_token_too(person, vendor):
    tokens = tokens_for(person, vendor)
    person.revokes(tokens["grant_id"])

    assert refused_at_userinfo(vendor.reads(tokens["access_token"]), "invalid_token", scheme="DPoP")
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")


@on_sqlite_alone
def test_only_what_carried_a_proof_is_remembered(person, vendor, app, house):
    bearer = VendorActor(app, house, "old")
    bearer.reads(tokens_for(person, bearer)["access_token"])
    assert rows(house, "seen") == []

    vendor.reads(tokens_for(person, vendor)["access_token"])

    assert len(rows(house, "seen")) == 2
