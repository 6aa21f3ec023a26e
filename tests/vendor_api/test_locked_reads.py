"""Locked values reach a vendor only after their person was present, for ten minutes, and never by the host alone."""

import re
from dataclasses import replace

import jwt
import pytest
from actors import PersonActor, VendorActor
from journeys import refused, tokens_for
from storage import on_sqlite_alone, rows

from keys import opaque
from keys.errors import CannotOpen
from keys.sealing import unseal
from vendor_api.oauth import released
from wallet.app import create_app
from wallet.upkeep import sweep

PASSWORD = "correct horse battery"
VALUE = "+49301234567"
ASKED = ["phone_number", "email"]


def locks(person, name="phone_number"):
    person.browser.post(f"/data/{name}/lock", form_at=f"/data/{name}", password=PASSWORD)


@pytest.fixture
def locked(person):
    person.signs_in()
    locks(person)
    return person


def withheld(response, *names):
    """Whether these values were held back because nobody is here, and nothing else of them was said."""
    assert response.json["withheld"] == {name: {"error": "interaction_required"} for name in names}
    assert not {*names} & response.json.keys()
    return True


def silently(person, vendor, **changed):
    """A code without a page, under the earlier answer."""
    return vendor.receives(person.browser.get(vendor.link(ASKED, prompt="none", **changed)))["code"]


def test_a_vendor_reads_it_after_the_person_was_here_and_for_ten_minutes(locked, vendor, clock):
    token = tokens_for(locked, vendor, ASKED)["access_token"]

    assert vendor.reads(token).json["phone_number"] == VALUE
    clock.now += 599
    assert vendor.reads(token).json["phone_number"] == VALUE
    clock.now += 1
    answer = vendor.reads(token)

    assert withheld(answer, "phone_number")
    assert answer.json["email"] == "ana@example.org"


@on_sqlite_alone
def test_where_nothing_else_is_left_the_vendor_is_told_to_send_the_person_and_the_person_is_told(locked, vendor, clock):
    token = tokens_for(locked, vendor, ["phone_number"])["access_token"]
    clock.now += 600

    assert refused(vendor.reads(token), "interaction_required", status=403)

    line = locked.ledger()[-1]
    assert (line.action, line.detail["withheld"]) == ("failed", {"phone_number": "interaction_required"})
    page = locked.browser.get("/ledger").text
    assert re.search(r"wanted to read .*Phone number.*; that is locked, and you were not here", page)


def test_a_silent_sign_in_of_who_is_present_opens_it_again(locked, vendor, clock):
    tokens_for(locked, vendor, ASKED)
    clock.now += 900

    token = vendor.redeems(silently(locked, vendor)).json["access_token"]

    assert vendor.reads(token).json["phone_number"] == VALUE


@on_sqlite_alone
def test_a_silent_sign_in_in_a_browser_without_presence_gives_everything_else(locked, vendor):
    tokens_for(locked, vendor, ASKED)
    locked.browser.client.delete_cookie("presence")

    token = vendor.redeems(silently(locked, vendor)).json["access_token"]

    assert withheld(vendor.reads(token), "phone_number")


@on_sqlite_alone
def test_a_vendor_that_wants_the_person_here_asks_for_a_fresh_sign_in_and_gets_the_value(locked, vendor, clock):
    tokens_for(locked, vendor, ASKED)
    locked.browser.client.delete_cookie("presence")
    clock.now += 700

    code = vendor.receives(locked.opens(vendor.link(ASKED, max_age="600")))["code"]

    assert vendor.reads(vendor.redeems(code).json["access_token"]).json["phone_number"] == VALUE


@on_sqlite_alone
def test_neither_a_refreshed_token_nor_a_consent_token_has_it(locked, vendor):
    given = tokens_for(locked, vendor, ASKED)

    for again in (vendor.refreshes(given["refresh_token"]), vendor.asserts(given["consent_token"])):
        assert withheld(vendor.reads(again.json["access_token"]), "phone_number")
    assert vendor.reads(given["access_token"]).json["phone_number"] == VALUE


