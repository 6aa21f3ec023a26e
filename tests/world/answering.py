"""The steps of asking and answering: an ask meets what the person said once for all, their terms, and their answer."""

from dataclasses import replace
from typing import Any

from living import Asked, Living, Refusal, pick
from ruling import ANY
from supposing import Agreed, Agreement, Given, Round, is_prohibited, stricter

from consent import asks, engine, rounds, standing
from consent.engine import Answer
from consent.errors import AskAnswered, BadUntil, ConsentError, GrantEnded, NotAsked, RequiredRefused
from consent.model import Item, Limits, NewAsk, Party, Range
from consent.terms import agreements, negotiations
from consent.terms.errors import TermsProhibit
from consent.terms.standing import ALWAYS, Outcome
from consent.tightening import Tightening
from vendor_api import blocking
from wallet.sharing import rules, rules_pages

Stricter = tuple[str, str, Any]  # the attribute, which part of its limits, and what that is to be


class Answering(Living):
    def ask(
        self,
        vendor: str,
        wanted: frozenset[str],
        required: frozenset[str],
        purpose: str | None,
        limits: Limits | None,
        special: frozenset[str],
    ) -> None:
        """Those that are `special` are asked for that purpose, under those limits."""
        limits = placed(limits, self.now)
        plain, marked = {}, {"purpose_type": purpose, "limits": limits}
        items = tuple(
            Item(name, f"For {name}", name in required, **(marked if name in special else plain))
            for name in sorted(wanted | required)
        )
        self.put_to_the_person(vendor, items)

    def ask_again(self, which: int) -> None:
        """The same as before, to the letter."""
        if self.asked:
            asked = pick(self.asked, which)
            self.put_to_the_person(asked.vendor, asked.ask.items)

    def put_to_the_person(self, vendor: str, items: tuple[Item, ...]) -> None:
        new = NewAsk(party(vendor), items, f"https://{vendor}.example/back", {"may_skip_page": True})
        asked = Asked(vendor, self.house.database.write(asks.keep, new, browser="b", now=self.now))
        self.asked.append(asked)
        blocked = rules.Blocked if self.ruling.blocks(vendor) else None
        shown = self.does(blocked, lambda: self.house.database.read(rules.asked_of, self.visitor, asked.ask))
        if shown is not None:
            assert shown.items == self.ruling.left_of(vendor, items)
            self.settle(asked, shown)

    def settle(self, asked: Asked, shown: Any) -> None:
        """A rule answers the ask, or the person is shown it."""
        settled = self.house.database.write(rules.settle, self.house, self.visitor, shown, by_hand=False)
        given, last = given_of(shown.items), self.current.get(asked.vendor)
        if self.ruling.refuses(asked.vendor, asked.ask.items):
            asked.answered = True
            self.tell("refused", by_rule=True)
        elif last is not None and self.is_renewed(last, given, shown):
            asked.answered = True
            until = min(self.now + last.until - last.given_at, self.now + engine.LONGEST_GRANT)
            chosen = given.keys() & last.items.keys()
            self.suppose(last, last.still_tight(given), chosen, until)
            self.tell("granted", last, "granted", by_rule=True, attributes=sorted(last.items))
        else:
            self.write(engine.present, shown, person_id=self.person_id)
            self.tell("asked", attributes=sorted(given), required=sorted(shown.required))
        assert settled == asked.answered

    def is_renewed(self, last: Agreed, given: dict[str, Given], shown: Any) -> bool:
        agreement = last.agreement
        chosen = [given[name] for name in given.keys() & last.items.keys()]
        return (
            not last.is_live(self.now)
            and not last.is_paused(self.now)
            and last.answers(given, shown.required)
            and self.ruling.renews(last.vendor, shown.items, last.grant_id)
            and (agreement is None or (agreement.counts(self.now) and not is_prohibited(agreement, chosen)))
        )

    def allow(
        self, which: int, ticked: frozenset[str], length: int, tighter: Stricter | None, terms: Outcome | None
    ) -> None:
        """As the form offers it."""
        if self.asked:
            asked = pick(self.asked, which)
            left = {item.attribute for item in self.ruling.left_of(asked.vendor, asked.ask.items)}
            self.send(asked, asked.ask.required | (ticked & left), length, tighter, terms)

    def tamper(
        self, which: int, chosen: frozenset[str], length: int, tighter: Stricter | None, terms: Outcome | None
    ) -> None:
        """As no form offers it."""
        if self.asked:
            self.send(pick(self.asked, which), chosen, length, tighter, terms)

    def send(
        self, asked: Asked, chosen: frozenset[str], length: int, tighter: Stricter | None, terms: Outcome | None
    ) -> None:
        now, last = self.now, self.current.get(asked.vendor)
        answer = Answer(chosen, now + length, (tightening(*tighter, now=now),) if tighter else ())
        given = given_of(self.ruling.left_of(asked.vendor, asked.ask.items))
        if last is not None and last.is_live(now):
            given = last.still_tight(given)
        agreement = Agreement(terms.agreed, now + agreements.LIFETIME) if terms and terms.agreed else None
        if agreement is None and last is not None and last.agreement and last.agreement.counts(now):
            agreement = last.agreement
        refusal = self.refusal(asked, answer, given, terms, agreement)
        made = self.does(refusal, lambda: self.house.database.write(self.answers, asked, answer, terms, now=now))
        if made is None:
            return
        if last is None:
            last = self.agreed[made.grant_id] = self.current[asked.vendor] = Agreed(made.grant_id, asked.vendor)
        asked.answered, last.agreement = True, agreement
        tightened = tight(given, tighter, now=now) if tighter and tighter[0] in chosen else given
        self.suppose(last, tightened, chosen, answer.until)
        self.tell("granted", last, "granted", attributes=sorted(last.items))
        if terms is not None:
            self.suppose_round(last, is_open=terms.agreed is None)

    def answers(self, db: Any, asked: Asked, answer: Answer, terms: Outcome | None, *, now: int) -> Any:
        """As the page does it, in one transaction."""
        ask = rules.grantable(db, self.visitor, asked.ask)
        return rounds.grant(db, self.house.secrets, ask, answer, signs=self.signs, terms=terms, now=now)

    def suppose(self, agreed: Agreed, given: dict[str, Given], chosen: Any, until: int) -> None:
        agreed.takes(given, chosen, until=until, now=self.now)
        self.touched = agreed

    def suppose_round(self, agreed: Agreed, *, is_open: bool) -> None:
        for other in self.agreed.values():
            if other.round and other.vendor == agreed.vendor:
                other.round.is_open = False
        agreed.round = Round(self.now + negotiations.LIFETIME, is_open)

    def refusal(
        self,
        asked: Asked,
        answer: Answer,
        given: dict[str, Given],
        terms: Outcome | None,
        agreement: Agreement | None,
    ) -> Refusal:
        now, ruling, chosen = self.now, self.ruling, answer.chosen
        ends = [answer.until, *(one.until for one in answer.tightenings if one.until is not None)]
        wanted = [given[name] for name in chosen & given.keys()]
        checks = (
            (rules.Blocked, ruling.blocks(asked.vendor)),
            (NotAsked, ruling.refuses(asked.vendor, asked.ask.items)),
            (TermsProhibit, terms is not None and not terms.agreed and terms.standing.applies == ALWAYS),
            (NotAsked, not chosen <= given.keys()),
            (RequiredRefused, not asked.ask.required <= chosen),
            (BadUntil, not all(now < end <= now + engine.LONGEST_GRANT for end in ends)),
            (NotAsked, any(one.attribute not in given for one in answer.tightenings)),
            *(
                (loose(given[one.attribute], one), True)
                for one in answer.tightenings
                if one.attribute in chosen & given.keys()
            ),
            (TermsProhibit, agreement is not None and is_prohibited(agreement, wanted)),
            (AskAnswered, asked.is_over(now)),
        )
        return next((refusal for refusal, is_it in checks if is_it and refusal), None)

    def refuse(self, which: int) -> None:
        if self.asked:
            asked = pick(self.asked, which)
            refusal = AskAnswered if asked.is_over(self.now) else None
            self.does(refusal, lambda: self.write(engine.refuse, asked.ask, person_id=self.person_id))
            if refusal is None:
                asked.answered = True
                self.tell("refused", attributes=sorted(asked.ask.attributes))

    def answer_once_for_all(self, which: int, answer: str) -> None:
        """As the vendor's page offers it: a blocked vendor stays blocked."""
        if not self.agreed:
            return
        agreed = pick(self.agreed.values(), which)
        blocked = self.ruling.blocks(agreed.vendor)
        renews = answer == standing.ALWAYS
        refusal = GrantEnded if renews and not blocked and not agreed.is_live(self.now) else None
        work = rules_pages.keep_answer
        ids, said = (self.house, self.visitor, agreed.grant_id), {"answer": answer, "purpose": ANY}
        self.does(refusal, lambda: self.house.database.write(work, *ids, **said))
        kept = None if answer == standing.ASK else answer
        if (
            not refusal
            and not blocked
            and self.ruling.put(agreed.vendor, ANY, kept, agreed.grant_id if renews else None)
        ):
            self.tell("changed", standing=answer)

    def refuse_once_for_all(self, purpose: str, wanted: bool) -> None:
        """Never for this kind of purpose, whoever asks; or no longer so."""
        ids = (self.house, self.visitor)
        if wanted:
            self.house.database.write(rules_pages.keep_rule, *ids, purpose, standing.NEVER)
        else:
            self.house.database.write(rules_pages.forget_rule, *ids, client_id=ANY, purpose=purpose, what="answer")
        if self.ruling.put(ANY, purpose, standing.NEVER if wanted else None):
            self.tell("changed", standing=standing.NEVER if wanted else standing.ASK)

    def block(self, vendor: str) -> None:
        """Ends what there is, and forgets every token."""
        given = {"whose": rules.whose(self.visitor), "signs": self.signs}
        self.write(blocking.block, vendor, vendor.title(), **given)
        agreed = self.current.pop(vendor, None)
        if agreed is not None:
            agreed.ended_at = self.now
            self.tell("revoked", agreed, "revoked")
        for held in self.held:
            held.is_forgotten |= held.agreed.vendor == vendor
        if self.ruling.put(vendor, ANY, standing.BLOCKED):
            self.tell("changed", standing=standing.BLOCKED)

    def unblock(self, vendor: str) -> None:
        self.write(blocking.unblock, vendor, whose=rules.whose(self.visitor))
        if self.ruling.blocks(vendor):
            self.ruling.put(vendor, ANY, None)
            self.tell("changed", standing=standing.ASK)


