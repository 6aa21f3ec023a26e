"""What came along with messages leaves as a file to be kept, and never as a page."""

import re
from typing import Final

from werkzeug import Response

from vendor_api.host import Attachment
from wallet.inbox.text import one_line

LONGEST_NAME: Final = 100
UNSAFE: Final = re.compile(r"[^\w .()+-]")
ENDINGS: Final = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "text/plain": (".txt",),
    "text/calendar": (".ics",),
}


def inert(one: Attachment) -> Response:
    """No browser opens it here, takes it for anything else, or runs what is in it."""
    answer = Response(one.content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=safe_name(one))
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def safe_name(one: Attachment) -> str:
    """That of a file in no other folder, with the ending of what it is."""
    name = UNSAFE.sub("_", one_line(one.name)).strip(" .")[:LONGEST_NAME] or "file"
    endings = ENDINGS.get(one.media_type, (".bin",))
    return name if name.lower().endswith(endings) else name + endings[0]
