"""Request objects (RFC 9101): what the vendor signed counts, nothing beside it, and whatever is off is refused."""

import base64
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from asserting import AssertingVendor, key
from forging import by_hand, forgeries
from joserfc import jws
from journeys import SAYABLE, refused, sent_back
from storage import nothing_changes, on_sqlite_alone, rows


@pytest.fixture
def vendor(app, house):
    return AssertingVendor(app, house, "stadtwerke", purposes={"email": "To send your bill"})


def signed(vendor, asking=("email",), *, header=None, **changed):
    """A request object for what the link would ask; a claim that is None is left out."""
    asked = dict(parse_qsl(urlsplit(vendor.link(asking)).query))
    now = vendor.house.clock()
    said = {
        **asked,
        "iss": vendor.client_id,
        "aud": vendor.house.settings.issuer,
        "exp": now + 300,
        "nbf": now,
        **changed,
    }
    top = {"alg": vendor.alg, "kid": vendor.signs_with.kid, "typ": "oauth-authz-req+jwt", **(header or {})}
    return vendor.signed(top, {name: value for name, value in said.items() if value is not None})


def link(vendor, request, **beside):
    beside = {"client_id": vendor.client_id, "redirect_uri": vendor.redirect_uri, "request": request, **beside}
    return f"/oauth/authorize?{urlencode({name: value for name, value in beside.items() if value is not None})}"


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"])
def test_a_vendor_may_ask_by_what_it_signed(app, house, person, alg):
    vendor = AssertingVendor(app, house, "stadtwerke", alg=alg)

    page = person.opens(link(vendor, signed(vendor), redirect_uri=None))

    answer = vendor.receives(person.allows(page, only=["email"]))
    assert answer["state"] == vendor.state
    assert vendor.reads(vendor.redeems(answer["code"]).json["access_token"]).json["email"] == "ana@example.org"


def test_what_stands_beside_it_does_not_count(person, vendor):
    page = person.opens(link(vendor, signed(vendor), scope="openid profile", state="x", prompt="none"))

    answer = vendor.receives(person.allows(page, only=["email"]))
    assert answer["state"] == vendor.state
    assert "family_name" not in page.text


def test_claims_and_numbers_may_stand_in_it_as_what_they_are(person, vendor):
    request = signed(vendor, (), claims={"userinfo": {"email": {"essential": True}}}, max_age=3600)

    page = person.opens(link(vendor, request))

    assert "e-mail" in page.text.lower()
    assert "code" in vendor.receives(person.allows(page))


BROKEN = {
    "no audience": {"aud": None},
    "another audience": {"aud": "https://other.example"},
    "an audience among others": {"aud": ["http://localhost", "https://other.example"]},
    "no issuer": {"iss": None},
    "another issuer": {"iss": "somebody"},
    "another vendor": {"client_id": "somebody"},
    "no vendor": {"client_id": None},
    "its own client_id as subject": {"sub": "stadtwerke"},
    "no end": {"exp": None},
    "ended": {"exp": -60},
    "a far end": {"exp": 7200},
    "an end that is a text": {"exp": "soon"},
    "an end that is true": {"exp": True},
    "an old beginning": {"nbf": -7200},
    "a beginning to come": {"nbf": 600},
    "issued in the future": {"iat": 600},
    "a nested request": {"request": "x.y.z"},
    "a nested address": {"request_uri": "https://stadtwerke.example/request"},
    "a scope that is a list": {"scope": ["openid"]},
    "a state that is an object": {"state": {}},
    "a flag for a number": {"max_age": True},
    "a zero byte": {"state": "a\x00b"},
    "a name that is not ours to repeat": {"\u00fc\n": []},
    "a zero byte in what is shown": {"login_hint": "\x00"},
}


@on_sqlite_alone
@pytest.mark.parametrize("wrong", BROKEN.values(), ids=BROKEN)
def test_an_object_that_is_off_is_refused_and_nothing_begins(person, vendor, house, wrong):
    now = house.clock()
    times = {name: now + value if type(value) is int else value for name, value in wrong.items()}

    request = signed(vendor, **times)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, request)), vendor)

    assert answer["error"] == "invalid_request_object"
    assert SAYABLE.fullmatch(answer["error_description"])


@on_sqlite_alone
def test_claims_that_nest_until_nobody_can_write_them_again_are_refused(person, vendor, house):
    said = decoded(signed(vendor).split(".")[1])
    spoilt = said[:-1] + b', "claims": {"userinfo": ' + b'{"a":' * 500 + b"1" + b"}" * 502
    header = {"alg": vendor.alg, "kid": vendor.signs_with.kid}
    request = jws.serialize_compact(header, spoilt, vendor.signs_with)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, request)), vendor)

    assert answer["error"] == "invalid_request_object"
    assert refused(vendor.post("/oauth/par", {"request": request}), "invalid_request_object")


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


HEADERS = {
    "another type": {"typ": "JWT+other"},
    "type of an assertion": {"typ": "client-authentication+jwt"},
    "type of a proof": {"typ": "dpop+jwt"},
    "type that is a list": {"typ": ["JWT"]},
    "jwk in the header": {"jwk": {}},
    "jku in the header": {"jku": "https://thief.test/"},
    "x5c in the header": {"x5c": []},
    "crit of the unknown": {"crit": ["more"], "more": 1},
    "crit of the known": {"crit": ["exp"], "exp": 1},
    "empty crit": {"crit": []},
    "b64": {"b64": True},
}


