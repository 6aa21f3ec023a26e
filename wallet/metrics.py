"""/metrics: what this worker has answered, counted for the operator's Prometheus. No person and no vendor is in it."""

import math
from collections.abc import Callable
from functools import lru_cache, partial

from flask import Flask, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from vendor_api.events import health
from vendor_api.outbound.addresses import NONE
from vendor_api.uris import is_loopback_host
from wallet.backup.making import age_of_last
from wallet.channels.deliveries import stuck
from wallet.channels.reaching import offered
from wallet.house import House

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host")


def add_events(registry: CollectorRegistry, house: House) -> None:
    """What vendors have not confirmed yet."""
    count = Gauge("hausrecht_events_waiting", "Events no vendor has confirmed yet.", registry=registry)
    age = Gauge("hausrecht_events_waiting_seconds", "Age of the oldest of them.", registry=registry)
    show(house, count, age, health.waiting)


def add_deliveries(registry: CollectorRegistry, house: House) -> None:
    """What is on its way to people and should have arrived, by channel."""
    said = "Messages to people that are due, or could not be delivered at the last try."
    count = Gauge("hausrecht_deliveries_stuck", said, ["channel"], registry=registry)
    age = Gauge("hausrecht_deliveries_stuck_seconds", "Age of the oldest of them.", ["channel"], registry=registry)
    for kind in offered(house):
        show(house, count.labels(kind), age.labels(kind), partial(stuck_by, house, kind))


def stuck_by(house: House, channel: str, db: Connection) -> tuple[int, int | None]:
    return stuck(db, channel, now=house.clock())


def show(house: House, count: Gauge, age: Gauge, waiting: Callable[[Connection], tuple[int, int | None]]) -> None:
    """How many wait and for how long, looked up when somebody asks; not a number while the database is away."""

    def look(found: Callable[[tuple[int, int | None]], float]) -> float:
        try:
            return found(house.database.read(waiting))
        except SQLAlchemyError:
            return math.nan

    count.set_function(lambda: look(lambda found: found[0]))
    age.set_function(lambda: look(lambda found: house.clock() - found[1] if found[1] is not None else 0))


def add_backups(registry: CollectorRegistry, house: House) -> None:
    """Only where a backup folder is set. Not a number while there is no good backup in it."""
    if house.settings.backup_folder == NONE:
        return

    def look() -> float:
        age = age_of_last(house)
        return math.nan if age is None else age

    age = Gauge("hausrecht_backup_age_seconds", "Age of the newest good backup.", registry=registry)
    age.set_function(look)


def add_metrics(app: Flask, house: House) -> Callable[[str, int], None]:
    """Count every answer of a page by endpoint and status; returns how others count theirs."""
    registry = CollectorRegistry()
    add_events(registry, house)
    add_deliveries(registry, house)
    add_backups(registry, house)
    ProcessCollector(registry=registry)
    answers = Counter("hausrecht_answers", "Answers given.", ["endpoint", "status"], registry=registry)

    counter = lru_cache(maxsize=500)(answers.labels)

    def count(endpoint: str, status: int) -> None:
        counter(endpoint, status).inc()

    @app.after_request
    def count_page(response: Response) -> Response:
        count(request.endpoint or "none", response.status_code)
        return response

    @app.get("/metrics", endpoint="metrics")
    def metrics() -> Response:
        """For this machine alone: whoever comes through a proxy finds nothing here."""
        if not is_loopback_host(request.remote_addr or "") or any(name in request.headers for name in FORWARDED):
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return count
