"""What stands between a person and their way back, in sentences that never repeat a right word."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadWords(WalletError):
    """What was typed can not be a kit or a share; the sentence says why. It says nothing about any wallet."""

    status = 422


class WrongWords(WalletError):
    """Deliberately one sentence for an unknown login, a login without a way back, and another wallet's words."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("This login and these words do not belong together. Check both and try again."))


class DraftOver(WalletError):
    status = 410

    def __init__(self) -> None:
        super().__init__(_("These words waited too long, or they belong to another sign-in. Begin again."))


class TicketOver(WalletError):
    status = 410

    def __init__(self) -> None:
        super().__init__(_("Nothing was changed: this waited too long, or the words were used meanwhile. Begin again."))


class WayChangedMeanwhile(WalletError):
    """Another browser was first. The transaction it was raised in can not go on."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Meanwhile another one was made in another browser, and that one counts. Throw this one away.")
        )


class BadShares(WalletError):
    """So many people, or so many of them, can not be; or a name is too long."""

    status = 422
