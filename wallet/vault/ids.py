"""What ids look like inside."""

import re
from typing import Final

ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def is_ulid(given: str) -> bool:
    return ULID.fullmatch(given) is not None
