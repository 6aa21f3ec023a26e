"""What stands on a page can be reached: with a finger, with the keyboard, and by somebody who only listens."""

import json
from urllib.parse import urlencode

import pytest

from wallet.demo.stage import ours

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TERMS = "https://shop.example/terms"
DETAIL = {
    "type": "urn:hausrecht:consent",
    "attributes": ["email"],
    "terms": {"uri": TERMS, "digest": "sha-256:" + "9f" * 32},
}


@pytest.fixture
def link(town):
    """Where a vendor with terms sends people."""
    metadata = {"client_name": "Shop", "redirect_uris": ["https://shop.example/back"]}
    client = json.loads(ours("wallet", "vendor", "add", "-", environment=town.environment, given=json.dumps(metadata)))
    query = {
        "client_id": client["client_id"],
        "redirect_uri": "https://shop.example/back",
        "response_type": "code",
        "scope": "openid",
        "nonce": "n",
        "authorization_details": json.dumps([DETAIL]),
    }
    return f"{town.wallet}/oauth/authorize?{urlencode(query)}"


def test_the_terms_of_a_choice_open_without_ticking_it_and_show_where_the_keyboard_is(begins, town, link):
    walk = begins(town, "ana-terms", phone=True)
    walk.signs_up()
    walk.enters("email", "ana@example.org")
    page = walk.open(link)
    terms = page.locator(f'a[href="{TERMS}"]')

    page.focus("[name=attribute]")
    page.keyboard.press("Tab")
    assert terms.evaluate("link => link === document.activeElement")
    assert terms.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"

    page.context.route(TERMS, lambda route: route.fulfill(body="The terms."))
    with page.context.expect_page() as opened:
        terms.click()
    assert opened.value.url == TERMS
    assert not page.is_checked("[name=attribute]")


def test_who_sends_a_form_that_is_wrong_is_led_to_the_first_field_to_mend(begins, town):
    walk = begins(town, "ana-wrong")
    page = walk.open(f"{town.wallet}/sign-up")
    page.fill("[name=login]", "ana-wrong")
    page.fill("[name=password]", "a long walk by the sea")
    page.fill("[name=password_again]", "a long walk by the lake")
    walk.goes("main form button")

    assert page.title() == "Please check: Create your wallet – Hausrecht"
    assert page.evaluate("document.activeElement.name") == "password_again"
    assert page.locator("[name=password_again]").get_attribute("aria-describedby") == "password_again-error"
