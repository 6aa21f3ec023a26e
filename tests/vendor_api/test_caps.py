"""Asks beyond a cap are trimmed or refused before the person sees them; page, ledger and vendor hear of it."""

import json

import pytest
from actors import VendorActor
from click.testing import CliRunner
from journeys import refused, sent_back
from reading import controls, words
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.vendors import registry
from wallet.cli import main

DETAIL = "urn:hausrecht:consent"
DAY = 24 * 3600
MARKETING, AGE = "dpv:Marketing", "dpv:AgeVerification"


@pytest.fixture
def shop(app, house):
    return VendorActor(app, house, "shop")


def detail(*attributes, purpose_type=MARKETING, **more):
    return {
        "type": DETAIL,
        "attributes": list(attributes),
        "purpose": "To tell you of offers",
        "purpose_type": purpose_type,
        **more,
    }


def asks(*details, **changed):
    return {"authorization_details": json.dumps(details), **changed}


def test_what_goes_beyond_is_trimmed_before_the_person_sees_it(person, shop, house):
    page = person.opens(shop.link(**asks(detail("email", "birthdate"))))

    tokens = shop.redeems(shop.receives(person.allows(page, only=["email"]))["code"]).json

    assert controls(page, name="attribute", value="email")
    assert not controls(page, name="attribute", value="birthdate")
    assert "It also asked for Date of birth. For that purpose it may not" in words(page)
    assert "For E-mail address it asked without limits" in words(page)
    assert "at most 4 times in 30 days" in words(page)
    [granted] = tokens["authorization_details"]
    assert granted["attributes"] == ["email"]
    assert granted["limits"]["frequency"] == {"value": 4, "unit": "month"}
    assert granted["until"] <= house.clock() + 180 * DAY
    asked = person.ledger()[0]
    assert (asked.action, asked.detail["left_out"], asked.detail["trimmed"]) == ("asked", ["birthdate"], ["email"])
    ledger = words(person.browser.get("/ledger"))
    assert "Shop asked for E-mail address. It wanted more than rules here allow: Date of birth and E-mail" in ledger


@on_sqlite_alone
def test_reads_are_held_to_the_cap(person, shop):
    page = person.opens(shop.link(**asks(detail("birthdate", purpose_type=AGE))))
    tokens = shop.redeems(shop.receives(person.allows(page, only=["birthdate"]))["code"]).json

    assert shop.reads(tokens["access_token"]).json["birthdate"] == "1990-12-24"
    assert refused(shop.reads(tokens["access_token"]), "already_fetched", status=403)


@on_sqlite_alone
def test_a_trimmed_answer_covers_the_same_ask(person, shop):
    person.allows(person.opens(shop.link(**asks(detail("email", "birthdate")))), only=["email"])

    assert "code" in sent_back(person.browser.get(shop.link(**asks(detail("email", "birthdate"), prompt="none"))), shop)


@on_sqlite_alone
def test_a_day_later_than_the_cap_is_refused(person, shop, house):
    page = person.opens(shop.link(**asks(detail("email"))))

    answer = person.allows(page, only=["email"], until="2028-01-01")

    assert answer.status_code == 400
    assert "granted" not in person.log()


@pytest.mark.parametrize("prompt", [{}, {"prompt": "none"}])
@on_sqlite_alone
def test_an_ask_that_needs_what_it_may_not_ask_reaches_nobody(person, shop, house, prompt):
    person.signs_in()
    link = shop.link(**asks(detail("email"), detail("iban", purpose_type="dpv:SellDataToThirdParties", essential=True)))

    with nothing_changes(house):
        answer = sent_back(person.browser.get(link), shop)

    assert answer["error"] == "access_denied"
    assert "iban for dpv:SellDataToThirdParties" in answer["error_description"]


@on_sqlite_alone
def test_a_pushed_request_is_told_at_once(shop, house):
    form = {
        "response_type": "code",
        "redirect_uri": shop.redirect_uri,
        "scope": "openid",
        "nonce": "n",
        **asks(detail("iban", essential=True)),
    }
    with nothing_changes(house):
        assert refused(shop.post("/oauth/par", form), "access_denied", status=403)


@on_sqlite_alone
def test_what_is_left_out_is_in_no_token_even_if_it_was_granted_for_another_purpose(person, shop):
    person.allows(person.opens(shop.link(["birthdate"])), only=["birthdate"])
    page = person.opens(shop.link(**asks(detail("email", "birthdate"))))

    tokens = shop.redeems(shop.receives(person.allows(page, only=["email"]))["code"]).json

    assert shop.reads(tokens["access_token"]).json.keys() == {"sub", "email", "email_verified"}


def test_the_operator_caps_one_vendor(person, shop, app, house):
    other = VendorActor(app, house, "other")
    given = [
        {"purpose": "*", "data": "pd:Contact", "allowed": False},
        {"purpose": "*", "mode": "view", "fetch": "once"},
    ]

    assert house.database.write(registry.cap, "shop", given)
    page = person.opens(shop.link(["email", "given_name"]))

    assert not controls(page, name="attribute", value="email")
    assert "promises to keep no copy" in words(page)
    assert "Beyond the rules here" not in words(person.opens(other.link(["email"])))
    assert house.database.write(registry.cap, "shop", None)
    assert controls(person.opens(shop.link(["email"])), name="attribute", value="email")


@on_sqlite_alone
def test_registering_anew_does_not_take_caps_away(shop, house, app):
    house.database.write(registry.cap, "shop", [{"purpose": "*", "fetch": "once"}])

    found = house.database.read(registry.find, "shop")
    house.database.write(registry.change, found)

    assert house.database.read(registry.find, "shop").caps == found.caps != ()


@on_sqlite_alone
def test_the_command_shows_sets_and_takes_caps_away(shop, house, tmp_path, monkeypatch):
    monkeypatch.setattr("wallet.commands.vendors.open_here", lambda: house)
    row = {"purpose": MARKETING, "data": "*", "allowed": False}
    run = CliRunner().invoke

    assert json.loads(run(main, ["vendor", "caps", "shop", "-"], input=json.dumps([row])).output) == [row]
    assert json.loads(run(main, ["vendor", "caps", "shop"]).output) == [row]
    wrong = run(main, ["vendor", "caps", "shop", "-"], input='[{"purpose": "dpv:World"}]')
    assert (wrong.exit_code, "purpose must be" in wrong.output) == (1, True)
    assert run(main, ["vendor", "caps", "nobody"]).exit_code == 1
    assert json.loads(run(main, ["vendor", "caps", "shop", "--none"]).output) == []
    assert rows(house, "vendors")[0]["caps"] is None
