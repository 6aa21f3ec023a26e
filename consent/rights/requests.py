"""What a person asks of a vendor by right, signed: made, found, withdrawn, and reminded of."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, case, func, insert, select, update

from consent import events, grants, ledger, token
from consent.asks import party_from
from consent.canonical import digest
from consent.errors import AlreadyAsked, NotGranted, UnknownRequest
from consent.ledger import Entry
from consent.model import Grant, Party, carries_data
from consent.rights.dates import due
from consent.rights.tables import rights
from keys import opaque
from keys.relationship import RelationshipKey
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
NOTICE: Final = 7 * 24 * 3600
MOST_LISTED: Final = 100


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
        return digest(self.document.encode())

    def is_overdue(self, now: int) -> bool:
        return self.closed_at is None and now >= self.due_at


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
    grants.meet(db, grant)
    check_new(db, grant, right, about)
    request_id, due_at = opaque.mint(secrets.tokens, KIND, grant.person_id), due(now, months=1)
    asked = {"right": right, "attributes": list(about), "due_at": due_at}
    row = {
        "person_id": grant.person_id,
        "request_id": request_id,
        "persona_id": grant.persona_id,
        "grant_id": grant.grant_id,
        "client_id": grant.party.client_id,
        "party": asdict(grant.party),
        "document": key.sign(said_of(grant, asked, request_id, key, issuer=issuer, now=now), typ=TYPE),
        "made_at": now,
    }
    db.execute(insert(rights).values(**row, **asked))
    made = find(db, request_id, person_id=grant.person_id)
    what = {"attributes": list(about), "due": due_at, "request": made.digest}
    line = note(db, secrets, made, what, action="right_asked", now=now)
    kind = events.ERASURE if right == "erasure" else events.RIGHT_ASKED
    events.tell_of_right(db, grant, kind, told(made), line=line, now=now)
    return made


def check_new(db: Connection, grant: Grant, right: str, about: Collection[str]) -> None:
    """Raises NotGranted or AlreadyAsked."""
    known = {item.attribute for item in (*grant.items, *grant.refused) if carries_data(item.attribute)}
    if right not in ARTICLES or not set(about) <= known:
        raise NotGranted("the request names something this vendor was never asked to read")
    here = matching(db, *still_open(grant.person_id), rights.c.grant_id == grant.grant_id)
    if any(one.right == right for one in here):
        raise AlreadyAsked("this is asked already, and not answered yet")


def said_of(
    grant: Grant, asked: Mapping[str, Any], request_id: str, key: RelationshipKey, *, issuer: str, now: int
) -> dict[str, Any]:
    """The claims that are signed."""
    return {
        "iss": key.did,
        "sub": key.sub,
        "aud": [grant.party.client_id, issuer],
        "jti": request_id,
        "iat": now,
        "grant_id": grant.grant_id,
        "consent_token": token.jti(grant.consent_token_id),
        "w:right": {"@id": f"eu-gdpr:A{ARTICLES[asked['right']]}", **asked},
    }


def find(db: Connection, request_id: str, *, person_id: str) -> RightsRequest:
    """Raises UnknownRequest, also for somebody else's."""
    found = matching(db, rights.c.person_id == person_id, rights.c.request_id == request_id)
    if not found:
        raise UnknownRequest("there is no such request")
    return found[0]


def of_person(db: Connection, *, person_id: str, persona_id: str) -> tuple[RightsRequest, ...]:
    """The newest first."""
    return matching(db, rights.c.person_id == person_id, rights.c.persona_id == persona_id)


def how_many(db: Connection, *, person_id: str, persona_id: str, now: int) -> tuple[int, int]:
    """How many requests a persona has made, and how many of them are overdue."""
    mine = (rights.c.person_id == person_id, rights.c.persona_id == persona_id)
    late = func.count(case((rights.c.closed_at.is_(None) & (rights.c.due_at <= now), 1)))
    made, overdue = db.execute(select(func.count(), late).where(*mine)).one()
    return made, overdue


