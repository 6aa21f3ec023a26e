"""Lines of the ledger as sentences people read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy import Connection

from consent.limits import AWAY
from consent.model import Line
from consent.terms import enforcement
from vendor_api.vendors import registry, topics
from wallet.deposits.words import TOLD as DEPOSITS
from wallet.deposits.words import parts_said
from wallet.dialogue.words import TOLD as DIALOGUE
from wallet.languages import day, in_a_row, language
from wallet.reviews.words import REVIEWED
from wallet.sharing.agreements import title
from wallet.sharing.changes_said import changed
from wallet.sharing.erased_said import erased
from wallet.sharing.failed import failed
from wallet.sharing.fired_said import fired, kept_back
from wallet.sharing.intents_said import INTENTS
from wallet.sharing.moves_said import TOLD as MOVES
from wallet.sharing.own import NO_TOPICS
from wallet.sharing.rights.words import TOLD as RIGHTS
from wallet.sharing.said import Said, in_short

REDEEMED = {
    "code": lambda vendor: _("%(vendor)s picked up the access you granted.", vendor=vendor),
    "browser": lambda vendor: _("%(vendor)s got the access you granted at once, through your browser.", vendor=vendor),
    "device_code": lambda vendor: _("%(vendor)s picked up the access you granted, on a device.", vendor=vendor),
    "auth_req_id": lambda vendor: _(
        "%(vendor)s picked up the access you granted when it asked you here.", vendor=vendor
    ),
    "consent_token": lambda vendor: _("%(vendor)s used the consent token to get access again.", vendor=vendor),
    "refresh_token": lambda vendor: _("%(vendor)s renewed its access.", vendor=vendor),
}


def sentences(
    db: Connection, lines: Iterable[Line], label: Callable[[str, Mapping[str, str]], str]
) -> Iterator[tuple[Line, str]]:
    """Each line with its sentence; topics by the names their vendors give them."""
    names: dict[str | None, Mapping[str, str]] = {}
    for line in lines:
        if line.client_id not in names:
            vendor = registry.find(db, line.client_id or "")
            names[line.client_id] = topics.names(vendor.metadata, language()) if vendor else {}
        yield line, sentence(line, label, names[line.client_id])


def sentence(line: Line, label: Callable[[str, Mapping[str, str]], str], names: Mapping[str, str] = NO_TOPICS) -> str:
    """One sentence in the page's language; `label` names an attribute. A line changed from outside may have none."""
    try:
        return told(with_names(line, names), lambda name: label(name, names))
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError, OSError):
        return _("This line was changed and can not be read.")


def with_names(line: Line, names: Mapping[str, str]) -> Line:
    topic = line.detail.get("topic", "")
    return replace(line, detail={**line.detail, "topic": names[topic]}) if topic in names else line


def told(line: Line, label: Callable[[str], str]) -> str:
    said = Said(
        vendor=line.detail.get("vendor") or line.client_id or "",
        attributes=listed(line.detail.get("attributes", ()), label),
        refused=listed(line.detail.get("refused", ()), label),
        withheld=listed(line.detail.get("withheld", ()), label),
        tightened=listed(line.detail.get("tightened", ()), label),
        narrowed=listed(line.detail.get("narrowed", ()), label),
        widened=listed(line.detail.get("widened", ()), label),
        detail=line.detail,
        label=label,
    )
    return SENTENCES.get(line.action, revoked)(said)


def asked(said: Said) -> str:
    beyond = in_a_row(
        [listed(said.detail[name], said.label) for name in ("left_out", "trimmed") if name in said.detail]
    )
    if beyond:
        less = _("It wanted more than rules here allow: %(values)s.", values=beyond)
        return f"{plainly_asked(said)} {less}"
    return plainly_asked(said)


def plainly_asked(said: Said) -> str:
    if not said.attributes:
        return _("%(vendor)s asked you to sign in.", vendor=said.vendor)
    return _("%(vendor)s asked for %(attributes)s.", vendor=said.vendor, attributes=said.attributes)


def granted(said: Said) -> str:
    if said.detail.get("by_rule"):
        until = day(said.detail["until"] - 1)
        return _("Renewed by a rule of yours, until %(day)s: what %(vendor)s may do.", vendor=said.vendor, day=until)
    if "agreement" in said.detail:
        terms = _("Agreed terms: %(title)s.", title=title(said.detail["agreement"]))
        return f"{allowed(said)} {terms}"
    return allowed(said)


