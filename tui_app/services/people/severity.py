"""While a person has not decided, lists show the more severe of the values that met, not the first to arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from sync.record import same
from tui_app.services.exchange.questions import severity_of

UNWELL = """(s.wellbeing = 'unwell' OR s.id IN (SELECT record FROM conflict WHERE state = 'open' AND NOT deleted
    AND record_type = 'screening' AND field = 'wellbeing' AND instr("values", '"unwell"')))"""
"""SQL: whether the screening ``s`` says unwell, or one of its values that wait for a decision does."""


Values = dict[tuple[str, str], Any]


def severest(c: Any, records: Iterable[str]) -> Values:
    """(record, field) -> the most severe value given, of the fields that wait for a decision and have an order."""
    answer: Values = {}
    for row in c.execute(f"{_QUESTIONS} AND state = 'open'", (_json(records),)):
        severe = graver(row["record_type"], row["field"], *(one["value"] for one in _given(row)))
        if severe is not None:
            answer[row["record"], row["field"]] = severe
    return answer


def shown_at(c: Any, records: Iterable[str], until: str) -> Values:
    """(record, field) -> what a list showed at a wire moment, of the fields whose values met and that nobody had
    decided then: the most severe value given by then, of a field without an order the first one, and of one that
    settles by itself the last."""
    answer: Values = {}
    for row in c.execute(_QUESTIONS, (_json(records),)):
        decided = row["state"] == "resolved" and row["changed_at"] <= until
        given = [one["value"] for one in _given(row) if one.get("at", "") <= until]
        if decided or not given:
            continue
        severe = graver(row["record_type"], row["field"], *given)
        if severe is None:
            severe = given[-1 if row["state"] == "settled" else 0]
        answer[row["record"], row["field"]] = severe
    return answer


def given_by(alias: str) -> str:
    """SQL: whether the record under ``alias`` was there at ``:until``, though a decision on it came later."""
    return f"""({alias}.changed_at <= :until OR EXISTS (
        SELECT 1 FROM conflict AS asked, json_each(asked."values") AS given
        WHERE asked.record = {alias}.id AND NOT asked.deleted AND json_extract(given.value, '$.at') <= :until))"""


def _given(row: Any) -> list[dict[str, Any]]:
    """The values of a conflict row with who gave them, by the time they were given."""
    values: list[dict[str, Any]] = msgspec.json.decode(row["values"] or "[]")
    return sorted(values, key=lambda one: str(one.get("at", "")))


def _json(records: Iterable[str]) -> str:
    return msgspec.json.encode(list(records)).decode()


_QUESTIONS = """
SELECT record_type, record, field, state, "values", changed_at FROM conflict
WHERE NOT deleted AND record IN (SELECT value FROM json_each(?))
"""


def graver(type_name: str, field: str, *values: Any) -> Any:
    """The most severe of values of a field that has an order; those without a place in it do not count."""
    order = severity_of(type_name).get(field, ())
    return max(
        (value for value in values if _rank(order, value) >= 0), key=lambda v: _rank(order, v), default=None
    )


def _rank(order: tuple[object, ...], value: Any) -> int:
    return next((place for place, known in enumerate(order) if same(known, value)), -1)
