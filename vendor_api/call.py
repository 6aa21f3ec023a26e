"""What a vendor's server sent, unpacked without a web framework."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

import orjson
from werkzeug.datastructures import Headers

from vendor_api.errors import InvalidRequest

FORM: Final = "application/x-www-form-urlencoded"
MOST_PARAMETERS: Final = 500
REPEATABLE: Final = "resource"  # RFC 8707 section 2: the one parameter that may come more than once


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `rest` is what stands in the path behind the endpoint's own, such as a client_id.

    `peer` is the address at the other end of the connection: a proxy's, where there is one.
    """

    method: str
    rest: str
    query: str
    headers: Headers
    body: bytes
    peer: str = ""

    @property
    def is_form(self) -> bool:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower() == FORM

    def form(self) -> dict[str, str]:
        """RFC 6749 section 3.2: parameters come in a form, none in the URL, none twice, and empty ones are left out.

        A request without a body needs no type: it has no parameters. Raises InvalidRequest.
        """
        if not self.is_form and (self.body or "Content-Type" in self.headers):
            raise InvalidRequest(f"send the parameters as {FORM}")
        if self.query:
            raise InvalidRequest("send all parameters in the body, none in the URL")
        return parameters(self.body)

    def json(self) -> object:
        """Raises InvalidRequest."""
        try:
            return from_json(self.body)
        except ValueError:
            raise InvalidRequest("the body is not JSON, or nested too deeply") from None


def from_json(given: bytes | str) -> object:
    """What stands in a JSON text, if it can be written again: some nest until nobody can. Raises ValueError."""
    content: object = orjson.loads(given)
    try:
        orjson.dumps(content)
    except orjson.JSONEncodeError:
        raise ValueError("nested too deeply") from None
    return content


def parameters(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequest("the parameters are not UTF-8, or too many") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        found = once(pairs)
    if b"%00" in body or b"\x00" in body:  # no text has one, and PostgreSQL can not even be asked for it
        raise InvalidRequest("a parameter contains a zero byte")
    return {name: value for name, value in found.items() if value}


def once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Each parameter once; the values of the one that may be repeated with spaces between. Raises InvalidRequest."""
    found = {name: value for name, value in pairs if name != REPEATABLE}
    repeated = [value for name, value in pairs if name == REPEATABLE]
    if len(found) + len(repeated) != len(pairs):
        raise InvalidRequest("a parameter was sent twice")
    return {**found, REPEATABLE: " ".join(filter(None, repeated))}
