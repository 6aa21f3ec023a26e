"""The first schema: the tables of every package, as they were when it began."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    keys_tables()
    ask_tables()
    grant_tables()
    grant_item_tables()
    ledger_tables()
    rule_tables()
    status_tables()
    receipt_tables()
    terms_tables()
    vendor_tables()
    console_tables()
    sign_out_tables()
    device_tables()
    backchannel_tables()
    desk_tables()
    letter_tables()
    directory_tables()
    people_tables()
    visit_tables()
    data_tables()
    persona_tables()
    deposit_tables()
    trigger_tables()
    record_tables()
    recovery_tables()
    moving_tables()
    contact_tables()
    channel_tables()
    for tables in (dialogue_tables, appointment_tables, feedback_tables, intent_tables, review_tables):
        tables()
    for tables in (publication_tables, figure_tables):
        tables()


def keys_tables() -> None:
    op.create_table(
        "host_roots",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("root_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_host_roots"),
    )
    op.create_table(
        "host_keys",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("alg", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("public_jwk", sa.JSON, nullable=False),
        sa.Column("private_sealed", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("signs_from", sa.BigInteger),
        sa.Column("retired_at", sa.BigInteger),
        sa.CheckConstraint("state IN ('next', 'active', 'retired')", name=op.f("ck_host_keys_state")),
        sa.PrimaryKeyConstraint("kid", name="pk_host_keys"),
    )
    not_retired = sa.text("state != 'retired'")
    op.create_index(
        "uq_host_keys_current",
        "host_keys",
        ["alg", "state"],
        unique=True,
        sqlite_where=not_retired,
        postgresql_where=not_retired,
    )
    op.create_table(
        "person_keys",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("data_key_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_keys"),
    )
    op.create_table(
        "data_keys",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "subject", name="pk_data_keys"),
    )


def ask_tables() -> None:
    op.create_table(
        "asks",
        sa.Column("ask_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("party", sa.JSON, nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("trimmed", sa.JSON, nullable=False),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("browser_digest", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.String),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("grant_id", sa.String),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("ask_id", name="pk_asks"),
    )
    op.create_index("ix_asks_expires_at", "asks", ["expires_at"])
    op.create_table(
        "ledger",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("client_id", sa.String),
        sa.Column("grant_id", sa.String),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("salt", sa.String, nullable=False),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "seq", name="pk_ledger"),
        sqlite_with_rowid=False,
    )
    for name, columns, action in (
        ("reads", ["person_id", "grant_id", "at", "action"], "read"),
        ("violations", ["person_id", "client_id", "action"], "violated"),
    ):
        only = sa.text(f"action = '{action}'")
        op.create_index(f"ix_ledger_{name}", "ledger", columns, sqlite_where=only, postgresql_where=only)
    op.create_index("ix_ledger_vendors", "ledger", ["person_id", "client_id", "seq"])


def grant_tables() -> None:
    op.create_table(
        "relationships",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("sector", sa.String, nullable=False),
        sa.Column("sub", sa.String, nullable=False),
        sa.Column("did", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "sector", name="pk_relationships"),
    )
    op.create_index("ix_relationships_sub", "relationships", ["sub"])
    op.create_table(
        "grants",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("sector", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("party", sa.JSON, nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("refused", sa.JSON, nullable=False),
        sa.Column("destinations", sa.JSON, nullable=False),
        sa.Column("granted_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("asks_each_time", sa.Boolean, nullable=False),
        sa.Column("reachable", sa.Boolean, nullable=False),
        sa.Column("paused_until", sa.BigInteger),
        sa.Column("consent_token", sa.Text, nullable=False),
        sa.Column("consent_token_id", sa.String, nullable=False),
        sa.Column("public_sub", sa.String),
        sa.Column("agreed", sa.JSON),
        sa.ForeignKeyConstraint(
            ["person_id", "persona_id", "sector"],
            ["relationships.person_id", "relationships.persona_id", "relationships.sector"],
            name="fk_grants_person_id_persona_id_sector_relationships",
        ),
        sa.PrimaryKeyConstraint("person_id", "grant_id", name="pk_grants"),
    )
    of_one_vendor, live = ["person_id", "client_id", "persona_id"], sa.text("ended_at IS NULL")
    op.create_index("one_live_grant", "grants", of_one_vendor, unique=True, sqlite_where=live, postgresql_where=live)
    op.create_index("ix_grants_vendors", "grants", ["client_id", "person_id", "persona_id"])
    of_status = ["person_id", "grant_id", "consent_token_id", "ended_at", "expires_at", "paused_until"]
    op.create_index("ix_grants_status", "grants", of_status)
    op.create_table(
        "uses",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("attribute", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "grant_id", "attribute", name="pk_uses"),
    )


def grant_item_tables() -> None:
    op.create_index("ix_grants_newest", "grants", ["person_id", "persona_id", "granted_at", "grant_id"])
    op.create_table(
        "grant_items",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("attribute", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("purpose", sa.Text),
        sa.Column("until", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", "grant_id", "attribute", name="pk_grant_items"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_grant_items_live", "grant_items", ["person_id", "persona_id", "attribute", "until"])
    op.create_index("ix_grant_items_purposes", "grant_items", ["person_id", "purpose"])


def ledger_tables() -> None:
    op.create_table(
        "failures",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("tried", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "grant_id", "tried", "reason", name="pk_failures"),
    )
    op.create_index("ix_failures_since", "failures", ["since"])
    op.create_table(
        "stamps",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "day", name="pk_stamps"),
    )


def rule_tables() -> None:
    op.create_table(
        "rules",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("answer", sa.String),
        sa.Column("vendor", sa.String),
        sa.Column("grant_id", sa.String),
        sa.Column("cap", sa.JSON),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "client_id", "purpose", name="pk_rules"),
    )


def status_tables() -> None:
    op.create_table(
        "rights",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("party", sa.JSON, nullable=False),
        sa.Column("right", sa.String, nullable=False),
        sa.Column("attributes", sa.JSON, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("outcome", sa.String),
        sa.Column("reminded_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", "request_id", name="pk_rights"),
    )
    waiting = sa.text("closed_at IS NULL")
    for column in ("client_id", "due_at"):
        name = f"ix_rights_{column}"
        op.create_index(name, "rights", [column], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "rights_answers",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "request_id", "number", name="pk_rights_answers"),
    )
    op.create_table(
        "statuses",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("consent_token_id", sa.String, nullable=False),
        sa.Column("list_id", sa.String, nullable=False),
        sa.Column("idx", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "grant_id", "consent_token_id", name="pk_statuses"),
        sa.UniqueConstraint("list_id", "idx", name="uq_statuses_list_id_idx"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "status_lists",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("list_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_status_lists"),
        sa.UniqueConstraint("list_id", name="uq_status_lists_list_id"),
    )


def receipt_tables() -> None:
    op.create_table(
        "receipts",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("consent_token", sa.Text, nullable=False),
        sa.Column("countersignature", sa.Text),
        sa.Column("countersigner", sa.JSON),
        sa.Column("countersigned_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", "grant_id", "number", name="pk_receipts"),
        sa.UniqueConstraint("receipt_id", name="uq_receipts_receipt_id"),
    )


def terms_tables() -> None:
    op.create_table(
        "standing_terms",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("applies", sa.String, nullable=False),
        sa.Column("agreements", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "kind", name="pk_standing_terms"),
    )
    op.create_table(
        "negotiations",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("negotiation_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String),
        sa.Column("proposed", sa.JSON, nullable=False),
        sa.Column("offered", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "negotiation_id", name="pk_negotiations"),
    )
    op.create_index("ix_negotiations_expires_at", "negotiations", ["expires_at"])
    op.create_table(
        "agreements",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("agreement_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("person_signature", sa.Text, nullable=False),
        sa.Column("vendor_signature", sa.Text),
        sa.Column("vendor_key", sa.JSON),
        sa.Column("accepted_by", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("over", sa.String),
        sa.PrimaryKeyConstraint("person_id", "agreement_id", name="pk_agreements"),
    )


def console_tables() -> None:
    op.create_table(
        "staff",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("login_sealed", sa.LargeBinary, nullable=False),
        sa.Column("login_digest", sa.String(64)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("subject_digest", sa.String(64)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.CheckConstraint("role IN ('admin', 'agent', 'read_only')", name=op.f("ck_staff_role")),
        sa.PrimaryKeyConstraint("client_id", "staff_id", name="pk_staff"),
    )
    op.create_index("uq_staff_login", "staff", ["client_id", "login_digest"], unique=True)
    op.create_index("uq_staff_subject", "staff", ["subject_digest", "client_id"], unique=True)
    op.create_table(
        "staff_sessions",
        sa.Column("session_digest", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("session_digest", name="pk_staff_sessions"),
    )
    op.create_index("ix_staff_sessions_client_id", "staff_sessions", ["client_id", "staff_id"])
    op.create_index("ix_staff_sessions_expires_at", "staff_sessions", ["expires_at"])
    op.create_table(
        "staff_invitations",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("invitation_digest", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "staff_id", name="pk_staff_invitations"),
        sa.UniqueConstraint("invitation_digest", name="uq_staff_invitations_invitation_digest"),
    )
    op.create_index("ix_staff_invitations_expires_at", "staff_invitations", ["expires_at"])
    op.create_table(
        "console_clients",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("owned_id", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "owned_id", name="pk_console_clients"),
    )
    op.create_index("uq_console_clients_owned", "console_clients", ["owned_id"], unique=True)


def vendor_tables() -> None:
    op.create_table(
        "vendors",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("secret_digest", sa.String),
        sa.Column("registration_digest", sa.String),
        sa.Column("metadata", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary),
        sa.Column("unused_until", sa.BigInteger),
        sa.Column("caps", sa.JSON),
        sa.PrimaryKeyConstraint("client_id", name="pk_vendors"),
    )
    op.create_table(
        "codes",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("code_digest", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("family", sa.String, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("spent_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", "code_digest", name="pk_codes"),
    )
    op.create_table(
        "tokens",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("token_digest", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("family", sa.String, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("spent_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", "token_digest", name="pk_tokens"),
    )
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"])
    op.create_table(
        "released",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("holder_digest", sa.String, nullable=False),
        sa.Column("session", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "holder_digest", name="pk_released"),
    )
    op.create_index("ix_released_expires_at", "released", ["expires_at"])
    op.create_table(
        "seen",
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_seen"),
    )
    op.create_index("ix_seen_expires_at", "seen", ["expires_at"])
    op.create_table(
        "pushed_requests",
        sa.Column("request_digest", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("was_signed", sa.Boolean, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("request_digest", name="pk_pushed_requests"),
    )
    op.create_index("ix_pushed_requests_expires_at", "pushed_requests", ["expires_at"])


def sign_out_tables() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("session", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("sub", sa.String, nullable=False),
        sa.Column("sid", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "session", "client_id", "sub", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_at", "sign_ins", ["at"])
    op.create_table(
        "outbox",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("telling_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("lane", sa.String),
        sa.Column("position", sa.BigInteger),
        sa.Column("error", sa.String),
        sa.PrimaryKeyConstraint("person_id", "telling_id", name="pk_outbox"),
        sa.UniqueConstraint(
            "person_id", "client_id", "lane", "position", name="uq_outbox_person_id_client_id_lane_position"
        ),
    )
    for column in ("telling_id", "created_at", "due_at"):
        op.create_index(f"ix_outbox_{column}", "outbox", [column])
    op.create_index("ix_outbox_client_id", "outbox", ["client_id", "created_at"])
    op.create_table(
        "event_streams",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("sector", sa.String, nullable=False),
        sa.Column("stream_id", sa.String, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("endpoint_url", sa.Text),
        sa.Column("authorization_sealed", sa.LargeBinary),
        sa.Column("events_requested", sa.JSON, nullable=False),
        sa.Column("description", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("verified_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("client_id", name="pk_event_streams"),
    )


def device_tables() -> None:
    op.create_table(
        "device_codes",
        sa.Column("device_digest", sa.String, nullable=False),
        sa.Column("user_digest", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("pause", sa.Integer, nullable=False),
        sa.Column("polled_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.String),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("grant_id", sa.String),
        sa.Column("family", sa.String),
        sa.Column("request", sa.JSON),
        sa.Column("spent_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("device_digest", name="pk_device_codes"),
        sa.UniqueConstraint("user_digest", name="uq_device_codes_user_digest"),
    )
    op.create_index("ix_device_codes_expires_at", "device_codes", ["expires_at"])


def backchannel_tables() -> None:
    op.create_table(
        "backchannel_requests",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("request_digest", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("pause", sa.Integer, nullable=False),
        sa.Column("polled_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("grant_id", sa.String),
        sa.PrimaryKeyConstraint("person_id", "request_digest", name="pk_backchannel_requests"),
    )
    op.create_index("ix_backchannel_requests_expires_at", "backchannel_requests", ["expires_at"])


def people_tables() -> None:
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("login_digest", sa.String(64), nullable=False),
        sa.Column("login_sealed", sa.LargeBinary, nullable=False),
        sa.Column("ledger_root_sealed", sa.LargeBinary, nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_people"),
        sa.UniqueConstraint("login_digest", name="uq_people_login_digest"),
    )
    op.create_table(
        "personas",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("root_sealed", sa.LargeBinary, nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        of_person("personas"),
        sa.PrimaryKeyConstraint("person_id", "persona_id", name="pk_personas"),
    )
    op.create_table(
        "erasures",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", name="pk_erasures"),
    )


def visit_tables() -> None:
    op.create_table(
        "sessions",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("session_digest", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("auth_time", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("browser_sealed", sa.LargeBinary),
        sa.Column("presence_key", sa.LargeBinary),
        of_person("sessions"),
        sa.PrimaryKeyConstraint("person_id", "session_digest", name="pk_sessions"),
    )
    op.create_table(
        "lock_keys",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("cost", sa.String(64), nullable=False),
        sa.CheckConstraint("way IN ('password', 'kit', 'shares')", name=op.f("ck_lock_keys_way")),
        of_person("lock_keys"),
        sa.PrimaryKeyConstraint("person_id", "way", name="pk_lock_keys"),
    )
    op.create_table(
        "browsers",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("browser_digest", sa.String(64), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger, nullable=False),
        of_person("browsers"),
        sa.PrimaryKeyConstraint("person_id", "browser_digest", name="pk_browsers"),
    )
    op.create_table(
        "invitations",
        sa.Column("invitation_digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("invitation_digest", name="pk_invitations"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("login_digest", sa.String(64), nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("login_digest", "device", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_last_at", "sign_in_failures", ["last_at"])


def data_tables() -> None:
    op.create_table(
        "attribute_values",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("attribute", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("value_sealed", sa.LargeBinary, nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("origin_sealed", sa.LargeBinary),
        sa.Column("replaced_at", sa.BigInteger),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "attribute", "version", name="pk_attribute_values"),
    )
    current = sa.text("replaced_at IS NULL")
    op.create_index(
        "uq_attribute_values_current",
        "attribute_values",
        ["person_id", "persona_id", "attribute"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    op.create_table(
        "custom_attributes",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("definition_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "name", name="pk_custom_attributes"),
    )


def deposit_tables() -> None:
    op.create_table(
        "deposits",
        *(sa.Column(name, sa.String, nullable=False) for name in ("person_id", "deposit_id", "persona_id", "grant_id")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("client_id", "jti", "digest")),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("document_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "deposit_id", name="pk_deposits"),
        sa.UniqueConstraint(
            "person_id", "persona_id", "client_id", "jti", name="uq_deposits_person_id_persona_id_client_id_jti"
        ),
    )
    op.create_index("ix_deposits_newest", "deposits", ["person_id", "persona_id", "state", "received_at"])
    op.create_table(
        "trusted_depositors",
        *(sa.Column(name, sa.String, nullable=False) for name in ("person_id", "persona_id", "client_id")),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "client_id", name="pk_trusted_depositors"),
    )


def trigger_tables() -> None:
    op.create_table(
        "triggers",
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("person_id", "trigger_id", "persona_id")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("client_id", "sector", "public_id")),
        sa.Column("source", sa.String(64), nullable=False),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("state", "mode")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("seen", sa.String(64)),
        sa.Column("restored_at", sa.BigInteger),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_triggers_state")),
        sa.CheckConstraint("mode IN ('own', 'delegated')", name=op.f("ck_triggers_mode")),
        sa.PrimaryKeyConstraint("person_id", "trigger_id", name="pk_triggers"),
        sa.UniqueConstraint("person_id", "public_id", name="uq_triggers_person_id_public_id"),
    )
    op.create_index("ix_triggers_person_id_source", "triggers", ["person_id", "source"])
    op.create_index("ix_triggers_due_at", "triggers", ["due_at"])
    op.create_index("ix_triggers_client_id_mode", "triggers", ["client_id", "mode"])
    op.create_table(
        "firings",
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("person_id", "trigger_id", "period")),
        sa.Column("persona_id", sa.String(64), nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("client_id", "sector")),
        sa.Column("firing_id", sa.String(64), nullable=False),
        *(sa.Column(name, sa.String) for name in ("grant_id", "opening_id", "telling_id")),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("fired_at", "until")),
        *(sa.Column(name, sa.BigInteger) for name in ("due_at", "acknowledged_at")),
        sa.Column("said_sealed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("state IN ('told', 'waiting', 'held')", name=op.f("ck_firings_state")),
        sa.PrimaryKeyConstraint("person_id", "trigger_id", "period", name="pk_firings"),
        sa.ForeignKeyConstraint(
            ["person_id", "trigger_id"],
            ["triggers.person_id", "triggers.trigger_id"],
            name="fk_firings_person_id_trigger_id_triggers",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_firings_client_id_fired_at", "firings", ["client_id", "acknowledged_at", "fired_at"])
    op.create_index("ix_firings_due_at", "firings", ["due_at"])


def persona_tables() -> None:
    op.create_table(
        "inherited_values",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("attribute", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("from_persona_id", sa.String(64), nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
        sa.Column("replaced_at", sa.BigInteger),
        of_persona("inherited_values"),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "attribute", "version", name="pk_inherited_values"),
    )
    current = sa.text("replaced_at IS NULL")
    op.create_index(
        "uq_inherited_values_current",
        "inherited_values",
        ["person_id", "persona_id", "attribute"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    op.create_index("ix_inherited_values_source", "inherited_values", ["person_id", "from_persona_id", "attribute"])
    op.create_table(
        "persona_pictures",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("picture_sealed", sa.LargeBinary, nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
        of_persona("persona_pictures"),
        sa.PrimaryKeyConstraint("person_id", "persona_id", name="pk_persona_pictures"),
    )
    op.create_table(
        "preferences",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.String(32), nullable=False),
        of_persona("preferences"),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "name", name="pk_preferences"),
    )
    op.create_table(
        "vendor_personas",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        of_persona("vendor_personas"),
        sa.PrimaryKeyConstraint("person_id", "client_id", name="pk_vendor_personas"),
    )


def of_persona(table: str, column: str = "persona_id") -> sa.ForeignKeyConstraint:
    """What belongs to a persona goes when it goes."""
    name = f"fk_{table}_person_id_{column}_personas"
    there = ["personas.person_id", "personas.persona_id"]
    return sa.ForeignKeyConstraint(["person_id", column], there, name=name, ondelete="CASCADE")


def record_tables() -> None:
    op.create_table(
        "data_sets",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("data_set_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("about_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "data_set_id", name="pk_data_sets"),
    )
    op.create_index("ix_data_sets_person_id_persona_id", "data_sets", ["person_id", "persona_id"])
    op.create_table(
        "record_imports",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("data_set_id", sa.String(64)),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("beat_at", sa.BigInteger, nullable=False),
        sa.Column("about_sealed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("origin IN ('file', 'hand', 'vendor')", name=op.f("ck_record_imports_origin")),
        sa.CheckConstraint(
            "state IN ('arriving', 'waiting', 'running', 'done', 'broken')", name=op.f("ck_record_imports_state")
        ),
        sa.PrimaryKeyConstraint("person_id", "import_id", name="pk_record_imports"),
    )
    op.create_index("ix_record_imports_state_beat_at", "record_imports", ["state", "beat_at"])
    op.create_index("ix_record_imports_person_id_data_set_id", "record_imports", ["person_id", "data_set_id"])
    running = sa.text("state = 'running'")
    op.create_index(
        "uq_record_imports_running",
        "record_imports",
        ["person_id", "data_set_id"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "record_blocks",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("data_set_id", sa.String(64), nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("summary_sealed", sa.LargeBinary, nullable=False),
        sa.Column("digests_sealed", sa.LargeBinary, nullable=False),
        sa.Column("rows_sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id", "data_set_id"],
            ["data_sets.person_id", "data_sets.data_set_id"],
            name="fk_record_blocks_person_id_data_set_id_data_sets",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("part IN ('rows', 'replaced')", name=op.f("ck_record_blocks_part")),
        sa.PrimaryKeyConstraint("person_id", "data_set_id", "block_id", name="pk_record_blocks"),
    )
    op.create_index(
        "ix_record_blocks_person_id_data_set_id_import_id",
        "record_blocks",
        ["person_id", "data_set_id", "import_id"],
    )
    op.create_table(
        "record_uploads",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("piece", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id", "import_id"],
            ["record_imports.person_id", "record_imports.import_id"],
            name="fk_record_uploads_person_id_import_id_record_imports",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "import_id", "piece", name="pk_record_uploads"),
    )


def recovery_tables() -> None:
    op.create_table(
        "ways_back",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("checked_by", sa.String(64), nullable=False),
        sa.Column("needed", sa.Integer, nullable=False),
        sa.Column("names_sealed", sa.LargeBinary),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.CheckConstraint("kind IN ('kit', 'shares')", name=op.f("ck_ways_back_kind")),
        sa.PrimaryKeyConstraint("person_id", "kind", name="pk_ways_back"),
        of_person("ways_back"),
    )
    op.create_table(
        "recovery_news",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.BigInteger),
        sa.Column("recovered_at", sa.BigInteger),
        sa.Column("recovered_with", sa.String(16)),
        sa.Column("remind_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", name="pk_recovery_news"),
        of_person("recovery_news"),
    )
    op.create_table(
        "pairings",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("pairing_digest", sa.String(64), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("session_digest", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.String(64)),
        sa.Column("browser_sealed", sa.LargeBinary),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("state IN ('shown', 'opened', 'allowed', 'over')", name=op.f("ck_pairings_state")),
        sa.PrimaryKeyConstraint("person_id", "pairing_digest", name="pk_pairings"),
        of_person("pairings"),
    )
    op.create_index("ix_pairings_expires_at", "pairings", ["expires_at"])


def of_person(table: str) -> sa.ForeignKeyConstraint:
    """What belongs to a person goes when they go."""
    return sa.ForeignKeyConstraint(
        ["person_id"], ["people.person_id"], name=f"fk_{table}_person_id_people", ondelete="CASCADE"
    )


def moving_tables() -> None:
    op.create_table(
        "former_homes",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("issuer", sa.String, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "issuer", name="pk_former_homes"),
    )
    op.create_table(
        "brought_ids",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("id_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id_digest", name="pk_brought_ids"),
        sa.UniqueConstraint("id_digest", name="uq_brought_ids_id_digest"),
    )


def channel_tables() -> None:
    op.create_table(
        "channel_addresses",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("address_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary, nullable=False),
        sa.Column("token_digest", sa.String(64)),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("verified_at", sa.BigInteger),
        of_persona("channel_addresses"),
        sa.PrimaryKeyConstraint("person_id", "address_id", name="pk_channel_addresses"),
    )
    op.create_table(
        "channel_codes",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("code_id", sa.String(64), nullable=False),
        sa.Column("address_id", sa.String(64), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("target_digest", sa.String(64), nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "code_id", name="pk_channel_codes"),
    )
    op.create_index("ix_channel_codes_sent_at", "channel_codes", ["sent_at"])
    op.create_index("ix_channel_codes_target", "channel_codes", ["target_digest", "sent_at"])
    delivery_tables()


def delivery_tables() -> None:
    op.create_table(
        "deliveries",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("delivery_id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("starts_at", sa.BigInteger),
        sa.Column("ends_at", sa.BigInteger),
        sa.Column("error", sa.String(200)),
        sa.PrimaryKeyConstraint("person_id", "delivery_id", name="pk_deliveries"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'handed_over', 'delivered', 'failed', 'withdrawn')",
            name=op.f("ck_deliveries_state"),
        ),
    )
    op.create_index("ix_deliveries_message", "deliveries", ["person_id", "message_id"])
    op.create_index("ix_deliveries_done_at", "deliveries", ["done_at"])
    is_open, columns = sa.text("due_at IS NOT NULL"), ["channel", "client_id", "due_at"]
    op.create_index("ix_deliveries_due", "deliveries", columns, sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "mail_aliases",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("alias_digest", sa.String(64), nullable=False),
        sa.Column("alias_sealed", sa.LargeBinary, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        of_persona("mail_aliases"),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "client_id", name="pk_mail_aliases"),
        sa.UniqueConstraint("alias_digest", name="uq_mail_aliases_alias_digest"),
    )


def appointment_tables() -> None:
    op.create_table(
        "appointments",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("appointment_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("public_id", sa.String, nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("starts_at", sa.BigInteger),
        sa.Column("ends_at", sa.BigInteger),
        sa.Column("ended_by", sa.String(8)),
        sa.Column("missed", sa.String(8)),
        sa.Column("reminded_at", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "appointment_id", name="pk_appointments"),
        sa.ForeignKeyConstraint(
            ["person_id", "thread_id"],
            ["threads.person_id", "threads.thread_id"],
            ondelete="CASCADE",
            name="fk_appointments_person_id_thread_id_threads",
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'proposed', 'agreed', 'declined', 'cancelled')", name=op.f("ck_appointments_state")
        ),
        sa.CheckConstraint("kind IN ('phone', 'video')", name=op.f("ck_appointments_kind")),
        sa.UniqueConstraint("person_id", "public_id", name="uq_appointments_person_id_public_id"),
        sa.UniqueConstraint("person_id", "message_id", name="uq_appointments_person_id_message_id"),
    )
    columns = ["person_id", "persona_id", "asked_at", "appointment_id"]
    op.create_index("ix_appointments_newest", "appointments", columns)
    agreed = sa.text("state = 'agreed'")
    op.create_index(
        "ix_appointments_starts_at", "appointments", ["starts_at"], sqlite_where=agreed, postgresql_where=agreed
    )


def desk_tables() -> None:
    op.create_table(
        "desk_threads",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("thread_id", sa.String, nullable=False),
        sa.Column("sub", sa.String, nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("topic", sa.String),
        sa.Column("language", sa.String(35)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_at", sa.BigInteger, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("escalated_at", sa.BigInteger),
        sa.Column("assigned_to", sa.String),
        sa.Column("reasons_sealed", sa.LargeBinary),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("explanation_sealed", sa.LargeBinary, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("decision_sealed", sa.LargeBinary),
        sa.Column("satisfied", sa.Boolean),
        sa.PrimaryKeyConstraint("client_id", "thread_id", name="pk_desk_threads"),
    )
    op.create_table(
        "desk_messages",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("thread_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("author", sa.String),
        sa.Column("text_sealed", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("read_at", sa.BigInteger),
        sa.Column("letter_id", sa.String(32)),
        sa.Column("due_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("client_id", "thread_id", "number", name="pk_desk_messages"),
    )
    op.create_table(
        "desk_attachments",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("thread_id", sa.String, nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("about_sealed", sa.LargeBinary, nullable=False),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "thread_id", "message_id", "number", name="pk_desk_attachments"),
    )
    named = ["client_id", "message_id", "thread_id"]
    op.create_index("uq_desk_messages_message_id", "desk_messages", named, unique=True)
    promised, columns = sa.text("due_at IS NOT NULL"), ["client_id", "due_at"]
    op.create_index(
        "ix_desk_messages_due_at", "desk_messages", columns, sqlite_where=promised, postgresql_where=promised
    )
    is_open, waiting = (
        sa.text("state NOT IN ('done', 'declined', 'withdrawn')"),
        sa.text("state IN ('received', 'read')"),
    )
    for name, first, only in (
        ("open", [], is_open),
        ("state", ["state"], None),
        ("assigned_to", ["assigned_to"], is_open),
        ("type", ["type"], is_open),
        ("topic", ["topic"], is_open),
    ):
        columns = ["client_id", *first, "rank", "thread_id"]
        op.create_index(f"ix_desk_threads_{name}", "desk_threads", columns, sqlite_where=only, postgresql_where=only)
    op.create_index("ix_desk_threads_opened_at", "desk_threads", ["client_id", "opened_at"])
    op.create_index(
        "ix_desk_threads_due_at", "desk_threads", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )


def letter_tables() -> None:
    op.create_table(
        "desk_letters",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("letter_id", sa.String(32), nullable=False),
        sa.Column("marks", sa.LargeBinary, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "letter_id", name="pk_desk_letters"),
    )
    op.create_table(
        "desk_letter_bands",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("band", sa.String(32), nullable=False),
        sa.Column("letter_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "band", "letter_id", name="pk_desk_letter_bands"),
    )
    op.create_table(
        "desk_letter_people",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("letter_id", sa.String(32), nullable=False),
        sa.Column("sub", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "letter_id", "sub", name="pk_desk_letter_people"),
    )


def directory_tables() -> None:
    op.create_table(
        "contact_persons",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("contact_person_id", sa.String, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("entry_sealed", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "contact_person_id", name="pk_contact_persons"),
    )
    op.create_table(
        "desks",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("time_zone", sa.String, nullable=False),
        sa.Column("hours", sa.JSON, nullable=False),
        sa.Column("holidays", sa.JSON, nullable=False),
        sa.Column("most_alike", sa.Integer, nullable=False),
        sa.Column("influence", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_desks"),
    )
    op.create_table(
        "service_levels",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("first_answer_hours", sa.Integer, nullable=False),
        sa.Column("escalate_to", sa.String),
        sa.PrimaryKeyConstraint("client_id", "type", "topic", name="pk_service_levels"),
    )


def contact_tables() -> None:
    op.create_table(
        "contact_policies",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("policy_sealed", sa.LargeBinary, nullable=False),
        sa.Column("document_sealed", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "client_id", "topic", name="pk_contact_policies"),
    )
    op.create_table(
        "contacts",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("contact_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "contact_id", name="pk_contacts"),
    )
    op.create_index("ix_contacts_latest", "contacts", ["person_id", "persona_id", "client_id", "topic", "at"])
    op.create_table(
        "openings",
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("opening_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("channel", sa.String),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", "opening_id", name="pk_openings"),
    )
    op.create_index("ix_openings_grants", "openings", ["person_id", "grant_id", "topic", "until"])


def dialogue_tables() -> None:
    op.create_table(
        "threads",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("grant_id", sa.String),
        sa.Column("public_id", sa.String, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("topic", sa.String),
        sa.Column("opened_by", sa.String(8), nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("unread", sa.Integer, nullable=False),
        sa.Column("unanswered", sa.Integer, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("about_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "thread_id", name="pk_threads"),
        sa.UniqueConstraint("person_id", "public_id", name="uq_threads_person_id_public_id"),
    )
    op.create_index("ix_threads_latest", "threads", ["person_id", "persona_id", "last_at", "thread_id"])
    op.create_index("ix_threads_vendor", "threads", ["person_id", "persona_id", "client_id", "last_at"])
    op.create_index("ix_threads_kind", "threads", ["person_id", "persona_id", "kind", "last_at"])
    unread, columns = sa.text("unread > 0"), ["person_id", "persona_id", "last_at"]
    op.create_index("ix_threads_unread", "threads", columns, sqlite_where=unread, postgresql_where=unread)
    op.create_table(
        "messages",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("said_by", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("topic", sa.String),
        sa.Column("public_id", sa.String, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("read_at", sa.BigInteger),
        sa.Column("rating", sa.String(16)),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "thread_id", "message_id", name="pk_messages"),
        sa.UniqueConstraint(
            *("person_id", "persona_id", "client_id", "public_id"),
            name="uq_messages_person_id_persona_id_client_id_public_id",
        ),
    )
    op.create_index("ix_messages_at", "messages", ["person_id", "thread_id", "at", "message_id"])
    op.create_index("ix_messages_newest", "messages", ["person_id", "persona_id", "at", "message_id"])
    op.create_index("ix_messages_vendor", "messages", ["person_id", "persona_id", "client_id", "at"])
    op.create_table(
        "erased_messages",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("id_digest", sa.String(64), nullable=False),
        sa.Column("public_id", sa.String, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "client_id", "id_digest", name="pk_erased_messages"),
    )
    op.create_table(
        "attachments",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "thread_id", "message_id", "number", name="pk_attachments"),
    )


def feedback_tables() -> None:
    op.create_table(
        "feedback",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("late_at", sa.BigInteger),
        sa.Column("outcome", sa.String(16)),
        sa.Column("satisfied", sa.Boolean),
        sa.Column("unseen", sa.Integer, nullable=False),
        sa.Column("details_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "thread_id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_latest", "feedback", ["person_id", "persona_id", "state_at", "thread_id"])
    unseen, columns = sa.text("unseen > 0"), ["person_id", "persona_id"]
    op.create_index("ix_feedback_unseen", "feedback", columns, sqlite_where=unseen, postgresql_where=unseen)
    waiting, columns = sa.text("due_at IS NOT NULL"), ["person_id", "persona_id", "due_at"]
    op.create_index("ix_feedback_due_at", "feedback", columns, sqlite_where=waiting, postgresql_where=waiting)


def review_tables() -> None:
    op.create_table(
        "reviews",
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("person_id", "review_id", "persona_id")),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("public_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("version", "stars")),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("state IN ('live', 'ended')", name=op.f("ck_reviews_state")),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_reviews_stars")),
        sa.PrimaryKeyConstraint("person_id", "review_id", name="pk_reviews"),
    )
    live, shown = sa.text("state = 'live'"), sa.text("state = 'live' AND number IS NOT NULL")
    numbered = sa.text("number IS NOT NULL")
    op.create_index(
        "uq_reviews_client_id_public_id",
        "reviews",
        ["client_id", "public_id"],
        unique=True,
        sqlite_where=numbered,
        postgresql_where=numbered,
    )
    op.create_index(
        "uq_reviews_live",
        "reviews",
        ["person_id", "client_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    for name, columns in (
        ("shown", ["client_id", "number"]),
        ("language", ["client_id", "language", "number"]),
        ("stars", ["client_id", "stars"]),
    ):
        op.create_index(f"ix_reviews_{name}", "reviews", columns, sqlite_where=shown, postgresql_where=shown)
    op.create_table(
        "review_log",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.String(64), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "number", name="pk_review_log"),
    )
    op.create_index("ix_review_log_client_id_public_id", "review_log", ["client_id", "public_id", "number"])
    op.create_table(
        "review_logs",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_review_logs"),
    )
    op.create_table(
        "review_answers",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("public_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "public_id", name="pk_review_answers"),
    )
    op.create_index("ix_relationships_sector_created_at", "relationships", ["sector", "created_at"])


def intent_tables() -> None:
    op.create_table(
        "intent_followers",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("branch", sa.String(16), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "branch", name="pk_intent_followers"),
    )
    op.create_index("ix_intent_followers_branch", "intent_followers", ["branch", "client_id"])
    op.create_table(
        "heard_intents",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("intent_id", sa.String, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("offered_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.Column("offer_sealed", sa.LargeBinary),
        sa.Column("end_sealed", sa.LargeBinary),
        sa.PrimaryKeyConstraint("client_id", "intent_id", name="pk_heard_intents"),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'passed', 'withdrawn')", name=op.f("ck_heard_intents_state")
        ),
    )
    by_state = ["client_id", "state", "published_at", "intent_id"]
    op.create_index("ix_heard_intents_state", "heard_intents", by_state)
    op.create_index("ix_heard_intents_deadline", "heard_intents", ["deadline"])
    op.create_table(
        "intents",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("intent_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("publish_at", sa.BigInteger),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "intent_id", name="pk_intents"),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'open', 'accepted', 'withdrawn', 'lapsed')", name=op.f("ck_intents_state")
        ),
    )
    op.create_index("ix_intents_persona_id", "intents", ["person_id", "persona_id", "intent_id"])
    op.create_index("ix_intents_state_publish_at", "intents", ["state", "publish_at"])
    op.create_index("ix_intents_state_deadline", "intents", ["state", "deadline"])
    op.create_table(
        "intent_offers",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("intent_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("public_id", sa.String, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("offered_at", sa.BigInteger),
        sa.Column("thread_id", sa.String(64)),
        sa.Column("agreement_id", sa.String),
        sa.Column("offer_sealed", sa.LargeBinary),
        sa.PrimaryKeyConstraint("person_id", "intent_id", "client_id", name="pk_intent_offers"),
        sa.ForeignKeyConstraint(
            ["person_id", "intent_id"],
            ["intents.person_id", "intents.intent_id"],
            name="fk_intent_offers_person_id_intent_id_intents",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "state IN ('told', 'offered', 'accepted', 'declined', 'passed')", name=op.f("ck_intent_offers_state")
        ),
        sa.UniqueConstraint("person_id", "public_id", name="uq_intent_offers_person_id_public_id"),
    )
    offered, columns = sa.text("state = 'offered'"), ["person_id", "persona_id"]
    op.create_index(
        "ix_intent_offers_offered", "intent_offers", columns, sqlite_where=offered, postgresql_where=offered
    )


def publication_tables() -> None:
    op.create_table(
        "publications",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("publication_id", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("predicate", sa.String(128)),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.Column("valid_until", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
        sa.Column("content_sealed", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("meant_for", sa.Integer, nullable=False),
        sa.Column("after_person", sa.String(64), nullable=False),
        sa.Column("after_persona", sa.String(64), nullable=False),
        sa.Column("spread_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("client_id", "publication_id", name="pk_publications"),
    )
    op.create_index("ix_publications_latest", "publications", ["client_id", "published_at", "publication_id"])
    op.create_index("ix_publications_topic", "publications", ["client_id", "topic", "published_at"])
    op.create_index("ix_publications_over", "publications", ["valid_until"])
    unspread = sa.text("spread_at IS NULL")
    op.create_index(
        "ix_publications_unspread",
        "publications",
        ["published_at"],
        sqlite_where=unspread,
        postgresql_where=unspread,
    )
    op.create_table(
        "followed_topics",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("followed_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "client_id", "topic", name="pk_followed_topics"),
    )
    op.create_table(
        "publication_copies",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("publication_id", sa.String(64), nullable=False),
        sa.Column("grant_id", sa.String, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", "client_id", "publication_id", name="pk_publication_copies"),
    )
    waits = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_publication_copies_due_at",
        "publication_copies",
        ["due_at"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_index("ix_publication_copies_until", "publication_copies", ["until"])


def figure_tables() -> None:
    op.create_table(
        "tallies",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("after_person", sa.String(64), nullable=False),
        sa.Column("after_persona", sa.String(64), nullable=False),
        sa.Column("sums", sa.JSON, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("name", name="pk_tallies"),
    )
    op.create_table(
        "figures",
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("week", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("people", sa.Integer),
        sa.PrimaryKeyConstraint("client_id", "week", "topic", "name", name="pk_figures"),
    )
    op.create_table(
        "channel_statistics",
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("age", sa.String(16), nullable=False),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("people", sa.Integer),
        sa.PrimaryKeyConstraint("period", "age", "question", "answer", name="pk_channel_statistics"),
    )
    op.create_table(
        "contributors",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("persona_id", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("by_age", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "persona_id", name="pk_contributors"),
    )
