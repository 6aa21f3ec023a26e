"""The vendors' endpoints: what stands at which path, for a person's browser or for a vendor's server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Response, request

from vendor_api import advertised, webfinger
from vendor_api.call import Call
from vendor_api.contact import appointments, triggers
from vendor_api.contact import calls as contact
from vendor_api.desk import calls as desk
from vendor_api.events import configuration, poll
from vendor_api.figures import calls as figures
from vendor_api.host import Host
from vendor_api.intents import calls as intents
from vendor_api.oauth import authorize as authorization
from vendor_api.oauth import (
    ciba,
    deposits,
    device,
    discovery,
    grant_management,
    inspection,
    par,
    receipts,
    registration,
    rights,
    status_lists,
    token,
    userinfo,
)
from vendor_api.oauth import resume as resumption
from vendor_api.oauth.agreements import calls, wellknown
from vendor_api.oauth.answers import Answer
from vendor_api.oauth.leaving import end_session as leaving
from vendor_api.oauth.leaving import session_management
from vendor_api.publishing import calls as publishing
from vendor_api.reviews import calls as reviews
from vendor_api.routing import Route

View = Callable[[Host, Call], Answer]


def authorize(host: Host) -> Response:
    return respond(authorization.authorize(host, request.form if request.method == "POST" else request.args))


def resume(host: Host) -> Response:
    return respond(resumption.resume(host, request.args.get("ask", "")))


def end_session(host: Host) -> Response:
    return respond(leaving.end_session(host, request.form if request.method == "POST" else request.args))


def respond(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers))


# On Flask, among the pages: they need the person's cookie and language.
BROWSER: Final = (
    Route(authorization.PATH, authorize, ("GET", "POST")),
    Route(resumption.PATH, resume),
    Route(leaving.PATH, end_session, ("GET", "POST")),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What answers each method of one path; `name` is for the operator's counters."""

    name: str
    methods: Mapping[str, View]

    @property
    def allow(self) -> str:
        also = ("HEAD", "OPTIONS") if "GET" in self.methods else ("OPTIONS",)
        return ", ".join((*self.methods, *also))


# A path may end in one parameter, which the view finds in `call.rest`.
ENDPOINTS: Final = {
    "/.well-known/openid-configuration": Endpoint("configuration", {"GET": advertised.configuration}),
    "/.well-known/oauth-authorization-server": Endpoint("configuration", {"GET": advertised.configuration}),
    "/.well-known/oauth-protected-resource": Endpoint("resource", {"GET": discovery.resource}),
    "/.well-known/webfinger": Endpoint("webfinger", {"GET": webfinger.webfinger}),
    discovery.JWKS_PATH: Endpoint("jwks", {"GET": discovery.jwks}),
    par.PATH: Endpoint("par", {"POST": par.push}),
    device.PATH: Endpoint("device_authorization", {"POST": device.begin}),
    ciba.PATH: Endpoint("backchannel", {"POST": ciba.begin}),
    token.PATH: Endpoint("token", {"POST": token.redeem}),
    userinfo.PATH: Endpoint("userinfo", {"GET": userinfo.userinfo, "POST": userinfo.userinfo}),
    inspection.PATH: Endpoint("introspect", {"POST": inspection.introspect}),
    inspection.REVOCATION_PATH: Endpoint("revoke", {"POST": inspection.revoke}),
    f"{grant_management.PATH}/<grant_id>": Endpoint(
        "grants", {"GET": grant_management.query, "DELETE": grant_management.revoke}
    ),
    receipts.PATH: Endpoint("receipts", {"GET": receipts.listed, "POST": receipts.listed}),
    receipts.CHECK_PATH: Endpoint("receipt_check", {"POST": receipts.checked}),
    f"{receipts.PATH}/<receipt_id>": Endpoint("receipt", {"GET": receipts.fetched, "POST": receipts.countersigned}),
    f"{status_lists.PATH}/<list_id>": Endpoint("status", {"GET": status_lists.status_list}),
    rights.PATH: Endpoint("rights", {"POST": rights.waiting}),
    f"{rights.PATH}/<request_id>": Endpoint("rights_answer", {"POST": rights.answer}),
    deposits.PATH: Endpoint("deposits", {"POST": deposits.hand_over}),
    contact.PERMISSION: Endpoint("contact_permission", {"POST": contact.asked}),
    triggers.PATH: Endpoint("contact_triggers", {"POST": triggers.triggers}),
    contact.MESSAGES: Endpoint("contact_messages", {"POST": contact.messages}),
    appointments.PATH: Endpoint("contact_appointments", {"POST": appointments.asked}),
    f"{appointments.PATH}/<appointment_id>": Endpoint("contact_appointment", {"POST": appointments.seen}),
    publishing.PATH: Endpoint("contact_publications", {"POST": publishing.publications}),
    desk.THREADS: Endpoint("desk_threads", {"POST": desk.listed}),
    f"{desk.THREADS}/<thread_id>": Endpoint("desk_thread", {"POST": desk.opened}),
    desk.ATTACHMENTS: Endpoint("desk_attachments", {"POST": desk.fetched}),
    desk.ANSWERS: Endpoint("desk_answers", {"POST": desk.answered}),
    desk.DECISIONS: Endpoint("desk_decisions", {"POST": desk.decided}),
    desk.DIRECTORY: Endpoint("desk_directory", {"POST": desk.contact_persons}),
    figures.PATH: Endpoint("desk_figures", {"POST": figures.figures}),
    figures.STATISTICS: Endpoint("desk_statistics", {"POST": figures.statistics}),
    desk.SERVICE: Endpoint("desk_service", {"POST": desk.promised}),
    reviews.PATH: Endpoint("reviews_answer", {"POST": reviews.answered}),
    f"{reviews.PATH}/<client_id>": Endpoint("reviews", {"GET": reviews.listed}),
    f"{reviews.LOG_PATH}/<client_id>": Endpoint("reviews_log", {"GET": reviews.logged}),
    intents.FOLLOWED: Endpoint("intents_followed", {"POST": intents.followed}),
    intents.WAITING: Endpoint("intents_waiting", {"POST": intents.waiting}),
    intents.OFFERS: Endpoint("intents_offers", {"POST": intents.offers}),
    wellknown.PATH: Endpoint("myterms", {"GET": wellknown.roster}),
    wellknown.GPC_PATH: Endpoint("gpc", {"GET": wellknown.gpc}),
    f"{wellknown.ROSTER_PATH}/<agreement>": Endpoint("roster", {"GET": wellknown.text}),
    f"{calls.PATH}/<grant_id>": Endpoint("agreements", {"GET": calls.query, "POST": calls.answer}),
    session_management.PATH: Endpoint("check_session", {"GET": session_management.check_session}),
    configuration.METADATA_PATH: Endpoint("ssf_configuration", {"GET": configuration.metadata}),
    configuration.PATH: Endpoint(
        "event_stream",
        {
            "GET": configuration.read,
            "POST": configuration.create,
            "PATCH": configuration.change,
            "PUT": configuration.change,
            "DELETE": configuration.remove,
        },
    ),
    configuration.STATUS_PATH: Endpoint(
        "event_status", {"GET": configuration.read_status, "POST": configuration.change_status}
    ),
    configuration.VERIFICATION_PATH: Endpoint("event_verification", {"POST": configuration.verify}),
    poll.PATH: Endpoint("event_poll", {"POST": poll.poll}),
    registration.PATH: Endpoint("register", {"POST": registration.register}),
    f"{registration.PATH}/<client_id>": Endpoint(
        "registered", {"GET": registration.read, "PUT": registration.change, "DELETE": registration.remove}
    ),
}
