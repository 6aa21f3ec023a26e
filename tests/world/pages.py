"""Templates and addresses compiled once for all applications of a test run, as one application in service does it."""

from collections.abc import Callable
from typing import Any, ClassVar

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Compiled(BytecodeCache):
    """In memory. Jinja looks itself whether a template has changed."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


class Built(Rule):
    """What writes an address depends on its rule alone; compiling it is most of the work of making an application."""

    known: ClassVar[dict[Any, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        rule = (self.rule, *self._trace, append_unknown)
        if rule not in self.known:
            self.known[rule] = super()._compile_builder(append_unknown)
        return self.known[rule]
