"""What the dialogue refuses, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class UnknownThread(WalletError):
    """This persona has no such thread."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such conversation."))


class UnknownMessage(WalletError):
    """There is no such message in this thread."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such message."))


class ThreadClosed(WalletError):
    """Nothing more can be said in this thread."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This conversation is closed, so nothing was sent."))


class NobodyThere(WalletError):
    """Who would read it is no longer a vendor of this host."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This vendor is not registered here any more, so nothing was sent."))


class EmptyMessage(WalletError):
    """There is nothing in it, or too much."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Write something, of at most 10,000 characters."))


class BadFile(WalletError):
    """It can not go along."""

    status = 422


class TooMuchSaid(WalletError):
    """RFC 6585 section 4: a desk is no place to fill."""

    status = 429

    def __init__(self) -> None:
        super().__init__(_("You have written very much to this vendor, so this was not sent. Go on in an hour."))


class EmptySubject(WalletError):
    """It has no line to be found by, or one that is too long."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Say in one line what it is about."))


class BadDay(WalletError):
    """It is no day, or it has not come yet."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Choose a day, today or before."))


class NothingToJudge(WalletError):
    """There is no answer yet."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("There is no answer yet that you could judge."))


class Ended(WalletError):
    """What is over can not be taken back."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This has ended already, so there is nothing to take back."))
