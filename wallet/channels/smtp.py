"""Hand a mail to the operator's mail server: all of it, then the one dot after which it counts as sent."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote, urlsplit

from vendor_api.outbound.addresses import NONE
from vendor_api.uris import is_loopback_host
from wallet.channels.model import NeverHere, NotNow, PerhapsArrived
from wallet.settings import Settings

SECONDS: Final = 15.0
DOT: Final = re.compile(rb"(?m)^\.")


def hand_in(content: bytes, *, sender: str, to: str, settings: Settings, handing_over: Callable[[], None]) -> None:
    """RFC 5321 sections 3.3 and 4.2: `content` has lines that end in CRLF. Raises NotNow, NeverHere, PerhapsArrived."""
    with connected(settings) as server:
        expect(server.mail(sender), "the sender")
        expect(server.rcpt(to), "the address")
        expect(server.docmd("DATA"), "the mail", accepted=354)
        server.send(DOT.sub(b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n"))
        handing_over()
        try:
            server.send(b".\r\n")
            answer = server.getreply()
        except (OSError, smtplib.SMTPException):
            raise PerhapsArrived("the mail server did not say whether it has it") from None
        expect(answer, "the mail")


def expect(answer: tuple[int, bytes], what: str, *, accepted: int = 250) -> None:
    """Of what a server says only the number is kept: the rest may repeat the address."""
    code = answer[0]
    if code == accepted or (accepted == 250 and code == 251):
        return
    if 500 <= code < 600:
        raise NeverHere(f"the mail server refuses {what} ({code})")
    raise NotNow(f"the mail server does not take {what} at present ({code})")


@contextmanager
def connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """Signed in and encrypted; in the clear only to this very machine. Raises NotNow."""
    if settings.smtp_url == NONE:
        raise NotNow("no mail server is set up")
    try:
        server = greeted(settings)
    except (OSError, smtplib.SMTPException):  # ssl.SSLError is an OSError
        raise NotNow("the mail server can not be reached") from None
    try:
        yield server
    except (OSError, smtplib.SMTPException):
        raise NotNow("the mail server broke off") from None
    finally:
        bid_farewell(server)


def greeted(settings: Settings) -> smtplib.SMTP:
    parts = urlsplit(settings.smtp_url)
    host, implicit = str(parts.hostname), parts.scheme == "smtps"
    own_name = urlsplit(settings.issuer).hostname
    if implicit:
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, own_name, timeout=SECONDS, context=trust(settings)
        )
    else:
        server = smtplib.SMTP(host, parts.port or 587, own_name, timeout=SECONDS)
    try:
        server.ehlo()
        if not implicit and (server.has_extn("starttls") or not is_loopback_host(host)):
            server.starttls(context=trust(settings))  # raises where the server has none
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def trust(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.outbound_ca_file != NONE:
        context.load_verify_locations(settings.outbound_ca_file)
    return context


def bid_farewell(server: smtplib.SMTP) -> None:
    """Closed, not quit: whoever stopped in the middle of a mail must not end it."""
    server.close()
