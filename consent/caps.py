"""Caps: what may be asked at most for a kind of purpose, before the person is asked. What goes beyond is trimmed.

After the fair-use table of India's Account Aggregators: rows by purpose and kind of data, of which the most specific
counts. Rows of the host, of a vendor and of the person are separate tables, and the strictest of all counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from consent.model import Item, Limits, NewAsk, Span, Trimmed, carries_data
from consent.purposes import UNCLASSIFIED
from consent.tightening import SECONDS, UNLIMITED, seconds
from consent.vocabulary import DATA_KINDS, kind_of

ANY: Final = "*"
SENSITIVE: Final = "sensitive"


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be asked. `longest` is how long a grant may last; None is for no cap on that part."""

    allowed: bool = True
    mode: str = "store"
    fetch: str = "periodic"
    frequency: Span | None = None
    data_life: Span | None = None
    longest: Span | None = None


NOTHING: Final = Cap(allowed=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A cap for a kind of purpose (or ANY) and a kind of data, one it falls under, SENSITIVE or ANY."""

    purpose: str
    kind: str
    cap: Cap


Table = Sequence[Row]

MONTHLY: Final = Span(1, "month")
ONCE: Final = Cap(mode="view", fetch="once", longest=MONTHLY)
ADVERTISING: Final = Cap(frequency=Span(4, "month"), data_life=Span(6, "month"), longest=Span(6, "month"))
COUNTING: Final = Cap(frequency=MONTHLY, data_life=Span(1, "year"))
_IDENTIFYING: Final = ("pd:Identifying", "pd:Contact", "pd:PhysicalAddress", "pd:Tracking", "pd:Financial")

# What counts on every host. Whoever names no kind of purpose stands under none of these (docs/decisions/0025).
HOST: Final[Table] = (
    Row("dpv:SellDataToThirdParties", ANY, NOTHING),
    Row("dpv:SellInsightsFromData", ANY, COUNTING),
    Row("dpv:SellInsightsFromData", SENSITIVE, NOTHING),
    *(Row("dpv:SellInsightsFromData", kind, NOTHING) for kind in _IDENTIFYING),
    Row("dpv:AgeVerification", ANY, NOTHING),
    Row("dpv:AgeVerification", "pd:Age", ONCE),
    Row("dpv:IdentityVerification", ANY, Cap(fetch="once", longest=MONTHLY)),
    Row("dpv:IdentityVerification", "pd:Behavioural", NOTHING),
    Row("dpv:CustomerSolvencyMonitoring", ANY, Cap(fetch="once", data_life=MONTHLY, longest=MONTHLY)),
    Row("dpv:DeliveryOfGoods", ANY, Cap(data_life=Span(6, "month"))),
    Row("dpv:DeliveryOfGoods", SENSITIVE, NOTHING),
    *(
        row
        for purpose in ("dpv:Marketing", "dpv:DirectMarketing")
        for row in (Row(purpose, ANY, ADVERTISING), Row(purpose, SENSITIVE, NOTHING))
    ),
    *(
        row
        for purpose in ("dpv:PersonalisedAdvertising", "dpv:TargetedAdvertising")
        for row in (
            Row(purpose, ANY, ADVERTISING),
            Row(purpose, SENSITIVE, NOTHING),
            *(Row(purpose, kind, NOTHING) for kind in _IDENTIFYING),
        )
    ),
    *(
        row
        for purpose in ("dpv:ServiceUsageAnalytics", "dpv:ImproveExistingProductsAndServices")
        for row in (Row(purpose, ANY, COUNTING), *(Row(purpose, kind, NOTHING) for kind in _IDENTIFYING))
    ),
)


def cap_of(table: Table, item: Item) -> Cap:
    """The cap of the most specific row: its purpose counts before its kind of data."""
    purpose, kinds = item.purpose_type or UNCLASSIFIED, kinds_of(item.attribute)
    found = {(row.purpose, row.kind): row.cap for row in table}
    places = ((of, kind) for of in (purpose, ANY) for kind in kinds)
    return next((found[place] for place in places if place in found), Cap())


def kinds_of(attribute: str) -> tuple[str, ...]:
    """By what names a row may mean this attribute, the most specific first."""
    kind = DATA_KINDS[kind_of(attribute)]
    return (kind.term, *((SENSITIVE,) if kind.sensitive else ()), kind.broader, ANY)


def under(item: Item, cap: Cap) -> Item | None:
    """The item as it may be asked at most under this cap; None where it may not be asked at all."""
    if not carries_data(item.attribute):
        return item
    if not cap.allowed:
        return None
    before = item.limits or UNLIMITED
    limits = trimmed(before, cap)
    changed = item if limits == before else replace(item, limits=limits)
    if cap.longest is None or (item.longest is not None and item.longest <= seconds(cap.longest)):
        return changed
    return replace(changed, longest=seconds(cap.longest))


def trimmed(limits: Limits, cap: Cap) -> Limits:
    mode = "view" if "view" in {limits.mode, cap.mode} else "store"
    fetch, frequency = seldom(limits, cap)
    kept = [span for span in (limits.data_life, cap.data_life) if span is not None]
    data_life = min(kept, key=seconds) if kept and mode == "store" else None
    place = limits.storage_place if mode == "store" else None
    return replace(limits, mode=mode, fetch=fetch, frequency=frequency, data_life=data_life, storage_place=place)


def seldom(limits: Limits, cap: Cap) -> tuple[str, Span | None]:
    """`fetch` and `frequency` under which no read is allowed that either of the two does not allow."""
    if "once" in {limits.fetch, cap.fetch}:
        return "once", None
    one, other = limits.frequency, cap.frequency
    if one is None or other is None:
        return "periodic", one or other
    if most_reads(one, other) <= other.value:
        return "periodic", one
    if most_reads(other, one) <= one.value:
        return "periodic", other
    shorter, longer = sorted((one, other), key=lambda span: SECONDS[span.unit])
    value = min(longer.value, shorter.value // most_reads(Span(1, longer.unit), shorter))
    return ("periodic", Span(value, longer.unit)) if value else ("once", None)


def most_reads(frequency: Span, window: Span) -> int:
    """How many reads the frequency allows in the worst of all such windows. Both are counted from one moment."""
    each, whole = SECONDS[frequency.unit], SECONDS[window.unit]
    if whole % each == 0:
        return frequency.value * (whole // each)
    if each % whole == 0:
        return frequency.value
    return frequency.value * ((whole - 1) // each + 2)


def applied(ask: NewAsk, tables: Iterable[Table]) -> NewAsk:
    """The ask with no item beyond any of the tables; `trimmed` says what it was. Required ones may be missing."""
    items, cut = items_under(ask.items, tables)
    return replace(ask, items=items, trimmed=(*ask.trimmed, *cut)) if cut else ask


def items_under(items: Iterable[Item], tables: Iterable[Table]) -> tuple[tuple[Item, ...], tuple[Trimmed, ...]]:
    every, kept, cut = tuple(tables), [], []
    for item in items:
        found: Item | None = item
        for table in every:
            found = under(found, cap_of(table, found)) if found else None
        if found is not None:
            kept.append(found)
        if found is None or found.limits != item.limits or found.longest != item.longest:
            cut.append(Trimmed(item.attribute, item.limits, item.purpose_type, item.required, found is None))
    return tuple(kept), tuple(cut)


def longest_of(items: Iterable[Item]) -> int | None:
    """How long a grant of these may last (seconds), if anything limits that."""
    return min((item.longest for item in items if item.longest is not None), default=None)
