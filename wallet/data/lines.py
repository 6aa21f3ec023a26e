"""An attribute as the pages of a person's data show it."""

from dataclasses import dataclass

from flask_babel import get_locale
from flask_babel import gettext as _

from wallet.data.kinds import said, typed_text
from wallet.data.model import Attribute, Value


@dataclass(frozen=True, slots=True)
class Line:
    """`shared_with` counts vendors."""

    name: str
    label: str
    kind: str
    example: str
    sensitive: bool
    unit: str
    description: str
    is_fact: bool
    value_text: str | None = None
    set_at: int | None = None
    taken_from: str | None = None
    shared_with: int = 0
    locked: bool = False


def line(attribute: Attribute, value: Value | None = None, shared_with: int = 0) -> Line:
    return Line(
        name=attribute.name,
        label=attribute.label(language()),
        kind=attribute.kind,
        example=example(attribute),
        sensitive=attribute.is_sensitive,
        unit=attribute.unit,
        description=attribute.description,
        is_fact=attribute.fact is not None,
        value_text=shown(attribute, value) if value else None,
        set_at=value.set_at if value else None,
        taken_from=value.taken_from if value else None,
        shared_with=shared_with,
        locked=bool(value and value.lock),
    )


def shown(attribute: Attribute, value: Value) -> str:
    return _("locked") if value.value is None else said(attribute, value.value, language())


def example(attribute: Attribute) -> str:
    """What somebody would type; none where there is nothing to type."""
    if attribute.kind in {"choice", "boolean"}:
        return ""
    if attribute.example or attribute.least is None:
        return attribute.example
    return typed_text(attribute.least)


def language() -> str:
    locale = get_locale()
    return str(locale.language) if locale else "en"
