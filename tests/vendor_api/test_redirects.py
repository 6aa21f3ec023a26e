"""Where answers go: to a registered address, spelled exactly as registered, or nowhere."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from actors import CHALLENGE, VendorActor
from asserting import AssertingVendor
from journeys import code_for, refused, sent_back
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.vendors import registry

pytestmark = on_sqlite_alone

HOSTILE = "https://evil.test/take"
MISSPELLED = [
    "https://stadtwerke.example/back/",
    "https://stadtwerke.example/Back",
    "https://Stadtwerke.example/back",
    "HTTPS://stadtwerke.example/back",
    "https://stadtwerke.example:443/back",
    "https://stadtwerke.example:8443/back",
    "https://stadtwerke.example/back%2f",
    "https://stadtwerke.example%2fback",
    "https://stadtwerke.example/%62ack",
    "https://stadtwerke.example/back?next=https://evil.test",
    "https://stadtwerke.example/back?",
    "https://stadtwerke.example/away/../back",
    "https://stadtwerke.example/back/..",
    "https://stadtwerke.example/./back",
    "https://stadtwerke.example//back",
    "https://stadtwerke.example/back#",
    "https://stadtwerke.example/back#@evil.test",
    "https://stadtwerke.example./back",
    "https://stadtwerke.example@evil.test/back",
    "https://user:secret@stadtwerke.example/back",
    "https://stadtwerke.example.evil.test/back",
    "https://evil.test\\@stadtwerke.example/back",
    "https://evil.test/https://stadtwerke.example/back",
    "http://stadtwerke.example/back",
    "https:/stadtwerke.example/back",
    "//stadtwerke.example/back",
    "/back",
    " https://stadtwerke.example/back",
    "https://stadtwerke.example/back ",
    "https://stadtwerke.example/back\n",
    "https://stadtwerke.example/back\x00",
    "https://stadtwerke.example/b\u0430ck",
    "https://stadtwerke.example/back;a",
    "javascript:alert(1)//evil.test",
]


def is_a_page(response, *, status=400):
    assert response.status_code == status
    assert "Location" not in response.headers
    assert response.mimetype == "text/html"
    assert "http-equiv" not in response.text
    assert all(re.match(r"/(?!/)|#", link) for link in re.findall(r'(?:href|src|action)="([^"]*)"', response.text))
    return True


@pytest.fixture
def native(app, house):
    """An app on the person's own machine."""
    return VendorActor(
        app,
        house,
        "reader",
        redirect_uris=[
            "http://localhost/back",
            "http://127.0.0.1/back",
            "http://[::1]/back",
            "com.example.reader:/back",
        ],
        application_type="native",
        token_endpoint_auth_method="none",
    )


@pytest.mark.parametrize("spelled", MISSPELLED)
def test_a_redirect_uri_that_is_not_exactly_the_registered_one_ends_at_a_page(person, vendor, house, spelled):
    code_for(person, vendor)  # even somebody who allowed all this before is not sent there

    with nothing_changes(house):
        response = person.browser.get(vendor.link(["email"], redirect_uri=spelled))

    assert is_a_page(response)


@pytest.mark.parametrize(
    "spelled",
    [
        "https://192.0.2.001/back",
        "https://3221225985/back",
        "https://0xc0000201/back",
        "https://0300.0.2.1/back",
        "https://192.0.513/back",
        "https://[::ffff:192.0.2.1]/back",
        "https://192.0.2.1./back",
    ],
)
def test_another_spelling_of_the_same_ip_address_is_another_address(person, app, house, spelled):
    vendor = VendorActor(app, house, "gateway", redirect_uris=["https://192.0.2.1/back"])

    with nothing_changes(house):
        response = person.browser.get(vendor.link(["email"], redirect_uri=spelled))

    assert is_a_page(response)


def test_an_address_with_a_query_keeps_it_and_must_be_sent_with_it(person, app, house):
    vendor = VendorActor(app, house, "tenant", redirect_uris=["https://tenant.example/back?of=7"])

    answer = vendor.receives(person.allows(person.opens(vendor.link(["email"]))))

    assert answer["of"] == "7"
    assert is_a_page(person.browser.get(vendor.link(["email"], redirect_uri="https://tenant.example/back")))
    assert is_a_page(person.browser.get(vendor.link(["email"], redirect_uri="https://tenant.example/back?of=8")))


