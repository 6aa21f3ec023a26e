"""What the checks of a vault have found out so far, for those that come later."""

from dataclasses import dataclass, field

from wallet.records.model import Shape


@dataclass(slots=True)
class Known:
    """`dids` are those of each persona's relationships, `roots` those of the personas that are there."""

    roots: dict[str, bytes] = field(default_factory=dict)
    first: str = ""
    ledger_did: str = ""
    relationships: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # sub and did
    dids: dict[str, set[str]] = field(default_factory=dict)
    grants: dict[str, str] = field(default_factory=dict)  # the persona of each
    stamps: dict[int, str] = field(default_factory=dict)
    data_sets: dict[str, Shape] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)  # the data set of each
