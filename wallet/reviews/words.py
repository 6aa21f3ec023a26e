"""What pages and the ledger say of reviews."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from vendor_api.reviews.documents import RELATIONSHIP, REVIEW_KEY
from vendor_api.reviews.log import CHANGED, ENDED, PUBLISHED

LANGUAGES: Final[Mapping[str, str]] = {
    "de": "Deutsch",
    "en": "English",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "tr": "Türkçe",
    "uk": "Українська",
}
KEYS: Final[Mapping[str, LazyString]] = {
    REVIEW_KEY: _l("Without being recognised"),
    RELATIONSHIP: _l("Recognised by the vendor"),
}
STARS: Final[Mapping[int, LazyString]] = {
    5: _l("5 – very good"),
    4: _l("4 – good"),
    3: _l("3 – middling"),
    2: _l("2 – poor"),
    1: _l("1 – bad"),
}
REVIEWED: Final[Mapping[str, Callable[[str], str]]] = {
    PUBLISHED: lambda vendor: _("You published a review of %(vendor)s.", vendor=vendor),
    CHANGED: lambda vendor: _("You changed your review of %(vendor)s.", vendor=vendor),
    ENDED: lambda vendor: _("You took your review of %(vendor)s back.", vendor=vendor),
}


def since_said(since: str) -> str:
    """A month as 03/2027, or a year."""
    year, _dash, month = since.partition("-")
    return f"{month}/{year}" if month else year


def language() -> str:
    """The page's."""
    return str(get_locale())
