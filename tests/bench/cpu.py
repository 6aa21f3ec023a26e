"""Which core serves and which asks, and how much computing time a server has used."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """Both are None where the system can not pin, or has one core only."""

    server: int | None
    client: int | None


def choose_cores() -> Cores:
    if sys.platform != "linux":
        return Cores(None, None)
    available = sorted(os.sched_getaffinity(0))
    return Cores(available[0], available[-1]) if len(available) > 1 else Cores(None, None)


def pin(core: int | None) -> None:
    """Hold this process, and those it starts from now on, to one core."""
    if sys.platform == "linux" and core is not None:
        os.sched_setaffinity(0, {core})


def spent(group: int) -> float:
    """Seconds of CPU time that the live processes of a group have used; 0.0 where the system does not tell."""
    if sys.platform != "linux":
        return 0.0
    return sum(_spent(int(process.name)) for process in Path("/proc").glob("[0-9]*") if _in_group(process, group))


def _in_group(process: Path, group: int) -> bool:
    try:
        return os.getpgid(int(process.name)) == group
    except ProcessLookupError:
        return False


def _spent(pid: int) -> float:
    # The clock that clock_getcpuclockid(3) gives for a process; Python has no name for it.
    return time.clock_gettime(~pid << 3 | 2)
