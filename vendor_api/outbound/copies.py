"""Copies of what was fetched: few, fresh, and asked for by one at a time, however many want them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final

from vendor_api.errors import CannotFetch
from vendor_api.outbound.patience import QUICK, Patience

MOST: Final = 500
REFRESH_AFTER: Final = 60
FAILURE_LASTS: Final = 30

# What a fetch gives: the content, and for how many seconds it stays fresh.
Fetch = Callable[[], tuple[object, int]]


@dataclass(frozen=True, slots=True)
class Copy:
    """The content of one address, or the reason why there is none; it `took` so many seconds to have it."""

    asked_at: int
    fresh_until: int
    content: object = None
    failure: str | None = None
    took: float = 0.0

    def serves(self, *, refresh: bool, now: int) -> bool:
        if not self.asked_at <= now < self.fresh_until:
            return False
        return self.failure is not None or not refresh or now < self.asked_at + REFRESH_AFTER

    def told(self) -> object:
        if self.failure is not None:
            raise CannotFetch(self.failure)
        return self.content


class Copies:
    """The last MOST addresses that were asked for."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._copies: OrderedDict[str, Copy] = OrderedDict()
        self._asking: dict[str, Future[Copy]] = {}
        self._lock = threading.Lock()

    def get(self, url: str, fetch: Fetch, *, refresh: bool, now: int) -> object:
        """The copy while it is fresh, else what `fetch` gives. Raises CannotFetch, for a while without asking again.

        With `refresh` it is asked for anew, at most once in REFRESH_AFTER seconds; if that fails, the copy stays.
        Where all patience is spent, only servers that were quick are asked at all.
        """
        with self._lock:
            before = self._copies.get(url)
            if before is not None and before.serves(refresh=refresh, now=now):
                self._copies.move_to_end(url)
                return before.told()
            others = self._asking.get(url)
            if others is None and not is_quick(before) and self._patience.is_spent(now=now):
                return without_asking(before, now=now)
            mine = self._asking[url] = others or Future()
        if others is not None:
            return others.result().told()
        return self._ask(url, fetch, mine, before, now=now).told()

    def _ask(self, url: str, fetch: Fetch, mine: Future[Copy], before: Copy | None, *, now: int) -> Copy:
        began = time.monotonic()
        try:
            copy = asked(fetch, before, now=now)
        except BaseException as error:
            with self._lock:
                del self._asking[url]
            mine.set_exception(error)
            raise
        copy = replace(copy, took=time.monotonic() - began)
        self._patience.spend(copy.took, now=now)
        with self._lock:
            self._copies[url] = copy
            self._copies.move_to_end(url)
            while len(self._copies) > MOST:
                self._copies.popitem(last=False)
            del self._asking[url]
        mine.set_result(copy)
        return copy


def asked(fetch: Fetch, before: Copy | None, *, now: int) -> Copy:
    try:
        content, seconds = fetch()
    except CannotFetch as error:
        if before is not None and before.failure is None and before.asked_at <= now < before.fresh_until:
            return replace(before, asked_at=now)
        return Copy(now, now + FAILURE_LASTS, failure=str(error))
    return Copy(now, now + seconds, content)


def is_quick(before: Copy | None) -> bool:
    return before is not None and before.failure is None and before.took < QUICK


def without_asking(before: Copy | None, *, now: int) -> object:
    """The copy, also where it was wanted anew. Raises CannotFetch."""
    if before is None or not before.serves(refresh=False, now=now):
        raise CannotFetch("too many servers keep this wallet waiting; try again in a minute")
    return before.told()
