"""What caps leave of a vendor's wishes: those of the host and of this vendor, before the person is asked."""

from collections.abc import Iterable

from consent import caps
from consent.model import Item, Trimmed
from consent.purposes import UNCLASSIFIED
from vendor_api.errors import AccessDenied
from vendor_api.vendors.model import Vendor


class BeyondCaps(AccessDenied):
    """RFC 6749 section 4.1.2.1: denied by the server, before anybody was asked."""

    status = 403

    def __init__(self, trimmed: Iterable[Trimmed]) -> None:
        missing = next(one for one in trimmed if one.required and one.left_out)
        kind = missing.purpose_type or UNCLASSIFIED
        super().__init__(f"you may not ask for {missing.attribute} for {kind} here; leave it out, or make it optional")


def capped(vendor: Vendor, items: Iterable[Item]) -> tuple[tuple[Item, ...], tuple[Trimmed, ...]]:
    """The items as they may be asked at most, and what was cut away.

    Raises BeyondCaps where the vendor does not go on without something it may not ask for.
    """
    kept, trimmed = caps.items_under(items, (caps.HOST, vendor.caps))
    if any(one.required and one.left_out for one in trimmed):
        raise BeyondCaps(trimmed)
    return kept, trimmed
