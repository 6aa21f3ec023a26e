"""The table of what vendors published."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, text

from keys.tables import metadata

# What a vendor published to a topic, and how far it is spread: `after_person` and `after_persona` are the last of the
# vendor's grants that was looked at, `meant_for` how many of these allow it, `spread_at` when all of them were.
publications = Table(
    "publications",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("publication_id", String(64), primary_key=True),
    Column("topic", String(64), nullable=False),
    Column("predicate", String(128)),
    Column("published_at", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("meant_for", Integer, nullable=False),
    Column("after_person", String(64), nullable=False),
    Column("after_persona", String(64), nullable=False),
    Column("spread_at", BigInteger),
)
UNSPREAD = text("spread_at IS NULL")
_row = publications.c
Index("ix_publications_latest", _row.client_id, _row.published_at, _row.publication_id)
Index("ix_publications_topic", _row.client_id, _row.topic, _row.published_at)
Index("ix_publications_over", _row.valid_until)
Index("ix_publications_unspread", _row.published_at, sqlite_where=UNSPREAD, postgresql_where=UNSPREAD)
