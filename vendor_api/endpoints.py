"""The vendors' endpoints on the web: unpack the request, call the module that implements it, pack the answer."""

import json

from flask import Response, request
from werkzeug.exceptions import BadRequest

from vendor_api.errors import InvalidRequest, VendorApiError
from vendor_api.host import Host
from vendor_api.oauth import answers, discovery, inspection, registration
from vendor_api.oauth import authorize as authorization
from vendor_api.oauth import resume as resumption
from vendor_api.oauth import token as redemption
from vendor_api.oauth import userinfo as delivery
from vendor_api.oauth.answers import Answer
from vendor_api.routing import Route

MACHINE_PATHS = ("/oauth/", "/.well-known/")
BROWSER_PATHS = ("/oauth/authorize", "/oauth/resume")


def is_for_machines(path: str) -> bool:
    """Whether a vendor's server asks here, and not a person's browser."""
    return path.startswith(MACHINE_PATHS) and not path.startswith(BROWSER_PATHS)


def respond(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers))


def say(error: VendorApiError) -> Response:
    """The refusal in the shape of RFC 6749 section 5.2."""
    return respond(answers.problem(error))


def configuration(host: Host) -> Response:
    return respond(discovery.configuration(host))


def jwks(host: Host) -> Response:
    return respond(discovery.jwks(host))


def authorize(host: Host) -> Response:
    return respond(authorization.authorize(host, request.form if request.method == "POST" else request.args))


def resume(host: Host) -> Response:
    return respond(resumption.resume(host, request.args.get("ask", "")))


def token(host: Host) -> Response:
    check_form()
    return respond(redemption.redeem(host, request.form, request.headers))


def userinfo(host: Host) -> Response:
    return respond(delivery.userinfo(host, request.headers, request.form))


def introspect(host: Host) -> Response:
    check_form()
    return respond(inspection.introspect(host, request.form, request.headers))


def revoke(host: Host) -> Response:
    check_form()
    return respond(inspection.revoke(host, request.form, request.headers))


def register(host: Host) -> Response:
    return respond(registration.register(host, json_body(), request.headers))


def registered(host: Host, client_id: str) -> Response:
    body = json_body() if request.method == "PUT" else None
    return respond(registration.manage(host, client_id, request.method, body, request.headers))


def check_form() -> None:
    """RFC 6749 section 3.2: parameters come in a form, none in the URL."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise InvalidRequest("send the parameters as application/x-www-form-urlencoded")
    if request.args:
        raise InvalidRequest("send all parameters in the body, none in the URL")


def json_body() -> object:
    try:
        content: object = json.loads(request.get_data())
        # half a surrogate pair can be written in JSON, and is no text that could ever be sent back
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError, BadRequest):
        raise InvalidRequest("the body is not JSON") from None
    return content


ROUTES = (
    Route("/.well-known/openid-configuration", configuration),
    Route("/.well-known/oauth-authorization-server", configuration),
    Route("/oauth/jwks", jwks),
    Route("/oauth/authorize", authorize, ("GET", "POST")),
    Route(resumption.PATH, resume),
    Route("/oauth/token", token, ("POST",)),
    Route("/oauth/userinfo", userinfo, ("GET", "POST")),
    Route("/oauth/introspect", introspect, ("POST",)),
    Route("/oauth/revoke", revoke, ("POST",)),
    Route(registration.PATH, register, ("POST",)),
    Route(f"{registration.PATH}/<client_id>", registered, ("GET", "PUT", "DELETE")),
)
