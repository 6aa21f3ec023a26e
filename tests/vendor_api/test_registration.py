"""Vendors register and manage themselves over HTTP (RFC 7591, RFC 7592); what they may name is an allow-list."""

from dataclasses import replace

import jwt
import pytest
from actors import VendorActor, basic
from journeys import code_for, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.oauth import registration
from vendor_api.oauth.registration import INITIAL_TOKEN_LIFETIME, mint_initial_token
from vendor_api.vendors import registry

SHOP = {"client_name": "Shop", "redirect_uris": ["https://shop.example/back"]}


@pytest.fixture
def open_to():
    """Who may register; tests that need another answer parametrize it."""
    return "open"


@pytest.fixture
def settings(settings, open_to):
    return replace(settings, registration=open_to)


@pytest.fixture
def client(app):
    return app.test_client()


def register(client, metadata, *, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return client.post("/oauth/register", json=metadata, headers=headers)


def bearer(registered, **changed):
    return {"Authorization": f"Bearer {changed.get('token', registered['registration_access_token'])}"}


def path(registered):
    return registered["registration_client_uri"].removeprefix("http://localhost")


def replacement(registered, **changed):
    """The whole metadata as RFC 7592 section 2.2 wants it back, with something changed."""
    return {name: value for name, value in registered.items() if name not in registration.ISSUED_BY_US} | changed


class Registered(VendorActor):
    """A vendor that registered itself."""

    def __init__(self, app, house, answer):
        self.client, self.house, self.registered = app.test_client(), house, answer
        self.client_id, self.redirect_uri, self.seen = answer["client_id"], answer["redirect_uris"][0], []

    @property
    def credentials(self):
        secret = self.registered.get("client_secret")
        return {"Authorization": basic(self.client_id, secret)} if secret else {}


@pytest.fixture
def shop(client):
    return register(client, SHOP).json


def test_a_vendor_registers_itself_and_does_its_whole_job(app, house, client, person):
    response = register(client, SHOP)
    vendor = Registered(app, house, response.json)

    tokens = tokens_for(person, vendor, ["email"])

    assert (response.status_code, response.headers["Cache-Control"]) == (201, "no-store")
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"


def test_what_was_registered_is_told_completely_and_the_secrets_are_stored_nowhere(client, house):
    answer = register(client, SHOP).json

    assert answer.keys() >= {"client_id", "client_secret", "registration_access_token", "registration_client_uri"}
    assert (answer["client_id_issued_at"], answer["client_secret_expires_at"]) == (house.clock(), 0)
    assert answer["redirect_uris"] == SHOP["redirect_uris"]
    stored = str(rows(house, "vendors"))
    assert answer["client_secret"] not in stored
    assert answer["registration_access_token"] not in stored


@on_sqlite_alone
def test_a_public_vendor_gets_no_secret(client):
    answer = register(client, {**SHOP, "token_endpoint_auth_method": "none"}).json

    assert not {"client_secret", "client_secret_expires_at"} & answer.keys()


@on_sqlite_alone
def test_a_vendor_can_not_choose_its_id_its_secret_or_its_date(client, house):
    wishes = {
        "client_id": "stadtwerke",
        "client_secret": "guessable",
        "client_id_issued_at": 1,
        "registration_access_token": "x",
    }

    answer = register(client, {**SHOP, **wishes}).json

    assert not any(answer[name] == wish for name, wish in wishes.items())
    assert answer["client_id_issued_at"] == house.clock()


@on_sqlite_alone
def test_defaults_are_few_and_offline_access_is_never_implied(client):
    answer = register(client, SHOP).json

    assert "offline_access" not in answer["scope"].split()
    assert (answer["token_endpoint_auth_method"], answer["subject_type"]) == ("client_secret_basic", "pairwise")


@on_sqlite_alone
def test_members_nobody_knows_are_left_out(client):
    answer = register(
        client, {**SHOP, "initiate_login_uri": "http://169.254.169.254/", "software_statement": "file:///"}
    ).json

    assert not {"initiate_login_uri", "software_statement"} & answer.keys()


@on_sqlite_alone
def test_only_what_people_read_comes_in_several_languages(client, house, shop):
    spoken = {
        "client_name#de": "Laden",
        "purposes#de": {"email": "Für die Rechnung"},
        "tos_uri#de": "https://a.example/",
    }
    others = {"redirect_uris#de": ["javascript:alert(1)"], "require_pkce#de": False, "jwks#de": {"keys": "x" * 1000}}

    registered = register(client, {**SHOP, **spoken, **others}).json
    replaced = client.put(path(shop), json=replacement(shop, **spoken, **others), headers=bearer(shop)).json

    for answer in (registered, replaced):
        assert {name for name in answer if "#" in name} == set(spoken)
    assert "javascript" not in str(rows(house, "vendors"))


@on_sqlite_alone
@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "javascript://shop.example/%0aalert(1)",
        "data:text/html,hello",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:msgbox",
        "blob:https://shop.example/1",
        "file:///etc/passwd",
        "about:blank",
        "view-source:https://shop.example/",
        "ftp://shop.example/back",
        "ws://shop.example/back",
        "intent://shop.example/#Intent;end",
        "myapp:/back",
        "https://user@shop.example/back",
        "https://user:password@shop.example/back",
        "https://@shop.example/back",
        "https://shop.example@evil.test/back",
        "https://shop.example/back#fragment",
        "https://shop.example/back#",
        "http://shop.example/back",
        "http://192.168.0.7/back",
        "http://localhost.evil.test/back",
        "http://127.0.0.1.evil.test/back",
        "http://127.1/back",
        "http://2130706433/back",
        "http://0x7f.1/back",
        "http://0.0.0.0/back",
        "http://localhost@evil.test/back",
        "https://*.shop.example/back",
        "https://shop.example/*",
        "https://*/back",
        "com.example.app:/*",
        "https://shop.example/a/../back",
        "https://shop.example/./back",
        "https://shop.example/..",
        "https://shop.example/%2e%2e/back",
        "https://shop.example/a/%2E%2e/back",
        "https://shop.example/%2e/back",
        "https://shop.example/..%2fback",
        "https://shop.example\\@evil.test/back",
        "https:\\\\shop.example/back",
        "https://shop.example/back\n",
        "https://shop.example/b\tack",
        "https://shop.example/b ack",
        "https://shop.example/back\x00",
        "https://sh\u00f6p.example/back",
        "https://shop.example:0x50/back",
        "https://shop.example:99999/back",
        "https://[::1/back",
        "https:///back",
        "https:/back",
        "https:shop.example",
        "https://",
        "//shop.example/back",
        "/back",
        "",
        " ",
        "https://shop.example/" + "x" * 2000,
        None,
        7,
        ["https://shop.example/back"],
        {"uri": "https://shop.example/back"},
    ],
)
def test_a_hostile_redirect_uri_is_refused_alone_and_beside_a_good_one(client, house, uri):
    with nothing_changes(house):
        alone = register(client, {**SHOP, "redirect_uris": [uri]})
        beside = register(client, {**SHOP, "redirect_uris": [*SHOP["redirect_uris"], uri]})

    assert refused(alone, "invalid_redirect_uri")
    assert refused(beside, "invalid_redirect_uri")


