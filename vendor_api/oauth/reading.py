"""What a read delivers of the values a person granted, what their limits hold back, and how that is said."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from consent import using
from consent.limits import AWAY, Delivery, Withheld
from consent.model import Cover, Grant
from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.model import Held
from vendor_api.oauth.agreements.errors import TermsEnded, TermsForbid
from vendor_api.oauth.answers import Answer, problem


class ReadWithheld(VendorApiError):
    """Nothing of what was asked for may be read now. `next_at` is when it may be, in epoch seconds; None for never."""

    status = 403

    def __init__(self, next_at: int | None, *, now: int) -> None:
        if next_at is None:
            super().__init__("the limits of this grant allow no further read; ask the person again if you need one")
        else:
            super().__init__(f"the limits of this grant allow the next read at {next_at}")
            self.headers = {"Retry-After": str(next_at - now)}


class LimitEnded(ReadWithheld):
    error = "limit_ended"


class AlreadyFetched(ReadWithheld):
    error = "already_fetched"


class FrequencyExceeded(ReadWithheld):
    """RFC 6585 section 4."""

    error, status = "frequency_exceeded", 429


class OutsideDataRange(ReadWithheld):
    error = "outside_data_range"


class RecipientNotAllowed(ReadWithheld):
    error = "recipient_not_allowed"


class PresenceNeeded(ReadWithheld):
    """The values are locked, and open only with the person; send them through the authorization endpoint."""

    error = AWAY

    def __init__(self, _next_at: int | None, *, now: int) -> None:
        VendorApiError.__init__(self, "these values are readable only while the person is present; send them to us")


NOTHING: Final[Mapping[str, Held]] = {}

REFUSALS: Final = {
    kind.error: kind
    for kind in (
        *(LimitEnded, AlreadyFetched, FrequencyExceeded, OutsideDataRange, RecipientNotAllowed, PresenceNeeded),
        *(TermsEnded, TermsForbid),
    )
}


def read(
    db: Connection,
    host: Host,
    grant: Grant,
    attributes: Collection[str],
    *,
    recipient: str | None = None,
    released: Mapping[str, Held] = NOTHING,
    cover: Cover | None = None,
    now: int,
) -> tuple[dict[str, Any], Delivery]:
    """The values that leave now, to the vendor or its processor (`recipient`), with what is held back.

    `released` are locked values that the person opened for this vendor; they count while they are current.
    """
    found = dict(host.values(db, grant, attributes=attributes))
    found |= {
        name: opened for name, opened in released.items() if name in found and opened.lock == found[name].lock != ""
    }
    set_at = {name: held.set_at for name, held in found.items()}
    delivery = using.read(
        db,
        host.secrets,
        grant,
        attributes=found,
        set_at=set_at,
        recipient=recipient,
        closed=[name for name, held in found.items() if held.lock and held.value is None],
        cover=cover,
        now=now,
    )
    return {name: found[name].value for name in delivery.attributes}, delivery


def refused(withheld: Collection[Withheld], *, now: int) -> Answer:
    """Where there is nothing to deliver: the reason that is over first. Returned, because the ledger keeps the try."""
    first = min(withheld, key=lambda one: (one.next_at is None, one.next_at))
    return problem(REFUSALS[first.reason](first.next_at, now=now))


def why(withheld: Withheld) -> dict[str, Any]:
    next_at = {} if withheld.next_at is None else {"next_allowed_at": withheld.next_at}
    return {"error": withheld.reason, **next_at}
