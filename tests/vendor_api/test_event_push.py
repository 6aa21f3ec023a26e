"""Vendors that listen are told what the person changed: signed, in order, again and again until they confirm it."""

import json
from time import sleep
from urllib.parse import urlsplit

import jwt
import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from listening import PUSHED, STREAM, ListeningVendor, claims, got, sends, told
from sites import serving
from storage import on_sqlite_alone, rows

from consent import outbox
from vendor_api.outbound.client import Outbound
from wallet.upkeep import sweep

DAY = 24 * 3600


@pytest.fixture
def receiver(site):
    site.status, site.body, site.headers = 202, b"", {}
    return site


@pytest.fixture
def shop(app, house, receiver):
    shop = ListeningVendor(app, house, "shop")
    shop.listens(receiver)
    return shop


@pytest.fixture
def made(person, shop):
    return tokens_for(person, shop, ["email", "birthdate"])


@pytest.fixture
def changes(person, made):
    """The person changes something on the vendor's page."""

    def changes(what, **fields):
        at = f"/vendors/{made['grant_id']}"
        response = person.browser.post(f"{at}/{what}", form_at=at, **fields)
        assert response.status_code == 303, response.text

    return changes


@pytest.fixture
def waiting(house):
    def waiting():
        return sorted(rows(house, "outbox"), key=lambda row: row["position"])

    return waiting


@on_sqlite_alone
def test_a_vendor_that_listens_is_told_that_the_person_ended_the_grant(
    person, made, receiver, house, app, authority, changes, clock
):
    changes("revoke")
    clock.now += 5

    assert receiver.seen == []
    assert sends(house, authority) == 1

    [(method, _, headers, token)] = receiver.seen
    assert (method, headers["content-type"], headers["accept"]) == (
        "POST",
        "application/secevent+jwt",
        "application/json",
    )
    keys = app.test_client().get("/oauth/jwks").json["keys"]
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWK(next(key for key in keys if key["kid"] == header["kid"]))
    checked = jwt.decode(
        token, key, algorithms=["ES256"], audience="shop", issuer="http://localhost", options={"verify_iat": False}
    )
    assert header["typ"] == "secevent+jwt"
    assert checked.keys() == {"iss", "aud", "iat", "jti", "toe", "txn", "sub_id", "events"}
    assert checked["sub_id"] == {
        "format": "iss_sub",
        "iss": "http://localhost",
        "sub": claims(made["id_token"])["sub"],
    }
    assert checked["toe"] == checked["iat"] == clock.now - 5
    consent = claims(made["consent_token"])
    assert checked["events"] == {
        "urn:hausrecht:event:grant-revoked": {
            "grant_id": made["grant_id"],
            "consent_token_id": consent["jti"],
            "status": consent["status"],
        }
    }


def test_every_change_is_told_by_name_and_in_its_order(changes, receiver, house, authority, shop, person, clock):
    changes("pause", until="2027-01-20")
    changes("resume")
    changes("narrow", attribute="birthdate")
    changes("tighten", attribute="email", often="month")
    changes("prolong", until="2027-03-01")
    changes("revoke")

    assert sends(house, authority) == 6

    assert told(got(receiver)) == [
        *("grant-paused", "grant-resumed", "grant-changed", "grant-changed", "grant-changed", "grant-revoked")
    ]
    paused, _, narrowed, tightened, prolonged, _ = [next(iter(event["events"].values())) for event in got(receiver)]
    assert paused.keys() == {"grant_id", "consent_token_id", "status"}
    assert (narrowed["narrowed"], tightened["tightened"]) == (["birthdate"], ["email"])
    assert prolonged["expires_at"] % DAY == 0
    assert len({event["consent_token_id"] for event in (paused, narrowed, tightened, prolonged)}) == 4
    everything = json.dumps(got(receiver)) + str(rows(house, "outbox"))
    assert "ana@example.org" not in everything
    assert "1990-12-24" not in everything


@on_sqlite_alone
def test_the_status_an_event_names_is_that_of_the_new_consent_token(changes, receiver, house, authority, app):
    changes("narrow", attribute="birthdate")
    sends(house, authority)

    [said] = got(receiver)[0]["events"].values()

    assert app.test_client().get(urlsplit(said["status"]["status_list"]["uri"]).path).status_code == 200


