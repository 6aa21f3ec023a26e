"""Whatever is sent to the vendors' endpoints: never a 500, and never a redirect to an address nobody registered."""

import json
from dataclasses import replace
from urllib.parse import quote_from_bytes, urlencode

import pytest
from actors import CHALLENGE, SECRET, VERIFIER, VendorActor, basic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeys import code_for, tokens_for

from vendor_api.vendors.metadata import KNOWN

# the same examples in every run; one application and one database serve them all
quietly = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

URIS = (
    "https://stadtwerke.example/back",
    "https://stadtwerke.example/back/",
    "https://stadtwerke.example@evil.test/back",
    "https://evil.test/",
    "//evil.test",
    "javascript:alert(1)",
    "http://localhost:4000/back",
    "http://127.0.0.1:4000/back",
    "http://localhost.evil.test/back",
    "com.example.reader:/back",
)
REGISTERED = ("https://stadtwerke.example/back?", "http://localhost:4000/back?", "com.example.reader:/back?")

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "\r\nLocation: https://evil.test",
        "none",
        "openid",
        "%",
        "%00",
        "ü",
        "1" * 300,
        "[" * 300,
        "null",
        "{}",
        "0",
        "-1",
        "x" * 3000,
    ]
)
BYTES = st.binary(max_size=20).map(quote_from_bytes)


ALWAYS = ("client_id", "grant_type", "token", "redirect_uri")


def encoded(pairs):
    """Parameters as a query; bytes that are no text stand percent-encoded already."""
    return "&".join(f"{urlencode({name: ''})}{value}" for name, value in pairs)


def one_of(values):
    return st.sampled_from([urlencode({"": value})[1:] for value in values])


SPOILT = TEXT.map(lambda text: urlencode({"": text})[1:]) | BYTES


def parameters(known, *, spoilt=3):
    """The known parameters with their usual values; some missing, some spoilt, at times one of them twice."""
    usual = st.fixed_dictionaries(
        {name: one_of(values) for name, values in known.items() if len(values) == 1 or name in ALWAYS},
        optional={name: one_of(values) for name, values in known.items() if len(values) > 1 and name not in ALWAYS},
    )
    changed = st.dictionaries(st.sampled_from(sorted(known)) | TEXT, SPOILT | st.none(), max_size=spoilt)
    again = st.just([]) | st.just([]) | st.lists(st.tuples(st.sampled_from(sorted(known)), SPOILT), max_size=1)
    return st.tuples(usual, changed, again).map(
        lambda parts: [(name, value) for name, value in (parts[0] | parts[1]).items() if value is not None] + parts[2]
    )


