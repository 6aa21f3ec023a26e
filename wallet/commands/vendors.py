"""wallet vendor: register vendors, list and remove them, let them register themselves."""

import json
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO

import click
import orjson
from sqlalchemy import Connection

from consent import given_caps
from vendor_api.errors import VendorApiError
from vendor_api.events import health
from vendor_api.oauth.registration import add_by_operator, mint_initial_token
from vendor_api.vendors import registry, sector
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.response_types import offered
from wallet.commands.staff import staff
from wallet.opening import open_here


@click.group()
def vendor() -> None:
    """Vendors that may ask the people on this host.

    \b
    Example: wallet vendor list
    """


vendor.add_command(staff)


@vendor.command(name="add")
@click.argument("file", type=click.File("rb"))
def add(file: IO[bytes]) -> None:
    """Register vendors from client metadata (RFC 7591): one object or an array, `-` for standard input.

    A given client_id and client_secret are kept. Prints what was registered as JSON.

    \b
    Example: wallet vendor add shop.json
    """
    try:
        given = orjson.loads(file.read())
    except ValueError as error:
        raise click.ClickException(f"This is not JSON: {error}.") from error
    entries = given if isinstance(given, list) else [given]
    house = open_here()
    types = offered(front_channel=house.settings.front_channel_tokens == "on")

    for number, entry in enumerate(entries, start=1):
        with naming(number, entries):
            sector.confirm(house.outbound, checked(entry, offered=types), now=house.clock())

    def work(db: Connection) -> list[dict[str, object]]:
        done = []
        for number, entry in enumerate(entries, start=1):
            with naming(number, entries):
                done.append(add_by_operator(db, house.secrets, entry, offered=types, now=house.clock()))
        return done

    registered = house.database.write(work)
    click.echo(json.dumps(registered if isinstance(given, list) else registered[0], indent=2))


@contextmanager
def naming(number: int, entries: Sized) -> Iterator[None]:
    """Say which of several vendors can not be registered, and why."""
    try:
        yield
    except VendorApiError as error:
        place = f"vendor {number}: " if len(entries) > 1 else ""
        raise click.ClickException(f"{place}{error}.") from error


@vendor.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="With the whole metadata, as a JSON array.")
def list_vendors(as_json: bool) -> None:
    """List vendors: client_id and name, one a line.

    \b
    Example: wallet vendor list
    """
    found = open_here().database.read(registry.everyone)
    if as_json:
        everything = [
            {**vendor.metadata, "client_id": vendor.client_id, "client_id_issued_at": vendor.created_at}
            for vendor in found
        ]
        click.echo(json.dumps(everything, indent=2))
        return
    for vendor in found:
        click.echo(f"{vendor.client_id}\t{vendor.text('client_name', 'en') or ''}")


@vendor.command(name="health")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, times in epoch seconds.")
def show_health(as_json: bool) -> None:
    """How vendors that listen to events take them: status, how many wait and since when, last confirmed, last error.

    \b
    Example: wallet vendor health
    """
    found = open_here().database.read(health.of_all)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
        return
    for one in found:
        waits = f"{one.waiting} waiting" + (f" since {written(one.since)}" if one.since is not None else "")
        confirmed = f"last confirmed {written(one.last_confirmed)}" if one.last_confirmed else "never confirmed any"
        click.echo("\t".join([one.client_id, one.status, waits, confirmed, one.last_error or ""]))


def written(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


@vendor.command(name="remove")
@click.argument("client_id")
def remove(client_id: str) -> None:
    """Remove a vendor. Its codes and tokens end at once; people's ledgers keep what happened.

    \b
    Example: wallet vendor remove shop
    """
    if not open_here().database.write(registry.remove, client_id):
        raise click.ClickException(f"There is no vendor {client_id!r}; `wallet vendor list` shows them.")
    click.echo(f"Removed {client_id}.")


@vendor.command(name="caps")
@click.argument("client_id")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--none", "take_away", is_flag=True, help="Take this vendor's caps away.")
def caps(client_id: str, file: IO[bytes] | None, take_away: bool) -> None:
    """Show what a vendor may ask at most, or set it from a JSON file, `-` for standard input.

    One object for each kind of purpose (`purpose`, or "*" for all) and, if you like, kind of data (`data`). The most
    specific row counts; beside them, the caps of every host and of each person do.

    \b
    Example: wallet vendor caps shop shop-caps.json
    """
    house = open_here()
    if file is not None or take_away:
        try:
            given = None if take_away or file is None else orjson.loads(file.read())
        except ValueError as error:
            raise click.ClickException(f"This is not JSON: {error}.") from error
        house.database.write(registry.cap, client_id, given)
    found = house.database.read(registry.find, client_id)
    if found is None:
        raise click.ClickException(f"There is no vendor {client_id!r}; `wallet vendor list` shows them.")
    click.echo(json.dumps([given_caps.as_given(row) for row in found.caps], indent=2))


@vendor.command(name="invite")
def invite() -> None:
    """Print an initial access token: whoever has it may register vendors for a week (WALLET_REGISTRATION=token).

    \b
    Example: wallet vendor invite
    """
    house = open_here()
    click.echo(mint_initial_token(house.secrets, now=house.clock()))