@on_sqlite_alone
@pytest.mark.parametrize("uris", [None, [], "https://shop.example/back", {}, 7, ["https://shop.example/back"] * 101])
def test_redirect_uris_must_be_a_list_with_something_in_it(client, house, uris):
    with nothing_changes(house):
        response = register(client, {**SHOP, "redirect_uris": uris})

    assert refused(response, "invalid_redirect_uri")


@on_sqlite_alone
@pytest.mark.parametrize(
    "uri",
    [
        "https://shop.example/back",
        "https://shop.example",
        "https://shop.example:8443/back",
        "https://shop.example/back?of=7",
        "https://shop.example/..back/a..b",
        "https://192.0.2.1/back",
        "https://[2001:db8::1]/back",
        "http://localhost/back",
        "http://localhost:3000/back",
        "http://127.0.0.1/back",
        "http://[::1]:8080/back",
        "com.example.app:/back",
        "com.example.app://back",
    ],
)
def test_good_redirect_uris_are_kept_letter_by_letter(client, uri):
    assert register(client, {**SHOP, "redirect_uris": [uri]}).json["redirect_uris"] == [uri]


@on_sqlite_alone
def test_two_hosts_are_two_vendors(client, house):
    with nothing_changes(house):
        response = register(client, {**SHOP, "redirect_uris": ["https://shop.example/a", "https://other.example/a"]})

    assert refused(response, "invalid_redirect_uri")


