"""How vendors say that they want events: one stream each, by the Shared Signals Framework, in their own name."""

import jwt
import pytest
from actors import VendorActor
from asserting import AssertingVendor
from dpop import ProvingVendor, ath
from journeys import refused, tokens_for
from listening import GRANT_TYPES, POLL, POLLED, PUSHED, STATUS, STREAM, VERIFY, ListeningVendor, claims, got, sends
from storage import nothing_changes, on_sqlite_alone, rows

from consent.events import OFFERED
from vendor_api.errors import InvalidClientMetadata
from vendor_api.oauth import vendor_tokens
from vendor_api.vendors import registry

VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"
REVOKED = "urn:hausrecht:event:grant-revoked"


@pytest.fixture
def shop(app, house):
    return ListeningVendor(app, house, "shop")


@on_sqlite_alone
def test_a_receiver_finds_its_way_by_the_metadata_alone(app, shop, house):
    found = shop.client.get("/.well-known/ssf-configuration").json
    discovered = shop.client.get("/.well-known/openid-configuration").json

    assert (found["spec_version"], found["default_subjects"]) == ("1_0", "ALL")
    assert found["issuer"] == discovered["issuer"]
    assert found["jwks_uri"] == discovered["jwks_uri"]
    assert found["delivery_methods_supported"] == [PUSHED, POLLED]
    assert found["authorization_schemes"] == [{"spec_urn": "urn:ietf:rfc:6749"}]
    assert "client_credentials" in discovered["grant_types_supported"]
    paths = [found[f"{name}_endpoint"] for name in ("configuration", "status", "verification")]
    assert paths == [f"http://localhost{path}" for path in (STREAM, STATUS, VERIFY)]


def test_a_stream_is_made_read_changed_replaced_and_removed(shop, house):
    made = shop.says("POST", STREAM, {"events_requested": [REVOKED, "urn:other"], "description": "ours"})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    stream = made.json
    assert stream == {
        "stream_id": stream["stream_id"],
        "iss": "http://localhost",
        "aud": "shop",
        "events_supported": list(OFFERED),
        "events_requested": [REVOKED, "urn:other"],
        "events_delivered": [REVOKED],
        "delivery": {"method": POLLED, "endpoint_url": f"http://localhost{POLL}"},
        "min_verification_interval": 60,
        "description": "ours",
    }
    by_id = f"{STREAM}?stream_id={stream['stream_id']}"
    assert shop.says("GET", by_id).json == stream
    assert shop.says("GET", STREAM).json == [stream]

    push = {"method": PUSHED, "endpoint_url": "https://shop.example/events"}
    changed = shop.says("PATCH", STREAM, {"stream_id": stream["stream_id"], "delivery": push})
    assert changed.json == {**stream, "delivery": push}

    replaced = shop.says("PUT", STREAM, {**changed.json, "description": None, "events_requested": [REVOKED]})
    assert replaced.json == {name: value for name, value in changed.json.items() if name != "description"} | {
        "events_requested": [REVOKED]
    }

    assert shop.says("DELETE", by_id).status_code == 204
    assert shop.says("GET", STREAM).json == []
    assert refused(shop.says("GET", by_id), "invalid_request", status=404)
    assert rows(house, "event_streams") == []


@on_sqlite_alone
def test_a_vendor_has_one_stream(shop, house):
    shop.listens()

    with nothing_changes(house):
        assert refused(shop.says("POST", STREAM, {}), "invalid_request", status=409)


