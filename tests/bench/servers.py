"""Start the wallet, its peer and a bare server, each on the one core that serves, and stop them again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from client import BenchError
from cpu import Cores, pin
from vendor import CLAIMS, LOGIN, METADATA, PASSWORD

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PEER = HERE / "peer"
NODE = PEER / "node_modules" / ".bin" / "node"
START = 30  # seconds a server may take to listen


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and its process group; `extra` are members its redeem must bring besides the standard ones."""

    name: str
    issuer: str
    group: int
    software: str
    durability: str
    extra: tuple[str, ...] = ()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(
    command: list[str], *, port: int, folder: Path, cores: Cores, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a server in a process group of its own until the block ends; yields the group. It prints to folder/output."""
    output, log = folder / "output", folder / "log"
    with output.open("wb") as out, log.open("wb") as err:
        pin(cores.server)
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        pin(cores.client)
    try:
        _wait_for(process, port=port, log=log)
        yield process.pid
    finally:
        _stop(process)


def _wait_for(process: subprocess.Popen[bytes], *, port: int, log: Path) -> None:
    deadline = time.monotonic() + START
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise BenchError(f"A server did not start; it said:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def bare(folder: Path, cores: Cores) -> Iterator[Server]:
    """A server that does nothing but answer."""
    port = free_port()
    command = [sys.executable, str(HERE / "bare.py"), str(port)]
    with _running(command, port=port, folder=folder, cores=cores) as group:
        yield Server("bare", f"http://127.0.0.1:{port}", group, "asyncio", "keeps nothing")


@contextmanager
def peer(folder: Path, cores: Cores) -> Iterator[Server]:
    """oidc-provider; its packages are installed on first use."""
    _install_peer()
    port = free_port()
    (folder / "client.json").write_text(json.dumps(METADATA))
    (folder / "person.json").write_text(json.dumps({"login": LOGIN, **CLAIMS}))
    files = [str(folder / name) for name in ("peer.db", "client.json", "person.json")]
    command = [str(_node()), str(PEER / "server.mjs"), str(port), *files]
    environment = {**os.environ, "NODE_ENV": "production"}
    with _running(command, port=port, folder=folder, cores=cores, environment=environment) as group:
        said = json.loads((folder / "output").read_text())
        yield Server("oidc-provider", f"http://127.0.0.1:{port}", group, said["software"], said["durability"])


def _install_peer() -> None:
    installed, lock = PEER / "node_modules" / ".package-lock.json", PEER / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise BenchError("The peer needs npm: install Node.js, or measure the wallet alone with --only ours.")
    print("Installing the peer's packages (once) ...", flush=True)
    done = subprocess.run([npm, "ci"], cwd=PEER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"npm could not install the peer:\n{done.stderr[-2000:]}")


def _node() -> Path:
    """The Node.js LTS that came with the packages; the system's where there is none for this machine."""
    found = NODE if NODE.exists() else shutil.which("node")
    if found is None:
        raise BenchError(
            "The peer needs Node.js 22 or later: install it, or measure the wallet alone with --only ours."
        )
    return Path(found)


@contextmanager
def wallet(folder: Path, cores: Cores) -> Iterator[Server]:
    """Our own, one worker, with one person and one vendor set up through its commands."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WALLET_")}
    environment["WALLET_HOME"] = str(folder / "home")
    (folder / "client.json").write_text(json.dumps(METADATA))
    _wallet("person", "add", LOGIN, "--password-stdin", environment=environment, given=PASSWORD)
    _wallet("person", "set", LOGIN, *(f"{name}={value}" for name, value in CLAIMS.items()), environment=environment)
    _wallet("vendor", "add", str(folder / "client.json"), environment=environment)
    command = [sys.executable, "-m", "wallet", "serve", "--port", str(port), "--workers", "1"]
    with _running(command, port=port, folder=folder, cores=cores, environment=environment) as group:
        durability = "SQLite WAL, synchronous=NORMAL"
        yield Server("wallet", f"http://127.0.0.1:{port}", group, _software(), durability, ("consent_token",))


def _wallet(*arguments: str, environment: Mapping[str, str], given: str = "") -> None:
    command = [sys.executable, "-m", "wallet", *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"`wallet {' '.join(arguments[:2])}` failed: {done.stderr[-2000:]}")


def _software() -> str:
    versions = ", ".join(map(_version, ("hausrecht", "Flask", "Authlib", "granian", "cryptography")))
    return f"{versions}, SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}"


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} as checked out"
