"""The page for a device's code: a link alone allows nothing, guessing is hopeless, and nobody is left in doubt."""

import re

import pytest
from actors import PersonActor
from devices import DeviceVendor, allows_device, types
from journeys import refused, tokens_for
from reading import controls, csrf_token, words, words_in
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people.throttle import FORGOTTEN_AFTER

PASSWORD = "correct horse battery"
NOT_FOUND = "No device is waiting with this code."


@pytest.fixture
def vendor(app, house):
    """On a device that shows its code."""
    vendor = DeviceVendor(app, house, "fernsehen", purposes={"email": "To send your bill"})
    vendor.begins()
    return vendor


@pytest.fixture
def ana_here(person):
    person.signs_in()
    return person


@pytest.fixture
def ben(app, house, moves_in):
    actor = PersonActor(app, house, moves_in("Ben"), password=PASSWORD)
    actor.has({"email": "ben@example.org"})
    actor.signs_in()
    return actor


def complete(vendor):
    return vendor.waiting["verification_uri_complete"].removeprefix("http://localhost")


# What is shown


@on_sqlite_alone
def test_the_consent_page_says_that_it_is_for_a_device_and_shows_the_very_code(ana_here, vendor):
    page = types(ana_here, vendor.shows)

    shown = words(page)
    assert "Fernsehen asks for your data" in shown
    assert "This is for a device, and it shows this code:" in shown
    assert words_in(page, "device-code") == [vendor.shows]
    assert "Did somebody send you the code or a link? Then refuse" in shown
    assert "ana@example.org" in shown
    assert "To send your bill" in shown
    assert [button["value"] for button in controls(page, name="answer")] == ["refuse", "allow"]


@on_sqlite_alone
def test_no_host_counts_as_verified_because_the_answer_goes_to_none(ana_here, vendor):
    shown = words(types(ana_here, vendor.shows))

    assert "not verified: the answer goes to a device, not to this address" in shown
    assert "address verified" not in shown


@on_sqlite_alone
def test_the_ordinary_consent_page_speaks_of_no_device(ana_here, vendor):
    page = ana_here.opens(vendor.link(["email"]))

    assert "device" not in words(page)
    assert "fernsehen.example address verified" in words(page)


@on_sqlite_alone
def test_the_answer_of_the_page_can_reach_no_other_address(ana_here, vendor):
    page = types(ana_here, vendor.shows)

    assert page.headers["Content-Security-Policy"].endswith("form-action 'self'")


@on_sqlite_alone
def test_afterwards_the_person_is_told_to_go_back_to_the_device(ana_here, vendor):
    allowed = allows_device(ana_here, vendor)
    vendor.begins()
    said_no = ana_here.refuses(types(ana_here, vendor.shows))

    assert "You can go back to your device now." in words(allowed)
    assert "Nothing leaves." in words(said_no)
    assert allowed.headers["Cache-Control"] == said_no.headers["Cache-Control"] == "no-store"


@on_sqlite_alone
def test_all_of_it_is_said_in_german(ana_here, vendor, house):
    ana_here.browser.post("/language", form_at="/device", language="de")
    form = words(ana_here.browser.get("/device"))
    wrong = words(types(ana_here, "BBBB-BBBB"))
    page = types(ana_here, vendor.shows)
    done = words(ana_here.allows(page, only=["email"]))
    vendor.polls()

    assert "Ein Gerät verbinden" in form
    assert "Geben Sie nie einen Code ein, den Ihnen jemand geschickt oder vorgelesen hat" in form
    assert "Kein Gerät wartet mit diesem Code." in wrong
    assert "Das ist für ein Gerät, und es zeigt diesen Code:" in words(page)
    assert "Sie können jetzt zum Gerät zurückgehen." in done
    told = words_in(ana_here.browser.get("/ledger"), "ledger-sentence")
    assert "Fernsehen hat den Zugang, den Sie erlaubt haben, auf einem Gerät abgeholt." in told


# Typing the code


@on_sqlite_alone
def test_what_is_wrong_with_a_code_is_said_in_the_title_and_beside_the_field(ana_here):
    page = types(ana_here, "BBBB-BBBB").text

    assert "<title>Please check: Connect a device" in page
    assert re.search(r'id="user_code-error">.*No device is waiting', page, re.S)
    assert 'aria-describedby="user_code-hint user_code-error"' in page