@on_sqlite_alone
@pytest.mark.parametrize(
    "said",
    [
        [],
        {"delivery": "push"},
        {"delivery": {"method": "urn:ietf:rfc:1"}},
        {"delivery": {"method": ["x"]}},
        {"delivery": {"method": PUSHED}},
        {"delivery": {"method": PUSHED, "endpoint_url": "http://shop.example/events"}},
        {"delivery": {"method": PUSHED, "endpoint_url": "https://ana@shop.example/"}},
        {"delivery": {"method": PUSHED, "endpoint_url": "https://shop.example/#x"}},
        {"delivery": {"method": PUSHED, "endpoint_url": "https://shop.example/", "authorization_header": "a\r\nb: c"}},
        {"delivery": {"method": PUSHED, "endpoint_url": "https://shop.example/", "authorization_header": "ä"}},
        {"delivery": {"method": PUSHED, "endpoint_url": "https://shop.example/", "authorization_header": 5}},
        {"events_requested": []},
        {"events_requested": "urn:x"},
        {"events_requested": [5]},
        {"events_requested": ["x" * 301]},
        {"events_requested": ["a\x00b"]},
        {"events_requested": ["x"] * 101},
        {"description": 5},
        {"description": "x" * 301},
        {"description": "a\x00b"},
    ],
    ids=str,
)
def test_a_stream_that_can_not_work_is_refused(shop, house, said):
    with nothing_changes(house):
        assert refused(shop.says("POST", STREAM, said), "invalid_request")
    stream = shop.listens()
    if isinstance(said, dict):
        with nothing_changes(house):
            assert refused(shop.says("PATCH", STREAM, {"stream_id": stream["stream_id"], **said}), "invalid_request")


@on_sqlite_alone
@pytest.mark.parametrize(
    "name", ["iss", "aud", "events_supported", "events_delivered", "min_verification_interval", "stream_id"]
)
def test_what_is_ours_to_say_is_not_changed(shop, house, name):
    stream = shop.listens()

    with nothing_changes(house):
        answer = shop.says("PATCH", STREAM, {"stream_id": stream["stream_id"], name: "another"})

    assert refused(answer, "invalid_request", status=404 if name == "stream_id" else 400)


@on_sqlite_alone
def test_no_vendor_reaches_the_stream_of_another(app, shop, house):
    stream = shop.listens()["stream_id"]
    other = ListeningVendor(app, house, "other")
    other.listens()

    with nothing_changes(house):
        for method, path, said in (
            ("GET", f"{STREAM}?stream_id={stream}", None),
            ("PATCH", STREAM, {"stream_id": stream}),
            ("PUT", STREAM, {"stream_id": stream}),
            ("DELETE", f"{STREAM}?stream_id={stream}", None),
            ("DELETE", STREAM, None),
            ("GET", f"{STATUS}?stream_id={stream}", None),
            ("GET", STATUS, None),
            ("POST", STATUS, {"stream_id": stream, "status": "disabled"}),
            ("POST", VERIFY, {"stream_id": stream}),
        ):
            assert refused(other.says(method, path, said), "invalid_request", status=404)


@on_sqlite_alone
@pytest.mark.parametrize("body", [b"", b"[", b"[1]", b'"x"'])
def test_what_is_no_json_object_is_refused_everywhere(shop, house, body):
    shop.listens()
    bearer = {"Authorization": f"Bearer {shop.comes().json['access_token']}", "Content-Type": "application/json"}

    with nothing_changes(house):
        for method, path in (("PATCH", STREAM), ("PUT", STREAM), ("POST", STATUS), ("POST", VERIFY), ("POST", POLL)):
            assert refused(shop.client.open(path, method=method, data=body, headers=bearer), "invalid_request")


@on_sqlite_alone
def test_a_paused_stream_keeps_what_happens_and_a_disabled_one_drops_it(
    app, house, person, shop, site, authority, clock
):
    site.status, site.body = 202, b""
    stream = {"stream_id": shop.listens(site)["stream_id"]}
    made = tokens_for(person, shop)
    at = f"/vendors/{made['grant_id']}"
    by_id = f"{STATUS}?stream_id={stream['stream_id']}"
    assert shop.says("GET", by_id).json == {**stream, "status": "enabled"}

    paused = {**stream, "status": "paused", "reason": "moving house"}
    assert shop.says("POST", STATUS, paused).json == paused
    assert shop.says("GET", by_id).json == paused
    person.browser.post(f"{at}/pause", form_at=at)
    person.browser.post(f"{at}/resume", form_at=at)
    assert sends(house, authority) == 0
    assert site.seen == []
    shop.says("POST", STATUS, {**stream, "status": "enabled"})
    assert sends(house, authority) == 2

    site.status = 500
    person.browser.post(f"{at}/pause", form_at=at)
    shop.says("POST", STATUS, {**stream, "status": "disabled"})
    person.revokes(made["grant_id"])
    assert [row["confirmed_at"] for row in rows(house, "outbox")] == [clock.now] * 2

    with nothing_changes(house):
        assert refused(shop.says("POST", STATUS, {**stream, "status": "off"}), "invalid_request")
        assert refused(shop.says("POST", STATUS, {**stream, "status": "paused", "reason": 5}), "invalid_request")


