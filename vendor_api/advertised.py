"""The discovery document with what is beyond its standards: the endpoints of the dialogue, and the words they take."""

from typing import Final

from consent.model import CONTACT
from vendor_api.call import Call
from vendor_api.contact import appointments, triggers
from vendor_api.contact import calls as contact
from vendor_api.desk import calls as desk
from vendor_api.desk.model import MESSAGE, TYPES
from vendor_api.figures import calls as figures
from vendor_api.host import Host
from vendor_api.intents import calls as intents
from vendor_api.intents.branches import BRANCHES
from vendor_api.oauth import deposits, discovery, rights
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.publishing import calls as publishing
from vendor_api.reviews import calls as reviews

ENDPOINTS: Final = {
    "contact_permission_endpoint": contact.PERMISSION,
    "contact_messages_endpoint": contact.MESSAGES,
    "contact_appointments_endpoint": appointments.PATH,
    "contact_triggers_endpoint": triggers.PATH,
    "contact_publications_endpoint": publishing.PATH,
    "desk_threads_endpoint": desk.THREADS,
    "desk_attachments_endpoint": desk.ATTACHMENTS,
    "desk_answers_endpoint": desk.ANSWERS,
    "desk_decisions_endpoint": desk.DECISIONS,
    "desk_directory_endpoint": desk.DIRECTORY,
    "desk_service_endpoint": desk.SERVICE,
    "desk_figures_endpoint": figures.PATH,
    "desk_statistics_endpoint": figures.STATISTICS,
    "intents_followed_endpoint": intents.FOLLOWED,
    "intents_waiting_endpoint": intents.WAITING,
    "intents_offers_endpoint": intents.OFFERS,
    "reviews_endpoint": reviews.PATH,
    "reviews_log_endpoint": reviews.LOG_PATH,
    "rights_endpoint": rights.PATH,
    "deposit_endpoint": deposits.PATH,
}
WORDS: Final = {
    "contact_scope_prefix": CONTACT,
    "feedback_types_supported": [name for name in TYPES if name != MESSAGE],
    "intent_branches_supported": list(BRANCHES),
}


def configuration(host: Host, _call: Call) -> Answer:
    """OpenID Connect Discovery 1.0 section 3 and RFC 8414 section 2 leave room for members of one's own."""
    own = {name: f"{host.issuer}{path}" for name, path in ENDPOINTS.items()}
    return as_json(discovery.document(host) | own | WORDS, headers=discovery.CACHED)
