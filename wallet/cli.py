"""The command `wallet`: what an operator, or a person with a wallet of their own, does in a terminal."""

import sys

import click
from sqlalchemy.exc import DBAPIError

from consent.errors import ConsentError
from keys.errors import KeysError
from vendor_api.errors import VendorApiError
from wallet.commands import keys, ledger, people, serving, vendors
from wallet.database import reason
from wallet.errors import SetupError, WalletError

SPEAKING = (SetupError, WalletError, VendorApiError, ConsentError, KeysError)


class Wallet(click.Group):
    """Errors on stderr, in one sentence: 2 for wrong usage, 1 for failure."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SPEAKING as error:
            raise click.ClickException(str(error)) from error
        except UnicodeError as error:
            raise click.ClickException("What was given is not text in UTF-8.") from error
        except DBAPIError as error:
            raise click.ClickException(f"The database failed, and nothing was changed: {reason(error)}.") from error


@click.group(cls=Wallet, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hausrecht")
def main() -> None:
    """Hausrecht: your data stays in your house, and vendors read what you allow.

    \b
    Example: wallet serve
    """


@main.group()
def person() -> None:
    """People who have their wallet on this host.

    \b
    Example: wallet person list
    """


@main.group()
def vendor() -> None:
    """Vendors that may ask the people on this host.

    \b
    Example: wallet vendor list
    """


@main.group(name="keys")
def signing() -> None:
    """The host's own signing keys.

    \b
    Example: wallet keys list
    """


for command in people.COMMANDS:
    person.add_command(command)
for command in vendors.COMMANDS:
    vendor.add_command(command)
for command in keys.COMMANDS:
    signing.add_command(command)
main.add_command(ledger.ledger)
main.add_command(serving.serve)
main.add_command(serving.demo)

if __name__ == "__main__":
    sys.exit(main())