def given_of(items: tuple[Item, ...]) -> dict[str, Given]:
    return {item.attribute: Given(item.purpose_type, item.limits) for item in items}


def tight(given: dict[str, Given], tighter: Stricter, *, now: int) -> dict[str, Given]:
    name, part, value = tighter
    before = given[name]
    return given | {name: tightened(before, part, moved(value, now))}


def tightened(given: Given, part: str, value: Any) -> Given:
    """The very same where nothing changes."""
    after = stricter(given.in_force, part, value)
    return given if after == (given.in_force or Limits(mode="store")) else replace(given, tighter=after)


def loose(given: Given, one: Tightening) -> Refusal:
    """Why it can not be tightened so."""
    parts = {name: getattr(one, name) for name in Tightening.__slots__[1:] if getattr(one, name) is not None}
    [(part, value)] = parts.items()
    try:
        stricter(given.in_force, part, value)
    except ConsentError as error:
        return type(error)
    return None


def tightening(attribute: str, part: str, value: Any, *, now: int) -> Tightening:
    return Tightening(attribute, **{part: moved(value, now)})


def moved(value: Any, now: int) -> Any:
    """Moments are told from now on."""
    if isinstance(value, Range):
        return Range(*(None if at is None else now + at for at in (value.since, value.until)))
    return now + value if isinstance(value, int) else value


def placed(limits: Limits | None, now: int) -> Limits | None:
    if limits is None:
        return None
    until = None if limits.until is None else now + limits.until
    return replace(limits, until=until, data_range=moved(limits.data_range, now))


def party(vendor: str) -> Party:
    unsaid = dict.fromkeys(("policy_uri", "contact", "address", "jurisdiction", "storage_location", "retention"))
    host = f"{vendor}.example"
    ids = {"client_id": vendor, "name": vendor.title(), "host": host, "sector": host}
    return Party(**ids, **unsaid, verified=True, recipients=("Printer",), language="en", notice="0" * 64)
