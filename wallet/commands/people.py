"""wallet person: add people, set their attributes, list them, invite them, erase them."""

import json
import sys
from typing import Any

import click
from sqlalchemy import Connection

from keys.errors import UnknownKey
from wallet.data.engine import set_value
from wallet.data.model import Origin
from wallet.erasing import erasures
from wallet.errors import WalletError
from wallet.house import House
from wallet.opening import open_here
from wallet.people import engine
from wallet.people.invitations import invite as make_invitation
from wallet.people.model import Person
from wallet.people.passwords import hash_password

LONGEST_PASSWORD_LINE = 4096


@click.group()
def person() -> None:
    """People who have their wallet on this host.

    \b
    Example: wallet person list
    """


@person.command(name="add")
@click.argument("login")
@click.option("--name", help="Their full name, kept as the attribute `name`.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def add(login: str, name: str | None, password_stdin: bool) -> None:
    """Add a person.

    \b
    Example: echo "a long secret sentence" | wallet person add ana --name "Ana Müller" --password-stdin
    """
    if password_stdin:
        password = sys.stdin.buffer.readline(LONGEST_PASSWORD_LINE).decode().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    house = open_here()
    password_hash = hash_password(password)

    def work(db: Connection) -> Person:
        now = house.clock()
        person = engine.sign_up(db, house.secrets, login=login, password_hash=password_hash, language=None, now=now)
        if name:
            ids: dict[str, Any] = {"person_id": person.person_id, "persona_id": person.persona_id}
            set_value(
                db,
                house.secrets,
                **ids,
                attribute="name",
                value=name,
                expected_version=None,
                origin=Origin("command"),
                now=now,
            )
        return person

    click.echo(f"Added {house.database.write(work).login}.")


@person.command(name="set")
@click.argument("login")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE...")
def set_values(login: str, values: tuple[str, ...]) -> None:
    """Set attributes of a person's default persona; all of them or none.

    \b
    Example: wallet person set ana email=ana@example.org address.locality=Berlin
    """
    pairs = [value.partition("=") for value in values]
    if not all(name and equals for name, equals, _ in pairs):
        raise click.UsageError("Write each value as NAME=VALUE, for example email=ana@example.org.")
    house = open_here()
    person = known(house, login)

    def work(db: Connection) -> None:
        for name, _, value in pairs:
            try:
                set_value(
                    db,
                    house.secrets,
                    person_id=person.person_id,
                    persona_id=person.persona_id,
                    attribute=name,
                    value=value,
                    expected_version=None,
                    origin=Origin("command"),
                    now=house.clock(),
                )
            except WalletError as error:
                raise click.ClickException(f"{name}: {error}") from error

    house.database.write(work)
    click.echo(f"Set {', '.join(name for name, _, _ in pairs)}.")


@person.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
def list_people(as_json: bool) -> None:
    """List logins, one a line.

    \b
    Example: wallet person list
    """
    house = open_here()
    people = house.database.read(engine.list_people, house.secrets)
    if as_json:
        click.echo(json.dumps([{"login": person.login, "created_at": person.created_at} for person in people]))
        return
    for person in people:
        click.echo(person.login)


@person.command(name="invite")
def invite() -> None:
    """Print a link with which one person can sign up.

    \b
    Example: wallet person invite
    """
    house = open_here()
    token = house.database.write(make_invitation, now=house.clock())
    click.echo(f"{house.settings.issuer}/sign-up?invitation={token}")


@person.command(name="erase")
@click.argument("login")
@click.option("--keep-account", is_flag=True, help="Erase all data, and keep the account with its proof.")
@click.option("--yes", is_flag=True, help="Do not ask for the login once more.")
def erase(login: str, keep_account: bool, yes: bool) -> None:
    """Erase a person for good, also from backups; vendors are told.

    \b
    Example: wallet person erase ana
    """
    house = open_here()
    person = known(house, login)
    if not yes and click.prompt("Type the login once more", err=True) != login:
        raise click.ClickException("That was another login. Nothing was erased.")
    what = erasures.DATA if keep_account else erasures.EVERYTHING
    house.database.write(erasures.begin, person_id=person.person_id, what=what, now=house.clock())
    erasures.go_on(house, person_id=person.person_id)
    click.echo(f"Erased all data of {person.login}." if keep_account else f"Erased {person.login}.")


def known(house: House, login: str) -> Person:
    """Raises ClickException for a login nobody has."""
    try:
        person = house.database.read(engine.find_person_by_login, house.secrets, login=login)
    except UnknownKey:
        person = None
    if person is None:
        raise click.ClickException(f"Nobody here has the login {login!r}; `wallet person list` shows who is there.")
    return person
