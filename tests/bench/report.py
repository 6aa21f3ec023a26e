"""Turn the paces of all rounds into the table that is printed: medians, and the median of the rounds' own ratios."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from statistics import median

from client import CONNECTIONS, Pace
from cpu import Cores
from servers import Server

WIDTHS = (16, 20, 20, 28, 14)
QUIET = 0.5  # load average below which the machine counts as idle

# Server name -> measurement -> one pace a round.
Figures = Mapping[str, Mapping[str, Sequence[Pace]]]


def table(figures: Figures) -> str:
    """One line a measurement; ratios above 1 mean that the first server is the faster one."""
    names, measurements = list(figures), list(next(iter(figures.values())))
    heads = [f"{name} /s" for name in names] + (["ratio (lowest - highest)", "by CPU time"] if len(names) > 1 else [])
    lines = ["".join(f"{head:>{width}}" for head, width in zip(["", *heads], WIDTHS, strict=False))]
    for measurement in measurements:
        paces = [figures[name][measurement] for name in names]
        speeds = [f"{median(pace.per_second for pace in each):,.0f}" for each in paces]
        cells = [measurement.ljust(WIDTHS[0]), *speeds, *_ratios(*paces)]
        lines.append("".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=False)))
    return "\n".join(lines)


def _ratios(ours: Sequence[Pace], theirs: Sequence[Pace] = ()) -> tuple[str, ...]:
    """Round against round, since both of a round met the same machine; CPU time where the system tells it."""
    if not theirs:
        return ()
    pairs = list(zip(ours, theirs, strict=True))
    fast = [our.per_second / their.per_second for our, their in pairs]
    cheap = [their.cost / our.cost for our, their in pairs if our.cost]
    return f"{median(fast):.2f} ({min(fast):.2f} - {max(fast):.2f})", f"{median(cheap):.2f}" if cheap else "-"


def settings(running: Sequence[Server], *, cores: Cores, rounds: int, count: int) -> str:
    """What the figures hold for."""
    pinned = f"server on core {cores.server}, client on core {cores.client}"
    where = pinned if cores.server is not None else "not pinned to cores"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; {where}"
    turns = f"{rounds} rounds of {count} each, servers in turn, after one round to warm up"
    lines = [
        f"machine: {machine}",
        f"load: {turns}; {CONNECTIONS} keep-alive connections",
        "tokens: ES256 ID token, opaque access token, rotating refresh token, PKCE S256",
    ]
    for server in running:
        lines += [
            f"{server.name}: {server.software}",
            f"{'':{len(server.name)}}  one worker on one core; {server.durability}",
        ]
    return "\n".join(lines)


def doubts(figures: Figures, *, ceiling: Pace, load: float) -> str:
    """How far the client was from being what is measured, and whether other work was in the way."""
    busiest = max(pace.busy for by_name in figures.values() for paces in by_name.values() for pace in paces)
    room = f"redeems {ceiling.per_second:,.0f}/s from a server that does nothing"
    lines = [f"client: computing for {busiest:.0%} of the time at most; {room}"]
    if load > QUIET:
        lines += [
            f"beware: other work was going on before the start (load {load:.1f}); only the CPU time hardly feels it"
        ]
    return "\n".join(lines)
