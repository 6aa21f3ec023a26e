"""FAPI 2.0 for vendors that register a profile: pushed, bound, proven by key; what was a choice is none."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from actors import VERIFIER, VendorActor
from asserting import TYPE, AssertingVendor, key, public
from certified import HEADER, CertifiedVendor, certify
from dpop import ProvingVendor, ath, new_key
from journeys import refused, sent_back
from storage import nothing_changes, on_sqlite_alone, rows

from consent.terms import standing
from vendor_api.errors import InvalidClientMetadata

SECURITY, SIGNING = "fapi2_security_profile", "fapi2_message_signing"


class StrictVendor(AssertingVendor):
    """Pushes its requests, proves itself by assertions and its key by proofs with a nonce."""

    def __init__(self, app, house, name="stadtwerke", *, profile=SECURITY, alg="PS256", **metadata):
        super().__init__(
            app, house, name, alg=alg, fapi_profile=profile, id_token_signed_response_alg="PS256", **metadata
        )
        self.prover, self.nonce_for_proofs = ProvingVendor(app, house, f"{name}-keys"), None

    def proof(self, path, method="POST", **claims):
        if self.nonce_for_proofs:
            claims["nonce"] = self.nonce_for_proofs
        return self.prover.proof(method, path, **claims)

    def post(self, path, form, *, headers=None):
        def send():
            return AssertingVendor.post(self, path, form, headers={"DPoP": self.proof(path), **(headers or {})})

        response = send()
        if response.status_code == 400 and response.json.get("error") == "use_dpop_nonce":
            self.nonce_for_proofs = response.headers["DPoP-Nonce"]
            response = send()
        return response

    def pushes(self, asking=("email",), **changed):
        parameters = dict(parse_qsl(urlsplit(self.link(asking, **changed)).query))
        return self.post("/oauth/par", {name: value for name, value in parameters.items() if value})

    def code_from(self, person):
        reference = self.pushes().json["request_uri"]
        page = person.opens(f"/oauth/authorize?{urlencode({'client_id': self.client_id, 'request_uri': reference})}")
        return self.receives(person.allows(page, only=["email"]))["code"]

    def reads(self, access_token):
        proof = self.proof("/oauth/userinfo", "GET", ath=ath(access_token))
        return self.client.get("/oauth/userinfo", headers={"Authorization": f"DPoP {access_token}", "DPoP": proof})


@pytest.fixture
def strict(app, house):
    return StrictVendor(app, house)


def test_the_whole_way_works_and_every_token_is_bound(person, strict):
    tokens = strict.redeems(strict.code_from(person)).json

    assert tokens["token_type"] == "DPoP"
    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == "PS256"
    assert strict.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert (
        strict.client.get("/oauth/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).status_code
        == 401
    )


@on_sqlite_alone
def test_refresh_tokens_give_nothing_once_the_agreement_has_ended(app, house, person):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    house.database.write(standing.put, "every", **ids, applies="conditionally", agreements=["SD-BASE"])
    strict = StrictVendor(app, house, myterms=["SD-BASE"])
    tokens = strict.redeems(strict.code_from(person)).json
    page = f"/vendors/{tokens['grant_id']}"

    before = strict.refreshes(tokens["refresh_token"])
    person.browser.post(f"{page}/agreement", form_at=page, do="end")

    assert before.status_code == 200
    assert refused(strict.refreshes(tokens["refresh_token"]), "invalid_grant")


def test_refresh_tokens_do_not_rotate_and_end_with_the_grant(person, strict):
    tokens = strict.redeems(strict.code_from(person)).json

    first = strict.refreshes(tokens["refresh_token"]).json
    second = strict.refreshes(tokens["refresh_token"]).json

    assert "refresh_token" not in first
    assert strict.reads(first["access_token"]).status_code == strict.reads(second["access_token"]).status_code == 200
    person.revokes(tokens["grant_id"])
    assert refused(strict.refreshes(tokens["refresh_token"]), "invalid_grant")


def test_a_refresh_token_is_of_no_use_to_another_strict_vendor(app, house, person, strict):
    other = StrictVendor(app, house, "other")
    tokens = strict.redeems(strict.code_from(person)).json

    assert refused(other.refreshes(tokens["refresh_token"]), "invalid_grant")
    assert strict.refreshes(tokens["refresh_token"]).status_code == 200


def test_what_is_not_pushed_is_refused(person, strict, house):
    with nothing_changes(house):
        assert sent_back(person.browser.get(strict.link(["email"])), strict)["error"] == "invalid_request"


def test_without_pkce_a_nonce_does_not_do(strict):
    assert refused(strict.pushes(code_challenge="", code_challenge_method=""), "invalid_request")


def test_without_a_proof_there_is_no_token(person, strict, house):
    code = strict.code_from(person)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": strict.redirect_uri}

    with_assertion = {"client_assertion_type": TYPE, "client_assertion": strict.assertion(), "code_verifier": VERIFIER}
    answer = strict.client.post("/oauth/token", data=form | with_assertion)

    assert refused(answer, "invalid_dpop_proof")


def test_another_key_than_the_one_pushed_with_redeems_nothing(person, strict):
    code = strict.code_from(person)
    strict.prover.key = new_key()

    assert refused(strict.redeems(code), "invalid_grant")


class TestByCertificate:
    """Security Profile section 5.3.2.1: mutual TLS instead of assertions, of DPoP, or of both."""

    MINE = certify("CN=bank")

    @pytest.fixture
    def settings(self, settings):
        return replace(settings, client_certificate_header=HEADER, trusted_proxies="127.0.0.1/32")

    @pytest.fixture
    def bank(self, app, house):
        proof = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": self.MINE.jwks}
        given = {"fapi_profile": SECURITY, "tls_client_certificate_bound_access_tokens": True, **proof}
        return CertifiedVendor(app, house, "bank", self.MINE, **{**given, "id_token_signed_response_alg": "PS256"})

    def code_from(self, person, bank):
        parameters = dict(parse_qsl(urlsplit(bank.link(["email"])).query))
        reference = bank.post("/oauth/par", parameters).json["request_uri"]
        page = person.opens(f"/oauth/authorize?{urlencode({'client_id': bank.client_id, 'request_uri': reference})}")
        return bank.receives(person.allows(page, only=["email"]))["code"]

    def test_the_whole_way_works_and_every_token_is_bound(self, person, bank, house):
        tokens = bank.redeems(self.code_from(person, bank)).json

        assert bank.registered.get("dpop_bound_access_tokens") is None
        assert bank.introspects(tokens["access_token"])["cnf"] == {"x5t#S256": self.MINE.thumbprint}
        assert bank.reads(tokens["access_token"]).json["email"] == "ana@example.org"
        assert bank.refreshes(tokens["refresh_token"]).json.keys() >= {"access_token"}
        bank.credential = None
        with nothing_changes(house):
            assert refused(bank.reads(tokens["access_token"]), "invalid_token", status=401)
            assert refused(bank.refreshes(tokens["refresh_token"]), "invalid_client", status=401)

    @on_sqlite_alone
    def test_without_a_binding_of_either_kind_it_is_dpop(self, app, house):
        proof = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": self.MINE.jwks}
        given = {"fapi_profile": SECURITY, "id_token_signed_response_alg": "PS256", **proof}

        assert CertifiedVendor(app, house, "bank", self.MINE, **given).registered["dpop_bound_access_tokens"] is True


@on_sqlite_alone
def test_rs256_proves_nothing_here(app, house):
    vendor = StrictVendor(app, house, alg="RS256")

    assert refused(vendor.pushes(), "invalid_client", status=401)


@on_sqlite_alone
def test_rs256_proves_no_key_here_either(app, house):
    vendor = StrictVendor(app, house)
    vendor.prover.algorithm, vendor.prover.key = "RS256", new_key("RS256")

    assert refused(vendor.pushes(), "invalid_dpop_proof")
    assert rows(house, "pushed_requests") == []


@on_sqlite_alone
def test_message_signing_wants_signed_requests_and_signed_answers(app, house, person):
    vendor = StrictVendor(app, house, profile=SIGNING)
    asked = dict(parse_qsl(urlsplit(vendor.link(["email"], response_mode="jwt")).query))
    now = house.clock()
    said = {**asked, "iss": vendor.client_id, "aud": "http://localhost", "exp": now + 300, "nbf": now}

    def push(**changed):
        claims = {name: value for name, value in {**said, **changed}.items() if value is not None}
        signed = vendor.signed({"alg": "PS256", "kid": vendor.signs_with.kid, "typ": "oauth-authz-req+jwt"}, claims)
        return vendor.post("/oauth/par", {"request": signed})

    assert refused(vendor.pushes(response_mode="jwt"), "invalid_request_object")
    assert refused(push(nbf=None), "invalid_request_object")
    assert refused(push(response_mode=None), "invalid_request")
    reference = push().json["request_uri"]
    page = person.opens(f"/oauth/authorize?{urlencode({'client_id': vendor.client_id, 'request_uri': reference})}")
    answer = vendor.receives(person.allows(page, only=["email"]))
    assert answer.keys() == {"response"}
    assert jwt.get_unverified_header(answer["response"])["alg"] == "PS256"


@on_sqlite_alone
@pytest.mark.parametrize(
    "wrong",
    [
        {"fapi_profile": "fapi1"},
        {"fapi_profile": True},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "none"},
        {"id_token_signed_response_alg": "RS256"},
        {"token_endpoint_auth_signing_alg": "RS256"},
        {"request_object_signing_alg": "RS256"},
        {"require_pushed_authorization_requests": False},
        {"dpop_bound_access_tokens": False},
        {"require_pkce": False},
        {"tls_client_certificate_bound_access_tokens": True, "dpop_bound_access_tokens": True},
        {"tls_client_certificate_bound_access_tokens": False, "dpop_bound_access_tokens": False},
        {"redirect_uris": ["http://localhost/back"]},
        {"redirect_uris": ["com.example.app:/back"]},
    ],
)
def test_what_is_weaker_than_the_profile_can_not_be_registered(app, house, wrong):
    good = {"fapi_profile": SECURITY, "token_endpoint_auth_method": "private_key_jwt", "jwks": public(key("PS256"))}

    with nothing_changes(house), pytest.raises(InvalidClientMetadata):
        VendorActor(app, house, "stadtwerke", **{**good, "id_token_signed_response_alg": "PS256", **wrong})