@pytest.mark.parametrize(
    "client_id", ["nobody", "STADTWERKE", "stadtwerke ", "stadtwerke\x00", "' or 1=1 --", "ü", "x" * 9000]
)
def test_an_unknown_vendor_ends_at_a_page(person, vendor, house, client_id):
    with nothing_changes(house):
        response = person.browser.get(vendor.link(["email"], client_id=client_id, redirect_uri=HOSTILE))

    assert is_a_page(response)


@pytest.mark.parametrize("missing", ["client_id", "redirect_uri"])
def test_a_request_without_vendor_or_address_ends_at_a_page(person, vendor, house, missing):
    with nothing_changes(house):
        response = person.browser.get(vendor.link(["email"], without=[missing]))

    assert is_a_page(response)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
@pytest.mark.parametrize("hostile_first", [True, False])
def test_vendor_or_address_named_twice_end_at_a_page(person, vendor, house, name, hostile_first):
    link, second = vendor.link(["email"]), urlencode({name: HOSTILE})
    twice = link.replace("?", f"?{second}&") if hostile_first else f"{link}&{second}"

    with nothing_changes(house):
        response = person.browser.get(twice)

    assert is_a_page(response)


@pytest.mark.parametrize(
    "mistake",
    [
        {"response_type": "token"},
        {"response_type": "none"},
        {"response_type": ""},
        {"scope": "everything"},
        {"scope": ""},
        {"code_challenge_method": "plain"},
        {"prompt": "none"},
        {"prompt": "none login"},
        {"response_mode": "fragment"},
        {"response_mode": "form_post"},
        {"request": "eyJhbGciOiJub25lIn0.e30."},
        {"request_uri": "https://evil.test/request"},
        {"claims": "no json"},
    ],
)
def test_no_mistake_in_the_request_is_reported_to_a_hostile_address(person, vendor, house, mistake):
    with nothing_changes(house):
        response = person.browser.get(vendor.link(["email"], **{**mistake, "redirect_uri": HOSTILE}))

    assert is_a_page(response)


@pytest.mark.parametrize(
    ("mistake", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request_object"),
        ({"request_uri": "https://evil.test/request"}, "invalid_request_uri"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none create"}, "invalid_request"),
        ({"registration": "{}"}, "registration_not_supported"),
        (
            {"claims": '{"id_token": {"acr": {"essential": true, "value": "gold"}}}'},
            "unmet_authentication_requirements",
        ),
        ({"claims": '{"id_token": {"acr": {"essential": true, "values": "gold"}}}'}, "invalid_request"),
        ({"claims": '{"id_token": {"sub": {"value": 7}}}'}, "invalid_request"),
        ({"id_token_hint": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": "[" * 9000}, "invalid_request"),
        ({"claims": '{"userinfo": {"email": {"essential": "yes"}}}'}, "invalid_request"),
        ({"state": "x" * 2001}, "invalid_request"),
        ({"nonce": "x" * 2001}, "invalid_request"),
    ],
)
def test_a_mistake_is_reported_to_the_vendor_with_state_and_issuer(person, vendor, house, mistake, error):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], **mistake)), vendor)

    assert answer["error"] == error
    assert answer["iss"] == "http://localhost"
    assert answer["state"] == mistake.get("state", vendor.state)
    assert answer.keys() == {"error", "error_description", "state", "iss"}


@pytest.mark.parametrize(
    "name",
    [
        "response_type",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "claims",
        "prompt",
        "display",
    ],
)
@pytest.mark.parametrize("value", ["a", ""])
def test_a_parameter_sent_twice_is_an_invalid_request(person, vendor, house, name, value):
    link = vendor.link(["email"], without=[name])
    repeated = f"{link}&{urlencode([(name, value)] * 2)}"

    with nothing_changes(house):
        answer = sent_back(person.browser.get(repeated), vendor)

    assert (answer["error"], answer["iss"]) == ("invalid_request", "http://localhost")


def test_a_refusal_carries_state_and_issuer_and_no_code(person, vendor):
    answer = vendor.receives(person.refuses(person.opens(vendor.link(["email"]))))

    assert answer.keys() == {"error", "error_description", "state", "iss"}
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", vendor.state, "http://localhost")


def test_a_success_carries_state_and_issuer(person, vendor):
    answer = vendor.receives(person.allows(person.opens(vendor.link(["email"]))))

    assert answer.keys() == {"code", "state", "iss", "session_state"}
    assert (answer["state"], answer["iss"]) == (vendor.state, "http://localhost")


