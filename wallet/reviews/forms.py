"""What the page of a review sends, and the opinion that it becomes."""

import unicodedata
from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _

from vendor_api.reviews.documents import Opinion
from wallet.reviews.errors import BadReview
from wallet.reviews.words import KEYS, LANGUAGES

LONGEST_TITLE: Final = 100
LONGEST_TEXT: Final = 4_000
LONGEST_NAME: Final = 40
# Letters that nobody sees but that turn around what stands beside them (Unicode's bidirectional controls).
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def typed(given: Mapping[str, str]) -> Opinion:
    """Raises BadReview with the first thing that is wrong."""
    stars, language = given.get("stars", ""), given.get("language", "")
    if stars not in {"1", "2", "3", "4", "5"}:
        raise BadReview(_("Give 1 to 5 stars."))
    title, name = (one_line(given.get(part, "")) for part in ("title", "name"))
    text = plain(given.get("text", "").replace("\r\n", "\n")).strip()
    if not title or len(title) > LONGEST_TITLE:
        raise BadReview(_("Give it a title of 1 to %(longest)s characters.", longest=LONGEST_TITLE))
    if len(text) > LONGEST_TEXT:
        raise BadReview(_("Write at most %(longest)s characters.", longest=LONGEST_TEXT))
    if len(name) > LONGEST_NAME:
        raise BadReview(_("The name that is shown may have %(longest)s characters.", longest=LONGEST_NAME))
    if language not in LANGUAGES:
        raise BadReview(_("Choose the language you write in."))
    return Opinion(int(stars), title, text, language, name)


def key_of(given: Mapping[str, str]) -> str:
    """Raises BadReview."""
    key = given.get("key", "")
    if key not in KEYS:
        raise BadReview(_("Choose whether the vendor may recognise you."))
    return key


def one_line(text: str) -> str:
    return " ".join(plain(text).split())


def plain(text: str) -> str:
    """Without letters that nobody sees."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFC", text)
        if letter == "\n" or not (letter in TURNING or unicodedata.category(letter) in {"Cc", "Cs"})
    )
