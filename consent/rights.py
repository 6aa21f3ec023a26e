"""A person's rights towards a vendor (GDPR, articles 15 to 21), as signed requests with a day on which they are due.

They outlive the grant they are about: who has stopped sharing may still ask what is left of it.
"""

import calendar
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from consent import grants, ledger
from consent.asks import party_from
from consent.errors import AlreadyAsked, BadAnswer, NotGranted, UnknownRequest
from consent.ledger import Entry
from consent.model import NO_DATA, Grant, Party
from consent.tables import rights, rights_answers
from keys import opaque
from keys.persons import open_data_key
from keys.relationship import RelationshipKey
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets

TYPE: Final = "rights-request+jwt"
KIND: Final = "rights"
ARTICLES: Final[Mapping[str, int]] = {
    "access": 15,
    "rectification": 16,
    "erasure": 17,
    "portability": 20,
    "objection": 21,
}
OUTCOMES: Final = ("received", "extended", "completed", "declined")
CLOSING: Final = ("completed", "declined")
REASONED: Final = ("extended", "declined")  # article 12 (3) and (4): only with the reasons
LONGEST_REASON: Final = 500
MOST_ANSWERS: Final = 10
NOTICE: Final = 7 * 24 * 3600
MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor said to a request, as it signed it. `until` (epoch seconds) is there where it needs longer."""

    outcome: str
    reason: str | None
    until: int | None
    document: str
    at: int


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """One right, asked of one vendor. `document` is the request as it was signed; `due_at` is exclusive."""

    person_id: str
    request_id: str
    persona_id: str
    grant_id: str
    client_id: str
    party: Party
    right: str
    attributes: tuple[str, ...]
    document: str
    made_at: int
    due_at: int
    closed_at: int | None
    outcome: str | None
    reminded_at: int | None

    @property
    def digest(self) -> str:
        return digest_of(self.document)

    def is_overdue(self, now: int) -> bool:
        return self.closed_at is None and now >= self.due_at


def digest_of(document: str) -> str:
    return f"sha-256:{hashlib.sha256(document.encode()).hexdigest()}"


def ask(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    key: RelationshipKey,
    *,
    right: str,
    attributes: Collection[str],
    issuer: str,
    now: int,
) -> RightsRequest:
    """Ask the vendor of this grant, ended or not, for one of ARTICLES about these attributes.

    Raises NotGranted for attributes it never had under this grant, AlreadyAsked while the same right is open.
    """
    about = tuple(sorted(attributes))
    known = {item.attribute for item in (*grant.items, *grant.refused)} - NO_DATA
    if right not in ARTICLES or not set(about) <= known:
        raise NotGranted("the request names something this vendor was never asked to read")
    grants.meet(db, grant)
    if any(one.right == right for one in _found(db, *_open(grant.person_id), rights.c.grant_id == grant.grant_id)):
        raise AlreadyAsked("this is asked already, and not answered yet")
    request_id, due_at = opaque.mint(secrets.tokens, KIND, grant.person_id), due(now, months=1)
    claims = {
        "iss": key.did,
        "sub": key.sub,
        "aud": [grant.party.client_id, issuer],
        "jti": request_id,
        "iat": now,
        "grant_id": grant.grant_id,
        "consent_token": f"urn:uuid:{grant.consent_token_id}",
        "w:right": {"@id": f"eu-gdpr:A{ARTICLES[right]}", "right": right, "attributes": list(about), "due_at": due_at},
    }
    row = {
        "person_id": grant.person_id,
        "request_id": request_id,
        "persona_id": grant.persona_id,
        "grant_id": grant.grant_id,
        "client_id": grant.party.client_id,
        "party": asdict(grant.party),
        "right": right,
        "attributes": list(about),
        "document": key.sign(claims, typ=TYPE),
        "made_at": now,
        "due_at": due_at,
    }
    db.execute(insert(rights).values(**row))
    made = find(db, request_id, person_id=grant.person_id)
    _note(db, secrets, made, {"attributes": list(about), "due": due_at}, action="right_asked", now=now)
    return made


def due(at: int, *, months: int) -> int:
    """The end of the day so many months later, or of the Monday after it where that is on a weekend (epoch seconds).

    Article 12 (3), counted as Regulation 1182/71 article 3 has it; public holidays are not known here.
    """
    day = datetime.fromtimestamp(at, UTC)
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    end = datetime(day.year + years, month + 1, min(day.day, last), tzinfo=UTC)
    end += timedelta(days={5: 2, 6: 1}.get(end.weekday(), 0))
    return int((end + timedelta(days=1)).timestamp())


def find(db: Connection, request_id: str, *, person_id: str) -> RightsRequest:
    """Raises UnknownRequest, also for somebody else's."""
    found = _found(db, rights.c.person_id == person_id, rights.c.request_id == request_id)
    if not found:
        raise UnknownRequest("there is no such request")
    return found[0]