def of_vendor(db: Connection, *, client_id: str, sector: str, grant_id: str | None = None) -> tuple[RightsRequest, ...]:
    """What waits for this vendor's answer, and not for one that had its client_id before; at most MOST_LISTED."""
    its_own = (rights.c.client_id == client_id, rights.c.party["sector"].as_string() == sector)
    wanted = [*its_own, rights.c.closed_at.is_(None)]
    if grant_id is not None:
        wanted.append(rights.c.grant_id == grant_id)
    query = select(rights).where(*wanted).order_by(rights.c.due_at, rights.c.request_id).limit(MOST_LISTED)
    return tuple(map(request_from, db.execute(query)))


def withdraw(db: Connection, secrets: HostSecrets, request_id: str, *, person_id: str, now: int) -> None:
    """The person no longer wants it; nothing happens to one that is closed. Raises UnknownRequest."""
    request = find(db, request_id, person_id=person_id)
    gone = update(rights).where(*this(request), rights.c.closed_at.is_(None))
    if db.execute(gone.values(closed_at=now, outcome="withdrawn")).rowcount == 1:
        line = note(db, secrets, request, {"outcome": "withdrawn"}, action="right_answered", now=now)
        tell(db, request, events.RIGHT_WITHDRAWN, line=line, now=now)


def to_remind(db: Connection, *, now: int) -> tuple[RightsRequest, ...]:
    """Open ones that are due within NOTICE and were not reminded of, or are overdue and were not since."""
    soon = rights.c.reminded_at.is_(None) & (rights.c.due_at <= now + NOTICE)
    late = (rights.c.due_at <= now) & (rights.c.reminded_at < rights.c.due_at)
    query = select(rights).where(rights.c.closed_at.is_(None), soon | late).order_by(rights.c.due_at).limit(MOST_LISTED)
    return tuple(map(request_from, db.execute(query)))


def remind(db: Connection, secrets: HostSecrets, request: RightsRequest, *, now: int) -> bool:
    """Note that the vendor is reminded; says whether it was this call that did it."""
    before = rights.c.reminded_at.is_not_distinct_from(request.reminded_at)
    first = update(rights).where(*this(request), rights.c.closed_at.is_(None), before)
    if db.execute(first.values(reminded_at=now)).rowcount != 1:
        return False
    line = note(db, secrets, request, {"due": request.due_at}, action="right_reminded", now=now)
    tell(db, request, events.RIGHT_REMINDED, line=line, now=now)
    return True


def note(
    db: Connection, secrets: HostSecrets, request: RightsRequest, what: Mapping[str, Any], *, action: str, now: int
) -> int:
    """The number of the line."""
    detail = {"vendor": request.party.name, "right": request.right, **what}
    entry = Entry(action, request.client_id, request.grant_id, detail)
    return ledger.write(db, secrets.ledger, entry, person_id=request.person_id, now=now).last


def tell(db: Connection, request: RightsRequest, kind: str, *, line: int, now: int) -> None:
    grant = grants.find(db, request.grant_id, person_id=request.person_id)
    events.tell_of_right(db, grant, kind, told(request), line=line, now=now)


def told(request: RightsRequest) -> dict[str, Any]:
    """By name, and never a value; the whole request waits at the vendor's endpoint."""
    return {
        "request_id": request.request_id,
        "right": request.right,
        "attributes": list(request.attributes),
        "due_at": request.due_at,
    }


def still_open(person_id: str) -> tuple[ColumnElement[bool], ...]:
    return rights.c.person_id == person_id, rights.c.closed_at.is_(None)


def this(request: RightsRequest) -> tuple[ColumnElement[bool], ...]:
    return rights.c.person_id == request.person_id, rights.c.request_id == request.request_id


def matching(db: Connection, *wanted: ColumnElement[bool]) -> tuple[RightsRequest, ...]:
    query = select(rights).where(*wanted).order_by(rights.c.made_at.desc(), rights.c.request_id)
    return tuple(map(request_from, db.execute(query)))


def request_from(row: Row[Any]) -> RightsRequest:
    stored = dict(row._mapping)
    party, attributes = party_from(stored["party"]), tuple(stored["attributes"])
    return RightsRequest(**{**stored, "party": party, "attributes": attributes})