@on_sqlite_alone
@pytest.mark.parametrize(
    "wrong",
    [
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"id_token_signed_response_alg": ["ES256"]},
        {"token_endpoint_auth_method": "private_key_jwt_or_so"},
        {"token_endpoint_auth_method": {}},
        {"subject_type": "everybody"},
        {"application_type": "robot"},
        {"grant_types": ["implicit"]},
        {"grant_types": ["password", "authorization_code"]},
        {"grant_types": ["refresh_token"]},
        {"grant_types": "authorization_code"},
        {"grant_types": []},
        {"grant_types": [["authorization_code"]]},
        {"response_types": ["token"]},
        {"response_types": ["code", "id_token"]},
        {"scope": ["openid"]},
        {"scope": "x" * 301},
        {"scope": "openid\x00"},
        {"scope": "openid \u00fc"},
        {"client_name": "Shop\x00"},
        {"client_name": "Shop\u202eexample"},
        {"client_name": ""},
        {"client_name": "x" * 301},
        {"client_name": {"en": "Shop"}},
        {"client_name#de": "Laden\n"},
        {"client_uri": "javascript:alert(1)"},
        {"logo_uri": "http://tracker.example/pixel.png"},
        {"logo_uri": "data:image/png;base64,AAAA"},
        {"policy_uri": "https://user@shop.example/"},
        {"tos_uri": 7},
        {"contacts": "mail@shop.example"},
        {"contacts": [{}]},
        {"recipients": ["x"] * 101},
        {"purposes": ["email"]},
        {"purposes": {"email": 7}},
        {"purposes": {"email": "x" * 301}},
        {"require_pkce": False},
        {"require_pkce": True},
        {"jwks": []},
        {"jwks": {"keys": "none"}},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "a", "d": "b"}]}},
    ],
)
def test_metadata_this_wallet_can_not_keep_is_refused_whole(client, house, wrong):
    with nothing_changes(house):
        response = register(client, {**SHOP, **wrong})

    assert refused(response, "invalid_client_metadata")


@on_sqlite_alone
@pytest.mark.parametrize("body", ["[]", '"text"', "7", "null", "true", "[{}]"])
def test_metadata_must_be_one_object(client, house, body):
    with nothing_changes(house):
        response = client.post("/oauth/register", data=body, content_type="application/json")

    assert refused(response, "invalid_client_metadata")


@on_sqlite_alone
def test_no_more_vendors_register_than_there_is_room_for(client, house, monkeypatch):
    monkeypatch.setattr(registry, "MOST_VENDORS", 1)
    assert register(client, SHOP).status_code == 201

    with nothing_changes(house):
        assert refused(register(client, SHOP), "access_denied")


@pytest.mark.parametrize("open_to", ["closed"])
@pytest.mark.parametrize("token", [None, "guess"])
def test_where_registration_is_closed_nobody_registers_and_nobody_is_told_where(client, house, token):
    with nothing_changes(house):
        response = register(client, SHOP, token=token)
        by_initial_token = register(client, SHOP, token=mint_initial_token(house.secrets, now=house.clock()))

    assert refused(response, "access_denied")
    assert refused(by_initial_token, "access_denied")
    assert "registration_endpoint" not in client.get("/.well-known/openid-configuration").json


@pytest.mark.parametrize("open_to", ["token"])
def test_an_initial_access_token_lets_its_holder_register_for_a_week(client, house, clock):
    token = mint_initial_token(house.secrets, now=clock())
    clock.now += INITIAL_TOKEN_LIFETIME - 1

    first, second = register(client, SHOP, token=token), register(client, SHOP, token=token)
    clock.now += 1
    with nothing_changes(house):
        late = register(client, SHOP, token=token)

    assert (first.status_code, second.status_code) == (201, 201)
    assert refused(late, "invalid_token", status=401)


