"""What a text may be that somebody sends: one line, or several, and nothing that no text has."""


def is_line(given: object, longest: int) -> bool:
    """Some text of one line."""
    return isinstance(given, str) and 0 < len(given.strip()) <= len(given) <= longest and given.isprintable()


def is_clean(text: str) -> bool:
    """No control characters but those of lines, and no half of a character that can not be written."""
    return all(letter.isprintable() or letter in "\n\r\t\u00a0\u00ad\u200c\u200d" for letter in text) and is_whole(text)


def is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def readable(text: str) -> str:
    """Only what plain text may hold; other spaces become plain ones, and what nobody sees nothing."""
    return "".join(one if is_clean(one) else " " * one.isspace() for one in text.replace("\r\n", "\n"))
