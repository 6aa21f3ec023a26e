"""What a vendor may show once: the `jti` of an assertion or a proof, a pushed request (RFC 7519 section 4.1.7)."""

import hashlib

from sqlalchemy import Connection, delete, text

from keys.prepared import Prepared
from vendor_api.tables import seen

REMEMBER = Prepared(
    text("insert into seen (digest, expires_at) values (:digest, :expires_at) on conflict (digest) do nothing")
)


def is_first_time(db: Connection, *what: str, expires_at: int) -> bool:
    """Whether this was never shown before; remembered until `expires_at`, after which it must be refused anyway.

    `what` names it among everything else: its kind, who shows it, and its id.
    """
    return REMEMBER.run(db, {"digest": digest(what), "expires_at": expires_at}) == 1


def digest(what: tuple[str, ...]) -> str:
    """Every part behind its length, so that ("a", "bc") and ("ab", "c") are two things."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in what).encode(errors="surrogatepass")).hexdigest()


def sweep(db: Connection, *, now: int) -> int:
    """Forget what has expired; returns how many."""
    return db.execute(delete(seen).where(seen.c.expires_at <= now)).rowcount
