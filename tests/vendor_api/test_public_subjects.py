"""One number for several vendors: only where the vendor asks for it and the person allowed it to that very vendor."""

import json
from dataclasses import replace

import jwt
import pytest
from actors import VendorActor
from devices import DeviceVendor, allows_device
from journeys import refused, sent_back
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.errors import InvalidClientMetadata
from vendor_api.vendors import registry

PUBLIC = "public_subject"


def public_vendor(app, house, name, **more):
    return VendorActor(app, house, name, subject_type="public", **more)


@pytest.fixture
def shop(app, house):
    return public_vendor(app, house, "shop")


@pytest.fixture
def bank(app, house):
    return public_vendor(app, house, "bank")


def answered(person, vendor, *only, **changed):
    """What a vendor is told where the person ticks just this."""
    page = person.opens(vendor.link(["email"], **changed))
    return vendor.redeems(vendor.receives(person.allows(page, only=only))["code"]).json


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def sub_in(tokens):
    return claims_of(tokens["id_token"])["sub"]


def test_vendors_know_a_person_by_one_number_only_where_the_person_allowed_both(app, house, person, shop, bank):
    stranger = public_vendor(app, house, "stranger")
    pairwise = VendorActor(app, house, "pairwise")

    subs = [sub_in(answered(person, vendor, PUBLIC)) for vendor in (shop, bank)]
    others = [sub_in(answered(person, vendor)) for vendor in (stranger, pairwise)]

    assert subs[0] == subs[1]
    assert len({subs[0], *others}) == 3


@on_sqlite_alone
def test_it_is_asked_as_a_choice_that_nobody_ticked_beforehand(person, shop):
    page = person.opens(shop.link(["email"]))

    assert "The same number as elsewhere" in words(page)
    assert "unless you tick" in words(page)
    box = page.text.partition(f'value="{PUBLIC}"')[2].partition(">")[0]
    assert "checked" not in box


@on_sqlite_alone
def test_who_did_not_ask_for_it_can_not_be_given_it(person, vendor, house):
    page = person.opens(vendor.link(["email"]))
    before = rows(house, "grants")

    assert person.allows(page, only=[PUBLIC]).status_code == 400

    assert "elsewhere" not in words(page)
    assert rows(house, "grants") == before == []


@on_sqlite_alone
@pytest.mark.parametrize("place", ["claims", "scope"])
def test_no_request_can_ask_for_it_but_by_registration(person, vendor, place):
    asking = {
        "claims": {"claims": json.dumps({"userinfo": {PUBLIC: {"essential": True}}})},
        "scope": {"scope": f"openid {PUBLIC}"},
    }[place]

    assert "elsewhere" not in words(person.opens(vendor.link(**asking)))


@pytest.mark.parametrize("only", [(), (PUBLIC,)], ids=["refused", "allowed"])
def test_everything_the_vendor_is_told_says_the_same_sub(app, house, person, only):
    shop = public_vendor(
        app,
        house,
        "shop",
        backchannel_logout_uri="https://shop.example/logout",
        grant_types=["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"],
        scope="openid email",
    )
    tokens = answered(person, shop, "email", *only)
    renewed = shop.refreshes(tokens["refresh_token"]).json
    exchanged = shop.post(
        "/oauth/token",
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": renewed["access_token"],
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "scope": "openid",
        },
    ).json
    again = shop.redeems(sent_back(person.browser.get(shop.link(["email"])), shop)["code"]).json
    passed_on = shop.introspects(exchanged["access_token"])
    person.signs_out()

    subs = {
        sub_in(tokens),
        sub_in(renewed),
        sub_in(again),
        passed_on["sub"],
        rows(house, "outbox")[0]["detail"]["sub"],
    }
    assert len(subs) == 1


@on_sqlite_alone
def test_a_device_is_told_the_same_sub_as_others(app, house, person, shop):
    television = DeviceVendor(app, house, "television", subject_type="public")
    person.signs_in()
    television.begins()

    allows_device(person, television, only=["email", PUBLIC])

    assert sub_in(television.polls().json) == sub_in(answered(person, shop, PUBLIC))


