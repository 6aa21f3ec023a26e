"""A vendor's own system at its desk: the same rules, whatever it sends and however often."""

import json
from contextlib import suppress

import pytest
from actors import VendorActor
from desking import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from storage import nothing_changes, on_sqlite_alone

from vendor_api.desk.errors import UnknownThread
from vendor_api.desk.given import entries_of, service_of
from vendor_api.errors import InvalidRequest
from wallet.host import WalletHost

PETRA = {"contact_person_id": "petra", "name": "Petra Vogt", "skills": ["heat"], "languages": ["de", "en"]}
JOE = {
    "contact_person_id": "joe",
    "name": "Joe",
    "role": "Outages",
    "topics": ["outage"],
    "channels": ["phone"],
    "hours": {"time_zone": "Europe/Berlin", "windows": [[0, 540, 1020]], "holidays": ["2027-01-01"]},
    "absences": [{"from": 1, "until": 2}],
    "substitute": "petra",
    "most_threads": 20,
    "active": True,
}


@pytest.fixture
def told(monkeypatch):
    """What the person is told, as states."""
    told = []
    monkeypatch.setattr(WalletHost, "desk_said", lambda _host, _db, _thread, said, *, now: told.append(said.state))
    return told


@pytest.fixture
def desk(house, vendor, told):
    desk = Desk(house, vendor.client_id)
    desk.employs()
    sends(vendor, "directory", entries=json.dumps([PETRA, JOE]))
    desk.receives(type="complaint")
    return desk


def sends(vendor, path, **form):
    return vendor.post(f"/desk/{path}", {"client_id": vendor.client_id, **form})


def test_a_vendor_lists_reads_answers_and_decides(vendor, desk, told):
    [found] = sends(vendor, "threads", type="complaint").json["threads"]
    assert (found["state"], found["assigned_to"]) == ("received", "petra")
    assert found["explanation"][0] == {"reason": "type", "weight": 30, "words": []}

    opened = sends(vendor, "threads/t-1", read="yes", assign_to="joe").json
    assert (opened["state"], opened["assigned_to"]) == ("read", "joe")
    assert opened["messages"][0]["text"] == "Please send my bill by e-mail and not on paper."

    answer = {"thread_id": "t-1", "author": "petra", "text": "From May on.", "message_id": "a-1"}
    assert sends(vendor, "answers", **answer).json["messages"][1]["author"] == "petra"
    decision = {"thread_id": "t-1", "outcome": "used", "reason": "Many asked", "ended": "yes"}
    assert sends(vendor, "decisions", **decision).json["state"] == "done"
    assert told == ["read", "read", "answered", "decided", "done"]


def test_what_is_sent_twice_is_done_once(vendor, desk, house, told):
    sends(vendor, "threads/t-1", read="yes")
    answer = {"thread_id": "t-1", "author": "petra", "text": "From May on.", "message_id": "a-1"}
    decision = {"thread_id": "t-1", "outcome": "not", "reason": "No money", "ended": "yes"}
    sends(vendor, "answers", **answer)
    sends(vendor, "decisions", **decision)

    with nothing_changes(house):
        for path, form in (("threads/t-1", {"read": "yes"}), ("answers", answer), ("decisions", decision)):
            assert sends(vendor, path, **form).status_code == 200

    assert told == ["read", "answered", "decided", "declined"]


@on_sqlite_alone
def test_a_directory_comes_back_as_it_was_put(vendor, desk):
    found = {one["contact_person_id"]: one for one in sends(vendor, "directory").json["entries"]}

    assert JOE.items() <= {**found["joe"], "hours": found["joe"]["hours"]}.items()
    sends(vendor, "directory", entries=json.dumps([PETRA]))
    left = {one["contact_person_id"]: one["active"] for one in sends(vendor, "directory").json["entries"]}
    assert left == {"petra": True, "joe": False, "cp-petra": False}


@on_sqlite_alone
def test_what_a_vendor_promises_counts_from_then_on(vendor, desk, clock):
    level = {"type": "complaint", "topic": "*", "first_answer_hours": 2, "escalate_to": "joe"}
    influence = {"attribute": "medical.device", "value": True, "weight": 20}
    promised = {"hours": {"time_zone": "Europe/Berlin"}, "levels": [level], "influence": [influence], "most_alike": 3}

    kept = sends(vendor, "service", service=json.dumps(promised)).json

    assert (kept["levels"], kept["influence"], kept["most_alike"]) == ([level], [influence], 3)
    assert desk.receives("t-2", type="complaint").due_at == clock() + 2 * 3600


