"""Routes are data: a rule, a plain function that takes the host or house first, and the methods it answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any

from flask import Flask


@dataclass(frozen=True, slots=True)
class Route:
    rule: str
    view: Callable[..., Any]
    methods: tuple[str, ...] = ("GET",)


def add_routes(app: Flask, first: object, routes: Iterable[Route]) -> None:
    """Register each view under "<package>.<function>", its first parameter filled in."""
    for route in routes:
        endpoint = f"{route.view.__module__.split('.')[-2]}.{route.view.__name__}"
        view = app.view_functions.get(endpoint) or update_wrapper(partial(route.view, first), route.view)
        app.add_url_rule(route.rule, endpoint, view, methods=list(route.methods))
