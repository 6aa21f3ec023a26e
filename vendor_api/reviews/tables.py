"""Tables of reviews. What is shown to everybody stands in the clear as far as pages count and sort by it."""

from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text, text

from keys.tables import metadata

# Such a table stays when its vendor goes: nobody takes a review out, or an answer back, by leaving.
PUBLIC: Final[dict[Any, Any]] = {"public": True}

# What a person says of a vendor: the newest signed document, sealed under a key of its own ("reviews/<review_id>").
# `public_id` is what everybody calls it, `number` its place in the vendor's log; without one it is not shown here.
# `day` is midnight (UTC) of the day of this version.
reviews = Table(
    "reviews",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("review_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("client_id", String, nullable=False),
    Column("public_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("stars", Integer, nullable=False),
    Column("language", String(16), nullable=False),
    Column("number", BigInteger),
    Column("day", BigInteger, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    CheckConstraint("state IN ('live', 'ended')", name="state"),
    CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
)
LIVE = text("state = 'live'")
SHOWN = text("state = 'live' AND number IS NOT NULL")
NUMBERED = text("number IS NOT NULL")
Index(
    "uq_reviews_client_id_public_id",
    *(reviews.c.client_id, reviews.c.public_id),
    unique=True,
    sqlite_where=NUMBERED,
    postgresql_where=NUMBERED,
)
# One person says one thing of one vendor.
Index(
    "uq_reviews_live", reviews.c.person_id, reviews.c.client_id, unique=True, sqlite_where=LIVE, postgresql_where=LIVE
)
for _name, _columns in (
    ("shown", (reviews.c.client_id, reviews.c.number)),
    ("language", (reviews.c.client_id, reviews.c.language, reviews.c.number)),
    ("stars", (reviews.c.client_id, reviews.c.stars)),
):
    Index(f"ix_reviews_{_name}", *_columns, sqlite_where=SHOWN, postgresql_where=SHOWN)

# What happened to the reviews of a vendor, line by line, each chained to the one before. No word of any review.
review_log = Table(
    "review_log",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("public_id", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("day", BigInteger, nullable=False),
    Column("hash", String(80), nullable=False),
    info=PUBLIC,
)
Index("ix_review_log_client_id_public_id", review_log.c.client_id, review_log.c.public_id, review_log.c.number)

# How far each vendor's log has come; who adds a line turns this row first.
review_logs = Table(
    "review_logs",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    info=PUBLIC,
)

# What the vendor answered, once, and by whom; sealed under a key of the vendor's (vendor_api/desk/sealing.py).
review_answers = Table(
    "review_answers",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("public_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("day", BigInteger, nullable=False),
    Column("answer_sealed", LargeBinary, nullable=False),
    info=PUBLIC,
)
