"""Standing answers: what a persona has said, once for all, to what a vendor or anybody asks for a kind of purpose.

`never` refuses without a page; `always` renews, on the same terms, what one grant says; `ask` is an exception from a
wider rule. A blocked vendor can ask nothing at all. Of several rules, the one that names the vendor counts first, then
the one that names the purpose. A persona's own caps stand beside them, by kind of purpose.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, insert, null, select, update

from consent import caps, given_caps, ledger
from consent.caps import ANY, Cap, Table
from consent.ledger import Entry
from consent.model import NewAsk, carries_data
from consent.purposes import UNCLASSIFIED
from consent.tables import rules
from keys.secrets import HostSecrets

ASK: Final = "ask"
ALWAYS: Final = "always"
NEVER: Final = "never"
BLOCKED: Final = "blocked"


@dataclass(frozen=True, slots=True)
class Rule:
    """For this vendor and kind of purpose, or ANY. `grant_id` is the grant that ALWAYS renews."""

    client_id: str
    purpose: str
    answer: str | None = None
    vendor: str | None = None
    grant_id: str | None = None
    cap: Cap | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """The persona whose rules they are."""

    person_id: str
    persona_id: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All of a persona's."""

    all: tuple[Rule, ...] = ()

    def answer(self, client_id: str, purpose: str) -> Rule | None:
        found = {(rule.client_id, rule.purpose): rule for rule in self.all if rule.answer}
        places = ((client_id, purpose), (client_id, ANY), (ANY, purpose), (ANY, ANY))
        return next((found[place] for place in places if place in found), None)

    def says(self, answer: str, client_id: str, purpose: str) -> bool:
        found = self.answer(client_id, purpose)
        return found is not None and found.answer == answer

    def blocks(self, client_id: str) -> bool:
        return self.says(BLOCKED, client_id, ANY)

    @property
    def own_caps(self) -> Table:
        return tuple(caps.Row(rule.purpose, ANY, rule.cap) for rule in self.all if rule.cap)

    def refusing(self, ask: NewAsk) -> Table:
        client_id = ask.party.client_id
        return tuple(
            caps.Row(purpose, ANY, caps.NOTHING)
            for purpose in sorted(purposes_of(ask))
            if self.says(NEVER, client_id, purpose) or self.blocks(client_id)
        )


def purposes_of(ask: NewAsk) -> set[str]:
    """The kinds of purpose for which data is asked."""
    return {item.purpose_type or UNCLASSIFIED for item in ask.items if carries_data(item.attribute)}


def under(ask: NewAsk, mine: Rules) -> NewAsk:
    """The ask as far as the persona lets itself be asked."""
    return caps.applied(ask, (mine.own_caps, mine.refusing(ask))) if mine.all else ask


def refuses(ask: NewAsk, mine: Rules) -> bool:
    """Whether nothing is left to ask: something needed is gone, or the vendor may not even sign the persona in.

    `ask` is what `under` has left.
    """
    client_id = ask.party.client_id
    silent = mine.says(NEVER, client_id, ANY) and not purposes_of(ask)
    return ask.lacks_required or silent or mine.blocks(client_id)


def renews(ask: NewAsk, mine: Rules, grant_id: str) -> bool:
    """Whether the persona has said `always`, of this grant, to all that is asked."""
    asked = purposes_of(ask) or {ANY}
    found = [mine.answer(ask.party.client_id, purpose) for purpose in asked]
    return all(rule is not None and rule.answer == ALWAYS and rule.grant_id == grant_id for rule in found)


def of(db: Connection, *, whose: Whose) -> Rules:
    found = select(rules).where(is_of(whose)).order_by(rules.c.client_id, rules.c.purpose)
    return Rules(tuple(map(rule_from, db.execute(found))))


def blocking(db: Connection, *, person_id: str, client_id: str) -> frozenset[str]:
    """Which personas of a person have blocked this vendor."""
    said = (rules.c.client_id == client_id, rules.c.purpose == ANY, rules.c.answer == BLOCKED)
    return frozenset(db.execute(select(rules.c.persona_id).where(rules.c.person_id == person_id, *said)).scalars())


def is_of(whose: Whose) -> Any:
    return and_(rules.c.person_id == whose.person_id, rules.c.persona_id == whose.persona_id)


def give(db: Connection, secrets: HostSecrets, rule: Rule, *, whose: Whose, now: int) -> None:
    """Keep a standing answer; with `answer` None it is taken back. One line in the ledger, if it is new."""
    said = {"answer": rule.answer, "grant_id": rule.grant_id, "vendor": rule.vendor}
    if put(db, rule, said, whose=whose, now=now):
        write_line(db, secrets, rule, {"standing": rule.answer or ASK}, whose=whose, now=now)


def limit(db: Connection, secrets: HostSecrets, purpose: str, cap: Cap | None, *, whose: Whose, now: int) -> None:
    """Keep the persona's own cap for a kind of purpose, or take it away (None)."""
    rule = Rule(ANY, purpose, cap=cap)
    if put(db, rule, {"cap": asdict(cap) if cap else null()}, whose=whose, now=now):
        write_line(db, secrets, rule, {"own_cap": cap is not None}, whose=whose, now=now)


def put(db: Connection, rule: Rule, said: Mapping[str, Any], *, whose: Whose, now: int) -> bool:
    """Says whether anything is different now."""
    ids = {**asdict(whose), "client_id": rule.client_id, "purpose": rule.purpose}
    this = and_(*(rules.c[name] == value for name, value in ids.items()))
    row = db.execute(select(rules).where(this)).one_or_none()
    before = rule_from(row) if row else Rule(rule.client_id, rule.purpose)
    if ("cap" in said and before.cap == rule.cap) or ("cap" not in said and same_answer(before, rule)):
        return False
    if row is None:
        db.execute(insert(rules).values(**ids, **said, changed_at=now))
    else:
        db.execute(update(rules).where(this).values(**said, changed_at=now))
    db.execute(delete(rules).where(this, rules.c.answer.is_(None), rules.c.cap.is_(null())))
    return True


def same_answer(one: Rule, other: Rule) -> bool:
    return (one.answer, one.grant_id) == (other.answer, other.grant_id)


def write_line(
    db: Connection, secrets: HostSecrets, rule: Rule, what: Mapping[str, Any], *, whose: Whose, now: int
) -> None:
    about = {"vendor": rule.vendor} if rule.vendor else {}
    purpose = {"purpose": rule.purpose} if rule.purpose != ANY else {}
    client_id = None if rule.client_id == ANY else rule.client_id
    entry = Entry("changed", client_id, None, {**about, **what, **purpose})
    ledger.write(db, secrets.ledger, entry, person_id=whose.person_id, now=now)


def rule_from(row: Row[Any]) -> Rule:
    cap = given_caps.row_from({"purpose": row.purpose, **kept(row.cap)}).cap if row.cap else None
    return Rule(row.client_id, row.purpose, row.answer, row.vendor, row.grant_id, cap)


def kept(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if value is not None}
