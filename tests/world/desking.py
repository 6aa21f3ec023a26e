"""A vendor's desk without the person's side: what it says to the person is kept here."""

from dataclasses import replace
from itertools import count
from typing import Any

from sqlalchemy import Connection

from vendor_api.desk import directory, engine, service, threads
from vendor_api.desk.directory import ContactPerson
from vendor_api.desk.hours import Hours
from vendor_api.desk.model import Message, Thread
from vendor_api.desk.service import OFFICE_HOURS, SILENT, ServiceLevel
from vendor_api.model import Said
from wallet.host import WalletHost
from wallet.house import House
from wallet.upkeep import see_to_desks

PETRA = ContactPerson("cp-petra", "Petra Vogt")
JOE = ContactPerson("cp-joe", "Joe Miller")
TEXT = "Please send my bill by e-mail and not on paper."


class ListeningHost(WalletHost):
    """Keeps what a desk says, as (thread, what), unless its transaction fails."""

    def __init__(self, house: House) -> None:
        super().__init__(house, peek=lambda _cookies: {})
        self.told: list[tuple[str, Said]] = []

    def desk_said(self, db: Connection, thread_id: str, said: Said, *, now: int) -> None:
        self.told.append((thread_id, said))


class Desk:
    """One vendor's desk, driven by the engine."""

    def __init__(
        self, house: House, client_id: str = "stadtwerke", staff: tuple[ContactPerson, ...] = (PETRA,)
    ) -> None:
        self.house, self.client_id, self.host = house, client_id, ListeningHost(house)
        self.numbers = count(1)
        self.employs(*staff)

    def employs(self, *staff: ContactPerson) -> None:
        keep = {"client_id": self.client_id, "now": self.house.clock()}
        self.house.database.write(directory.replace, self.house.secrets, staff, **keep)

    def receives(self, thread_id: str = "t-1", *, text: str = TEXT, **changed: Any) -> Thread:
        said = {
            "client_id": self.client_id,
            "thread_id": thread_id,
            "sub": f"sub of {thread_id}",
            "type": "wish",
            "topic": None,
            "language": "en",
            "message_id": f"m-{next(self.numbers)}",
            "digest": "sha-256:of it",
            "now": self.house.clock(),
        }
        return self.house.database.write(engine.receive, self.house.secrets, text=text, **{**said, **changed})

    def does(self, step: str, thread_id: str = "t-1", **how: Any) -> Thread:
        """One of the engine's steps: read, answer, decide, finish, decline."""
        ids = {"client_id": self.client_id, "thread_id": thread_id, "now": self.house.clock()}
        return self.house.database.write(getattr(engine, step), self.host, **ids, **how)

    def answers(self, thread_id: str = "t-1", *, by: ContactPerson = PETRA, text: str = "We do.", **how: Any) -> Thread:
        given = {"message_id": f"a-{next(self.numbers)}", **how}
        return self.does("answer", thread_id, author=by.contact_person_id, text=text, **given)

    def decides(self, thread_id: str = "t-1", outcome: str = "used", **how: Any) -> Thread:
        return self.does("decide", thread_id, outcome=outcome, reason="It saves paper.", **how)

    def state(self, thread_id: str = "t-1") -> str:
        return self.thread(thread_id)[0].state

    def thread(self, thread_id: str = "t-1") -> tuple[Thread, tuple[Message, ...]]:
        ids = {"client_id": self.client_id, "thread_id": thread_id}
        return self.house.database.read(threads.of_thread, self.house.secrets, **ids)

    def promises(self, *levels: ServiceLevel, hours: Hours = OFFICE_HOURS, **changed: Any) -> None:
        promised = replace(SILENT, hours=hours, levels=levels, **changed)
        self.house.database.write(service.keep, promised, client_id=self.client_id)

    def upkeep(self) -> int:
        """What goes on in the background; how many threads changed hands."""
        return see_to_desks(self.house, self.host)

    def threads(self, **how: Any) -> threads.Page:
        return self.house.database.read(threads.threads, self.house.secrets, client_id=self.client_id, **how)

    def told(self) -> list[str]:
        return [said.state for _thread, said in self.host.told]
