"""What a person says of an attribute they thought of: checked, and as the JSON that is sealed."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from wallet.data.catalogue import EVERYBODYS
from wallet.data.errors import BadValue
from wallet.data.figures import number
from wallet.data.kinds import KINDS, NUMBERS
from wallet.data.model import Attribute, Choice, Fact, Json, Total
from wallet.data.predicates import COMPARISONS, PERIODS
from wallet.data.text import clean, clean_label, clean_list

LONGEST_UNIT = 20
LONGEST_DESCRIPTION = 200
COMPARABLE = (*NUMBERS, "date", "choice", "text")


@dataclass(frozen=True, slots=True)
class Details:
    """What need not be said of an attribute: its unit and limits, for choices which, for a predicate how it follows."""

    unit: str = ""
    least: int | float | None = None
    most: int | float | None = None
    choices: tuple[str, ...] = ()
    description: str = ""
    fact: Fact | None = None


NOTHING_MORE = Details()


def typed_details(kind: str, *, unit: str, least: str, most: str, choices: str, description: str) -> Details:
    """What was typed into the form for this kind; what the kind has no use for is left out. Raises BadValue."""
    numeric, offered = kind in NUMBERS, kind == "choice"
    return Details(
        unit=clean(unit, longest=LONGEST_UNIT) if numeric and unit.strip() else "",
        least=number(least) if numeric and least.strip() else None,
        most=number(most) if numeric and most.strip() else None,
        choices=tuple(clean_list(choices)) if offered and choices.strip() else (),
        description=clean(description, longest=LONGEST_DESCRIPTION) if description.strip() else "",
    )


def checked(name: str, *, label: str, kind: str, details: Details) -> Attribute:
    """Raises BadValue."""
    if kind not in KINDS:
        raise BadValue(_("Choose one of the kinds."))
    if details.least is not None and details.most is not None and details.least > details.most:
        raise BadValue(_("The least can not be more than the most."))
    if kind == "choice" and len(details.choices) < 2:
        raise BadValue(_("Name at least two things to choose from."))
    return own_attribute(name, label=clean_label(label), kind=kind, **asdict(details) | {"fact": details.fact})


def check_fact(fact: Fact, of: Attribute | None, *, columns: Collection[str] | None = None) -> None:
    """Raises BadValue unless this compares what can be compared.

    `of` is the attribute it is about, if it is; `columns` those there are to sum up, where that is known.
    """
    known = fact.comparison in COMPARISONS
    if isinstance(fact.of, Total):
        there = columns is None or fact.of.column in columns
        if not there or not known or fact.of.period not in PERIODS or not isinstance(fact.than, int | float):
            raise BadValue(_("Choose a column, a period, a comparison and a number."))
    elif of is None or of.fact is not None or of.kind not in COMPARABLE:
        raise BadValue(_("Choose a number, a date, a choice or a text of yours."))
    elif not known or (fact.comparison != "=" and of.kind in {"choice", "text"}):
        raise BadValue(_("Choose a comparison. Texts and choices can only be equal."))


def own_attribute(
    name: str,
    *,
    label: str,
    kind: str,
    fact: Fact | None = None,
    choices: tuple[str, ...] = (),
    **more: Any,
) -> Attribute:
    """What follows from something sensitive is so itself."""
    offered = tuple(Choice(choice, choice, choice) for choice in choices)
    source = EVERYBODYS.get(fact.of) if fact and isinstance(fact.of, str) else None
    sensitivity = source.sensitivity if source else "normal"
    group = "facts" if fact else "own"
    return Attribute(name, kind, label, label, group, sensitivity, choices=offered, fact=fact, **more)


def as_json(attribute: Attribute) -> bytes:
    said: dict[str, Any] = {
        "kind": attribute.kind,
        "label": attribute.label_en,
        "unit": attribute.unit,
        "least": attribute.least,
        "most": attribute.most,
        "choices": [choice.value for choice in attribute.choices],
        "description": attribute.description,
        "fact": fact_as_json(attribute.fact) if attribute.fact else None,
    }
    return json.dumps({name: given for name, given in said.items() if given not in ("", None, [])}).encode()


def from_json(name: str, sealed: bytes) -> Attribute:
    said = json.loads(sealed)
    if "fact" in said:
        said["fact"] = fact_from_json(**said["fact"])
    return own_attribute(name, **said | {"choices": tuple(said.get("choices", ()))})


def fact_as_json(fact: Fact) -> dict[str, Any]:
    of = fact.of if isinstance(fact.of, str) else asdict(fact.of)
    return {"of": of, "comparison": fact.comparison, "than": fact.than}


def fact_from_json(of: str | dict[str, str], comparison: str, than: Json) -> Fact:
    return Fact(of if isinstance(of, str) else Total(**of), comparison, than)
