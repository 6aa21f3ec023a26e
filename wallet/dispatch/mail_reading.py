"""A mail from outside, taken apart: hostile until proved otherwise. Nothing in it is fetched, run or believed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any, Final

from vendor_api.texts import readable

LARGEST: Final = 512 * 1024
MOST_HEADERS: Final = 200
LONGEST_FIELD: Final = 8_000
LONGEST_PARSED: Final = 1_000  # of those whose grammar takes long
MOST_PARTS: Final = 20
DEEPEST: Final = 5
LONGEST_TEXT: Final = 10_000
FIELD: Final = re.compile(rb"^[!-~]+:(?:[^\n]*\n[ \t])*[^\n]*", re.MULTILINE)
PARSED: Final = re.compile(rb"^(?:from|content-[a-z-]+):(?:[^\n]*\n[ \t])*[^\n]*", re.MULTILINE | re.IGNORECASE)
MACHINES: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
SIGNATURES: Final = frozenset({"application/pkcs7-signature", "application/pgp-signature"})
# A letter of a header, or one with a backslash before it, or a quoted text: a comment knows no quotes (RFC 5322).
OUTSIDE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[^"\\]', re.DOTALL)
IN_COMMENT: Final = re.compile(r"\\.|[^\\]", re.DOTALL)
NESTS: Final = {"(": 1, ")": -1}
TAG: Final = re.compile(r"(<[^<>]*>)")
NAMED: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>")
HREF: Final = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
REFERENCE: Final = re.compile(r"<([A-Za-z0-9_-]{10,64})@")
# What mail programs write above what they quote: "On ... wrote:", "Am ... schrieb ...:"
QUOTED: Final = re.compile(r"\n[^\n]{0,200}(wrote|schrieb)[^\n]{0,200}:[ \t]*\n(>|\Z)|\n-{2,}[^\n]{0,60}\n(From|Von): ")


class Refused(Exception):
    """The mail is not taken; the sentence goes back to whoever sent it (RFC 5321: 550)."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """`sender` is who it says it is from, `vouched_for` whether the operator's mail server saw that proved."""

    sender: str = field(repr=False)
    vouched_for: bool
    message_id: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    references: tuple[str, ...]
    attachments: tuple[tuple[str, str, bytes], ...] = field(repr=False)

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


def read(content: bytes, *, authserv: str) -> Incoming:
    """`authserv` is the name under which the operator's server writes what it found out. Raises Refused."""
    if len(content) > LARGEST:
        raise Refused(f"the mail is larger than {LARGEST} bytes")
    check_head(content)
    try:
        mail = message_from_bytes(content, policy=default)
        return taken_apart(mail, authserv)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        raise Refused("the mail is malformed") from None


def check_head(content: bytes) -> None:
    """Before the parser works on it, which takes long for what is long. Raises Refused."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head = lines.partition(b"\n\n")[0]
    is_long = any(len(found) > LONGEST_FIELD for found in FIELD.findall(head))
    is_long |= any(len(found) > LONGEST_PARSED for found in PARSED.findall(lines))
    if head.count(b"\n") > MOST_HEADERS or b"\x00" in content or is_long:
        raise Refused("the mail is malformed")
    if content.lower().count(b"content-type:") > MOST_PARTS + 1:
        raise Refused("the mail has too many parts")


def taken_apart(mail: EmailMessage, authserv: str) -> Incoming:
    sender = sender_of(mail)
    check_human(mail)
    parts = parts_of(mail)
    references = REFERENCE.findall(f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}"[:4000])
    return Incoming(
        sender=sender,
        vouched_for=is_vouched_for(mail, authserv, sender.rpartition("@")[2]),
        message_id=str(mail.get("Message-ID", ""))[:500],
        subject=readable(str(mail.get("Subject", ""))).replace("\n", " ").strip()[:200],
        text=text_of(parts),
        references=tuple(references),
        attachments=tuple(attachment(part) for part in parts if is_attached(part)),
    )


def sender_of(mail: EmailMessage) -> str:
    """Raises Refused unless there is exactly one author (RFC 5322 section 3.6.2)."""
    found = mail.get_all("From", [])
    addresses: Sequence[Any] = found[0].addresses if len(found) == 1 else ()
    if len(addresses) != 1 or found[0].defects or not addresses[0].domain or not addresses[0].addr_spec.isascii():
        raise Refused("the mail must have one author in From")
    return str(addresses[0].addr_spec).lower()


def check_human(mail: EmailMessage) -> None:
    """RFC 3834: what a machine wrote is not answered, and does not come in, or two of them would never end."""
    automatic = str(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().lower() != "no"
    precedence = str(mail.get("Precedence", "")).strip().lower()
    if automatic or precedence in MACHINES or mail.get("List-Id") or mail.get("X-Loop"):
        raise Refused("mails written by machines are not taken here")


def is_vouched_for(mail: EmailMessage, authserv: str, domain: str) -> bool:
    """RFC 8601: only the topmost field counts, which the operator's own server put there, and only DMARC's pass.

    As it was written, for a sender's address may hold what a reader of headers would decode, and then take for more.
    """
    found = [str(value) for name, value in mail.raw_items() if name.lower() == "authentication-results"]
    named, *results = statements(found[0]) if found else [""]
    if named.split()[:1] != [authserv]:
        return False
    for result in results:
        words = result.lower().split()
        authors = [word for word in words if word.startswith("header.from=")]
        if words[:1] == ["dmarc=pass"] and authors == [f"header.from={domain}"]:
            return True
    return False


def statements(field: str) -> list[str]:
    """What stands between semicolons, without comments (which nest) and quoted texts; nothing where one has no end."""
    at, depth, found = 0, 0, [""]
    while at < len(field):
        match = (IN_COMMENT if depth else OUTSIDE).match(field, at)
        if match is None:
            return [""]
        letter, at, was = match.group(), match.end(), depth
        depth = max(0, depth + NESTS.get(letter, 0))
        if letter == ";" and not was:
            found.append("")
        elif not was and not depth:
            found[-1] += "_" if letter.startswith('"') else letter
    return [""] if depth else found


def parts_of(mail: EmailMessage) -> list[EmailMessage]:
    """The leaves. Raises Refused where there are too many, or too deep."""
    leaves: list[EmailMessage] = []
    waiting: list[tuple[EmailMessage, int]] = [(mail, 0)]
    while waiting:
        part, depth = waiting.pop(0)
        if depth > DEEPEST or len(leaves) + len(waiting) > MOST_PARTS:
            raise Refused("the mail has too many parts")
        if part.get_content_maintype() == "message":
            raise Refused("mails within mails are not taken here")
        if part.is_multipart():
            waiting.extend((one, depth + 1) for one in part.iter_parts() if isinstance(one, EmailMessage))
        else:
            leaves.append(part)
    return leaves


def is_attached(part: EmailMessage) -> bool:
    """A file, also where the program shows it in the text; but no picture of the text's, like a logo, and no seal."""
    if part.get_content_type() in SIGNATURES:
        return False
    if part.get_content_disposition() == "attachment":
        return True
    return bool(part.get_filename()) and not part.get("Content-ID")


