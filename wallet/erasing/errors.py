"""Why something is not erased, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class DefaultPersona(WalletError):
    """The persona that everything falls back to stays while there are others."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This is the persona you begin with. Make another one the first, then erase this one."))


class OnlyPersona(WalletError):
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This is your only persona. To be rid of what it has, erase your data as a whole."))


class OtherLogin(WalletError):
    """What was typed as a confirmation is somebody else's login, or nobody's."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("This is not your login. Type the one you are signed in with."))
