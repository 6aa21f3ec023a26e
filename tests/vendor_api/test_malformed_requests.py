"""Whatever a vendor's broken library sends gets a clean refusal in JSON; never a page, never a 500."""

from urllib.parse import urlencode

import pytest
from actors import SECRET, VERIFIER, VendorActor, basic
from journeys import code_for, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone

from vendor_api.vendors.ciba import CIBA
from vendor_api.vendors.model import DEVICE_CODE

pytestmark = on_sqlite_alone

FORM = "application/x-www-form-urlencoded"
ENDPOINTS = ("/oauth/token", "/oauth/introspect", "/oauth/revoke")
PROVEN = {"Authorization": basic("stadtwerke", SECRET)}


@pytest.fixture
def redemption(person, vendor):
    """A good redemption, to be spoilt."""
    return {
        "grant_type": "authorization_code",
        "code": code_for(person, vendor),
        "redirect_uri": vendor.redirect_uri,
        "code_verifier": VERIFIER,
    }


@pytest.fixture
def sends(vendor):
    def sends(path, data, *, content_type=FORM, headers=PROVEN):
        return vendor.client.post(path, data=data, content_type=content_type, headers=headers)

    return sends


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=a",
        "application/xml",
        "",
        "x",
        "application/x-www-form-urlencoded2",
        "\u00fc",
    ],
)
def test_a_wrong_content_type_is_refused(sends, house, redemption, path, content_type):
    with nothing_changes(house):
        response = sends(path, urlencode({**redemption, "token": "x"}), content_type=content_type)

    assert refused(response, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"&", b"=", b"&&==&", b"%", b"%zz=%zz", b"\x00", b"\xff\xfe", b"a" * 1000, b"a=1;b=2"]
)
def test_a_body_that_is_no_form_is_refused(sends, house, path, body):
    with nothing_changes(house):
        assert refused(sends(path, body), "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("content_type", [FORM, "application/json", "multipart/form-data; boundary=a"])
def test_a_body_of_a_megabyte_is_refused_unread(sends, house, path, content_type):
    with nothing_changes(house):
        response = sends(path, b"token=" + b"a" * 1_000_000, content_type=content_type)

    assert response.status_code in {400, 413}
    assert refused(response, "invalid_request", status=response.status_code)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_ten_thousand_parameters_are_a_clean_refusal(sends, house, path):
    with nothing_changes(house):
        response = sends(path, "&".join(f"p{number}=" for number in range(10_000)))

    assert response.status_code in {400, 413}
    assert refused(response, "invalid_request", status=response.status_code)


@pytest.mark.parametrize(
    "name", ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "scope", "unheard_of"]
)
@pytest.mark.parametrize("value", ["same", "other", ""])
def test_a_parameter_sent_twice_is_refused_and_the_code_stays_good(sends, house, redemption, name, value):
    first = redemption.get(name, "x")
    twice = [
        *redemption.items(),
        *([] if name in redemption else [(name, first)]),
        (name, first if value == "same" else value),
    ]

    with nothing_changes(house):
        assert refused(sends("/oauth/token", urlencode(twice)), "invalid_request")

    assert sends("/oauth/token", urlencode(redemption)).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/revoke"])
@pytest.mark.parametrize("name", ["token", "token_type_hint", "client_id", "unheard_of"])
def test_a_parameter_sent_twice_about_a_token_is_refused(person, vendor, sends, house, path, name):
    token = tokens_for(person, vendor)["access_token"]
    twice = [("token", token), (name, "a"), (name, "a")]

    with nothing_changes(house):
        assert refused(sends(path, urlencode(twice)), "invalid_request")


NEWER = {
    "/oauth/par": {"response_type": "code", "redirect_uri": "https://stadtwerke.example/back", "scope": "openid"},
    "/oauth/device_authorization": {"scope": "openid"},
    "/oauth/backchannel": {"scope": "openid", "login_hint": "x"},
}


@pytest.mark.parametrize("path", NEWER)
def test_a_parameter_sent_twice_begins_nothing(app, house, path):
    grant_types = ["authorization_code", "refresh_token", CIBA, DEVICE_CODE]
    vendor = VendorActor(app, house, "several", grant_types=grant_types, backchannel_token_delivery_mode="poll")
    form = NEWER[path]

    with nothing_changes(house):
        for name in (*form, "client_id", "claims", "state", "nonce", "request", "request_uri", "dpop_jkt", "more"):
            for values in (("a", "a"), ("a", "b"), ("", "")):
                twice = [*((one, form[one]) for one in form if one != name), *((name, value) for value in values)]
                response = vendor.client.post(
                    path, data=urlencode(twice), content_type=FORM, headers=vendor.credentials
                )
                assert refused(response, "invalid_request"), (name, values)
                assert "twice" in response.json["error_description"]


@pytest.mark.parametrize("path", [*ENDPOINTS, *NEWER])
def test_nothing_is_taken_from_the_address(vendor, house, redemption, path):
    with nothing_changes(house):
        for query in ("token=x", "code=x", "client_id=stadtwerke", f"client_secret={SECRET}", "request_uri=x"):
            response = vendor.client.post(f"{path}?{query}", data=redemption, headers=vendor.credentials)
            assert refused(response, "invalid_request"), query


