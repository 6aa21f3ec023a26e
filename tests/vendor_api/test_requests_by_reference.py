"""Requests by reference (OpenID Connect Core 6.2): only what is registered is fetched, only what is signed counts."""

import gzip
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from asserting import AssertingVendor
from journeys import refused, sent_back
from sites import allowed
from storage import nothing_changes, on_sqlite_alone

from vendor_api.outbound import client
from wallet.app import create_app

JWT = "application/oauth-authz-req+jwt"


@pytest.fixture
def settings(settings, authority):
    return replace(settings, registration="open", **allowed(authority))


@pytest.fixture
def vendor(app, house, site):
    return AssertingVendor(app, house, "stadtwerke", request_uris=[site.url])


def request_object(vendor, asking=("email",), **changed):
    """For what the link would ask; a claim that is None is left out."""
    asked = dict(parse_qsl(urlsplit(vendor.link(asking)).query))
    now = vendor.house.clock()
    said = {**asked, "iss": vendor.client_id, "aud": "http://localhost", "exp": now + 300, **changed}
    header = {"alg": vendor.alg, "kid": vendor.signs_with.kid, "typ": "oauth-authz-req+jwt"}
    return vendor.signed(header, {name: value for name, value in said.items() if value is not None})


def shows(site, body, kind=JWT, **headers):
    site.status, site.body, site.headers = 200, body.encode(), {"Content-Type": kind, **headers}


def link(vendor, uri, **beside):
    beside = {"client_id": vendor.client_id, "redirect_uri": vendor.redirect_uri, "request_uri": uri, **beside}
    return f"/oauth/authorize?{urlencode({name: value for name, value in beside.items() if value is not None})}"


def fragment_of(body):
    return urlsafe_b64encode(sha256(body.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize("kind", [JWT, "application/jwt", "application/jwt;charset=utf-8"])
def test_what_the_vendor_put_at_its_address_is_asked(person, vendor, site, kind):
    shows(site, request_object(vendor) + "\n", kind)

    page = person.opens(link(vendor, site.url, redirect_uri=None, scope="openid profile", state="x"))

    answer = vendor.receives(person.allows(page, only=["email"]))
    assert answer["state"] == vendor.state
    assert "family_name" not in page.text
    assert vendor.reads(vendor.redeems(answer["code"]).json["access_token"]).json["email"] == "ana@example.org"


@on_sqlite_alone
def test_discovery_says_so(person):
    said = person.browser.get("/.well-known/openid-configuration").json

    assert said["request_uri_parameter_supported"] is True
    assert said["require_request_uri_registration"] is True


@on_sqlite_alone
def test_it_is_fetched_each_time(person, vendor, site):
    shows(site, request_object(vendor))
    person.opens(link(vendor, site.url))
    shows(site, request_object(vendor, ("phone_number",)))

    page = person.opens(link(vendor, site.url))

    assert "phone" in page.text.lower()
    assert len(site.seen) == 2


@on_sqlite_alone
def test_a_copy_will_do_where_the_fragment_is_the_digest_of_what_is_there(person, vendor, site):
    body = request_object(vendor)
    shows(site, body)
    uri = f"{site.url}#{fragment_of(body)}"

    for _ in range(3):
        assert person.opens(link(vendor, uri)).status_code == 200
    assert len(site.seen) == 1

    changed = request_object(vendor, ("phone_number",))
    shows(site, changed)
    page = person.opens(link(vendor, f"{site.url}#{fragment_of(changed)}"))
    assert "phone" in page.text.lower()
    assert len(site.seen) == 2


@on_sqlite_alone
def test_where_the_fragment_is_another_digest_no_copy_is_kept(person, vendor, site):
    shows(site, request_object(vendor))

    for _ in range(2):
        assert person.opens(link(vendor, f"{site.url}#{fragment_of('x')}")).status_code == 200

    assert len(site.seen) == 2


@on_sqlite_alone
def test_a_copy_that_has_ended_is_refused_like_any_other(person, vendor, house, site, clock):
    body = request_object(vendor)
    shows(site, body)
    person.opens(link(vendor, f"{site.url}#{fragment_of(body)}"))
    clock.now += 600

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, f"{site.url}#{fragment_of(body)}")), vendor)

    assert answer["error"] == "invalid_request_object"
    assert len(site.seen) == 1


