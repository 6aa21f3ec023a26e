"""One digest over all that was said in a thread: where it is the same on both sides, so is everything."""

from collections.abc import Iterable

from consent.canonical import canonical, digest


def of_messages(said: Iterable[tuple[int, str, str]]) -> str:
    """Of each message when it was said (epoch seconds), its id at the vendor, and its digest; in whatever order."""
    return digest(canonical({"messages": [list(one) for one in sorted(said)]}))
