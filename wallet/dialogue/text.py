"""What strangers wrote, made safe to look at: text alone, and links that say where they really lead.

Nothing of it is fetched, nothing is hidden in it, and nothing turns the reading direction of what stands around it.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

import idna
from markupsafe import Markup, escape

LONGEST_LINK: Final = 2_000
SHOWN_LINES: Final = 40
SHOWN_LETTERS: Final = 3_000
KEPT: Final = "\n\t\u200c\u200d"  # lines; and joiners, which many scripts and signs need
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
FILLERS: Final = "\u115f\u1160\u3164\uffa0\u2800"  # letters that look like nothing
LINK: Final = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)
BEHIND: Final = ".,;:!?)]}…“”’»"
HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class Text:
    """`rest` is what a long one has besides; it is there, but folded."""

    shown: Markup
    rest: Markup | None


def tame(text: str) -> str:
    """Without what can not be seen, or would turn what stands beside it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in text if is_seen(letter))


def is_seen(letter: str) -> bool:
    return letter in KEPT or (unicodedata.category(letter) not in UNSEEN and letter not in FILLERS)


def one_line(text: str) -> str:
    """For headings and names."""
    return " ".join(tame(text).split())


def as_text(text: str) -> Text:
    """A message as it is shown."""
    text = tame(text)
    lines = text.split("\n")
    if len(lines) <= SHOWN_LINES and len(text) <= SHOWN_LETTERS:
        return Text(linked(text), None)
    first = "\n".join(lines[:SHOWN_LINES])[:SHOWN_LETTERS]
    if len(first) == SHOWN_LETTERS:
        between = max(first.rfind(" "), first.rfind("\n"))
        first = first[:between] if between > SHOWN_LETTERS // 2 else first
    return Text(linked(first), linked(text[len(first) :].lstrip("\n ")))


def linked(text: str) -> Markup:
    """Addresses as links, each with the host it leads to; all else escaped."""
    parts, at = [], 0
    for match in LINK.finditer(text):
        address = match.group().rstrip(BEHIND)
        parts += [escape(text[at : match.start()]), link(address)]
        at = match.start() + len(address)
    return Markup("").join([*parts, escape(text[at:])])


def link(address: str) -> Markup:
    """A link only where it is plain where it leads; else the text alone."""
    host = host_of(address)
    if host is None:
        return escape(address)
    leads = Markup(' <span class="leads"><bdi>%s</bdi></span>') % f"→ {shown_host(host)}"
    if "@" in urlsplit(address).netloc or len(address) > LONGEST_LINK:
        return Markup("%s%s") % (address, leads)
    look = Markup('<a href="%s" rel="noopener noreferrer nofollow" target="_blank"><bdi>%s</bdi></a>%s')
    return look % (to(address, host), address, leads)


def to(address: str, host: str) -> str:
    """The address with its host as it is asked for in the network, so that no browser reads it in another way."""
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return SplitResult(parts.scheme, host + port, parts.path, parts.query, parts.fragment).geturl()


def host_of(address: str) -> str | None:
    """As it is asked for in the network (RFC 5890); None where there is none."""
    try:
        parts = urlsplit(address)
        named, _port = parts.hostname, parts.port
        if not named:
            return None
        if ":" in named:  # an IPv6 address
            return f"[{named}]"
        host = named if named.isascii() else idna.encode(named, uts46=True).decode()
    except ValueError:
        return None
    return host if HOST.fullmatch(host) else None


def shown_host(host: str) -> str:
    """A name in other letters stands beside the spelling that nobody can mistake."""
    if "xn--" not in host:
        return host
    try:
        return f"{idna.decode(host)} ({host})"
    except ValueError:
        return host
