"""How channels, kinds of threads and occasions are called on pages."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from wallet.channels import reaching

CHANNELS: Final[Mapping[str, LazyString]] = {
    "inbox": _l("in the wallet"),
    "email": _l("by e-mail"),
    "web_push": _l("as a notice in the browser"),
    "sms": _l("by SMS"),
    "phone": _l("by phone"),
    "video": _l("by video call"),
    "letter": _l("by letter"),
    "feed": _l("by feed"),
    "visit": _l("by a visit"),
}
KINDS: Final[Mapping[str, LazyString]] = {
    "message": _l("Messages"),
    "publication": _l("Published"),
    "wish": _l("Wishes"),
    "idea": _l("Ideas"),
    "hint": _l("Hints"),
    "complaint": _l("Complaints"),
    "praise": _l("Praise"),
    "question": _l("Questions"),
}
# What a person notes that reached them beside the wallet.
NOTED: Final[Mapping[str, LazyString]] = {
    "phone": _l("Phone call"),
    "letter": _l("Letter"),
    "email": _l("E-mail"),
    "sms": _l("SMS"),
    "video": _l("Video call"),
    "visit": _l("Visit"),
}
OCCASIONS: Final[Mapping[str, LazyString]] = {
    "trigger": _l("a trigger of yours fired"),
    "intent": _l("you are looking for something"),
    "feedback": _l("you gave feedback"),
}


def channel_name(channel: str) -> str:
    """One of a plug-in is called as it calls itself."""
    of_plugin = reaching.installed().get(channel)
    return str(CHANNELS.get(channel) or (of_plugin.title if of_plugin else channel))


def occasion(kind: str) -> str:
    return str(OCCASIONS.get(kind, ""))