@on_sqlite_alone
def test_an_id_token_holds_it_where_the_person_was_here_and_not_else(locked, vendor, clock):
    claims = '{"id_token": {"phone_number": null, "email": null}}'
    asked = {"claims": claims}
    page = locked.opens(vendor.link(**asked))
    code = vendor.receives(locked.allows(page, only=ASKED))["code"]

    def told(code):
        return jwt.decode(vendor.redeems(code).json["id_token"], options={"verify_signature": False})

    assert told(code)["phone_number"] == VALUE
    locked.browser.client.delete_cookie("presence")
    again = told(vendor.receives(locked.browser.get(vendor.link(prompt="none", **asked)))["code"])
    assert "phone_number" not in again
    assert again["email"] == "ana@example.org"


def everything_the_host_has(house, person):
    """Every key that database and master key give, for trying each on what was released."""
    secrets = [getattr(house.secrets, name) for name in house.secrets.__slots__]
    presence = [bytes(row["presence_key"]) for row in rows(house, "sessions") if row["presence_key"]]
    digests = [row["token_digest"] for row in rows(house, "tokens")] + [
        row["code_digest"] for row in rows(house, "codes")
    ]
    return secrets + presence + [released._key_of(one) for one in digests] + [bytes.fromhex(one) for one in digests]


def test_a_full_copy_of_the_host_opens_nothing_that_was_released_and_the_token_does(locked, house, vendor):
    code = vendor.receives(locked.allows(locked.opens(vendor.link(ASKED)), only=ASKED))["code"]
    person_id = locked.person.person_id
    stages = []
    for redeem in (lambda: code, lambda: vendor.redeems(code).json["access_token"]):
        holder = redeem()
        (row,) = rows(house, "released")
        stages.append(row["holder_digest"])
        place = ("released", person_id, row["holder_digest"])
        assert VALUE.encode() not in bytes(row["sealed"])
        for key in everything_the_host_has(house, locked):
            with pytest.raises(CannotOpen):
                unseal(key, bytes(row["sealed"]), *place)
        assert VALUE.encode() in unseal(released._key_of(holder), bytes(row["sealed"]), *place)
        found = house.database.read(released.find, holder, {"released": True}, person_id=person_id, now=house.clock())
        assert found["phone_number"].value == VALUE
    assert stages == [opaque.digest(code), opaque.digest(holder)]


def revoked(person, grant_id, _house):
    person.revokes(grant_id)


def paused(person, grant_id, _house):
    person.browser.post(f"/vendors/{grant_id}/pause", form_at=f"/vendors/{grant_id}")


@pytest.mark.parametrize("how", [revoked, paused])
@on_sqlite_alone
def test_what_ends_the_grant_ends_what_was_released_at_once(locked, vendor, house, how):
    given = tokens_for(locked, vendor, ASKED)

    how(locked, given["grant_id"], house)

    assert vendor.reads(given["access_token"]).status_code == 401


def test_signing_out_ends_it_at_once(locked, app, house):
    vendor = VendorActor(app, house, "shop", scope="openid email phone offline_access")
    page = locked.opens(vendor.link(ASKED, scope="openid offline_access"))
    code = vendor.receives(locked.allows(page, only=[*ASKED, "offline_access"]))["code"]
    given = vendor.redeems(code).json

    locked.signs_out()

    assert rows(house, "released") == []
    assert withheld(vendor.reads(given["access_token"]), "phone_number")


def test_a_changed_value_is_not_delivered_and_the_old_one_no_more(locked, vendor):
    given = tokens_for(locked, vendor, ASKED)

    locked.browser.post("/data/phone_number", value="+49301111111", version="1")

    assert withheld(vendor.reads(given["access_token"]), "phone_number")


@on_sqlite_alone
def test_a_removed_value_is_not_delivered(locked, vendor):
    given = tokens_for(locked, vendor, ASKED)

    locked.browser.post("/data/phone_number/unset", form_at="/data/phone_number")

    answer = vendor.reads(given["access_token"]).json
    assert "phone_number" not in answer
    assert "withheld" not in answer