@on_sqlite_alone
@pytest.mark.parametrize(
    "spelled", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {' '.join(code)}. "]
)
def test_case_and_punctuation_make_no_difference(ana_here, vendor, spelled):
    page = types(ana_here, spelled(vendor.shows))

    assert words_in(page, "device-code") == [vendor.shows]


@on_sqlite_alone
def test_a_link_fills_the_form_in_and_does_nothing_else(ana_here, vendor, house):
    with nothing_changes(house):
        page = ana_here.browser.get(complete(vendor))

    assert page.status_code == 200
    assert controls(page, name="user_code")[0]["value"] == vendor.shows
    assert refused(vendor.polls(), "authorization_pending")


@on_sqlite_alone
def test_who_is_not_signed_in_signs_in_first_and_keeps_the_code(person, vendor, house):
    page = person.opens(complete(vendor))

    assert page.request.path == "/device"
    assert controls(page, name="user_code")[0]["value"] == vendor.shows


@on_sqlite_alone
def test_nobody_is_asked_without_a_session_or_the_forms_own_token(person, vendor, house):
    with nothing_changes(house):
        stranger = person.browser.client.post("/device", data={"user_code": vendor.shows})
    person.signs_in()
    with nothing_changes(house):
        forged = person.browser.client.post("/device", data={"user_code": vendor.shows})
        forged_too = person.browser.client.post("/device", data={"user_code": vendor.shows, "csrf_token": "x"})

    assert stranger.status_code == 400
    assert (forged.status_code, forged_too.status_code) == (400, 400)


@on_sqlite_alone
@pytest.mark.parametrize("code", ["", "BBBB-BBBB", "-", "BCD", "é" * 9000, "🦊", "<b>", "\ud800"])
def test_a_code_nobody_shows_leads_nowhere(ana_here, vendor, house, code):
    page = ana_here.browser.post("/device", user_code=code.encode(errors="surrogatepass"))

    assert page.status_code == 422
    assert NOT_FOUND in words(page)
    assert rows(house, "asks") == []


def test_the_code_counts_for_ten_minutes(ana_here, vendor, house, clock):
    clock.now += 600

    assert NOT_FOUND in words(types(ana_here, vendor.shows))
    assert rows(house, "asks") == []


def test_the_question_ends_with_the_code_and_then_nothing_is_granted(ana_here, vendor, house, clock):
    page = types(ana_here, vendor.shows)
    clock.now += 600

    late = ana_here.allows(page, only=["email"])

    assert late.status_code == 410
    assert rows(house, "grants") == []
    assert ana_here.log() == ["asked"]


def test_an_answered_code_is_over(ana_here, vendor, house):
    allows_device(ana_here, vendor)

    assert NOT_FOUND in words(types(ana_here, vendor.shows))


# Guessing


def test_five_wrong_codes_are_free_and_then_even_the_right_one_waits(ana_here, vendor, house, clock):
    guesses = [types(ana_here, guess).status_code for guess in ("BBBBBBBB",) * 5]

    with nothing_changes(house):
        too_many = types(ana_here, vendor.shows)
    clock.now += 30

    assert guesses == [422] * 5
    assert too_many.status_code == 429
    assert "Too many codes that were not right." in words(too_many)
    assert types(ana_here, vendor.shows).status_code == 200


@on_sqlite_alone
def test_codes_of_ones_own_buy_no_free_guesses(ana_here, vendor):
    for _ in range(4):
        types(ana_here, "BBBB-BBBB")
        vendor.begins()
        assert types(ana_here, vendor.shows).status_code == 200

    assert [types(ana_here, "BBBB-BBBB").status_code for _ in range(2)] == [422, 429]


@on_sqlite_alone
def test_right_codes_cost_nothing(ana_here, vendor):
    for _ in range(8):
        vendor.begins()
        assert types(ana_here, vendor.shows).status_code == 200


