"""Vendors that ask by themselves: only the person named sees and answers it, on the page, and can send it all away."""

import pytest
from accounts import adds_persona
from actors import PersonActor, VendorActor
from calling import CallingVendor, allows_call, forms, looks
from journeys import at_once, refused, tokens_for
from reading import controls, csrf_token, words, words_in
from storage import nothing_changes, on_sqlite_alone, rows

PASSWORD = "correct horse battery"


@pytest.fixture
def vendor(app, house):
    return CallingVendor(app, house, "stadtwerke", purposes={"email": "To send your bill"})


@pytest.fixture
def met(person, vendor):
    vendor.meets(person)
    return person


@pytest.fixture
def ben(app, house, moves_in):
    actor = PersonActor(app, house, moves_in("Ben"), password=PASSWORD)
    actor.has({"email": "ben@example.org"})
    actor.signs_in()
    return actor


def grant_of(house):
    return rows(house, "grants")[0]["grant_id"]


# Whose answer it is


def test_a_persona_is_asked_and_answers_also_while_another_is_shown(met, vendor):
    at_work = adds_persona(met, "At work", {"email": "a.mueller@firma.example"})
    vendor.calls()

    page = looks(met)
    forged = {"csrf_token": csrf_token(page), "until": controls(page, name="until")[0]["value"], "persona": at_work}
    sent = met.browser.client.post(page.request.path, data={**forged, "answer": "allow", "attribute": "email"})
    met.browser.follow(sent.location)

    tokens = vendor.polls().json
    assert "Answer as Me" in words(page)
    assert "a.mueller@firma.example" not in words(page)
    read = vendor.reads(tokens["access_token"]).json
    assert (read["sub"], read["email"]) == (vendor.sub, "ana@example.org")


# What is shown


@on_sqlite_alone
def test_the_pages_one_looks_at_say_that_somebody_waits_and_only_then(met, vendor, clock):
    before = words(met.browser.get("/data"))
    vendor.calls()
    vendor.calls()

    shown = [words(met.browser.get(path)) for path in ("/data", "/vendors")]
    clock.now += 600

    assert "waits for your answer" not in before
    assert all("Vendors ask you 2 things and wait for your answers. See who asks" in page for page in shown)
    assert "wait for your answer" not in words(met.browser.get("/data"))


@on_sqlite_alone
def test_the_list_shows_who_asks_with_which_words_and_until_when(met, vendor):
    vendor.calls(binding_message="Bill 4711, Müller & Co.")

    page = met.browser.get("/requests")

    assert "Stadtwerke stadtwerke.example address verified" in words(page)
    assert words_in(page, "binding-message") == ["Bill 4711, Müller & Co."]
    assert "It waits until" in words(page)


@on_sqlite_alone
def test_the_question_is_the_ordinary_page_with_the_words_and_when_to_refuse(met, vendor):
    vendor.calls(["email", "birthdate"], binding_message="Bill 4711")

    page = looks(met)

    shown = words(page)
    assert "Stadtwerke asks for your data" in shown
    assert "stadtwerke.example address verified" in shown
    assert words_in(page, "binding-message") == ["Bill 4711"]
    assert "You did not expect this? Then refuse" in shown
    assert "1990" in shown
    assert [button["value"] for button in controls(page, name="answer")] == ["refuse", "allow"]
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self'")


@on_sqlite_alone
def test_a_vendor_with_an_app_is_not_called_verified(app, house, person):
    vendor = CallingVendor(app, house, "app", redirect_uris=["https://app.example/back", "com.example.app:/back"])
    vendor.meets(person)
    vendor.calls()

    listed, page = words(person.browser.get("/requests")), words(looks(person))

    assert "not verified" in listed
    assert "not verified" in page
    assert "address verified" not in listed + page


@on_sqlite_alone
def test_the_ordinary_question_speaks_of_no_asking_by_itself(met, vendor):
    assert "by itself" not in words(met.opens(vendor.link(["birthdate"])))


def test_an_earlier_answer_never_spares_the_page(met, vendor):
    vendor.calls(["email"])
    allows_call(met)
    vendor.polls()
    vendor.calls(["email"])

    page = looks(met)

    assert "Stadtwerke asks for your data" in words(page)
    assert refused(vendor.polls(), "authorization_pending")


