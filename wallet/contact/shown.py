"""What the pages of others show of being spoken to: a vendor's page, and the page on which it asks."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection

from consent.contact import policies
from consent.contact.model import EVERY, Effective
from consent.contact.policies import Scope
from consent.model import CONTACT, Ask, Grant
from keys.secrets import HostSecrets
from wallet.contact import view, words
from wallet.contact.places import of
from wallet.people.model import Visitor


def speaking(db: Connection, secrets: HostSecrets, grant: Grant, *, now: int) -> dict[str, Any]:
    """For the page of a vendor."""
    scope = Scope(grant.party.client_id, vendor=grant.party.name, grant_id=grant.grant_id)
    policy = of(db, secrets, scope, grant, person_id=grant.person_id, persona_id=grant.persona_id).counts
    found = view.topics_of(db, secrets, grant, now=now)
    return {
        "topics": found,
        "note": note(len(grant.topics), policy, now=now),
        "days": view.days(),
        **view.when(policy),
    }


def note(allowed: int, policy: Effective, *, now: int) -> str:
    if not allowed:
        return _("not at all")
    if policy.is_paused(now):
        return _("paused")
    return ngettext("about one topic", "about %(num)s topics", allowed)


def limited(db: Connection, secrets: HostSecrets, visitor: Visitor, ask: Ask, *, now: int) -> str:
    """For the page on which a vendor asks: how the person's own policy limits whatever is ticked."""
    if not any(item.attribute.startswith(CONTACT) for item in ask.items):
        return ""
    place = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    policy = policies.counting(db, secrets, ask.party.client_id, EVERY, **place)
    return f"{_('Into your inbox; it learns no address of yours.')} {limits_said(policy, now=now)}"


def limits_said(policy: Effective, *, now: int) -> str:
    """One sentence."""
    if policy.is_paused(now):
        return _("At present nobody may write to you: you paused it.")
    said = [words.windows_said(policy.windows)] if policy.windows else []
    said += [words.frequency_said(policy.frequency)] if policy.frequency.value else []
    said += [_("only on an occasion you made")] if policy.relevant_only else []
    said += [_("but not %(times)s", times=words.windows_said(policy.quiet))] if policy.quiet else []
    if not said:
        return _("You have said nothing yet about when, so it may write at any time.")
    return _("What you said for all counts here too: %(said)s.", said=", ".join(said))
