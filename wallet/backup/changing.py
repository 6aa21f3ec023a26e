"""Change the master key while the house is lived in: only the root's seal is new, so nothing else has to be touched."""

from dataclasses import dataclass
from pathlib import Path

from keys.master import create_master_key, load_master_key, put_in_place
from keys.roots import key_id, open_root, shut_out_others, wrap_root
from vendor_api.outbound.addresses import NONE
from wallet.backup import keyring
from wallet.backup.folder import KEYRING
from wallet.errors import SetupError
from wallet.house import House


@dataclass(frozen=True, slots=True)
class Changed:
    """The ids of both keys, and where the new one is."""

    before: str
    after: str
    file: Path


def change_master(house: House) -> Changed:
    """Raises SetupError and keys.errors.KeysError.

    After each step the key in the file opens the house and the keyring of its backups, so it may break off anywhere.
    Whoever begins again goes on with the key that was made, or makes another; either way the others are shut out.
    """
    path = house.settings.master_key_file.resolve()
    coming = path.with_name(f"{path.name}.next")
    old = load_master_key(path)
    root = house.database.read(open_root, old)
    try:
        create_master_key(coming)
        new = load_master_key(coming)
        house.database.write(wrap_root, new, root, now=house.clock())
        renew_keyring(house)
        put_in_place(coming, path)
    except OSError as error:
        raise SetupError(
            f"The new master key can not be written beside {path} ({error.strerror}); the old one still counts."
        ) from error
    house.database.write(shut_out_others, new)
    renew_keyring(house)
    return Changed(key_id(old), key_id(new), path)


def renew_keyring(house: House) -> None:
    """Backups that are there open by the new key too. Raises BackupFailed."""
    folder = Path(house.settings.backup_folder)
    if house.settings.backup_folder != NONE and (folder / KEYRING).exists():
        keyring.write(house, folder)
