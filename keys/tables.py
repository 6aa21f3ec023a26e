"""Where keys rest, sealed; and the one MetaData every package adds its tables to."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# What every secret of the host comes from, once for each master key that may open it (keys/roots.py).
host_roots = Table(
    "host_roots",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("root_sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

host_keys = Table(
    "host_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("alg", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("public_jwk", JSON, nullable=False),
    Column("private_sealed", LargeBinary),  # null once retired: what is gone can not sign
    Column("created_at", BigInteger, nullable=False),
    Column("signs_from", BigInteger),
    Column("retired_at", BigInteger),
    CheckConstraint("state IN ('next', 'active', 'retired')", name="state"),
)

# At most one active and one next key per algorithm, even when two rotations meet.
_current = host_keys.c.state != "retired"
Index(
    "uq_host_keys_current",
    host_keys.c.alg,
    host_keys.c.state,
    unique=True,
    sqlite_where=_current,
    postgresql_where=_current,
)

person_keys = Table(
    "person_keys",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("data_key_sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# Under the person's key: one for each thing that can be erased alone (keys/persons.py).
data_keys = Table(
    "data_keys",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("key_sealed", LargeBinary, nullable=False),
)

# Keyed by what was typed, known login or not, so that waiting tells nobody whether a login exists.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("login_digest", String(64), primary_key=True),
    Column("device", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
)
