"""Tables of the ways back into a wallet, and of what a person has to be told about them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, LargeBinary, String, Table

from keys.tables import metadata

# A secret that lets its person in: the kit on paper, or the one the shares add up to. Kept is only what checks it.
ways_back = Table(
    "ways_back",
    metadata,
    Column("person_id", String(64), ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("checked_by", String(64), nullable=False),
    Column("needed", Integer, nullable=False),
    Column("names_sealed", LargeBinary),
    Column("made_at", BigInteger, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("used_at", BigInteger),
    CheckConstraint("kind IN ('kit', 'shares')", name="kind"),
)

# What a person is told: tries that failed, the last recovery, and from when on to be reminded of having no way back.
recovery_news = Table(
    "recovery_news",
    metadata,
    Column("person_id", String(64), ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", BigInteger),
    Column("recovered_at", BigInteger),
    Column("recovered_with", String(16)),
    Column("remind_at", BigInteger),
)