@on_sqlite_alone
def test_locking_stops_tokens_that_were_given_before(person, vendor):
    given = tokens_for(person, vendor, ASKED)
    assert vendor.reads(given["access_token"]).json["phone_number"] == VALUE

    locks(person)

    assert withheld(vendor.reads(given["access_token"]), "phone_number")


@on_sqlite_alone
def test_unlocking_lets_every_token_read_again(locked, vendor, clock):
    given = tokens_for(locked, vendor, ASKED)
    clock.now += 600

    locked.browser.post("/data/phone_number/unlock", form_at="/data/phone_number")

    assert vendor.reads(given["access_token"]).json["phone_number"] == VALUE


def test_a_code_that_came_too_late_or_twice_opens_nothing(locked, vendor, house, clock):
    tokens_for(locked, vendor, ASKED)
    code = silently(locked, vendor)
    token = vendor.redeems(code).json["access_token"]

    assert vendor.redeems(code).json["error"] == "invalid_grant"

    assert vendor.reads(token).status_code == 401


@on_sqlite_alone
def test_what_is_over_is_swept(locked, vendor, house, clock):
    tokens_for(locked, vendor, ASKED)
    clock.now += 600

    house.database.write(sweep, now=clock.now)

    assert rows(house, "released") == []


@on_sqlite_alone
def test_a_consent_page_asks_for_the_password_first_where_the_person_is_not_present(locked, vendor, clock, app, house):
    locked.browser.client.delete_cookie("presence")
    clock.now += 700

    page = locked.browser.follow(vendor.link(ASKED))

    assert page.request.path == "/sign-in"
    page = locked.browser.post(page.request.full_path, login="Ana", password=PASSWORD)
    page = locked.browser.follow(page.location)
    assert VALUE in page.text
    assert "only while you are here, now and for ten minutes" in page.text


@on_sqlite_alone
def test_another_persons_browser_opens_nothing(locked, app, house, moves_in, vendor):
    ben = PersonActor(app, house, moves_in("Ben"), password=PASSWORD)
    ben.has({"phone_number": "+49302222222"})
    ben.signs_in()
    ben.browser.client.set_cookie("presence", locked.browser.client.get_cookie("presence").value)

    given = tokens_for(ben, vendor, ASKED)

    assert vendor.reads(given["access_token"]).json["phone_number"] == "+49302222222"
    assert rows(house, "released") == []


@on_sqlite_alone
def test_tokens_through_the_browser_have_it_too(locked, app, house, settings):
    front = replace(house, settings=replace(settings, front_channel_tokens="on"))
    app = create_app(front)
    locked = PersonActor(app, front, locked.person, password=PASSWORD)
    shop = VendorActor(
        app, front, "shop", response_types=["code id_token token"], grant_types=["authorization_code", "implicit"]
    )
    page = locked.opens(shop.link(ASKED, response_type="code id_token token", response_mode="fragment"))
    back = locked.allows(page, only=ASKED).location

    token = re.search(r"access_token=([\w-]+)", back)[1]
    code = re.search(r"[#&]code=([\w-]+)", back)[1]
    assert shop.reads(token).json["phone_number"] == VALUE
    assert shop.reads(shop.redeems(code).json["access_token"]).json["phone_number"] == VALUE


@on_sqlite_alone
def test_who_signs_in_anew_in_the_same_browser_takes_nothing_back_and_signing_out_then_does(locked, vendor, house):
    given = tokens_for(locked, vendor, ASKED)

    locked.signs_in()

    assert vendor.reads(given["access_token"]).json["phone_number"] == VALUE
    locked.signs_out()
    assert rows(house, "released") == []


@on_sqlite_alone
def test_a_token_that_was_exchanged_for_one_that_has_it_has_not(locked, app, house):
    exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    vendor = VendorActor(app, house, "shop", grant_types=["authorization_code", exchange])
    given = tokens_for(locked, vendor, ASKED)
    access = "urn:ietf:params:oauth:token-type:access_token"
    form = {"grant_type": exchange, "subject_token_type": access}

    exchanged = vendor.post("/oauth/token", {**form, "subject_token": given["access_token"]})

    assert withheld(vendor.reads(exchanged.json["access_token"]), "phone_number")
