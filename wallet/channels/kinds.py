"""The kinds of channel there are: ours and those of installed plug-ins, all found by entry point."""

import logging
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from wallet.channels.errors import UnknownChannel
from wallet.channels.model import Channel
from wallet.settings import Settings

GROUP: Final = "hausrecht.channels"
OURS: Final = "wallet.channels."
USUAL: Final = ("inbox", "email", "web_push", "sms", "phone", "video", "letter", "feed")
KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
MEMBERS: Final = ("title", "needs", "proves", "several", "is_ready", "check_address", "shown", "deliver")

log = logging.getLogger(__name__)


def find_kinds(found: Iterable[EntryPoint] | None = None) -> Mapping[str, Channel]:
    """By kind. What is broken is logged and left out; of two of one kind ours stays, else the first by name."""
    kinds: dict[str, Channel] = {}
    given = entry_points(group=GROUP) if found is None else found
    for point in sorted(set(given), key=lambda one: (not one.value.startswith(OURS), one.name, one.value)):
        channel = loaded(point)
        if channel is None:
            continue
        if channel.kind in kinds:
            log.warning("the channel %s (%s) is there already and was left out", point.name, point.value)
            continue
        kinds[channel.kind] = channel
    return kinds


def loaded(point: EntryPoint) -> Channel | None:
    try:
        channel: Channel = point.load()
        whole = all(hasattr(channel, name) for name in MEMBERS)
        if whole and KIND.fullmatch(channel.kind):
            return channel
        log.warning("the channel %s (%s) is no channel and was left out", point.name, point.value)
    except Exception:
        log.warning("the channel %s (%s) is broken and was left out", point.name, point.value, exc_info=True)
    return None


def ready(kinds: Mapping[str, Channel], settings: Settings) -> Mapping[str, Channel]:
    """Those that the operator has set up."""
    return {kind: channel for kind, channel in kinds.items() if is_ready(channel, settings)}


def is_ready(channel: Channel, settings: Settings) -> bool:
    try:
        return channel.is_ready(settings)
    except Exception:
        log.warning("the channel %s does not say whether it is ready", channel.kind, exc_info=True)
        return False


def kind_of(kinds: Mapping[str, Channel], kind: str) -> Channel:
    """Raises UnknownChannel."""
    if kind not in kinds:
        raise UnknownChannel
    return kinds[kind]


def in_order(kinds: Iterable[str]) -> list[str]:
    """Ours in the order of most use, then those of plug-ins."""
    return sorted(kinds, key=lambda kind: (USUAL.index(kind) if kind in USUAL else len(USUAL), kind))
