"""What the ledger says of what a person erased. Of names they chose themselves it knows nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _


def erased(detail: Mapping[str, Any], attributes: str) -> str:
    if attributes:
        return _("You erased %(attributes)s, with everything it had been before.", attributes=attributes)
    if detail.get("thread"):
        return _("You erased a conversation with %(vendor)s.", vendor=detail["vendor"])
    return next(said for name, said in ERASED.items() if name in detail)()


ERASED: Mapping[str, Callable[[], str]] = {
    "own": lambda: _("You erased an attribute of your own, with everything it had ever held."),
    "persona": lambda: _("You erased a persona, with everything it had."),
    "data": lambda: _("You erased all your data."),
}
