"""Signing in and out through the real forms."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from storage import on_sqlite_alone

from consent import asks
from consent.model import NewAsk, Party
from wallet.app import create_app
from wallet.people.invitations import invite
from wallet.people.next_page import local_path
from wallet.people.sessions import IDLE_LIFETIME
from wallet.people.tables import people, sessions

PASSWORD = "correct horse battery"

ELSEWHERE = [
    *("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "//["),
    *("/\t/evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b", "/\x07", "/\u202e", " //evil.example"),
    *("javascript:alert(1)", "data", "evil.example", "http:/evil.example", "/data\\..", "/" + "x" * 5000),
]


def count(house, table, *where):
    return house.database.read(
        lambda db: db.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    )


def test_the_right_password_opens_the_house(browser, ana):
    answer = browser.signs_in()

    assert (answer.status_code, answer.location) == (303, "/data")
    assert browser.is_signed_in()


@pytest.mark.parametrize(
    ("login", "password"), [("ana", "wrong wrong wrong"), ("nobody", PASSWORD), ("\x07", "x" * 2000)]
)
def test_a_wrong_password_and_an_unknown_login_get_the_same_page(house, browser, ana, login, password):
    answer = browser.signs_in(login, password)

    assert answer.status_code == 403
    assert "This login and password do not belong together." in answer.text
    assert password not in answer.text
    assert not browser.is_signed_in()
    assert count(house, sessions) == 0


@pytest.mark.parametrize(("login", "password"), [("", ""), ("ana", ""), ("", PASSWORD)])
def test_an_empty_form_is_shown_again(house, browser, ana, login, password):
    assert browser.signs_in(login, password).status_code == 422
    assert count(house, sessions) == 0


def test_after_six_wrong_passwords_the_page_says_to_wait(browser, ana, clock):
    statuses = [browser.signs_in(password="wrong wrong wrong").status_code for _ in range(6)]

    assert statuses == [403] * 5 + [429]
    assert browser.signs_in().status_code == 429
    clock.now += 30
    assert browser.signs_in().status_code == 303


def test_the_own_browser_stays_known_after_signing_out(opens_browser, ana):
    own, strange = opens_browser(), opens_browser()
    own.signs_in()
    own.post("/sign-out", form_at="/data")
    for _ in range(6):
        strange.signs_in(password="wrong wrong wrong")

    assert strange.signs_in().status_code == 429
    assert own.signs_in().status_code == 303


@pytest.mark.parametrize("path", ["/data", "/data/email", "/data/email?next=/consent/x", "/data/new"])
def test_a_page_for_people_inside_leads_to_the_door_and_back(browser, ana, path):
    to_the_door = browser.get(path)

    assert to_the_door.status_code == 303
    assert to_the_door.location.startswith("/sign-in?next=")
    page = browser.get(to_the_door.location)
    hidden = re.findall(r'name="next" value="([^"]+)"', page.text)[-1]
    assert browser.signs_in(next=hidden).location == path


@on_sqlite_alone
@pytest.mark.parametrize("path", ELSEWHERE)
def test_signing_in_never_leads_out_of_the_house(browser, ana, path):
    assert local_path(path) is None
    assert browser.signs_in(next=path).location == "/data"


def test_next_may_be_any_page_of_the_house():
    for path in ("/", "/data", "/consent/x?a=b&c=//d", "/data/email?", "/data?q=ä%0A"):
        assert local_path(path) == path
    assert local_path(None) is None


def test_the_door_names_the_vendor_that_sent_this_browser_and_tells_no_other(house, opens_browser):
    own, strange = opens_browser(), opens_browser()
    for browser in (own, strange):
        browser.post("/sign-in", login="ana", password="wrong wrong wrong")
    with own.client.session_transaction() as cookie:
        secret = cookie["browser"]
    stadtwerke = Party(
        client_id="s", name="Stadtwerke <b>", host="s.example", verified=True, sector="s.example", policy_uri=None,
        contact=None, address=None, jurisdiction=None, storage_location=None, retention=None,
        recipients=(), language="en", notice="",
    )  # fmt: skip
    new = NewAsk(stadtwerke, (), "https://s.example/cb", {})
    ask = house.database.write(asks.keep, new, browser=secret, now=house.clock())

    pages = [browser.get(f"/sign-in?next=/consent/{ask.ask_id}").text for browser in (own, strange)]

    assert ["Stadtwerke &lt;b&gt;" in page for page in pages] == [True, False]
    assert own.get("/sign-in?next=/consent/unknown").status_code == 200


def test_the_form_without_its_token_opens_nothing(house, browser, ana):
    browser.get("/sign-in")

    answer = browser.client.post("/sign-in", data={"login": "ana", "password": PASSWORD})

    assert answer.status_code == 400
    assert count(house, sessions) == 0


def test_the_token_of_another_browser_opens_nothing(house, opens_browser, browser, ana):
    foreign = re.search(r'name="csrf_token" value="([^"]+)"', opens_browser().get("/sign-in").text)[1]
    browser.get("/sign-in")

    answer = browser.client.post("/sign-in", data={"login": "ana", "password": PASSWORD, "csrf_token": foreign})

    assert answer.status_code == 400
    assert count(house, sessions) == 0


def test_signing_in_begins_a_new_cookie_and_keeps_language_and_browser(browser, ana):
    browser.post("/language", form_at="/sign-in", language="de")
    browser.signs_in(password="wrong wrong wrong")
    with browser.client.session_transaction() as cookie:
        secret = cookie["browser"]
        cookie["planted"] = "by a stranger"
        cookie["csrf_token"] = "planted"

    browser.client.get("/sign-in")
    with browser.client.session_transaction() as cookie:
        cookie.pop("csrf_token")
    browser.signs_in()

    with browser.client.session_transaction() as cookie:
        assert set(cookie) >= {"session", "browser", "language"}
        assert "planted" not in cookie
        assert (cookie["browser"], cookie["language"]) == (secret, "de")


def test_the_form_of_before_is_worthless_after_signing_in(browser, ana):
    before = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)[1]
    browser.signs_in()

    assert browser.client.post("/sign-out", data={"csrf_token": before}).status_code == 400
    assert browser.is_signed_in()


def test_signing_in_again_ends_the_session_of_before(house, browser, ana):
    browser.signs_in("ana")

    browser.signs_in("ana")

    assert browser.is_signed_in()
    assert count(house, sessions, sessions.c.ended_at.is_(None)) == 1


def test_signing_out_ends_the_session_in_the_database_too(house, browser, ana):
    browser.signs_in()
    stolen = browser.client.get_cookie("wallet").value

    answer = browser.post("/sign-out", form_at="/data")

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not browser.is_signed_in()
    browser.client.set_cookie("wallet", stolen)
    assert not browser.is_signed_in()
    assert count(house, sessions, sessions.c.ended_at.is_(None)) == 0


def test_signing_out_here_leaves_the_other_browser_alone(opens_browser, ana):
    phone, laptop = opens_browser(), opens_browser()
    phone.signs_in()
    laptop.signs_in()

    phone.post("/sign-out", form_at="/data")

    assert not phone.is_signed_in()
    assert laptop.is_signed_in()


def test_a_get_neither_signs_out_nor_changes_the_language(browser, ana):
    browser.signs_in()

    assert [browser.get(path).status_code for path in ("/sign-out", "/language", "/data/email/unset")] == [
        200,
        405,
        405,
    ]
    assert browser.is_signed_in()


def test_an_idle_session_leads_to_the_door(browser, ana, clock):
    browser.signs_in()
    clock.now += IDLE_LIFETIME

    assert browser.get("/data").status_code == 303


def test_a_forged_cookie_opens_nothing(browser, ana):
    for forged in ("x", "eyJzZXNzaW9uIjoiYW5hIn0.x.x", ""):
        browser.client.set_cookie("wallet", forged)

        assert not browser.is_signed_in()


@on_sqlite_alone
@pytest.mark.parametrize("planted", [5, ["x"], {"a": "b"}, None, "x"])
def test_a_strange_session_in_the_cookie_opens_nothing(browser, ana, planted):
    with browser.client.session_transaction() as cookie:
        cookie["session"] = planted
        cookie["browser"] = planted

    assert not browser.is_signed_in()
    assert browser.signs_in().status_code == 303


@on_sqlite_alone
def test_an_ordinary_page_asks_once_who_is_there(house, browser, ana, statements):
    browser.signs_in()
    statements.clear()

    browser.get("/data")

    assert len([statement for statement in statements if "sessions" in statement]) == 1
    assert not [statement for statement in statements if statement.startswith(("UPDATE", "INSERT", "DELETE"))]


def test_the_chosen_language_is_kept_by_the_person(house, opens_browser, ana):
    first, second = opens_browser(), opens_browser()
    first.signs_in()

    answer = first.post("/language", form_at="/data", language="de", next="/data/email?")

    assert (answer.status_code, answer.location) == (303, "/data/email")
    second.signs_in()
    assert '<html lang="de">' in second.get("/data").text


@on_sqlite_alone
def test_who_signs_up_on_a_page_in_german_is_written_to_in_german(house, browser):
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"

    browser.post("/sign-up", login="mia", password=PASSWORD, password_again=PASSWORD)

    assert house.database.read(lambda db: db.execute(select(people.c.language)).scalars().all()) == ["de"]


def test_a_language_there_is_not_is_refused(browser, ana):
    assert browser.post("/language", form_at="/sign-in", language="tlh").status_code == 400


def test_a_new_person_is_signed_in_at_once(house, browser):
    fields = {"login": "Bob", "password": PASSWORD, "password_again": PASSWORD}

    answer = browser.post("/sign-up", **fields, next="/data/email")

    assert (answer.status_code, answer.location) == (303, "/data/email")
    assert browser.is_signed_in()


@on_sqlite_alone
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"login": "ANA"}, "This login is taken."),
        ({"login": ""}, "Choose a login."),
        ({"login": "a\u202eb"}, "characters that one can see"),
        ({"password": "short", "password_again": "short"}, "at least 12 characters"),
        ({"password_again": "another password"}, "The two passwords differ."),
        ({"password_again": ""}, "The two passwords differ."),
    ],
)
def test_a_sign_up_that_does_not_work_says_why(house, browser, ana, fields, sentence):
    answer = browser.post("/sign-up", **{"login": "bob", "password": PASSWORD, "password_again": PASSWORD, **fields})

    assert answer.status_code in {409, 422}
    assert sentence in answer.text
    assert PASSWORD not in answer.text
    assert count(house, people) == 1


@pytest.mark.parametrize(
    ("mode", "sentence"), [("closed", "Sign-up is closed here."), ("invite", "takes an invitation")]
)
def test_strangers_are_turned_away_with_a_sentence(house, opens_browser, mode, sentence):
    app = create_app(replace(house, settings=replace(house.settings, sign_up=mode)))

    answer = app.test_client().get("/sign-up")

    assert answer.status_code == 403
    assert sentence in answer.text


def test_the_link_of_an_invitation_lets_in_once(house, browser):
    app = create_app(replace(house, settings=replace(house.settings, sign_up="invite")))
    invitation = house.database.write(invite, now=house.clock())
    browser.client = app.test_client()
    fields = {"password": PASSWORD, "password_again": PASSWORD, "invitation": invitation}

    page = browser.get(f"/sign-up?invitation={invitation}")
    first = browser.post("/sign-up", form_at=f"/sign-up?invitation={invitation}", login="bob", **fields)
    second = browser.post("/sign-up", form_at="/data", login="eve", **fields)

    assert f'name="invitation" value="{invitation}"' in page.text
    assert (first.status_code, second.status_code) == (303, 403)
    assert count(house, people) == 1
