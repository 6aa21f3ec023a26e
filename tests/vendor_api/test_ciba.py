"""A vendor asks a person who did not come from it (CIBA, by polling): whom it may ask, what it says, what it gets."""

import jwt
import pytest
from actors import SECRET, PersonActor, VendorActor, basic
from asserting import AssertingVendor
from calling import GRANT_TYPES, CallingVendor, allows_call, looks
from devices import DeviceVendor
from dpop import ProvingVendor, thumbprint_of
from journeys import at_once, refused, tokens_for
from reading import words, words_in
from storage import nothing_changes, on_sqlite_alone, rows

from keys.signing import rotate
from vendor_api.errors import InvalidClientMetadata
from vendor_api.vendors import registry
from vendor_api.vendors.ciba import CIBA
from wallet.upkeep import sweep

DAY = 24 * 3600
PASSWORD = "correct horse battery"


class ProvingCaller(CallingVendor, ProvingVendor):
    """One that holds a key."""


class AssertingCaller(CallingVendor, AssertingVendor):
    """One that proves itself by assertions."""


@pytest.fixture
def vendor(app, house):
    return CallingVendor(app, house, "stadtwerke", purposes={"email": "To send your bill"})


@pytest.fixture
def met(person, vendor):
    """Ana, who is signed in here and known to the vendor."""
    vendor.meets(person)
    return person


@pytest.fixture
def ben(app, house, moves_in):
    actor = PersonActor(app, house, moves_in("Ben"), password=PASSWORD)
    actor.has({"email": "ben@example.org"})
    return actor


# From the first request to the last


def test_a_vendor_waits_for_the_person_and_then_has_what_a_code_would_have_given(met, vendor):
    begun = vendor.calls(["email", "birthdate"], binding_message="Bill 4711")
    waiting = vendor.polls()

    done = allows_call(met, only=["email", "birthdate"])
    tokens = vendor.polls().json

    assert begun.status_code == 200
    assert refused(waiting, "authorization_pending")
    assert done.status_code == 200
    assert tokens["token_type"] == "Bearer"
    assert vendor.reads(tokens["access_token"]).json["birthdate"] == "1990-12-24"
    said = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (said["sub"], said["aud"]) == (vendor.sub, "stadtwerke")
    assert "nonce" not in said
    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200
    assert met.log() == ["asked", "granted", "redeemed", "asked", "granted", "redeemed", "read"]
    told = words_in(met.browser.get("/ledger"), "ledger-sentence")
    assert "Stadtwerke picked up the access you granted when it asked you here." in told


@on_sqlite_alone
def test_the_answer_has_what_the_standard_names_and_no_cache_keeps_it(met, vendor):
    response = vendor.calls()

    assert response.headers["Cache-Control"] == "no-store"
    assert response.json.keys() == {"auth_req_id", "expires_in", "interval"}
    assert (response.json["expires_in"], response.json["interval"]) == (600, 5)


@on_sqlite_alone
def test_discovery_says_what_there_is(vendor):
    document = vendor.client.get("/.well-known/openid-configuration").json

    assert document["backchannel_authentication_endpoint"] == "http://localhost/oauth/backchannel"
    assert document["backchannel_token_delivery_modes_supported"] == ["poll", "ping"]
    assert document["backchannel_user_code_parameter_supported"] is False
    assert "none" not in document["backchannel_authentication_request_signing_alg_values_supported"]
    assert CIBA in document["grant_types_supported"]


@on_sqlite_alone
def test_the_person_can_be_named_by_an_id_token_even_an_old_one(met, vendor, clock):
    clock.now += 2 * 3600
    assert vendor.calls(login_hint="", id_token_hint=vendor.id_token).status_code == 200

    met.opens("/data")
    allows_call(met)

    assert vendor.polls().status_code == 200


@on_sqlite_alone
def test_a_vendor_proves_itself_by_an_assertion(app, house, person):
    vendor = AssertingCaller(app, house, "radio")
    vendor.meets(person)
    assert vendor.calls().status_code == 200

    allows_call(person)

    assert vendor.polls().status_code == 200


