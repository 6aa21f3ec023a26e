"""Staff publish to topics at the console, once, and read of their people in bands."""

import re

import pytest
from publishing import brings
from speaking import Speaker
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows

TOPICS = "/console/topics"
ITEM = {"topic": "outage", "title": "Works", "text": "No power on Friday.", "days": "7"}

pytestmark = on_sqlite_alone


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


@pytest.fixture
def staff(app, house, vendor):
    staff = StaffActor(app, house, vendor.client_id, role="agent")
    staff.signs_in()
    return staff


def test_what_is_published_here_reaches_people(house, person, staff):
    shown = staff.get(TOPICS)
    id_ = re.search(r'name="id" value="([^"]+)"', shown.text)[1]

    for _again in range(2):
        assert staff.post(TOPICS, **ITEM, id=id_).status_code == 303

    assert len(rows(house, "publications")) == 1
    assert brings(house) == 1
    assert "Meant for 0–9 people." in staff.get(TOPICS).text


def test_what_does_not_fit_is_shown_again_as_typed(house, staff):
    with nothing_changes(house):
        answer = staff.post(TOPICS, **{**ITEM, "title": ""}, id="x")
    assert answer.status_code == 400
    assert "No power on Friday." in answer.text


def test_it_is_withdrawn_here(house, staff):
    staff.post(TOPICS, **ITEM, id="x")
    staff.post(f"{TOPICS}/withdraw", form_at=TOPICS, id="x")

    assert brings(house) == 0
    assert "withdrawn" in staff.get(TOPICS).text


def test_no_other_vendors_item_is_withdrawn(app, house, staff):
    other = Speaker(app, house, "bookshop")
    theirs = StaffActor(app, house, other.client_id)
    theirs.signs_in()
    staff.post(TOPICS, **ITEM, id="x")

    with nothing_changes(house):
        assert theirs.post(f"{TOPICS}/withdraw", form_at=TOPICS, id="x").status_code == 404
    assert "Works" not in theirs.get(TOPICS).text
