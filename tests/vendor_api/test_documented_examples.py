"""What docs/vendors.md has developers copy runs here as it stands there, against the real app."""

import builtins
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import triggering
from actors import SECRET, VendorActor
from calling import CallingVendor, looks
from devices import DeviceVendor, types
from feedback import Answering, tells
from journeys import code_for, tokens_for
from listening import ListeningVendor
from publishing import brings
from seeking import Merchant, sends
from speaking import Speaker, wants
from storage import on_sqlite_alone, rows
from triggering import at

from vendor_api.oauth import ciba, device, token, userinfo
from vendor_api.vendors.metadata import TOKEN_EXCHANGE

ISSUER = "http://localhost"
VENDORS = (Path(__file__).parents[2] / "docs/vendors.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", VENDORS, re.M | re.S)

pytestmark = on_sqlite_alone


@pytest.fixture(autouse=True)
def _wired(app, clock, monkeypatch):
    """httpx as in the examples reaches the app, and both clocks show today."""
    clock.now = int(time.time())
    with httpx.Client(transport=httpx.WSGITransport(app=app)) as client:

        def sent(method: str, url: str, **more: Any) -> httpx.Response:
            return client.request(method, url.replace("https://wallet.example", ISSUER), **more)

        monkeypatch.setattr(httpx, "get", lambda url, **more: sent("GET", url, **more))
        monkeypatch.setattr(httpx, "post", lambda url, **more: sent("POST", url, **more))
        monkeypatch.setattr(time, "time", lambda: clock.now)
        yield


def played(beginning: str, vendor: VendorActor, **given: Any) -> dict[str, Any]:
    """The one example in which this stands, with the names that the docs say there are."""
    [example] = [example for example in EXAMPLES if beginning in example]
    names = {
        "client_id": vendor.client_id,
        "client_secret": SECRET,
        "redirect_uri": vendor.redirect_uri,
        "me": (vendor.client_id, SECRET),
        "httpx": httpx,
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}{token.PATH}",
        "userinfo_endpoint": f"{ISSUER}{userinfo.PATH}",
        "device_authorization_endpoint": f"{ISSUER}{device.PATH}",
        "backchannel_authentication_endpoint": f"{ISSUER}{ciba.PATH}",
        **given,
    }
    exec(compile(example, "docs/vendors.md", "exec"), names)  # noqa: S102 - our own documentation
    return names


def test_every_example_is_python():
    assert EXAMPLES
    for example in EXAMPLES:
        compile(example, "docs/vendors.md", "exec")


def test_the_first_sign_in_reads_a_value(person, vendor, monkeypatch, capsys):
    def browser(_question: str) -> str:
        address = capsys.readouterr().out.split()[-1].removeprefix(ISSUER)
        return person.allows(person.opens(address), only=["email"]).location

    monkeypatch.setattr(builtins, "input", browser)

    assert played("input(", vendor)["values"]["email"] == "ana@example.org"


def test_a_proof_binds_the_tokens_and_reads_with_them(person, vendor):
    redeemed = {
        "grant_type": "authorization_code",
        "code": code_for(person, vendor),
        "redirect_uri": vendor.redirect_uri,
        "code_verifier": "v" * 43,
    }

    found = played("def proof(", vendor, redeemed=redeemed)

    assert found["tokens"]["token_type"] == "DPoP"
    assert found["values"]["email"] == "ana@example.org"


def test_the_token_for_a_processor_reads_less(app, house, person):
    grant_types = ["authorization_code", "refresh_token", TOKEN_EXCHANGE]
    vendor = VendorActor(app, house, "shop", recipients=["Printer Ltd"], grant_types=grant_types)
    tokens = tokens_for(person, vendor, ["email", "birthdate"])

    found = played("narrower =", vendor, tokens=tokens)

    assert vendor.reads(found["narrower"]["access_token"]).json.keys() == {"email", "email_verified", "sub"}


def test_a_consent_token_is_verified_by_nothing_but_itself(person, vendor):
    tokens = tokens_for(person, vendor)
    consent_token = tokens["consent_token"]
    head, body, signature = consent_token.split(".")
    verified = played("def verified(", vendor)["verified"]

    claims = verified(consent_token, vendor.client_id)

    assert claims["sub"] == vendor.introspects(tokens["access_token"])["sub"]
    with pytest.raises(jwt.InvalidAudienceError):
        verified(consent_token, "somebody-else")
    with pytest.raises(jwt.InvalidSignatureError):
        verified(f"{head}.{body}.{signature[-2::-1]}{signature[-1]}", vendor.client_id)


def test_the_challenge_sends_a_person_who_signed_in_long_ago(person, vendor, clock):
    tokens = tokens_for(person, vendor, max_age="3000")
    challenge = played("def challenge(", vendor)["challenge"]
    told = vendor.introspects(tokens["access_token"])

    assert challenge(told, max_age=60) is None
    clock.now += 61
    assert 'max_age="60"' in challenge(told, max_age=60)
    assert challenge({"active": False}, max_age=60) == 'Bearer error="invalid_token"'


def test_a_device_waits_for_its_tokens(app, house, person, clock, monkeypatch, capsys):
    vendor = DeviceVendor(app, house, "meter")
    person.signs_in()

    def pause(seconds: int) -> None:
        clock.now += seconds
        if shown := capsys.readouterr().out:
            person.allows(types(person, shown.split()[-1]), only=["email"])

    monkeypatch.setattr(time, "sleep", pause)

    assert played("DEVICE =", vendor)["tokens"]["token_type"] == "Bearer"


