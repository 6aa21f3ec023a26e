"""What staff may do: each role may all that the one before may, and more."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _

READ_ONLY: Final = "read_only"
AGENT: Final = "agent"
ADMIN: Final = "admin"
ROLES: Final = (READ_ONLY, AGENT, ADMIN)

LABELS: Final[Mapping[str, Callable[[], str]]] = {
    READ_ONLY: lambda: _("Reads only"),
    AGENT: lambda: _("Agent: answers people"),
    ADMIN: lambda: _("Admin: may do everything"),
}


def may(role: str, needed: str) -> bool:
    return ROLES.index(role) >= ROLES.index(needed)
