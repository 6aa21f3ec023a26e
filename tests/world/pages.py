"""Templates, addresses and statements compiled once in a test run, as one application in service does it."""

from typing import Any, ClassVar, Self

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Map


class Compiled(BytecodeCache):
    """In memory. Jinja looks itself whether a template has changed."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


class Addresses(Map):
    """One map for all applications, whose addresses are the same: working it out is most of making one."""

    one: ClassVar[Self | None] = None

    def __new__(cls, **_options: Any) -> Self:
        cls.one = cls.one or super().__new__(cls)
        return cls.one

    def __init__(self, **options: Any) -> None:
        if "known" not in vars(self):
            super().__init__(**options)
            self.known: set[tuple[str, str]] = set()

    def add(self, rulefactory: Any) -> None:
        name = (rulefactory.rule, rulefactory.endpoint)
        if name not in self.known:
            self.known.add(name)
            super().add(rulefactory)


class Quick(Flask):
    jinja_options: ClassVar[dict[str, Any]] = {"bytecode_cache": Compiled()}
    url_map_class = Addresses


class Statements(dict[tuple[Any, ...], Any]):
    """What SQLAlchemy keeps for one engine, for all engines of the same dialect, which stands first in each key."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), value)
