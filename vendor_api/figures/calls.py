"""POST /desk/figures and POST /desk/statistics: how the dialogue goes, and how people want it; never what one did.

The vendor proves itself as at the token endpoint.
"""

from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.desk.calls import Form, done
from vendor_api.figures import engine, report
from vendor_api.figures.noise import EPSILON, LEAST
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer, as_json

PATH: Final = "/desk/figures"
STATISTICS: Final = "/desk/statistics"
HOW: Final = {"least_people": LEAST, "epsilon": EPSILON, "mechanism": "discrete Laplace, drawn once"}


def figures(host: Host, call: Call) -> Answer:
    """From the vendor's own desk, and of its people by topic and week."""
    return as_json(done(host, call, all_figures))


def statistics(host: Host, call: Call) -> Answer:
    """Of everybody here who contributes."""
    return as_json(done(host, call, all_statistics))


def all_figures(db: Connection, _host: Host, client_id: str, _form: Form, now: int) -> dict[str, Any]:
    return {**report.report(db, client_id=client_id, now=now), "people": HOW}


def all_statistics(db: Connection, _host: Host, _client_id: str, _form: Form, now: int) -> dict[str, Any]:
    return {"statistics": engine.statistics(db, now=now), "people": HOW}
