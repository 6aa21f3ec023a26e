"""Letters that somebody prints by hand: each is written into a folder once, and counts as handed over from then on.

It lies there under another name while that is being kept. Whoever is killed in between leaves it like that: complete,
and perhaps the only one (decision 44).
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from wallet.channels import deliveries, sending
from wallet.channels.letter import BY_HAND, Letter, printed
from wallet.channels.model import Address, Means, NotNow, Parcel, PerhapsArrived
from wallet.dispatch.parcels import sender_of
from wallet.errors import SetupError
from wallet.house import House

UNFINISHED = ".part"


@dataclass
class Printer(Letter):
    """A channel for as long as one command runs; `failed` is why the folder took something not."""

    folder: Path
    written: list[Path] = field(default_factory=list)
    failed: str | None = None

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """Raises NotNow, NeverHere or PerhapsArrived."""
        content, place = printed(parcel, address, means.settings), self.folder / f"letter-{parcel.delivery_id}.pdf"
        unfinished = place.with_suffix(UNFINISHED)
        try:
            write(unfinished, content)
        except OSError as error:
            self.failed = error.strerror
            raise NotNow("the folder does not take it") from None
        try:
            means.handing_over()
        except NotNow:
            unfinished.unlink()
            raise
        unfinished.rename(place)
        self.written.append(place)
        raise PerhapsArrived("it was given to be printed")


def print_all(house: House, folder: Path) -> Printer:
    """All that wait and may go now. Raises SetupError."""
    if house.settings.letter_gateway != BY_HAND:
        raise SetupError(f"Letters are printed by hand where WALLET_LETTER_GATEWAY is {BY_HAND}, which it is not here.")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{folder} is no folder to write letters into: {error.strerror}.") from None
    printer = Printer(folder)
    sender = sender_of(house)
    while house.database.read(deliveries.next_vendor, channel=printer.kind, after="", now=house.clock()) is not None:
        sending.work_off_one(sender, printer)
    return printer


def unfinished_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"letter-*{UNFINISHED}"))


def write(place: Path, content: bytes) -> None:
    """For nobody else to read, and on the disk when this returns."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
