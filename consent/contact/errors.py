"""Why somebody may not speak, or a policy can not be kept."""

from typing import Final

from consent.errors import ConsentError

NOT_PERMITTED: Final = "not_permitted"  # also where the person, the grant or the topic is none
PAUSED: Final = "paused"
OTHER_CHANNEL: Final = "other_channel"
OTHER_PERSON: Final = "other_person"
NOT_RELEVANT: Final = "not_relevant"
OUTSIDE: Final = "outside_window"
TOO_OFTEN: Final = "too_often"

SENTENCES: Final = {
    NOT_PERMITTED: "the person has not allowed this, or has taken it back",
    PAUSED: "the person wants to hear nothing of this for now",
    OTHER_CHANNEL: "the person does not want this by that channel",
    OTHER_PERSON: "the person wants to hear of another contact person only",
    NOT_RELEVANT: "the person wants to hear of this only on an occasion they made: name its opening_id",
    OUTSIDE: "the person does not want to be spoken to now",
    TOO_OFTEN: "the person does not want to hear of this so often",
}


class NotPermitted(ConsentError):
    """The vendor may not speak now. `reason` is one of SENTENCES, `next_at` when it may (epoch seconds), if ever."""

    def __init__(self, reason: str, next_at: int | None = None) -> None:
        super().__init__(SENTENCES[reason])
        self.reason, self.next_at = reason, next_at


class BadPolicy(ConsentError):
    """The policy says something that can not be."""


class PolicyChanged(ConsentError):
    """Somebody else said something else there meanwhile; nothing was overwritten."""
