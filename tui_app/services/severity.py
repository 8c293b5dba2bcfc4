"""While a person has not decided, lists show the more severe of the values that met, not the first to arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from sync.record import same
from tui_app.services.questions import severity_of

UNWELL = """(s.wellbeing = 'unwell' OR s.id IN (SELECT record FROM conflict WHERE state = 'open' AND NOT deleted
    AND record_type = 'screening' AND field = 'wellbeing' AND instr("values", '"unwell"')))"""
"""SQL: whether the screening ``s`` says unwell, or one of its values that wait for a decision does."""


def severest(c: Any, records: Iterable[str]) -> dict[tuple[str, str], Any]:
    """(record, field) -> the most severe value given, of the fields that wait for a decision and have an order."""
    wanted = msgspec.json.encode(list(records)).decode()
    found = c.execute(
        "SELECT record_type, record, field, \"values\" FROM conflict WHERE state = 'open' AND NOT deleted"
        " AND record IN (SELECT value FROM json_each(?))",
        (wanted,),
    )
    answer: dict[tuple[str, str], Any] = {}
    for type_name, record, field, values in found:
        order = severity_of(type_name).get(field)
        given = [one.get("value") for one in msgspec.json.decode(values or "[]")]
        ranked = [(_rank(order, value), value) for value in given] if order else []
        if ranked and max(rank for rank, _ in ranked) >= 0:
            answer[record, field] = max(ranked, key=lambda pair: pair[0])[1]
    return answer


def graver(type_name: str, field: str, *values: Any) -> Any:
    """The most severe of values of a field that has an order; those without a place in it do not count."""
    order = severity_of(type_name).get(field, ())
    return max(
        (value for value in values if _rank(order, value) >= 0), key=lambda v: _rank(order, v), default=None
    )


def _rank(order: tuple[object, ...], value: Any) -> int:
    return next((place for place, known in enumerate(order) if same(known, value)), -1)
