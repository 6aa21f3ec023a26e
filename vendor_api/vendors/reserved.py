"""Names of clients that the house itself has at its own door; no vendor can have one."""

from typing import Final

CONSOLE: Final = "console"
TRIAL: Final = "~trial"  # what a client_id ends in that the console tries a client with


def is_reserved(client_id: str) -> bool:
    return client_id == CONSOLE or client_id.endswith(TRIAL)
