"""A person tells a vendor something, and sees what becomes of it, on real pages and by real calls."""

import pytest
from feedback import Answering, tells


@pytest.fixture(autouse=True)
def _signed_in(person):
    person.signs_in()


@pytest.fixture
def vendor(app, house):
    return Answering(app, house)


def test_an_idea_goes_its_whole_way_and_the_person_sees_each_step(person, vendor, clock):
    page = tells(person, vendor, "Read my meter once a month.", kind="idea")
    assert "Petra Vogt" in page.text
    assert "An answer is due by" in page.text

    [thread] = vendor.threads()
    assert (thread["type"], thread["state"]) == ("idea", "received")
    vendor.reads(thread)
    vendor.answers(thread, "Dear Ana, from May on we do.")
    vendor.decides(thread, "used", "Others want it too.", link="https://stadtwerke.example/meters")

    page = person.browser.get(page.request.path)
    for said in ("Dear Ana, from May on we do.", "Petra Vogt", "It is used.", "Others want it too.", "/meters"):
        assert said in page.text
    assert person.log()[-3:] == ["said", "contacted", "contacted"]
