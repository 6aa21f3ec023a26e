"""The process that stays: granian and nothing else, so that an idle wallet is small.

Run as python -m wallet.server HOST PORT WORKERS.
"""

import sys
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces

if TYPE_CHECKING:
    from flask import Flask

THREADS = 1


def main(host: str, port: str, workers: str) -> None:
    """Serve until interrupted; each worker makes its own application."""
    Granian(
        "wallet.server:application",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=THREADS,
        websockets=False,
        factory=True,
        log_enabled=False,
        respawn_failed_workers=True,
    ).serve()


def application() -> "Flask":
    """What each worker runs."""
    from wallet.app import create_app
    from wallet.opening import open_here
    from wallet.upkeep import sweep_for_ever

    house = open_here()
    sweep_for_ever(house)
    return create_app(house)


if __name__ == "__main__":
    main(*sys.argv[1:])
