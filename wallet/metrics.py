"""/metrics: what this worker has answered, counted for the operator's Prometheus. No person and no vendor is in it."""

from collections.abc import Callable
from functools import lru_cache

from flask import Flask, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, ProcessCollector, generate_latest

from vendor_api.uris import is_loopback_host

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host")


def add_metrics(app: Flask) -> Callable[[str, int], None]:
    """Count every answer of a page by endpoint and status; returns how others count theirs."""
    registry = CollectorRegistry()
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
