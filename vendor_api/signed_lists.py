"""Status lists as they were last signed, so that one is made at most once in KEPT seconds, however many ask for it."""

from collections.abc import Callable
from threading import Lock
from typing import Final

KEPT: Final = 10


class SignedLists:
    """One for each running application; what is not fresh is made by one at a time."""

    def __init__(self) -> None:
        self._signed: dict[str, tuple[int, bytes]] = {}
        self._turn = Lock()

    def get(self, list_id: str, sign: Callable[[], bytes], *, now: int) -> bytes:
        found = self._fresh(list_id, now=now)
        if found is not None:
            return found
        with self._turn:
            found = self._fresh(list_id, now=now)  # somebody else's, while we waited
            if found is None:
                found = sign()
                self._signed[list_id] = (now, found)
            return found

    def _fresh(self, list_id: str, *, now: int) -> bytes | None:
        signed_at, found = self._signed.get(list_id, (now, None))
        return found if abs(now - signed_at) < KEPT else None
