"""The agreements that a person can propose: those of IEEE 7012 between a person and an organisation, in DPV 2.3.

The standard leaves the texts to a roster. Ours is this table; each agreement's document is made from its row, and its
digest counts, so that both sides mean the same text also after the table has changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from consent import canonical

NAMESPACE: Final = "https://w3id.org/dpv/standards/ieee/7012#"
OLD_NAMESPACES: Final = ("https://w3id.org/dpv/standards/p7012#", "https://myterms.info/agreements/")
OLD_NAME: Final = ("SD-BY", "SD-BASE")  # called so before 17 December 2025
VERSION: Final = 1

SERVICE: Final = "service_delivery"
ANALYTICS: Final = "analytics"
TRACKING: Final = "tracking"
PROFILING: Final = "profiling"
ANONYMISED: Final = "anonymised_sharing"
SHARING: Final = "sharing"
PORTABILITY: Final = "portability"
INTENT: Final = "intent_casting"
AI: Final = "ai_development"
GOOD: Final = "public_good"
USES: Final = (SERVICE, ANALYTICS, TRACKING, PROFILING, ANONYMISED, SHARING, PORTABILITY, INTENT, AI, GOOD)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One row: what the vendor must do and may do. It may do nothing else (`dpv:ProhibitiveInterpretation`)."""

    id: str
    must: frozenset[str]
    may: frozenset[str]

    @property
    def uri(self) -> str:
        return f"{NAMESPACE}{self.id}"


def row(name: str, *may: str, portable: bool = False) -> Agreement:
    must = {SERVICE, PORTABILITY} if portable else {SERVICE}
    return Agreement(name, frozenset(must), frozenset({PORTABILITY, *may} - must))


BASES: Final[Mapping[str, tuple[str, ...]]] = {
    "SD-BASE": (),
    "SD-BASE-A": (ANALYTICS,),
    "SD-BASE-AT": (ANALYTICS, TRACKING),
    "SD-BASE-ATP": (ANALYTICS, TRACKING, PROFILING),
    "SD-BASE-ATP-S3P": (ANALYTICS, TRACKING, PROFILING, ANONYMISED),
}
CONTRIBUTIONS: Final[Mapping[str, str]] = {"PDC-INTENT": INTENT, "PDC-AI": AI, "PDC-GOOD": GOOD}
ROSTER: Final[Mapping[str, Agreement]] = {
    agreement.id: agreement
    for agreement in (
        *(made for name, may in BASES.items() for made in (row(name, *may), row(f"{name}-DP", *may, portable=True))),
        *(row(name, use, portable=True) for name, use in CONTRIBUTIONS.items()),
    )
}


def named(given: object) -> str | None:
    """The id of the agreement that somebody names by id or address, also in an old spelling; None for any other."""
    if not isinstance(given, str):
        return None
    for namespace in (NAMESPACE, *OLD_NAMESPACES):
        given = given.removeprefix(namespace)
    old, new = OLD_NAME
    if given == old or given.startswith(f"{old}-"):
        given = new + given.removeprefix(old)
    return given if given in ROSTER else None


@lru_cache(maxsize=len(ROSTER))
def document(name: str) -> bytes:
    """The text of an agreement as canonical JSON (RFC 8785: no number is a fraction, and all names are ASCII)."""
    agreement = ROSTER[name]
    said: dict[str, Any] = {
        "id": agreement.uri,
        "version": VERSION,
        "secondParty": {use: rule(agreement, use) for use in USES},
        "thirdParty": dict.fromkeys(USES, "prohibited"),
        "conflict": f"{NAMESPACE}ResolvePreferringProhibition",
        "interpretation": f"{NAMESPACE}ProhibitiveInterpretation",
    }
    return canonical.canonical(said)


def rule(agreement: Agreement, use: str) -> str:
    return "required" if use in agreement.must else "permitted" if use in agreement.may else "prohibited"


@lru_cache(maxsize=len(ROSTER))
def digest(name: str) -> str:
    return canonical.digest(document(name))
