"""Single sign-on on the person's terms: whoever wants to be asked each time is, vendor by vendor."""

import pytest
from actors import VendorActor
from journeys import sent_back, tokens_for
from reading import words, words_in
from storage import nothing_changes


@pytest.fixture
def grant_id(person, vendor):
    return tokens_for(person, vendor)["grant_id"]


def wants_to_be_asked(person, grant_id, each_time="yes"):
    page = f"/vendors/{grant_id}"
    return person.browser.post(f"{page}/asking", form_at=page, each_time=each_time)


def test_who_wants_to_be_asked_sees_the_page_also_where_nothing_is_new(person, vendor, grant_id):
    assert "code" in sent_back(person.browser.get(vendor.link(["email"])), vendor)

    answer = wants_to_be_asked(person, grant_id)

    assert answer.status_code == 303
    assert "asks for your data" in words(person.opens(vendor.link(["email"])))


def test_a_silent_request_is_told_that_the_person_has_to_be_asked(person, vendor, grant_id, house):
    wants_to_be_asked(person, grant_id)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], prompt="none")), vendor)

    assert answer["error"] == "consent_required"


def test_it_counts_for_this_vendor_alone_and_stays_after_the_next_answer(app, house, person, vendor, grant_id):
    other = VendorActor(app, house, "other")
    tokens_for(person, other)
    wants_to_be_asked(person, grant_id)

    person.allows(person.opens(vendor.link(["email"])), only=["email"])

    assert "asks for your data" in words(person.opens(vendor.link(["email"])))
    assert "code" in sent_back(person.browser.get(other.link(["email"])), other)


def test_it_can_be_taken_back_and_both_stand_in_the_ledger(person, vendor, grant_id):
    wants_to_be_asked(person, grant_id)
    wants_to_be_asked(person, grant_id, "no")

    assert "code" in sent_back(person.browser.get(vendor.link(["email"])), vendor)
    assert person.log()[-3:] == ["changed", "changed", "signed_in"]
    told = words_in(person.browser.get("/ledger"), "ledger-sentence")
    assert "You want to be asked each time you sign in at Stadtwerke." in told
    assert "You no longer need to be asked each time you sign in at Stadtwerke." in told


def test_saying_it_twice_writes_one_line(person, vendor, grant_id, house):
    wants_to_be_asked(person, grant_id)

    with nothing_changes(house):
        wants_to_be_asked(person, grant_id)


def test_nobody_can_say_it_for_somebody_else_or_without_a_form(person, vendor, grant_id, house, opens_browser):
    with nothing_changes(house):
        by_link = person.browser.get(f"/vendors/{grant_id}/asking?each_time=yes")
        forged = person.browser.client.post(f"/vendors/{grant_id}/asking", data={"each_time": "yes"})
        unknown = person.browser.post("/vendors/x/asking", form_at=f"/vendors/{grant_id}", each_time="yes")
        stranger = opens_browser().client.post(f"/vendors/{grant_id}/asking", data={"each_time": "yes"})

    assert [answer.status_code for answer in (by_link, forged, unknown, stranger)] == [405, 400, 404, 400]
