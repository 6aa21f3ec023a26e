"""One person and two vendors over the real engine, step by step, and beside it what is supposed to hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from doing import VALUES
from looking import (
    Ledger,
    Told,
    look_at_contracts,
    look_at_grant,
    look_at_grants,
    look_at_receipts,
    look_at_statuses,
)
from ruling import Ruling
from supposing import Agreed

from consent import changes, failures, grants
from consent.model import Ask
from wallet.data.engine import set_value
from wallet.host import WalletHost
from wallet.house import House
from wallet.people import personas
from wallet.people.model import Person, Visitor

ISSUER = "https://wallet.example"
OFTEN = 25  # after so many steps everything is looked at
Refusal = type[Exception] | None


@dataclass
class Asked:
    vendor: str
    ask: Ask
    answered: bool = False

    def is_over(self, now: int) -> bool:
        return self.answered or now >= self.ask.expires_at


@dataclass
class Held:
    """An access token in a vendor's hands, or in those of its processor."""

    token: str
    agreed: Agreed
    wanted: frozenset[str]
    recipient: str | None
    until: int
    is_forgotten: bool = False


@dataclass
class Living:
    """What all steps have in common. Every step is a method: it does what the step says, expects the refusal it has
    to meet, and supposes the rest.

    What happens has to do with the newest ask, grant or token, or with one `which` places before it.
    """

    house: House
    person: Person
    reopened: Callable[[], House]
    asked: list[Asked] = field(default_factory=list)
    agreed: dict[str, Agreed] = field(default_factory=dict)
    current: dict[str, Agreed] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    over: dict[str, str] = field(default_factory=dict)
    ruling: Ruling = field(default_factory=Ruling)
    touched: Agreed | None = None
    steps: int = 0

    def __post_init__(self) -> None:
        self.person_id, self.ids = self.person.person_id, {"person_id": self.person.person_id}
        self.ids["persona_id"] = self.person.persona_id
        face = self.house.database.read(personas.face, self.house.secrets, **self.ids)
        self.signs = changes.Signs(face, ISSUER)
        self.visitor = Visitor(**self.ids, session_digest="", auth_time=0, login="", language=None, seen_at=0)
        self.ledger = Ledger(self.house, self.person_id)
        self.set_at: dict[str, int] = {}
        self.host = WalletHost(self.house, lambda _cookies: {})
        for attribute in VALUES:
            self.enter(attribute)

    @property
    def now(self) -> int:
        return self.house.clock()

    def happens(self, step: tuple[Any, ...]) -> None:
        """A step for which there is nothing yet to happen to, happens to nothing."""
        name, *given = step
        self.touched = None
        getattr(self, name)(*given)
        self.steps += 1
        self.ledger.look(self.house)
        if self.touched is not None:
            found = self.house.database.read(grants.find, self.touched.grant_id, person_id=self.person_id)
            look_at_grant(found, self.touched, now=self.now)
        if self.steps % OFTEN == 0:
            self.look_at_everything()

    def look_at_everything(self) -> None:
        ids = {"person_id": self.person_id}
        self.ledger.verify(self.house)
        look_at_grants(self.house, self.agreed, **ids)
        look_at_statuses(self.house, self.agreed, **ids)
        look_at_contracts(self.house, self.over, **ids)
        for agreed in self.agreed.values():
            look_at_receipts(self.house, agreed, **ids)

    def tell(self, action: str, agreed: Agreed | None = None, receipt: str | None = None, /, **said: Any) -> None:
        self.ledger.told.append(Told(action, agreed, receipt, said))

    def write(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.house.database.write(work, self.house.secrets, *args, **kwargs, now=self.now)

    def does(self, refusal: Refusal, work: Callable[[], Any]) -> Any:
        """What comes of it; None where it was refused as it had to be."""
        if refusal is None:
            return work()
        with pytest.raises(refusal):
            work()
        return None

    # Time, the house, and the person's values

    def pass_time(self, span: int) -> None:
        self.house.clock.now += span  # type: ignore[attr-defined]

    def reopen(self) -> None:
        self.house = self.reopened()
        self.host = WalletHost(self.house, lambda _cookies: {})

    def enter(self, attribute: str) -> None:
        self.write(set_value, **self.ids, attribute=attribute, value=VALUES[attribute], expected_version=None)
        self.set_at[attribute] = self.now

    def settle_failures(self) -> None:
        """What the wallet does by itself once an hour is over."""
        for counted in self.house.database.read(failures.over, now=self.now):
            self.write(failures.settle, counted)
            if counted.person_id == self.person_id:
                agreed = self.agreed[counted.grant_id]
                _since, many = agreed.failed.pop(counted.reason)
                if many > 1:
                    self.tell("failed", agreed, reason=counted.reason, times=many - 1)


def pick(found: Any, which: int) -> Any:
    """The newest, or one `which` places before it."""
    return list(found)[-1 - which % len(found)]
