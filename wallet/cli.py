"""The command `wallet`: what an operator, or a person with a wallet of their own, does in a terminal."""

import sys
from importlib import import_module
from keyword import iskeyword

import click
from sqlalchemy.exc import DBAPIError

from consent.errors import ConsentError
from keys.errors import KeysError
from vendor_api.errors import VendorApiError
from wallet.errors import SetupError, WalletError

SPEAKING = (SetupError, WalletError, VendorApiError, ConsentError, KeysError)


# Each command is imported when it is wanted, so that none waits for what the others need.
PLACES = {
    "backup": "wallet.commands.backup",
    "demo": "wallet.commands.serving",
    "dispute": "wallet.commands.dispute",
    "export": "wallet.commands.vault",
    "import": "wallet.commands.vault",
    "keys": "wallet.commands.keys",
    "ledger": "wallet.commands.ledger",
    "letters": "wallet.commands.letters",
    "mail": "wallet.commands.mail",
    "person": "wallet.commands.people",
    "records": "wallet.commands.records",
    "restore": "wallet.commands.backup",
    "serve": "wallet.commands.serving",
    "vendor": "wallet.commands.vendors",
}


class Wallet(click.Group):
    """Errors on stderr, in one sentence: 2 for wrong usage, 1 for failure."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in PLACES:
            return None
        found: click.Command = getattr(import_module(PLACES[cmd_name]), cmd_name + "_" * iskeyword(cmd_name))
        return found

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SPEAKING as error:
            raise click.ClickException(str(error)) from error
        except UnicodeError as error:
            raise click.ClickException("What was given is not text in UTF-8.") from error
        except DBAPIError as error:
            from wallet.database import reason

            raise click.ClickException(f"The database failed, and nothing was changed: {reason(error)}.") from error


@click.group(cls=Wallet, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hausrecht")
def main() -> None:
    """Hausrecht: your data stays in your house, and vendors read what you allow.

    \b
    Example: wallet serve
    """


if __name__ == "__main__":
    sys.exit(main())
