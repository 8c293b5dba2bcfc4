"""The border for records: what a screen, a command or a file wants to store is checked here, once.

The shapes come from the record classes; a refusal names the field and the remedy (catalogue ``problems``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
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

_SIGNS = (("datetime.datetime", "moment"), ("datetime.date", "date"), ("int", "integer"), ("float", "number"))
_RESERVED = frozenset({*COMMON, "type", "gone"})
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}").fullmatch  # what a server takes
_YEAR_FIRST = re.compile(r"\d{4}-\d{2}-\d{2}").match


@cache
def _shape(type_name: str) -> type[BaseModel]:
    record = BY_NAME[type_name]
    fields: dict[str, Any] = {}
    for name in own_columns(record):
        info = record.model_fields[name]
        fields[name] = (info.annotation, info)
    return create_model(f"{record.__name__}Fields", __config__=ConfigDict(extra="allow"), **fields)


@cache
def _kinds(type_name: str) -> dict[str, str]:
    """field -> what it holds, of the fields this version knows."""
    record = BY_NAME[type_name]
    found = {}
    for name in own_columns(record):
        written = str(record.model_fields[name].annotation)
        found[name] = next((kind for sign, kind in _SIGNS if sign in written), "other")
    return found


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
    problems = list(_misread(type_name, given))
    if problems:
        raise _refusal(type_name, problems)
    try:
        shaped = _shape(type_name)(**given)
    except ValidationError as error:
        raise _refusal(type_name, map(_problem, error.errors())) from None
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
        raise _refusal(type_name, problems)
    return body


def _refusal(type_name: str, problems: Iterable[FieldProblem]) -> InvalidFields:
    return InvalidFields([problem.of(type_name) for problem in problems])


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        text = nfc(value)
        if not text.isprintable():  # a NUL fits into no text column of a server
            text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
        return text.strip() or None
    return value


def _misread(type_name: str, given: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Values that pydantic would bend into something nobody wrote: numbers as moments, yes and no as numbers; and
    names that no field may have."""
    for name, value in given.items():
        kind = _kinds(type_name).get(name)
        if kind is None and (name in _RESERVED or not _FIELD_NAME(name)):
            yield FieldProblem("field", "problems.field_name", name=name[:63])
        elif kind in ("date", "moment"):
            if isinstance(value, int | float) or (isinstance(value, str) and not _YEAR_FIRST(value)):
                yield FieldProblem(name, f"problems.{kind}")
        elif kind in ("integer", "number") and isinstance(value, bool):
            yield FieldProblem(name, f"problems.{kind}")


def _problem(error: Any) -> FieldProblem:
    field = str(error["loc"][0])
    kind: str = error["type"]
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = error["ctx"].get("ge", error["ctx"].get("le"))
        key = "problems.too_small" if kind == "greater_than_equal" else "problems.too_large"
        return FieldProblem(field, key, limit=limit)
    return FieldProblem(field, _REMEDIES.get(kind.split("_")[0], "problems.text"))
