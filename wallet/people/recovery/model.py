"""A way back, one that is being made, and what the person is told."""

from dataclasses import dataclass, field
from typing import Final

KIT: Final = "kit"
SHARES: Final = "shares"


@dataclass(frozen=True, slots=True)
class Way:
    """`checked_by` recognises the secret and tells nothing of it; `uses` counts the recoveries it was good for."""

    kind: str
    checked_by: str = field(repr=False)
    needed: int
    names: tuple[str, ...] = field(repr=False)
    made_at: int
    uses: int
    used_at: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A way back before it counts. Only the person's page has it, sealed; `instead_of` is what it will replace.

    `opens_lock` is whether the person was present when it was drawn: they have to be when it begins to count.
    """

    kind: str
    secret: bytes = field(repr=False)
    shares: tuple[str, ...] = field(repr=False)
    needed: int
    names: tuple[str, ...] = field(repr=False)
    instead_of: str | None = field(repr=False)
    opens_lock: bool
    expires_at: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """What somebody holds between the right words and the new password; good for one recovery."""

    person_id: str
    persona_id: str
    login: str = field(repr=False)
    kind: str
    secret: bytes = field(repr=False)
    uses: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class News:
    """`failures` counts the tries the person has not said to have seen; `due`: to be reminded of having no way back."""

    failures: int
    failed_at: int | None
    recovered_at: int | None
    recovered_with: str | None
    due: bool
