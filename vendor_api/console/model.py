"""What the console knows of the staff of a vendor."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff. `is_invited`: they have not chosen yet how they sign in; `has_wallet`: with their wallet."""

    client_id: str
    staff_id: str
    name: str = field(repr=False)
    login: str = field(repr=False)
    role: str
    created_at: int
    is_invited: bool = False
    has_wallet: bool = False


@dataclass(frozen=True, slots=True)
class StaffCredentials:
    client_id: str
    staff_id: str
    password_hash: str = field(repr=False)
