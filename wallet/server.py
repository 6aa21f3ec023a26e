"""The process that stays: granian and nothing else, so that an idle wallet is small.

Run as python -m wallet.server HOST PORT WORKERS.
"""

import sys

from granian import Granian
from granian.constants import Interfaces

THREADS = 1


def main(host: str, port: str, workers: str) -> None:
    """Serve until interrupted; each worker makes its own application (wallet.serving.application)."""
    Granian(
        "wallet.serving:application",
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


if __name__ == "__main__":
    main(*sys.argv[1:])