@on_sqlite_alone
def test_confirmed_is_told_once(changes, receiver, house, authority, waiting, clock):
    changes("pause")
    sends(house, authority)
    clock.now += DAY

    assert sends(house, authority) == 0

    assert len(receiver.seen) == 1
    assert (waiting()[0]["confirmed_at"], waiting()[0]["error"]) == (clock.now - DAY, None)


ANSWERS = {
    "an error of its own": (500, b"oops", {}, "http_500"),
    "a redirect": (302, b"", {"Location": "https://localhost/elsewhere"}, "no_answer"),
    "another success": (200, b"", {}, "http_200"),
    "what is wrong": (
        400,
        b'{"err": "invalid_key", "description": "\\u00fcnknown\\nkey"}',
        {},
        "invalid_key:  nknown key",
    ),
    "garbage": (400, b"\xff{]", {}, "http_400"),
    "an err that is none": (400, b'{"err": "<b>", "description": 1}', {}, "http_400"),
    "no object": (400, b'["err"]', {}, "http_400"),
    "nothing of HTTP": (None, b"moo\r\n\r\n", {}, "no_answer"),
    "too much": (202, b"x" * 100_000, {}, "no_answer"),
}


@on_sqlite_alone
@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_not_confirmed_is_sent_again_as_the_same_event(
    changes, receiver, house, authority, waiting, clock, answer
):
    receiver.status, receiver.body, receiver.headers, error = ANSWERS[answer]
    if receiver.status is None:
        receiver.speaks = lambda wire: wire.write(b"moo\r\n\r\n")
    changes("revoke")

    assert sends(house, authority) == 0
    assert sends(house, authority) == 0
    assert len(receiver.seen) == 1
    assert [(row["tries"], row["error"], row["confirmed_at"]) for row in waiting()] == [(1, error, None)]
    receiver.speaks, receiver.status, receiver.body = None, 202, b""
    clock.now += 10

    assert sends(house, authority) == 1

    first, second = got(receiver)
    assert first == second


@on_sqlite_alone
def test_a_vendor_that_is_slow_is_not_waited_for(changes, receiver, house, authority, waiting, monkeypatch):
    monkeypatch.setattr("vendor_api.outbound.client.SECONDS", 0.2)
    receiver.speaks = lambda _wire: sleep(1)
    changes("revoke")

    assert sends(house, authority) == 0

    assert waiting()[0]["error"] == "no_answer"


@on_sqlite_alone
def test_a_vendor_that_is_gone_for_a_week_gets_everything_in_order_when_it_is_back(
    person, changes, receiver, house, authority, waiting, clock
):
    receiver.status, back = 503, clock.now + 7 * DAY
    changes("pause")
    while clock.now < back:
        sends(house, authority)
        clock.now += 3600
        if clock.now == back - 3 * DAY:
            person.signs_in()
            changes("resume")
            changes("narrow", attribute="birthdate")
        house.database.write(sweep, now=clock.now)
    assert len(receiver.seen) == waiting()[0]["tries"] < 40
    assert [row["tries"] for row in waiting()][1:] == [0, 0]

    receiver.status = 202
    receiver.seen.clear()
    clock.now += outbox.LONGEST_WAIT

    assert sends(house, authority) == 3
    assert told(got(receiver)) == ["grant-paused", "grant-resumed", "grant-changed"]


@on_sqlite_alone
def test_after_thirty_days_an_event_is_given_up_and_later_ones_still_arrive_in_order(
    person, changes, receiver, house, authority, waiting, clock
):
    receiver.status = 503
    changes("pause")
    clock.now += 20 * DAY
    person.signs_in()
    changes("resume")
    changes("pause")
    clock.now += 10 * DAY
    sends(house, authority)
    house.database.write(sweep, now=clock.now)
    assert [row["due_at"] is None for row in waiting()] == [True, False, False]

    receiver.status = 202
    receiver.seen.clear()

    assert sends(house, authority) == 2
    assert told(got(receiver)) == ["grant-resumed", "grant-paused"]


@on_sqlite_alone
def test_what_a_vendor_was_told_is_remembered_for_a_year(changes, house, authority, waiting, clock, receiver):
    changes("pause")
    sends(house, authority)

    for days, left in ((365, 1), (1, 0)):
        clock.now += days * DAY
        house.database.write(sweep, now=clock.now)
        assert len(waiting()) == left


