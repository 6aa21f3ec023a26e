"""What stands between a person and their wallet, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class SignInNeeded(WalletError):
    """The page is for people who are signed in: turned into a redirect to the sign-in page."""

    status = 303

    def __init__(self) -> None:
        super().__init__(_("Please sign in first."))


class ChoiceNeeded(SignInNeeded):
    """Nobody is at the door, but others are signed in at this browser: turned into a redirect to the chooser."""


class WrongCredentials(WalletError):
    """Deliberately one sentence for an unknown login and a wrong password."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("This login and password do not belong together. Check both and try again."))


class TooManyAttempts(WalletError):
    status = 429

    def __init__(self) -> None:
        super().__init__(_("Too many wrong passwords. Wait a little, then try again; the longest wait is 15 minutes."))


class BadLogin(WalletError):
    """The login is empty, too long or contains characters nobody can see."""


class BadPassword(WalletError):
    """The new password is too short or too long."""


class LoginTaken(WalletError):
    """Somebody has this login. The transaction it was raised in can not go on."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This login is taken. Choose another one, or sign in if it is yours."))


class SignUpClosed(WalletError):
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Sign-up is closed here. Ask whoever runs this wallet to add you."))


class InvitationNeeded(WalletError):
    """There is no invitation, or it was used or is too old; which of them is not told."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("Signing up here takes an invitation that is still good. Ask for a new one, or sign in."))


class BadPersonaName(WalletError):
    """The name of a persona is empty, too long or taken."""


class RenamedMeanwhile(WalletError):
    """Another browser renamed the persona first; it is still called that."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile this persona was renamed. Look at the new name before you choose another one."))


class UnknownPersona(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such persona."))
