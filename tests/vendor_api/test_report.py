"""How a vendor answers, week by week: late is what was promised sooner, whatever became of it afterwards."""

import pytest
from desking import Desk
from storage import on_sqlite_alone

from vendor_api.desk import judged
from vendor_api.desk.hours import Hours
from vendor_api.desk.service import ServiceLevel
from vendor_api.figures import report
from vendor_api.figures.weeks import WEEK, monday

pytestmark = on_sqlite_alone
HOUR = 3600


@pytest.fixture
def desk(house, clock):
    clock.now = monday(clock.now) + HOUR
    desk = Desk(house)
    desk.promises(ServiceLevel("*", "*", 4), hours=Hours())
    return desk


def told(desk, part="answering"):
    return desk.house.database.read(report.report, client_id=desk.client_id, now=desk.house.clock())[part]


def answers_after(desk, clock, thread_id, hours):
    desk.receives(thread_id)
    clock.now += hours * HOUR
    desk.does("read", thread_id)
    desk.answers(thread_id)


def test_what_was_answered_late_stays_late_and_what_was_in_time_does_not(desk, clock):
    answers_after(desk, clock, "t-1", 3)
    answers_after(desk, clock, "t-2", 5)
    desk.receives("t-3")  # waits
    clock.now += 4 * HOUR
    desk.receives("t-4")  # is not due yet

    [one] = told(desk)
    assert (one["threads"], one["answered"], one["due"], one["late_percent"]) == (4, 2, 3, 67)
    assert one["unread_percent"] == 50


def test_who_writes_again_does_not_make_the_vendor_punctual(desk, clock):
    desk.receives("t-1")
    clock.now += 5 * HOUR
    desk.receives("t-1", message_id="again")
    desk.does("read", "t-1")
    desk.answers("t-1")
    clock.now += 5 * HOUR

    [one] = told(desk)
    assert (one["due"], one["late_percent"]) == (1, 100)


def test_what_is_taken_back_in_time_is_not_due(desk, clock):
    for thread_id, hours in (("t-1", 1), ("t-2", 6)):
        desk.receives(thread_id)
        clock.now += hours * HOUR
        ids = {"client_id": desk.client_id, "thread_id": thread_id}
        desk.house.database.write(judged.withdrawn, **ids, now=clock())
    clock.now += WEEK

    [one] = told(desk)
    assert (one["due"], one["late_percent"]) == (1, 100)


def test_each_week_has_its_own_figures_and_words(desk, clock):
    answers_after(desk, clock, "t-1", 1)
    clock.now = monday(clock.now) + 2 * WEEK - HOUR
    desk.receives("t-2", text="Where is my bill?")
    clock.now += 6 * HOUR

    weeks = told(desk, "answering_weeks")

    seen = [(one["threads"], one["due"], one["late_percent"], one["thread_ids"]) for one in weeks]
    assert seen == [(0, 1, 100, []), (1, 0, None, ["t-2"]), (1, 1, 0, ["t-1"])]
    words = desk.house.database.read(report.words, desk.house.secrets, {"t-2"}, client_id=desk.client_id)
    assert words == {"t-2": "Where is my bill?"}