@on_sqlite_alone
@pytest.mark.parametrize(
    "other",
    [
        "{url}2",
        "{url}/..",
        "{url}?x=1",
        "http://{rest}",
        "https://evil.test/",
        "urn:example:x",
        "{url}#a%20b",
        "x",
        "{url}%00",
    ],
)
def test_an_address_that_is_not_registered_is_not_even_fetched(person, vendor, house, site, other):
    shows(site, request_object(vendor))
    uri = other.format(url=site.url, rest=site.url.removeprefix("https://"))

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, uri)), vendor)

    assert answer["error"] == "invalid_request_uri"
    assert site.seen == []


@on_sqlite_alone
def test_another_vendors_address_is_not_fetched(app, house, person, vendor, site):
    other = AssertingVendor(app, house, "shop")

    with nothing_changes(house):
        assert sent_back(person.browser.get(link(other, site.url)), other)["error"] == "invalid_request_uri"

    assert site.seen == []


WRONG = {
    "another type": lambda site, good: shows(site, good, "application/json"),
    "plain text": lambda site, good: shows(site, good, "text/plain"),
    "no type": lambda site, good: shows(site, good, ""),
    "not there": lambda site, good: setattr(site, "status", 404),
    "elsewhere": lambda site, good: vars(site).update(status=302, headers={"Location": site.url, "Content-Type": JWT}),
    "not a JWT": lambda site, good: shows(site, "<html>"),
    "nothing": lambda site, good: shows(site, ""),
    "not even text": lambda site, good: vars(site).update(body=b"\xff\xfe", headers={"Content-Type": JWT}),
    "too large": lambda site, good: shows(site, good + "x" * 70_000),
    "packed": lambda site, good: vars(site).update(
        body=gzip.compress(b"x" * 10_000_000), headers={"Content-Type": JWT, "Content-Encoding": "gzip"}
    ),
}


@on_sqlite_alone
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_can_not_be_fetched_is_refused_and_nothing_begins(person, vendor, house, site, wrong):
    good = request_object(vendor)
    shows(site, good)
    wrong(site, good)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, site.url, state="kept")), vendor)

    assert (answer["error"], answer["state"]) == ("invalid_request_uri", "kept")


@on_sqlite_alone
def test_a_slow_server_is_not_waited_for(person, vendor, house, site, monkeypatch):
    monkeypatch.setattr(client, "SECONDS", 0.3)
    site.speaks = lambda _: time.sleep(1)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, site.url)), vendor)

    assert answer["error"] == "invalid_request_uri"


@on_sqlite_alone
def test_a_private_address_is_not_reached(house, vendor, site):
    shows(site, request_object(vendor))
    strict = create_app(replace(house, settings=replace(house.settings, outbound_allow="none")))

    with nothing_changes(house):
        answer = sent_back(strict.test_client().get(link(vendor, site.url)), vendor)

    assert answer["error"] == "invalid_request_uri"
    assert site.seen == []


@on_sqlite_alone
@pytest.mark.parametrize(
    "wrong",
    [{"aud": "https://other.example"}, {"exp": 1}, {"request_uri": "https://localhost/x"}, {"client_id": "shop"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_fetched_is_held_to_what_every_request_object_is_held_to(person, vendor, house, site, wrong):
    shows(site, request_object(vendor, **wrong))

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, site.url)), vendor)

    assert answer["error"] == "invalid_request_object"


