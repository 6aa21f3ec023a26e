"""Text in files for programs that show tables: none of it may be taken for a formula."""

from typing import Final

FORMULA: Final = "=+-@\t\r"
COMES_BACK: Final = FORMULA + "'"  # in files that are read here again: what has the mark already gets it once more


def harmless(text: str, first: str = FORMULA) -> str:
    return f"'{text}" if text and text[0] in first else text


def as_it_was(text: str) -> str:
    """What `harmless(text, COMES_BACK)` was made from."""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in COMES_BACK else text