@on_sqlite_alone
@pytest.mark.parametrize("open_to", ["token"])
@pytest.mark.parametrize(
    "token", ["x", "a" * 60, "not base64!", "\u00fc", "==", "eyJhbGciOiJub25lIn0.e30.", "a" * 5000]
)
def test_where_a_token_is_wanted_no_other_text_is_one(client, house, token):
    with nothing_changes(house):
        response = register(client, SHOP, token=token)

    assert refused(response, "invalid_token", status=401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


@on_sqlite_alone
@pytest.mark.parametrize("open_to", ["token"])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Token x"])
def test_where_a_token_is_wanted_it_can_not_be_left_out(client, house, header):
    with nothing_changes(house):
        response = client.post("/oauth/register", json=SHOP, headers={"Authorization": header} if header else {})

    assert refused(response, "invalid_token", status=401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="wallet"'


@on_sqlite_alone
@pytest.mark.parametrize("open_to", ["token"])
def test_neither_a_tampered_nor_another_kind_of_token_registers(client, house, person, vendor):
    good = mint_initial_token(house.secrets, now=house.clock())
    tokens = tokens_for(person, vendor)
    unsigned = ["eyJhbGciOiJub25lIn0.eyJleHAiOjE5MDAwMDAwMDB9.", f"eyJhbGciOiJub25lIn0.{good}."]
    tampered = [good[:index] + ("A" if good[index] != "A" else "B") + good[index + 1 :] for index in (0, 20, -2)]

    with nothing_changes(house):
        answers = [register(client, SHOP, token=token) for token in (*tampered, *tokens.values(), *unsigned)]

    assert all(refused(answer, "invalid_token", status=401) for answer in answers)


def test_a_vendor_reads_what_it_registered(client, house, shop):
    with nothing_changes(house):
        response = client.get(path(shop), headers=bearer(shop))

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json == {
        name: value for name, value in shop.items() if name not in {"client_secret", "client_secret_expires_at"}
    }


def test_a_vendor_replaces_its_metadata_and_keeps_its_secret(app, client, house, person, shop):
    changed = replacement(shop, client_name="Shop & Sons")
    changed.pop("scope")

    response = client.put(path(shop), json=changed, headers=bearer(shop))

    assert (response.status_code, response.json["client_name"]) == (200, "Shop & Sons")
    assert response.json["client_id_issued_at"] == shop["client_id_issued_at"]
    assert client.get(path(shop), headers=bearer(shop)).json["client_name"] == "Shop & Sons"
    assert "access_token" in tokens_for(person, Registered(app, house, shop))


def test_members_left_out_of_a_replacement_are_gone(client, shop):
    client.put(path(shop), json=replacement(shop, policy_uri="https://shop.example/policy"), headers=bearer(shop))

    answer = client.put(path(shop), json=replacement(shop), headers=bearer(shop)).json

    assert "policy_uri" not in answer


@on_sqlite_alone
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "another"}, "invalid_client_metadata"),
        ({"client_id": None}, "invalid_client_metadata"),
        ({"client_secret": "another"}, "invalid_client_metadata"),
        ({"client_secret": 7}, "invalid_client_metadata"),
        ({"client_id_issued_at": 7}, "invalid_client_metadata"),
        ({"client_secret_expires_at": 0}, "invalid_client_metadata"),
        ({"registration_access_token": "mine"}, "invalid_client_metadata"),
        ({"registration_client_uri": "https://evil.test/"}, "invalid_client_metadata"),
        ({"require_pkce": False}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://shop.example/back"]}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
    ],
)
def test_a_replacement_is_held_to_the_same_rules_and_changes_nothing_if_refused(client, house, shop, wrong, error):
    changed = {name: value for name, value in replacement(shop, **wrong).items() if value is not None}

    with nothing_changes(house):
        response = client.put(path(shop), json=changed, headers=bearer(shop))

    assert refused(response, error)


