"""The whole way in a real browser: move in, be asked, choose, be read, look it up, stop."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VALUES = {"given_name": "Ana", "email": "ana@example.org", "address.locality": "Berlin", "birthdate": "1990-12-24"}
SHAPES = {
    "english-wide-light": {"locale": "en-GB"},
    "english-phone-dark-without-scripts": {"locale": "en-US", "phone": True, "dark": True, "scripts": False},
    "german-phone-light": {"locale": "de-DE", "phone": True},
    "german-wide-dark": {"locale": "de-DE", "dark": True},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shop_reads_what_was_ticked_until_the_person_stops_it(begins, town, shape):
    walk = begins(town, f"ana-{shape}"[:30], **SHAPES[shape])
    moves_in(walk)

    gives_away_some(walk)
    looks_it_up(walk)
    stops_it(walk)

    assert walk.happened() == ["asked", "granted", "redeemed", "read", "redeemed", "read", "revoked", "failed"]


def moves_in(walk):
    walk.signs_up()
    walk.at("empty-wallet")
    for name, value in VALUES.items():
        walk.enters(name, value)
    walk.open(f"{walk.town.wallet}/data")
    walk.at("my-data")
    walk.open(f"{walk.town.wallet}/data/email")
    walk.at("one-value")
    walk.open(f"{walk.town.wallet}/data/new")
    walk.at("something-of-your-own")
    walk.open(f"{walk.town.wallet}/vendors")
    walk.at("no-vendors")
    walk.open(f"{walk.town.wallet}/ledger")
    walk.at("empty-ledger")
    walk.signs_out()
    walk.at("signed-out")


def gives_away_some(walk):
    walk.open(walk.town.shop)
    walk.at("shop")
    walk.goes('a[href="/sign-in"]')
    walk.at("sign-in")
    walk.signs_in()
    walk.at("consent")
    assert walk.page.locator("[name=attribute]:checked").count() == 0
    assert walk.page.locator("[name=attribute]:not([value^='contact:'])").count() == 3
    assert walk.page.locator("[name=attribute][value^='contact:']").count() == 2
    walk.ticks("email")
    walk.at("consent-ticked")
    walk.answers("allow")
    walk.page.wait_for_url(f"{walk.town.shop}/account")
    walk.at("shop-account")
    assert walk.shop_shows() == {"given_name": "Ana", "email": "ana@example.org"}
    assert walk.shop_misses() == {"address.postal_code", "address.locality", "electricity.kwh_year", "birthdate"}
    walk.goes('form[action="/redeem"] button')
    assert walk.shop_shows() == {"given_name": "Ana", "email": "ana@example.org"}


def looks_it_up(walk):
    assert walk.happened() == ["asked", "granted", "redeemed", "read", "redeemed", "read"]
    walk.at("ledger")
    walk.open(f"{walk.town.wallet}/vendors")
    walk.at("vendors")
    walk.goes(".card a")
    walk.at("vendor")


def stops_it(walk):
    walk.goes('form[action$="/revoke"] button')
    walk.at("vendor-stopped")
    walk.open(f"{walk.town.wallet}/vendors")
    walk.at("vendors-ended")
    walk.open(f"{walk.town.shop}/privacy")
    walk.at("shop-privacy")
    answer = walk.page.goto(f"{walk.town.shop}/account")
    walk.at("shop-refused")
    assert answer.status == 403
    assert walk.page.locator('[data-message="refused"]').count() == 1
    assert "ana@example.org" not in walk.page.content()


def test_the_first_person_moves_in_by_the_link_that_serve_prints(begins, town_by_invitation):
    walk = begins(town_by_invitation, "ana")
    [link] = re.findall(r"http\S+/sign-up\?invitation=\S+", town_by_invitation.said.read_text())

    walk.signs_up(link)

    assert walk.page.url == f"{town_by_invitation.wallet}/recovery?welcome=1"
    assert town_by_invitation.command("person", "list").split() == ["ana"]


def test_who_refuses_comes_back_to_a_shop_that_knows_nothing(begins, town):
    walk = begins(town, "refuser")
    walk.signs_up()
    walk.enters("given_name", "Ana")

    walk.asks_at_the_shop()
    walk.answers("refuse")
    walk.page.wait_for_url(f"{town.shop}/back?*")
    walk.at("shop-denied")

    assert walk.page.locator('[data-message="denied"]').count() == 1
    assert walk.happened() == ["asked", "refused"]


def test_who_answered_before_only_signs_in_and_is_at_the_shop(begins, town):
    walk = begins(town, "regular")
    walk.signs_up()
    walk.enters("given_name", "Ana")
    walk.asks_at_the_shop()
    walk.answers("allow")
    walk.page.wait_for_url(f"{town.shop}/account")
    walk.goes('form[action="/sign-out"] button')
    walk.signs_out()

    walk.asks_at_the_shop()
    walk.signs_in()
    walk.page.wait_for_url(f"{town.shop}/account")

    assert walk.shop_shows() == {"given_name": "Ana"}


def test_a_vendor_may_lead_on_to_another_host_of_its_own(begins, town, leading_vendor):
    walk = begins(town, "traveller")
    walk.signs_up()

    walk.open(leading_vendor.link)
    walk.answers("allow")
    walk.page.wait_for_url(leading_vendor.ends_at)
    walk.signs_out()
    walk.open(leading_vendor.link)
    walk.signs_in()
    walk.page.wait_for_url(leading_vendor.ends_at)

    assert walk.happened() == ["asked", "granted", "signed_in"]


def test_what_is_needed_and_missing_can_be_added_on_the_way(begins, town):
    walk = begins(town, "newcomer", phone=True)
    walk.signs_up()

    walk.asks_at_the_shop()
    walk.at("consent-incomplete")
    assert walk.page.locator("[name=answer][value=allow]").count() == 0
    walk.goes('a[href*="/data/given_name"]')
    walk.page.fill("main [name=value]", "Ana")
    walk.goes("main form.fields button")
    walk.answers("allow")
    walk.page.wait_for_url(f"{town.shop}/account")

    assert walk.shop_shows() == {"given_name": "Ana"}


def test_not_you_lets_somebody_else_answer_the_same_question(begins, town):
    walk = begins(town, "flatmate")
    walk.signs_up()
    walk.enters("given_name", "Ben")
    walk.signs_out()
    somebody = begins(town, "somebody")
    somebody.signs_up()
    walk.login = "somebody"
    walk.asks_at_the_shop()
    walk.signs_in()

    walk.goes(".whoami a.quiet")
    walk.at("not-you")
    walk.goes('main a[href^="/sign-in"]')
    walk.login = "flatmate"
    walk.signs_in()
    walk.answers("allow")
    walk.page.wait_for_url(f"{town.shop}/account")

    assert walk.shop_shows() == {"given_name": "Ben"}


def test_the_language_can_be_changed_while_one_is_asked(begins, town):
    walk = begins(town, "polyglot")
    walk.signs_up()
    walk.enters("given_name", "Ana")
    walk.asks_at_the_shop()

    walk.goes('[name=language][value="de"]')
    walk.at("consent-in-german")

    assert walk.page.locator("html").get_attribute("lang") == "de"
    walk.answers("allow")
    walk.page.wait_for_url(f"{town.shop}/account")
