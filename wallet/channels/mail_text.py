"""A message as a mail: plain text and attachments, nothing that a program would fetch or run."""

import hashlib
import re
from datetime import UTC, datetime
from email.headerregistry import Address as MailAddress
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any, Final

from wallet.channels.model import Parcel
from wallet.channels.speaking import speaks

UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+")
SIGNATURE: Final = re.compile(r"^--[^\S\n]*$", re.MULTILINE)
LONGEST_LINE: Final = 200
LONGEST_NAME: Final = 100
LINK: Final = "List-Unsubscribe"


class Unbroken(UnstructuredHeader):
    """One line, however long: encoded words (RFC 2047 section 5) are no part of an address in angle brackets."""

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{LINK}: {self}{policy.linesep}"


HEADERS: Final = HeaderRegistry()
HEADERS.map_to_type(LINK, Unbroken)  # type: ignore[arg-type] # a mixin, as all that are mapped
POLICY: Final = SMTP.clone(header_factory=HEADERS)


def mail(parcel: Parcel, *, sender: str, domain: str, to: str) -> bytes:
    """RFC 5322, in lines that end in CRLF; the same delivery has the same Message-ID at every try."""
    written = EmailMessage(policy=POLICY)
    written["From"] = MailAddress(one_line(f"{parcel.vendor_name} ({parcel.vendor_host})"), addr_spec=sender)
    written["To"] = MailAddress(addr_spec=to)
    if parcel.reply_to:
        written["Reply-To"] = MailAddress(one_line(parcel.vendor_name), addr_spec=parcel.reply_to)
    written["Subject"] = one_line(parcel.subject or parcel.topic_name)
    written["Date"] = format_datetime(datetime.fromtimestamp(parcel.written_at, UTC))
    written["Message-ID"] = f"<{parcel.delivery_id}@{domain}>"
    written["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
    written["List-Id"] = f"<{list_name(parcel)}.{domain}>"
    if parcel.withdraw_link.startswith("https://"):
        written[LINK] = f"<{parcel.withdraw_link}>"
        written["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    written.set_content(body(parcel), cte="quoted-printable")
    for attachment in parcel.attachments:
        maintype, _slash, subtype = attachment.media_type.partition("/")
        name = one_line(attachment.name)[:LONGEST_NAME].replace("/", "_").replace("\\", "_")
        params = {"charset": "utf-8"} if maintype == "text" and is_utf8(attachment.content) else {}
        params |= {"method": attachment.method} if attachment.method else {}
        written.add_attachment(attachment.content, maintype, subtype, filename=name or "file", params=params)
    return written.as_bytes()


def is_utf8(content: bytes) -> bool:
    """Without a charset it would be ASCII (RFC 2045 section 5.2)."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def body(parcel: Parcel) -> str:
    """What the vendor wrote, then what the wallet says, below a line that the vendor can not write."""
    _ = speaks(parcel.language)
    written = "\n".join(parcel.text.splitlines()).rstrip()
    lines = [SIGNATURE.sub("\N{EM DASH}", written), "", "-- "]
    if parcel.is_own:
        return "\n".join([*lines, parcel.thread_link]) + "\n"
    lines.append(_("%(vendor)s wrote this about: %(topic)s", vendor=said(parcel), topic=one_line(parcel.topic_name)))
    lines.append(_("Read and answer it in your wallet: %(link)s", link=parcel.thread_link))
    if parcel.reply_to:
        lines.append(_("Or simply answer this mail."))
    if parcel.withdraw_link:
        lines.append(_("No more messages about this: %(link)s", link=parcel.withdraw_link))
    return "\n".join(lines) + "\n"


def said(parcel: Parcel) -> str:
    return one_line(f"{parcel.vendor_name} ({parcel.vendor_host})")


def one_line(text: str) -> str:
    """Without anything that would begin another header, or turn the reading direction."""
    return UNSEEN.sub(" ", text).strip()[:LONGEST_LINE]


def list_name(parcel: Parcel) -> str:
    """RFC 2919: the same for one vendor and topic, and a name of nobody."""
    named = f"{parcel.vendor_host}\n{parcel.topic_name}".encode()
    return hashlib.sha256(named).hexdigest()[:20]
