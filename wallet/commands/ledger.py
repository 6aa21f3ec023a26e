"""wallet ledger: read a person's ledger, and check that nobody changed it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TextIO

import click

from consent import ledger as book
from consent import stamps
from consent.errors import BadStamp, LedgerBroken
from consent.model import Line
from wallet.commands.people import known
from wallet.house import House
from wallet.opening import open_here
from wallet.people.personas import own_ledger_key


class ReadOrVerify(click.Group):
    """`wallet ledger LOGIN` reads; `wallet ledger verify LOGIN` checks."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["read", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=ReadOrVerify)
def ledger() -> None:
    """Read a person's ledger, or check its hash chain.

    \b
    Example: wallet ledger ana --json
    Example: wallet ledger verify ana
    """


@ledger.command(hidden=True)
@click.argument("login")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, with hashes.")
def read(login: str, as_json: bool) -> None:
    """Print every line, oldest first.

    \b
    Example: wallet ledger ana
    """
    house = open_here()
    found = house.database.read(book.lines, person_id=known(house, login).person_id)[::-1]
    if as_json:
        click.echo(json.dumps([asdict(line) for line in found], indent=2))
        return
    for line in found:
        click.echo(summary(line))


@ledger.command()
@click.argument("login")
@click.option("--stamp", "file", type=click.File(), help="A stamp that was kept elsewhere; - for standard input.")
def verify(login: str, file: TextIO | None) -> None:
    """Check the hash chain, and that it goes on from a stamp; ends with 1 and names the line where it breaks.

    \b
    Example: wallet ledger verify ana
    Example: wallet ledger verify ana --stamp ledger-2027-01-15.jwt
    """
    house = open_here()
    person = known(house, login)
    try:
        count = house.database.read(book.verify, house.secrets.ledger, person_id=person.person_id)
    except LedgerBroken as error:
        raise click.ClickException(f"The ledger of {login} is broken. {error}") from error
    said = f"The ledger of {login} holds: {count} lines, none changed, none missing."
    click.echo(f"{said} {compared(house, login, person.person_id, file)}" if file else said)


def compared(house: House, login: str, person_id: str, file: TextIO) -> str:
    """Raises ClickException where this is another ledger than the one that was stamped, or the file no stamp of it."""
    key = house.database.read(own_ledger_key, house.secrets, person_id=person_id)
    try:
        stamp = stamps.opened(file.read(stamps.LONGEST + 1).strip(), key, issuer=house.settings.issuer)
    except BadStamp as error:
        raise click.ClickException(f"This file is no stamp of the ledger of {login} here.") from error
    day = datetime.fromtimestamp(stamp.at, UTC).date()
    if not house.database.read(stamps.stands, stamp, person_id=person_id):
        raise click.ClickException(
            f"The ledger of {login} is not the one of {day}: line {stamp.last} is not what was stamped."
        )
    return f"It goes on from the stamp of {day}, line {stamp.last}."


def summary(line: Line) -> str:
    at = datetime.fromtimestamp(line.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    names = ", ".join(line.detail.get("attributes", ()))
    return f"{line.seq:>6}  {at}  {line.action:<9}  {line.detail.get('vendor') or line.client_id or ''}" + (
        f": {names}" if names else ""
    )
