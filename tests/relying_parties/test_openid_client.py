"""openid-client, the certified library for Node.js, works with discovery URL, client_id and secret or key alone."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from relying import LibraryFailed

from wallet.demo.stage import VALUES, ours

pytestmark = pytest.mark.slow

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ELSEWHERE = "https://shop.invalid/back"
EMAIL = {"email": VALUES["email"], "email_verified": False}


def header_of(token):
    return json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))


def query_of(address):
    return {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}


def refused(shop, command, **given):
    with pytest.raises(LibraryFailed) as failure:
        shop.library(command, **given)
    return failure.value.said["error"]


def test_what_the_operator_registered_is_all_the_library_needs(shop):
    metadata = {"client_name": "Shop", "redirect_uris": [shop.back]}
    environment = shop.wallet.environment
    registered = ours("wallet", "vendor", "add", "-", environment=environment, given=json.dumps(metadata))
    shop.begins(json.loads(registered))

    tokens = shop.signs_in()

    assert tokens["token_type"] == "bearer"
    assert tokens["claims"]["iss"] == shop.wallet.issuer
    assert tokens["claims"]["aud"] == shop.client_id
    assert shop.reads(tokens, tokens["claims"]["sub"]) == {"sub": tokens["claims"]["sub"], **EMAIL}


def carried(shop, **asked):
    """The address the browser was sent to, fragment and all; nobody is there."""
    with pytest.raises(httpx.ConnectError) as nobody_there:
        shop.ana.follows(shop.asks(redirect_uri=ELSEWHERE, **asked))
    return str(nobody_there.value.request.url)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_code_and_an_id_token_that_the_browser_carried(shop, alg):
    types = {"response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"]}
    shop.joins(redirect_uris=[ELSEWHERE], id_token_signed_response_alg=alg, **types)
    shop.library("expect_code_and_id_token")

    tokens = shop.library("redeem", address=carried(shop), body="")

    assert shop.reads(tokens, tokens["claims"]["sub"])["email"] == VALUES["email"]


def test_an_id_token_that_the_browser_carried_with_all_that_was_asked_for(shop):
    shop.joins("none", redirect_uris=[ELSEWHERE], response_types=["id_token"], grant_types=["implicit"])
    shop.library("expect_id_token")

    claims = shop.library("take", address=carried(shop))

    assert claims["email"] == VALUES["email"]


def test_tokens_are_renewed_looked_into_and_revoked(shop):
    shop.joins()
    first = shop.signs_in()

    second = shop.library("refresh", token=first["refresh_token"])

    assert second["claims"]["sub"] == first["claims"]["sub"]
    assert shop.library("introspect", token=second["access_token"])["active"]
    shop.library("revoke", token=second["refresh_token"])
    assert not shop.library("introspect", token=second["access_token"])["active"]
    assert refused(shop, "refresh", token=second["refresh_token"]) == "invalid_grant"


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_jwt", "none"])
def test_every_other_way_without_a_key_of_ones_own(shop, method):
    shop.joins(method)

    tokens = shop.signs_in()
    again = shop.library("refresh", token=tokens["refresh_token"])

    assert shop.reads(again, tokens["claims"]["sub"])["email"] == VALUES["email"]


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_vendor_without_a_secret_proves_itself_by_its_key(shop, alg):
    jwk = shop.library("make_keys", alg=alg)
    shop.joins("private_key_jwt", jwks={"keys": [jwk]})

    tokens = shop.signs_in(pushed=True)

    assert shop.library("introspect", token=tokens["access_token"])["active"]
    assert shop.library("refresh", token=tokens["refresh_token"])["access_token"]
    shop.library("revoke", token=tokens["access_token"])
    assert not shop.library("introspect", token=tokens["access_token"])["active"]


def test_a_request_that_was_pushed_shows_the_browser_nothing(shop):
    shop.joins(require_pushed_authorization_requests=True)

    address = shop.asks(pushed=True)

    assert query_of(address).keys() == {"client_id", "request_uri"}
    tokens = shop.library("redeem", **shop.ana.follows(address))
    assert shop.reads(tokens, tokens["claims"]["sub"])["email"] == VALUES["email"]


@pytest.mark.parametrize("pushed", [False, True], ids=["sent", "pushed"])
def test_a_request_that_the_library_signed(shop, pushed):
    jwk = shop.library("make_keys", alg="ES256")
    shop.joins(jwks={"keys": [jwk]}, require_signed_request_object=True, request_object_signing_alg="ES256")

    address = shop.asks(signed=True, pushed=pushed)

    assert query_of(address).keys() == {"client_id", "request_uri" if pushed else "request"}
    tokens = shop.library("redeem", **shop.ana.follows(address))
    assert shop.reads(tokens, tokens["claims"]["sub"])["email"] == VALUES["email"]


def test_an_answer_that_comes_as_a_form(shop):
    shop.joins()

    arrived = shop.ana.follows(shop.asks(response_mode="form_post"))

    assert arrived["address"] == shop.back
    assert shop.library("redeem", **arrived)["claims"]["aud"] == shop.client_id


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_the_answer_the_id_token_and_userinfo_are_signed_as_registered(shop, alg):
    kinds = ("authorization_signed_response_alg", "id_token_signed_response_alg", "userinfo_signed_response_alg")
    shop.joins(**dict.fromkeys(kinds, alg))
    shop.library("expect_signed_responses")

    arrived = shop.ana.follows(shop.asks())
    tokens = shop.library("redeem", **arrived)

    answer = query_of(arrived["address"])
    assert answer.keys() == {"response"}
    assert header_of(answer["response"])["alg"] == header_of(tokens["id_token"])["alg"] == alg
    assert shop.reads(tokens, tokens["claims"]["sub"])["email"] == VALUES["email"]


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_tokens_bound_to_a_key_with_the_nonce_the_wallet_wants(shop, alg):
    shop.joins(dpop_bound_access_tokens=True)
    shop.library("prove", alg=alg)
    arrived = shop.ana.follows(shop.asks())
    shop.library("traffic")

    tokens = shop.library("redeem", **arrived)

    assert tokens["token_type"] == "dpop"
    assert shop.library("traffic")[:2] == ["POST /oauth/token 400", "POST /oauth/token 200"]
    assert shop.reads(tokens, tokens["claims"]["sub"])["email"] == VALUES["email"]
    assert shop.library("refresh", token=tokens["refresh_token"])["token_type"] == "dpop"


def test_a_read_without_nonce_is_repeated_with_it(shop):
    shop.joins(dpop_bound_access_tokens=True)
    shop.library("prove", alg="ES256")
    tokens = shop.signs_in(pushed=True)
    shop.library("forget_nonces")
    shop.library("traffic")

    claims = shop.reads(tokens, tokens["claims"]["sub"])

    assert claims["email"] == VALUES["email"]
    assert shop.library("traffic") == ["GET /oauth/userinfo 401", "GET /oauth/userinfo 200"]


def test_the_library_registers_itself(shop):
    metadata = {
        "client_name": "Shop",
        "redirect_uris": [shop.back],
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "ES256",
    }
    registered = shop.library("register", issuer=shop.wallet.issuer, metadata=metadata)

    tokens = shop.signs_in()

    assert tokens["claims"]["aud"] == registered["client_id"]
    assert shop.reads(tokens, tokens["claims"]["sub"])["email"] == VALUES["email"]


def test_what_is_asked_by_claims_is_what_is_read(shop):
    shop.joins()
    wanted = {
        "userinfo": {"given_name": {"essential": True, "purpose": "To greet you"}, "birthdate": None},
        "id_token": {"auth_time": {"essential": True}},
    }

    tokens = shop.signs_in(scope="openid", claims=json.dumps(wanted))

    sub = tokens["claims"]["sub"]
    assert shop.reads(tokens, sub) == {"sub": sub, "given_name": VALUES["given_name"], "birthdate": VALUES["birthdate"]}
    assert tokens["claims"]["auth_time"] > 0


def test_a_sign_in_that_may_not_be_too_long_ago(shop):
    shop.joins()
    arrived = shop.ana.follows(shop.asks(scope="openid", max_age="60"))

    tokens = shop.library("redeem", **arrived, max_age=60)

    assert tokens["claims"]["auth_time"] > 0


def test_the_library_hears_why_there_is_no_answer(shop):
    shop.joins()
    arrived = shop.ana.follows(shop.asks(prompt="none"))

    assert refused(shop, "redeem", **arrived) == "login_required"


def test_a_narrower_token_for_somebody_else(shop):
    shop.joins(grant_types=["authorization_code", "refresh_token", TOKEN_EXCHANGE], recipients=["Printer Ltd"])
    tokens = shop.signs_in(scope="openid email profile")
    wanted = {
        "subject_token": tokens["access_token"],
        "subject_token_type": ACCESS_TOKEN,
        "scope": "openid email",
        "audience": "Printer Ltd",
    }

    narrow = shop.library("exchange", grant_type=TOKEN_EXCHANGE, parameters=wanted)

    sub = tokens["claims"]["sub"]
    assert shop.reads(narrow, sub) == {"sub": sub, **EMAIL}


def test_the_consent_token_is_redeemed_by_the_generic_grant(shop):
    shop.joins()
    tokens = shop.signs_in()

    again = shop.library("exchange", grant_type=JWT_BEARER, parameters={"assertion": tokens["consent_token"]})

    assert shop.reads(again, tokens["claims"]["sub"])["email"] == VALUES["email"]


def test_the_person_is_led_out_and_back_to_the_vendor(shop):
    bye = f"{shop.ana.corner.address}/bye"
    shop.joins(post_logout_redirect_uris=[bye])
    tokens = shop.signs_in()
    wanted = {"post_logout_redirect_uri": bye, "id_token_hint": tokens["id_token"], "state": "on the way"}

    page = shop.ana.leaves(shop.library("end_session", parameters=wanted))

    assert page.url == f"{bye}?state=on+the+way"
    assert 'name="password"' in shop.ana.browser.open(f"{shop.wallet.issuer}/data").text