@on_sqlite_alone
def test_only_the_kinds_that_were_asked_for_are_kept(house, person, shop):
    shop.listens(events_requested=[REVOKED])
    made = tokens_for(person, shop)
    at = f"/vendors/{made['grant_id']}"
    person.browser.post(f"{at}/pause", form_at=at)
    person.revokes(made["grant_id"])

    assert [row["detail"]["type"] for row in rows(house, "outbox")] == [REVOKED]


def test_a_stream_is_verified_by_an_event_of_its_own(shop, house, site, authority, clock):
    site.status, site.body = 202, b""
    stream = shop.listens(site)["stream_id"]

    assert shop.says("POST", VERIFY, {"stream_id": stream, "state": "gloves"}).status_code == 204
    too_soon = shop.says("POST", VERIFY, {"stream_id": stream})
    assert refused(too_soon, "slow_down", status=429)
    assert too_soon.headers["Retry-After"] == "60"
    assert sends(house, authority) == 1

    [event] = got(site)
    assert event["sub_id"] == {"format": "opaque", "id": stream}
    assert event["events"] == {VERIFICATION: {"state": "gloves"}}
    clock.now += 60
    with nothing_changes(house):
        assert refused(shop.says("POST", VERIFY, {"stream_id": stream, "state": 5}), "invalid_request")
    assert shop.says("POST", VERIFY, {"stream_id": stream}).status_code == 204


@on_sqlite_alone
def test_a_client_id_that_comes_back_at_another_host_hears_nothing_of_who_knew_the_one_before(app, house, person, shop):
    at = f"/vendors/{tokens_for(person, shop)['grant_id']}"
    house.database.write(registry.remove, "shop")
    moved = ListeningVendor(app, house, "shop", redirect_uris=["https://elsewhere.example/back"])
    moved.listens()

    for change in ("pause", "revoke"):
        person.browser.post(f"{at}/{change}", form_at=at)

    assert moved.polls()["sets"] == {}
    assert rows(house, "outbox") == []


@on_sqlite_alone
def test_verifying_again_and_again_fills_nothing(shop, house, clock):
    for _ in range(4):
        shop.listens()
        for _ in range(2):
            clock.now += 60
            assert shop.says("POST", VERIFY, {"stream_id": shop.stream["stream_id"]}).status_code == 204
        assert len(rows(house, "outbox")) == 1
        assert len(shop.polls(ack=list(shop.polls()["sets"]))["sets"]) == 0
        assert shop.says("DELETE", f"{STREAM}?stream_id={shop.stream['stream_id']}").status_code == 204
        assert rows(house, "outbox") == []


@on_sqlite_alone
def test_a_vendor_comes_in_its_own_name_and_opens_nothing_of_a_person_with_that(person, shop, house):
    made = tokens_for(person, shop)
    shop.listens()

    answer = shop.comes()

    assert answer.json.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 600)
    assert answer.json["scope"] == "ssf.manage ssf.read"
    token = answer.json["access_token"]
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    assert claims(token).keys() == {"iss", "aud", "sub", "client_id", "jti", "iat", "exp", "scope"}
    with nothing_changes(house):
        assert refused(shop.reads(token), "invalid_token", status=401)
        assert shop.introspects(token) == {"active": False}
        at = f"/oauth/grants/{made['grant_id']}"
        assert refused(shop.says("GET", at, token=token), "invalid_token", status=401)
        assert refused(shop.says("DELETE", at, token=token), "invalid_token", status=401)
        assert refused(shop.asserts(token), "invalid_grant")


@on_sqlite_alone
@pytest.mark.parametrize("scope", ["openid", "email", "ssf.manage email", "offline_access", "ssf.everything"])
def test_no_scope_of_a_person_is_given_to_a_vendor_for_itself(shop, house, scope):
    with nothing_changes(house):
        assert refused(shop.comes(scope=scope), "invalid_scope")


