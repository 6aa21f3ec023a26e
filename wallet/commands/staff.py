"""wallet vendor staff: let the first of a vendor's staff into its console."""

import sys

import click
from sqlalchemy import Connection

from keys.passwords import SHORTEST_PASSWORD, hashed
from vendor_api.console import invitations
from vendor_api.console import staff as engine
from vendor_api.console.errors import ConsoleError
from vendor_api.console.model import Member
from vendor_api.console.roles import ADMIN, ROLES
from vendor_api.vendors import registry
from wallet.opening import open_here

LONGEST_LINE = 4096


@click.group()
def staff() -> None:
    """Who may sign in to the console for a vendor.

    \b
    Example: wallet vendor staff list shop
    """


def check_vendor(db: Connection, client_id: str) -> None:
    if registry.find(db, client_id) is None:
        raise click.ClickException(f"There is no vendor {client_id!r}; `wallet vendor list` shows them.")


@staff.command(name="add")
@click.argument("client_id")
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), default=ADMIN, show_default=True)
@click.option("--name", default="", help="As colleagues see it; else the login.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def add(client_id: str, login: str, role: str, name: str, password_stdin: bool) -> None:
    """Let somebody in, and print a link that lets them choose how they sign in, once, within seven days.

    \b
    Example: wallet vendor staff add shop kim@shop.example --role admin
    """
    password_hash = hashed(typed()) if password_stdin else None
    house = open_here()

    def work(db: Connection) -> tuple[Member, str | None]:
        check_vendor(db, client_id)
        who = {"client_id": client_id, "login": login, "name": name, "role": role}
        made = engine.add(db, house.secrets, **who, password_hash=password_hash, now=house.clock())
        return made, None if password_hash else invitations.invite(db, made, now=house.clock())

    try:
        made, invitation = house.database.write(work)
    except ConsoleError as error:
        raise click.ClickException(str(error)) from error
    if invitation is None:
        click.echo(f"Added {made.login}. They sign in at {house.settings.issuer}/console")
    else:
        click.echo(f"{house.settings.issuer}{invitations.PATH}/{invitation}")


def typed() -> str:
    password = sys.stdin.buffer.readline(LONGEST_LINE).decode().rstrip("\r\n")
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"A password has at least {SHORTEST_PASSWORD} characters; a short sentence is good.")
    return password


@staff.command(name="list")
@click.argument("client_id")
def list_staff(client_id: str) -> None:
    """List who may sign in for a vendor: login, role and name, one a line.

    \b
    Example: wallet vendor staff list shop
    """
    house = open_here()
    house.database.read(check_vendor, client_id)
    for one in house.database.read(engine.everyone, house.secrets, client_id=client_id):
        click.echo("\t".join([one.login, one.role, one.name]))