def test_a_silent_success_and_a_silent_refusal_carry_state_and_issuer(person, vendor, house):
    code_for(person, vendor)

    success = sent_back(person.browser.get(vendor.link(["email"], prompt="none")), vendor)
    with nothing_changes(house):
        refusal = sent_back(person.browser.get(vendor.link(["email", "birthdate"], prompt="none")), vendor)

    assert success.keys() == {"code", "state", "iss", "session_state"}
    assert (success["state"] != vendor.state, refusal["state"] == vendor.state) == (True, True)
    assert (refusal["error"], refusal["iss"]) == ("consent_required", "http://localhost")


def test_an_unproven_vendor_asking_silently_is_told_so_with_the_issuer(person, native, house):
    code_for(person, native)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(native.link(["email"], prompt="none")), native)

    assert (answer["error"], answer["iss"]) == ("interaction_required", "http://localhost")


@pytest.mark.parametrize("state", ["a b+c&iss=https://evil.test", "\r\nSet-Cookie: a=b", "ü", '"><script>'])
def test_a_state_comes_back_as_it_was_and_can_add_nothing(person, vendor, state):
    response = person.browser.get(vendor.link(["email"], state=state, scope="nothing"))

    answer = parse_qsl(urlsplit(response.location).query)
    assert [value for name, value in answer if name == "state"] == [state]
    assert [value for name, value in answer if name == "iss"] == ["http://localhost"]
    assert "Set-Cookie: a=b" not in str(response.headers)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("port", ["", ":80", ":49152", ":65535"])
def test_an_app_on_the_persons_machine_may_use_any_port(person, native, host, port):
    native.redirect_uri = f"http://{host}{port}/back"

    code = code_for(person, native)

    assert native.redeems(code).status_code == 200


@pytest.mark.parametrize(
    "spelled",
    [
        "http://localhost.evil.test/back",
        "http://localhost.evil.test:4000/back",
        "http://localhost:4000@evil.test/back",
        "http://evil.test:4000/back",
        "http://127.0.0.1.evil.test:4000/back",
        "http://localhost:4000/other",
        "http://localhost:4000/back/",
        "http://localhost:4000/back?next=evil.test",
        "http://localhost:4000/back#evil.test",
        "http://localhost:4000/a/../back",
        "http://localhost:99999/back",
        "http://localhost:port/back",
        "https://localhost:4000/back",
        "http://LOCALHOST:4000/back",
        "HTTP://localhost:4000/back",
        "http://localhost./back",
        "http://localhost:4000/back?",
        "http://localhost:/back",
        "http://localhost:0/back",
        "http://localhost:04000/back",
        "http://[0:0:0:0:0:0:0:1]:4000/back",
        "http://[::1%25lo]:4000/back",
        "http://[::ffff:127.0.0.1]:4000/back",
        "http://127.0.0.2:4000/back",
        "http://127.1:4000/back",
        "http://2130706433:4000/back",
        "http://0x7f000001:4000/back",
        "http://0.0.0.0:4000/back",
        "http://localhost%2eevil.test:4000/back",
        "http://localhost\\.evil.test:4000/back",
        "com.example.reader:/other",
        "com.example.reader.evil:/back",
        "com.example.reader://evil.test/back",
    ],
)
def test_an_app_may_change_nothing_but_the_port(person, native, house, spelled):
    with nothing_changes(house):
        response = person.browser.get(native.link(["email"], redirect_uri=spelled))

    assert is_a_page(response)


def test_a_web_vendor_on_loopback_may_not_change_the_port(person, app, house):
    vendor = VendorActor(app, house, "dev", redirect_uris=["http://localhost:3000/back"])

    with nothing_changes(house):
        response = person.browser.get(vendor.link(["email"], redirect_uri="http://localhost:3001/back"))

    assert is_a_page(response)


def test_every_redirect_after_a_form_is_a_303(person, vendor):
    """A 307 would send the password or the answer on to the next address."""
    steps = []
    client = person.browser.client
    real = client.post
    client.post = lambda *args, **kwargs: steps.append(real(*args, **kwargs)) or steps[-1]

    end = person.allows(person.opens(vendor.link(["email"])), only=["email"])

    assert [step.status_code for step in steps] == [303, 303]
    assert end.status_code == 303


def test_a_request_sent_as_a_form_leads_on_with_a_303(app, vendor, house):
    form = dict(parse_qsl(urlsplit(vendor.link(["email"])).query))

    response = app.test_client().post("/oauth/authorize", data=form)

    assert (response.status_code, response.location.split("/")[1]) == (303, "consent")
    assert len(rows(house, "asks")) == 1