@on_sqlite_alone
def test_details_are_asked_and_answered_as_everywhere(met, vendor):
    detail = '[{"type": "urn:hausrecht:consent", "attributes": ["phone_number"], "essential": true}]'
    vendor.calls([], authorization_details=detail)

    met.allows(looks(met))

    [granted] = vendor.polls().json["authorization_details"]
    assert granted["attributes"] == ["phone_number"]


def test_nothing_of_a_request_lies_open_in_the_database(met, vendor, house):
    vendor.calls(binding_message="Bill 4711")

    stored = str(rows(house, "backchannel_requests"))

    assert vendor.waiting["auth_req_id"] not in stored
    assert "4711" not in stored


# Whom a vendor may ask


def test_nobody_can_be_asked_but_by_a_vendor_they_answered_and_all_others_look_alike(
    app, house, person, ben, vendor, clock
):
    other = CallingVendor(app, house, "radio")
    vendor.meets(person)
    other.meets(ben)
    ended = other.sub
    [of_ben] = [row["grant_id"] for row in rows(house, "grants") if row["person_id"] == ben.person.person_id]
    ben.revokes(of_ben)
    bens = CallingVendor(app, house, "kiosk")
    tokens_for(ben, bens)

    with nothing_changes(house):
        answers = [
            vendor.calls(login_hint="A" * 43),  # nobody
            vendor.calls(login_hint="ana@example.org"),
            vendor.calls(login_hint="Ana"),
            other.calls(login_hint=vendor.sub),  # somebody, by the number another vendor knows
            other.calls(login_hint=ended),  # somebody who ended it
        ]

    assert all(refused(answer, "unknown_user_id") for answer in answers)
    assert len({answer.text for answer in answers}) == 1
    assert len({tuple(answer.headers) for answer in answers}) == 1


def test_what_has_expired_allows_no_asking(met, vendor, house, clock):
    clock.now += 367 * DAY

    with nothing_changes(house):
        assert refused(vendor.calls(), "unknown_user_id")


@on_sqlite_alone
def test_who_refused_or_whose_code_was_never_redeemed_can_not_be_asked(app, house, person, vendor):
    impostor = CallingVendor(app, house, "impostor", redirect_uris=["https://stadtwerke.example/back"])
    vendor.meets(person)
    person.allows(person.opens(impostor.link(["email"])), only=["email"])  # the code went to the real host

    with nothing_changes(house):
        assert refused(impostor.calls(login_hint=vendor.sub), "unknown_user_id")

    assert vendor.calls().status_code == 200


@on_sqlite_alone
def test_an_id_token_of_another_vendor_names_nobody(app, house, met, vendor):
    other = CallingVendor(app, house, "radio")
    other.meets(met)

    with nothing_changes(house):
        assert refused(vendor.calls(login_hint="", id_token_hint=other.id_token), "invalid_request")
        assert refused(vendor.calls(login_hint="", id_token_hint="x.y.z"), "invalid_request")


@on_sqlite_alone
def test_a_person_is_not_flooded_and_refusing_makes_no_room(met, vendor, house, clock):
    for _ in range(3):
        assert vendor.calls(requested_expiry="60").status_code == 200
    met.refuses(looks(met))

    with nothing_changes(house):
        assert refused(vendor.calls(), "access_denied", status=403)
    clock.now += 599
    assert refused(vendor.calls(), "access_denied", status=403)
    clock.now += 1

    assert vendor.calls().status_code == 200


def test_of_many_asks_at_once_three_come_through(app, met, vendor, house):
    form = vendor.form()

    answers = at_once(app, 8, lambda client: client.post("/oauth/backchannel", data=form, headers=vendor.credentials))

    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [403] * 5
    assert len(rows(house, "backchannel_requests")) == 3


