"""By e-mail, through the operator's mail server."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from vendor_api.outbound.addresses import NONE
from wallet.channels import smtp
from wallet.channels.calendar import with_appointment
from wallet.channels.errors import BadAddress
from wallet.channels.mail_text import mail
from wallet.channels.model import Address, Means, Need, Parcel
from wallet.data import addresses
from wallet.data.errors import BadValue
from wallet.settings import Settings


class Email:
    kind = "email"
    title = _("E-mail")
    needs = (Need("email", _("E-mail address"), "email", "email"),)
    proves = True
    several = False

    def is_ready(self, settings: Settings) -> bool:
        return NONE not in (settings.smtp_url, settings.mail_from)

    def check_address(self, typed: Mapping[str, str]) -> Address:
        try:
            return {"email": addresses.email(typed.get("email", ""))}
        except BadValue as error:
            raise BadAddress(error.args[0]) from None

    def shown(self, address: Address) -> str:
        return address["email"]

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """Raises NotNow, NeverHere or PerhapsArrived."""
        sender, to = means.settings.mail_from, address["email"]
        domain = sender.rpartition("@")[2]
        content = mail(with_appointment(parcel), sender=sender, domain=domain, to=to)
        smtp.hand_in(content, sender=sender, to=to, settings=means.settings, handing_over=means.handing_over)


CHANNEL = Email()
