"""Pushed authorization requests (RFC 9126): nothing but what was pushed counts, once, and for its own vendor."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from actors import VendorActor, basic
from dpop import ProvingVendor, new_key
from journeys import code_for, refused, sent_back
from storage import nothing_changes, on_sqlite_alone

from wallet.upkeep import sweep


def pushes(vendor, asking=("email",), **changed):
    parameters = dict(parse_qsl(urlsplit(vendor.link(asking, **changed)).query))
    return vendor.post("/oauth/par", parameters)


def link(vendor, reference, **more):
    return f"/oauth/authorize?{urlencode({'client_id': vendor.client_id, 'request_uri': reference, **more})}"


def test_a_vendor_needs_to_send_the_person_with_nothing_but_the_reference(person, vendor):
    pushed = pushes(vendor)

    page = person.opens(link(vendor, pushed.json["request_uri"]))
    answer = vendor.receives(person.allows(page, only=["email"]))

    assert pushed.status_code == 201
    assert pushed.json["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert 5 <= pushed.json["expires_in"] <= 600
    assert pushed.headers["Cache-Control"] == "no-store"
    assert answer["state"] == vendor.state
    assert vendor.reads(vendor.redeems(answer["code"]).json["access_token"]).json["email"] == "ana@example.org"


def test_what_stands_beside_the_reference_does_not_count(person, vendor):
    reference = pushes(vendor).json["request_uri"]

    page = person.opens(link(vendor, reference, scope="openid profile", redirect_uri="https://evil.test/", state="x"))

    answer = vendor.receives(person.allows(page, only=["email"]))
    assert answer["state"] == vendor.state
    assert "family_name" not in page.text


def test_a_reference_works_once(person, vendor, house):
    code_for(person, vendor)
    reference = pushes(vendor).json["request_uri"]
    assert person.browser.get(link(vendor, reference)).status_code == 303

    with nothing_changes(house):
        again = person.browser.get(link(vendor, reference))

    assert again.status_code == 400
    assert "used already" in again.text


def test_a_reference_of_another_vendor_is_refused_and_stays_good(app, person, vendor, house):
    other = VendorActor(app, house, "nordsparkasse")
    reference = pushes(vendor).json["request_uri"]

    with nothing_changes(house):
        assert person.browser.get(link(other, reference)).status_code == 400

    assert person.browser.get(link(vendor, reference)).status_code == 303


@pytest.mark.parametrize("twice", ["request_uri", "state", "redirect_uri", "unheard_of"])
def test_a_reference_among_parameters_sent_twice_is_refused_and_stays_good(person, vendor, house, twice):
    reference = pushes(vendor).json["request_uri"]
    doubled = f"{link(vendor, reference)}&{urlencode([(twice, 'https://evil.test/')] * 2)}"

    with nothing_changes(house):
        answer = person.browser.get(doubled)
        told = person.browser.get(f"{link(vendor, reference, redirect_uri=vendor.redirect_uri)}&a=1&a=1")

    assert (answer.status_code, answer.location) == (400, None)
    assert sent_back(told, vendor)["error"] == "invalid_request"
    assert person.browser.get(link(vendor, reference)).status_code == 303


def test_a_challenge_beside_the_reference_binds_nothing_and_its_verifier_is_refused(person, vendor, house):
    """Somebody would like to be the one who made the challenge; what was pushed had a nonce and none."""
    reference = pushes(vendor, without=["code_challenge", "code_challenge_method"]).json["request_uri"]
    page = person.opens(link(vendor, reference, code_challenge="A" * 43, code_challenge_method="S256"))
    code = vendor.receives(person.allows(page, only=["email"]))["code"]

    with nothing_changes(house):
        assert refused(vendor.redeems(code), "invalid_request")

    assert vendor.redeems(code, code_verifier="").status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("missing", ["code_challenge", "code_challenge_method"])
def test_a_public_vendor_can_not_push_without_a_challenge(app, house, missing):
    public = VendorActor(app, house, "reader", token_endpoint_auth_method="none")

    with nothing_changes(house):
        assert refused(pushes(public, without=[missing]), "invalid_request")


def test_a_reference_expires_and_is_forgotten(person, vendor, house, clock):
    pushed = pushes(vendor).json
    clock.now += pushed["expires_in"]

    with nothing_changes(house):
        assert person.browser.get(link(vendor, pushed["request_uri"])).status_code == 400
    assert house.database.write(sweep, now=clock()) == 1


@on_sqlite_alone
@pytest.mark.parametrize("reference", ["urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:guess"])
def test_a_reference_nobody_pushed_is_a_page(person, vendor, house, reference):
    with nothing_changes(house):
        answer = person.browser.get(link(vendor, reference))

    assert answer.status_code == 400
    assert "evil" not in answer.headers.get("Location", "")


@on_sqlite_alone
@pytest.mark.parametrize(
    ("mistake", "error"),
    [
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"redirect_uri": "https://evil.test/"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
    ],
)
def test_a_mistake_is_told_at_once_and_nothing_is_kept(vendor, house, mistake, error):
    with nothing_changes(house):
        assert refused(pushes(vendor, **mistake), error)


@on_sqlite_alone
def test_who_is_not_the_vendor_can_not_push(vendor, house):
    parameters = {"client_id": vendor.client_id, "redirect_uri": vendor.redirect_uri, "response_type": "code"}
    with nothing_changes(house):
        nobody = vendor.client.post("/oauth/par", data=parameters)
        guess = vendor.post("/oauth/par", parameters, headers={"Authorization": basic(vendor.client_id, "guess")})

    assert refused(nobody, "invalid_client", status=401)
    assert refused(guess, "invalid_client", status=401)


@on_sqlite_alone
def test_a_secret_that_was_sent_along_is_not_stored(app, house):
    vendor = VendorActor(app, house, "stadtwerke", token_endpoint_auth_method="client_secret_post")
    parameters = dict(parse_qsl(urlsplit(vendor.link(["email"])).query))

    sent = vendor.post("/oauth/par", {**parameters, "client_secret": "a secret of the vendor, long enough"}, headers={})

    assert sent.status_code == 201
    with house.database.engine.connect() as db:
        assert "long enough" not in str(db.exec_driver_sql("select parameters from pushed_requests").all())


def test_who_is_registered_to_push_may_not_ask_in_the_address(app, person, house):
    vendor = VendorActor(app, house, "stadtwerke", require_pushed_authorization_requests=True)

    with nothing_changes(house):
        refusal = sent_back(person.browser.get(vendor.link(["email"])), vendor)
    page = person.opens(link(vendor, pushes(vendor).json["request_uri"]))

    assert refusal["error"] == "invalid_request"
    assert "code" in vendor.receives(person.allows(page, only=["email"]))


def test_a_proof_beside_what_is_pushed_binds_the_code(app, house, person):
    """RFC 9449 section 10.1."""
    vendor = ProvingVendor(app, house, "stadtwerke")
    parameters = dict(parse_qsl(urlsplit(vendor.link(["email"])).query))
    headers = {**vendor.credentials, "DPoP": vendor.proof(path="/oauth/par")}
    pushed = vendor.client.post("/oauth/par", data=parameters, headers=headers)
    code = vendor.receives(person.allows(person.opens(link(vendor, pushed.json["request_uri"])), only=["email"]))[
        "code"
    ]
    own, vendor.key = vendor.key, new_key()

    with nothing_changes(house):
        assert refused(vendor.redeems(code), "invalid_grant")

    vendor.key = own
    assert vendor.redeems(code).json["token_type"] == "DPoP"


@on_sqlite_alone
def test_a_proof_and_a_thumbprint_must_be_of_one_key(app, house):
    vendor = ProvingVendor(app, house, "stadtwerke")
    parameters = dict(parse_qsl(urlsplit(vendor.link(["email"], dpop_jkt="x" * 43)).query))
    headers = {**vendor.credentials, "DPoP": vendor.proof(path="/oauth/par")}

    with nothing_changes(house):
        answer = vendor.client.post("/oauth/par", data=parameters, headers=headers)

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert answer.headers["DPoP-Nonce"]