@on_sqlite_alone
def test_only_who_registered_for_it_and_proves_itself_comes_in_its_own_name(app, house, shop):
    plain = VendorActor(app, house, "plain")

    with nothing_changes(house):
        assert refused(plain.post("/oauth/token", {"grant_type": "client_credentials"}), "unauthorized_client")
        guessed = {"Authorization": "Basic c2hvcDp3cm9uZw=="}
        answer = shop.post("/oauth/token", {"grant_type": "client_credentials"}, headers=guessed)
        assert refused(answer, "invalid_client", status=401)
        with pytest.raises(InvalidClientMetadata):
            VendorActor(app, house, "open", grant_types=GRANT_TYPES, token_endpoint_auth_method="none")


ENDPOINTS = [
    ("GET", STREAM),
    ("POST", STREAM),
    ("PATCH", STREAM),
    ("PUT", STREAM),
    ("DELETE", STREAM),
    ("GET", STATUS),
    ("POST", STATUS),
    ("POST", VERIFY),
    ("POST", POLL),
]


@on_sqlite_alone
def test_nobody_gets_in_without_a_good_token(app, house, person, shop, clock):
    shop.listens()
    other = ListeningVendor(app, house, "other")
    gone = other.comes().json["access_token"]
    house.database.write(registry.remove, "other")
    made = tokens_for(person, shop)
    good = shop.comes().json["access_token"]
    header, payload, signature = good.split(".")
    bad = [
        gone,
        made["access_token"],
        made["id_token"],
        made["consent_token"],
        f"{header}.{payload}.{signature[:-4]}AAAA",
        jwt.encode(claims(good), None, algorithm="none", headers={"typ": "at+jwt"}),
        jwt.encode(
            claims(good),
            "s" * 32,
            algorithm="HS256",
            headers={"typ": "at+jwt", "kid": jwt.get_unverified_header(good)["kid"]},
        ),
        "x",
    ]
    read_only = shop.comes(scope="ssf.read").json["access_token"]

    with nothing_changes(house):
        for method, path in ENDPOINTS:
            assert shop.client.open(path, method=method, json={}).status_code == 401
            for token in bad:
                assert refused(shop.says(method, path, {}, token=token), "invalid_token", status=401)
            if method != "GET" and path != POLL:
                assert refused(shop.says(method, path, {}, token=read_only), "insufficient_scope", status=403)
        clock.now += vendor_tokens.LIFETIME
        assert refused(shop.says("GET", STREAM, token=good), "invalid_token", status=401)
        assert refused(shop.says("GET", STREAM, token=made["access_token"]), "invalid_token", status=401)


@on_sqlite_alone
def test_a_token_of_a_vendor_that_signs_its_requests_comes_the_same_way(app, house):
    shop = AssertingVendor(app, house, "shop", grant_types=GRANT_TYPES)

    answer = shop.post("/oauth/token", {"grant_type": "client_credentials", "scope": "ssf.read"})

    assert answer.json["scope"] == "ssf.read"
    bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert shop.client.get(STREAM, headers=bearer).json == []


@on_sqlite_alone
def test_a_token_that_is_bound_to_a_key_needs_its_proof(app, house):
    shop = ProvingVendor(app, house, "shop", grant_types=GRANT_TYPES)
    token = shop.post("/oauth/token", {"grant_type": "client_credentials"}).json
    assert token["token_type"] == "DPoP"

    assert shop.client.get(STREAM, headers={"Authorization": f"Bearer {token['access_token']}"}).status_code == 401
    assert shop.client.get(STREAM, headers={"Authorization": f"DPoP {token['access_token']}"}).status_code == 401
    proof = shop.proof("GET", STREAM, ath=ath(token["access_token"]))
    proven = {"Authorization": f"DPoP {token['access_token']}", "DPoP": proof}
    assert shop.client.get(STREAM, headers=proven).json == []
    with nothing_changes(house):
        assert refused(shop.client.get(STREAM, headers=proven), "invalid_dpop_proof", status=401)
