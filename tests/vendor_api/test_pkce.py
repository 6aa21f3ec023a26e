"""Proof Key for Code Exchange (RFC 7636, RFC 9700 section 2.1.1): whoever redeems a code is whoever asked for it."""

import base64
import hashlib

import pytest
from actors import CHALLENGE, VERIFIER, VendorActor
from journeys import code_for, refused, sent_back
from storage import nothing_changes, on_sqlite_alone

WITHOUT = ("code_challenge", "code_challenge_method")


def challenge_of(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def vendor_of_kind(app, house, kind):
    return VendorActor(
        app,
        house,
        kind,
        **{
            "public": {"token_endpoint_auth_method": "none"},
            "native": {
                "token_endpoint_auth_method": "none",
                "application_type": "native",
                "redirect_uris": ["com.example.app:/back"],
            },
            "confidential": {},
            "old": {"require_pkce": False},
        }[kind],
    )


@pytest.fixture
def asks(app, house, request):
    return vendor_of_kind(app, house, request.param)


def of_kind(*kinds):
    return pytest.mark.parametrize("asks", kinds, indirect=True)


@on_sqlite_alone
@of_kind("public", "native")
@pytest.mark.parametrize("without", [(), ("nonce",)])
def test_a_public_vendor_without_a_challenge_is_refused_nonce_or_not(person, asks, house, without):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(asks.link(["email"], without=[*WITHOUT, *without])), asks)

    assert answer["error"] == "invalid_request"


@on_sqlite_alone
@of_kind("confidential")
@pytest.mark.parametrize(
    "request_",
    [{"without": ["nonce", *WITHOUT]}, {"without": WITHOUT, "scope": "profile"}, {"without": WITHOUT, "nonce": ""}],
)
def test_a_confidential_vendor_without_challenge_and_without_nonce_is_refused(person, asks, house, request_):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(asks.link(["email"], **request_)), asks)

    assert answer["error"] == "invalid_request"


@of_kind("confidential")
def test_a_confidential_vendor_may_send_a_nonce_instead_of_a_challenge(person, asks):
    code = code_for(person, asks, without=WITHOUT)

    assert asks.redeems(code, code_verifier="").status_code == 200


@on_sqlite_alone
@of_kind("old")
def test_an_old_vendor_for_whom_the_operator_says_so_needs_neither(person, asks):
    code = code_for(person, asks, without=["nonce", *WITHOUT])

    assert asks.redeems(code, code_verifier="").status_code == 200


@on_sqlite_alone
@of_kind("public", "confidential", "old")
@pytest.mark.parametrize("method", ["plain", "", "s256", "S512", "none", "S256 plain"])
def test_every_method_but_s256_is_refused_and_so_is_none(person, asks, house, method):
    with nothing_changes(house):
        wrong = sent_back(person.browser.get(asks.link(["email"], code_challenge_method=method)), asks)
        missing = sent_back(person.browser.get(asks.link(["email"], without=["code_challenge_method"])), asks)

    assert (wrong["error"], missing["error"]) == ("invalid_request", "invalid_request")


@on_sqlite_alone
@of_kind("confidential", "old")
def test_a_method_without_a_challenge_is_refused(person, asks, house):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(asks.link(["email"], without=["code_challenge"])), asks)

    assert answer["error"] == "invalid_request"


@on_sqlite_alone
@of_kind("public", "old")
@pytest.mark.parametrize(
    "challenge", [CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE + "=", "+" + CHALLENGE[1:], "x", VERIFIER + "\n", "ü" * 43]
)
def test_a_challenge_that_is_no_sha_256_is_refused(person, asks, house, challenge):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(asks.link(["email"], code_challenge=challenge)), asks)

    assert answer["error"] == "invalid_request"


@of_kind("public", "confidential", "old")
def test_a_challenge_once_sent_binds_everybody(person, asks, house):
    code = code_for(person, asks)

    with nothing_changes(house):
        missing, wrong = asks.redeems(code, code_verifier=""), asks.redeems(code, code_verifier="w" * 43)

    assert refused(missing, "invalid_request")
    assert refused(wrong, "invalid_grant")
    assert asks.redeems(code).status_code == 200


@on_sqlite_alone
@of_kind("public", "confidential")
@pytest.mark.parametrize(
    "verifier",
    [
        "v" * 42,
        "v" * 129,
        "v" * 4000,
        "v" * 42 + " ",
        "v" * 42 + "+",
        "v" * 42 + "=",
        "v" * 42 + "/",
        "v" * 42 + "\x00",
        "v" * 43 + "\n",
        "v" * 42 + "\u00fc",
        "\uff56" * 43,
    ],
)
def test_a_verifier_too_short_too_long_or_in_wrong_letters_is_refused_even_if_it_fits(person, asks, house, verifier):
    code = code_for(person, asks, code_challenge=challenge_of(verifier))

    with nothing_changes(house):
        response = asks.redeems(code, code_verifier=verifier)

    assert refused(response, "invalid_request")


@on_sqlite_alone
@of_kind("public", "confidential")
@pytest.mark.parametrize("verifier", ["v" * 43, "v" * 128, "AZaz09-._~" * 5])
def test_every_verifier_of_the_standard_is_good(person, asks, verifier):
    code = code_for(person, asks, code_challenge=challenge_of(verifier))

    assert asks.redeems(code, code_verifier=verifier).status_code == 200


@on_sqlite_alone
@of_kind("confidential")
def test_the_challenge_itself_is_no_verifier(person, asks, house):
    code = code_for(person, asks)

    with nothing_changes(house):
        assert refused(asks.redeems(code, code_verifier=CHALLENGE), "invalid_grant")


@of_kind("confidential", "old")
def test_a_verifier_without_a_challenge_is_a_downgrade_and_refused(person, asks, house):
    """Somebody took the challenge out of the request on its way; the vendor itself still believes in it."""
    code = code_for(person, asks, without=WITHOUT)

    with nothing_changes(house):
        response = asks.redeems(code)

    assert refused(response, "invalid_request")


@on_sqlite_alone
@of_kind("public")
def test_the_verifier_of_one_request_does_not_redeem_the_code_of_another(person, asks, house):
    mine, theirs = (
        code_for(person, asks),
        code_for(person, asks, code_challenge=challenge_of("w" * 43), prompt="consent"),
    )

    with nothing_changes(house):
        assert refused(asks.redeems(theirs), "invalid_grant")

    assert asks.redeems(mine).status_code == 200
