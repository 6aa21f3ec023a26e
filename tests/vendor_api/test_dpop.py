"""Tokens bound to a vendor's key (RFC 9449): what binds them, and who may use them afterwards."""

import pytest
from dpop import ProvingVendor, new_key, thumbprint_of
from journeys import code_for, refused, sent_back, tokens_for
from storage import nothing_changes, on_sqlite_alone

from vendor_api.oauth.registration import add_by_operator


@pytest.fixture
def vendor(app, house):
    return ProvingVendor(app, house, "shop")


@pytest.fixture
def public(app, house):
    return ProvingVendor(app, house, "app", token_endpoint_auth_method="none")


@pytest.fixture
def bank(app, house):
    """Registered for bound tokens alone, and holding a nonce."""
    bank = ProvingVendor(app, house, "bank", dpop_bound_access_tokens=True)
    bank.dpop_nonce = bank.redeems("nothing").headers["DPoP-Nonce"]
    return bank


# Bound


@on_sqlite_alone
@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"])
def test_tokens_redeemed_with_a_proof_are_bound_to_its_key(person, app, house, algorithm):
    vendor = ProvingVendor(app, house, "shop", algorithm=algorithm)

    tokens = tokens_for(person, vendor)

    assert tokens["token_type"] == "DPoP"
    described = vendor.introspects(tokens["access_token"])
    assert described["token_type"] == "DPoP"
    assert described["cnf"] == {"jkt": thumbprint_of(vendor.key)}


def test_tokens_redeemed_without_a_proof_are_bearer_tokens_as_ever(person, vendor):
    tokens = vendor.sends().redeems(code_for(person, vendor)).json

    assert tokens["token_type"] == "Bearer"
    described = vendor.introspects(tokens["access_token"])
    assert described["token_type"] == "Bearer"
    assert "cnf" not in described


@on_sqlite_alone
def test_whoever_introspects_a_refresh_token_learns_no_key_of_a_vendor_with_a_secret(person, vendor):
    tokens = tokens_for(person, vendor)

    described = vendor.introspects(tokens["refresh_token"])

    assert described["token_type"] == "refresh_token"
    assert "cnf" not in described


def test_a_consent_token_redeemed_with_a_proof_gives_a_bound_token(person, vendor):
    tokens = tokens_for(person, vendor)

    answer = vendor.asserts(tokens["consent_token"]).json

    assert answer["token_type"] == "DPoP"
    assert vendor.introspects(answer["access_token"])["cnf"] == {"jkt": thumbprint_of(vendor.key)}


# Renewed


def test_a_refresh_token_of_a_vendor_without_a_secret_is_good_with_its_key_alone(person, public, house):
    refresh_token, key = tokens_for(person, public)["refresh_token"], public.key

    public.key = new_key()
    with nothing_changes(house):
        assert refused(public.refreshes(refresh_token), "invalid_grant")
        assert refused(public.sends().refreshes(refresh_token), "invalid_grant")

    public.key = key
    renewed = public.refreshes(refresh_token).json
    assert renewed["token_type"] == "DPoP"
    assert public.reads(renewed["access_token"]).status_code == 200


@on_sqlite_alone
def test_the_binding_of_a_refresh_token_outlasts_its_renewal(person, public):
    renewed = public.refreshes(tokens_for(person, public)["refresh_token"]).json

    public.key = new_key()

    assert refused(public.refreshes(renewed["refresh_token"]), "invalid_grant")


@on_sqlite_alone
def test_a_vendor_without_a_secret_may_begin_to_bind_its_tokens_when_it_renews_them(person, public):
    unbound = public.sends().redeems(code_for(person, public)).json["refresh_token"]

    bound = public.refreshes(unbound).json

    assert bound["token_type"] == "DPoP"
    assert refused(public.sends().refreshes(bound["refresh_token"]), "invalid_grant")


@on_sqlite_alone
def test_a_vendor_with_a_secret_may_change_its_key_when_it_renews(person, vendor):
    refresh_token = tokens_for(person, vendor)["refresh_token"]

    vendor.key = new_key()
    renewed = vendor.refreshes(refresh_token).json

    assert vendor.introspects(renewed["access_token"])["cnf"] == {"jkt": thumbprint_of(vendor.key)}


# Registered for bound tokens alone


@on_sqlite_alone
def test_a_vendor_registered_for_bound_tokens_gets_none_without_a_proof(person, bank, house):
    tokens = tokens_for(person, bank)
    code = bank.receives(person.opens(bank.link(["email"])))["code"]

    with nothing_changes(house):
        assert refused(bank.sends().redeems(code), "invalid_dpop_proof")
        assert refused(bank.sends().refreshes(tokens["refresh_token"]), "invalid_dpop_proof")
        assert refused(bank.sends().asserts(tokens["consent_token"]), "invalid_dpop_proof")


@on_sqlite_alone
def test_only_true_and_false_can_be_registered(house):
    given = {"redirect_uris": ["https://shop.example/back"], "dpop_bound_access_tokens": "yes"}

    with nothing_changes(house), pytest.raises(Exception, match="dpop_bound_access_tokens must be true or false"):
        house.database.write(add_by_operator, house.secrets, given, now=house.clock())


@on_sqlite_alone
def test_discovery_names_the_algorithms_of_proofs(app):
    document = app.test_client().get("/.well-known/openid-configuration").json

    assert document["dpop_signing_alg_values_supported"] == ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"]


# A code bound by dpop_jkt


def test_a_code_bound_to_a_key_is_redeemed_with_that_key_alone(person, vendor, house):
    code, key = code_for(person, vendor, dpop_jkt=thumbprint_of(vendor.key)), vendor.key

    vendor.key = new_key()
    with nothing_changes(house):
        assert refused(vendor.redeems(code), "invalid_grant")
        assert refused(vendor.sends().redeems(code), "invalid_grant")

    vendor.key = key
    assert vendor.redeems(code).json["token_type"] == "DPoP"


@on_sqlite_alone
def test_a_code_given_again_without_a_page_is_bound_as_well(person, vendor):
    tokens_for(person, vendor)
    code = vendor.receives(person.opens(vendor.link(["email"], dpop_jkt=thumbprint_of(new_key()))))["code"]

    assert refused(vendor.redeems(code), "invalid_grant")


@on_sqlite_alone
def test_the_binding_of_a_code_is_not_one_of_its_refresh_token(person, vendor):
    """A vendor with a secret may change its key (RFC 9449 section 5)."""
    tokens = tokens_for(person, vendor, dpop_jkt=thumbprint_of(vendor.key))

    vendor.key = new_key()

    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("jkt", ["short", "x" * 42, "x" * 44, "x" * 42 + "=", "x" * 42 + "\n"])
def test_what_is_no_thumbprint_is_refused_before_the_person_is_asked(person, vendor, house, jkt):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], dpop_jkt=jkt)), vendor)

    assert answer["error"] == "invalid_request"
