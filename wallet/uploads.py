"""What people upload stays in memory: the framework would write larger files to the disk, in the clear."""

from io import BytesIO
from typing import IO

from flask import Request

# Where more than the usual may come, by endpoint, in bytes.
LARGEST = {"personas.keep_picture": 5 * 1024 * 1024 + 10_000}
# So that what is too large is refused in a sentence, beside what was typed.
LARGEST |= dict.fromkeys(("inbox.reply", "inbox.write", "feedback.say", "feedback.send"), 5 * 1024 * 1024)


class InMemory(Request):
    @property
    def max_content_length(self) -> int | None:
        return LARGEST.get(self.endpoint or "") or super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        return BytesIO()
