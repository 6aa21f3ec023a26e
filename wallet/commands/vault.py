"""wallet export and wallet import: everything of one person in one file, and back."""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import click
from flask_babel import force_locale, get_locale

from wallet.app import create_app
from wallet.commands.people import LONGEST_PASSWORD_LINE, known
from wallet.house import House
from wallet.opening import open_here
from wallet.people.model import Person
from wallet.vault import envelope, file, reading
from wallet.vault.readable import Readable
from wallet.vault.readable import write as write_readable
from wallet.vault.restore import restore

IN_THE_CLEAR = (
    "Without a passphrase the file holds everything in the clear: every value, and the keys by which {login} is known "
    "to vendors. Whoever gets hold of it can be {login} to all of them. Go on?"
)


@click.command()
@click.argument("login")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from the first line of standard input.")
@click.option("--in-the-clear", is_flag=True, help="Without a passphrase, as an SQLite file that other programs open.")
@click.option("--readable", is_flag=True, help="As a ZIP to read and to print, with no keys in it.")
@click.option("--yes", is_flag=True, help="Do not ask whether that is meant.")
def export(login: str, path: Path, *, passphrase_stdin: bool, in_the_clear: bool, readable: bool, yes: bool) -> None:
    """Write everything of a person into one file (docs/vault.md).

    \b
    Example: wallet export ana ana.vault
    Example: wallet export ana ana.sqlite --in-the-clear
    Example: wallet export ana ana.zip --readable
    """
    if readable:
        export_readable(login, path)
        return
    if in_the_clear == (path.suffix == ".vault"):
        raise click.UsageError("Call the file something.vault, or something else where it is not sealed.")
    house = open_here()
    person = known(house, login)
    if in_the_clear:
        if not yes:
            click.confirm(IN_THE_CLEAR.format(login=person.login), abort=True, err=True)
        passphrase = None
    else:
        passphrase = ask_passphrase(passphrase_stdin, confirm=True)
        envelope.check_passphrase(passphrase)
    make(path)
    try:
        done = write(house, person, path, passphrase)
    except BaseException:
        path.unlink()
        raise
    click.echo(f"Wrote {done.rows} rows of {person.login} to {path}, content hash {done.content_hash}.")


def export_readable(login: str, path: Path) -> None:
    if path.suffix != ".zip":
        raise click.UsageError("Call the file something.zip.")
    house = open_here()
    person = known(house, login)
    make(path)
    try:
        with create_app(house).test_request_context(), force_locale(person.language or house.settings.language):
            whose = Readable(person.person_id, person.login, str(get_locale()), house.settings.issuer)
            with path.open("r+b") as out:
                house.database.read(write_readable, house.secrets, out, whose, now=house.clock())
    except BaseException:
        path.unlink()
        raise
    click.echo(f"Wrote what {person.login} has to {path}. It is all in the clear, and holds no keys.")


def ask_passphrase(from_stdin: bool, *, confirm: bool) -> str:
    if from_stdin:
        return sys.stdin.buffer.readline(LONGEST_PASSWORD_LINE).decode().rstrip("\r\n")
    found: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    return found


def make(path: Path) -> None:
    """An empty file that nobody else may read, in the place of none. Raises ClickException."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        raise click.ClickException(f"{path} is there already; choose another name.") from None
    except OSError as error:
        raise click.ClickException(f"{path} can not be written: {error.strerror}.") from None


def write(house: House, person: Person, path: Path, passphrase: str | None) -> file.Exported:
    """Straight into the file where it is in the clear, else sealed out of memory."""
    who = {"person_id": person.person_id, "issuer": house.settings.issuer}
    with closing(sqlite3.connect(path if passphrase is None else ":memory:")) as into:
        done = house.database.read(file.export, house.secrets, into, **who, now=house.clock())
        if passphrase is not None:
            with path.open("r+b") as out:
                out.writelines(envelope.sealed(into.serialize(), passphrase))
    return done


@click.command(name="import")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--login", help="Live here under another login than before.")
@click.option(
    "--with-vendors",
    is_flag=True,
    help="Register vendors in it that nobody here knows; else only if nobody lives here.",
)
@click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from the first line of standard input.")
def import_(path: Path, login: str | None, with_vendors: bool, passphrase_stdin: bool) -> None:
    """Take in a person with everything `wallet export` wrote (docs/vault.md).

    \b
    Example: wallet import ana.vault
    """
    house = open_here()
    with reading.opened(path, lambda: ask_passphrase(passphrase_stdin, confirm=False)) as vault:
        done = restore(house, vault, login=login, with_vendors=with_vendors)
    click.echo(f"{done.login} lives here now, content hash {done.content_hash}.")
    if done.moved:
        click.echo(f"Their vendors are told that the address is {house.settings.issuer} now.")
    if done.unknown_vendors:
        click.echo(
            f"These vendors are not known here; add them with `wallet vendor add`: {', '.join(done.unknown_vendors)}."
        )
