"""The stream of a vendor that listens to events: to which kinds, and how they reach it. A vendor has one at most."""

from dataclasses import asdict, dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from consent import outbox
from consent.events import EVENT, NOBODY, OFFERED, VERIFICATION
from consent.tables import event_streams
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets

PUSH: Final = "urn:ietf:rfc:8935"
POLL: Final = "urn:ietf:rfc:8936"
METHODS: Final = (PUSH, POLL)
STATUSES: Final = ("enabled", "paused", "disabled")


@dataclass(frozen=True, slots=True)
class Stream:
    """`endpoint_url` and the sealed header are there for PUSH; `verified_at` is when the vendor last asked for that."""

    client_id: str
    sector: str
    stream_id: str
    method: str
    endpoint_url: str | None
    authorization_sealed: bytes | None
    events_requested: list[str]
    description: str | None
    status: str
    reason: str | None
    created_at: int
    verified_at: int | None

    @property
    def events_delivered(self) -> list[str]:
        return [kind for kind in OFFERED if kind in self.events_requested]

    def authorization(self, secrets: HostSecrets) -> dict[str, str]:
        """The header that this vendor wants to see with each push, if any."""
        if self.authorization_sealed is None:
            return {}
        return {"Authorization": unseal(secrets.sealing, self.authorization_sealed, *self.place).decode()}

    @property
    def place(self) -> tuple[str, str, str]:
        """Where the sealed header belongs: sent to this address alone."""
        return sealed_at(self.client_id, self.endpoint_url)


def sealed(secrets: HostSecrets, header: str, *, client_id: str, endpoint_url: str | None) -> bytes:
    return seal(secrets.sealing, header.encode(), *sealed_at(client_id, endpoint_url))


def sealed_at(client_id: str, endpoint_url: str | None) -> tuple[str, str, str]:
    return "event_stream", client_id, endpoint_url or ""


def find(db: Connection, client_id: str) -> Stream | None:
    row = db.execute(select(event_streams).where(event_streams.c.client_id == client_id)).first()
    return stream_from(row) if row else None


def everyone(db: Connection) -> tuple[Stream, ...]:
    return tuple(map(stream_from, db.execute(select(event_streams).order_by(event_streams.c.client_id))))


def pushed_to(db: Connection) -> frozenset[str]:
    """The vendors that want events sent now."""
    wanted = (event_streams.c.method == PUSH, event_streams.c.status == "enabled")
    return frozenset(db.execute(select(event_streams.c.client_id).where(*wanted)).scalars())


def save(db: Connection, stream: Stream) -> None:
    db.execute(insert(event_streams).values(asdict(stream)))


def change(db: Connection, stream: Stream) -> None:
    """What waits goes the new way; where the vendor wants nothing any more, it is dropped."""
    db.execute(update(event_streams).where(event_streams.c.client_id == stream.client_id).values(asdict(stream)))
    if stream.status == "disabled":
        outbox.drop_waiting(db, event=EVENT, client_id=stream.client_id)


def remove(db: Connection, stream: Stream) -> None:
    db.execute(delete(event_streams).where(event_streams.c.client_id == stream.client_id))
    outbox.drop_waiting(db, event=EVENT, client_id=stream.client_id)
    outbox.forget(db, event=EVENT, client_id=stream.client_id, person_id=NOBODY)


def verify(db: Connection, stream: Stream, *, state: str | None, now: int) -> None:
    """Have an event of its own sent, which tells the vendor that its stream works, in the place of earlier ones."""
    outbox.forget(db, event=EVENT, client_id=stream.client_id, person_id=NOBODY)
    said = {} if state is None else {"state": state}
    detail = {"type": VERIFICATION, "txn": token_urlsafe(16), "line": None, "said": said}
    place = {"person_id": NOBODY, "client_id": stream.client_id, "lane": stream.stream_id}
    outbox.put(db, **place, event=EVENT, detail=detail, now=now)


def stream_from(row: Row[Any]) -> Stream:
    return Stream(**row._mapping)
