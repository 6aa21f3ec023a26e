"""The vendors' door: it answers what their servers ask, and hands everything else to the pages behind it.

It stands before Flask, whose cookies, forms, languages and templates no server needs; that makes it several times as
quick (docs/decisions/0010).
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wsgi import get_input_stream

from vendor_api.call import Call, parameters
from vendor_api.endpoints import BROWSER, ENDPOINTS, Endpoint
from vendor_api.errors import (
    BodyTooLarge,
    InvalidRequest,
    MethodNotAllowed,
    NoEndpoint,
    OutOfOrder,
    ServerError,
    VendorApiError,
)
from vendor_api.host import Host
from vendor_api.intents import calls as intents
from vendor_api.oauth import authorize
from vendor_api.oauth.answers import Answer, problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MACHINE_PATHS: Final = (
    *("/oauth/", "/.well-known/", "/contact/", "/desk/"),
    *(intents.FOLLOWED, intents.WAITING, intents.OFFERS),  # beside them are pages of the person's
)
BROWSER_PATHS: Final = frozenset(route.rule for route in BROWSER)
LARGEST_BODY: Final = 512 * 1024
FOREIGN_HOST: Final = Answer(400, {"Content-Type": "text/plain"}, b"This wallet does not answer to this host name.\n")
# A vendor may be an application in the browser. No endpoint for machines reads a cookie, so any page may ask (CORS).
FOR_EVERY_ORIGIN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "DPoP-Nonce, WWW-Authenticate",
}
PREFLIGHT: Final = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "3600",
}
STATUS_LINES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
EXACT: Final = {path: endpoint for path, endpoint in ENDPOINTS.items() if "<" not in path}
BEGINNINGS: Final = {path.partition("<")[0]: endpoint for path, endpoint in ENDPOINTS.items() if "<" in path}

log = logging.getLogger(__name__)


class Door:
    """The WSGI application that stands before the pages, `behind`.

    `names` are the host names this wallet answers to, `headers` go with every answer, `browser_headers` with those to a
    person's browser, and `count` is told of each: the endpoint and the status.
    """

    def __init__(
        self,
        host: Host,
        behind: "WSGIApplication",
        *,
        names: Collection[str],
        headers: Mapping[str, str],
        browser_headers: Mapping[str, str],
        count: Callable[[str, int], None],
    ) -> None:
        self.host, self.behind, self.count = host, behind, count
        self.headers, self.browser_headers = list(headers.items()), list({**headers, **browser_headers}.items())
        self.machine_headers = [*self.headers, *FOR_EVERY_ORIGIN.items()]
        self.is_ours = lru_cache(maxsize=64)(lambda name: host_is_trusted(name, names))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path, headers = environ["PATH_INFO"], self.headers
        if not self.is_ours(environ.get("HTTP_HOST", environ["SERVER_NAME"])):
            name, answer = "none", FOREIGN_HOST
        elif is_for_machines(path):
            endpoint, rest = find(path)
            headers = self.machine_headers
            name, answer = endpoint.name if endpoint else "none", self.answer(environ, endpoint, rest)
        elif path == authorize.PATH and (again := self.remembered(environ)):
            name, answer, headers = "authorize", again, self.browser_headers
        else:
            return self.behind(environ, start_response)
        self.count(f"vendor_api.{name}", answer.status)
        length = ("Content-Length", str(len(answer.body)))
        start_response(STATUS_LINES[answer.status], [*answer.headers.items(), *headers, length])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def remembered(self, environ: "WSGIEnvironment") -> Answer | None:
        """Single sign-on without a page. Whatever fails here is tried again, and told, by the pages behind."""
        cookies, query = environ.get("HTTP_COOKIE"), environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] != "GET" or not cookies:
            return None
        try:
            return authorize.remembered(self.host, parameters(query.encode("latin-1")), cookies)
        except (VendorApiError, SQLAlchemyError):
            return None

    def answer(self, environ: "WSGIEnvironment", endpoint: Endpoint | None, rest: str) -> Answer:
        """Every error becomes an answer in the shape of RFC 6749 section 5.2; unknown ones never speak."""
        try:
            if endpoint is None:
                raise NoEndpoint
            return self.served(environ, endpoint, rest)
        except VendorApiError as error:
            return problem(error)
        except DataError:  # PostgreSQL takes no number of twenty digits
            return problem(InvalidRequest("the request can not be understood"))
        except OperationalError:
            log.error("the database did not answer")
            return problem(OutOfOrder("the wallet can not reach its database; try again in a moment"))
        except Exception:
            log.exception("unhandled")
            return problem(ServerError("something went wrong on our side"))

    def served(self, environ: "WSGIEnvironment", endpoint: Endpoint, rest: str) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return Answer(200, {"Allow": endpoint.allow, "Access-Control-Allow-Methods": endpoint.allow, **PREFLIGHT})
        view = endpoint.methods.get("GET" if method == "HEAD" else method)
        if view is None:
            raise MethodNotAllowed(endpoint.allow)
        if "\x00" in rest:
            raise InvalidRequest("the address contains a zero byte")
        query, peer = environ.get("QUERY_STRING", ""), environ.get("REMOTE_ADDR", "")
        return view(self.host, Call(method, rest, query, EnvironHeaders(environ), body_of(environ), peer))


def is_for_machines(path: str) -> bool:
    """Whether a vendor's server asks here, and not a person's browser."""
    return path.startswith(MACHINE_PATHS) and path not in BROWSER_PATHS


def find(path: str) -> tuple[Endpoint | None, str]:
    """The endpoint at this path of a WSGI environment, and the rest of the path."""
    if path in EXACT:
        return EXACT[path], ""
    beginning, slash, rest = path.rpartition("/")
    return BEGINNINGS.get(beginning + slash) if rest else None, rest.encode("latin-1").decode(errors="replace")


def body_of(environ: "WSGIEnvironment") -> bytes:
    """At most LARGEST_BODY bytes. Raises BodyTooLarge."""
    if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
        return b""
    try:
        return get_input_stream(environ, max_content_length=LARGEST_BODY).read()
    except RequestEntityTooLarge:
        raise BodyTooLarge from None