@on_sqlite_alone
def test_afterwards_the_person_is_told_that_the_answer_went_back(met, vendor):
    vendor.calls()
    allowed = allows_call(met)
    vendor.calls()
    said_no = met.refuses(looks(met))

    assert "Your answer went back to Stadtwerke ." in words(allowed)
    assert "Nothing leaves." in words(said_no)
    assert allowed.headers["Cache-Control"] == said_no.headers["Cache-Control"] == "no-store"


@on_sqlite_alone
def test_all_of_it_is_said_in_german(met, vendor, house):
    met.browser.post("/language", form_at="/data", language="de")
    vendor.calls(binding_message="Rechnung 4711")

    shown = words(met.browser.get("/data")) + words(met.browser.get("/requests")) + words(looks(met))
    done = words(allows_call(met))
    vendor.polls()

    assert "Ein Anbieter fragt Sie etwas und wartet auf Ihre Antwort." in shown
    assert "Warten auf Ihre Antwort" in shown
    assert "fragt Sie von sich aus, mit diesen Worten:" in shown
    assert "Ihre Antwort ist an" in done
    told = words_in(met.browser.get("/ledger"), "ledger-sentence")
    assert "Stadtwerke hat den Zugang, den Sie auf seine Frage hier erlaubt haben, abgeholt." in told


# Only the person named, once


def test_nobody_else_sees_or_answers_it(met, ben, vendor, house):
    vendor.calls()
    [where] = forms(met.browser.get("/requests"))

    with nothing_changes(house):
        assert "Nobody waits for you" in words(ben.browser.get("/requests"))
        assert "waits for your answer" not in words(ben.browser.get("/data"))
        assert ben.browser.post(where, form_at="/data").status_code == 404

    assert refused(vendor.polls(), "authorization_pending")


@on_sqlite_alone
def test_who_signs_in_at_the_same_browser_can_not_answer_for_the_one_named(met, ben, vendor, house):
    vendor.calls()
    page = looks(met)
    met.signs_out()
    met.browser.post("/sign-in", login="Ben", password=PASSWORD)
    form = {"csrf_token": csrf_token(met.browser.get("/data")), "answer": "allow", "until": "2027-03-01"}

    with nothing_changes(house):
        assert met.browser.get(page.request.path).status_code == 404
        assert met.browser.client.post(page.request.path, data=form).status_code == 404

    assert refused(vendor.polls(), "authorization_pending")


@on_sqlite_alone
def test_nothing_begins_by_a_link_or_without_the_forms_own_token(met, vendor, house, opens_browser):
    vendor.calls()
    [where] = forms(met.browser.get("/requests"))

    with nothing_changes(house):
        by_link = met.browser.get(where)
        forged = met.browser.client.post(where)
        stranger = opens_browser().client.post(where)
        unknown = met.browser.post("/requests/x", form_at="/data")

    assert [answer.status_code for answer in (by_link, forged, stranger, unknown)] == [405, 400, 400, 404]


@on_sqlite_alone
def test_who_is_not_signed_in_signs_in_first(person, vendor):
    vendor.meets(person)
    person.signs_out()
    vendor.calls()

    page = person.opens("/requests")

    assert page.request.path == "/requests"
    assert len(forms(page)) == 1


@on_sqlite_alone
def test_a_form_sent_twice_is_one_grant_and_an_answer_leaves_once(met, vendor, house):
    vendor.calls(["birthdate"])
    page = looks(met)
    done = met.allows(page, only=["birthdate"])

    with nothing_changes(house):
        again = met.allows(page, only=["birthdate"])

    assert done.status_code == 200
    assert again.status_code == 404
    assert met.log().count("granted") == 2
    assert len(rows(house, "grants")) == 1


def test_a_form_sent_many_times_at_once_is_one_answer(app, met, vendor, house):
    vendor.calls(["birthdate"])
    page = looks(met)
    cookie = met.browser.client.get_cookie("wallet").value
    form = {"csrf_token": csrf_token(page), "answer": "allow", "until": "2027-03-01", "attribute": "birthdate"}

    def send(client):
        client.set_cookie("wallet", cookie)
        return client.post(page.request.path, data=form)

    at_once(app, 6, send)

    assert met.log().count("granted") == 2


