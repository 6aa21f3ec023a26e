"""Events beside those of a grant: a session that ended, and what the vendor is asked to erase."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from actors import VendorActor
from journeys import tokens_for
from listening import ListeningVendor, claims, got, sends
from storage import on_postgresql_alone, on_sqlite_alone, rows

from consent import outbox
from consent.events import SESSION_REVOKED
from wallet.upkeep import remind

DAY = 24 * 3600


@on_sqlite_alone
def test_a_vendor_that_listens_hears_that_the_session_it_knows_ended(app, house, person, site, authority, clock):
    site.status = 202
    shop = ListeningVendor(app, house, "shop")
    shop.listens(site)
    known = claims(tokens_for(person, shop)["id_token"])

    person.signs_out()
    assert sends(house, authority) == 1

    [event] = got(site)
    assert event["events"] == {SESSION_REVOKED: {"event_timestamp": clock.now, "initiating_entity": "user"}}
    assert event["sub_id"] == {
        "format": "complex",
        "user": {"format": "iss_sub", "iss": "http://localhost", "sub": known["sub"]},
        "session": {"format": "opaque", "id": known["sid"]},
    }


@on_sqlite_alone
def test_it_hears_of_that_beside_a_logout_token_and_who_has_no_stream_as_before(app, house, person):
    address = {"backchannel_logout_uri": "https://shop.example/logout"}
    both = ListeningVendor(app, house, "shop", **address)
    both.listens()
    quiet = VendorActor(app, house, "quiet")
    for vendor in (both, quiet):
        tokens_for(person, vendor)
    assert [row["client_id"] for row in rows(house, "sign_ins")] == ["shop"]

    person.signs_out()

    assert sorted(row["event"] for row in rows(house, "outbox")) == ["event", "logout"]


def test_what_happens_in_one_relationship_stands_in_one_lane(app, house, person):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    made = tokens_for(person, shop)
    person.revokes(made["grant_id"])
    person.signs_out()

    found = sorted(rows(house, "outbox"), key=lambda row: row["position"])
    assert [(row["lane"], row["position"]) for row in found] == [
        (claims(made["id_token"])["sub"], number) for number in (1, 2)
    ]


@on_sqlite_alone
def test_a_vendor_that_listens_hears_of_requests_by_right_and_what_becomes_of_them(
    app, house, person, site, authority, clock
):
    site.status = 202
    shop, quiet = ListeningVendor(app, house, "shop"), VendorActor(app, house, "quiet")
    shop.listens(site)
    for vendor in (shop, quiet):
        path = f"/vendors/{tokens_for(person, vendor)['grant_id']}"
        for right in ("erasure", "access"):
            person.browser.post(f"{path}/rights", form_at=path, right=right, attribute="email")
    clock.now += 26 * DAY
    assert remind(house) == 4
    while sends(house, authority):
        clock.now += 1

    kinds = [next(iter(said["events"])).rpartition(":")[2] for said in got(site)]
    assert kinds == ["erasure-requested", "right-asked", "right-reminded", "right-reminded"]
    [said] = got(site)[0]["events"].values()
    assert (said["right"], said["attributes"]) == ("erasure", ["email"])
    assert said["request_id"] in {row["request_id"] for row in rows(house, "rights")}
    assert {row["client_id"] for row in rows(house, "outbox")} == {"shop"}


@on_postgresql_alone
def test_of_several_put_into_one_lane_at_once_each_has_a_place_of_its_own(house):
    start = Barrier(4)

    def put(number):
        start.wait()
        said = {"client_id": "shop", "event": "event", "detail": {"n": number}, "lane": "one"}
        house.database.write(outbox.put, person_id="p", **said, now=house.clock())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(4)))

    assert sorted(row["position"] for row in rows(house, "outbox")) == [1, 2, 3, 4]
