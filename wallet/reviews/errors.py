"""What can be wrong with a review, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadReview(WalletError):
    """It can not be published like that; the sentence says why."""

    status = 422


class NoRelationship(WalletError):
    status = 422

    def __init__(self) -> None:
        super().__init__(_("You can write about a vendor that you have let in, or had. This one you have not."))


class WrittenBefore(WalletError):
    """One person says one thing of one vendor, whichever persona does."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("You have written about this vendor already, perhaps as another persona. Change that one."))


class UnknownReview(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such review."))


class ReviewChanged(WalletError):
    """Somebody else saved first; nothing was overwritten."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile this review was changed in another window. Look at it before you save yours."))


class ReviewEnded(WalletError):
    status = 409

    def __init__(self) -> None:
        super().__init__(_("You took this review back. It can not be changed any more."))


class TooOften(WalletError):
    status = 429

    def __init__(self) -> None:
        super().__init__(_("That is enough for one day. Try again tomorrow."))


class UnknownReviewed(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such vendor here, or nobody has written about it."))
