"""Staff sign in to the console with a wallet: plain OpenID Connect against it, linked by an invitation."""

import re

import pytest
from actors import VendorActor
from staffing import StaffActor, form_token, link_on
from storage import on_sqlite_alone, rows

from vendor_api.console.flow import LIFETIME


@pytest.fixture
def kim(app, house, vendor):
    actor = StaffActor(app, house, vendor.client_id)
    actor.signs_in()
    return actor


@pytest.fixture
def lea(person):
    """Ana, who is to work for the vendor, in the browser in which her wallet is."""
    person.signs_in()
    return person


def goes_on(person, answer):
    """Wherever it leads, also by the console's whole address."""
    while answer.status_code == 303:
        answer = person.browser.get(answer.location.removeprefix("http://localhost"))
    return answer


def goes(person, page, **fields):
    """Press "Sign in with your wallet" and answer whatever is asked, until the console."""
    client = person.browser.client
    answer = client.post("/console/sign-in/wallet", data={"csrf_token": form_token(page), **fields})
    assert answer.status_code == 303, answer.text
    answer = goes_on(person, answer)
    if "/accounts" in answer.request.path:
        chosen = dict(re.findall(r'name="(csrf_token|session|persona|next)" value="([^"]*)"', answer.text))
        answer = client.post("/accounts/choose", data=chosen)
        answer = goes_on(person, answer)
    if answer.request.path.startswith("/consent/"):
        assert "Nothing about you leaves" in answer.text
        answer = goes_on(person, person.allows(answer))
    return answer


def accepts(kim, lea, **fields):
    path = link_on(kim.post("/console/staff", login="lea", role="agent", **fields))
    page = lea.browser.get(path)
    return goes(lea, page, invitation=path.rpartition("/")[2])


def test_an_invitation_is_accepted_with_a_wallet_and_the_next_sign_in_goes_by_itself(kim, lea, house):
    answer = accepts(kim, lea)
    assert (answer.request.path, answer.status_code) == ("/console", 200)
    assert "signs in with a wallet" in kim.get("/console/staff").text

    lea.browser.client.post("/console/sign-out", data={"csrf_token": form_token(answer)})
    assert lea.browser.get("/console").status_code == 303

    page = lea.browser.get("/console/sign-in")
    start = lea.browser.client.post("/console/sign-in/wallet", data={"csrf_token": form_token(page)})
    again = goes_on(lea, start)
    assert (again.request.path, again.status_code) == ("/console", 200)
    assert kim.get("/console/staff").status_code == 200


@on_sqlite_alone
def test_the_console_learns_nothing_but_a_number_and_the_vendor_not_even_that(kim, lea, house):
    accepts(kim, lea)

    [grant] = [row for row in rows(house, "grants") if row["client_id"] == "console"]
    assert [row for row in rows(house, "grant_items") if row["grant_id"] == grant["grant_id"]] == []
    assert lea.person.person_id not in str(rows(house, "staff"))


@on_sqlite_alone
def test_a_wallet_that_nobody_invited_gets_nowhere(lea, vendor):
    answer = goes(lea, lea.browser.get("/console/sign-in"))

    assert answer.status_code == 403
    assert "did not lead to anybody here" in answer.text
    assert lea.browser.get("/console").status_code == 303


@on_sqlite_alone
def test_who_refuses_at_the_wallet_is_told_so_and_is_not_in(kim, lea):
    page = lea.browser.get("/console/sign-in")
    start = lea.browser.client.post("/console/sign-in/wallet", data={"csrf_token": form_token(page)})

    answer = goes_on(lea, lea.refuses(goes_on(lea, start)))

    assert (answer.request.path, answer.status_code) == ("/console/back", 403)


def code_of(lea, page, **fields):
    """The address the wallet sends the browser back to, which is not followed."""
    client = lea.browser.client
    location = client.post("/console/sign-in/wallet", data={"csrf_token": form_token(page), **fields}).location
    while "/console/back" not in location:
        location = lea.browser.get(location).location
    return location.removeprefix("http://localhost")


@on_sqlite_alone
def test_the_answer_counts_once_in_the_browser_it_began_in_and_not_for_long(kim, lea, app, clock):
    accepts(kim, lea)
    page = lea.browser.get("/console")
    lea.browser.client.post("/console/sign-out", data={"csrf_token": form_token(page)})
    page = lea.browser.get("/console/sign-in")

    elsewhere = code_of(lea, page)
    thief = app.test_client()
    thief.get("/console/sign-in")
    assert thief.get(elsewhere).status_code == 403
    assert lea.browser.get(elsewhere.replace("state=", "state=x")).status_code == 403
    assert lea.browser.get(elsewhere.replace("iss=http", "iss=https")).status_code == 403
    assert lea.browser.get(elsewhere).status_code == 303
    assert lea.browser.get(elsewhere).status_code == 403

    late = code_of(lea, lea.browser.get("/console/staff"))
    clock.now += LIFETIME
    assert lea.browser.get(late).status_code == 403


@on_sqlite_alone
def test_who_works_for_two_says_for_whom_and_one_wallet_is_one_member(app, house, kim, lea):
    accepts(kim, lea)
    bank = StaffActor(app, house, VendorActor(app, house, "bank").client_id)
    bank.signs_in()
    accepts(bank, lea)

    page = lea.browser.get("/console/sign-in")
    assert goes(lea, page).status_code == 422
    page = lea.browser.get("/console/sign-in")
    assert "Stadtwerke" in goes(lea, page, client_id="stadtwerke").text

    path = link_on(kim.post("/console/staff", login="other", role="admin"))
    answer = goes(lea, lea.browser.get(path), invitation=path.rpartition("/")[2])
    assert answer.status_code == 422
    assert lea.browser.get(path).status_code == 200
