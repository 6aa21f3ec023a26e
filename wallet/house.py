"""Everything one running wallet consists of, put together once at the start (see wallet.opening)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from keys.secrets import HostSecrets
from wallet.database import Database
from wallet.settings import Settings


def clock() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    database: Database
    secrets: HostSecrets = field(repr=False)
    clock: Callable[[], int] = clock