@on_sqlite_alone
def test_an_answer_in_one_browser_closes_the_question_in_another(app, house, ana, met, vendor):
    vendor.calls(["birthdate"])
    page = looks(met)
    elsewhere = PersonActor(app, house, ana, password=PASSWORD)
    elsewhere.signs_in()
    elsewhere.refuses(looks(elsewhere))

    with nothing_changes(house):
        assert met.allows(page, only=["birthdate"]).status_code == 404

    assert refused(vendor.polls(), "access_denied")


@on_sqlite_alone
def test_what_waited_too_long_says_so_and_grants_nothing(met, vendor, clock, house):
    vendor.calls(["birthdate"], requested_expiry="60")
    [where] = forms(met.browser.get("/requests"))
    page = looks(met)
    clock.now += 60

    with nothing_changes(house):
        late = met.allows(page, only=["birthdate"])
        later = met.browser.post(where, form_at="/data")

    assert (late.status_code, later.status_code) == (410, 410)
    assert "waited too long" in words(late)


@on_sqlite_alone
def test_a_form_that_names_what_was_not_asked_gives_nothing(met, vendor, house):
    vendor.calls(["email"])
    page = looks(met)

    with nothing_changes(house):
        assert met.allows(page, only=["email", "phone_number"]).status_code == 400


# Sending such asks away


def test_who_does_not_want_to_be_asked_is_not_and_the_vendor_is_not_told_why(met, vendor, house):
    vendor.calls()
    never = vendor.calls(login_hint="A" * 43).text

    lets_ask(met, house, "no")

    with nothing_changes(house):
        assert vendor.calls().text == never
    assert "Nobody waits for you" in words(met.browser.get("/requests"))
    assert "code" in vendor.receives(met.opens(vendor.link(["email"])))
    lets_ask(met, house, "yes")
    assert vendor.calls().status_code == 200
    assert met.log()[-3:] == ["changed", "signed_in", "changed"]
    told = words_in(met.browser.get("/ledger"), "ledger-sentence")
    assert "Stadtwerke may no longer ask you here by itself." in told
    assert "Stadtwerke may ask you here again by itself." in told


def lets_ask(person, house, reachable):
    page = f"/vendors/{grant_of(house)}"
    return person.browser.post(f"{page}/reaching", form_at=page, reachable=reachable)


@on_sqlite_alone
@pytest.mark.parametrize("changed", [{}, {"grant_management_action": "replace"}])
def test_the_next_answer_does_not_undo_it(met, vendor, house, changed):
    lets_ask(met, house, "no")

    met.allows(met.opens(vendor.link(["birthdate"], **changed)), only=["birthdate"])

    assert refused(vendor.calls(), "unknown_user_id")


@on_sqlite_alone
def test_who_stopped_sharing_no_longer_sees_what_the_vendor_asked_before(met, vendor, house):
    vendor.calls()
    [where] = forms(met.browser.get("/requests"))

    met.revokes(grant_of(house))

    assert "Nobody waits for you" in words(met.browser.get("/requests"))
    assert met.browser.post(where, form_at="/data").status_code == 404
    assert refused(vendor.polls(), "authorization_pending")


@on_sqlite_alone
def test_vendors_that_can_not_ask_by_themselves_have_no_such_switch(app, house, person):
    other = VendorActor(app, house, "radio")
    tokens_for(person, other)

    assert "Asking by itself" not in words(person.browser.get(f"/vendors/{grant_of(house)}"))


@on_sqlite_alone
def test_nobody_can_switch_it_for_somebody_else_or_without_a_form(met, ben, vendor, house):
    page = f"/vendors/{grant_of(house)}"

    with nothing_changes(house):
        by_link = met.browser.get(f"{page}/reaching?reachable=no")
        forged = met.browser.client.post(f"{page}/reaching", data={"reachable": "no"})
        by_ben = ben.browser.post(f"{page}/reaching", form_at="/data", reachable="no")

    assert [answer.status_code for answer in (by_link, forged, by_ben)] == [405, 400, 404]