def test_a_vendor_that_asks_by_itself_waits_for_its_tokens(app, house, person, clock, monkeypatch):
    vendor = CallingVendor(app, house, "bank")
    vendor.meets(person)

    def pause(seconds: int) -> None:
        clock.now += seconds
        person.allows(looks(person), only=["birthdate"])

    monkeypatch.setattr(time, "sleep", pause)

    assert played("CIBA =", vendor, sub=vendor.sub)["tokens"]["token_type"] == "Bearer"


FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:shop.example,2026:blog</id><title>Blog</title>
<updated>{now}</updated><entry><id>tag:shop.example,2026:1</id><title>We dig
 up Linden Street</title><updated>{now}</updated><link href="https://blog.shop.example/1#talk"/>
<summary>Tell us what you think.</summary></entry></feed>"""


def test_what_stands_in_a_blog_reaches_who_allowed_the_topic_once_and_can_be_answered(
    app, house, person, clock, monkeypatch
):
    vendor = Speaker(app, house)
    vendor.joins(person)
    feed = FEED.format(now=datetime.fromtimestamp(clock.now - 60, UTC).isoformat())
    monkeypatch.setattr(httpx, "get", lambda _url: httpx.Response(200, text=feed))

    for _ in range(2):
        played("blog.shop.example", vendor)
    brings(house)

    [row] = rows(house, "threads")
    person.signs_in()
    page = person.browser.get(f"/inbox/{row['thread_id']}")
    assert "We dig up Linden Street" in page.text
    assert "Tell us what you think." in page.text
    assert "blog.shop.example" in page.text
    person.browser.post(f"/inbox/{row['thread_id']}/reply", form_at=f"/inbox/{row['thread_id']}", text="Dig later.")
    assert [one["type"] for one in vendor.post("/desk/threads", {"state": "received"}).json["threads"]] == ["message"]


def test_the_events_of_a_stream_are_fetched_and_acknowledged(app, house, person):
    shop = ListeningVendor(app, house, "shop")
    made = tokens_for(person, shop)
    names = played("def fetch(", shop)
    person.revokes(made["grant_id"])

    [jti] = names["fetch"]()

    assert names["fetch"]([jti]) == {}


def test_permission_is_asked_and_a_message_sent(app, house, person, capsys):
    vendor = Speaker(app, house)
    vendor.joins(person)

    played('"outage-2027-17",\n    "subject"', vendor, tokens=vendor.tokens)

    assert "{'allowed': True, 'channel': 'inbox'}" in capsys.readouterr().out
    assert [row["said_by"] for row in rows(house, "messages")] == ["vendor"]


def test_a_call_is_asked_for_and_looked_at(app, house, person, clock):
    clock.now = 1_800_000_000
    vendor = Speaker(app, house)
    vendor.joins(person)
    wants(person, channels=("inbox", "phone"))

    assert played("/contact/appointments", vendor, tokens=vendor.tokens)["answer"]["state"] == "asked"


def test_one_item_is_published(app, house, person, clock):
    clock.now = 1_800_000_000
    vendor = Speaker(app, house)
    vendor.joins(person)

    played('"valid_until": 1800600000', vendor)
    brings(house)

    assert [row["said_by"] for row in rows(house, "messages")] == ["vendor"]


def test_what_fired_is_fetched_handled_and_told_once(app, house, person, clock):
    clock.now = at(2027, 1, 2)
    vendor = VendorActor(app, house, "stadtwerke", **triggering.TOPICS)
    grant_id = triggering.may_speak(person, vendor)["grant_id"]
    meter = triggering.has_meter(house, person)
    triggering.makes(house, person, triggering.reaches(meter), grant_id)
    triggering.used(house, meter, "2027-01-01", "3000")
    triggering.looks(house)
    handled: list[Any] = []

    for _ in range(2):
        played("handle(fired)", vendor, handle=handled.append)

    assert [one["topic"] for one in handled] == ["tariff"]


def test_an_offer_is_made_to_who_looks_for_something(app, house, person, clock):
    vendor = Merchant(app, house, "shop")
    person.signs_in()
    sends(person, clock)

    played("/intents/followed", vendor)

    assert len(rows(house, "intent_offers")) == 1


def test_complaints_are_listed_with_why_they_weigh_so_much(app, house, person, capsys):
    vendor = Answering(app, house)
    person.signs_in()
    tells(person, vendor, "My bill is wrong.", kind="complaint")

    played("open_threads =", vendor)

    assert "'type'" in capsys.readouterr().out


def test_a_review_is_answered(app, house, person):
    vendor = Answering(app, house)
    tokens_for(person, vendor, ["email"])
    said = {"vendor": vendor.client_id, "stars": "4", "title": "Quick", "text": "Fine.", "language": "en", "name": ""}
    person.browser.post("/reviews/new", form_at=f"/reviews/new?vendor={vendor.client_id}", **said, key="review")
    [review] = vendor.client.get(f"/oauth/reviews/{vendor.client_id}").json["reviews"]

    played("The late bill was our mistake", vendor, review_id=review["review_id"])

    [review] = vendor.client.get(f"/oauth/reviews/{vendor.client_id}").json["reviews"]
    assert review["answer"]["text"] == "Thank you. The late bill was our mistake."
