"""What the page of an intent sends, and the draft that it becomes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from consent.terms.roster import ROSTER
from vendor_api.intents.branches import BRANCHES
from wallet.data.model import Attribute
from wallet.intents.errors import BadIntent
from wallet.intents.model import COMPARISONS, HAVE, NUMBER, REGIONS, SEEK, WORD, YES_NO, Condition, Draft
from wallet.languages import decimal_sign
from wallet.records.cells import number
from wallet.records.engine import tidy

LONGEST_TEXT: Final = 200
LONGEST_MORE: Final = 2_000
LONGEST_LABEL: Final = 60
LONGEST_UNIT: Final = 20
LONGEST_NUMBER: Final = 20
ROWS: Final = 5
LONGEST_DAYS: Final = 90
MOST_CHOSEN: Final = 50
YES: Final = ("yes", "ja")
NO: Final = ("no", "nein")


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from: vendors by client_id, and predicates by name."""

    vendors: Mapping[str, str] = field(repr=False)
    facts: Mapping[str, Attribute] = field(repr=False)


def typed(given: MultiDict[str, str], choices: Choices, *, now: int) -> Draft:
    """Raises BadIntent with the first thing that is wrong."""
    text, more = tidy(given.get("text", "")), given.get("more", "").replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_TEXT:
        raise BadIntent(_("Say in 1 to %(longest)s characters what you look for.", longest=LONGEST_TEXT))
    if len(more) > LONGEST_MORE or "\x00" in more:
        raise BadIntent(_("Say the rest in at most %(longest)s characters.", longest=LONGEST_MORE))
    branch, region = given.get("branch", ""), given.get("region", "")
    to, everybody = chosen(given, "to", choices.vendors), given.get("everybody") == "yes"
    kind = given.get("kind", SEEK)
    if branch not in BRANCHES or region not in REGIONS or kind not in {SEEK, HAVE}:
        raise BadIntent(_("Choose one of those offered."))
    if not (to or everybody) or len(to) > MOST_CHOSEN:
        raise BadIntent(_("Choose who is told: vendors of the list, or everybody in this branch."))
    return Draft(
        branch,
        text,
        conditions_of(given),
        more,
        region,
        chosen(given, "facts", choices.facts),
        chosen(given, "terms", ROSTER),
        to,
        everybody,
        deadline(given.get("until", ""), now=now),
        kind,
    )


def chosen(given: MultiDict[str, str], name: str, offered: Collection[str]) -> tuple[str, ...]:
    """Raises BadIntent."""
    found = tuple(dict.fromkeys(given.getlist(name)))
    if not set(found) <= set(offered):
        raise BadIntent(_("Choose one of those offered."))
    return found


def conditions_of(given: Mapping[str, str]) -> tuple[Condition, ...]:
    """Raises BadIntent."""
    found = (condition(given, str(place)) for place in range(1, ROWS + 1))
    return tuple(one for one in found if one is not None)


def condition(given: Mapping[str, str], place: str) -> Condition | None:
    """None where the row is empty. Raises BadIntent."""
    label, value, unit = (tidy(given.get(f"{name}_{place}", "")) for name in ("label", "value", "unit"))
    comparison = given.get(f"comparison_{place}", "=")
    if not label and not value:
        return None
    if not label or not value or max(len(label), len(value)) > LONGEST_LABEL or comparison not in COMPARISONS:
        raise BadIntent(_("A condition needs a name and what it is to be, each of at most 60 characters."))
    if value.casefold() in {*YES, *NO}:
        return Condition(place, label, "=", YES_NO, "yes" if value.casefold() in YES else "no")
    try:
        amount = number(value, decimal=decimal_sign(value))
    except ValueError:
        if comparison != "=" or unit:
            raise BadIntent(_("“At least” and “at most” need a number in digits, for example 30.")) from None
        return Condition(place, label, "=", WORD, value)
    if len(unit) > LONGEST_UNIT or len(amount) > LONGEST_NUMBER:
        raise BadIntent(_("This number or its unit is too long."))
    return Condition(place, label, comparison, NUMBER, f"{Decimal(amount):f}", unit)


def deadline(text: str, *, now: int) -> int:
    """The end of that day, in one time zone for everybody, so that it tells nothing of where somebody lives."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadIntent(_("Say until which day vendors may answer.")) from None
    today = datetime.fromtimestamp(now, UTC).date()
    if not today <= day <= today + timedelta(days=LONGEST_DAYS):
        raise BadIntent(_("Choose a day within the next %(days)s days.", days=LONGEST_DAYS))
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return int(end.timestamp())
