"""Secrets as words (SLIP-39): what is on the paper of a kit or a share, and how what somebody types is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from wallet.people.recovery.errors import BadWords

WORDS: Final = 20
MOST_SHARES: Final = 10
_EXPONENT: Final = 0  # a passphrase would have to be stretched; there is none, and 15 would compute for minutes
_LONGEST: Final = 2000
_LONGEST_WORD: Final = 24
_MOST_NAMED: Final = 5
_KNOWN: Final = frozenset(WORDLIST)


@dataclass(frozen=True, slots=True)
class Given:
    """One paper, read. `needed` is how many of its set it takes; `set_id` tells sets apart, `number` its papers."""

    text: str = field(repr=False)
    needed: int
    set_id: int
    number: int


def split(secret: bytes, *, needed: int, count: int) -> tuple[str, ...]:
    """So many shares, of which `needed` give the secret and fewer tell nothing; 1 of 1 is a kit."""
    [shares] = generate_mnemonics(1, [(needed, count)], secret, extendable=True, iteration_exponent=_EXPONENT)
    return tuple(shares)


def read(text: str) -> Given:
    """What somebody typed or scanned. Numbers, letter case, spaces and line breaks do not matter. Raises BadWords."""
    if len(text) > _LONGEST:
        raise BadWords(_("That is too much. A kit or a share has %(count)s words.", count=WORDS))
    words = re.findall(r"[^\W\d_]+", text.casefold())
    unknown = [(number, word) for number, word in enumerate(words, 1) if word not in _KNOWN]
    if unknown:
        raise BadWords(" ".join(_unknown(number, word) for number, word in unknown[:_MOST_NAMED]))
    if len(words) != WORDS:
        counted = ngettext("Here is one word.", "Here are %(num)s words.", len(words))
        raise BadWords(_("A kit or a share has %(count)s words.", count=WORDS) + " " + counted)
    return _checked(" ".join(words))


def combine(given: Sequence[Given]) -> bytes:
    """The secret. Raises BadWords for papers that do not add up."""
    try:
        secret: bytes = combine_mnemonics([one.text for one in given])
    except (MnemonicError, ValueError):
        raise BadWords(_("These shares do not belong together. Begin again with shares of one set.")) from None
    return secret


def _checked(text: str) -> Given:
    try:
        share = Share.from_mnemonic(text)
    except (MnemonicError, ValueError):
        raise BadWords(_("All words are known, but one is not the right one, or two have changed places.")) from None
    if share.iteration_exponent != _EXPONENT or share.group_count != 1 or share.member_threshold > MOST_SHARES:
        raise BadWords(_("These words were not made by a wallet like this one."))
    return Given(text, share.member_threshold, share.identifier, share.index)


def _unknown(number: int, word: str) -> str:
    near = nearest(word)
    shown = {"number": number, "word": word[:_LONGEST_WORD]}
    if not near:
        return _("Word %(number)s, “%(word)s”, is not one of those that are used.", **shown)
    return _("Word %(number)s, “%(word)s”, is not one of those that are used. Is it %(near)s?", near=near, **shown)


def nearest(word: str) -> str:
    """Up to three words one may have meant. The first four letters of a word are enough to know it."""
    word = word[:_LONGEST_WORD]
    begin_alike = [known for known in WORDLIST if len(word) >= 4 and known[:4] == word[:4]]
    near = begin_alike or get_close_matches(word, WORDLIST, 3, 0.6)
    return (
        format_list([_("“%(word)s”", word=one) for one in near], style="or", locale=get_locale() or "en")
        if near
        else ""
    )