ASKED = {
    "client_id": ("stadtwerke", "reader", "nobody"),
    "redirect_uri": URIS,
    "response_type": ("code", "token"),
    "scope": ("openid email", "openid", "everything"),
    "state": ("a",),
    "nonce": ("b",),
    "code_challenge": (CHALLENGE,),
    "code_challenge_method": ("S256", "plain"),
    "prompt": ("none", "login", "consent", "select_account none"),
    "max_age": ("0", "999999999"),
    "claims": ('{"userinfo": {"email": null}}', '{"id_token": {"email": {"essential": true}}}'),
    "response_mode": ("query", "fragment"),
    "ui_locales": ("de", "en"),
}
MISTAKES = st.sampled_from(
    [
        {},
        {"scope": "everything"},
        {"response_type": "token"},
        {"prompt": "none"},
        {"claims": "x"},
        {"code_challenge_method": "plain"},
    ]
)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\x00", "\ud800", "email", "a.b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=10) | st.sampled_from(["email", "essential", "purpose", "keys"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@pytest.fixture
def reader(app, house):
    return VendorActor(
        app,
        house,
        "reader",
        redirect_uris=["http://localhost/back", "com.example.reader:/back"],
        application_type="native",
        token_endpoint_auth_method="none",
    )


def is_safe(response):
    assert response.status_code < 500, response.text
    if "Location" in response.headers:
        assert response.status_code == 303
        assert response.location.startswith(("/consent/", *REGISTERED)), response.location
    return True


@pytest.fixture
def ask(person, vendor, reader):
    """Sends a request from the browser of somebody who is signed in and allowed this vendor much before."""
    code_for(person, vendor)

    def ask(query, method="GET"):
        if method == "GET":
            return person.browser.get(f"/oauth/authorize?{query}")
        return person.browser.client.post(
            "/oauth/authorize", data=query, content_type="application/x-www-form-urlencoded"
        )

    return ask


def test_no_authorization_request_breaks_anything_or_leads_astray(ask):
    @quietly
    @given(parameters(ASKED), st.sampled_from(["GET", "POST"]))
    def sent(pairs, method):
        assert is_safe(ask(encoded(pairs), method))

    sent()


def test_no_redirect_uri_that_is_not_registered_is_ever_redirected_to(ask):
    mutated = st.tuples(
        st.sampled_from(URIS),
        st.integers(0, 40),
        TEXT | st.sampled_from(["@", "/", "\\", "..", ":443", "#", "?", "%2f", "\t"]),
    )

    @quietly
    @given(mutated, MISTAKES, st.sampled_from(["stadtwerke", "reader"]))
    def sent(mutation, spoilt, client_id):
        uri, at, inserted = mutation
        query = {
            "response_type": "code",
            "scope": "openid",
            "state": "a",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        uri = uri[:at] + inserted + uri[at:]
        assert is_safe(ask(urlencode({**query, "client_id": client_id, "redirect_uri": uri} | spoilt)))

    sent()


def test_no_claims_parameter_breaks_anything(ask, vendor):
    wish = st.none() | st.fixed_dictionaries(
        {}, optional={"essential": ANY_JSON, "purpose": ANY_JSON, "value": ANY_JSON}
    )
    wishes = st.dictionaries(
        st.sampled_from(["email", "address", "sub", "a.b.c.d", "A", "x" * 65]) | st.text(max_size=8),
        wish | ANY_JSON,
        max_size=4,
    )
    claims = (
        st.fixed_dictionaries({}, optional={"userinfo": wishes | ANY_JSON, "id_token": wishes | ANY_JSON}) | ANY_JSON
    )

    @quietly
    @given(claims)
    def sent(value):
        assert is_safe(ask(vendor.link(claims=json.dumps(value)).partition("?")[2]))

    sent()


def test_no_token_request_breaks_anything(person, vendor, reader):
    tokens = tokens_for(person, vendor)
    known = {
        "grant_type": (
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "password",
        ),
        "code": (code_for(person, vendor, prompt="consent"), tokens["access_token"]),
        "refresh_token": (tokens["refresh_token"], tokens["id_token"]),
        "assertion": (tokens["consent_token"], tokens["id_token"]),
        "redirect_uri": URIS,
        "code_verifier": (VERIFIER,),
        "scope": ("openid", "everything"),
        "client_id": ("stadtwerke", "reader"),
        "client_secret": (SECRET,),
        "token": (tokens["access_token"], tokens["refresh_token"]),
        "token_type_hint": ("refresh_token", "access_token"),
    }
    latin = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
    header = st.none() | st.just(basic("stadtwerke", SECRET)) | latin | st.builds("Basic {}".format, latin)

    @quietly
    @given(parameters(known), header, st.sampled_from(["token", "introspect", "revoke", "userinfo"]))
    def sent(pairs, authorization, endpoint):
        response = vendor.client.post(
            f"/oauth/{endpoint}",
            data=encoded(pairs),
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": authorization} if authorization is not None else {},
        )
        assert response.status_code in {200, 400, 401}, response.text
        assert response.status_code == 200 or response.json.keys() == {"error", "error_description"}
        assert response.headers["Cache-Control"] == "no-store"

    sent()


def test_no_bytes_at_all_break_a_token_request(vendor):
    @quietly
    @given(
        st.binary(max_size=200),
        st.sampled_from(
            ["application/x-www-form-urlencoded", "application/json", "", "multipart/form-data; boundary=a"]
        ),
    )
    def sent(body, content_type):
        response = vendor.client.post("/oauth/token", data=body, content_type=content_type, headers=vendor.credentials)
        assert (response.status_code, response.mimetype) == (400, "application/json")

    sent()


class TestRegistration:
    @pytest.fixture
    def settings(self, settings):
        return replace(settings, registration="open")

    def test_no_metadata_breaks_anything_and_what_is_kept_can_be_read_back(self, app):
        client = app.test_client()
        good = {"redirect_uris": ["https://shop.example/back"], "client_name": "Shop"}
        member = st.sampled_from(sorted(KNOWN)) | st.sampled_from(
            ["client_name#de", "purposes#de", "tos_uri#", "#", "jwks_uri"]
        )

        @quietly
        @given(st.dictionaries(member, ANY_JSON | TEXT, max_size=3))
        def sent(changed):
            response = client.post("/oauth/register", json={**good, **changed})
            assert response.status_code in {201, 400}, response.text
            if response.status_code == 201:
                headers = {"Authorization": f"Bearer {response.json['registration_access_token']}"}
                address = f"/oauth/register/{response.json['client_id']}"
                assert client.get(address, headers=headers).json["redirect_uris"] == response.json["redirect_uris"]
                link = {"client_id": response.json["client_id"], "redirect_uri": response.json["redirect_uris"][0]}
                assert client.get(f"/oauth/authorize?{urlencode(link)}").status_code == 303

        sent()