WRONG = {
    "threads": [
        {"state": "lost"},
        {"type": "order"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"after": "t-9"},
    ],
    "answers": [
        {},
        {"thread_id": "t-1", "author": "petra", "text": "Hi"},
        {"thread_id": "t-1", "author": "petra", "text": "Hi", "message_id": "x" * 65},
        {"thread_id": "t-1", "author": "nobody", "text": "Hi", "message_id": "a"},
        {"thread_id": "t-9", "author": "petra", "text": "Hi", "message_id": "a"},
    ],
    "decisions": [{"thread_id": "t-1", "outcome": "used"}, {"thread_id": "t-1", "outcome": "used", "reason": "Now"}],
    "threads/t-9": [{}, {"read": "yes"}],
    "threads/t-1": [{"assign_to": "nobody"}],
    "directory": [{"entries": "no json"}, {"entries": "{}"}],
    "service": [{"service": "[]"}, {"service": '{"levels": [{"first_answer_hours": 1, "escalate_to": "nobody"}]}'}],
}


@pytest.mark.parametrize("path", WRONG)
@on_sqlite_alone
def test_what_does_not_fit_is_refused_and_changes_nothing(vendor, desk, house, path):
    for form in WRONG[path]:
        with nothing_changes(house):
            refused = sends(vendor, path, **form)
        assert refused.status_code in {400, 404, 409}, form
        assert refused.json["error"] in {"invalid_request", "wrong_state"}


ENTRIES = [
    {**PETRA, "contact_person_id": "a b"},
    {"contact_person_id": "a"},
    {**PETRA, "name": "A\nB"},
    {**PETRA, "name": "x" * 101},
    {**PETRA, "boss": True},
    {**PETRA, "skills": "heat"},
    {**PETRA, "skills": ["x"] * 51},
    {**PETRA, "active": 1},
    {**PETRA, "most_threads": -1},
    {**PETRA, "most_threads": True},
    {**PETRA, "substitute": "joe"},
    {**PETRA, "substitute": "petra"},
    {**PETRA, "absences": [{"from": 2, "until": 1}]},
    {**PETRA, "absences": [{"from": 1}]},
    {**PETRA, "absences": [{"from": 0, "until": 1 << 40}]},
    {**PETRA, "hours": {"time_zone": "Europe/Atlantis"}},
    {**PETRA, "hours": {"time_zone": "../../etc/passwd"}},
    {**PETRA, "hours": {"windows": [[7, 0, 1]]}},
    {**PETRA, "hours": {"windows": [[0, 600, 540]]}},
    {**PETRA, "hours": {"holidays": ["Christmas"]}},
    [PETRA],
    None,
]


@pytest.mark.parametrize("entry", ENTRIES, ids=range(len(ENTRIES)))
def test_an_entry_that_is_none_is_refused(entry):
    with pytest.raises(InvalidRequest):
        entries_of([entry])


keys = st.sampled_from(["contact_person_id", "name", "hours", "windows", "time_zone", "levels", "influence"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_whatever_is_sent_is_read_or_refused(content):
    for read in (entries_of, service_of):
        with suppress(InvalidRequest):
            read(content)


@on_sqlite_alone
def test_a_stranger_and_another_vendor_see_nothing(app, house, vendor, desk):
    other = VendorActor(app, house, "bookshop")

    with nothing_changes(house):
        assert vendor.client.post("/desk/threads", data={"client_id": "stadtwerke"}).status_code == 401
        assert sends(other, "threads").json == {"threads": []}
        assert sends(other, "threads/t-1", read="yes").status_code == 404
        assert sends(other, "directory").json == {"entries": []}
        assert sends(other, "threads", after="t-1").status_code == 404


@on_sqlite_alone
def test_what_is_told_nobody_is_not_done(vendor, desk, house, monkeypatch):
    def fails(*_args, **_how):
        raise UnknownThread

    monkeypatch.setattr(WalletHost, "desk_said", fails)
    with nothing_changes(house):
        assert sends(vendor, "threads/t-1", read="yes").status_code == 404
