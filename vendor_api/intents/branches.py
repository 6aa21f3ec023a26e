"""The branches in which people look for something and vendors offer: a short list that both sides share."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

BRANCHES: Final[Mapping[str, LazyString]] = {
    "energy": _("Energy"),
    "telecom": _("Telephone and internet"),
    "insurance": _("Insurance"),
    "travel": _("Travel"),
    "mobility": _("Cars and getting around"),
    "trades": _("Trades and repairs"),
    "housing": _("Housing"),
    "shopping": _("Shopping"),
    "other": _("Something else"),
}
