"""Tables of the consent engine."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from keys.tables import metadata

asks = Table(
    "asks",
    metadata,
    Column("ask_id", String, primary_key=True),
    Column("client_id", String, nullable=False),
    Column("party", JSON, nullable=False),
    Column("items", JSON, nullable=False),
    Column("trimmed", JSON, nullable=False),
    Column("destination", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("browser_digest", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("person_id", String),
    Column("answered_at", BigInteger),
    Column("grant_id", String),
    Column("done", Boolean, nullable=False),
)

relationships = Table(
    "relationships",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("persona_id", String, primary_key=True),
    Column("sector", String, primary_key=True),
    Column("sub", String, nullable=False, index=True),
    Column("did", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_relationships_sector_created_at", "sector", "created_at"),  # how many there are since when
)

grants = Table(
    "grants",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("grant_id", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("sector", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("party", JSON, nullable=False),
    Column("items", JSON, nullable=False),
    Column("refused", JSON, nullable=False),
    Column("destinations", JSON, nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("asks_each_time", Boolean, nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("paused_until", BigInteger),
    Column("consent_token", Text, nullable=False),
    Column("consent_token_id", String, nullable=False),
    Column("public_sub", String),
    Column("agreed", JSON(none_as_null=True)),
    ForeignKeyConstraint(
        ["person_id", "persona_id", "sector"],
        ["relationships.person_id", "relationships.persona_id", "relationships.sector"],
    ),
)

Index(
    "one_live_grant",
    grants.c.person_id,
    grants.c.client_id,
    grants.c.persona_id,
    unique=True,
    sqlite_where=grants.c.ended_at.is_(None),
    postgresql_where=grants.c.ended_at.is_(None),
)

# A vendor's grants one after the other, where something is for all of them.
Index(
    "ix_grants_vendors",
    grants.c.client_id,
    grants.c.person_id,
    grants.c.persona_id,
)

# All that a status list needs to know of a grant: it looks at tens of thousands, and a whole row is large.
Index(
    "ix_grants_status",
    grants.c.person_id,
    grants.c.grant_id,
    grants.c.consent_token_id,
    grants.c.ended_at,
    grants.c.expires_at,
    grants.c.paused_until,
)

# The newest grants of a persona, a page at a time.
Index("ix_grants_newest", grants.c.person_id, grants.c.persona_id, grants.c.granted_at, grants.c.grant_id)

# What each grant says, item by item (consent/granted.py); it follows from the grant. From `until` on nobody reads it;
# None for what the person refused.
grant_items = Table(
    "grant_items",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("grant_id", String, primary_key=True),
    Column("attribute", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("purpose", Text),
    Column("until", BigInteger),
    Index("ix_grant_items_live", "person_id", "persona_id", "attribute", "until"),
    Index("ix_grant_items_purposes", "person_id", "purpose"),
    sqlite_with_rowid=False,
)

# What a persona has said once for all (consent/standing.py), for a vendor and a kind of purpose, or "*" for every one.
rules = Table(
    "rules",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("persona_id", String, primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("answer", String),
    Column("vendor", String),
    Column("grant_id", String),
    Column("cap", JSON),
    Column("changed_at", BigInteger, nullable=False),
)

# How often a value was read, in the span of time that its limit counts in.
uses = Table(
    "uses",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("grant_id", String, primary_key=True),
    Column("attribute", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
)

# What failed in an hour, under which grant and why, and how often (consent/failures.py).
failures = Table(
    "failures",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("grant_id", String, primary_key=True),
    Column("tried", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("since", BigInteger, nullable=False, index=True),
    Column("count", BigInteger, nullable=False),
)

# The stamps that were made by themselves, one a day at most (consent/stamps.py). `hash` is that of the last line.
stamps = Table(
    "stamps",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
    Column("stamp", Text, nullable=False),
)

# A grant, each change of it and its end, signed (consent/receipts.py), with the consent token that held then.
receipts = Table(
    "receipts",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("grant_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("receipt_id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("digest", String, nullable=False),
    Column("consent_token", Text, nullable=False),
    Column("countersignature", Text),
    Column("countersigner", JSON),
    Column("countersigned_at", BigInteger),
)

# Where the status of each consent token stands (consent/statuses.py); what it is follows from the grant.
statuses = Table(
    "statuses",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("grant_id", String, primary_key=True),
    Column("consent_token_id", String, primary_key=True),
    Column("list_id", String, nullable=False),
    Column("idx", Integer, nullable=False),
    UniqueConstraint("list_id", "idx"),
    sqlite_with_rowid=False,
)

# The lists of this host; new places are taken in the one with the highest number.
status_lists = Table(
    "status_lists",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("list_id", String, nullable=False, unique=True),
)

# Line 0 is the ledger's cover: it says which line is the last, so that a torn-out last page is noticed.
ledger = Table(
    "ledger",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("client_id", String),
    Column("grant_id", String),
    Column("detail", JSON, nullable=False),
    Column("salt", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    sqlite_with_rowid=False,
)

# How often a grant was read, what happened with one vendor and what it did wrong, however long the ledger is. `action`
# stands in them though it is always the same: SQLite takes an index before the rows only where it has all it needs.
_reads, _violations = ledger.c.action == "read", ledger.c.action == "violated"
Index(
    "ix_ledger_reads",
    *(ledger.c.person_id, ledger.c.grant_id, ledger.c.at, ledger.c.action),
    sqlite_where=_reads,
    postgresql_where=_reads,
)
Index(
    "ix_ledger_violations",
    *(ledger.c.person_id, ledger.c.client_id, ledger.c.action),
    sqlite_where=_violations,
    postgresql_where=_violations,
)
Index("ix_ledger_vendors", ledger.c.person_id, ledger.c.client_id, ledger.c.seq)

# What vendors have to be told until they confirm it; `due_at` is None once nothing more will be sent. What stands in
# one lane is sent in the order of `position`.
outbox = Table(
    "outbox",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("telling_id", String, primary_key=True, index=True),
    Column("client_id", String, nullable=False),
    Column("event", String, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("due_at", BigInteger, index=True),
    Column("confirmed_at", BigInteger),
    Column("lane", String),
    Column("position", BigInteger),
    Column("error", String),
    UniqueConstraint("person_id", "client_id", "lane", "position"),
    Index("ix_outbox_client_id", "client_id", "created_at"),
)

# Which vendors listen to events, to which kinds, and how they get them (vendor_api/events/streams.py).
event_streams = Table(
    "event_streams",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("sector", String, nullable=False),
    Column("stream_id", String, nullable=False),
    Column("method", String, nullable=False),
    Column("endpoint_url", Text),
    Column("authorization_sealed", LargeBinary),
    Column("events_requested", JSON, nullable=False),
    Column("description", String),
    Column("status", String, nullable=False),
    Column("reason", String),
    Column("created_at", BigInteger, nullable=False),
    Column("verified_at", BigInteger),
)
