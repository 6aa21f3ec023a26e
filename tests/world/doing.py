"""What a person, a vendor and time can do, as a table: each step by its name, and what to choose from for it."""

from itertools import chain, combinations
from random import Random
from typing import Any

from supposing import COUNTING, SERVICE

from consent import asks, engine
from consent.model import Limits, Range, Span
from consent.standing import ALWAYS, ASK, NEVER
from consent.terms import standing
from consent.terms.standing import Outcome, Standing
from vendor_api.oauth import tokens

DAY = 24 * 3600
VENDORS = ("stadtwerke", "bookshop")
VALUES = {"email": "ana@example.org", "nickname": "Ana", "birthdate": "1990-12-24"}
LACKING = "gender"  # asked for and granted, but the person has no value for it
ATTRIBUTES = (*VALUES, LACKING)
ALL = frozenset(ATTRIBUTES)

SOME = tuple(map(frozenset, chain.from_iterable(combinations(ATTRIBUTES, many) for many in range(5))))
FEW = (*4 * (frozenset(),), *SOME)
MANY = (ALL, ALL, ALL, *SOME)
WHICH = (0, 0, 0, 1, 2, 3)  # the newest ask, grant or token, or one so many places before it
SPANS = (1, 59, 60, 61, 3600, asks.LIFETIME // 2, asks.LIFETIME, tokens.ACCESS_LIFETIME, DAY, engine.LONGEST_GRANT)
LENGTHS = (30 * DAY, 30 * DAY, 90 * DAY, DAY, engine.LONGEST_GRANT, tokens.ACCESS_LIFETIME, 60, 1)
ANY_LENGTHS = (*LENGTHS, -DAY, -1, 0, engine.LONGEST_GRANT + 1)
PURPOSES = (None, SERVICE, COUNTING, COUNTING)
RECIPIENTS = (None, None, "Printer", "Carrier")
# Moments in here are seconds from the moment of the ask.
LIMITS = (
    None,
    Limits(fetch="once"),
    Limits(mode="store", frequency=Span(2, "hour")),
    Limits(frequency=Span(1, "day"), recipients=("Printer",)),
    Limits(until=DAY, recipients=()),
    Limits(mode="store", data_range=Range(0, None)),
    Limits(data_range=Range(None, 1)),
)
TIGHTER = (
    ("fetch", "once"),
    ("frequency", Span(1, "hour")),
    ("frequency", Span(2, "day")),
    ("until", 3600),
    ("until", 2 * DAY),
    ("until", -1),
    ("recipients", ()),
    ("recipients", ("Printer",)),
    ("data_range", Range(0, None)),
)
ON_ANSWERS = (*6 * (None,), *((name, *part) for name in ("email", "birthdate") for part in TIGHTER))


def outcome(agreed: str | None, offered: str | None = None, applies: str = standing.CONDITIONALLY) -> Outcome:
    return Outcome(Standing("every", applies, ("SD-BASE", "SD-BASE-A")), agreed, offered)


OUTCOMES = (
    *5 * (None,),
    *(outcome("SD-BASE"), outcome("SD-BASE-A"), outcome(None), outcome(None)),
    outcome(None, applies=standing.ALWAYS),
)

# By weight, the name of a method of Life, and from what its parameters are chosen.
TABLE = (
    (16, "read", WHICH),
    (7, "redeem", WHICH, MANY, RECIPIENTS),
    (6, "ask", VENDORS, MANY, FEW, PURPOSES, LIMITS, MANY),
    (4, "ask_again", WHICH),
    (9, "allow", WHICH, MANY, LENGTHS, ON_ANSWERS, OUTCOMES),
    (5, "pass_time", SPANS[:-2]),
    (1, "pass_time", SPANS),
    (2, "tighten", WHICH, ATTRIBUTES, TIGHTER),
    (1, "narrow", WHICH, SOME),
    (2, "prolong", WHICH, ANY_LENGTHS),
    (1, "pause", WHICH, (None, *ANY_LENGTHS)),
    (4, "resume", WHICH),
    (1, "revoke", WHICH),
    (1, "refuse", WHICH),
    (2, "tamper", WHICH, SOME, ANY_LENGTHS, ON_ANSWERS, OUTCOMES),
    (2, "accept", WHICH),
    (1, "end", WHICH, ("ended", "violated")),
    (3, "answer_once_for_all", WHICH, (ASK, *5 * (ALWAYS,), NEVER)),
    (1, "refuse_once_for_all", (COUNTING, SERVICE), (True, False, False)),
    (1, "block", VENDORS),
    (7, "unblock", VENDORS),
    (1, "enter", tuple(VALUES)),
    (2, "settle_failures"),
)
STEPS = (("reopen",), *(row for weight, *row in TABLE for _ in range(4 * weight)))


def drawn(random: Random) -> tuple[Any, ...]:
    """A step from a plain random source."""
    name, *choices = random.choice(STEPS)
    return name, *map(random.choice, choices)
