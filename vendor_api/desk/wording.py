"""What the words of a message tell of mood and urgency: an estimate by short lists, German and English, and no more.

No list knows irony, and none knows the person: what counted is kept word by word, for both sides to see.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from snowballstemmer import stemmer

SNOWBALL: Final = {"de": "german", "en": "english"}
URGENCY: Final = "urgency"
MOOD: Final = "mood"
TURNED: Final = "turned"
REACH: Final = 3  # so many words behind a negation it still turns one
MOST_WORDS: Final = 2_000
WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
PART: Final = re.compile(r"[.!?;:,\n()]+")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A word or phrase as it was written, what it tells of (URGENCY, MOOD) and how much it weighs."""

    words: str
    about: str
    weight: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """By the stem of their first word: phrases of stems, what they tell of, and their weight."""

    language: str
    phrases: Mapping[str, tuple[tuple[Phrase, str, int], ...]]
    negations: frozenset[str]
    function_words: frozenset[str]


def found_in(text: str, language: str | None) -> tuple[Found, ...]:
    """Each word or phrase once. Where the language is not one of ours, the one whose small words are in the text."""
    words = [match.group() for match in WORD.finditer(text)][:MOST_WORDS]
    lexicon = lexicons()[language_of(words, language)]
    found: dict[tuple[str, str], Found] = {}
    left = MOST_WORDS
    for part in PART.split(text):
        words = WORD.findall(part)[:left]
        left -= len(words)
        for one in found_in_part(words, lexicon):
            found.setdefault((one.words.casefold(), one.about), one)
    return tuple(found.values())


def language_of(words: list[str], named: str | None) -> str:
    short = (named or "").partition("-")[0].lower()
    if short in SNOWBALL:
        return short
    said = [word.casefold() for word in words]
    return max(SNOWBALL, key=lambda name: sum(word in lexicons()[name].function_words for word in said))


def found_in_part(words: list[str], lexicon: Lexicon) -> Iterator[Found]:
    """Phrases first, the longest of those that begin at a word; what stands in one is not looked at again."""
    stems = [stem(lexicon.language, word) for word in words]
    negated_until, at = -1, 0
    while at < len(words):
        matching = (one for one in lexicon.phrases.get(stems[at], ()) if tuple(stems[at : at + len(one[0])]) == one[0])
        phrase = next(matching, None)
        negation = plain(words[at]) in lexicon.negations
        if phrase is None:
            negated_until, at = (at + REACH if negation else negated_until), at + 1
            continue
        stem_words, about, weight = phrase
        is_negated = at <= negated_until and len(stem_words) == 1
        written = " ".join(words[at : at + len(stem_words)])
        if about == TURNED and is_negated:
            yield Found(f"{negation_before(words, at, lexicon)} … {written}", MOOD, weight)
        elif about != TURNED and not is_negated:
            yield Found(written, about, weight)
        at += len(stem_words)


def negation_before(words: list[str], at: int, lexicon: Lexicon) -> str:
    """The one that turns the word at `at`."""
    return next(word for word in reversed(words[:at]) if plain(word) in lexicon.negations)


@lru_cache(maxsize=1)
def lexicons() -> Mapping[str, Lexicon]:
    stored = tomllib.loads(files("vendor_api.desk").joinpath("words.toml").read_text(encoding="utf-8"))
    return {language: lexicon_from(language, stored[language]) for language in SNOWBALL}


def lexicon_from(language: str, stored: Mapping[str, Any]) -> Lexicon:
    phrases: dict[str, list[tuple[Phrase, str, int]]] = {}
    for about in (URGENCY, MOOD, TURNED):
        for weight, entries in stored[about].items():
            for entry in entries:
                stems = tuple(stem(language, word) for word in WORD.findall(entry))
                phrases.setdefault(stems[0], []).append((stems, about, int(weight)))
    longest_first = {first: tuple(sorted(found, key=lambda one: -len(one[0]))) for first, found in phrases.items()}
    negations, function_words = frozenset(stored["negations"]), frozenset(stored["function_words"])
    return Lexicon(language, longest_first, negations, function_words)


@lru_cache(maxsize=5_000)
def stem(language: str, word: str) -> str:
    """A stemmer keeps the word it works on, so each call has its own: threads share none."""
    stemmed: str = stemmer(SNOWBALL[language]).stemWord(plain(word))
    return stemmed


def plain(word: str) -> str:
    return word.casefold().replace("’", "'")
