"""What the console refuses, each in one sentence for the staff."""

from flask_babel import lazy_gettext as _


class ConsoleError(Exception):
    """A sentence for the staff, shown as a page with this status."""

    status = 400


class SignInNeeded(ConsoleError):
    """Turned into a redirect to the console's sign-in page."""

    status = 303

    def __init__(self) -> None:
        super().__init__(_("Please sign in first."))


class NotYours(ConsoleError):
    """There is no such thing, or it is another vendor's: which of them is not told."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such thing of your organisation."))


class RoleTooSmall(ConsoleError):
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Your role does not allow this. Ask an admin of your organisation."))


class FormTooOld(ConsoleError):
    def __init__(self) -> None:
        super().__init__(_("This form is too old. Load the page again and repeat what you did."))


class WrongStaffCredentials(ConsoleError):
    """One sentence for an unknown vendor, an unknown login and a wrong password."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("This client_id, login and password do not belong together. Check them and try again."))


class TooManyStaffAttempts(ConsoleError):
    status = 429

    def __init__(self) -> None:
        super().__init__(_("Too many wrong tries. Wait a little, then try again; the longest wait is 15 minutes."))


class NoFirstAdmin(ConsoleError):
    """One sentence for whatever keeps somebody from becoming the first admin."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("This client_id and secret do not belong together, or there is an admin already, who can invite you.")
        )


class InvitationOver(ConsoleError):
    status = 410

    def __init__(self) -> None:
        super().__init__(_("This invitation was used, replaced or is too old. Ask for a new one."))


class NoWalletSignIn(ConsoleError):
    status = 403

    def __init__(self) -> None:
        super().__init__(_("The sign-in with your wallet did not lead to anybody here. An admin can invite you."))


class BadStaffLogin(ConsoleError):
    """The login or name is empty, too long, has signs nobody can see, or is taken."""

    status = 422


class BadStaffPassword(ConsoleError):
    status = 422


class LastAdmin(ConsoleError):
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This is the last admin, and somebody has to be one. Make somebody else an admin first."))


class ChangedSince(ConsoleError):
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Meanwhile somebody else changed this. What is there now is shown; nothing of yours was kept.")
        )


class SeveralOrganisations(ConsoleError):
    """One person may work for several."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("You work for several organisations. Enter the client_id of the one you want to sign in for.")
        )


class TrialOver(ConsoleError):
    status = 410

    def __init__(self) -> None:
        super().__init__(_("This trial is over, or it began in another browser. Begin another one at your client."))


class TooSoon(ConsoleError):
    status = 429

    def __init__(self) -> None:
        super().__init__(_("A verification was sent less than a minute ago. Wait a little."))
