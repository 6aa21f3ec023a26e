"""Listen for mail that the operator's mail server hands on (LMTP, RFC 2033), or take one from a pipe."""

import asyncio
import logging
from functools import partial
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP

from vendor_api.outbound.addresses import NONE
from wallet.dispatch import mail_in
from wallet.dispatch.mail_reading import LARGEST, Refused
from wallet.house import House

SECONDS: Final = 60
NOBODY: Final = (None, "", "<>")  # as senders of bounces and other answers of machines

log = logging.getLogger(__name__)


class Handler:
    """One recipient a mail, so that what is refused is refused to the right one; servers then send it again."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        answer = await in_thread(partial(mail_in.check_recipient, self.house, address))
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 go on"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if envelope.mail_from in NOBODY:
            return "550 5.7.1 mails written by machines are not taken here"
        content, to = bytes(envelope.content), envelope.rcpt_tos[0]
        return await in_thread(partial(mail_in.receive, self.house, content, to=to)) or "250 2.0.0 taken"


async def in_thread(work: Any) -> str | None:
    """The refusal, if it is one. What fails on our side is tried again by the other."""
    try:
        await asyncio.get_running_loop().run_in_executor(None, work)
    except Refused as error:
        return f"550 5.7.1 {error}"
    except Exception:
        log.exception("unhandled, while taking a mail")
        return "451 4.3.0 something went wrong on our side"
    return None


class Listening(Controller):
    def factory(self) -> LMTP:
        name = self.handler.house.settings.mail_domain
        return LMTP(self.handler, hostname=name, data_size_limit=LARGEST, enable_SMTPUTF8=False, timeout=SECONDS)


def listen(house: House) -> Listening | None:
    """Begin, if the operator wants it. Where several processes serve, the first one listens for all."""
    if house.settings.mail_listen == NONE:
        return None
    host, _colon, port = house.settings.mail_listen.rpartition(":")
    controller = Listening(Handler(house), hostname=host.strip("[]"), port=int(port))
    try:
        controller.start()
    except OSError as error:
        log.warning("not listening for mail here: %s", error.strerror)
        return None
    return controller