@on_sqlite_alone
@pytest.mark.parametrize("spoil", ["unsigned", "altered", "other key", "HS256", "nonsense"])
def test_what_the_vendor_did_not_sign_is_refused(person, vendor, house, spoil):
    if spoil == "other key":
        vendor.signs_with = key("ES256", "second")
    request = signed(vendor)
    head, body, signature = request.split(".")
    request = {
        "unsigned": f"eyJhbGciOiJub25lIn0.{body}.",
        "altered": f"{head}.{body[:-2]}xx.{signature}",
        "HS256": f"eyJhbGciOiJIUzI1NiJ9.{body}.{signature}",
        "nonsense": "x",
    }.get(spoil, request)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, request)), vendor)

    assert answer["error"] == "invalid_request_object"


@on_sqlite_alone
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_that_wants_more_is_refused_under_a_good_signature_too(person, vendor, house, header):
    asked = signed(vendor)
    top, claims = jwt.get_unverified_header(asked), jwt.decode(asked, options={"verify_signature": False})
    by_itself = by_hand(top, claims, vendor.signs_with)
    request = by_hand({**top, **header}, claims, vendor.signs_with)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link(vendor, request)), vendor)

    assert answer["error"] == "invalid_request_object"
    assert person.browser.get(link(vendor, by_itself)).status_code == 303


@on_sqlite_alone
def test_no_forgery_asks_in_the_name_of_a_vendor_in_the_address_or_pushed(app, house, person):
    vendor = AssertingVendor(app, house, "stadtwerke", alg="RS256")
    [everybody_has] = vendor.registered["jwks"]["keys"]

    with nothing_changes(house):
        for wrong, forged in forgeries(signed(vendor), everybody_has):
            answer = sent_back(person.browser.get(link(vendor, forged)), vendor)
            assert answer["error"] == "invalid_request_object", wrong
    for wrong, forged in forgeries(signed(vendor), everybody_has):
        pushed = vendor.post("/oauth/par", {"request": forged})  # the assertion beside it is spent, and no more
        assert refused(pushed, "invalid_request_object"), wrong
    assert rows(house, "pushed_requests") == []


ABSURD = [None, 0, -1, 1.5, 2**63, 1e300, "now", "", True, [], [1_800_000_060], {}, "x" * 10_000]


@on_sqlite_alone
@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("exp", ABSURD),
        ("nbf", ABSURD[1:]),
        ("iat", ABSURD[1:]),
        ("aud", [*ABSURD, ["http://localhost", 7], [["http://localhost"]], [None], "http://localhost/"]),
        ("iss", [*ABSURD, ["stadtwerke"]]),
        ("client_id", [*ABSURD, ["stadtwerke"]]),
        ("sub", ["stadtwerke", ["stadtwerke"], {}, True, 1.5]),
    ],
)
def test_a_claim_that_is_absurd_is_refused(person, vendor, house, claim, values):
    asked = signed(vendor)

    with nothing_changes(house):
        for value in values:
            answer = sent_back(person.browser.get(link(vendor, signed(vendor, **{claim: value}))), vendor)
            assert answer["error"] == "invalid_request_object", value

    assert person.browser.get(link(vendor, asked)).status_code == 303


@on_sqlite_alone
def test_a_bad_object_without_a_known_address_is_a_page(person, vendor, house):
    with nothing_changes(house):
        for address in (None, "https://evil.test/"):
            answer = person.browser.get(link(vendor, "x.y.z", redirect_uri=address))
            assert answer.status_code == 400
            assert "not signed" in answer.text


@on_sqlite_alone
def test_an_object_can_not_lead_to_an_address_of_others(person, vendor, house):
    with nothing_changes(house):
        answer = person.browser.get(link(vendor, signed(vendor, redirect_uri="https://evil.test/")))

    assert answer.status_code == 400
    assert "evil.test" not in answer.headers.get("Location", "")


@on_sqlite_alone
def test_only_the_registered_algorithm_counts(app, house, person):
    vendor = AssertingVendor(app, house, "stadtwerke", request_object_signing_alg="PS256")

    answer = sent_back(person.browser.get(link(vendor, signed(vendor))), vendor)

    assert answer["error"] == "invalid_request_object"


def test_who_is_registered_to_sign_may_not_ask_unsigned(app, house, person):
    vendor = AssertingVendor(app, house, "stadtwerke", require_signed_request_object=True)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"])), vendor)

    assert answer["error"] == "invalid_request_object"
    assert "asks for your data" in person.opens(link(vendor, signed(vendor))).text


def test_a_signed_request_can_be_pushed(app, house, person):
    vendor = AssertingVendor(app, house, "stadtwerke", require_signed_request_object=True)

    pushed = vendor.post("/oauth/par", {"request": signed(vendor)})
    reference = pushed.json["request_uri"]
    page = person.opens(f"/oauth/authorize?{urlencode({'client_id': 'stadtwerke', 'request_uri': reference})}")

    assert "code" in vendor.receives(person.allows(page, only=["email"]))


@on_sqlite_alone
def test_what_is_wrong_with_it_is_told_where_it_is_pushed(app, house):
    vendor = AssertingVendor(app, house, "stadtwerke", require_signed_request_object=True)
    plain = dict(parse_qsl(urlsplit(vendor.link(["email"])).query))

    assert refused(vendor.post("/oauth/par", {"request": signed(vendor, aud="x")}), "invalid_request_object")
    assert refused(vendor.post("/oauth/par", plain), "invalid_request_object")


@on_sqlite_alone
@pytest.mark.parametrize("name", ["\u00fc", 'a"b\\c', "a\nb", "x" * 5000, ""])
def test_a_refusal_never_repeats_what_can_not_be_said(app, house, name):
    vendor = AssertingVendor(app, house, "stadtwerke")

    response = vendor.post("/oauth/par", {"request": signed(vendor, **{name: []})})

    assert refused(response, "invalid_request_object")
    assert len(response.text) < 300
