"""The master key file: made once, kept private, and never silently replaced."""

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keys.errors import MasterKeyDamaged, MasterKeyMissing, MasterKeyUnsafe
from keys.master import create_master_key, load_master_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "master.key"


def test_a_new_master_key_is_32_random_bytes_only_its_owner_can_read(path: Path) -> None:
    old = os.umask(0)
    try:
        create_master_key(path)
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == base64.b64encode(load_master_key(path)).decode() + "\n"
    assert len(load_master_key(path)) == 32


def test_two_houses_never_have_the_same_master_key(tmp_path: Path) -> None:
    create_master_key(tmp_path / "one")
    create_master_key(tmp_path / "two")

    assert load_master_key(tmp_path / "one") != load_master_key(tmp_path / "two")


def test_a_master_key_that_exists_is_never_replaced(path: Path) -> None:
    create_master_key(path)
    before = path.read_bytes()

    create_master_key(path)

    assert path.read_bytes() == before


def test_a_master_key_in_a_folder_where_nothing_may_be_written_is_fine(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object) -> None:
        raise PermissionError("read-only file system")

    create_master_key(path)
    monkeypatch.setattr("keys.master._write_draft", read_only)

    create_master_key(path)

    assert len(load_master_key(path)) == 32


def test_even_a_damaged_master_key_is_left_for_its_owner_to_look_at(path: Path) -> None:
    path.write_text("half a k")

    create_master_key(path)

    assert path.read_text() == "half a k"


def test_processes_that_start_at_once_all_get_the_one_key_and_leave_nothing_behind(path: Path) -> None:
    def start(_: int) -> bytes:
        create_master_key(path)
        return load_master_key(path)

    with ThreadPoolExecutor(16) as pool:
        seen = set(pool.map(start, range(64)))

    assert len(seen) == 1
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666])
def test_a_master_key_others_can_reach_is_refused_with_the_command_that_helps(path: Path, mode: int) -> None:
    create_master_key(path)
    path.chmod(mode)

    with pytest.raises(MasterKeyUnsafe, match=f"chmod 600 {path}"):
        load_master_key(path)


def test_a_master_key_that_only_its_owner_may_read_and_not_write_is_fine(path: Path) -> None:
    create_master_key(path)
    path.chmod(0o400)

    assert len(load_master_key(path)) == 32


def test_a_missing_master_key_is_named_with_what_to_do(path: Path) -> None:
    with pytest.raises(MasterKeyMissing, match=rf"{path} .*Restore it from your backup"):
        load_master_key(path)


def test_a_folder_in_the_place_of_the_key_is_named_as_damage(path: Path) -> None:
    path.mkdir(mode=0o700)

    with pytest.raises(MasterKeyDamaged, match=str(path)):
        load_master_key(path)


GOOD = base64.b64encode(bytes(range(32)))


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\n", GOOD[:-5], GOOD + GOOD, b"!" + GOOD[1:], GOOD[:20] + b"\n\x00" + GOOD[20:], b"\xff" * 44, b"a" * 2000],
)
def test_a_damaged_master_key_is_refused_without_showing_it(path: Path, damaged: bytes) -> None:
    path.write_bytes(damaged)
    path.chmod(0o600)

    with pytest.raises(MasterKeyDamaged, match=str(path)) as refusal:
        load_master_key(path)

    assert len(damaged) < 20 or damaged[:20].decode(errors="replace") not in str(refusal.value)
