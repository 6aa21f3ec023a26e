"""What came along with messages has the name of a file, and the ending of what it is."""

import re
from typing import Final

from vendor_api.host import Attachment
from wallet.dialogue.text import one_line

LONGEST_NAME: Final = 100
UNSAFE: Final = re.compile(r"[^\w .()+-]")
ENDINGS: Final = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "text/plain": (".txt",),
    "text/calendar": (".ics",),
}


def safe_name(one: Attachment) -> str:
    """That of a file in no other folder."""
    name = UNSAFE.sub("_", one_line(one.name)).strip(" .")[:LONGEST_NAME] or "file"
    endings = ENDINGS.get(one.media_type, (".bin",))
    return name if name.lower().endswith(endings) else name + endings[0]
