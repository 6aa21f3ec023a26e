"""What weighs how much: a priority with every reason for it, as the person sees it too. An estimate, and no verdict.

Waiting counts without being added up: a point is worth POINT seconds, so that what waits moves forward by itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, update

from keys.secrets import HostSecrets
from vendor_api.desk import threads
from vendor_api.desk.errors import WrongState
from vendor_api.desk.model import Incoming, Thread, Weight
from vendor_api.desk.service import Service
from vendor_api.desk.tables import desk_threads
from vendor_api.desk.wording import MOOD, URGENCY, found_in
from vendor_api.errors import InvalidRequest

POINT: Final = 15 * 60
HIGHEST: Final = 100
BY_TYPE: Final = {"complaint": 30, "question": 20, "hint": 15, "wish": 10, "idea": 10, "message": 10, "praise": 5}
MOST_BY_WORDS: Final = {URGENCY: 30, MOOD: 20}
MOST_BY_INFLUENCE: Final = 20
BY_SERVICE_LEVEL: Final = ((4, 20), (8, 10), (24, 5))  # up to so many hours, so much
LATE: Final = 30


def weigh(about: Incoming, text: str, *, service: Service, released: Mapping[str, Any]) -> tuple[Weight, ...]:
    """`released` is what the person lets this vendor read, by attribute; of a person nothing else counts."""
    found = found_in(text, about.language)
    weights = [Weight("type", BY_TYPE[about.type])]
    for sign, most in MOST_BY_WORDS.items():
        words = [one for one in found if one.about == sign]
        if words:
            heaviest = min(sum(one.weight for one in words), most)
            weights.append(Weight(sign, heaviest, tuple(one.words for one in words)))
    hours = service.level(about.type, about.topic).first_answer_hours
    level = next((weight for most, weight in BY_SERVICE_LEVEL if hours <= most), 0)
    weights += [Weight("service_level", level)] if level else []
    left = MOST_BY_INFLUENCE
    for rule in service.influence:
        weight = min(rule.weight, left)
        if weight and rule.attribute in released and released[rule.attribute] == rule.value:
            weights.append(Weight("released", weight, (rule.attribute,)))
            left -= weight
    return tuple(weights)


def priority_of(weights: tuple[Weight, ...]) -> int:
    return max(0, min(HIGHEST, sum(one.weight for one in weights)))


def rank_of(priority: int, since: int) -> int:
    """The smaller, the further ahead."""
    return since - priority * POINT


def waited(thread: Thread, now: int) -> Weight:
    """What waiting has added, to be shown beside the rest."""
    since = thread.rank + thread.priority * POINT
    return Weight("waiting", max(0, now - since) // POINT)


def correct(
    db: Connection, secrets: HostSecrets, *, client_id: str, thread_id: str, priority: int, expected: int, now: int
) -> Thread:
    """Somebody at the vendor knows better. The estimate stays beside what they say; nothing learns from it.

    Raises UnknownThread, InvalidRequest; WrongState where the priority is no longer what they saw.
    """
    if not 0 <= priority <= HIGHEST:
        raise InvalidRequest(f"priority must be a number from 0 to {HIGHEST}")
    thread = threads.find(db, secrets, client_id=client_id, thread_id=thread_id)
    return add(db, secrets, thread, Weight("corrected", priority - expected), expected=expected)


def add(db: Connection, secrets: HostSecrets, thread: Thread, weight: Weight, *, expected: int) -> Thread:
    """One more reason. Raises WrongState where the priority is no longer the expected one."""
    ids = {"client_id": thread.client_id, "thread_id": thread.thread_id}
    others = tuple(one for one in thread.explanation if one.reason != weight.reason)
    before = next((one.weight for one in thread.explanation if one.reason == weight.reason), 0)
    explanation = (*others, Weight(weight.reason, before + weight.weight, weight.words))
    priority = max(0, min(HIGHEST, expected + weight.weight))
    row = desk_threads.c
    unchanged = (row.client_id == thread.client_id, row.thread_id == thread.thread_id, row.priority == expected)
    moved = {"priority": priority, "rank": row.rank + (expected - priority) * POINT}
    sealed = threads.sealed_parts(secrets, **ids, explanation=as_data(explanation))
    if db.execute(update(desk_threads).where(*unchanged).values(**moved, **sealed)).rowcount != 1:
        raise WrongState("the priority has been changed meanwhile; look at it again")
    return threads.find(db, secrets, **ids)


def as_data(weights: tuple[Weight, ...]) -> list[list[Any]]:
    return [[one.reason, one.weight, list(one.words)] for one in weights]
