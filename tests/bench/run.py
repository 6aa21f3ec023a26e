"""Measure the wallet and oidc-provider side by side: same client, same machine, one run, one worker on one core."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import report
import servers
import steps
from browser import sign_in
from client import BenchError, Job, Pace, run
from cpu import Cores, choose_cores
from growth import PARTS, grow
from vendor import Door, discover, nowhere
from walking import walk

T = TypeVar("T")

MEASUREMENTS = ("redeem", "sign-on", "refresh", "userinfo", "introspection")
SERVERS = {"ours": servers.wallet, "peer": servers.peer}


@dataclass(frozen=True, slots=True)
class Target:
    """A server, the vendor's way to it, and the cookies of the person who agreed there."""

    server: servers.Server
    door: Door
    cookies: dict[str, str]

    def do(self, jobs: Sequence[Job[T]]) -> tuple[list[T], Pace]:
        return run(self.door.port, jobs, group=self.server.group)


def measure(target: Target, count: int) -> Iterator[Pace]:
    """One round, in the order of MEASUREMENTS; what a step needs is made before its clock starts."""
    door, cookies = target.door, target.cookies
    codes, _ = target.do([steps.authorize(door, cookies) for _ in range(count)])
    redeemed, pace = target.do([steps.redeem(door, code) for code in codes])
    yield pace
    signed_on, pace = target.do([steps.sign_on(door, cookies) for _ in range(count)])
    yield pace
    refreshed, pace = target.do([steps.refresh(door, tokens) for tokens in redeemed])
    yield pace
    read, pace = target.do([steps.userinfo(door, tokens) for tokens in refreshed])
    yield pace
    introspected, pace = target.do([steps.introspect(door, tokens) for tokens in refreshed])
    yield pace
    told = {steps.verify(door, tokens) for tokens in (*redeemed, *signed_on, *refreshed)}
    if len(told | {*read, *introspected}) != 1:
        raise BenchError(f"{target.server.name} calls one person by several names.")


def play(targets: Sequence[Target], *, rounds: int, count: int) -> report.Figures:
    """Warm up once, then measure in turn; every other round the other server begins."""
    figures = {target.server.name: {name: list[Pace]() for name in MEASUREMENTS} for target in targets}
    for number in range(-1, rounds):
        order = targets if number % 2 else targets[::-1]
        for name, *paces in zip(MEASUREMENTS, *(measure(target, count) for target in order), strict=True):
            for target, pace in zip(order, paces, strict=True):
                figures[target.server.name][name] += [pace] if number >= 0 else []
        print(f"round {number + 1} of {rounds}" if number >= 0 else "warmed up", file=sys.stderr, flush=True)
    return figures


def ceiling(folder: Path, cores: Cores, count: int) -> Pace:
    """What the client redeems from a server that does nothing."""
    with servers.bare(folder, cores) as server:
        target = Target(server, nowhere(server.issuer), {})
        code = steps.Code("c" * 43, "v" * 43, "n" * 43)
        return target.do([steps.redeem(target.door, code) for _ in range(10 * count)])[1]


def start(stack: ExitStack, name: str, *, folder: Path, cores: Cores) -> Target:
    """Start a server that stops with the stack, and let the person sign in and agree once."""
    own = folder / name
    own.mkdir()
    server = stack.enter_context(SERVERS[name](own, cores))
    door = discover(server.issuer, extra=server.extra)
    return Target(server, door, sign_in(door))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds (%(default)s)")
    parser.add_argument(
        "--count", type=int, default=400, help="requests, or round trips, per measurement (%(default)s)"
    )
    parser.add_argument("--only", choices=SERVERS, help="measure one server alone")
    parser.add_argument("--steps", type=int, help="measure nothing: take so many random steps over the engine instead")
    parser.add_argument(
        "--growth", nargs="*", choices=PARTS, help="measure how it grows, all of it or these parts: %(choices)s"
    )
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop taking steps after so long")
    parser.add_argument("--seed", type=int, help="take the steps of this seed again")
    chosen = parser.parse_args()
    if chosen.rounds < 1 or chosen.count < 1 or (chosen.steps is not None and chosen.steps < 1):
        parser.error("--rounds, --count and --steps must be 1 or more")
    return chosen


def main() -> None:
    chosen = arguments()
    if chosen.steps is not None:
        walk(chosen.steps, chosen.seconds, chosen.seed)
        return
    if chosen.growth is not None:
        grow(chosen.growth)
        return
    load = os.getloadavg()[0]
    cores = choose_cores()
    names = [chosen.only] if chosen.only else list(SERVERS)
    with tempfile.TemporaryDirectory(prefix="bench-") as made, ExitStack() as stack:
        folder = Path(made)
        targets = [start(stack, name, folder=folder, cores=cores) for name in names]
        figures = play(targets, rounds=chosen.rounds, count=chosen.count)
        room = ceiling(folder, cores, chosen.count)
    running = [target.server for target in targets]
    print(report.settings(running, cores=cores, rounds=chosen.rounds, count=chosen.count))
    print(report.doubts(figures, ceiling=room, load=load), report.table(figures), sep="\n\n")


if __name__ == "__main__":
    # An end by signal stops the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
