"""Somebody to whom many vendors have written much."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, insert, update
from ulid import ULID

from consent.canonical import digest
from keys.sealing import cipher, seal
from wallet.dialogue import engine
from wallet.dialogue.model import Thread
from wallet.dialogue.tables import messages, threads
from wallet.house import House
from wallet.people.model import Person

TEXT = "Your meter was read on the third. You used 214 kWh, which is as much as last month. Nothing is to be done."


def has_talked(house: House, person: Person, *, count: int, vendors: int, longest: int) -> str:
    """So many messages with so many vendors, ten in each thread; but one thread has the `longest` part of them.

    Every tenth thread is unread. Gives back the thread_id of the long one.
    """
    short = max(1, (count - longest) // 10)
    lengths = [longest, *[10] * short]
    made = [house.database.write(begun, house, person, numbers, vendors) for numbers in batched(range(short + 1), 500)]
    every = [one for some in made for one in some]
    said = ((thread, number) for thread, length in zip(every, lengths, strict=True) for number in range(length))
    for some in batched(said, 5_000):
        rows = [message(thread, number) for thread, number in some]
        house.database.write(lambda db, rows: db.execute(insert(messages), rows), rows)
    return every[0].thread_id


def batched(coming: Iterable[Any], size: int) -> Iterator[tuple[Any, ...]]:
    left = iter(coming)
    while some := tuple(islice(left, size)):
        yield some


def begun(db: Connection, house: House, person: Person, numbers: tuple[int, ...], vendors: int) -> list[Thread]:
    place = {"person_id": person.person_id, "persona_id": person.persona_id, "grant_id": None, "kind": "message"}
    found = []
    for number in numbers:
        name = f"vendor{number % vendors}"
        about: dict[str, Any] = {"client_id": name, "vendor": name.title(), "subject": f"Matter {number}"}
        at = house.clock() - number
        thread = engine.open_thread(db, house.secrets, **place, **about, topic=None, opened_by="vendor", now=at)
        if number % 10 == 1:
            db.execute(update(threads).where(*engine.is_thread(thread)).values(unread=1))
        found.append(thread)
    return found


def message(thread: Thread, number: int) -> dict[str, Any]:
    message_id = str(ULID())
    text = f"{TEXT} Number {number} of {thread.subject}."
    content = {"text": text, "author": "Kim Reed", "reason": "", "opening_id": None}
    aad = engine.message_aad(thread.person_id, thread.thread_id, message_id)
    sealed = seal(cipher(thread.key), orjson.dumps({**content, "form_letter": False, "attachments": []}), *aad)
    return {
        "person_id": thread.person_id,
        "thread_id": thread.thread_id,
        "message_id": message_id,
        "persona_id": thread.persona_id,
        "client_id": thread.client_id,
        "said_by": "vendor",
        "channel": "inbox",
        "topic": None,
        "public_id": message_id,
        "digest": digest(text.encode()),
        "at": thread.opened_at - 10_000 + number,
        "read_at": None,
        "rating": None,
        "content_sealed": sealed,
    }
