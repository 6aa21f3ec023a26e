"""Keep what is told of people's weeks, and find it again."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from vendor_api.figures.noise import part, share, told
from vendor_api.figures.tables import channel_statistics, figures
from vendor_api.figures.weeks import PERIOD, WEEK

REACHED: Final = "reached"  # people who got something of a topic in a week
UNREAD: Final = "unread"  # of those, who left most of it unread for a week and more
RATED: Final = "rated"  # people who said whether it was relevant
RELEVANT: Final = "relevant"  # of those, to whom most of it was
GAINED: Final = "gained"  # people who allowed the topic
LOST: Final = "lost"  # people who took it back
PARTS: Final[Mapping[str, str]] = {UNREAD: REACHED, RELEVANT: RATED}
NAMES: Final = (REACHED, UNREAD, RATED, RELEVANT, GAINED, LOST)
CHANNEL: Final = "channel"
HOURS: Final = "hours"
FREQUENCY: Final = "frequency"
# All that can be answered: what nobody answered looks like what few did.
ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    CHANNEL: ("inbox", "email", "web_push", "sms", "phone", "video", "letter", "feed", "another"),
    HOURS: ("any", "morning", "afternoon", "evening", "night"),
    FREQUENCY: ("no_limit", "per_day", "per_week", "per_month", "per_year"),
}
ANY_AGE: Final = "any"
AGES: Final[Mapping[str, int]] = {
    "under_30": 0,
    "30_to_49": 30,
    "50_to_64": 50,
    "from_65": 65,
}  # from that many years on
WEEKS: Final = 12
PERIODS: Final = 6

Sums = Mapping[str, int]


def keep_week(db: Connection, sums: Sums, *, client_id: str, topics: Collection[str], week: int) -> None:
    """`sums` by "topic name", of all these topics: one that reached nobody looks like one that reached few.

    A part of people is told only where the whole is.
    """
    for topic in topics:
        said: dict[str, int | None] = {}
        for name in NAMES:
            count = sums.get(f"{topic} {name}", 0)
            whole = PARTS.get(name)
            is_told = whole is None or said[whole] is not None
            said[name] = told(count) if whole is None else part(count) if is_told else None
        place = {"client_id": client_id, "week": week, "topic": topic}
        db.execute(delete(figures).filter_by(**place))
        db.execute(insert(figures), [{**place, "name": name, "people": said[name]} for name in said])


def weeks(db: Connection, *, client_id: str, now: int) -> list[dict[str, Any]]:
    """What is told of each topic and week, the latest first. None is: fewer than there have to be."""
    row = figures.c
    mine = (row.client_id == client_id, row.week > now - (WEEKS + 2) * WEEK)
    found: dict[tuple[int, str], dict[str, int | None]] = {}
    for one in db.execute(select(figures).where(*mine)):
        found.setdefault((one.week, one.topic), {})[one.name] = one.people
    return [week_of(week, topic, said) for (week, topic), said in sorted(found.items(), reverse=True)]


def week_of(week: int, topic: str, said: Mapping[str, int | None]) -> dict[str, Any]:
    unread, relevant = (share(said[name], said[whole]) for name, whole in PARTS.items())
    shares = {"unread_percent": unread, "relevant_percent": relevant}
    return {"week": week, "topic": topic, **{name: said[name] for name in (REACHED, RATED, GAINED, LOST)}, **shares}


def keep_period(db: Connection, sums: Sums, *, period: int) -> None:
    """`sums` by "age question answer"."""
    rows = [
        {"period": period, "age": age, "question": question, "answer": answer, "people": told(sums.get(name, 0))}
        for age in (ANY_AGE, *AGES)
        for question, some in ANSWERS.items()
        for answer in some
        for name in (f"{age} {question} {answer}",)
    ]
    db.execute(insert(channel_statistics), rows)


def statistics(db: Connection, *, now: int) -> list[dict[str, Any]]:
    """By period, age, question and answer, the latest period first; of any age and of each that people say."""
    row = channel_statistics.c
    found = select(channel_statistics).where(row.period > now - (PERIODS + 2) * PERIOD)
    newest = db.execute(found.order_by(row.period.desc(), row.age, row.question, row.answer))
    names = ("period", "age", "question", "answer", "people")
    return [{name: getattr(one, name) for name in names} for one in newest]
