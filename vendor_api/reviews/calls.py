"""Reviews for machines: everybody reads them and their log, and a vendor answers each of its own once."""

from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.call import Call, parameters
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request
from vendor_api.reviews import answering, log, published

PATH: Final = "/oauth/reviews"
LOG_PATH: Final = "/oauth/reviews-log"
LINES: Final = 500
LONGEST_NUMBER: Final = 15


def listed(host: Host, call: Call) -> Answer:
    """A page of a vendor's reviews (`language`, `before`), or one (`review_id`), also where it was ended."""
    return as_json(host.read(list_of, host, call.rest, parameters(call.query.encode())))


def list_of(db: Connection, host: Host, client_id: str, asked: dict[str, str]) -> dict[str, Any]:
    if "review_id" in asked:
        return published.find(db, host.secrets, client_id, asked["review_id"]).as_data()
    before = number(asked, "before") if "before" in asked else None
    language = asked.get("language", "")
    found = published.of_vendor(db, host.secrets, client_id, language=language, before=before)
    said = {"client_id": client_id, **published.figures(db, client_id).as_data()}
    said["reviews"] = [one.as_data() for one in found]
    return said | ({"before": found[-1].number} if len(found) == published.PAGE else {})


def logged(host: Host, call: Call) -> Answer:
    """The log behind `after`, and its signed head."""
    return as_json(host.read(log_of, host, call.rest, parameters(call.query.encode())))


def log_of(db: Connection, host: Host, client_id: str, asked: dict[str, str]) -> dict[str, Any]:
    after = number(asked, "after") if "after" in asked else 0
    head = log.head(db, host.signing_keys(), client_id, issuer=host.issuer, now=host.now())
    found = log.lines(db, client_id, after=after, limit=LINES)
    return {"client_id": client_id, "head": head, "lines": [line.as_data() for line in found]}


def answered(host: Host, call: Call) -> Answer:
    """The vendor's one answer. Raises UnknownReview, UnknownContactPerson, AnsweredBefore."""
    now = host.now()
    return as_json(host.write(answer, host, received(host, call, now=now), now=now), status=201)


def answer(db: Connection, host: Host, sent: Request, *, now: int) -> dict[str, Any]:
    client_id = proven(db, host, sent, "reviews", now=now).client_id
    missing = [name for name in ("review_id", "author", "text") if name not in sent.form]
    if missing:
        raise InvalidRequest(f"{', '.join(missing)} is missing")
    public_id = sent.form["review_id"]
    said = {"public_id": public_id, "author": sent.form["author"], "text": sent.form["text"]}
    answering.answer(db, host.secrets, client_id=client_id, **said, now=now)
    return published.find(db, host.secrets, client_id, public_id).as_data()


def number(asked: dict[str, str], name: str) -> int:
    """Raises InvalidRequest."""
    given = asked[name]
    if not given.isascii() or not given.isdigit() or len(given) > LONGEST_NUMBER:
        raise InvalidRequest(f"{name} must be a number")
    return int(given)