def text_of(parts: list[EmailMessage]) -> str:
    """What was written, without what is quoted below it. Raises Refused where that is nothing, or too much."""
    shown = [part for part in parts if not is_attached(part)]
    plain = next((part for part in shown if part.get_content_type() == "text/plain"), None)
    html = next((part for part in shown if part.get_content_type() == "text/html"), None)
    if plain is not None:
        text = str(plain.get_content())
    elif html is not None:
        text = reduced(str(html.get_content()))
    else:
        raise Refused("the mail has no text")
    text = readable(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "\n" + text.split("\n-- \n")[0]
    found = QUOTED.search(text)
    text = (text[: found.start()] if found else text).strip()
    lines = text.split("\n")
    while lines and (lines[-1].startswith(">") or not lines[-1].strip()):
        lines.pop()
    text = "\n".join(lines).rstrip()
    if not text or len(text) > LONGEST_TEXT:
        raise Refused(f"the mail must have a text of at most {LONGEST_TEXT} characters")
    return text


class Reducing:
    """Keeps the text of a page and where its links lead, and nothing else; each letter is looked at once.

    html.parser looks again and again at what never ends: a mail of comments that are never closed keeps it for minutes.
    """

    UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript", "svg"})
    BREAKS: Final = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "blockquote"})

    def __init__(self) -> None:
        self.said: list[str] = []
        self.hidden, self.depth = "", 0
        self.leads_to = ""

    def tag(self, name: str, attributes: str, *, closes: bool) -> None:
        if self.hidden:
            self.depth += (name == self.hidden) * (-1 if closes else 1)
            self.hidden = self.hidden if self.depth else ""
        elif closes:
            if name == "a" and self.leads_to:
                self.said.append(f" <{self.leads_to}>")
                self.leads_to = ""
        elif name in self.UNSEEN and not attributes.endswith("/"):
            self.hidden, self.depth = name, 1
        elif name == "a":
            found = HREF.search(attributes)
            target = unescape(next(filter(None, found.groups()), "")) if found else ""
            self.leads_to = target if target.startswith(("https://", "http://")) else ""
        elif name in self.BREAKS:
            self.said.append("\n")

    def text(self, given: str) -> None:
        if not self.hidden:
            self.said.append(re.sub(r"\s+", " ", unescape(given)))


def reduced(html: str) -> str:
    reducing = Reducing()
    for part in TAG.split(without_comments(html)):
        found = NAMED.match(part)
        if found:
            reducing.tag(found[2].lower(), found[3], closes=found[1] == "/")
        elif not part.startswith("<!"):
            reducing.text(part)
    return re.sub(r"\n\s*\n+", "\n\n", "".join(reducing.said))


def without_comments(html: str) -> str:
    """One that has no end hides all that follows."""
    shown, at = [], 0
    while (begin := html.find("<!--", at)) >= 0:
        shown.append(html[at:begin])
        end = html.find("-->", begin)
        if end < 0:
            return "".join(shown)
        at = end + 3
    return "".join([*shown, html[at:]])


def attachment(part: EmailMessage) -> tuple[str, str, bytes]:
    """Its name in plain letters, what it says it is, and its bytes."""
    name = re.sub(r"[^\w .()+-]", "_", part.get_filename() or "file").strip(" .")[-100:]
    content = part.get_payload(decode=True)
    return name or "file", part.get_content_type(), content if isinstance(content, bytes) else b""