@on_sqlite_alone
def test_what_nobody_signed_is_refused(person, vendor, house, site):
    shows(site, f"eyJhbGciOiJub25lIn0.{request_object(vendor).split('.')[1]}.")

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, site.url)), vendor)

    assert answer["error"] == "invalid_request_object"


@on_sqlite_alone
def test_without_a_known_address_beside_it_the_person_is_told_on_a_page(person, vendor, house, site):
    site.status = 500

    with nothing_changes(house):
        for address in (None, "https://evil.test/"):
            page = person.browser.get(link(vendor, site.url, redirect_uri=address))
            assert page.status_code == 400
            assert "names an address" in page.text


@on_sqlite_alone
def test_it_can_not_lead_to_an_address_of_others(person, vendor, house, site):
    shows(site, request_object(vendor, redirect_uri="https://evil.test/"))

    with nothing_changes(house):
        answer = person.browser.get(link(vendor, site.url))

    assert answer.status_code == 400
    assert "evil.test" not in answer.headers.get("Location", "")


@on_sqlite_alone
@pytest.mark.parametrize("uri", ["{url}", "urn:ietf:params:oauth:request_uri:x"])
def test_a_request_and_an_address_of_one_are_refused_together(person, vendor, house, site, uri):
    shows(site, request_object(vendor))
    both = link(vendor, uri.format(url=site.url), request=request_object(vendor))

    with nothing_changes(house):
        assert sent_back(person.browser.get(both), vendor)["error"] == "invalid_request"

    assert site.seen == []


@on_sqlite_alone
def test_two_addresses_are_refused_and_none_is_fetched(person, vendor, house, site):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(f"{link(vendor, site.url)}&request_uri=x"), vendor)

    assert answer["error"] == "invalid_request"
    assert site.seen == []


@on_sqlite_alone
def test_an_address_can_not_be_pushed(vendor, house, site):
    plain = dict(parse_qsl(urlsplit(vendor.link(["email"])).query))

    assert refused(vendor.post("/oauth/par", {**plain, "request_uri": site.url}), "invalid_request")
    assert site.seen == []


@on_sqlite_alone
def test_who_is_registered_to_push_may_not_refer(app, house, person, site):
    vendor = AssertingVendor(
        app, house, "stadtwerke", request_uris=[site.url], require_pushed_authorization_requests=True
    )

    with nothing_changes(house):
        assert sent_back(person.browser.get(link(vendor, site.url)), vendor)["error"] == "invalid_request"

    assert site.seen == []


def test_who_is_registered_to_sign_may_refer_and_an_answer_given_before_counts(app, house, person, site):
    vendor = AssertingVendor(app, house, "stadtwerke", request_uris=[site.url], require_signed_request_object=True)
    shows(site, request_object(vendor))
    vendor.receives(person.allows(person.opens(link(vendor, site.url)), only=["email"]))

    again = person.browser.get(link(vendor, site.url))

    assert "code" in vendor.receives(again)
    assert len(site.seen) == 2


@on_sqlite_alone
@pytest.mark.parametrize(
    "uris",
    [
        ["http://shop.example/request"],
        ["https://user@shop.example/request"],
        ["https://shop.example/request#a#b"],
        ["https://shop.example/request#a b"],
        ["https://shop.example/../request"],
        ["urn:example:request"],
        ["https://shop.example/" + "x" * 500],
        [f"https://shop.example/{number}" for number in range(21)],
        "https://shop.example/request",
        [7],
        {},
    ],
    ids=str,
)
def test_only_plain_https_addresses_can_be_registered(app, house, uris):
    given = {"redirect_uris": ["https://shop.example/back"], "request_uris": uris}

    with nothing_changes(house):
        assert refused(app.test_client().post("/oauth/register", json=given), "invalid_client_metadata")


@on_sqlite_alone
@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap", "hologram"])
def test_every_display_gets_the_page_that_fits_every_screen(person, vendor, display):
    page = person.opens(vendor.link(["email"], display=display))

    assert "asks for your data" in page.text
