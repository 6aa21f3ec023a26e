"""The demo: it plays the main job before anybody's eyes, touches nobody's wallet, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from consent.contact import windows
from consent.contact.model import Effective, Window, effective
from wallet.demo import dialogue, journey
from wallet.demo.journey import STEPS
from wallet.demo.mail import Mailbox
from wallet.demo.scene import DoesNotHold, Step
from wallet.demo.stage import HOST, PASSWORD, SHOP_PORT, Stage

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MINE = b"not a database at all"


def nothing_but(folder: Path) -> dict[str, str]:
    """Three empty folders and where Python finds what it needs."""
    folders = {name: folder / name.lower() for name in ("HOME", "WALLET_HOME", "TMPDIR")}
    for one in folders.values():
        one.mkdir()
    paths = os.pathsep.join((str(ROOT), *filter(None, sys.path)))
    return {"PYTHONPATH": paths, **{name: str(one) for name, one in folders.items()}}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return nothing_but(tmp_path)


@pytest.fixture
def plays(environment: Mapping[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `wallet demo`; whatever happens to the test, it is ended in order."""
    started: list[subprocess.Popen[str]] = []

    def plays(*arguments: str, **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "wallet", "demo", *arguments]
        settings = {**environment, **more}
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
        started.append(subprocess.Popen(command, env=settings, **said))
        return started[-1]

    yield plays
    for process in started:
        process.terminate()
        process.communicate(timeout=180)


def addresses(said: str) -> list[str]:
    return re.findall(r"^(?:Wallet|Shop): +(http://\S+)$", said, re.MULTILINE)


def check_nothing_is_left(environment: Mapping[str, str], said: str) -> None:
    left = [path for name in ("HOME", "WALLET_HOME", "TMPDIR") for path in Path(environment[name]).iterdir()]
    assert left == []
    for address in addresses(said):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, trust_env=False)
    running = [path for path in Path("/proc").glob("[0-9]*/environ") if environment["TMPDIR"] in read_quietly(path)]
    assert running == []


def read_quietly(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


@dataclass(frozen=True)
class Played:
    """One whole demo, by somebody who has a wallet of their own, on a machine where every usual port is taken."""

    environment: Mapping[str, str]
    mine: Path
    said: str
    status: int


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo")
    environment, mine = nothing_but(folder), folder / "mine.db"
    mine.write_bytes(MINE)
    own = {"WALLET_DATABASE_URL": f"sqlite:///{mine}", "WALLET_ISSUER": "https://wallet.example"}
    own["WALLET_MASTER_KEY_FILE"] = str(folder / "master.key")
    command = [sys.executable, "-m", "wallet", "demo", "--once"]
    with ExitStack() as taken:
        for port in range(SHOP_PORT - 1, SHOP_PORT + 60):
            with suppress(OSError):
                taken.enter_context(socket.create_server((HOST, port)))
        done = subprocess.run(
            command,
            env={**environment, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=180,
            check=False,
        )
    return Played(environment, mine, done.stdout, done.returncode)


def test_played_once_it_says_every_step_and_leaves_nothing(played):
    assert played.status == 0, played.said
    assert re.findall(r"^✓ ([^:]+):", played.said, re.MULTILINE) == [step.title for step in STEPS]
    assert "✗" not in played.said
    assert "email=ana@example.org" in played.said
    assert "1990-12-24" not in played.said
    assert "✉" not in played.said
    check_nothing_is_left(played.environment, played.said)


def test_a_wallet_of_ones_own_is_neither_read_nor_written(played):
    assert played.status == 0, played.said
    assert played.mine.read_bytes() == MINE
    assert not (played.mine.parent / "master.key").exists()


def test_with_every_usual_port_taken_it_takes_others(played):
    ports = [int(address.rpartition(":")[2]) for address in addresses(played.said)]
    assert len(ports) == 2
    assert all(port >= SHOP_PORT + 49 for port in ports)


def test_left_running_it_says_how_to_come_in_and_ends_in_order(plays, environment):
    process, said = plays(), ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    answers = [httpx.get(address, trust_env=False, follow_redirects=True).status_code for address in addresses(said)]
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=180)

    assert answers == [200, 200]
    assert PASSWORD in said
    assert (process.returncode, rest.strip()) == (0, "Stopped.")
    check_nothing_is_left(environment, said)


def test_ended_in_the_middle_it_leaves_nothing_either(plays, environment):
    process = plays()
    said = next(line for line in process.stdout if line.startswith("✓"))

    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=180)

    assert (process.returncode, rest.splitlines()[-1]) == (1, "Interrupted.")
    check_nothing_is_left(environment, said + rest)


@pytest.mark.parametrize(
    "first", [datetime(*day, tzinfo=UTC) for day in ((2027, 1, 3), (2027, 3, 27), (2027, 10, 30), (2028, 2, 28))]
)
def test_at_any_hour_of_any_day_her_first_hours_hold_and_the_later_ones_do_not_yet(first):
    """Over a turn of the year's clock, too: for two hours after the hours were chosen."""
    for minutes in range(0, 8 * 24 * 60, 30):
        at = first + timedelta(minutes=minutes)
        inside, outside = (policy(at, begins=begins) for begins in (-1, 6))

        moments = [int(at.timestamp()) + later for later in (0, 59, 3600)]

        assert all(windows.is_open(inside, moment) for moment in moments), at
        assert not any(windows.is_open(outside, moment) for moment in moments), at
        assert windows.next_open(outside, moments[0]) is not None


def policy(at: datetime, *, begins: int) -> Effective:
    said = dialogue.hours(at.astimezone(ZoneInfo(dialogue.ZONE)), begins=begins, lasts=4)
    since, until = (int(one[:2]) * 60 for one in said)
    window = Window((1, 2, 3, 4, 5, 6, 7), since, until or 24 * 60)
    return replace(effective(()), windows=(window,), time_zone=dialogue.ZONE)


def test_a_step_that_does_not_hold_is_named_and_none_is_played_after_it(capsys):
    played = []

    def holds(_scene):
        played.append("holds")
        return "something travelled"

    def breaks(_scene):
        raise DoesNotHold("the shop read what it should not have")

    steps = [Step("First", holds), Step("Second", breaks), Step("Third", holds)]
    held = journey.walk(steps, Stage("http://wallet.invalid", "http://shop.invalid", (), Mailbox()))

    told = capsys.readouterr()
    assert not held
    assert played == ["holds"]
    assert "✓ First: something travelled" in told.out
    assert "✗ Second: the shop read what it should not have" in told.out
    assert "Third" not in told.out
    assert "“Second” does not hold" in told.err
