"""Sentences about what befell the wallet as a whole: it was put back from a copy, or has moved."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from wallet.languages import moment


def restored(_vendor: str, detail: Mapping[str, Any]) -> str:
    return _(
        "This wallet was put back from a copy of %(moment)s. What you changed after that may be missing: please look "
        "through what you share, and your data.",
        moment=moment(detail["backup_at"]),
    )


def moved(_vendor: str, detail: Mapping[str, Any]) -> str:
    return _("You moved from %(old)s to %(new)s.", old=detail["from"], new=detail["to"])


TOLD: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {"restored": restored, "moved": moved}
