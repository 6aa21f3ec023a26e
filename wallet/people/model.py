"""What the rest of the wallet knows of a person, a persona, a visitor."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """`persona_id` is the default persona. `language` is None until the person chose one."""

    person_id: str
    persona_id: str
    login: str = field(repr=False)
    language: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Persona:
    """`pictured_at` is when its picture was chosen, None where it has none."""

    person_id: str
    persona_id: str
    name: str = field(repr=False)
    is_default: bool
    created_at: int
    pictured_at: int | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against. `knows_browser`: this person has signed in from this browser before."""

    person_id: str
    persona_id: str
    password_hash: str = field(repr=False)
    knows_browser: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One browser a person is signed in with. `browser` is what it calls itself, if anything."""

    session_digest: str = field(repr=False)
    browser: str | None
    created_at: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person in one browser. `auth_time` is when they last gave their password there (OpenID Connect Core 1.0, 2).

    `presence_key` opens what this browser keeps of their lock key (wallet/people/presence.py).
    """

    person_id: str
    persona_id: str
    session_digest: str = field(repr=False)
    auth_time: int
    login: str = field(repr=False)
    language: str | None
    seen_at: int
    presence_key: bytes | None = field(default=None, repr=False)
