"""Numbers that the station counted itself, for figures that no record can tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tui_app.errors import NotFound, UserError
from tui_app.services.reports.filing import period_of
from tui_app.services.reports.kinds import Kind
from tui_app.services.station.station_values import keep_value
from tui_app.store.engine import Store


def type_in(
    store: Store, who: str, kind: Kind, day: date, numbers: Mapping[str, str], source: str = ""
) -> None:
    """Keep numbers for the period that a day lies in. Raises NotFound for a figure that is counted or that the kind
    does not have, UserError for what is no count, NotOpened for anybody but the chief."""
    with store.read() as c:
        last = period_of(c, kind, day).last
    for name, value in numbers.items():
        if name not in kind.typed:
            raise NotFound("reports.no_such_figure", name=name, names=", ".join(kind.typed))
        if not value.isascii() or not value.isdigit():
            raise UserError("reports.bad_number", value=value)
    for name, value in numbers.items():
        keep_value(store, who, f"{kind.name}.{name}", value, last, source)
