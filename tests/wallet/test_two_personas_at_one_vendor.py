"""One vendor and two personas in the same browser and second: nothing it receives tells that both are one person."""

import json
import re
from io import BytesIO

import pytest
from accounts import adds_persona, goes_on
from actors import PersonActor, VendorActor
from PIL import Image
from storage import on_sqlite_alone, rows
from taking_apart import everything, ids, status, unpack, values

WISHES = {"userinfo": {"given_name": None, "picture": None}, "id_token": {"auth_time": {"essential": True}}}
HEADERS_OF_ALL = {"Date", "Content-Length"}


def with_picture(person, persona_id, colour):
    out = BytesIO()
    Image.new("RGB", (40, 40), colour).save(out, "PNG")
    where = f"/personas/{persona_id}"
    person.browser.post(f"{where}/picture", form_at=where, picture=(BytesIO(out.getvalue()), "me.png"))


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", backchannel_logout_uri="https://stadtwerke.example/logout")


@pytest.fixture
def person(person):
    person.signs_in()
    person.work = adds_persona(person, "At work", {"given_name": "A. M."})
    with_picture(person, person.work, (10, 20, 30))
    with_picture(person, person.person.persona_id, (200, 20, 30))
    goes_on(person.browser, "Ana", persona="Me")
    return person


@pytest.fixture
def ben(app, house, moves_in):
    actor = PersonActor(app, house, moves_in("Benjamin"), password="correct horse battery")
    actor.has({"given_name": "Benjamin"})
    actor.signs_in()
    with_picture(actor, actor.person.persona_id, (1, 200, 30))
    return actor


def plays(person, vendor, *, persona_id):
    """The whole visit of the one who is shown: all that the vendor gets, with headers, and what it gets by errors."""
    vendor.seen.clear()
    headers = []

    def noting(response):
        headers.append(dict(response.headers.items()))
        return response

    page = person.opens(vendor.link(claims=json.dumps(WISHES), scope="openid offline_access", prompt="consent"))
    page = person.browser.get(f"{page.request.path}?persona={persona_id}")
    code = vendor.receives(person.allows(page, only=["given_name", "picture"]))["code"]
    tokens = noting(vendor.redeems(code)).json
    read = noting(vendor.reads(tokens["access_token"])).json
    picture = noting(vendor.client.get(read["picture"].removeprefix("http://localhost")))
    for name in ("access_token", "refresh_token"):
        vendor.introspects(tokens[name])
    noting(vendor.refreshes(tokens["refresh_token"]))
    noting(vendor.asserts(tokens["consent_token"]))
    receipts = noting(vendor.post("/oauth/receipts", {"grant_id": tokens["grant_id"]}))
    noting(vendor.redeems(code))
    noting(vendor.reads(tokens["access_token"]))
    return {
        "seen": [*vendor.seen],
        "headers": headers,
        "picture": picture.data,
        "tokens": tokens,
        "receipts": receipts.json,
    }


@pytest.fixture
def visits(person, ben, vendor):
    """Ana's as the first persona and as the second, and Ben's."""
    ids = ((person, person.person.persona_id), (person, person.work), (ben, ben.person.persona_id))
    return tuple(plays(whose, vendor, persona_id=persona_id) for whose, persona_id in ids)


def test_nothing_it_receives_is_equal_but_what_any_two_people_have_in_common(visits):
    first, second, somebody = (visit["seen"] for visit in visits)

    assert (values(first) & values(second)) - values(somebody) == set()


def test_no_two_ids_share_a_piece(visits):
    first, second, _ = (ids(visit["seen"]) for visit in visits)

    def pieces(found):
        every = {value for values in found.values() for value in values}
        return {value[start : start + 10] for value in every for start in range(len(value) - 9)}

    assert pieces(first) & pieces(second) == set()
    assert first["sub"] != second["sub"]


def test_pictures_and_their_addresses_have_nothing_in_common(visits):
    first, second, _ = visits
    addresses = [{value for name, value in everything(visit["seen"]) if name == "picture"} for visit in (first, second)]
    pieces = [
        {one[start : start + 8] for url in found for one in [url.rpartition("/")[2]] for start in range(len(one) - 7)}
        for found in addresses
    ]

    assert all(len(found) == 1 for found in addresses)
    assert pieces[0] & pieces[1] == set()
    assert first["picture"] != second["picture"]


def test_headers_differ_in_nothing_between_personas_and_people(visits):
    told = [
        [{name: value for name, value in one.items() if name not in HEADERS_OF_ALL} for one in visit["headers"]]
        for visit in visits
    ]

    assert told[0] == told[1] == told[2]
    assert not [one for one in told[0] if {"ETag", "Set-Cookie", "Last-Modified"} & one.keys()]


def test_errors_are_the_same_words(visits):
    said = [re.findall(r'"error(?:_description)?":"([^"]+)"', " ".join(visit["seen"])) for visit in visits]

    assert said[0]
    assert said[0] == said[1] == said[2]


def test_no_number_counts_through_both(visits, house, person):
    """Ledger lines are counted for the whole person, so their numbers and hashes stay here; receipts count by grant."""
    lines = [row for row in rows(house, "ledger") if row["person_id"] == person.person.person_id]
    for visit in visits[:2]:
        seen = " ".join(map(str, unpack({"all": [*everything(visit["seen"])]})))
        assert not [line for line in lines if line["hash"] in seen or (line["salt"] and line["salt"] in seen)]
    numbers = [
        [value for name, value in everything(visit["seen"]) if name in {"number", "seq", "line", "version"}]
        for visit in visits
    ]
    assert numbers[0] == numbers[1] == numbers[2]


def test_places_in_the_status_list_are_no_neighbours_by_construction(visits):
    places = [sorted(idx for _uri, idx in status(visit["seen"])) for visit in visits]

    assert not set(places[0]) & set(places[1])
    assert min(abs(one - other) for one in places[0] for other in places[1]) > 1


@on_sqlite_alone
def test_each_persona_has_a_sign_in_of_its_own(visits, house):
    found = rows(house, "sign_ins")

    assert len({row["sid"] for row in found}) == len(found) == 3
