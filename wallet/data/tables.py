"""Tables of a person's values, each version sealed, and of the attributes they thought of themselves."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from keys.tables import metadata

attribute_values = Table(
    "attribute_values",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("attribute", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("value_sealed", LargeBinary, nullable=False),
    Column("set_at", BigInteger, nullable=False),
    Column("source", String(16), nullable=False),
    Column("replaced_at", BigInteger),
    Column("locked", Boolean, nullable=False),  # sealed once more, under the lock key of the person
)

# An attribute has at most one current value, whoever saves at the same moment.
_current = attribute_values.c.replaced_at.is_(None)
Index(
    "uq_attribute_values_current",
    attribute_values.c.person_id,
    attribute_values.c.persona_id,
    attribute_values.c.attribute,
    unique=True,
    sqlite_where=_current,
    postgresql_where=_current,
)

custom_attributes = Table(
    "custom_attributes",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("definition_sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