@pytest.mark.parametrize(
    "grant_type",
    [
        "password",
        "implicit",
        "AUTHORIZATION_CODE",
        "authorization_code ",
        "\u00fc",
        '"\\',
        "\n",
        "x" * 100_000,
    ],
)
def test_an_unknown_grant_type_is_refused_without_being_repeated(sends, house, redemption, grant_type):
    with nothing_changes(house):
        response = sends("/oauth/token", urlencode({**redemption, "grant_type": grant_type}))

    assert refused(response, "unsupported_grant_type")
    assert len(response.text) < 400


def test_a_missing_grant_type_is_an_invalid_request(sends, house, redemption):
    del redemption["grant_type"]

    with nothing_changes(house):
        assert refused(sends("/oauth/token", urlencode(redemption)), "invalid_request")
        assert refused(sends("/oauth/token", urlencode({**redemption, "grant_type": ""})), "invalid_request")


@pytest.mark.parametrize("missing", ["code", "redirect_uri", "code_verifier"])
def test_a_redemption_that_is_not_complete_is_refused_and_the_code_stays_good(sends, house, redemption, missing):
    incomplete = {name: value for name, value in redemption.items() if name != missing}

    with nothing_changes(house):
        response = sends("/oauth/token", urlencode(incomplete))

    assert refused(response, "invalid_grant" if missing == "redirect_uri" else "invalid_request")
    assert sends("/oauth/token", urlencode(redemption)).status_code == 200


@pytest.mark.parametrize(
    "spoilt", [b"%00", b"%FF", b"%C3%28", b"%ED%A0%80", b"%F0%9F", b"\xff", b"\x00", b"%u0041", b"%"]
)
@pytest.mark.parametrize(
    "name", ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "scope"]
)
def test_zero_bytes_and_broken_utf_8_are_refused_and_the_code_stays_good(sends, house, redemption, name, spoilt):
    body = (
        urlencode({key: value for key, value in redemption.items() if key != name}).encode()
        + f"&{name}=a".encode()
        + spoilt
    )

    with nothing_changes(house):
        if name == "scope":  # means nothing in a redemption
            body = body.replace(redemption["code"].encode(), b"x")
        response = sends("/oauth/token", body)

    assert response.status_code in {400, 401}
    assert refused(response, response.json["error"], status=response.status_code)
    assert sends("/oauth/token", urlencode(redemption)).status_code == 200


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_in_json(vendor, house, path, method):
    with nothing_changes(house):
        response = vendor.client.open(path, method=method, headers=PROVEN)

    assert refused(response, "invalid_request", status=405)
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/oauth/nothing", "/oauth/token/", "/oauth/", "/.well-known/nothing", "/oauth/%FF"])
def test_an_endpoint_that_does_not_exist_is_a_404_in_json(vendor, path):
    assert refused(vendor.client.post(path), "invalid_request", status=404)


@pytest.mark.parametrize(
    ("header", "form", "error", "status"),
    [
        (None, "", "invalid_token", 401),
        ("Bearer", "", "invalid_token", 401),
        ("Bearer ", "", "invalid_token", 401),
        ("Bearer x", "", "invalid_token", 401),
        ("Bearer x y", "", "invalid_token", 401),
        ("Bearer \u00fc", "", "invalid_token", 401),
        ("Bearer " + "a" * 10_000, "", "invalid_token", 401),
        ('Bearer "\\', "", "invalid_token", 401),
        ("Basic eDp5", "", "invalid_token", 401),
        ("DPoP", "", "invalid_token", 401),
        ("DPoP x", "", "invalid_dpop_proof", 401),
        ("DPoP x", "access_token=x", "invalid_request", 400),
        ("Bearer x", "access_token=x", "invalid_request", 400),
        (None, "access_token=x", "invalid_token", 401),
        (None, "access_token=%00", "invalid_request", 400),
        (None, "access_token=%ff", "invalid_request", 400),
        (None, "access_token=x&access_token=x", "invalid_request", 400),
        (None, "access_token=x&access_token=y", "invalid_request", 400),
    ],
)
def test_a_broken_read_is_refused_and_says_how_to_do_better(sends, house, header, form, error, status):
    with nothing_changes(house):
        response = sends("/oauth/userinfo", form, headers={"Authorization": header} if header else {})

    assert refused(response, error, status=status)
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


def test_an_access_token_in_the_url_reads_nothing(person, vendor, house):
    token = tokens_for(person, vendor)["access_token"]

    with nothing_changes(house):
        response = vendor.client.get(f"/oauth/userinfo?access_token={token}")

    assert refused(response, "invalid_token", status=401)


def test_a_read_by_form_is_as_good_as_one_by_header(person, vendor, sends):
    token = tokens_for(person, vendor)["access_token"]

    assert sends("/oauth/userinfo", urlencode({"access_token": token}), headers={}).json["email"] == "ana@example.org"


@pytest.mark.parametrize("name", ["code", "refresh_token", "id_token", "consent_token", "grant_id"])
def test_nothing_but_an_access_token_reads(person, vendor, house, name):
    code = code_for(person, vendor)
    tokens = tokens_for(person, vendor, prompt="consent") | {"code": code}

    with nothing_changes(house):
        assert refused(vendor.reads(tokens[name]), "invalid_token", status=401)