def test_one_person_whose_event_a_vendor_refuses_holds_up_no_other(
    app, house, moves_in, person, shop, made, changes, receiver, authority
):
    refused = []

    def answers(wire):
        token = claims(receiver.seen[-1][3])
        refused.append(token["sub_id"]["sub"])
        wire.write(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % (500 if token["sub_id"]["sub"] == first else 202))

    bea = PersonActor(app, house, moves_in("Bea"), password=person.password)
    bea.has({"email": "bea@example.org"})
    theirs = tokens_for(bea, shop, ["email"])
    first = claims(made["id_token"])["sub"]
    receiver.speaks = answers
    changes("pause")
    changes("revoke")
    bea.revokes(theirs["grant_id"])

    assert sends(house, authority) + sends(house, authority) == 1

    assert refused.count(first) == 1


@on_sqlite_alone
def test_a_vendor_without_a_stream_costs_no_telling(app, house, person):
    quiet = VendorActor(app, house, "quiet")
    person.revokes(tokens_for(person, quiet)["grant_id"])

    assert rows(house, "outbox") == []


@on_sqlite_alone
def test_one_vendor_that_does_not_answer_keeps_no_other_from_being_told(
    app, house, person, receiver, shop, authority, clock
):
    lost = ListeningVendor(app, house, "a-lost-one")
    lost.listens(delivery={"method": PUSHED, "endpoint_url": "https://127.0.0.1:9/"})
    for vendor in (lost, shop):
        person.revokes(tokens_for(person, vendor)["grant_id"])

    assert sends(house, authority) == 1
    assert len(receiver.seen) == 1


@on_sqlite_alone
def test_an_address_on_a_private_network_is_never_reached(changes, receiver, house, authority, waiting):
    changes("revoke")

    assert sends(house, outbound=Outbound(ca_file=str(authority))) == 0

    assert receiver.seen == []
    assert waiting()[0]["error"] == "no_answer"


@on_sqlite_alone
def test_the_header_a_vendor_wants_goes_to_its_address_alone_and_is_kept_sealed(
    app, house, person, receiver, authority, caplog
):
    shop = ListeningVendor(app, house, "shop")
    secret = "Bearer moths-in-the-cupboard"
    delivery = {"method": PUSHED, "endpoint_url": receiver.url, "authorization_header": secret}
    shop.listens(delivery=delivery)
    stream = shop.stream["stream_id"]
    person.revokes(tokens_for(person, shop)["grant_id"])
    sends(house, authority)
    assert receiver.seen[-1][2]["authorization"] == secret

    again = {"method": PUSHED, "endpoint_url": receiver.url}
    assert shop.says("PATCH", STREAM, {"stream_id": stream, "delivery": again}).json["delivery"] == again
    [kept] = rows(house, "event_streams")
    assert kept["authorization_sealed"]
    elsewhere = {"method": PUSHED, "endpoint_url": f"{receiver.url}/elsewhere"}
    shop.says("PATCH", STREAM, {"stream_id": stream, "delivery": elsewhere})

    [moved] = rows(house, "event_streams")
    assert moved["authorization_sealed"] is None
    assert "moths" not in "".join((str(kept), *shop.seen, caplog.text))


@on_sqlite_alone
def test_two_vendors_learn_nothing_in_common(app, house, person, receiver, shop, authority):
    with serving(authority) as second:
        second.status, second.body = 202, b""
        other = ListeningVendor(app, house, "other")
        other.listens(second)
        for vendor in (shop, other):
            person.revokes(tokens_for(person, vendor)["grant_id"])

        assert sends(house, authority) == 2

        [one], [two] = got(receiver), got(second)
    assert {name for name in one if one[name] == two[name]} == {"iss", "iat", "toe"}
    [said], [other_said] = one["events"].values(), two["events"].values()
    assert said["grant_id"] != other_said["grant_id"]
    assert one["sub_id"]["sub"] != two["sub_id"]["sub"]


@on_sqlite_alone
def test_an_event_token_opens_nothing_here(changes, receiver, house, authority, shop):
    changes("revoke")
    sends(house, authority)
    token = receiver.seen[0][3].decode()

    assert shop.asserts(token).status_code == 400
    assert shop.reads(token).status_code == 401
    assert shop.says("GET", STREAM, token=token).status_code == 401
    assert shop.introspects(token) == {"active": False}
