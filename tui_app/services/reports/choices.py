"""What a station chose or typed in for its reports, as it held on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from tui_app.clock import to_wire, today
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.records import checks
from tui_app.services.reports.kinds import Choices
from tui_app.services.station.station_values import (
    CHOICES,
    CUT_OFF,
    SHORT_MONTH,
    StationValue,
    choice,
    keep_value,
    station_value,
)
from tui_app.store.engine import Store

CUMULATIVE_FROM = "cumulative_from"
"""Name of the station's own number for the first day of running totals (form 5.9: "lũy kế từ ngày …")."""
FIGURES = (CUT_OFF,)
PERIODS = (CUT_OFF, SHORT_MONTH)


def chosen(c: Any, names: Iterable[str], day: date) -> tuple[StationValue, ...]:
    """Each of these choices as it holds on a day, with who changed it from when."""
    return tuple(choice(c, name, day) for name in names)


def choices(c: Any, day: date) -> Choices:
    """What a period and its figures depend on, by name."""
    return {one.name: one.value for one in chosen(c, PERIODS, day)}


def cumulative_from(c: Any, day: date) -> str:
    """The first day of running totals, ISO; empty for everything that is recorded."""
    found = station_value(c, CUMULATIVE_FROM, day)
    return found.value if found else ""


def typed_in(c: Any, kind: str, day: date, as_of: datetime) -> dict[str, tuple[int, str]]:
    """Figures that somebody typed in for the period that ends on a day: name -> number and its source."""
    rows = c.execute(
        "SELECT name, value, source FROM station_value WHERE substr(name, 1, ?) = ? AND as_of = ?"
        " AND NOT deleted AND value IS NOT NULL AND changed_at <= ?",
        (len(kind) + 1, f"{kind}.", day.isoformat(), to_wire(as_of)),
    )
    return {
        name.partition(".")[2]: (int(value), source or "") for name, value, source in rows if value.isdigit()
    }


def every_choice(c: Any, day: date) -> tuple[StationValue, ...]:
    """All that a station may choose for its reports and levels, as it holds on a day."""
    since = station_value(c, CUMULATIVE_FROM, day) or StationValue(CUMULATIVE_FROM, "")
    return (*chosen(c, CHOICES, day), since)


def choose(
    store: Store, who: str, name: str, value: str, as_of: date | None = None, source: str = ""
) -> None:
    """Keep a choice from a day on (today); what was filed stays as it was counted. Raises NotFound for a name there is
    not, InvalidFields, NotOpened for anybody but the chief."""
    if name == CUMULATIVE_FROM:
        found = checks.day(value, today(store.clock), "value")
        if found.value is None:
            raise InvalidFields([found.problem or FieldProblem("value", "problems.missing")])
        value = found.value.isoformat()
    elif name not in CHOICES:
        raise NotFound("reports.no_such_choice", name=name, names=", ".join((*CHOICES, CUMULATIVE_FROM)))
    keep_value(store, who, name, value, as_of, source)
