"""How answers travel: in the query, the fragment or a form, plain or signed (Form Post Response Mode, JARM)."""

import html
import re
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from actors import VendorActor, path_of
from journeys import code_for
from storage import nothing_changes, on_sqlite_alone

ISSUER = "http://localhost"


def fields(page):
    """What a page sends to the vendor by itself: the address, and the hidden fields."""
    address = html.unescape(re.search(r'<form class="way-on" method="post" action="([^"]+)" data-send', page.text)[1])
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text.split("data-send")[1])
    return address, {name: html.unescape(value) for name, value in found}


def opened(host_client, response, algorithm="RS256"):
    keys = jwt.PyJWKSet.from_dict(host_client.get("/oauth/jwks").json)
    key = keys[jwt.get_unverified_header(response)["kid"]]
    return jwt.decode(response, key, algorithms=[algorithm], audience="stadtwerke", issuer=ISSUER)


@pytest.fixture
def agreed(person, vendor):
    """The person agreed before, so that an answer comes at once."""
    code_for(person, vendor)


def test_the_fragment_carries_the_answer_where_it_is_asked_for(person, vendor, agreed):
    response = person.browser.get(vendor.link(["email"], response_mode="fragment"))

    assert response.status_code == 303
    parts = urlsplit(response.location)
    assert parts.query == ""
    answer = dict(parse_qsl(parts.fragment))
    assert (answer["state"], answer["iss"]) == (vendor.state, ISSUER)
    assert vendor.redeems(answer["code"]).status_code == 200


def test_a_form_carries_the_answer_where_it_is_asked_for(person, vendor, agreed):
    page = person.browser.get(vendor.link(["email"], response_mode="form_post"))

    address, answer = fields(page)
    assert page.status_code == 200
    assert address == vendor.redirect_uri
    assert answer.keys() == {"code", "state", "iss", "session_state"}
    assert vendor.redeems(answer["code"]).status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self' https:" in page.headers["Content-Security-Policy"]


def test_the_consent_page_leads_to_the_same_form(person, vendor):
    page = person.opens(vendor.link(["email"], response_mode="form_post"))

    sent = person.allows(page, only=["email"])

    assert vendor.redeems(fields(sent)[1]["code"]).status_code == 200


@on_sqlite_alone
def test_the_form_speaks_the_persons_language(person, vendor, agreed):
    page = person.browser.get(vendor.link(["email"], response_mode="form_post"), headers={"Accept-Language": "de"})

    assert "Weiter" in page.text


def test_a_refusal_travels_the_same_way(person, vendor):
    page = person.browser.get(vendor.link(["email"], response_mode="form_post", prompt="none"))

    address, answer = fields(page)
    assert address == vendor.redirect_uri
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", vendor.state, ISSUER)


@on_sqlite_alone
@pytest.mark.parametrize("mode", ["jwt", "query.jwt", "fragment.jwt"])
def test_a_signed_answer_says_all_and_is_for_this_vendor_alone(person, vendor, agreed, mode, clock):
    response = person.browser.get(vendor.link(["email"], response_mode=mode))

    parts = urlsplit(response.location)
    sent = dict(parse_qsl(parts.fragment if mode == "fragment.jwt" else parts.query))
    assert sent.keys() == {"response"}
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(sent["response"], options={"verify_signature": False, "verify_aud": True}, audience="other")
    claims = jwt.decode(sent["response"], options={"verify_signature": False})
    assert claims.keys() == {"iss", "aud", "exp", "code", "state", "session_state"}
    assert (claims["iss"], claims["aud"], claims["state"]) == (ISSUER, "stadtwerke", vendor.state)
    assert clock() < claims["exp"] <= clock() + 600
    assert vendor.redeems(claims["code"]).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_the_answer_is_signed_as_registered(app, house, person, algorithm, monkeypatch):
    vendor = VendorActor(app, house, "stadtwerke", authorization_signed_response_alg=algorithm)
    code_for(person, vendor)
    monkeypatch.setattr(
        "jwt.api_jwt.PyJWT._validate_exp", lambda *_, **__: None
    )  # the test's clock is not the real one

    response = person.browser.get(vendor.link(["email"], response_mode="jwt"))

    claims = opened(vendor.client, dict(parse_qsl(urlsplit(response.location).query))["response"], algorithm)
    assert "code" in claims


@on_sqlite_alone
@pytest.mark.parametrize("mode", ["web_message", "JWT", "query.", "form_post.jwt.jwt", "query fragment"])
def test_an_unknown_mode_is_refused_in_the_usual_way(person, vendor, house, agreed, mode):
    with nothing_changes(house):
        response = person.browser.get(path_of(vendor.link(["email"], response_mode=mode)))

    assert response.status_code == 303
    assert dict(parse_qsl(urlsplit(response.location).query))["error"] == "invalid_request"
