"""/metrics: what this worker has answered, counted for the operator's Prometheus. No person and no vendor is in it."""

from flask import Flask, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, ProcessCollector, generate_latest

from vendor_api.uris import is_loopback_host

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host")


def add_metrics(app: Flask) -> None:
    """Count every answer by endpoint and status."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    answers = Counter("hausrecht_answers", "Answers given.", ["endpoint", "status"], registry=registry)

    @app.after_request
    def count(response: Response) -> Response:
        answers.labels(request.endpoint or "none", response.status_code).inc()
        return response

    @app.get("/metrics", endpoint="metrics")
    def metrics() -> Response:
        """For this machine alone: whoever comes through a proxy finds nothing here."""
        if not is_loopback_host(request.remote_addr or "") or any(name in request.headers for name in FORWARDED):
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
