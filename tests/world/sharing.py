"""The steps after an answer: a vendor redeems and reads, the person changes and ends, agreements come and go."""

from collections.abc import Callable
from typing import Any

import orjson
from answering import Answering, loose, tight, tightening
from doing import ATTRIBUTES, VALUES
from living import Held, Refusal, pick
from supposing import Agreed, Agreement
from werkzeug.datastructures import Headers

from consent import changes, engine, grants, rounds, using
from consent.errors import BadUntil, GrantEnded, GrantPaused, NotGranted
from consent.terms import agreements
from consent.terms.errors import TermsOver, TooLate
from vendor_api.call import Call
from vendor_api.oauth import tokens, userinfo


class Life(Answering):
    def redeem(self, which: int, wanted: frozenset[str], recipient: str | None) -> None:
        """A vendor may keep what it can redeem for ever, and try."""
        if not self.agreed:
            return
        agreed, now = pick(self.agreed.values(), which), self.now
        checks = (
            (GrantEnded, not agreed.is_live(now)),
            (GrantPaused, agreed.is_paused(now)),
            (TermsOver, agreed.agreement is not None and not agreed.agreement.counts(now)),
        )
        refusal = next((error for error, is_it in checks if is_it), None)
        given = {"recipient": recipient, "person_id": self.person_id}
        token = self.does(refusal, lambda: self.write(redeemed, agreed.grant_id, wanted, **given))
        if token:
            until = min(now + tokens.ACCESS_LIFETIME, agreed.until)
            self.held.append(Held(token, agreed, wanted, recipient, until))
            self.tell("redeemed", agreed, **({"recipient": recipient} if recipient else {}))

    def read(self, which: int) -> None:
        """Through the door that vendors read at: exactly what is granted and wanted and there and free, or nothing."""
        if not self.held:
            return
        held = pick(self.held, which)
        headers = Headers({"Authorization": f"Bearer {held.token}"})
        answer = userinfo.userinfo(self.host, Call("GET", "", "", headers, b""))
        said = orjson.loads(answer.body)
        found = {name: value for name, value in said.items() if name in ATTRIBUTES}
        agreed, now = held.agreed, self.now
        if held.is_forgotten or not agreed.is_live(now) or agreed.is_paused(now) or now >= held.until:
            assert (answer.status, found) == (401, {})
            self.suppose_failure(held)
            return
        why = self.held_back(held)
        leaving = {name: VALUES[name] for name, reason in why.items() if reason is None}
        kept = {name: reason for name, reason in why.items() if reason is not None}
        assert found == leaving
        to = {"recipient": held.recipient} if held.recipient else {}
        if kept and not leaving:
            assert answer.status in {403, 429}
            first = min(kept.values(), key=lambda reason: not reason.startswith("terms"))
            self.fail(agreed, first, withheld=kept, **to)
            return
        assert answer.status == 200
        assert {name: each["error"] for name, each in said.get("withheld", {}).items()} == kept
        self.tell("read", agreed, attributes=sorted(leaving), **to, **({"withheld": kept} if kept else {}))

    def held_back(self, held: Held) -> dict[str, str | None]:
        """For each value that is granted and wanted and there, in the order of the grant: why not, or None."""
        agreed, now = held.agreed, self.now
        return {
            name: agreed.holds_back(name, recipient=held.recipient, set_at=self.set_at[name], now=now)
            for name in agreed.items
            if name in held.wanted & VALUES.keys()
        }

    def suppose_failure(self, held: Held) -> None:
        """The ledger tells of it where the token is known, and more than old."""
        agreed = held.agreed
        if held.is_forgotten:
            return
        if not agreed.is_live(self.now):
            self.fail(agreed, "ended")
        elif agreed.is_paused(self.now):
            self.fail(agreed, "paused")

    def fail(self, agreed: Agreed, reason: str, **said: Any) -> None:
        before = agreed.failed.get(reason, (0, 0))[1]
        lines = agreed.fails(reason, now=self.now)
        if lines == 2:
            self.tell("failed", agreed, reason=reason, times=before - 1)
        if lines:
            self.tell("failed", agreed, reason=reason, tried="read", **said)

    def revoke(self, which: int) -> None:
        if not self.agreed:
            return
        agreed = pick(self.agreed.values(), which)
        self.write(changes.revoke, agreed.grant_id, person_id=self.person_id, signs=self.signs)
        self.touched = agreed
        if not agreed.ended:
            agreed.ended_at = self.now
            del self.current[agreed.vendor]
            self.tell("revoked", agreed, "revoked", attributes=sorted(agreed.items))

    def pause(self, which: int, length: int | None) -> None:
        until = None if length is None else self.now + length
        agreed = self.change(changes.pause, which, first=bad_until(until, self.now), until=until)
        paused_until = until or changes.UNTIL_RESUMED
        if agreed and agreed.paused_until != paused_until:
            agreed.paused_until = paused_until
            self.tell("changed", agreed, "paused", paused=True)

    def resume(self, which: int) -> None:
        agreed = self.change(changes.resume, which)
        if agreed and agreed.is_paused(self.now):
            agreed.paused_until = 0
            self.tell("changed", agreed, "resumed", paused=False)

    def narrow(self, which: int, taken: frozenset[str]) -> None:
        def refusal(agreed: Agreed) -> Refusal:
            return None if taken and taken <= agreed.items.keys() else NotGranted

        agreed = self.change(changes.narrow, which, then=refusal, taken=taken)
        if agreed:
            agreed.refused |= {name: given for name, given in agreed.items.items() if name in taken}
            agreed.items = {name: given for name, given in agreed.items.items() if name not in taken}
            self.tell("changed", agreed, "narrowed", narrowed=sorted(taken))

    def tighten(self, which: int, attribute: str, part: tuple[str, Any]) -> None:
        wanted = tightening(attribute, *part, now=self.now)

        def refusal(agreed: Agreed) -> Refusal:
            return loose(agreed.items[attribute], wanted) if attribute in agreed.items else NotGranted

        first = bad_until(wanted.until, self.now)
        agreed = self.change(changes.tighten, which, first=first, then=refusal, tightening=wanted)
        if agreed:
            before = agreed.items
            agreed.items = tight(before, (attribute, *part), now=self.now)
            if agreed.items != before:
                self.tell("changed", agreed, "tightened", tightened=[attribute])

    def prolong(self, which: int, length: int) -> None:
        until = self.now + length
        agreed = self.change(changes.prolong, which, first=bad_until(until, self.now), until=until)
        if agreed and agreed.until != until:
            agreed.until = until
            self.tell("changed", agreed, "prolonged", until=until)

    def change(
        self,
        work: Callable[..., Any],
        which: int,
        *,
        first: Refusal = None,
        then: Callable[[Agreed], Refusal] = lambda _agreed: None,
        **what: Any,
    ) -> Agreed | None:
        """What is changed, or None where it was refused: for a reason that comes `first`, for its end, or `then`."""
        if not self.agreed:
            return None
        agreed = self.touched = pick(self.agreed.values(), which)
        refusal = first or (then(agreed) if agreed.is_live(self.now) else GrantEnded)
        given = {"person_id": self.person_id, "signs": self.signs, **what}
        self.does(refusal, lambda: self.write(work, agreed.grant_id, **given))
        return None if refusal else agreed

    def accept(self, which: int) -> None:
        """The vendor accepts by a call what the person proposed to it."""
        if not self.agreed:
            return
        agreed = self.touched = pick(self.agreed.values(), which)
        is_open = agreed.round is not None and agreed.round.is_open and self.now < agreed.round.until
        refusal = TooLate if not is_open else None if agreed.is_live(self.now) else GrantEnded
        self.does(refusal, lambda: self.write(accepted, agreed.grant_id, person_id=self.person_id, signs=self.signs))
        if refusal is None and agreed.round is not None:
            agreed.round.is_open = False
            agreed.agreement = Agreement("SD-BASE", self.now + agreements.LIFETIME)
            self.tell("changed", agreed, "agreed", agreed="SD-BASE")

    def end(self, which: int, why: str) -> None:
        """End the agreement, and not the grant."""
        if not self.agreed:
            return
        agreed, ids = pick(self.agreed.values(), which), {"person_id": self.person_id}
        before = self.house.database.read(grants.find, agreed.grant_id, **ids).agreed
        counts = agreed.agreement is not None and agreed.agreement.counts(self.now)
        refusal = GrantEnded if counts and not agreed.is_live(self.now) else None
        self.does(refusal, lambda: self.write(rounds.end, agreed.grant_id, **ids, why=why, signs=self.signs))
        self.touched = agreed
        if counts and refusal is None and agreed.agreement and before:
            agreed.agreement.over = self.over[before.agreement_id] = why
            self.tell("changed", agreed, "disagreed", terms_over=why)


def bad_until(until: int | None, now: int) -> Refusal:
    return BadUntil if until is not None and not now < until <= now + engine.LONGEST_GRANT else None


def accepted(db: Any, secrets: Any, grant_id: str, *, person_id: str, signs: Any, now: int) -> None:
    grant = grants.find(db, grant_id, person_id=person_id)
    rounds.accept(db, secrets, grant, "SD-BASE", signs=signs, now=now)


def redeemed(
    db: Any, secrets: Any, grant_id: str, wanted: frozenset[str], *, recipient: str | None, person_id: str, now: int
) -> str:
    """An access token for the consent token, as the token endpoint does it; for a processor, if it names one."""
    grant = grants.find(db, grant_id, person_id=person_id)
    using.redeem(db, secrets, grant, via="consent_token", recipient=recipient, now=now)
    request = {"scope": "openid", "userinfo": sorted(wanted), "id_token": []}
    request |= {"recipient": recipient} if recipient else {}
    return tokens.issue(db, secrets, grant, access=request, refresh=None, family=None, now=now).access
