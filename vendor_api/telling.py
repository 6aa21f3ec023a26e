"""Work off what vendors have to be told: each vendor in a turn of its own, so that no slow one keeps others waiting."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Final

from consent import outbox
from consent.outbox import Telling
from vendor_api.host import Host

TURN: Final = 5.0  # seconds after which a vendor's turn is over, but for the try that is under way
SIDE_BY_SIDE: Final = 8

Tell = Callable[[Telling], bool]


def work_off(host: Host, event: str, tell: Tell, *, of: Collection[str] | None = None) -> int:
    """Try whatever is due, for these vendors (None: for all); returns how many tellings were confirmed.

    No transaction is open while a vendor is asked.
    """
    waited_for = host.read(outbox.waited_for, event=event, now=host.now())
    vendors = [client_id for client_id in waited_for if of is None or client_id in of]
    if len(vendors) < 2:
        return sum(turn(host, event, tell, client_id) for client_id in vendors)
    with ThreadPoolExecutor(min(len(vendors), SIDE_BY_SIDE), thread_name_prefix="tell") as pool:
        return sum(pool.map(lambda client_id: turn(host, event, tell, client_id), vendors))


def turn(host: Host, event: str, tell: Tell, client_id: str) -> int:
    """One vendor's tellings, until one is not confirmed: then it has a pause, and the rest are tried in later turns."""
    told, over = 0, monotonic() + TURN
    while monotonic() < over:
        waiting = host.read(outbox.due, event=event, client_id=client_id, now=host.now())
        for telling in waiting:
            if not host.write(outbox.claim, telling, now=host.now()):
                continue
            if not tell(telling):
                return told
            told += 1
            if monotonic() >= over:
                return told
        if not waiting:
            return told
    return told
