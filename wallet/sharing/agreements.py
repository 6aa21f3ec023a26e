"""The person's terms on pages: agreements in plain words, and how they stand to what a vendor asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import grants
from consent.engine import agreed_with
from consent.model import Agreed, Ask
from consent.terms import standing
from consent.terms.evaluation import prohibits
from consent.terms.roster import digest
from consent.terms.standing import ALWAYS, NEVER, Outcome
from vendor_api.oauth.agreements import wellknown
from vendor_api.vendors import myterms
from wallet.house import House
from wallet.people.model import Visitor

TITLES: Mapping[str, Callable[[], str]] = {
    "SD-BASE": lambda: _("Service only"),
    "SD-BASE-A": lambda: _("Service and statistics"),
    "SD-BASE-AT": lambda: _("Service, statistics and tracking"),
    "SD-BASE-ATP": lambda: _("Service, statistics, tracking and a profile"),
    "SD-BASE-ATP-S3P": lambda: _("All that, and anonymous data for others"),
    "PDC-INTENT": lambda: _("What you are looking for"),
    "PDC-AI": lambda: _("For artificial intelligence"),
    "PDC-GOOD": lambda: _("For the common good"),
}
SENTENCES: Mapping[str, Callable[[], str]] = {
    "SD-BASE": lambda: _(
        "Your data serves what you asked for, and nothing else: "
        "no statistics, no tracking, no profile, nothing to others."
    ),
    "SD-BASE-A": lambda: _(
        "Your data serves what you asked for, and the vendor’s own statistics: "
        "no tracking, no profile, nothing to others."
    ),
    "SD-BASE-AT": lambda: _(
        "The vendor may also make statistics of its own and follow what you do there: no profile, nothing to others."
    ),
    "SD-BASE-ATP": lambda: _(
        "The vendor may also make statistics, follow what you do there and make a profile of you: nothing to others."
    ),
    "SD-BASE-ATP-S3P": lambda: _(
        "The vendor may also make statistics and a profile of you; others get only what no longer tells who you are."
    ),
    "PDC-INTENT": lambda: _(
        "The vendor learns what you are looking for, to offer it to you: no statistics, no profile, nothing to others."
    ),
    "PDC-AI": lambda: _(
        "Your data may also train artificial intelligence: no statistics, no tracking, no profile, nothing to others."
    ),
    "PDC-GOOD": lambda: _(
        "Your data may also serve the common good, such as research: no tracking, no profile, nothing to others."
    ),
}
PORTABLE = "-DP"
KINDS: Mapping[str, Callable[[], str]] = {
    "every": lambda: _("Every vendor"),
    "shop": lambda: _("Shops"),
    "utility": lambda: _("Energy, water, telephone"),
    "bank": lambda: _("Banks and insurers"),
    "health": lambda: _("Doctors and health"),
    "media": lambda: _("News and media"),
    "public_body": lambda: _("Public bodies"),
    "advertising": lambda: _("Advertising"),
    "other": lambda: _("All others"),
}


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One of the roster, in plain words."""

    name: str
    title: str
    sentence: str
    digest: str
    url: str


@dataclass(frozen=True, slots=True)
class TermsView:
    """How the person's terms stand to an ask. Without `agreed`, the vendor accepts none of them."""

    agreed: AgreementView | None
    is_in_force: bool
    offered: AgreementView | None
    is_needed: bool
    forbidden: frozenset[str]


def agreement_view(name: str) -> AgreementView:
    base = name.removesuffix(PORTABLE)
    title, sentence = TITLES[base](), SENTENCES[base]()
    if base != name:
        title = _("%(title)s, and to take along", title=title)
        portable = _("You get your data in a form you can take along.")
        sentence = f"{sentence} {portable}"
    return AgreementView(name, title, sentence, digest(name), wellknown.path_of(name))


def title(name: str) -> str:
    """Also of one that is no longer in the roster."""
    return agreement_view(name).title if name.removesuffix(PORTABLE) in TITLES else name


def terms_for(house: House, visitor: Visitor, ask: Ask) -> tuple[Agreed | None, Outcome | None]:
    """The agreement in force with this vendor; or else what comes of the person's standing terms, if they have any.

    May fetch what the vendor accepts, so never inside a transaction.
    """
    now = house.clock()
    agreed, wanted = house.database.read(found, visitor, ask, now=now)
    if agreed is not None or wanted is None:
        return agreed, None
    return None, standing.outcome(wanted, myterms.accepted(house.outbound, ask, now=now))


def found(db: Connection, visitor: Visitor, ask: Ask, *, now: int) -> tuple[Agreed | None, standing.Standing | None]:
    ids = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    current = grants.find_current(db, **ids, client_id=ask.party.client_id)
    agreed = agreed_with(db, current[0] if current else None, **ids, client_id=ask.party.client_id, now=now)
    return agreed, standing.towards(db, myterms.kind_in(ask), **ids)


def turns_away(terms: Outcome | None) -> bool:
    """Whether the person wants not even to be asked."""
    return terms is not None and terms.agreed is None and terms.standing.applies == NEVER


def name_of(agreed: Agreed | None, terms: Outcome | None) -> str | None:
    return agreed.agreement if agreed else terms.agreed if terms else None


def forbidden(ask: Ask, name: str | None) -> frozenset[str]:
    """The attributes that may not be given for what this ask wants them for."""
    return frozenset(item.attribute for item in ask.items if name is not None and prohibits(name, item))


def terms_view(ask: Ask, agreed: Agreed | None, terms: Outcome | None) -> TermsView | None:
    if agreed is None and terms is None:
        return None
    name = name_of(agreed, terms)
    return TermsView(
        agreed=agreement_view(name) if name else None,
        is_in_force=agreed is not None,
        offered=agreement_view(terms.offered) if terms and terms.offered else None,
        is_needed=terms is not None and terms.agreed is None and terms.standing.applies == ALWAYS,
        forbidden=forbidden(ask, name),
    )
