"""Nonces of DPoP proofs (RFC 9449 section 8): told with every answer, good for minutes, demanded of few."""

import pytest
from actors import VendorActor
from dpop import ProvingVendor
from journeys import code_for, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone


@pytest.fixture
def vendor(app, house):
    return ProvingVendor(app, house, "shop")


@on_sqlite_alone
def test_every_answer_to_a_proof_tells_the_next_nonce_and_no_other_does(person, vendor, app, house):
    bearer = VendorActor(app, house, "old")

    good, bad = vendor.redeems(code_for(person, vendor)), vendor.redeems("guessed")

    assert good.headers["DPoP-Nonce"] == bad.headers["DPoP-Nonce"]
    assert "DPoP-Nonce" not in bearer.redeems(code_for(person, bearer)).headers
    assert "DPoP-Nonce" not in bearer.redeems("guessed").headers


@on_sqlite_alone
def test_a_vendor_that_binds_all_its_tokens_has_to_send_a_nonce(person, app, house):
    vendor = ProvingVendor(app, house, "bank", dpop_bound_access_tokens=True)
    code = code_for(person, vendor)

    with nothing_changes(house):
        answer = vendor.redeems(code)

    assert refused(answer, "use_dpop_nonce")
    vendor.dpop_nonce = answer.headers["DPoP-Nonce"]
    assert vendor.redeems(code).json["token_type"] == "DPoP"


@on_sqlite_alone
@pytest.mark.parametrize("nonce", ["", "guessed", "ä", 5, ["x"], {}])
def test_a_nonce_that_is_not_ours_is_refused_although_none_was_needed(person, vendor, house, nonce):
    code = code_for(person, vendor)
    vendor.sends(vendor.proof(nonce=nonce))

    with nothing_changes(house):
        assert refused(vendor.redeems(code), "use_dpop_nonce")


@on_sqlite_alone
def test_a_nonce_lasts_five_minutes_and_ten_at_most(person, vendor, clock):
    consent_token = tokens_for(person, vendor)["consent_token"]
    clock.now -= clock.now % 300
    vendor.dpop_nonce = vendor.asserts(consent_token).headers["DPoP-Nonce"]

    clock.now += 599
    assert vendor.asserts(consent_token).status_code == 200
    clock.now += 1
    assert refused(vendor.asserts(consent_token), "use_dpop_nonce")


@on_sqlite_alone
def test_a_nonce_of_the_future_is_not_known_yet(person, vendor, clock):
    consent_token = tokens_for(person, vendor)["consent_token"]
    clock.now += 300
    vendor.dpop_nonce = vendor.asserts(consent_token).headers["DPoP-Nonce"]
    clock.now -= 300

    assert refused(vendor.asserts(consent_token), "use_dpop_nonce")
