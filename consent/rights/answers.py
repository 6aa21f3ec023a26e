"""What a vendor answers to a request by right, as it signed it. Sealed at rest, for it writes what it likes."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, insert, select, update

from consent import grants
from consent.canonical import digest
from consent.errors import BadAnswer
from consent.rights.dates import due
from consent.rights.requests import RightsRequest, find, note, this
from consent.rights.tables import rights, rights_answers
from keys.persons import open_data_key
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets

OUTCOMES: Final = ("received", "extended", "completed", "declined")
CLOSING: Final = ("completed", "declined")
REASONED: Final = ("extended", "declined")  # article 12 (3) and (4): only with the reasons
LONGEST_REASON: Final = 500
MOST_ANSWERS: Final = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor said to a request, as it signed it. `until` (epoch seconds) is there where it needs longer.

    `key` is the public key that had signed it, as a JWK, kept for whoever judges later.
    """

    outcome: str
    reason: str | None
    until: int | None
    document: str
    key: Mapping[str, Any]
    at: int


def answers_of(db: Connection, secrets: HostSecrets, request: RightsRequest) -> tuple[Answer, ...]:
    """The oldest first. Raises keys.errors.UnknownKey."""
    said = rights_answers.c
    query = select(said.number, said.answer_sealed).where(
        said.person_id == request.person_id, said.request_id == request.request_id
    )
    data_key = open_data_key(db, secrets, person_id=request.person_id)
    opened = (
        unseal(data_key, row.answer_sealed, *place(request, row.number)) for row in db.execute(query.order_by("number"))
    )
    return tuple(Answer(**orjson.loads(one)) for one in opened)


def answer(db: Connection, secrets: HostSecrets, request: RightsRequest, given: Answer, *, now: int) -> RightsRequest:
    """Keep what the vendor answered. The same document again changes nothing.

    Raises BadAnswer where it does not fit what was answered before, or the law: longer only once, only in time, and
    for two months at most; longer or no only with a reason.
    """
    grants.meet(db, grants.find(db, request.grant_id, person_id=request.person_id))
    request = find(db, request.request_id, person_id=request.person_id)
    before = answers_of(db, secrets, request)
    if any(one.document == given.document for one in before):
        return request
    check_answer(request, before, given, now=now)
    closed_at = now if given.outcome in CLOSING else None
    said = {"outcome": given.outcome, "due_at": given.until or request.due_at, "closed_at": closed_at}
    db.execute(update(rights).where(*this(request)).values(**said))
    data_key, number = open_data_key(db, secrets, person_id=request.person_id), len(before) + 1
    sealed = seal(data_key, orjson.dumps(asdict(given)), *place(request, number))
    ids = {"person_id": request.person_id, "request_id": request.request_id, "number": number}
    db.execute(insert(rights_answers).values(**ids, answer_sealed=sealed))
    what: dict[str, Any] = {"outcome": given.outcome, "answer": digest(given.document.encode())}
    what |= {"due": given.until} if given.until else {}
    note(db, secrets, request, what, action="right_answered", now=now)
    return find(db, request.request_id, person_id=request.person_id)


def check_answer(request: RightsRequest, before: Collection[Answer], given: Answer, *, now: int) -> None:
    reason = given.reason or ""
    for said, wrong in (
        ("this request is closed; what you answered stands", request.closed_at is not None),
        (f"outcome must be one of: {', '.join(OUTCOMES)}", given.outcome not in OUTCOMES),
        (
            f"you have answered {MOST_ANSWERS} times; say completed or declined",
            len(before) >= MOST_ANSWERS and given.outcome not in CLOSING,
        ),
        (f"say why, in at most {LONGEST_REASON} characters", len(reason) > LONGEST_REASON),
        ("say why, for the person", given.outcome in REASONED and not reason.strip()),
        ("until goes with extended, and only with that", (given.outcome == "extended") != (given.until is not None)),
    ):
        if wrong:
            raise BadAnswer(said)
    if given.until is not None:
        check_extension(request, before, given.until, now=now)


def check_extension(request: RightsRequest, before: Collection[Answer], until: int, *, now: int) -> None:
    """Article 12 (3): by two further months, and the person is told within the first."""
    if any(one.outcome == "extended" for one in before):
        raise BadAnswer("you have taken longer once; there is no second time")
    if now >= request.due_at:
        raise BadAnswer("this was due already; longer can only be taken before")
    latest = due(request.made_at, months=3)
    if not request.due_at < until <= latest:
        raise BadAnswer(f"until must be after {request.due_at} and not after {latest}")


def place(request: RightsRequest, number: int) -> tuple[str, ...]:
    """Where a sealed answer belongs."""
    return "rights_answers", request.person_id, request.request_id, str(number)
