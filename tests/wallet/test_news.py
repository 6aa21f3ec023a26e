"""At first sight a person sees what waits for them: late answers, offers, what went on, what is unread."""

import re

import pytest
from feedback import Answering, tells
from reading import words
from seeking import Merchant, act
from seeking import sends as seeks
from storage import on_sqlite_alone

from wallet import news

pytestmark = on_sqlite_alone

SAYS = {
    "late": "An answer is late.",
    "offered": "An offer waits for you.",
    "moved": "What you told a vendor went on.",
    "unread": "A conversation has something unread.",
}


@pytest.fixture(autouse=True)
def _is_there(person):
    person.signs_in()


def seen(person):
    """The sentences that stand there, and where each leads."""
    page = person.browser.get("/wallet").text
    return {
        re.sub(r"<[^>]+>", "", said): url for url, said in re.findall(r'</svg><a href="([^"]+)">([^<]+)</a></li>', page)
    }


def test_where_nothing_waits_nothing_is_said(person):
    assert seen(person) == {}


def test_each_is_said_once_it_is_there_and_no_longer_when_it_is_not(app, house, person, clock):
    vendor = Answering(app, house)
    page = tells(person, vendor, "Read my meter once a month.").request.path
    clock.now += 20 * 24 * 3600
    person.signs_in()
    assert SAYS["late"] in seen(person)
    assert 'class="overdue"' in person.browser.get("/wallet").text
    [thread] = vendor.threads()
    vendor.opens(thread)
    vendor.answers(thread, "From May on we do.")
    looked = Merchant(app, house, "werke")
    intent = seeks(person, clock)
    looked.offers()

    shown = seen(person)

    assert set(shown) == set(SAYS.values()) - {SAYS["late"]}
    assert "From May on we do." in person.browser.get(page).text
    assert "A green tariff" in words(person.browser.get(shown[SAYS["offered"]]))
    assert "Stadtwerke" in words(person.browser.get(shown[SAYS["unread"]]))
    act(person, intent, "withdraw")
    assert SAYS["offered"] not in seen(person)


def test_what_is_counted_is_found_by_an_index_and_is_never_more_than_a_hundred(house, person, statements):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    statements.clear()
    house.database.read(lambda db: news.how_many(db, **ids, now=house.clock()))

    def plan(db, statement):
        values = tuple("x" for _ in range(statement.count("?")))
        return " ".join(row[3] for row in db.exec_driver_sql(f"explain query plan {statement}", values))

    plans = {statement: house.database.read(plan, statement) for statement in list(statements)}
    assert len(plans) == len(news.LINES)
    for name in ("ix_feedback_due_at", "ix_intent_offers_offered", "ix_feedback_unseen", "ix_threads_unread"):
        assert sum(name in found for found in plans.values()) == 1
    assert all(" LIMIT " in statement for statement in plans)
