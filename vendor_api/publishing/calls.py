"""POST /contact/publications: publish an item to a topic once, withdraw it, and see what was published.

The vendor proves itself as at the token endpoint. Who gets an item, it does not learn: only in what band their number
is.
"""

from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request
from vendor_api.publishing import engine
from vendor_api.publishing.given import publication
from vendor_api.publishing.model import NewPublication, Publication
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.topics import declared

PATH: Final = "/contact/publications"
MOST: Final = 50
DAY: Final = 24 * 3600
MOST_IN_A_DAY: Final = 20


class TooManyPublications(VendorApiError):
    """RFC 6585 section 4."""

    error, status = "too_many_requests", 429
    headers = {"Retry-After": str(DAY)}

    def __init__(self) -> None:
        super().__init__(f"at most {MOST_IN_A_DAY} items are taken in 24 hours")


def publications(host: Host, call: Call) -> Answer:
    """201 for an item that was taken, 200 for the very same again, for a withdrawal and for the list."""
    now = host.now()
    return host.write(work, host, received(host, call, now=now), now=now)


def work(db: Connection, host: Host, sent: Request, *, now: int) -> Answer:
    vendor = proven(db, host, sent, "contact", now=now)
    whose: dict[str, Any] = {"client_id": vendor.client_id}
    if "publication" in sent.form:
        new = publication(sent.form["publication"], topics=declared(vendor.metadata), now=now)
        is_new = publish(db, host, vendor, new, now=now)
        kept = engine.find(db, host.secrets, new.publication_id, **whose)
        return as_json(as_data(kept), status=201 if is_new else 200)
    if "withdraw" in sent.form:
        engine.withdraw(db, sent.form["withdraw"], **whose, now=now)
        return as_json(as_data(engine.find(db, host.secrets, sent.form["withdraw"], **whose)))
    found = engine.latest(db, host.secrets, **whose, limit=MOST)
    return as_json({"publications": list(map(as_data, found))})


def publish(db: Connection, host: Host, vendor: Vendor, new: NewPublication, *, now: int) -> bool:
    """Whether it is new. Raises TooManyPublications, and then it was not kept; or OtherPublication."""
    is_new = engine.publish(db, host.secrets, new, client_id=vendor.client_id, now=now)
    if is_new and engine.how_many(db, client_id=vendor.client_id, since=now - DAY) > MOST_IN_A_DAY:
        raise TooManyPublications
    return is_new


def as_data(one: Publication) -> dict[str, Any]:
    names = ("topic", "title", "published_at", "valid_until", "withdrawn_at", "reach")
    said = {"id": one.publication_id, **{name: getattr(one, name) for name in names}}
    return said | ({"for": one.predicate} if one.predicate else {})
