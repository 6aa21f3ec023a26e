"""The vendors of a person, as far as another host needs them: how they are registered, and how they listen."""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from consent.tables import event_streams, grants
from vendor_api.tables import vendors

COLUMNS: Final[dict[str, Any]] = {"client_id": str, "secret_digest": str, "metadata": str, "stream": str}
# Of a stream all but the secret with which this host is let in at the vendor's.
STREAM: Final = ("sector", "method", "endpoint_url", "events_requested", "description", "status")


def vendor_rows(db: Connection, *, person_id: str) -> Iterator[dict[str, str | None]]:
    """Those the person has granted something, by client_id."""
    mine = select(grants.c.client_id).where(grants.c.person_id == person_id).distinct()
    known = select(vendors.c.client_id, vendors.c.secret_digest, vendors.c.metadata).where(
        vendors.c.client_id.in_(mine)
    )
    streams = {
        row.client_id: {name: row._mapping[name] for name in STREAM}
        for row in db.execute(select(event_streams).where(event_streams.c.client_id.in_(mine)))
    }
    for row in sorted(db.execute(known), key=lambda row: str(row.client_id)):
        yield {
            "client_id": row.client_id,
            "secret_digest": row.secret_digest,
            "metadata": said(row.metadata),
            "stream": said(streams[row.client_id]) if row.client_id in streams else None,
        }


def said(content: object) -> str:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()
