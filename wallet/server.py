"""The process that stays: granian and nothing else, so that an idle wallet is small.

Run as python -m wallet.server HOST PORT WORKERS.
"""

import gc
import sys
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces

if TYPE_CHECKING:
    from flask import Flask

# Measured: threads of one worker wait for each other's lock on the interpreter; one alone answers 1.4 times as many.
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
    from wallet.dispatch.mail_listening import listen
    from wallet.opening import open_here
    from wallet.upkeep import back_up_for_ever, deliver_for_ever, sweep_for_ever, tell_for_ever

    house = open_here()
    sweep_for_ever(house)
    tell_for_ever(house)
    deliver_for_ever(house)
    listen(house)
    back_up_for_ever(house)
    app = create_app(house)
    stop_collecting_what_stays()
    return app


def stop_collecting_what_stays() -> None:
    """The garbage collector looked through every module again and again, a tenth of the time of a request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


if __name__ == "__main__":
    main(*sys.argv[1:])
