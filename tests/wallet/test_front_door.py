"""How one comes in: by the wallet's bare address, and through a vendor's question, which is not lost on the way."""

import time

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def form_action(response):
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    return policy["form-action"].split()


def test_the_bare_address_of_the_wallet_leads_to_the_sign_in(person):
    page = person.browser.follow("/")

    assert page.request.path == "/sign-in"


def test_the_bare_address_of_the_wallet_leads_who_is_signed_in_to_their_data(person):
    person.signs_in()

    assert person.browser.follow("/").request.path == "/data"


def test_not_you_keeps_the_question_for_whoever_signs_in_next(person, vendor):
    question = person.opens(vendor.link(asking=["email"])).request.path

    answer = person.browser.post("/sign-out", form_at=question, next=f"{question}?")

    assert person.browser.get(answer.location).text.count("Stadtwerke") == 1
    back = person.browser.post(answer.location, login=person.person.login, password=person.password)
    assert back.location.rstrip("?") == question


def test_only_pages_with_a_question_let_their_form_lead_to_a_vendor(person, vendor):
    plain = person.browser.get("/sign-in")
    asked = person.browser.follow(vendor.link(asking=["email"]))
    question = person.opens(vendor.link(asking=["email"]))

    assert form_action(plain) == ["'self'"]
    assert asked.request.path == "/sign-in"
    assert form_action(asked) == form_action(question) == ["'self'", "https:"]
    assert form_action(person.browser.get("/data")) == ["'self'"]


def test_a_cookie_is_worth_nothing_once_it_is_a_year_old_however_often_it_was_read(app, browser, ana, monkeypatch):
    a_year_later = time.time() + 366 * 24 * 3600
    browser.signs_in()
    header = f"wallet={browser.client.get_cookie('wallet').value}"
    first = app.session_interface.peek(app, header)

    again = app.session_interface.peek(app, header)
    monkeypatch.setattr("wallet.cookies.time", lambda: a_year_later)
    too_late = app.session_interface.peek(app, header)

    assert "session" in first
    assert again == first
    assert too_late == {}


def test_a_cookie_that_is_altered_is_worth_nothing(app, browser, ana):
    browser.signs_in()
    value = browser.client.get_cookie("wallet").value
    app.session_interface.peek(app, f"wallet={value}")

    for altered in (value[:-1], value[1:], f"x{value}", value.replace(".", "", 1), ""):
        assert app.session_interface.peek(app, f"wallet={altered}") == {}
