"""Headers on every answer: nobody frames our pages, nothing foreign runs in them, no cache keeps what is personal."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, g

from vendor_api.uris import origin

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
FOR_BROWSERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def allow_form_to_reach(destination: str) -> None:
    """Browsers hold a form's redirects to form-action too, and this page's answer goes on to `destination`, a vendor.

    The scheme has to do: many vendors lead on from there to another host of theirs, and Chromium would stop them.
    """
    g.form_targets = f"{urlsplit(destination).scheme}:"


def allow_frames_of(addresses: Iterable[str]) -> None:
    """This page frames these addresses, and browsers load nothing of any other host into its frames."""
    g.frame_sources = " ".join(dict.fromkeys(map(origin, addresses)))


def allow_no_form() -> None:
    """This page has forms that are only there to be seen."""
    g.no_form = True


def always(*, secure: bool) -> dict[str, str]:
    """What goes with every answer, to browsers and to vendors' servers."""
    nosniff = {"X-Content-Type-Options": "nosniff"}
    return {**nosniff, "Strict-Transport-Security": "max-age=31536000"} if secure else nosniff


def add_headers(app: Flask, *, secure: bool) -> None:

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.extend({**always(secure=secure), **FOR_BROWSERS})
        if "form_targets" in g:
            response.headers["Content-Security-Policy"] = f"{POLICY} {g.form_targets}"
        if "no_form" in g:
            response.headers["Content-Security-Policy"] = POLICY.replace("form-action 'self'", "form-action 'none'")
        if "frame_sources" in g:
            response.headers["Content-Security-Policy"] += f"; frame-src {g.frame_sources}"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
