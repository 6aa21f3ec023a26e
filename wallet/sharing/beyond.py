"""What a vendor asked beyond caps, as sentences people read."""

from collections.abc import Callable, Iterable

from flask_babel import gettext as _

from consent.model import NewAsk, Trimmed
from consent.tightening import UNLIMITED
from wallet.languages import in_a_row
from wallet.sharing.limits import limits_said


def beyond_said(ask: NewAsk, label: Callable[[str], str]) -> list[str]:
    """One sentence for what is not asked at all, and one for each value of which less is asked."""
    left_out = [one for one in ask.trimmed if one.left_out]
    gone = {one.attribute for one in left_out}
    first = {one.attribute: one for one in reversed(ask.trimmed) if one.attribute not in gone}
    said = [left_out_said(left_out, label)] if left_out else []
    return said + [less_said(first[name], label) for name in sorted(first)]


def left_out_said(left_out: Iterable[Trimmed], label: Callable[[str], str]) -> str:
    names = in_a_row(sorted({label(one.attribute) for one in left_out}))
    return _("It also asked for %(values)s. For that purpose it may not, so it does not get this.", values=names)


def less_said(one: Trimmed, label: Callable[[str], str]) -> str:
    words = limits_said(one.limits) if one.limits and one.limits != UNLIMITED else []
    if not words:
        return _(
            "For %(value)s it asked without limits; it may have no more than what stands here.",
            value=label(one.attribute),
        )
    return _(
        "For %(value)s it asked more: %(limits)s. It may have no more than what stands here.",
        value=label(one.attribute),
        limits=in_a_row(words),
    )
