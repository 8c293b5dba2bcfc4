"""The last readings of patients: the rows that stand, with the more severe value where two wait for a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from tui_app.rules.attention import grade_of
from tui_app.rules.findings import Finding, as_findings
from tui_app.services.people.severity import Values, given_by, severest, shown_at

SHOWN = 5
LASTING = ("temperature_c", "respiratory_rate", "pulse")
"""Values of which the last one measured is shown, however long ago."""


@dataclass(frozen=True, slots=True)
class Look:
    """One reading. ``spo2``: percent, the one of two that counted, None when it was not measured."""

    id: str
    at: str
    slot: tuple[date, str]
    spo2: int | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class History:
    """``looks``: the last readings, oldest first; ``older``: readings of before them, for what the last of them has and
    the others have not: SpO2, a grade; ``values``, ``measured``: the last value of each of `LASTING`, and its wire
    moment."""

    looks: list[Look] = field(default_factory=list)
    older: list[Look] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)

    def last(self, name: str) -> Any:
        """The last measured value, None when it never was."""
        return self.values.get(name)

    def note(self, name: str, value: Any, at: str) -> None:
        """A value that was measured, later than any noted before."""
        if value is not None:
            self.values[name], self.measured[name] = value, at


def looks(c: Any, cases: Iterable[str], until: str | None = None) -> dict[str, History]:
    """case -> its last readings; ``until``: as they were known at this wire moment."""
    wanted = list(cases)
    found: dict[str, History] = defaultdict(History)
    query = _LAST.format(stands=_stands(until))
    rows = c.execute(query, {"cases": _json(wanted), "until": until, "shown": SHOWN}).fetchall()
    met = _met(c, [row["id"] for row in rows], until)
    for row in reversed(rows):
        history, ident = found[row["case"]], row["id"]
        for name in LASTING:
            history.note(name, met.get((ident, name), row[name]), row["at"])
        history.looks.append(_look(row, met))
    for name in LASTING:
        _fill(c, name, [case for case in wanted if name not in found[case].values], found, until)
    for has, of in _COMPARED:
        _add_older(c, has, [one for one in found.items() if _is_first(one[1].looks, of)], until)
    return found


def _look(row: Any, met: Values) -> Look:
    ident = row["id"]
    findings = as_findings(_text(met.get((ident, "findings"), row["findings"])))
    counts = _counted(findings)
    spo2 = met.get((ident, "spo2"), met.get((ident, counts), row[counts]))
    return Look(ident, row["at"], (date.fromisoformat(row["slot_on"]), row["slot"]), spo2, findings)


def _is_first(looks: list[Look], of: Callable[[Look], Any]) -> bool:
    """Whether of as many readings as are shown the last alone has something."""
    return len(looks) == SHOWN and [of(look) is not None for look in looks] == [*[False] * (SHOWN - 1), True]


def _add_older(c: Any, has: str, histories: list[tuple[str, History]], until: str | None) -> None:
    """Look further back for the reading with which the last one is compared."""
    if histories:
        query = _COMPARED_WITH.format(stands=_stands(until), has=has)
        wanted = msgspec.json.encode([(case, history.looks[-1].id) for case, history in histories]).decode()
        rows = c.execute(query, {"wanted": wanted, "until": until}).fetchall()
        met, found = _met(c, [row["id"] for row in rows], until), dict(histories)
        for row in rows:
            older = found[row["case"]].older
            older.append(_look(row, met))
            older.sort(key=lambda look: (look.at, look.id))


def _fill(c: Any, name: str, cases: list[str], found: dict[str, History], until: str | None) -> None:
    """Look further back for a value that none of the last readings measured."""
    if cases:
        query = _OLDER.format(stands=_stands(until), field=name)
        rows = c.execute(query, {"cases": _json(cases), "until": until}).fetchall()
        met = _met(c, [row["id"] for row in rows], until)
        for row in rows:
            found[row["case"]].note(name, met.get((row["id"], name), row[name]), row["at"])


def _met(c: Any, readings: list[str], until: str | None) -> Values:
    """What counts of the fields whose values met: now, or as it was shown at a moment."""
    return severest(c, readings) if until is None else shown_at(c, readings, until)


def _counted(findings: tuple[Finding, ...]) -> str:
    """Of an SpO2 measured twice the field that the judgement counted."""
    return next((one.field for one in findings if one.kind == "measurement"), "spo2")


def _text(findings: Any) -> str:
    """Findings as the JSON text a row keeps."""
    return findings if isinstance(findings, str) else msgspec.json.encode(findings or []).decode()


def _json(values: list[str]) -> str:
    return msgspec.json.encode(values).decode()


def _stands(until: str | None) -> str:
    """SQL: whether the observation ``o`` counts: written by then, not corrected by then, and not a taking back."""
    made = "" if until is None else f"AND {given_by('o')}"
    later = "" if until is None else f"AND {given_by('later')}"
    return f"""NOT o.deleted {made} AND coalesce(o.temperature_c, o.pulse, o.respiratory_rate, o.spo2, o.spo2_repeat,
        o.systolic_bp, o.diastolic_bp, o.symptoms, o.signs) IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM observation AS later WHERE later.amends = o.id AND NOT later.deleted {later})"""


_COMPARED: tuple[tuple[str, Callable[[Look], Any]], ...] = (
    ("coalesce(o.spo2, o.spo2_repeat) IS NOT NULL", lambda look: look.spo2),
    (
        "EXISTS (SELECT 1 FROM json_each(o.findings) AS f WHERE f.value ->> 'kind' = 'severity')",
        lambda look: grade_of(look.findings),
    ),
)
"""What a reading is compared by: SQL for whether the observation ``o`` has it, and where a look has it."""
_COLUMNS = """"case", observation.id, at, slot_on, slot, spo2, spo2_repeat, temperature_c, respiratory_rate, pulse,
    findings"""
_LAST = f"""
SELECT {_COLUMNS}
FROM json_each(:cases) AS wanted CROSS JOIN observation ON observation.id IN (
    SELECT o.id FROM observation AS o WHERE o."case" = wanted.value AND {{stands}}
    ORDER BY o.at DESC, o.id DESC LIMIT :shown)
ORDER BY at DESC, observation.id DESC
"""
_COMPARED_WITH = f"""
SELECT {_COLUMNS}
FROM json_each(:wanted) AS wanted CROSS JOIN observation ON observation.id = (
    SELECT o.id FROM observation AS o WHERE o."case" = wanted.value ->> 0 AND o.id <> wanted.value ->> 1
    AND {{has}} AND {{stands}} ORDER BY o.at DESC, o.id DESC LIMIT 1)
"""
_OLDER = """
SELECT observation.id, "case", {field}, at FROM json_each(:cases) AS wanted CROSS JOIN observation ON observation.id = (
    SELECT o.id FROM observation AS o WHERE o."case" = wanted.value AND o.{field} IS NOT NULL AND {stands}
    ORDER BY o.at DESC, o.id DESC LIMIT 1)
"""