@on_sqlite_alone
def test_the_number_can_be_expected(person, shop):
    tokens = answered(person, shop, PUBLIC)
    expected = {"claims": json.dumps({"id_token": {"sub": {"value": sub_in(tokens)}}}), "prompt": "none"}

    assert "code" in sent_back(person.browser.get(shop.link(**expected)), shop)
    expected["claims"] = json.dumps({"id_token": {"sub": {"value": "somebody"}}})
    assert sent_back(person.browser.get(shop.link(**expected)), shop)["error"] == "login_required"


@on_sqlite_alone
def test_userinfo_and_introspection_say_it_too(person, shop):
    tokens = answered(person, shop, PUBLIC)

    assert shop.reads(tokens["access_token"]).json == {"sub": sub_in(tokens)}
    assert shop.introspects(tokens["access_token"])["sub"] == sub_in(tokens)


def test_the_consent_token_still_proves_itself_by_the_relationship(person, shop):
    tokens = answered(person, shop, PUBLIC)
    said = claims_of(tokens["consent_token"])

    assert said["sub"] != sub_in(tokens)
    assert said["w:access"]["publicSubject"] is True
    assert sub_in(tokens) not in json.dumps(said)
    assert PUBLIC not in json.dumps(said)
    again = shop.asserts(tokens["consent_token"]).json
    assert shop.reads(again["access_token"]).json["sub"] == sub_in(tokens)


@pytest.mark.parametrize("first", [(), (PUBLIC,)], ids=["refused first", "allowed first"])
def test_another_answer_is_another_grant_and_no_token_ever_changes_its_sub(person, shop, first):
    second = () if first else (PUBLIC,)
    before = answered(person, shop, "email", *first)

    after = answered(person, shop, "email", *second, prompt="consent")

    assert sub_in(before) != sub_in(after)
    assert before["grant_id"] != after["grant_id"]
    assert refused(shop.refreshes(before["refresh_token"]), "invalid_grant")
    assert shop.reads(before["access_token"]).status_code == 401
    assert shop.reads(after["access_token"]).json["email"] == "ana@example.org"


@on_sqlite_alone
def test_the_same_answer_again_is_the_same_grant(person, shop):
    before = answered(person, shop, PUBLIC)
    after = answered(person, shop, PUBLIC, prompt="consent")

    assert before["grant_id"] == after["grant_id"]
    assert sub_in(before) == sub_in(after)
    assert sub_in(shop.refreshes(before["refresh_token"]).json) == sub_in(before)


@on_sqlite_alone
def test_a_vendor_that_no_longer_wants_it_is_asked_about_anew_and_gets_its_own(person, shop, house):
    before = answered(person, shop, PUBLIC)
    stored = house.database.read(registry.find, "shop")
    house.database.write(
        lambda db: registry.change(db, replace(stored, metadata={**stored.metadata, "subject_type": "pairwise"}))
    )

    page = person.opens(shop.link(["email"]))
    after = shop.redeems(shop.receives(person.allows(page))["code"]).json

    assert "elsewhere" not in words(page)
    assert sub_in(after) != sub_in(before)


@on_sqlite_alone
def test_a_persons_hint_from_before_still_names_them(person, shop):
    before = answered(person, shop)

    after = answered(person, shop, PUBLIC, prompt="consent", id_token_hint=before["id_token"])

    assert sub_in(after) != sub_in(before)


@on_sqlite_alone
def test_two_people_have_two_numbers(app, house, person, shop, moves_in):
    other = type(person)(app, house, moves_in("Ben"), password=person.password)

    assert sub_in(answered(person, shop, PUBLIC)) != sub_in(answered(other, shop, PUBLIC))


@on_sqlite_alone
def test_only_two_kinds_can_be_registered(app, house):
    given = {"redirect_uris": ["https://shop.example/back"], "subject_type": "global"}

    with nothing_changes(house), pytest.raises(InvalidClientMetadata):
        VendorActor(app, house, "shop", **given)
