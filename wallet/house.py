"""Everything one running wallet consists of, put together once at the start (see wallet.opening)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from keys.secrets import HostSecrets
from vendor_api.outbound.client import Outbound
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
    outbound: Outbound = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """The one way out is as wide as the settings say."""
        way_out = Outbound(allow=self.settings.outbound_allow, ca_file=self.settings.outbound_ca_file)
        object.__setattr__(self, "outbound", way_out)
