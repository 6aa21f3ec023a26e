"""What a page asks for is found by an index, without statistics of what lies there; so a long life does not slow it."""

import re

import pytest
from planning import plans
from speaking import Speaker
from storage import on_sqlite_alone, rows

from consent import ledger
from consent.ledger import Wanted
from consent.standing import Whose
from vendor_api.figures import report
from wallet.dialogue import engine, saying
from wallet.dialogue.model import VENDOR
from wallet.figures import counting

pytestmark = on_sqlite_alone
WHOLE_LEDGER = re.compile(r"ledger USING PRIMARY KEY \(person_id=\?(?: AND seq[<>]\?)?\)")
ALL_OF_THE_VENDORS = re.compile(r"messages USING INDEX \w+ \(person_id=\? AND persona_id=\?(?: AND client_id=\?)?\)")


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person, also=("email",))
    vendor.says()
    person.signs_in()
    return vendor


def test_no_page_of_vendors_looks_through_the_whole_ledger(house, person, vendor):
    for path in (f"/vendors/{vendor.grant_id}", "/vendors", "/data/email/erase"):
        found = [plan for plan in plans(house, lambda: person.browser.get(path)).values() if "ledger" in plan]  # noqa: B023
        assert found
        assert not [plan for plan in found if WHOLE_LEDGER.search(plan)]


def test_lines_with_one_vendor_are_found_by_its_index(house, person):
    for wanted in (Wanted("stadtwerke"), Wanted("stadtwerke", action="read", since=1)):
        for before in (None, 100):
            how = {"person_id": person.person.person_id, "wanted": wanted, "before": before, "limit": 10}
            [plan] = plans(house, lambda: house.database.read(ledger.lines, **how)).values()  # noqa: B023
            assert "COVERING INDEX ix_ledger_vendors" in plan
            assert not WHOLE_LEDGER.search(plan)


def test_what_is_said_to_or_by_one_vendor_is_found_without_all_the_rest(house, person, vendor):
    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    [thread] = house.database.read(engine.latest, house.secrets, **place, limit=1)

    def work(db):
        assert not saying.has_said_enough(db, thread, now=house.clock())
        engine.first_said_by(db, thread, VENDOR)
        counting.of_one(db, Whose(**place), client_id="stadtwerke", week=0)

    found = [plan for plan in plans(house, lambda: house.database.read(work)).values() if "messages" in plan]
    assert len(found) == 3
    assert not [plan for plan in found if ALL_OF_THE_VENDORS.search(plan) or "SCAN" in plan or "TEMP" in plan]


def test_a_vendors_figures_are_found_by_index(house, person, vendor):
    how = {"client_id": "stadtwerke", "now": house.clock()}
    found = plans(house, lambda: house.database.read(report.report, **how)).values()

    assert not [plan for plan in found if re.search(r"SCAN (?:desk|figures|letters)", plan)]
    assert rows(house, "desk_messages")
