"""Rows of a table of caps as somebody wrote them down in JSON: understood wholly or refused, and stored as they are."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from consent.caps import ANY, SENSITIVE, Cap, Row, Table
from consent.errors import BadCap
from consent.limits import FETCHES, MODES
from consent.model import Span
from consent.purposes import UNCLASSIFIED, term_of
from consent.tightening import DAY, SECONDS, seconds
from consent.vocabulary import DATA_KINDS

MOST_ROWS: Final = 200
LARGEST: Final = 1_000_000
MEMBERS: Final = frozenset({"purpose", "data", "allowed", "mode", "fetch", "frequency", "data_life", "longest"})
SPANS: Final = ("frequency", "data_life", "longest")
DATA: Final = frozenset({ANY, SENSITIVE, *DATA_KINDS, *(kind.broader for kind in DATA_KINDS.values())})


def checked(given: object) -> Table:
    """Raises BadCap with one sentence."""
    if not isinstance(given, list) or len(given) > MOST_ROWS or not all(isinstance(row, dict) for row in given):
        raise BadCap(f"caps must be a JSON array of at most {MOST_ROWS} objects")
    rows = tuple(map(checked_row, given))
    if len({(row.purpose, row.kind) for row in rows}) != len(rows):
        raise BadCap("two rows have the same purpose and data")
    return rows


def checked_row(given: Mapping[str, Any]) -> Row:
    if not given.keys() <= MEMBERS or "purpose" not in given:
        raise BadCap(f"each row has purpose, and may have: {', '.join(sorted(MEMBERS - {'purpose'}))}")
    if given["purpose"] not in (ANY, UNCLASSIFIED) and term_of(given["purpose"]) is None:
        raise BadCap(f"purpose must be a kind of purpose such as dpv:Marketing, {UNCLASSIFIED} for none, or {ANY}")
    if not isinstance(given.get("data", ANY), str) or given.get("data", ANY) not in DATA:
        raise BadCap(f"data must be one of: {', '.join(sorted(DATA))}")
    check_limits(given)
    return row_from(given)


def check_limits(given: Mapping[str, Any]) -> None:
    if not isinstance(given.get("allowed", True), bool):
        raise BadCap("allowed must be true or false")
    for name, choices in (("mode", MODES), ("fetch", FETCHES)):
        if given.get(name, choices[0]) not in choices:
            raise BadCap(f"{name} must be one of: {', '.join(choices)}")
    for name in SPANS:
        if name in given and not is_span(given[name]):
            raise BadCap(f"{name} must have a whole value from 1 and a unit: {', '.join(SECONDS)}")
    if "longest" in given and seconds(Span(**given["longest"])) < DAY:
        raise BadCap("longest must be a day at least")


def is_span(given: object) -> bool:
    return (
        isinstance(given, dict)
        and given.keys() == {"value", "unit"}
        and type(given["value"]) is int
        and 1 <= given["value"] <= LARGEST
        and given["unit"] in tuple(SECONDS)
    )


def row_from(stored: Mapping[str, Any]) -> Row:
    purpose = stored["purpose"] if stored["purpose"] in (ANY, UNCLASSIFIED) else term_of(stored["purpose"])
    limits = {name: value for name, value in stored.items() if name not in {"purpose", "data"}}
    limits |= {name: Span(**limits[name]) for name in SPANS if name in limits}
    return Row(purpose or ANY, stored.get("data", ANY), Cap(**limits))


def as_given(row: Row) -> dict[str, Any]:
    """The row in the shape in which it is given: only what it says."""
    said = {name: value for name, value in asdict(row.cap).items() if value != getattr(Cap(), name)}
    return {"purpose": row.purpose, "data": row.kind, **said}
