"""The attributes every person has, read once from catalogue.toml; and the ages anybody may ask about."""

import tomllib
from importlib.resources import files
from typing import Any, Final

from wallet.data.model import Attribute, Choice, Fact

GROUPS = {
    "person": ("About you", "Über Sie"),
    "contact": ("How to reach you", "So erreicht man Sie"),
    "address": ("Where you live", "Wo Sie wohnen"),
    "home": ("Household and home", "Haushalt und Wohnung"),
    "energy": ("Energy and water", "Energie und Wasser"),
    "business": ("Work and business", "Beruf und Geschäft"),
    "money": ("Money", "Geld"),
    "customer": ("Customer numbers", "Kundennummern"),
    "reputation": ("What vendors say of you", "Was Anbieter über Sie sagen"),
    "online": ("You on the net", "Sie im Netz"),
    "preferences": ("What you like", "Was Sie mögen"),
    "travel": ("On the way", "Unterwegs"),
    "health": ("Health", "Gesundheit"),
    "own": ("What you added yourself", "Was Sie selbst hinzugefügt haben"),
    "facts": ("Facts instead of values", "Auskünfte statt Werten"),
}

AGE: Final = "age"
OLDEST: Final = 120
CUSTOMER_SINCE: Final = "reputation.customer_since"
USUAL_AGES: Final = (12, 14, 16, 18, 21, 25, 60, 65)


def read(group: str, name: str, said: dict[str, Any]) -> Attribute:
    """A line of the file as an attribute."""
    label_en, label_de = said.pop("en"), said.pop("de")
    sensitivity = "sensitive" if said.pop("sensitive", False) else "normal"
    choices = tuple(Choice(*choice) for choice in said.pop("choices", ()))
    kind = said.pop("kind")
    return Attribute(name, kind, label_en, label_de, group, sensitivity, choices=choices, **said)


def age_over(years: int) -> Attribute:
    """ISO/IEC 18013-5 section 7.2.5; it has two digits, and so has no age beyond 99."""
    fact = Fact("birthdate", AGE, years)
    labels = f"{years} years or older", f"{years} Jahre oder älter"
    return Attribute(f"age_over_{years:02}", "boolean", *labels, "facts", example="yes", fact=fact)


def customer_over(years: int) -> Attribute:
    """Whose customer, and since when exactly, stays out of it."""
    fact = Fact(CUSTOMER_SINCE, AGE, years, vouched=True)
    labels = f"Customer of a vendor for {years} years or more", f"Seit {years} Jahren oder länger Kunde eines Anbieters"
    if years == 1:
        labels = "Customer of a vendor for a year or more", "Seit einem Jahr oder länger Kunde eines Anbieters"
    return Attribute(f"reputation.customer_over_{years:02}", "boolean", *labels, "facts", example="yes", fact=fact)


_FILE = tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text("utf-8"))
_READ = {name: read(group, name, said) for group, lines in _FILE.items() for name, said in lines.items()}
AGES: Final = {found.name: found for found in map(age_over, range(OLDEST + 1))}

PAID = Attribute(
    *(
        "reputation.paid_on_time",
        "boolean",
        "A vendor says: pays on time",
        "Ein Anbieter sagt: zahlt pünktlich",
        "facts",
    ),
    example="yes",
    fact=Fact("reputation.pays_on_time", "=", True, vouched=True),
)
LOYALTIES: Final = {found.name: found for found in (*map(customer_over, (1, 2, 3, 5, 10, 20)), PAID)}
FACTS: Final = AGES | LOYALTIES  # everybody's predicates

# What pages and the discovery document offer; and beside it every age that may be asked about.
CATALOGUE = _READ | {found.name: found for found in map(age_over, USUAL_AGES)} | LOYALTIES
EVERYBODYS = CATALOGUE | FACTS

# Members of ID tokens, userinfo answers and access tokens that state something in the wallet's own name, and names of
# scopes and pages: an attribute called like one of them could pass for it.
# fmt: off
RESERVED = frozenset({
    "sub", "iss", "aud", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "acr", "amr", "azp", "at_hash", "c_hash",
    "s_hash", "sid", "cnf", "act", "scope", "client_id", "active", "token_type", "username", "grant_id", "events",
    "vct", "status", "credential", "updated_at", "email_verified", "phone_number_verified", "verified_claims",
    "claims", "userinfo", "id_token", "openid", "phone", "offline_access", "authorization_details", "new", "import",
    "public_subject", "deposit",
})
# fmt: on
RESERVED_BEGINNING = "age_over_"
