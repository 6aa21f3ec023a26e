"""Ana's mailbox: a real mail server on this machine, and what came in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """`arrived` is the newest last."""

    url: str = ""
    arrived: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.arrived.append(message_from_bytes(envelope.content, _class=EmailMessage, policy=default))
        return "250 taken"


@contextmanager
def mail_server(host: str, port: int) -> Iterator[Mailbox]:
    """Running until the block ends."""
    mailbox = Mailbox(f"smtp://{host}:{port}")
    controller = Controller(mailbox, hostname=host, port=port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""
