"""Who is here: the tokens of each visitor, in memory, and the language of their browser."""

from collections.abc import Mapping
from typing import Any, Final

from authlib.integrations.flask_client import OAuth
from flask import request, session

LANGUAGES: Final = ("en", "de")
MOST_VISITORS: Final = 1000
PATIENCE: Final = 10  # seconds the wallet has for an answer

tokens: dict[str, dict[str, Any]] = {}
oauth = OAuth(update_token=lambda _name, token, **_: keep(token))
oauth.register(
    "wallet", client_kwargs={"scope": "openid", "code_challenge_method": "S256", "default_timeout": PATIENCE}
)


def kept() -> dict[str, Any] | None:
    return tokens.get(session.get("visitor", ""))


def keep(token: Mapping[str, Any]) -> None:
    """Remember a visitor's tokens, the newest of each kind; who came first is forgotten first."""
    visitor = session["visitor"]
    tokens[visitor] = {**tokens.pop(visitor, {}), **{name: token[name] for name in token if name != "userinfo"}}
    while len(tokens) > MOST_VISITORS:
        tokens.pop(next(iter(tokens)))


def language() -> str:
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def say(english: str, german: str) -> str:
    """The sentence in the visitor's language."""
    return german if language() == "de" else english
