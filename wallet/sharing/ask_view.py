"""What the consent page shows, gathered from an ask, what was granted before, and the person's values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from consent.engine import latest_end, still_tight
from consent.model import CONTACT, PUBLIC, Ask, Grant
from vendor_api.oauth import ciba_requests
from vendor_api.oauth.device_codes import IN_ASK
from wallet.data.model import Attribute
from wallet.languages import in_a_row
from wallet.people.model import Persona
from wallet.people.personas import shown_name
from wallet.sharing.agreements import TermsView
from wallet.sharing.beyond import beyond_said
from wallet.sharing.own import DAY, ItemView, Own, item_view, last_day
from wallet.sharing.tightening import Choices, choices, prefix


@dataclass(frozen=True, slots=True)
class AskPage:
    """The consent page: what a vendor asks, with the very values that would leave."""

    client_id: str
    vendor_name: str
    vendor_host: str
    vendor_host_verified: bool
    device_code: str | None
    by_itself: bool
    binding_message: str | None
    policy_url: str | None
    required: list[ItemView]
    optional: list[ItemView]
    contact: list[ItemView]
    contact_said: str
    missing_required: list[ItemView]
    missing_optional: list[ItemView]
    identity_only: bool
    has_limits: bool
    beyond: list[str]
    own_number: bool
    already: list[ItemView]
    already_ends: bool
    paused: bool
    until_default: str
    until_max: str
    ticked: frozenset[str]
    tightenable: dict[str, Choices | None]
    today: str
    terms: TermsView | None
    forbidden: list[ItemView]
    needs_forbidden: bool
    closed: bool
    sign_in_url: str
    error: str | None
    action: str
    ask_id: str
    persona_id: str
    faces: list[tuple[str, str]]
    linked_values: str
    linked_personas: str


def ask_page(
    ask: Ask,
    before: Grant | None,
    mine: Own,
    faces: Iterable[Persona],
    *,
    until: str | None,
    ticked: frozenset[str],
    typed: MultiDict[str, str],
    terms: TermsView | None,
    closed: bool,
    error: str | None,
    linked: Collection[tuple[Attribute, Persona]],
    contact_said: str,
    now: int,
) -> AskPage:
    shared = before.attributes if before else frozenset()
    back = url_for("sharing.consent", ask_id=ask.ask_id, persona=mine.persona_id)
    tight = still_tight(ask.items, before)
    everything = [item_view(item, mine, shared=shared, back=back) for item in tight]
    kept_back = terms.forbidden if terms else frozenset()
    items = [item for item in everything if item.name not in kept_back]
    forbidden = [item for item in everything if item.name in kept_back]
    answered = ask.attributes | {PUBLIC}
    already = [item for item in before.items if item.attribute not in answered] if before else []
    last = last_day(latest_end(ask.items, now=now) - DAY)
    return AskPage(
        **(who_asks(ask) | by_need(items)),
        contact_said=contact_said,
        identity_only=not everything,
        has_limits=any(item.limits for item in items),
        beyond=beyond_said(ask, mine.label),
        own_number=PUBLIC not in ask.attributes,
        already=[item_view(item, mine, shared=shared, back="") for item in already],
        already_ends=bool(ask.request.get("replaces")),
        paused=before is not None and before.is_paused(now),
        until_default=until or last,
        until_max=last,
        ticked=ticked,
        tightenable={
            item.attribute: choices(item, ask.party, prefix=prefix(item.attribute), form=typed) for item in tight
        },
        today=last_day(now),
        terms=terms,
        forbidden=forbidden,
        needs_forbidden=any(item.required for item in forbidden),
        closed=closed,
        sign_in_url=url_for("people.sign_in", next=back),
        error=error,
        action=url_for("sharing.consent", ask_id=ask.ask_id),
        ask_id=ask.ask_id,
        persona_id=mine.persona_id,
        faces=[(face.persona_id, shown_name(face)) for face in faces],
        linked_values=in_a_row(list(dict.fromkeys(mine.label(attribute.name) for attribute, _face in linked))),
        linked_personas=in_a_row(list(dict.fromkeys(shown_name(face) for _attribute, face in linked))),
    )


def who_asks(ask: Ask) -> dict[str, Any]:
    """The vendor, and the way on which it came."""
    party, by_itself = ask.party, ask.request.get(ciba_requests.IN_ASK)
    return {
        "client_id": party.client_id,
        "vendor_name": party.name,
        "vendor_host": party.host,
        "vendor_host_verified": party.verified,
        "policy_url": party.policy_uri,
        "device_code": ask.request.get(IN_ASK, {}).get("user_code"),
        "by_itself": by_itself is not None,
        "binding_message": (by_itself or {}).get("message"),
    }


def by_need(items: Iterable[ItemView]) -> dict[str, list[ItemView]]:
    """Each under the member of AskPage that shows it."""
    groups: dict[str, list[ItemView]] = {
        name: [] for name in ("required", "optional", "contact", "missing_required", "missing_optional")
    }
    for item in items:
        has_none = "missing_" if item.value_text is None else ""
        kind = "required" if item.required else "contact" if writes(item) and not has_none else "optional"
        groups[f"{has_none}{kind}"].append(item)
    return groups


def writes(item: ItemView) -> bool:
    """Whether it is about speaking to the person."""
    return item.name.startswith(CONTACT)