# What is not begun at all


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"id_token": {"sub": {"value": "somebody"}}}'}, "invalid_request"),
        (
            {"claims": '{"id_token": {"acr": {"essential": true, "value": "gold"}}}'},
            "unmet_authentication_requirements",
        ),
        ({"authorization_details": '[{"type": "payment"}]'}, "invalid_authorization_details"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"login_hint": ""}, "invalid_request"),
        ({"id_token_hint": "x.y.z"}, "invalid_request"),
        ({"login_hint": "", "login_hint_token": "x.y.z"}, "invalid_request"),
        ({"login_hint": "x" * 2001}, "invalid_request"),
        ({"user_code": "1234"}, "invalid_request"),
        ({"requested_expiry": "0"}, "invalid_request"),
        ({"requested_expiry": "-5"}, "invalid_request"),
        ({"requested_expiry": "1.5"}, "invalid_request"),
        ({"requested_expiry": "1" * 30}, "invalid_request"),
        ({"binding_message": "x" * 101}, "invalid_binding_message"),
        ({"binding_message": "<b>you won</b>" * 7}, "invalid_binding_message"),
        ({"binding_message": "<script>"}, "invalid_binding_message"),
        ({"binding_message": "two\nlines"}, "invalid_binding_message"),
        ({"binding_message": "turned \u202e round"}, "invalid_binding_message"),
        ({"request": "x.y.z"}, "invalid_request"),
    ],
)
@on_sqlite_alone
def test_what_can_not_be_asked_is_told_at_once(house, met, vendor, changed, error):
    with nothing_changes(house):
        assert refused(vendor.calls(**changed), error)


@on_sqlite_alone
def test_a_parameter_sent_twice_or_in_the_address_is_refused(house, met, vendor):
    twice = [*vendor.form().items(), ("login_hint", vendor.sub)]
    body = "&".join(f"{name}={value}" for name, value in twice)
    header = {**vendor.credentials, "Content-Type": "application/x-www-form-urlencoded"}
    address = f"/oauth/backchannel?client_id=stadtwerke&client_secret={SECRET}"

    with nothing_changes(house):
        assert refused(vendor.client.post("/oauth/backchannel", data=body, headers=header), "invalid_request")
        assert refused(vendor.client.post(address, data=vendor.form()), "invalid_request")


@on_sqlite_alone
def test_nobody_asks_in_the_name_of_a_vendor(house, met, vendor):
    with nothing_changes(house):
        nameless = vendor.client.post("/oauth/backchannel", data=vendor.form())
        bare = vendor.client.post("/oauth/backchannel", data={**vendor.form(), "client_id": "stadtwerke"})
        wrong = vendor.post("/oauth/backchannel", vendor.form(), headers={"Authorization": basic("stadtwerke", "x")})

    assert all(refused(answer, "invalid_client", status=401) for answer in (nameless, bare, wrong))


@on_sqlite_alone
def test_a_vendor_that_did_not_register_for_it_can_not(app, house, person):
    other = VendorActor(app, house, "radio")
    tokens_for(person, other)

    with nothing_changes(house):
        asked = other.post("/oauth/backchannel", {"scope": "openid", "login_hint": "x"})
        poll = other.post("/oauth/token", {"grant_type": CIBA, "auth_req_id": "guess"})

    assert refused(asked, "unauthorized_client")
    assert refused(poll, "unauthorized_client")


