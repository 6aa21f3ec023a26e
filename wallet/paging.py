"""Lists of what goes on and of what is over, in pages."""

from typing import Final

from flask import request

MOST_SKIPPED: Final = 1_000_000


def asked_page() -> tuple[bool, int]:
    """Whether the page of what is over is wanted, and how many of the list come before it."""
    return "over" in request.args, min(abs(request.args.get("skip", 0, type=int)), MOST_SKIPPED)