@on_sqlite_alone
def test_guesses_are_counted_by_person_whatever_the_browser_and_forgotten_in_a_day(
    app, house, ana, ana_here, ben, clock, vendor
):
    again = PersonActor(app, house, ana, password=PASSWORD)
    again.signs_in()
    for _ in range(5):
        types(ana_here, "BBBB-BBBB")

    assert types(again, "BBBB-BBBB").status_code == 429
    assert types(ben, "BBBB-BBBB").status_code == 422
    clock.now += FORGOTTEN_AFTER
    again.signs_in()
    assert types(again, "BBBB-BBBB").status_code == 422


@on_sqlite_alone
def test_wrong_codes_do_not_slow_the_sign_in_down(ana_here, vendor):
    for _ in range(6):
        types(ana_here, "BBBB-BBBB")
    ana_here.signs_out()

    assert ana_here.signs_in().status_code == 303


# One person, one browser, one answer


def test_whose_code_it_is_is_settled_by_who_types_it_first(ana_here, ben, vendor, house):
    page = types(ana_here, vendor.shows)

    assert NOT_FOUND in words(types(ben, vendor.shows))
    ana_here.allows(page, only=["email"])

    assert vendor.reads(vendor.polls().json["access_token"]).json["email"] == "ana@example.org"
    assert ben.log() == []


@on_sqlite_alone
def test_another_browser_can_not_answer_the_question(app, house, ana, ana_here, vendor):
    page = types(ana_here, vendor.shows)
    elsewhere = PersonActor(app, house, ana, password=PASSWORD)
    elsewhere.signs_in()

    with nothing_changes(house):
        assert elsewhere.browser.get(page.request.path).status_code == 403
        form = {"csrf_token": csrf_token(elsewhere.browser.get("/device")), "answer": "allow", "until": "2027-03-01"}
        assert elsewhere.browser.client.post(page.request.path, data=form).status_code == 403

    assert refused(vendor.polls(), "authorization_pending")


@on_sqlite_alone
def test_the_same_person_may_begin_again_in_another_browser_and_the_first_answer_counts(
    app, house, ana, ana_here, vendor
):
    page = types(ana_here, vendor.shows)
    elsewhere = PersonActor(app, house, ana, password=PASSWORD)
    elsewhere.signs_in()

    elsewhere.refuses(types(elsewhere, vendor.shows))
    late = ana_here.allows(page, only=["email"])

    assert late.status_code == 410
    assert refused(vendor.polls(), "access_denied")


@on_sqlite_alone
def test_an_answer_leaves_once(ana_here, vendor, house):
    done = allows_device(ana_here, vendor)

    with nothing_changes(house):
        again = ana_here.browser.get(done.request.full_path)

    assert again.status_code == 404


@on_sqlite_alone
def test_somebody_else_at_the_same_browser_can_not_deliver_the_answer(ana_here, ben, vendor, house, moves_in):
    page = types(ana_here, vendor.shows)
    form = {"csrf_token": csrf_token(page), "answer": "allow", "until": "2027-03-01", "attribute": "email"}
    answered = ana_here.browser.client.post(page.request.path, data=form)
    ana_here.signs_out()
    resume = answered.location

    led_back = ana_here.browser.get(resume)
    ana_here.browser.post("/sign-in", login="Ben", password=PASSWORD)
    by_ben = ana_here.browser.get(resume)

    assert led_back.status_code == 303
    assert led_back.location.startswith("/consent/")
    assert by_ben.status_code == 404
    assert refused(vendor.polls(), "authorization_pending")
    ana_here.signs_out()
    ana_here.signs_in()
    assert "You can go back to your device now." in words(ana_here.browser.follow(resume))
    assert vendor.polls().status_code == 200


@on_sqlite_alone
def test_an_earlier_answer_never_spares_the_page(ana_here, vendor):
    tokens_for(ana_here, vendor, ["email"])
    vendor.begins(["email"])
    allows_device(ana_here, vendor)
    vendor.begins(["email"])

    page = types(ana_here, vendor.shows)

    assert words_in(page, "device-code") == [vendor.shows]
    assert refused(vendor.polls(), "authorization_pending")


@on_sqlite_alone
def test_a_form_that_names_what_was_not_asked_gives_nothing(ana_here, vendor, house):
    page = types(ana_here, vendor.shows)

    with nothing_changes(house):
        assert ana_here.allows(page, only=["email", "phone_number"]).status_code == 400

    assert refused(vendor.polls(), "authorization_pending")