@on_sqlite_alone
@pytest.mark.parametrize("body", ["[]", '"text"', "7", "null"])
def test_a_replacement_must_be_one_object(client, house, shop, body):
    with nothing_changes(house):
        response = client.put(path(shop), data=body, content_type="application/json", headers=bearer(shop))

    assert refused(response, "invalid_client_metadata")


@on_sqlite_alone
@pytest.mark.parametrize(
    "uris",
    [
        ["https://bank.example/back"],
        ["http://localhost/back"],
        ["com.example.shop:/back"],
        ["https://shop.example/back", "com.example.shop:/back"],
    ],
)
def test_a_registered_vendor_can_not_move_to_another_host(app, client, house, person, shop, uris):
    """The host decides which subject a vendor sees: moving would show it the one that belongs to somebody else."""
    before = tokens_for(person, Registered(app, house, shop))

    with nothing_changes(house):
        response = client.put(path(shop), json=replacement(shop, redirect_uris=uris), headers=bearer(shop))

    assert refused(response, "invalid_redirect_uri")
    assert Registered(app, house, shop).reads(before["access_token"]).status_code == 200


@on_sqlite_alone
def test_nobody_learns_the_subject_of_another_vendor_by_registering_under_its_host_first(app, client, house, person):
    bank = VendorActor(app, house, "bank")
    subject = bank.reads(tokens_for(person, bank)["access_token"]).json["sub"]
    thief = register(client, {"client_name": "Thief", "redirect_uris": ["https://bank.example/elsewhere"]}).json
    code_for(person, Registered(app, house, thief))  # which went to the bank

    moved = replacement(thief, redirect_uris=["https://thief.example/back"])

    assert refused(client.put(path(thief), json=moved, headers=bearer(thief)), "invalid_redirect_uri")
    fresh = Registered(app, house, register(client, {"redirect_uris": ["https://thief.example/back"]}).json)
    assert fresh.reads(tokens_for(person, fresh)["access_token"]).json["sub"] != subject


def test_a_vendor_that_the_operator_moves_to_another_host_sees_another_subject_everywhere(app, house, person):
    before = VendorActor(app, house, "stadtwerke")
    subject = before.reads(tokens_for(person, before)["access_token"]).json["sub"]
    house.database.write(registry.remove, "stadtwerke")
    after = VendorActor(app, house, "stadtwerke", redirect_uris=["https://netze.example/back"])

    tokens = tokens_for(person, after)

    seen = {
        jwt.decode(tokens["id_token"], options={"verify_signature": False})["sub"],
        jwt.decode(tokens["consent_token"], options={"verify_signature": False})["sub"],
        after.introspects(tokens["access_token"])["sub"],
        after.reads(tokens["access_token"]).json["sub"],
    }
    assert len(seen) == 1
    assert subject not in seen


@on_sqlite_alone
def test_a_new_address_on_the_same_host_is_asked_about_anew(app, client, house, person, shop):
    code_for(person, Registered(app, house, shop))
    changed = replacement(shop, redirect_uris=["https://shop.example/new"])
    vendor = Registered(
        app,
        house,
        client.put(path(shop), json=changed, headers=bearer(shop)).json | {"client_secret": shop["client_secret"]},
    )

    page = person.opens(vendor.link(["email"]))

    assert page.status_code == 200
    assert "Allow" in page.text
    assert vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).status_code == 200


def test_a_vendor_that_becomes_public_loses_its_secret_and_gets_a_new_one_when_it_returns(client, house, shop):
    public = client.put(
        path(shop), json=replacement(shop, token_endpoint_auth_method="none"), headers=bearer(shop)
    ).json
    assert "client_secret" not in public
    assert rows(house, "vendors")[0]["secret_digest"] is None

    back = client.put(path(shop), json=replacement(shop), headers=bearer(shop))
    assert back.status_code == 400  # it names the old secret

    kept = replacement(shop)
    kept.pop("client_secret")
    answer = client.put(path(shop), json=kept, headers=bearer(shop)).json
    assert answer["client_secret"] != shop["client_secret"]


