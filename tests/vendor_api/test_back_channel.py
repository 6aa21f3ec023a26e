"""Vendors hear of a sign-out from server to server: a token that is good for nothing else, until they confirm it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Thread
from urllib.parse import parse_qs

import jwt
import pytest
from actors import VendorActor
from journeys import at_once, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from consent import outbox
from vendor_api.errors import CannotFetch
from vendor_api.oauth.leaving.back_channel import tell_all
from vendor_api.outbound.client import Outbound
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from wallet.database import Database
from wallet.host import WalletHost
from wallet.house import House
from wallet.upkeep import sweep

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Server:
    """A vendor's server; it answers with `status`, and keeps the forms it got."""

    address: str = ""
    status: int = 200
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    @property
    def claims(self):
        return [jwt.decode(form["logout_token"][0], options={"verify_signature": False}) for form in self.forms]


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.forms.append(parse_qs(body))
            server.types.append(self.headers["Content-Type"])
            self.send_response(server.status)
            if server.status == 302:
                self.send_header("Location", f"{server.address}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        server.address = f"http://127.0.0.1:{listening.server_port}/logout"
        yield server
        listening.shutdown()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def shop(app, house, server):
    return VendorActor(app, house, "shop", backchannel_logout_uri=server.address)


OUTBOUND = Outbound(allow="127.0.0.0/8")


def tells(house, post=OUTBOUND.post_form):
    return tell_all(WalletHost(house, lambda _cookies: {}), post)


def telling(house):
    [found] = rows(house, "outbox")
    return found


def key_of(house, app, token):
    keys = app.test_client().get("/oauth/jwks").json["keys"]
    kid = jwt.get_unverified_header(token)["kid"]
    return jwt.PyJWK(next(key for key in keys if key["kid"] == kid))


def test_the_vendor_gets_a_logout_token_for_its_own_sign_in(person, shop, server, house, app, clock):
    id_token = jwt.decode(tokens_for(person, shop)["id_token"], options={"verify_signature": False})
    person.signs_out()
    clock.now += 5

    assert server.forms == []
    assert tells(house) == 1

    [form] = server.forms
    assert form.keys() == {"logout_token"}
    assert server.types == ["application/x-www-form-urlencoded"]
    [token] = form["logout_token"]
    key = key_of(house, app, token)
    checked = jwt.decode(
        token, key, algorithms=["ES256"], audience="shop", issuer="http://localhost", options={"verify_iat": False}
    )
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    assert checked.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert checked["events"] == {EVENT: {}}
    assert (checked["sub"], checked["sid"]) == (id_token["sub"], id_token["sid"])
    assert (checked["iat"], checked["exp"]) == (clock.now, clock.now + 120)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_it_is_signed_as_the_vendors_id_tokens_are(person, app, house, server, algorithm):
    shop = VendorActor(
        app, house, "shop", backchannel_logout_uri=server.address, id_token_signed_response_alg=algorithm
    )
    tokens_for(person, shop)
    person.signs_out()

    tells(house)

    assert jwt.get_unverified_header(server.forms[0]["logout_token"][0])["alg"] == algorithm


def test_a_logout_token_opens_nothing_here(person, shop, server, house):
    tokens_for(person, shop)
    person.signs_out()
    tells(house)
    token = server.forms[0]["logout_token"][0]

    with nothing_changes(house):
        assert shop.asserts(token).status_code == 400
        assert shop.reads(token).status_code == 401
        assert shop.introspects(token) == {"active": False}


def test_confirmed_is_told_once(person, shop, server, house, clock):
    tokens_for(person, shop)
    person.signs_out()
    tells(house)
    clock.now += 24 * 3600

    assert tells(house) == 0

    assert len(server.forms) == 1
    assert telling(house)["confirmed_at"] is not None
    assert telling(house)["due_at"] is None


@pytest.mark.parametrize("status", [302, 400, 404, 500, 501])
def test_what_is_not_confirmed_is_tried_again_later_each_time_with_a_new_token(
    person, shop, server, house, clock, status
):
    server.status = status
    tokens_for(person, shop)
    person.signs_out()

    assert tells(house) == 0
    assert tells(house) == 0
    assert len(server.forms) == 1
    assert (telling(house)["tries"], telling(house)["confirmed_at"]) == (1, None)
    clock.now += 10
    server.status = 204

    assert tells(house) == 1

    assert telling(house)["tries"] == 2
    assert len({claims["jti"] for claims in server.claims}) == 2
    assert len({claims["sid"] for claims in server.claims}) == 1


def test_a_vendor_that_is_away_is_tried_ever_less_often_and_at_last_given_up(person, shop, house, clock):
    def away(_address, _fields):
        tried.append(clock.now)
        raise CannotFetch("nobody is there")

    tried = []
    tokens_for(person, shop)
    person.signs_out()

    while (due_at := telling(house)["due_at"]) is not None:
        clock.now = due_at
        assert tells(house, away) == 0

    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert len(tried) == outbox.MOST_TRIES
    assert waits[:4] == [10, 40, 160, 640]
    assert waits == sorted(waits)
    assert waits[-1] == 6 * 3600


def test_what_was_not_sent_survives_a_restart(person, shop, server, house, settings, clock):
    tokens_for(person, shop)
    person.signs_out()
    house.database.close()

    again = House(settings, Database(settings.database_url), house.secrets, clock)

    assert tells(again) == 1
    assert len(server.forms) == 1
    again.database.close()


def test_a_sender_that_dies_while_sending_does_not_hold_it_back(person, shop, server, house, clock):
    class Killed(BaseException): ...

    def dies(_address, _fields):
        raise Killed

    tokens_for(person, shop)
    person.signs_out()
    with pytest.raises(Killed):
        tells(house, dies)
    clock.now += 10

    assert tells(house) == 1


def test_two_senders_send_once(person, shop, server, house, app):
    tokens_for(person, shop)
    person.signs_out()
    [waiting] = house.database.read(outbox.due, event="logout", now=house.clock())

    first, second = (house.database.write(outbox.claim, waiting, now=house.clock()) for _ in range(2))

    assert (first, second) == (True, False)


def test_signing_out_twice_at_once_tells_once(person, shop, house, app):
    tokens_for(person, shop)
    cookie = person.browser.client.get_cookie("wallet").value
    token = person.browser.get("/data").text.partition('name="csrf_token" value="')[2].partition('"')[0]

    def send(client):
        client.set_cookie("wallet", cookie)
        return client.post("/sign-out", data={"csrf_token": token})

    answers = at_once(app, 4, send)

    assert {answer.status_code for answer in answers} == {303}
    assert len(rows(house, "outbox")) == 1


def test_one_vendor_that_is_away_keeps_no_other_from_being_told(person, shop, server, house, app):
    lost = VendorActor(app, house, "lost", backchannel_logout_uri="http://127.0.0.1:9/logout")
    for vendor in (lost, shop):
        tokens_for(person, vendor)
    person.signs_out()

    assert tells(house) == 1
    assert len(server.forms) == 1


def test_two_vendors_learn_nothing_in_common(person, shop, server, house, app):
    with serving() as second:
        other = VendorActor(app, house, "other", backchannel_logout_uri=second.address)
        for vendor in (shop, other):
            tokens_for(person, vendor)
        person.signs_out()
        tells(house)

        one, two = server.claims[0], second.claims[0]
        assert {name for name in one if one[name] == two[name]} == {"iss", "iat", "exp", "events"}


def test_a_vendor_that_was_removed_or_no_longer_wants_to_hear_is_left_alone(person, shop, server, house):
    tokens_for(person, shop)
    person.signs_out()
    vendor = house.database.read(registry.find, "shop")
    plain = {name: value for name, value in vendor.metadata.items() if name != "backchannel_logout_uri"}
    changed = Vendor("shop", vendor.secret_digest, None, plain, vendor.created_at)
    house.database.write(registry.change, changed)

    assert tells(house) == 0

    assert rows(house, "outbox") == []
    assert server.forms == []


def test_revoking_a_removed_vendor_takes_its_tellings_along(person, shop, house):
    tokens_for(person, shop)
    person.signs_out()

    house.database.write(registry.remove, "shop")

    assert rows(house, "outbox") == []


@on_sqlite_alone
def test_a_telling_is_forgotten_after_a_week(person, shop, house, clock):
    tokens_for(person, shop)
    person.signs_out()
    clock.now += outbox.REMEMBERED

    house.database.write(sweep, now=clock.now)

    assert rows(house, "outbox") == []


@on_sqlite_alone
def test_what_is_kept_until_then_names_no_address_and_no_value(person, shop, house):
    tokens_for(person, shop)
    person.signs_out()

    assert telling(house)["detail"].keys() == {"sid", "sub"}
    assert "ana@example.org" not in json.dumps(telling(house)["detail"])


@on_sqlite_alone
def test_an_address_on_a_private_network_is_never_reached(person, app, house, site, authority):
    shop = VendorActor(app, house, "shop", backchannel_logout_uri=site.url)
    tokens_for(person, shop)
    person.signs_out()

    assert tells(house, Outbound(ca_file=str(authority)).post_form) == 0

    assert site.seen == []
    assert telling(house)["confirmed_at"] is None
