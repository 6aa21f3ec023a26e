"""wallet backup and wallet restore: copies of the whole house, and the way back."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from vendor_api.outbound.addresses import NONE
from wallet.backup import folder as shelf
from wallet.backup.checking import LISTED
from wallet.backup.making import make, warning
from wallet.backup.restoring import restore as bring_back
from wallet.house import House
from wallet.opening import open_here
from wallet.settings import load_settings


@click.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Into this folder instead of WALLET_BACKUP_FOLDER."
)
@click.option("--list", "only_list", is_flag=True, help="Make none; list those that are there, newest first.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as a JSON array.")
def backup(folder: Path | None, only_list: bool, as_json: bool) -> None:
    """Make a backup of the whole house while it runs, and try to open it.

    The master key is never in it: keep that in another place, for without it no backup opens.

    \b
    Example: wallet backup --to /mnt/backups/wallet
    """
    house = open_here()
    place = wanted(house, folder)
    if only_list:
        show(house, place, as_json=as_json)
        return
    told = warning(house, place)
    if told:
        click.echo(f"Warning: {told}", err=True)
    made = make(house, place)
    said = made.generation.manifest
    how = (
        "its list of contents was read"
        if said.checked == LISTED
        else "restored for a try, rows counted, a sample unsealed"
    )
    click.echo(f"Made {made.generation.path} ({said.size} bytes; {how}).")
    for path in made.gone:
        click.echo(f"Removed {path}, older than the {house.settings.backup_keep} newest.")
    if str(place.absolute()) != house.settings.backup_folder:
        click.echo(
            "This is not WALLET_BACKUP_FOLDER: what people erase stays in this keyring until the next backup here."
        )
    click.echo(
        f"The master key is not in it. Keep a copy of {house.settings.master_key_file} "
        f"(key {', '.join(said.master_keys)}) in another place: without it this backup can not be opened."
    )


def wanted(house: House, folder: Path | None) -> Path:
    """Raises UsageError."""
    if folder is not None:
        return folder.absolute()
    if house.settings.backup_folder == NONE:
        raise click.UsageError("Say where with --to FOLDER, or set WALLET_BACKUP_FOLDER.")
    return Path(house.settings.backup_folder)


def show(house: House, folder: Path, *, as_json: bool) -> None:
    found = shelf.generations(folder, house.secrets)
    if as_json:
        rows = [
            {"path": str(each.path), **{name: getattr(each.manifest, name) for name in ("made_at", "size", "checked")}}
            for each in found
        ]
        click.echo(json.dumps(rows))
        return
    for each in found:
        at = datetime.fromtimestamp(each.manifest.made_at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        click.echo(f"{at}\t{each.manifest.size}\t{each.manifest.checked}\t{each.path}")


@click.command()
@click.argument("backup", type=click.Path(path_type=Path))
@click.option("--home", type=click.Path(path_type=Path), help="Into this home instead of WALLET_HOME.")
@click.option(
    "--master-key",
    "master_file",
    type=click.Path(path_type=Path),
    help="The file with the master key.  [default: where it belongs]",
)
@click.option(
    "--keyring", "keys", type=click.Path(path_type=Path), help="The keyring.  [default: the one beside the backup]"
)
def restore(backup: Path, home: Path | None, master_file: Path | None, keys: Path | None) -> None:
    """Make a wallet of a backup, in an empty home or an empty PostgreSQL database.

    BACKUP is one of those that `wallet backup --list` names.

    \b
    Example: wallet restore /mnt/backups/wallet/2027-01-15T03-00-00Z --master-key /media/key/master.key
    """
    began = time.monotonic()
    settings = load_settings({**os.environ, **({"WALLET_HOME": str(home)} if home else {})})
    place = backup.absolute() if backup.is_dir() else backup.absolute().parent
    restored = bring_back(settings, place, master_file=master_file, keys=keys)
    at = datetime.fromtimestamp(restored.manifest.made_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    click.echo(
        f"Restored {restored.settled.people} people as they were on {at}, in {time.monotonic() - began:.1f} seconds; "
        f"{restored.settled.erased} rows that were erased since were left out."
    )
    click.echo("Everybody signs in anew, and reads in their ledger that what came after that may be missing.")
