"""Tables of what people follow, and of publications on their way to them."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from keys.tables import metadata

# Topics that a persona reads as a feed: then nothing of them is brought. What came after `seen_at` is unread.
followed_topics = Table(
    "followed_topics",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("followed_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

# A publication and a persona that allowed its topic. It waits until `due_at`; None where it was brought, or never will
# be: that stays until the publication is over, so that nobody gets it twice.
publication_copies = Table(
    "publication_copies",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("publication_id", String(64), primary_key=True),
    Column("grant_id", String, nullable=False),
    Column("due_at", BigInteger),
    Column("until", BigInteger, nullable=False),
)
_waits = publication_copies.c.due_at.is_not(None)
Index("ix_publication_copies_due_at", publication_copies.c.due_at, sqlite_where=_waits, postgresql_where=_waits)
Index("ix_publication_copies_until", publication_copies.c.until)
