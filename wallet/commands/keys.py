"""wallet keys: the host's signing keys, and its master key."""

import json
from dataclasses import asdict

import click

from keys.signing import list_keys, rotate
from wallet.backup.changing import change_master
from wallet.opening import open_here


@click.group()
def keys() -> None:
    """The host's own keys.

    \b
    Example: wallet keys list
    """


@keys.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
def list_signing_keys(as_json: bool) -> None:
    """List signing keys: algorithm, state and key id.

    \b
    Example: wallet keys list
    """
    found = open_here().database.read(list_keys)
    if as_json:
        click.echo(json.dumps([asdict(key) for key in found]))
        return
    for key in found:
        click.echo(f"{key.alg}\t{key.state}\t{key.kid}")


@keys.command(name="rotate")
def rotate_signing_keys() -> None:
    """Sign with the next keys from now on. The old ones stay published until everything they signed has expired.

    \b
    Example: wallet keys rotate
    """
    house = open_here()
    kids = house.database.write(rotate, house.secrets, now=house.clock())
    click.echo(f"{len(kids)} new keys sign from now on.")


@keys.command(name="change-master")
def change_master_key() -> None:
    """Make a new master key in place of the old one, which opens nothing from then on. Running servers go on.

    \b
    Example: wallet keys change-master
    """
    changed = change_master(open_here())
    click.echo(
        f"The master key {changed.after} in {changed.file} opens this wallet; {changed.before} no longer does. "
        "Copy the file now to where you keep such things, away from the backups: without it nothing can be opened."
    )
