"""How long vendors' servers may keep the wallet waiting, all together: a worker that waits answers nobody."""

import threading
from collections import deque
from typing import Final

LONGEST: Final = 10.0
WITHIN: Final = 60
QUICK: Final = 1.0


class Patience:
    """Ends after LONGEST seconds of waiting within a minute. Servers that were quick the last time are asked on."""

    def __init__(self) -> None:
        self._waits: deque[tuple[int, float]] = deque()
        self._lock = threading.Lock()

    def is_spent(self, *, now: int) -> bool:
        """Waits of more than a minute ago no longer count."""
        with self._lock:
            while self._waits and not now - WITHIN < self._waits[0][0] <= now:
                self._waits.popleft()
            return sum(seconds for _, seconds in self._waits) >= LONGEST

    def spend(self, seconds: float, *, now: int) -> None:
        with self._lock:
            self._waits.append((now, seconds))
