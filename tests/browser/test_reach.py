"""What stands on a page can be reached: with a finger, with the keyboard, and by somebody who only listens.

And whoever is away from the page is reached by a notice in the browser.
"""

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from mailing import PARCEL

from wallet.channels.web_push import notice
from wallet.demo.stage import ours

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TERMS = "https://shop.example/terms"
DETAIL = {
    "type": "urn:hausrecht:consent",
    "attributes": ["email"],
    "terms": {"uri": TERMS, "digest": "sha-256:" + "9f" * 32},
}
ROOMS = (
    *("/data", "/inbox", "/inbox/write", "/inbox/note", "/vendors", "/ledger", "/wallet", "/contact", "/channels"),
    *("/triggers", "/triggers/new", "/intents", "/intents/new", "/feedback", "/feedback/new", "/reviews"),
    *("/reputation", "/appointments", "/feeds", "/feeds/topics", "/statistics", "/console/sign-in"),
)
# What somebody who listens, or has the keyboard alone, would miss on a page.
MISSING = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isSaid = (e) => e.getAttribute("aria-hidden") || called(e) || e.closest("[role=img]");
  const called = (e) => e.labels?.length || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby");
  const levels = all("h1, h2, h3, h4").filter((e) => e.checkVisibility()).map((e) => Number(e.tagName[1]));
  const ids = all("[id]").map((e) => e.id);
  const meant = all("[aria-describedby], [aria-labelledby]").flatMap((e) =>
    ["aria-describedby", "aria-labelledby"].flatMap((name) => (e.getAttribute(name) || "").split(" ")));
  const first = document.querySelector("a[href]");
  const found = {
    "a first heading, and one alone": all("h1").length === 1,
    "no level of headings left out": levels.every((level, n) => n === 0 || level <= levels[n - 1] + 1),
    "a main part, a head and a foot": all("main").length === 1 && all("header").length > 0 && all("footer").length > 0,
    "a way to skip to the main part": first.hash === "#content" && document.querySelector("main#content") !== null,
    "a name for each field": all("input:not([type=hidden]), select, textarea").every(called),
    "words on each button and link": all("button, a[href]").every((e) => e.textContent.trim() || called(e)),
    "ids that are given once": new Set(ids).size === ids.length,
    "what an id refers to": meant.filter(Boolean).every((id) => ids.includes(id)),
    "a caption for each table": all("table").every((e) => e.caption && e.querySelector("th")),
    "words for each drawing": all("svg").every(isSaid),
    "rooms in one line": all("body:not(.console) .nav").every((e) => e.clientHeight < 60),
    "no wider than the screen": document.documentElement.scrollWidth <= document.documentElement.clientWidth,
  };
  return Object.keys(found).filter((what) => !found[what]);
}"""

KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
SHOWN = """async () => {
  const worker = await navigator.serviceWorker.getRegistration("/static/");
  return (await worker.getNotifications()).map(({ title, body }) => [title, body]);
}"""
# No browser lets a script press a notice, or open a window when none was pressed.
PRESSED = """async () => {
  let opened;
  self.clients.openWindow = async (url) => { opened = url; };
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  return opened;
}"""


@pytest.fixture
def shop(town):
    metadata = {"client_name": "Shop", "redirect_uris": ["https://shop.example/back"]}
    client = json.loads(ours("wallet", "vendor", "add", "-", environment=town.environment, given=json.dumps(metadata)))
    return client["client_id"]


@pytest.fixture
def link(town, shop):
    """Where a vendor with terms sends people."""
    query = {
        "client_id": shop,
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


def test_a_photo_that_is_too_large_is_said_before_it_is_sent_and_no_word_is_lost(begins, town, shop):
    walk = begins(town, "ana-photo", phone=True)
    walk.signs_up()
    page = walk.open(f"{town.wallet}/feedback/new?vendor={shop}")
    page.check("[name=kind][value=wish]")
    page.fill("[name=text]", "A long letter.")

    photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 6_000_000}
    page.set_input_files("[name=files]", photo)
    page.click("form.telling button")

    assert "256 kB" in page.locator("[name=files]").evaluate("e => e.validationMessage")
    assert page.url.endswith(f"/feedback/new?vendor={shop}")
    assert page.input_value("[name=text]") == "A long letter."
    page.set_input_files("[name=files]", {**photo, "buffer": b"\xff\xd8\xff small"})
    assert page.locator("form.telling").evaluate("form => form.checkValidity()")


def test_no_room_leaves_out_who_listens_or_has_the_keyboard_alone(begins, town, shop):
    walk = begins(town, "ana-rooms", phone=True, dark=True, locale="de-DE")
    walk.signs_up()
    rooms = (*ROOMS, f"/feedback/new?vendor={shop}", f"/reviews/of/{shop}")

    assert {room: walk.open(town.wallet + room).evaluate(MISSING) for room in rooms} == {room: [] for room in rooms}


def pushed(walk, plain):
    """What our worker is handed once the browser has unsealed it."""
    cdp, found = walk.page.context.new_cdp_session(walk.page), []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    cdp.send("ServiceWorker.enable")
    while not found:
        walk.page.wait_for_timeout(50)
    where = {"origin": walk.town.wallet, "registrationId": found[-1]["registrationId"]}
    cdp.send("ServiceWorker.deliverPushMessage", {**where, "data": plain.decode()})


def test_a_notice_says_who_and_about_what_leads_to_the_thread_and_ends_when_it_is_removed(begins, town, shop):
    walk = begins(town, "ana-notices", phone=True)
    walk.signs_up()
    page = walk.open(f"{town.wallet}/feedback/new?vendor={shop}")
    page.check("[name=kind][value=wish]")
    page.fill("[name=text]", "A bill by e-mail.")
    walk.goes("form.telling button")
    thread = page.url.replace("/feedback/", "/inbox/")

    page.context.grant_permissions(["notifications"], origin=town.wallet)
    walk.open(f"{town.wallet}/channels")
    page.click("form[data-push-key] button")
    page.wait_for_selector("[data-push-failed]:not([hidden])")
    assert "Push API in incognito" in walk.complaints.pop()  # this browser has the worker, and no service of its maker

    pushed(walk, notice(replace(PARCEL, thread_link=thread)))
    for _ in range(200):
        if page.evaluate(SHOWN):
            break
        page.wait_for_timeout(50)
    assert page.evaluate(SHOWN) == [[PARCEL.vendor_name, PARCEL.topic_name]]
    [worker] = page.context.service_workers
    assert worker.evaluate(PRESSED) == thread
    assert page.evaluate(SHOWN) == []
    assert "A bill by e-mail." in walk.open(thread).inner_text("main")

    walk.open(f"{town.wallet}/channels")
    with page.expect_navigation():
        page.evaluate(
            """(given) => {
              const form = document.querySelector("form[data-push-key]");
              for (const [name, value] of Object.entries(given)) form.elements[name].value = value;
              form.submit();
            }""",
            {"endpoint": "https://push.example/1", **KEYS},
        )
    assert "push.example" in page.inner_text("main")
    walk.goes("form[action$='/remove'] button")
    assert "push.example" not in page.inner_text("main")