@pytest.mark.parametrize(
    "metadata",
    [
        {"grant_types": GRANT_TYPES},
        {"grant_types": GRANT_TYPES, "backchannel_token_delivery_mode": "push"},
        {"backchannel_token_delivery_mode": "poll"},
        {
            "grant_types": GRANT_TYPES,
            "backchannel_token_delivery_mode": "poll",
            "token_endpoint_auth_method": "none",
        },
        {"grant_types": GRANT_TYPES, "backchannel_token_delivery_mode": "ping"},
        *(
            {
                "grant_types": GRANT_TYPES,
                "backchannel_token_delivery_mode": "ping",
                "backchannel_client_notification_endpoint": address,
            }
            for address in ("http://shop.example/ping", "http://127.0.0.1/ping", "https://u:p@shop.example/", "x", 5)
        ),
        *(
            {
                "grant_types": GRANT_TYPES,
                "backchannel_token_delivery_mode": "poll",
                "backchannel_authentication_request_signing_alg": alg,
            }
            for alg in ("none", "HS256", 5)
        ),
        {
            "grant_types": GRANT_TYPES,
            "backchannel_token_delivery_mode": "poll",
            "require_signed_request_object": True,
        },
    ],
)
@on_sqlite_alone
def test_what_can_not_be_registered(app, house, metadata):
    with nothing_changes(house), pytest.raises(InvalidClientMetadata):
        VendorActor(app, house, "radio", **metadata)


# Waiting


@on_sqlite_alone
def test_who_polls_too_often_is_slowed_down_more_each_time(met, vendor, clock):
    vendor.calls()
    said = []

    for pause in (0, 5, 1, 9, 5, 15, 14):
        clock.now += pause
        said.append(vendor.polls().json["error"])

    pending, slow = "authorization_pending", "slow_down"
    assert said == [pending, pending, slow, pending, slow, pending, pending]


@on_sqlite_alone
@pytest.mark.parametrize(("wanted", "lifetime"), [("60", 60), ("3600", 3600), ("999999999", 3600)])
def test_the_vendor_may_say_how_long_it_waits_within_an_hour(met, vendor, clock, house, wanted, lifetime):
    assert vendor.calls(requested_expiry=wanted).json["expires_in"] == lifetime
    clock.now += lifetime - 1
    assert refused(vendor.polls(), "authorization_pending")
    clock.now += 1

    with nothing_changes(house):
        assert refused(vendor.polls(), "expired_token")


def test_an_answer_nobody_fetched_in_time_expires_too(met, vendor, clock, house):
    vendor.calls()
    allows_call(met)
    clock.now += 600

    with nothing_changes(house):
        assert refused(vendor.polls(), "expired_token")


def test_the_vendor_learns_that_the_person_refused(met, vendor, house):
    vendor.calls(["birthdate"])
    done = met.refuses(looks(met))

    with nothing_changes(house):
        assert refused(vendor.polls(), "access_denied")

    assert done.status_code == 200
    assert met.log()[-2:] == ["asked", "refused"]


@on_sqlite_alone
def test_what_the_person_ended_before_the_vendor_came_gives_nothing(met, vendor, house):
    vendor.calls()
    allows_call(met)
    met.revokes(rows(house, "grants")[0]["grant_id"])

    with nothing_changes(house):
        assert refused(vendor.polls(), "invalid_grant")


@on_sqlite_alone
def test_who_signs_out_before_the_vendor_came_gives_nothing(met, vendor, house):
    vendor.calls()
    allows_call(met)
    met.signs_out()

    with nothing_changes(house):
        assert refused(vendor.polls(), "invalid_grant")


@on_sqlite_alone
def test_tokens_end_with_the_session_in_which_the_person_allowed_them(met, vendor):
    vendor.calls()
    allows_call(met)
    tokens = vendor.polls().json
    met.signs_out()

    assert vendor.reads(tokens["access_token"]).status_code == 401
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")


@on_sqlite_alone
def test_a_vendor_that_wants_to_be_told_of_sign_outs_gets_a_sid(app, house, person):
    vendor = CallingVendor(app, house, "radio", backchannel_logout_uri="https://radio.example/logout")
    vendor.meets(person)
    vendor.calls()
    allows_call(person)

    said = jwt.decode(vendor.polls().json["id_token"], options={"verify_signature": False})

    assert said["sid"] in {row["sid"] for row in rows(house, "sign_ins")}


# Once, and for this vendor


