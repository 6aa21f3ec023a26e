"""A vendor proves itself in the one way it registered, and every failure looks the same."""

import base64

import pytest
from actors import SECRET, VERIFIER, VendorActor, basic
from journeys import code_for, refused
from storage import nothing_changes, on_sqlite_alone


def encoded(credentials: bytes) -> str:
    return "Basic " + base64.b64encode(credentials).decode()


@pytest.fixture
def vendors(app, house):
    return {
        "basic": VendorActor(app, house, "stadtwerke"),
        "post": VendorActor(app, house, "postal", token_endpoint_auth_method="client_secret_post"),
        "none": VendorActor(app, house, "public", token_endpoint_auth_method="none"),
    }


def redeems(vendor, code, *, headers=None, query="", **credentials):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": vendor.redirect_uri,
        "code_verifier": VERIFIER,
        **credentials,
    }
    return vendor.client.post(f"/oauth/token{query}", data=form, headers=headers or {})


def ways(vendor):
    return {
        "basic": {"headers": {"Authorization": basic(vendor.client_id, SECRET)}},
        "post": {"client_id": vendor.client_id, "client_secret": SECRET},
        "none": {"client_id": vendor.client_id},
    }


@pytest.mark.parametrize("method", ["basic", "post", "none"])
def test_the_registered_way_works_and_no_other_does(person, vendors, house, method):
    vendor = vendors[method]
    code = code_for(person, vendor)

    with nothing_changes(house):
        for way, credentials in ways(vendor).items():
            if way != method:
                assert refused(redeems(vendor, code, **credentials), "invalid_client", status=401)

    assert redeems(vendor, code, **ways(vendor)[method]).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize(
    "header",
    [
        basic("stadtwerke", "wrong"),
        basic("stadtwerke", ""),
        basic("stadtwerke", SECRET + " "),
        basic("stadtwerke", SECRET.upper()),
        basic("STADTWERKE", SECRET),
        basic("nobody", SECRET),
        basic("", SECRET),
        basic("", ""),
        basic("stadtwerke\x00", SECRET),
        basic("stadtwerke", "\x00"),
        basic("\u00fc", "\u00fc"),
        basic("%ff", "%ff"),
        basic("x" * 5000, SECRET),
        basic("stadtwerke", "x" * 5000),
        encoded(b"\xff\xfe:\xff"),
        encoded(b"stadtwerke"),
        encoded(b""),
        "Basic",
        "Basic ",
        "Basic  ",
        "Basic :",
        "Basic x",
        "Basic ====",
        "Basic \u00fc\u00fc\u00fc\u00fc",
        "Basic c3RhZHR3ZXJrZQ",
        f"basic {SECRET}",
        basic("stadtwerke", SECRET) + "," + basic("stadtwerke", SECRET),
        basic("stadtwerke", SECRET) + ", Bearer x",
        basic("stadtwerke", SECRET) + " x",
        basic("stadtwerke", SECRET) + "=x",
        basic("stadtwerke", SECRET) + "\u00fc",
        basic("stadtwerke", SECRET)[:20] + "-" + basic("stadtwerke", SECRET)[20:],
        "Bearer c3RhZHR3ZXJrZQ==",
        "Digest username=stadtwerke",
        "stadtwerke",
        " ",
    ],
)
def test_a_wrong_or_broken_header_is_refused_and_the_code_stays_good(person, vendor, house, header):
    code = code_for(person, vendor)

    with nothing_changes(house):
        response = redeems(vendor, code, headers={"Authorization": header})

    assert refused(response, "invalid_client", status=401)
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert redeems(vendor, code, **ways(vendor)["basic"]).status_code == 200


def test_an_unknown_vendor_and_a_wrong_secret_get_the_same_answer(vendor):
    wrong, unknown = (
        redeems(vendor, "x", headers={"Authorization": basic(client_id, "wrong")})
        for client_id in ("stadtwerke", "nobody")
    )

    assert refused(wrong, "invalid_client", status=401)
    assert (wrong.text, dict(wrong.headers)) == (unknown.text, dict(unknown.headers))


@pytest.mark.parametrize("client_id", ["nobody\x00", "\x00", "stadtwerke\x00"])
def test_a_zero_byte_in_a_name_is_a_clean_refusal(vendors, house, client_id):
    with nothing_changes(house):
        by_header = redeems(
            vendors["basic"], "x", headers={"Authorization": basic(client_id.replace("\x00", "%00"), SECRET)}
        )
        by_raw_header = redeems(vendors["basic"], "x", headers={"Authorization": basic(client_id, SECRET)})
        by_form = redeems(vendors["post"], "x", client_id=client_id, client_secret=SECRET)

    assert refused(by_header, "invalid_client", status=401)
    assert refused(by_raw_header, "invalid_client", status=401)
    assert refused(by_form, "invalid_request")


@on_sqlite_alone
@pytest.mark.parametrize(
    "credentials",
    [
        {"client_id": "stadtwerke", "client_secret": SECRET},
        {"client_secret": SECRET},
        {"client_secret": "wrong"},
        {"client_id": "other"},
    ],
)
def test_two_ways_at_once_are_refused(person, vendor, house, credentials):
    code = code_for(person, vendor)

    with nothing_changes(house):
        response = redeems(vendor, code, headers={"Authorization": basic("stadtwerke", SECRET)}, **credentials)

    assert refused(response, "invalid_request")


@on_sqlite_alone
def test_a_header_may_be_accompanied_by_the_same_client_id(person, vendor):
    code = code_for(person, vendor)

    assert redeems(vendor, code, **ways(vendor)["basic"], client_id="stadtwerke").status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("method", ["basic", "post", "none"])
def test_credentials_in_the_url_are_refused(person, vendors, house, method):
    vendor = vendors[method]
    code = code_for(person, vendor)

    with nothing_changes(house):
        for query in (f"?client_id={vendor.client_id}&client_secret=a", "?client_secret=a", f"?code={code}"):
            assert refused(redeems(vendor, code, query=query, **ways(vendor)[method]), "invalid_request")


@on_sqlite_alone
def test_a_client_assertion_counts_for_nothing_where_a_secret_is_registered(person, vendor, house):
    code = code_for(person, vendor)
    assertion = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzdGFkdHdlcmtlIn0.",
    }

    with nothing_changes(house):
        assert refused(redeems(vendor, code, client_id="stadtwerke", **assertion), "invalid_client", status=401)


@on_sqlite_alone
def test_names_and_secrets_with_special_letters_are_percent_encoded_in_the_header(app, house, person):
    """RFC 6749 section 2.3.1."""
    vendor = VendorActor(app, house, "special", client_id="a:b%/c")
    vendor.client_id = "a:b%/c"
    code = code_for(person, vendor)

    header = basic("a%3Ab%25%2Fc", SECRET.replace(" ", "%20"))

    assert redeems(vendor, code, headers={"Authorization": header}).status_code == 200