def of_person(db: Connection, *, person_id: str, persona_id: str) -> tuple[RightsRequest, ...]:
    """The newest first."""
    return _found(db, rights.c.person_id == person_id, rights.c.persona_id == persona_id)


def of_vendor(db: Connection, *, client_id: str, sector: str, grant_id: str | None = None) -> tuple[RightsRequest, ...]:
    """What waits for this vendor's answer, and not for one that had its client_id before; at most MOST_LISTED."""
    its_own = (rights.c.client_id == client_id, rights.c.party["sector"].as_string() == sector)
    wanted = [*its_own, rights.c.closed_at.is_(None)]
    if grant_id is not None:
        wanted.append(rights.c.grant_id == grant_id)
    query = select(rights).where(*wanted).order_by(rights.c.due_at, rights.c.request_id).limit(MOST_LISTED)
    return tuple(map(request_from, db.execute(query)))


def answers_of(db: Connection, secrets: HostSecrets, request: RightsRequest) -> tuple[Answer, ...]:
    """The oldest first. Raises keys.errors.UnknownKey."""
    said = rights_answers.c
    query = select(said.number, said.answer_sealed).where(
        said.person_id == request.person_id, said.request_id == request.request_id
    )
    data_key = open_data_key(db, secrets, person_id=request.person_id)
    opened = (
        unseal(data_key, row.answer_sealed, *_place(request, row.number))
        for row in db.execute(query.order_by("number"))
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
    db.execute(update(rights).where(*_this(request)).values(**said))
    data_key, number = open_data_key(db, secrets, person_id=request.person_id), len(before) + 1
    sealed = seal(data_key, orjson.dumps(asdict(given)), *_place(request, number))
    ids = {"person_id": request.person_id, "request_id": request.request_id, "number": number}
    db.execute(insert(rights_answers).values(**ids, answer_sealed=sealed))
    what = {"outcome": given.outcome} | ({"due": given.until} if given.until else {})
    _note(db, secrets, request, what, action="right_answered", now=now)
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


def withdraw(db: Connection, secrets: HostSecrets, request_id: str, *, person_id: str, now: int) -> None:
    """The person no longer wants it; nothing happens to one that is closed. Raises UnknownRequest."""
    request = find(db, request_id, person_id=person_id)
    gone = update(rights).where(*_this(request), rights.c.closed_at.is_(None))
    if db.execute(gone.values(closed_at=now, outcome="withdrawn")).rowcount == 1:
        _note(db, secrets, request, {"outcome": "withdrawn"}, action="right_answered", now=now)


def to_remind(db: Connection, *, now: int) -> tuple[RightsRequest, ...]:
    """Open ones that are due within NOTICE and were not reminded of, or are overdue and were not since."""
    soon = rights.c.reminded_at.is_(None) & (rights.c.due_at <= now + NOTICE)
    late = (rights.c.due_at <= now) & (rights.c.reminded_at < rights.c.due_at)
    query = select(rights).where(rights.c.closed_at.is_(None), soon | late).order_by(rights.c.due_at).limit(MOST_LISTED)
    return tuple(map(request_from, db.execute(query)))


def remind(db: Connection, secrets: HostSecrets, request: RightsRequest, *, now: int) -> bool:
    """Note that the vendor is reminded; says whether it was this call that did it."""
    before = rights.c.reminded_at.is_not_distinct_from(request.reminded_at)
    first = update(rights).where(*_this(request), rights.c.closed_at.is_(None), before)
    if db.execute(first.values(reminded_at=now)).rowcount != 1:
        return False
    _note(db, secrets, request, {"due": request.due_at}, action="right_reminded", now=now)
    return True


def _note(
    db: Connection, secrets: HostSecrets, request: RightsRequest, what: Mapping[str, Any], *, action: str, now: int
) -> None:
    detail = {"vendor": request.party.name, "right": request.right, **what}
    entry = Entry(action, request.client_id, request.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=request.person_id, now=now)


def _open(person_id: str) -> tuple[ColumnElement[bool], ...]:
    return rights.c.person_id == person_id, rights.c.closed_at.is_(None)


def _this(request: RightsRequest) -> tuple[ColumnElement[bool], ...]:
    return rights.c.person_id == request.person_id, rights.c.request_id == request.request_id


def _place(request: RightsRequest, number: int) -> tuple[str, ...]:
    """Where a sealed answer belongs."""
    return "rights_answers", request.person_id, request.request_id, str(number)


def _found(db: Connection, *wanted: ColumnElement[bool]) -> tuple[RightsRequest, ...]:
    query = select(rights).where(*wanted).order_by(rights.c.made_at.desc(), rights.c.request_id)
    return tuple(map(request_from, db.execute(query)))


def request_from(row: Row[Any]) -> RightsRequest:
    stored = dict(row._mapping)
    party, attributes = party_from(stored["party"]), tuple(stored["attributes"])
    return RightsRequest(**{**stored, "party": party, "attributes": attributes})