def test_an_id_used_twice_is_refused_and_kills_what_it_gave(met, vendor):
    vendor.calls()
    allows_call(met)
    tokens = vendor.polls().json

    assert refused(vendor.polls(), "invalid_grant")

    assert vendor.reads(tokens["access_token"]).status_code == 401
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")


def test_of_sixteen_polls_at_once_exactly_one_has_tokens(app, met, vendor):
    vendor.calls()
    allows_call(met)
    form = {"grant_type": CIBA, "auth_req_id": vendor.waiting["auth_req_id"]}

    answers = at_once(app, 16, lambda client: client.post("/oauth/token", data=form, headers=vendor.credentials))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert {answer.json["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    assert met.log().count("redeemed") == 2


@on_sqlite_alone
def test_another_vendor_gets_nothing_for_an_id_and_spoils_nothing(app, house, met, vendor):
    other = CallingVendor(app, house, "radio")
    vendor.calls()
    stolen = vendor.waiting["auth_req_id"]

    with nothing_changes(house):
        assert refused(other.polls(stolen), "invalid_grant")
    allows_call(met)
    with nothing_changes(house):
        assert refused(other.polls(stolen), "invalid_grant")

    assert vendor.polls().status_code == 200


@pytest.mark.parametrize("given", ["", "guess", "x" * 5000])
@on_sqlite_alone
def test_an_id_that_is_none_is_refused(house, met, vendor, given):
    vendor.calls()

    with nothing_changes(house):
        assert refused(vendor.polls(given), "invalid_grant" if given else "invalid_request")


@on_sqlite_alone
def test_an_id_is_no_code_and_no_device_code_and_neither_is_one_an_id(app, house, met, vendor):
    device = DeviceVendor(app, house, "fernsehen")
    device.begins()
    vendor.calls()
    allows_call(met)
    code = vendor.receives(met.opens(vendor.link(["email"])))["code"]

    with nothing_changes(house):
        assert refused(vendor.redeems(vendor.waiting["auth_req_id"]), "invalid_grant")
        assert refused(vendor.polls(code), "invalid_grant")
        assert refused(device.polls(vendor.waiting["auth_req_id"]), "invalid_grant")
        assert refused(vendor.polls(device.waiting["device_code"]), "invalid_grant")

    assert vendor.polls().status_code == 200


@on_sqlite_alone
def test_tokens_are_bound_to_the_key_of_the_proof(app, house, person):
    proving = ProvingCaller(app, house, "radio")
    proving.meets(person)
    proving.calls(dpop_jkt=thumbprint_of(proving.key))
    allows_call(person)

    with nothing_changes(house):
        assert refused(proving.sends().polls(), "invalid_grant")
    tokens = proving.polls().json

    assert tokens["token_type"] == "DPoP"
    assert proving.reads(tokens["access_token"]).json["email"] == "ana@example.org"


@on_sqlite_alone
def test_a_removed_vendor_leaves_no_request_behind(house, met, vendor):
    vendor.calls()

    house.database.write(registry.remove, "stadtwerke")

    assert rows(house, "backchannel_requests") == []
    assert "Nobody waits for you" in words(met.browser.get("/requests"))


def test_requests_are_forgotten_a_day_after_they_expired(house, met, vendor, clock):
    vendor.calls()
    clock.now += 600 + DAY - 1
    house.database.write(sweep, now=clock.now)
    assert len(rows(house, "backchannel_requests")) == 1

    clock.now += 1
    house.database.write(sweep, now=clock.now)

    assert rows(house, "backchannel_requests") == []


@on_sqlite_alone
def test_an_id_token_under_a_retired_key_still_names_the_person_until_that_key_is_gone(met, vendor, house, clock):
    house.database.write(rotate, house.secrets, now=clock.now)
    clock.now += 60
    assert vendor.calls(login_hint="", id_token_hint=vendor.id_token).status_code == 200

    clock.now += 31 * 24 * 3600
    with nothing_changes(house):
        assert refused(vendor.calls(login_hint="", id_token_hint=vendor.id_token), "invalid_request")
