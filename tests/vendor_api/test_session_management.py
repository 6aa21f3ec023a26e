"""`session_state` and the frame a vendor's page asks (OpenID Connect Session Management 1.0)."""

import base64
import hashlib
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from actors import Browser, PersonActor, VendorActor
from journeys import code_for
from storage import contents, on_sqlite_alone

from wallet.app import create_app

FRAME = "/oauth/check-session"


def states(person):
    """What the frame would find in this browser, the newest first."""
    cookie = person.browser.client.get_cookie("wallet-state")
    return cookie.value.split(".") if cookie else []


def state_for(client_id, origin, state, salt):
    said = hashlib.sha256(f"{client_id} {origin} {state} {salt}".encode()).digest()
    return f"{base64.urlsafe_b64encode(said).rstrip(b'=').decode()}.{salt}"


def signs_on(person, vendor, **changed):
    return vendor.receives(person.browser.get(vendor.link(["email"], **changed)))


def test_every_answer_says_the_state_of_the_browser_for_this_vendor_alone(person, vendor):
    person.signs_in()
    person.signs_out()
    first = vendor.receives(person.allows(person.opens(vendor.link(["email"])), only=["email"]))
    again = signs_on(person, vendor)

    for answer in (first, again):
        salt = answer["session_state"].partition(".")[2]
        expected = state_for("stadtwerke", "https://stadtwerke.example", states(person)[0], salt)
        assert answer["session_state"] == expected
    assert first["session_state"] != again["session_state"]


@on_sqlite_alone
def test_nothing_in_it_links_two_vendors(app, house, person, vendor):
    other = VendorActor(app, house, "shop")
    code_for(person, vendor)
    code_for(person, other)

    first, second = signs_on(person, vendor)["session_state"], signs_on(person, other)["session_state"]

    assert not set(first.split(".")) & set(second.split("."))
    assert states(person)[0] not in f"{vendor.seen}{other.seen}"


@on_sqlite_alone
def test_without_openid_there_is_no_sign_in_to_watch(person, vendor):
    page = person.opens(vendor.link(["email"], scope="email"))

    assert "session_state" not in vendor.receives(person.allows(page, only=["email"]))


@on_sqlite_alone
def test_an_app_has_no_page_to_watch_from(app, house, person):
    vendor = VendorActor(app, house, "app", redirect_uris=["com.example.app:/back"], application_type="native")

    assert "session_state" not in vendor.receives(person.allows(person.opens(vendor.link(["email"])), only=["email"]))


@on_sqlite_alone
def test_a_refusal_has_no_state(person, vendor):
    person.signs_in()

    assert "session_state" not in signs_on(person, vendor, prompt="none")


def test_the_state_changes_with_each_sign_in_and_sign_out(app, house, person, moves_in):
    seen = []
    somebody_else = PersonActor(app, house, moves_in("Ben"), password=person.password)
    somebody_else.browser = person.browser
    for happens in (
        person.signs_in,
        person.signs_out,
        person.signs_in,
        somebody_else.signs_in,
        somebody_else.signs_out,
    ):
        happens()
        seen.append(states(person))

    newest = [one[0] for one in seen]
    assert len(set(newest)) == len(newest)
    assert seen[1] == [newest[1], newest[0]]
    assert seen[4] == newest[:0:-1]


@on_sqlite_alone
def test_nothing_else_changes_it(person, vendor):
    code_for(person, vendor)
    before = states(person)

    for path in ("/data", "/vendors", "/ledger", vendor.link(["email"])):
        person.browser.get(path)
    person.signs_in()  # to prove anew who they are
    person.browser.post("/language", form_at="/data", language="de")

    assert states(person) == before


@on_sqlite_alone
def test_it_is_nothing_the_wallet_knows_anybody_by(house, person):
    person.signs_in()

    [state] = states(person)

    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", state)
    assert state not in str(contents(house))


@on_sqlite_alone
def test_a_state_that_a_page_wrote_into_the_cookie_counts_for_nothing(person, vendor):
    code_for(person, vendor)
    true = states(person)[0]
    person.browser.client.set_cookie("wallet-state", "forged")

    said = signs_on(person, vendor)["session_state"]

    assert said == state_for("stadtwerke", "https://stadtwerke.example", true, said.partition(".")[2])


@on_sqlite_alone
@pytest.mark.parametrize(
    ("issuer", "name", "flags"),
    [
        ("http://localhost", "wallet-state", {"Path=/", "SameSite=Lax"}),
        ("https://wallet.example", "__Host-wallet-state", {"Path=/", "SameSite=None", "Secure"}),
    ],
)
def test_only_frames_of_this_wallet_can_read_the_cookie(house, person, issuer, name, flags):
    app = create_app(replace(house, settings=replace(house.settings, issuer=issuer)))
    browser = Browser(app)
    page = browser.client.get("/sign-in", base_url=issuer)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    answer = browser.client.post(
        "/sign-in",
        base_url=issuer,
        data={"csrf_token": token, "login": "Ana", "password": person.password},
        headers={"Referer": f"{issuer}/sign-in"},
    )

    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{name}=")]
    said = {part for part in cookie.split("; ")[1:] if not part.startswith(("Expires", "Max-Age"))}
    assert said == flags


@on_sqlite_alone
@pytest.mark.parametrize("issuer", ["http://localhost", "https://wallet.example"])
def test_the_frame_may_stand_in_any_vendors_page_and_runs_its_one_script(house, issuer):
    client = create_app(replace(house, settings=replace(house.settings, issuer=issuer))).test_client()

    answer = client.get(FRAME, base_url=issuer)

    script = re.search(r"<script>(.*)</script>", answer.text, re.S)[1]
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "script-src": f"'sha256-{allowed}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "https: http://localhost:* http://127.0.0.1:*",
    }
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert ("__Host-wallet-state" in script) == issuer.startswith("https")


@on_sqlite_alone
def test_no_other_page_may_be_framed(person):
    person.signs_in()

    for path in ("/data", "/sign-in", "/vendors", "/oauth/authorize"):
        answer = person.browser.get(path)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


@on_sqlite_alone
def test_discovery_leads_to_the_frame(app):
    client = app.test_client()

    address = client.get("/.well-known/openid-configuration").json["check_session_iframe"]

    assert client.get(urlsplit(address).path).mimetype == "text/html"


@on_sqlite_alone
def test_a_fragment_carries_it_too(person, vendor):
    code_for(person, vendor)

    response = person.browser.get(vendor.link(["email"], response_mode="fragment"))

    assert "session_state" in dict(parse_qsl(urlsplit(response.location).fragment))
