"""How a door of the day's walk looks in a list: symbol, word and tone together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tui_app.clock import show_moment
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.services.people.doors import Door, DoorState
from tui_app.services.risk.assignments import Given
from tui_app.text import place_words
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import Tone, symbols_in_use

_SIGNS = {
    DoorState.LEFT: ("○", "o"),
    DoorState.DRAFT: ("✎", "~"),
    DoorState.PARTLY: ("◐", "%"),
    DoorState.MET: ("●", "*"),
    DoorState.ABSENT: ("–", "-"),
    DoorState.REFUSED: ("×", "x"),
    DoorState.MOVED: ("→", ">"),
    DoorState.EMPTY: ("∅", "0"),
}
_TONES: dict[str, Tone] = {
    DoorState.DRAFT: "warning",
    DoorState.PARTLY: "warning",
    DoorState.MET: "good",
    DoorState.ABSENT: "muted",
    DoorState.REFUSED: "muted",
    DoorState.MOVED: "muted",
    DoorState.EMPTY: "muted",
}
_STATE, _UNWELL = 0, 5


def columns(*, given: bool = False) -> list[Column]:
    """The columns of *Hôm nay*; ``given``: of the doors where somebody is given out."""
    if given:
        return [
            Column("state", t("today.column_state"), width=12, tone=_state_tone),
            Column("code", t("today.column_code"), width=6),
            Column("address", t("today.column_address"), width=16, flex=2),
            Column("given", t("today.column_given"), width=24, flex=5),
        ]
    return [
        Column("state", t("today.column_state"), width=12, tone=_state_tone),
        Column("code", t("today.column_code"), width=6),
        Column("address", t("today.column_address"), width=16, flex=3),
        Column("head", t("today.column_head"), width=18, flex=3, names=True),
        Column("persons", t("today.column_persons"), width=5, align="right"),
        Column("unwell", t("today.column_unwell"), width=4, align="right", tone=_unwell_tone),
        Column("last", t("today.column_last"), width=8, align="right", optional=1),
    ]


def row_of(door: Door, given: Sequence[Given] = ()) -> Row:
    """A door's row. An unvisited door has no count of ill persons: ``?`` is not 0. ``given``: what is given out there,
    shown in place of the head."""
    asked = door.state in (DoorState.MET, DoorState.PARTLY)
    return Row(
        key=door.household,
        cells=(
            state_words(door.state),
            door.code,
            place_words(door.address, door.alley),
            given_words(given) if given else door.head_name or "?",
            f"{door.asked}/{door.persons}",
            str(door.unwell) if asked else "?",
            show_moment(door.last_visit)[:5] if door.last_visit else t("today.never"),
        ),
    )


@dataclass(slots=True)
class DoorSource:
    """Doors as rows, made when they come into view: four thousand need not be written for twenty to be read."""

    doors: Sequence[Door]
    given: Mapping[str, Sequence[Given]] = field(default_factory=dict)
    blocking: bool = False
    _places: dict[str, int] = field(default_factory=dict, repr=False)

    def count(self) -> int:
        """How many doors there are."""
        return len(self.doors)

    def window(self, start: int, stop: int) -> Sequence[Row]:
        """The rows of the doors ``start`` to ``stop``."""
        return [row_of(door, self.given.get(door.household, ())) for door in self.doors[start:stop]]

    def place_of(self, key: str) -> int | None:
        """Where a household stands, or None."""
        if not self._places:
            self._places = {door.household: place for place, door in enumerate(self.doors)}
        return self._places.get(key)


def given_words(given: Sequence[Given]) -> str:
    """Who is given out at a door, for what, to whom."""
    return "; ".join(
        f"{one.full_name or t('today.given_household')}: {code_word('task', one.task).lower()}"
        + (f" → {one.assigned_to}" if one.assigned_to else "")
        for one in given
    )


def state_words(state: DoorState) -> str:
    """Symbol and word of a state."""
    return f"{_sign(state)} {t(f'today.state_{state}')}"


def _sign(state: DoorState) -> str:
    full, plain = _SIGNS[state]
    return plain if symbols_in_use() == "ascii" else full


def _state_tone(row: Row) -> Tone:
    said = str(row.cells[_STATE])
    return next((tone for state, tone in _TONES.items() if said == state_words(DoorState(state))), "")


def _unwell_tone(row: Row) -> Tone:
    unwell = str(row.cells[_UNWELL])
    return "muted" if unwell in ("?", "0") else "warning"
