"""The border for records: what a screen, a command or a file wants to store is checked here, once.

The shapes come from the record classes; a refusal names the field and the remedy (catalogue ``problems``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from tui_app.clock import to_wire
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records import BY_NAME
from tui_app.records.base import COMMON, MomentText, own_columns
from tui_app.text import nfc

_REMEDIES = {
    "date": "problems.date",
    "datetime": "problems.moment",
    "int": "problems.integer",
    "float": "problems.number",
    "bool": "problems.yes_no",
    "string": "problems.text",
    "list": "problems.list",
}


@cache
def _shape(type_name: str) -> type[BaseModel]:
    record = BY_NAME[type_name]
    fields: dict[str, Any] = {}
    for name in own_columns(record):
        info = record.model_fields[name]
        fields[name] = (info.annotation, info)
    return create_model(f"{record.__name__}Fields", __config__=ConfigDict(extra="allow"), **fields)


@cache
def _codes(type_name: str) -> dict[str, frozenset[str]]:
    columns = BY_NAME[type_name].__table__.columns  # type: ignore[attr-defined]
    return {c.name: frozenset(c.info["codes"]) for c in columns if c.info.get("codes")}


@cache
def _moments(type_name: str) -> frozenset[str]:
    columns = BY_NAME[type_name].__table__.columns  # type: ignore[attr-defined]
    return frozenset(c.name for c in columns if isinstance(c.type, MomentText) and c.name not in COMMON)


@cache
def required(type_name: str) -> frozenset[str]:
    """The fields a new record of the type must have."""
    columns = BY_NAME[type_name].__table__.columns  # type: ignore[attr-defined]
    return frozenset(c.name for c in columns if c.info.get("required"))


def checked(type_name: str, fields: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """``fields`` as they are stored: JSON values, text in NFC, empty text as None.

    Unknown fields pass through (they end in ``extra``). ``new``: also ask for what a new record must have.
    Raises InvalidFields with one problem a field.
    """
    given = {name: _normal(value) for name, value in fields.items()}
    problems: list[FieldProblem] = []
    try:
        shaped = _shape(type_name)(**given)
    except ValidationError as error:
        raise InvalidFields([_problem(e) for e in error.errors()]) from None
    body = shaped.model_dump(mode="json", include=set(given))
    for name in _moments(type_name) & body.keys():
        moment = getattr(shaped, name)
        if moment is not None and moment.tzinfo is None:
            problems.append(FieldProblem(name, "problems.moment"))
        elif moment is not None:
            body[name] = to_wire(moment)
    for name, codes in _codes(type_name).items():
        value = body.get(name)
        if value is not None and not codes.issuperset(value if isinstance(value, list) else [value]):
            problems.append(FieldProblem(name, "problems.code", codes=", ".join(sorted(codes))))
    if new:
        missing = required(type_name) - {name for name, value in body.items() if value is not None}
        problems += [FieldProblem(name, "problems.missing") for name in sorted(missing)]
    if problems:
        raise InvalidFields(problems)
    return body


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        return nfc(value).strip() or None
    return value


def _problem(error: Any) -> FieldProblem:
    field = str(error["loc"][0])
    kind: str = error["type"]
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = error["ctx"].get("ge", error["ctx"].get("le"))
        key = "problems.too_small" if kind == "greater_than_equal" else "problems.too_large"
        return FieldProblem(field, key, limit=limit)
    return FieldProblem(field, _REMEDIES.get(kind.split("_")[0], "problems.text"))
