"""Headers on every answer: nobody frames our pages, nothing foreign runs in them, nothing personal is kept by a cache."""

from flask import Flask, Response, g

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def allow_form_to_reach(origin: str) -> None:
    """Browsers hold a form's redirects to form-action too, and this page's answer is carried on to the vendor at `origin`."""
    g.form_targets = origin


def add_headers(app: Flask, *, secure: bool) -> None:
    @app.after_request
    def protect(response: Response) -> Response:
        targets = f" {g.form_targets}" if "form_targets" in g else ""
        response.headers["Content-Security-Policy"] = POLICY + targets
        response.headers.update(ALWAYS)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response
