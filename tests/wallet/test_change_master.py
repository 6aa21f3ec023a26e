"""The master key can be changed while the house is lived in; wherever that breaks off, the house still opens."""

import base64
from dataclasses import replace

import pytest
from click.testing import CliRunner
from storage import contents, on_sqlite_alone, rows

from keys.master import load_master_key
from keys.roots import key_id
from wallet.backup import changing
from wallet.cli import main
from wallet.errors import SetupError
from wallet.opening import open_house

MASTER = b"m" * 32


@pytest.fixture
def master(settings):
    settings.master_key_file.write_bytes(base64.b64encode(MASTER) + b"\n")
    settings.master_key_file.chmod(0o600)
    return settings.master_key_file


def opens(settings, clock):
    house = open_house(settings, clock=clock)
    house.database.close()
    return house.secrets


def without(found, *tables):
    return {name: lines for name, lines in found.items() if name not in tables}


def test_only_the_seal_of_the_root_changes_and_everything_goes_on(house, person, vendor, settings, master, clock):
    page = person.opens(vendor.link(["email"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json
    before = contents(house)

    changed = changing.change_master(house)

    assert load_master_key(master) != MASTER
    assert (changed.before, changed.after) == (key_id(MASTER), key_id(load_master_key(master)))
    assert without(contents(house), "host_roots") == without(before, "host_roots")
    assert [row["key_id"] for row in rows(house, "host_roots")] == [changed.after]
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert opens(settings, clock) == house.secrets
    assert not master.with_name("master.key.next").exists()


def test_the_old_master_key_opens_nothing_any_more(house, settings, master, clock, tmp_path):
    changing.change_master(house)
    old = tmp_path / "old.key"
    old.write_bytes(base64.b64encode(MASTER))
    old.chmod(0o600)

    with pytest.raises(SetupError, match="not the one this database was sealed with"):
        opens(replace(settings, master_key_file=old), clock)


@pytest.mark.parametrize(
    "step", ["create_master_key", "load_master_key", "wrap_root", "put_in_place", "shut_out_others"]
)
@pytest.mark.parametrize("when", ["before", "after"])
@on_sqlite_alone
def test_wherever_it_breaks_off_the_house_opens_and_the_next_try_succeeds(
    house, settings, master, clock, monkeypatch, step, when
):
    real = getattr(changing, step)

    def breaks(*args, **kwargs):
        if when == "after":
            real(*args, **kwargs)
        raise RuntimeError("a power cut")

    monkeypatch.setattr(changing, step, breaks)
    with pytest.raises(RuntimeError):
        changing.change_master(house)
    monkeypatch.setattr(changing, step, real)

    assert opens(settings, clock) == house.secrets
    changing.change_master(house)
    assert opens(settings, clock) == house.secrets
    assert [row["key_id"] for row in rows(house, "host_roots")] == [key_id(load_master_key(master))]
    assert not master.with_name("master.key.next").exists()


@on_sqlite_alone
def test_where_the_new_key_can_not_be_written_the_old_one_counts(house, settings, master, clock, monkeypatch):
    before = contents(house)

    def refused(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(changing, "create_master_key", refused)
    with pytest.raises(SetupError, match="the old one still counts"):
        changing.change_master(house)

    assert load_master_key(master) == MASTER
    assert contents(house) == before
    assert opens(settings, clock) == house.secrets


@on_sqlite_alone
def test_a_key_file_behind_a_link_is_changed_where_it_is(house, settings, master, clock, tmp_path):
    real = tmp_path / "mounted.key"
    master.rename(real)
    master.symlink_to(real)

    changing.change_master(house)

    assert master.is_symlink()
    assert load_master_key(real) != MASTER
    assert opens(settings, clock) == house.secrets


@on_sqlite_alone
def test_the_command_names_both_keys_and_says_what_to_do(settings, master):
    environment = {"WALLET_HOME": str(settings.home), "WALLET_DATABASE_URL": settings.database_url}

    done = CliRunner().invoke(main, ["keys", "change-master"], env=environment)

    assert done.exit_code == 0, done.output
    assert key_id(MASTER) in done.output
    assert key_id(load_master_key(master)) in done.output
    assert "away from the backups" in done.output
