"""Whatever anybody does at a desk, in whatever order: no end without an answer, a decision, and the person knowing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

import pytest
from desking import PETRA, Desk
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from planning import plans
from sqlalchemy import insert
from storage import on_sqlite_alone

from vendor_api.desk.errors import WrongState
from vendor_api.desk.model import ENDED
from vendor_api.desk.tables import desk_threads
from vendor_api.desk.threads import Filter, sealed_parts
from wallet.house import House

rounds = count(1)
STEPS = {"read": 1, "answered": 2, "decided": 3, "done": 4, "declined": 4}


class Conversations(RuleBasedStateMachine):
    """A person who writes, and a desk that does anything at any moment. `told` is all that the person knows."""

    house: House
    threads = Bundle("threads")

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.house, f"vendor-{next(rounds)}")
        self.said: dict[str, list[str]] = {}

    @rule(target=threads, kind=st.sampled_from(["wish", "complaint"]))
    def writes(self, kind):
        thread_id = f"t-{len(self.said)}"
        self.desk.receives(thread_id, type=kind, message_id=f"{thread_id}-0")
        self.said[thread_id] = ["text"]
        return thread_id

    @rule(thread_id=threads)
    def writes_again(self, thread_id):
        self.desk.receives(thread_id, message_id=f"{thread_id}-{len(self.said[thread_id])}")
        self.said[thread_id].append("text")
        self.desk.host.told.append((thread_id, None))

    @rule(thread_id=threads)
    def sends_the_same_again(self, thread_id):
        self.desk.receives(thread_id, message_id=f"{thread_id}-0")

    @rule(thread_id=threads)
    def reads(self, thread_id):
        self.desk.does("read", thread_id)

    @rule(thread_id=threads)
    def answers(self, thread_id):
        with suppress(WrongState):
            self.desk.answers(thread_id)

    @rule(thread_id=threads, outcome=st.sampled_from(["used", "partly", "not"]))
    def decides(self, thread_id, outcome):
        with suppress(WrongState):
            self.desk.decides(thread_id, outcome)

    @rule(thread_id=threads, step=st.sampled_from(["finish", "decline"]))
    def ends(self, thread_id, step):
        with suppress(WrongState):
            self.desk.does(step, thread_id)

    @invariant()
    def nothing_ends_but_in_its_way(self):
        for thread_id in self.said:
            thread, messages = self.desk.thread(thread_id)
            told = [said and said.state for name, said in self.desk.host.told if name == thread_id]
            since = told[len(told) - told[::-1].index(None) :] if None in told else told
            assert (since[-1] if since else "received") == thread.state
            assert [STEPS[state] for state in since] == list(range(1, len(since) + 1))
            assert len([one for one in messages if one.direction == "from_person"]) == len(self.said[thread_id])
            assert len([one for one in messages if one.author]) == told.count("answered")
            if thread.state in ENDED:
                assert (thread.outcome.outcome == "not") == (thread.state == "declined")
                assert thread.outcome.reason


@on_sqlite_alone
def test_no_order_of_steps_ends_a_thread_otherwise(house):
    machine = type("Here", (Conversations,), {"house": house})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_two_who_do_everything_at_once_take_each_step_once(house):
    desk = Desk(house)
    desk.receives()

    def everything(number):
        done = []
        for step in (
            lambda: desk.does("read"),
            lambda: desk.answers(by=PETRA, text=f"I am number {number}."),
            lambda: desk.decides(outcome="used"),
            lambda: desk.does("finish"),
        ):
            with suppress(WrongState):
                done.append(step().state)
        return done

    with ThreadPoolExecutor(3) as staff:
        list(staff.map(everything, range(3)))

    assert desk.state() == "done"
    assert len([message for message in desk.thread()[1] if message.author]) == 1


MANY = 200
LISTS = {
    "all": (Filter(), None),
    "by_state": (Filter(state="read"), None),
    "ended": (Filter(state="declined"), None),
    "by_type": (Filter(type="praise"), None),
    "by_topic": (Filter(topic="rare"), None),
    "by_person": (Filter(assigned_to="cp-petra"), None),
    "far_behind": (Filter(), "t-000180"),
}


@pytest.fixture
def full(house):
    """A desk with MANY threads, of which few are of one kind."""
    desk = Desk(house)
    ids = {"client_id": "stadtwerke"}
    sealed = sealed_parts(house.secrets, **ids, thread_id="t-000000", explanation=[])
    row = {**ids, **sealed, "sub": "s", "language": "en", "state_at": 1, "opened_at": 1, "due_at": 1, "priority": 1}

    def one(number):
        few = number % 10 == 0
        what = {"type": "praise" if few else "wish", "topic": "rare" if few else "tariff"}
        what |= {"state": "declined" if number % 2 else "read" if few else "received"}
        assigned_to = "cp-petra" if few else "cp-joe"
        return {**row, **what, "thread_id": f"t-{number:06}", "rank": number, "assigned_to": assigned_to}

    def fill(db):
        db.execute(insert(desk_threads), [one(number) for number in range(MANY)])

    house.database.write(fill)
    return desk


@on_sqlite_alone
def test_each_list_is_found_by_an_index_in_its_order_however_long_it_is(house, full, monkeypatch):
    monkeypatch.setattr("vendor_api.desk.threads.thread_from", lambda _secrets, row: row)

    def work():
        for wanted, after in LISTS.values():
            full.threads(wanted=wanted, after=after)

    found = [plan for statement, plan in plans(house, work).items() if "desk_threads" in statement]
    assert len(found) > len(LISTS)
    assert not [plan for plan in found if "SCAN" in plan or "TEMP B-TREE" in plan]