def allowed(said: Said) -> str:
    until = day(said.detail["until"] - 1)
    words = {"vendor": said.vendor, "attributes": said.attributes, "refused": said.refused, "day": until}
    if said.attributes and said.refused:
        return _(
            "You allowed %(vendor)s to read %(attributes)s until %(day)s, and kept back %(refused)s.",
            **words,
        )
    if said.attributes:
        return _("You allowed %(vendor)s to read %(attributes)s until %(day)s.", **words)
    if said.refused:
        return _("You let %(vendor)s recognise you until %(day)s, and kept back %(refused)s.", **words)
    return _("You let %(vendor)s recognise you until %(day)s.", **words)


def refused(said: Said) -> str:
    if said.detail.get("by_rule"):
        return _("%(vendor)s asked, and was refused by a rule of yours.", vendor=said.vendor)
    if "terms" in said.detail:
        return _("%(vendor)s was refused: it accepts none of your terms.", vendor=said.vendor)
    return _("You refused %(vendor)s.", vendor=said.vendor)


def signed_in(said: Said) -> str:
    return _("You signed in at %(vendor)s; nothing new was asked.", vendor=said.vendor)


def redeemed(said: Said) -> str:
    if said.detail["via"] == "token_exchange":
        recipient = said.detail.get("recipient", said.vendor)
        return _("%(vendor)s passed a narrower access on to %(recipient)s.", vendor=said.vendor, recipient=recipient)
    return REDEEMED[said.detail["via"]](said.vendor)


def read(said: Said) -> str:
    withheld = said.detail.get("withheld", {})
    if {*withheld.values()} & {enforcement.OVER, enforcement.PROHIBITED}:
        kept_back = _("Your terms kept back: %(withheld)s.", withheld=said.withheld)
        return f"{delivered(said)} {kept_back}"
    if {*withheld.values()} == {AWAY}:
        kept_back = _("Locked while you were not here: %(withheld)s.", withheld=said.withheld)
        return f"{delivered(said)} {kept_back}"
    if withheld:
        kept_back = _("Your limits kept back: %(withheld)s.", withheld=said.withheld)
        return f"{delivered(said)} {kept_back}"
    return delivered(said)


def delivered(said: Said) -> str:
    if "recipient" in said.detail:
        return _(
            "%(recipient)s read %(attributes)s for %(vendor)s.",
            recipient=said.detail["recipient"],
            attributes=said.attributes or _("nothing but that it is you"),
            vendor=said.vendor,
        )
    if not said.attributes:
        return _("%(vendor)s read nothing but that it is you.", vendor=said.vendor)
    reason = in_a_row([_("“%(purpose)s”", purpose=purpose) for purpose in said.detail.get("purposes", ())])
    if not reason:
        return _("%(vendor)s read %(attributes)s.", vendor=said.vendor, attributes=said.attributes)
    return _(
        "%(vendor)s read %(attributes)s. Reason given: %(reason)s",
        vendor=said.vendor,
        attributes=said.attributes,
        reason=reason,
    )


def revoked(said: Said) -> str:
    if said.detail.get("by_vendor"):
        return _("%(vendor)s ended its access itself.", vendor=said.vendor)
    return _("You stopped sharing with %(vendor)s.", vendor=said.vendor)


def countersigned(said: Said) -> str:
    return _("%(vendor)s countersigned the receipt of %(day)s.", vendor=said.vendor, day=day(said.detail["of"]))


def of_deposit(told: Callable[[str, str], str]) -> Callable[[Said], str]:
    return lambda said: told(said.vendor, parts_said(said.detail, said.attributes))


SENTENCES: Mapping[str, Callable[[Said], str]] = {
    "asked": asked,
    "granted": granted,
    "refused": refused,
    "signed_in": signed_in,
    "redeemed": redeemed,
    "read": read,
    "failed": lambda said: failed(said.detail, said.vendor, said.withheld),
    "changed": changed,
    "revoked": revoked,
    **{name: in_short(told) for name, told in RIGHTS.items()},
    "countersigned": countersigned,
    **{name: of_deposit(told) for name, told in DEPOSITS.items()},
    **{name: in_short(told) for name, told in MOVES.items()},
    **{name: in_short(told) for name, told in DIALOGUE.items()},
    "erased": lambda said: erased(said.detail, said.attributes),
    "fired": fired,
    "kept_back": kept_back,
    "reviewed": lambda said: REVIEWED[said.detail["what"]](said.vendor),
    **INTENTS,
}


def listed(names: Iterable[str], label: Callable[[str], str]) -> str:
    return in_a_row([label(name) for name in names])
