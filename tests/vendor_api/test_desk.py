"""A vendor's desk: nothing ends without an answer by a human being, a decision with its reason, and being told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from desking import JOE, PETRA, TEXT, Desk
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.desk.errors import OtherMessage, UnknownContactPerson, UnknownThread, WrongState
from vendor_api.desk.threads import Filter
from vendor_api.errors import InvalidRequest
from vendor_api.vendors import registry

TABLES = ("desk_threads", "desk_messages", "desk_letters", "desk_letter_bands", "desk_letter_people", "contact_persons")


@pytest.fixture
def desk(house):
    return Desk(house)


def test_what_a_person_said_goes_its_whole_way_and_each_step_is_told(desk):
    desk.receives()
    desk.does("read")
    desk.answers(text="From May on you get it by e-mail.")
    desk.decides("t-1", "used", link="https://stadtwerke.example/news")
    ended = desk.does("finish")

    assert (ended.state, ended.outcome.outcome, ended.outcome.link) == (
        "done",
        "used",
        "https://stadtwerke.example/news",
    )
    assert desk.told() == ["read", "answered", "decided", "done"]
    answered = desk.host.told[1][1]
    assert (answered.name, answered.text) == ("Petra Vogt", "From May on you get it by e-mail.")
    assert desk.host.told[2][1].reason == "It saves paper."


def test_the_vendor_gets_the_very_words(desk):
    words = "  Your hotline is a CATASTROPHE!!! \n\n„Bitte warten“ – 40 min 😠 <b>"

    desk.receives(text=words)

    [message] = desk.thread()[1]
    assert (message.text, message.author, message.direction) == (words, None, "from_person")


def test_nobody_reads_what_was_said_in_the_database(desk, house):
    desk.receives()
    desk.does("read")
    desk.answers(text="From May on, dear Ana.")
    desk.decides(link="https://stadtwerke.example/news")

    stored = repr(
        [rows(house, table) for table in ("desk_threads", "desk_messages", "desk_letters", "contact_persons")]
    )

    for word in ("bill", "May", "Ana", "Petra", "paper", "example/news"):
        assert word not in stored


@pytest.mark.parametrize(
    ("before", "step", "how"),
    [
        ((), "answer", {"author": "cp-petra", "text": "Yes.", "message_id": "a"}),
        ((), "decide", {"outcome": "used", "reason": "Why not"}),
        (("read",), "decide", {"outcome": "used", "reason": "Why not"}),
        (("read",), "finish", {}),
        (("read", "answers"), "decline", {}),
        (("read", "answers"), "answer", {"author": "cp-petra", "text": "And more.", "message_id": "b"}),
        (("read", "answers", "decides"), "decline", {}),
        (("read", "answers", "decides", "finish"), "decide", {"outcome": "not", "reason": "No money"}),
    ],
    ids=lambda part: "_".join(part) or "received" if isinstance(part, tuple) else part if isinstance(part, str) else "",
)
@on_sqlite_alone
def test_no_step_is_left_out_or_taken_twice(desk, house, before, step, how):
    desk.receives()
    for one in before:
        getattr(desk, one)() if hasattr(desk, one) else desk.does(one)
    told = desk.told()

    with nothing_changes(house), pytest.raises(WrongState):
        desk.does(step, **how)

    assert desk.told() == told


@pytest.mark.parametrize("author", ["cp-nobody", "", "cp-joe"])
@on_sqlite_alone
def test_an_answer_needs_somebody_of_the_directory_as_its_author(desk, house, author):
    Desk(house, "bookshop", (JOE,))
    desk.receives()
    desk.does("read")

    with nothing_changes(house), pytest.raises(UnknownContactPerson):
        desk.does("answer", author=author, text="Yes.", message_id="a")


@on_sqlite_alone
def test_who_left_the_directory_answers_no_more_but_is_still_named(desk, house):
    desk.receives()
    desk.does("read")
    desk.answers()
    desk.employs(JOE)
    desk.receives(message_id="m-more")
    desk.does("read")

    with pytest.raises(UnknownContactPerson):
        desk.answers(by=PETRA)

    assert desk.thread()[1][1].author == "cp-petra"


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001, "a\x00b"])
@on_sqlite_alone
def test_an_answer_needs_a_text(desk, house, text):
    desk.receives()
    desk.does("read")

    with nothing_changes(house), pytest.raises(InvalidRequest):
        desk.answers(text=text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "perhaps"},
        {"reason": " "},
        {"reason": "x" * 2_001},
        {"link": "http://stadtwerke.example/"},
        {"link": "javascript:alert(1)"},
        {"link": "https://a.example/\nSet-Cookie: a"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
@on_sqlite_alone
def test_a_decision_needs_an_outcome_and_a_reason(desk, house, wrong):
    desk.receives()
    desk.does("read")
    desk.answers()

    with nothing_changes(house), pytest.raises(InvalidRequest):
        desk.does("decide", **{"outcome": "used", "reason": "Why not", **wrong})


@on_sqlite_alone
def test_what_is_not_used_is_declined_and_never_called_done(desk, house):
    desk.receives()
    desk.does("read")
    desk.answers()
    desk.decides(outcome="not")

    with nothing_changes(house), pytest.raises(WrongState):
        desk.does("finish")
    assert desk.does("decline").state == "declined"


def test_the_same_message_again_changes_nothing_and_another_under_its_id_is_refused(desk, house):
    desk.receives(message_id="m")
    desk.does("read")
    desk.answers(message_id="a", text="Yes.")
    with nothing_changes(house):
        desk.receives(message_id="m")
        desk.answers(message_id="a", text="Yes.")
        for again in (
            lambda: desk.receives(message_id="m", digest="sha-256:other"),
            lambda: desk.receives("t-2", message_id="m"),
            lambda: desk.answers(message_id="a", text="No."),
        ):
            with pytest.raises(OtherMessage):
                again()

    assert desk.told() == ["read", "answered"]


def test_who_writes_again_gets_an_answer_again(desk):
    desk.receives()
    desk.does("read")
    desk.answers()
    desk.decides()
    desk.does("finish")

    desk.receives(text="It still comes on paper.")

    assert desk.state() == "received"
    with pytest.raises(WrongState):
        desk.does("finish")
    assert [message.text for message in desk.thread()[1]] == [TEXT, "We do.", "It still comes on paper."]


def test_of_two_who_answer_at_once_one_does_and_the_other_hears_of_it(desk):
    desk.employs(PETRA, JOE)
    desk.receives()
    desk.does("read")

    def answer(by):
        try:
            return desk.answers(by=by, text=f"{by.name} writes.").state
        except WrongState:
            return "too late"

    with ThreadPoolExecutor(2) as both:
        ended = sorted(both.map(answer, (PETRA, JOE)))

    assert ended == ["answered", "too late"]
    assert [message.direction for message in desk.thread()[1]] == ["from_person", "to_person"]


def test_messages_that_come_at_once_are_all_kept(desk):
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda number: desk.receives(text=f"{number}", message_id=f"at-once-{number}"), range(8)))

    assert sorted(message.text for message in desk.thread()[1]) == sorted(map(str, range(8)))


@on_sqlite_alone
def test_two_vendors_see_nothing_of_each_other(desk, house):
    desk.receives()
    other = Desk(house, "bookshop", (JOE,))

    for step in (
        other.thread,
        lambda: other.does("read"),
        lambda: other.answers(by=JOE),
        other.decides,
        lambda: other.does("finish"),
        lambda: other.threads(after="t-1"),
    ):
        with nothing_changes(house), pytest.raises(UnknownThread):
            step()
    assert other.threads().threads == ()


@on_sqlite_alone
def test_the_same_id_at_two_vendors_is_two_threads(desk, house):
    other = Desk(house, "bookshop", (JOE,))
    desk.receives("t", message_id="m")
    other.receives("t", message_id="m", text="About a book")

    other.does("read", "t")

    assert (desk.state("t"), other.state("t")) == ("received", "read")
    assert desk.thread("t")[1][0].text == TEXT


@on_sqlite_alone
def test_the_list_comes_in_pages_and_by_what_is_wanted(desk, clock):
    for number in range(5):
        desk.receives(f"t-{number}", type="complaint" if number % 2 else "praise")
        clock.now += 1
    desk.does("read", "t-3")

    first = desk.threads(limit=3)
    rest = desk.threads(limit=3, after=first.after)

    assert [one.thread_id for one in (*first.threads, *rest.threads)] == ["t-1", "t-3", "t-0", "t-2", "t-4"]
    assert rest.after is None
    complaints = desk.threads(wanted=Filter(type="complaint", state="received"))
    assert [one.thread_id for one in complaints.threads] == ["t-1"]


@on_sqlite_alone
def test_with_the_vendor_its_desk_goes(desk, house):
    desk.receives()
    desk.does("read")
    desk.answers()

    house.database.write(registry.remove, "stadtwerke")

    assert not any(rows(house, table) for table in TABLES)
