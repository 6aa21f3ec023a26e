"""Packages from npm that tests play with: installed where they are missing, skipped where that is not possible."""

import fcntl
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

OLDEST_NODE = 20
LONGEST_INSTALL = 60


@cache
def node() -> str:
    """The path of Node.js; without one that is young enough the test is skipped."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no node on the PATH")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(said.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node is {said}, and {OLDEST_NODE} is the oldest that will do")
    return found


def install(folder: Path) -> None:
    """What package-lock.json says, by one test process at a time; where that fails the test is skipped."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm on the PATH, and its packages are not installed")
        try:
            done = subprocess.run(
                [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=LONGEST_INSTALL,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm could not install its packages within {LONGEST_INSTALL} seconds")
        if done.returncode:
            why = [line for line in done.stderr.splitlines() if line.startswith("npm error")] or ["it said nothing"]
            pytest.skip(f"npm could not install its packages: {why[0]}")
