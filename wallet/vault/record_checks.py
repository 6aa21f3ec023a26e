"""Check the data sets of a vault: their columns, their imports, and every row against the columns."""

from collections.abc import Callable, Mapping
from typing import Any, Final, get_type_hints

import orjson

from wallet.records import engine
from wallet.records.blocks import MOST_ROWS_IN_BLOCK
from wallet.records.cells import is_cell
from wallet.records.errors import BadDataSet
from wallet.records.imports import LONGEST_FILE_NAME
from wallet.records.model import Reading, Shape
from wallet.vault.declared import BY_NAME
from wallet.vault.errors import BadVault
from wallet.vault.ids import is_ulid
from wallet.vault.known import Known
from wallet.vault.reading import Vault

FORMATS: Final = ("csv", "json", "sqlite")
LONGEST_VENDOR: Final = 2000
COUNTED: Final = ("imported", "duplicates", "replaced", "kept", "refused_count")
READ: Final[Mapping[str, type]] = get_type_hints(Reading)
TOLD: Final[Mapping[str, type]] = {"file_name": str, "vendor": str, "size": int, "utf8": bool}


def check_data_sets(vault: Vault, known: Known) -> None:
    count: dict[object, int] = {}
    for row in vault.rows(BY_NAME["data_sets"]):
        count[row["persona_id"]] = count.get(row["persona_id"], 0) + 1
        about, data_set_id = orjson.loads(str(row["about"])), str(row["data_set_id"])
        if not is_ulid(data_set_id) or count[row["persona_id"]] > engine.MOST_DATA_SETS:
            raise BadVault("A data set in this vault can not be one.")
        known.data_sets[data_set_id] = shape_in(about)


def shape_in(about: Mapping[str, Any]) -> Shape:
    """Raises BadVault, TypeError."""
    shape = engine.shape_of(about["columns"], about["date"], about["zone"])
    texts = [about["name"], about["zone"], *(text for one in shape.columns for text in (one.name, one.kind, one.unit))]
    is_typed = all(isinstance(text, str) for text in texts) and all(type(one.is_key) is bool for one in shape.columns)
    if not is_typed or not (shape.date is None or (type(shape.date) is int and shape.date >= 0)):
        raise BadVault("A data set in this vault can not be one.")
    try:
        engine.check_shape(shape)
        if engine.check_name(about["name"]) == about["name"]:
            return shape
    except BadDataSet:
        pass
    raise BadVault("A data set in this vault can not be one.")


def check_imports(vault: Vault, known: Known) -> None:
    for row in vault.rows(BY_NAME["record_imports"]):
        import_id, data_set_id = str(row["import_id"]), str(row["data_set_id"])
        if not is_ulid(import_id) or import_id in known.data_sets or data_set_id not in known.data_sets:
            raise BadVault("An import in this vault belongs to no data set.")
        if row["state"] != "done" or not is_about(orjson.loads(str(row["about"]))):
            raise BadVault("An import in this vault can not be one.")
        known.imports[import_id] = data_set_id


def is_about(about: Mapping[str, Any]) -> bool:
    """What a page says of an import."""
    plan, outcome = about["plan"], about["outcome"]
    is_told = set(outcome) == {*COUNTED, "refused", "failed"} and outcome["failed"] == ""
    return (
        set(about) == {*TOLD, "plan", "outcome"}
        and all(type(about[name]) is kind for name, kind in TOLD.items())
        and len(about["file_name"] + about["vendor"]) <= LONGEST_FILE_NAME + LONGEST_VENDOR
        and is_told
        and all(type(outcome[name]) is int for name in COUNTED)
        and all(list(map(type, one)) == [int, str, str] for one in outcome["refused"])
        and (plan is None or is_plan(plan))
    )


def is_plan(plan: Mapping[str, Any]) -> bool:
    reading = plan["reading"]
    return (
        set(plan) == {"reading", "columns", "conflicts"}
        and {name: type(value) for name, value in reading.items()} == READ
        and reading["format"] in FORMATS
        and all(place is None or type(place) is int for place in plan["columns"])
        and plan["conflicts"] in {"keep", "take"}
    )


def check_rows(vault: Vault, known: Known) -> None:
    for block in vault.rows(BY_NAME["record_blocks"]):
        data_set_id, rows = str(block["data_set_id"]), orjson.loads(str(block["rows"]))
        if not is_ulid(str(block["block_id"])) or known.imports.get(str(block["import_id"])) != data_set_id:
            raise BadVault("Rows in this vault belong to no import.")
        if not isinstance(rows, list) or len(rows) > MOST_ROWS_IN_BLOCK:
            raise BadVault("Rows in this vault can not be such.")
        kinds = [column.kind for column in known.data_sets[data_set_id].columns]
        if block["part"] == "replaced":
            kinds.append("text")  # the import it came from
        if not all(row is None or is_row(row, kinds) for row in rows):
            raise BadVault("A row in this vault does not fit its data set.")


def is_row(row: object, kinds: list[str]) -> bool:
    return isinstance(row, list) and len(row) == len(kinds) and all(map(is_cell, row, kinds))


CHECKS: Final[tuple[Callable[[Vault, Known], None], ...]] = (check_data_sets, check_imports, check_rows)
