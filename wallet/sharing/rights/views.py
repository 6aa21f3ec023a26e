"""What lists and pages show of a request by right."""

from typing import Any

from consent.rights.requests import ARTICLES, RightsRequest
from wallet.sharing.rights.words import BUTTONS, OUTCOMES


def buttons() -> list[tuple[str, str]]:
    """Each right with the words on its button."""
    return [(right, said()) for right, said in BUTTONS.items()]


def request_row(one: RightsRequest, *, now: int) -> dict[str, Any]:
    """What the list and the page of a request both show."""
    return {
        "request_id": one.request_id,
        "grant_id": one.grant_id,
        "client_id": one.party.client_id,
        "vendor_name": one.party.name,
        "vendor_host": one.party.host,
        "title": BUTTONS[one.right](),
        "article": ARTICLES[one.right],
        "made_at": one.made_at,
        "due_on": one.due_at - 1,
        "outcome": OUTCOMES[one.outcome]() if one.outcome else None,
        "closed_at": one.closed_at,
        "overdue": one.is_overdue(now),
        "may_complain": may_complain(one, now=now),
    }


def may_complain(one: RightsRequest, *, now: int) -> bool:
    return one.is_overdue(now) or one.outcome == "declined"
