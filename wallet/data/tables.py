"""Tables of a person's values, of what one persona takes from another, and of the attributes they thought of."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from keys.tables import metadata

# Every version of every value. Where it came from: `source` is a key of model.ASSURANCE; which vendor, import or issuer
# that was is sealed like the value.
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
    Column("origin_sealed", LargeBinary),
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

# Which persona takes an attribute from which other one, then and now (wallet/data/inheritance.py). Versions are counted
# together with those of attribute_values. What was taken from an erased persona stays in the history, without its name.
inherited_values = Table(
    "inherited_values",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("attribute", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("from_persona_id", String(64), nullable=False),
    Column("set_at", BigInteger, nullable=False),
    Column("replaced_at", BigInteger),
    ForeignKeyConstraint(
        ["person_id", "persona_id"], ["personas.person_id", "personas.persona_id"], ondelete="CASCADE"
    ),
)

_inherited = inherited_values.c.replaced_at.is_(None)
Index(
    "uq_inherited_values_current",
    inherited_values.c.person_id,
    inherited_values.c.persona_id,
    inherited_values.c.attribute,
    unique=True,
    sqlite_where=_inherited,
    postgresql_where=_inherited,
)
Index(
    "ix_inherited_values_source",
    inherited_values.c.person_id,
    inherited_values.c.from_persona_id,
    inherited_values.c.attribute,
)

# What the person thought of: kind, label, unit and limits of an attribute, or how a predicate is worked out, as JSON.
custom_attributes = Table(
    "custom_attributes",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("definition_sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