def test_a_form_that_is_wrong_goes_back_with_a_303_and_the_parameters_of_the_url_do_not_count(app, vendor, house):
    form = dict(parse_qsl(urlsplit(vendor.link(["email"], scope="nothing")).query))

    with nothing_changes(house):
        wrong = app.test_client().post("/oauth/authorize", data=form)
        in_the_url = app.test_client().post(vendor.link(["email"]), data={})

    assert sent_back(wrong, vendor)["error"] == "invalid_scope"
    assert is_a_page(in_the_url)


def test_the_code_goes_to_the_address_of_the_request_and_not_of_another_ask(person, app, house):
    vendor = VendorActor(app, house, "two", redirect_uris=["https://two.example/back", "https://two.example/other"])
    page = person.opens(vendor.link(["email"]))
    person.browser.get(vendor.link(["email"], redirect_uri="https://two.example/other", code_challenge=CHALLENGE))

    response = person.allows(page, only=["email"])

    assert response.location.startswith("https://two.example/back?")


def test_no_other_spelling_can_be_pushed_either(vendor, house):
    with nothing_changes(house):
        for spelled in MISSPELLED:
            parameters = dict(parse_qsl(urlsplit(vendor.link(["email"], redirect_uri=spelled)).query))
            assert refused(vendor.post("/oauth/par", parameters), "invalid_request"), spelled


def test_no_other_spelling_can_be_signed_either(app, house, person):
    vendor = AssertingVendor(app, house, "stadtwerke")
    said = {"iss": vendor.client_id, "aud": house.settings.issuer, "exp": house.clock() + 300}

    with nothing_changes(house):
        for spelled in MISSPELLED:
            asked = dict(parse_qsl(urlsplit(vendor.link(["email"], redirect_uri=spelled)).query))
            signed = vendor.signed({"alg": vendor.alg, "kid": vendor.signs_with.kid}, {**asked, **said})
            query = urlencode({"client_id": vendor.client_id, "request": signed})
            assert is_a_page(person.browser.get(f"/oauth/authorize?{query}")), spelled


@pytest.mark.parametrize("answer", ["allow", "refuse"])
def test_an_address_taken_from_the_vendor_while_the_person_was_asked_gets_no_answer(person, app, house, answer):
    """The vendor may have lost that host meanwhile: whoever has it now would get the code."""
    addresses = ["https://shop.example/old", "https://shop.example/back"]
    vendor = VendorActor(app, house, "shop", redirect_uris=addresses)
    page = person.opens(vendor.link(["email"]))
    registered = house.database.read(registry.find, "shop")
    less = replace(registered, metadata={**registered.metadata, "redirect_uris": addresses[1:]})
    house.database.write(registry.change, less)

    response = person.answers(page, answer, only=["email"])

    assert is_a_page(response)
    assert rows(house, "codes") == []


@pytest.mark.parametrize(
    "mode", ["query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"]
)
@pytest.mark.parametrize("outcome", ["success", "refusal", "mistake"])
def test_every_way_of_answering_says_who_answers_exactly_once(person, vendor, mode, outcome):
    link = vendor.link(["email"], response_mode=mode, **({"scope": "nothing"} if outcome == "mistake" else {}))
    page = person.opens(link)
    if outcome != "mistake":
        page = person.answers(page, "allow" if outcome == "success" else "refuse", only=["email"])

    answer = answered(page)

    assert [value for name, value in answer if name == "iss"] == ["http://localhost"]
    assert {"code", "error"} & dict(answer).keys() == {"code" if outcome == "success" else "error"}


def answered(response):
    """All that an authorization response says, in whichever way it travels, opened where it is signed."""
    if response.status_code == 303:
        parts = urlsplit(response.location)
        answer = parse_qsl(parts.fragment or parts.query)
    else:
        answer = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', response.text.split("data-send")[1])
    signed = dict(answer).get("response")
    return list(jwt.decode(signed, options={"verify_signature": False}).items()) if signed else answer


def test_signing_out_at_a_vendors_wish_leads_on_with_a_303(person, app, house):
    vendor = VendorActor(app, house, "shop", post_logout_redirect_uris=["https://shop.example/bye"])
    person.signs_in()
    asked = {"client_id": vendor.client_id, "post_logout_redirect_uri": "https://shop.example/bye"}

    sent = app.test_client().post("/oauth/end-session", data=asked)
    left = person.leaves(f"/oauth/end-session?{urlencode(asked)}", "everywhere")

    assert (sent.status_code, left.status_code) == (303, 303)
    assert left.location == "https://shop.example/bye"
