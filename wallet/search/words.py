"""What was typed, compared with what is there: neither case nor accents matter, and the beginning of a word will do.

Müller, mueller and muller are one word: an e behind a, o or u does not count.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from markupsafe import Markup, escape

from wallet.search.errors import TooMuch

LONGEST: Final = 200
MOST_WORDS: Final = 12
SHORTEST_NUMBER: Final = 4
_WORD: Final = re.compile(r"[^\W_]+")
_ACCENTS: Final = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_STRANGE: Final = re.compile(r"[^\x00-\x7f]+")


@dataclass(slots=True)
class Words:
    """The parts of what was typed, folded. They stay out of every repr, so that they stay out of logs.

    `vendors` is what wallet/search/answered.py has found for them, so that it looks once.
    """

    typed: str = field(repr=False)
    parts: tuple[str, ...] = field(repr=False)
    _patterns: tuple[re.Pattern[str], ...] = field(repr=False)
    vendors: Any = field(default=None, repr=False)

    def found_in(self, *texts: str | None) -> bool:
        """Whether each word begins a word of one of these texts; or all together stand in one, as numbers are typed."""
        folded = [fold(text) for text in texts if text]
        return len(covered(self._patterns, folded)) == len(self.parts) or self._number_in(folded)

    def may_be_in(self, text: str) -> bool:
        """A quick look at much text at once; where this says no, found_in does too for every part of it."""
        folded = fold_much(text)
        return all(part in folded for part in self.parts) or self._number_in([folded])

    def among(self, *texts: str | None) -> frozenset[int]:
        """Which of the words begin a word of these texts."""
        return covered(self._patterns, [fold(text) for text in texts if text])

    def marked(self, text: str) -> Markup:
        """The text with what was found in <mark>; all else escaped."""
        folded, places = spelled(text)
        found = sorted(match.span() for pattern in self._patterns for match in pattern.finditer(folded))
        parts, at = [], 0
        for first, last in ((places[start], places[end - 1] + 1) for start, end in found):
            if last > at:
                parts += [escape(text[at : max(at, first)]), Markup("<mark>%s</mark>") % text[max(at, first) : last]]
                at = last
        return Markup("").join([*parts, escape(text[at:])])

    def _number_in(self, folded: Iterable[str]) -> bool:
        """030 1234567 in +49301234567, DE89 3704 in an IBAN."""
        joined = "".join(self.parts)
        joined = joined.lstrip("0") if joined.isdigit() else joined
        if len(joined) < SHORTEST_NUMBER or not any(letter.isdigit() for letter in joined):
            return False
        return any(joined in "".join(_WORD.findall(text)) for text in folded)


def words(typed: str) -> Words:
    """Raises TooMuch."""
    typed = " ".join(typed.split())
    parts = tuple(dict.fromkeys(_WORD.findall(fold(typed)))) if len(typed) <= LONGEST else ()
    if len(typed) > LONGEST or len(parts) > MOST_WORDS:
        raise TooMuch
    return Words(typed, parts, tuple(re.compile(rf"(?<![^\W_]){re.escape(part)}") for part in parts))


def covered(patterns: Iterable[re.Pattern[str]], folded: Iterable[str]) -> frozenset[int]:
    texts = list(folded)
    return frozenset(
        number for number, pattern in enumerate(patterns) if any(pattern.search(text) is not None for text in texts)
    )


def fold(text: str) -> str:
    return without_e(text.lower() if text.isascii() else plain(text))


def fold_much(text: str) -> str:
    """The same, letter by letter of those that are there: long texts have few that are not ASCII."""
    for letter in set("".join(_STRANGE.findall(text))):
        text = text.replace(letter, plain(letter))
    return without_e(text.lower())


def without_e(text: str) -> str:
    """Without an e that stands for the dots of an umlaut."""
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def plain(text: str) -> str:
    """Small letters without accents; ß is ss."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def spelled(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters where it stood before."""
    folded, places, before = [], [], ""
    for place, letter in enumerate(text):
        for bare in plain(letter):
            if not (bare == "e" and before and before in "aou"):
                folded.append(bare)
                places.append(place)
            before = bare
    return "".join(folded), places
