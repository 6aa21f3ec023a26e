"""What the engine refuses, each in one sentence that says what to do."""


class ConsentError(Exception):
    """Base of everything the engine refuses."""


class UnknownAsk(ConsentError):
    """No such ask, or it is long over."""


class AskExpired(ConsentError):
    """The ask waited too long for its answer."""


class AskAnswered(ConsentError):
    """The ask has its answer already; an ask is answered once."""


class AskOfOtherBrowser(ConsentError):
    """The ask began in another browser, so it can not be answered in this one."""


class NotAsked(ConsentError):
    """The answer names something the vendor did not ask for."""


class RequiredRefused(ConsentError):
    """The answer leaves out something without which the vendor does not go on."""


class BadUntil(ConsentError):
    """The answer lasts longer than was offered, or is over already."""


class UnknownGrant(ConsentError):
    """This person has no such grant."""


class GrantEnded(ConsentError):
    """The grant was revoked, replaced or has expired."""


class GrantPaused(ConsentError):
    """The person has paused the grant. Nothing of it is lost, and nothing leaves until they let it go on."""


class NotGranted(ConsentError):
    """The change names something that is not granted, or no longer."""


class NotTighter(ConsentError):
    """A person's limits can be tightened without the vendor, and loosened only in answer to it."""


class EmptyRange(ConsentError):
    """The stretch of time ends before it begins, so nothing could ever be read."""


class BadCap(ConsentError):
    """What was written down is no table of caps."""


class BadConsentToken(ConsentError):
    """The consent token does not verify, or is not for this vendor."""


class UnknownRequest(ConsentError):
    """This person has made no such request."""


class AlreadyAsked(ConsentError):
    """The same right is asked of the same vendor already, and not answered yet."""


class BadAnswer(ConsentError):
    """A vendor's answer to a request does not fit it; the message is a sentence the vendor may read."""


class BadStamp(ConsentError):
    """What was shown is no stamp of this person's ledger."""


class LedgerBroken(ConsentError):
    """The hash chain does not hold. `seq` is the number of the first line that is wrong."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"Line {seq} of the ledger: {reason}.")
        self.seq = seq


class UnknownReceipt(ConsentError):
    """This grant has no such receipt."""


class AlreadyCountersigned(ConsentError):
    """A receipt is countersigned once."""