def test_a_vendor_ends_its_registration_and_everything_it_held_is_dead(app, client, house, person, shop):
    vendor = Registered(app, house, shop)
    tokens, code = tokens_for(person, vendor), code_for(person, vendor, state="again", prompt="consent")

    response = client.delete(path(shop), headers=bearer(shop))

    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Cache-Control"] == "no-store"
    assert vendor.reads(tokens["access_token"]).status_code == 401
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_client", status=401)
    assert refused(vendor.redeems(code), "invalid_client", status=401)
    assert refused(vendor.asserts(tokens["consent_token"]), "invalid_client", status=401)
    assert refused(client.get(path(shop), headers=bearer(shop)), "invalid_token", status=401)
    assert person.browser.get(vendor.link(["email"])).status_code == 400
    assert (rows(house, "vendors"), rows(house, "codes"), rows(house, "tokens")) == ([], [], [])
    assert len(rows(house, "grants")) == 1  # the person's own record stays


@pytest.mark.parametrize("open_to", ["open", "closed"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nobody_manages_a_vendor_without_its_own_registration_token(client, house, open_to, method):
    registered = [
        house.database.write(
            registration.add_by_operator, house.secrets, {**SHOP, "client_id": name}, now=house.clock()
        )
        for name in ("one", "two")
    ]
    own = {"registration_access_token": "x" * 43}
    wrong = ["x" * 43, "", "None", registered[0]["client_secret"], mint_initial_token(house.secrets, now=house.clock())]

    with nothing_changes(house):
        answers = [
            client.open(
                f"/oauth/register/{name}",
                method=method,
                json={**SHOP, "client_id": name},
                headers=bearer(own, token=token),
            )
            for name in ("one", "nobody", "%C3%BC", "x" * 3000)
            for token in wrong
        ]
        answers.append(client.open("/oauth/register/one", method=method, json=SHOP))

    assert all(refused(answer, "invalid_token", status=401) for answer in answers)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_registration_token_of_one_vendor_is_worth_nothing_at_another(client, house, shop, method):
    other = register(client, {**SHOP, "client_name": "Other"}).json

    with nothing_changes(house):
        response = client.open(path(shop), method=method, json=replacement(shop), headers=bearer(other))

    assert refused(response, "invalid_token", status=401)


@on_sqlite_alone
@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, "invalid_request"),
        (b"{", 400, "invalid_request"),
        (b"\xff\xfe", 400, "invalid_request"),
        (b'{"redirect_uris": ["\xff"]}', 400, "invalid_request"),
        (b"redirect_uris=https://shop.example/back", 400, "invalid_request"),
        (b"[" * 100_000, 400, "invalid_request"),
        (b'{"a":' * 50_000, 400, "invalid_request"),
        (b"NaN", 400, "invalid_request"),
        (b'{"redirect_uris": ["https://shop.example/back"], "jwks": {"keys": [{"x": NaN}]}}', 400, "invalid_request"),
        (b'{"redirect_uris": ["https://shop.example/back"], "scope": "openid \\ud800"}', 400, "invalid_request"),
        (
            b'{"redirect_uris": ["https://shop.example/back"], "jwks": {"keys": [{"kid": "\\ud800"}]}}',
            400,
            "invalid_request",
        ),
        (b" " * 1_000_000, 413, "invalid_request"),
    ],
)
def test_a_body_that_is_no_json_is_a_clean_refusal(client, house, shop, body, status, error):
    with nothing_changes(house):
        new = client.post("/oauth/register", data=body, content_type="application/json")
        changed = client.put(path(shop), data=body, content_type="application/json", headers=bearer(shop))

    assert refused(new, error, status=status)
    assert refused(changed, error, status=status)


@on_sqlite_alone
@pytest.mark.parametrize("where", ["kid", "unheard_of"])
def test_what_nests_until_nobody_can_write_it_again_is_refused(client, house, where):
    deep = f'{{"kty": "EC", "{where}": {"[" * 500}{"]" * 500}}}'
    body = f'{{"redirect_uris": ["https://shop.example/back"], "jwks": {{"keys": [{deep}]}}}}'

    with nothing_changes(house):
        response = client.post("/oauth/register", data=body, content_type="application/json")

    assert refused(response, "invalid_request")
