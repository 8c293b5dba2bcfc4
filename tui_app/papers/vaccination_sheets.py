"""The lists of vaccination as spreadsheets; each names people, so each is noted in the journal of access."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, to_wire, today
from tui_app.i18n import t
from tui_app.papers import words
from tui_app.papers.letterhead import station_head
from tui_app.papers.sheets import Column, write_table
from tui_app.services.access import gate
from tui_app.services.access.access import log_export
from tui_app.services.station.units import held
from tui_app.services.vaccination.vaccination_lists import LISTS, DoseLine, vaccination_lists
from tui_app.services.vaccination.vaccination_words import dose_word, given_words, status_words

FORMATS = ("xlsx", "csv")
FileFormat = Literal["xlsx", "csv"]
KIND = "vaccination-list"


def write_list(workspace: Workspace, name: str, day: date, file_format: FileFormat) -> tuple[int, bytes]:
    """One of `LISTS` for a day: how many persons, and the file. Raises NotOpened."""
    assert name in LISTS
    note_names(workspace)
    with workspace.store.read() as c:
        lines = vaccination_lists(c, day)[name]
        phones = _phones(c)
        head = station_head(c, today(workspace.clock))
    out = io.BytesIO()
    write_table(
        out,
        file_format,
        title=t(f"vaccination.title_{name}", date=show_date(day)),
        heading=head,
        columns=_columns(name),
        rows=_rows(name, lines, phones),
        notes=[t("vaccination.sheet_note", count=len(lines))],
    )
    return len(lines), out.getvalue()


def note_names(workspace: Workspace) -> None:
    """Note that a paper with names is made, in every unit that may be opened. Raises NotOpened."""
    with workspace.store.write() as c:
        areas = set(gate.open_only(c, (unit.id for unit in held(c))))
        units = [unit for unit in held(c) if unit.id in areas]
        log_export(c, workspace.user, to_wire(workspace.clock()), units, "vaccination_dose", KIND)


def _columns(name: str) -> list[Column]:
    more = [Column(t("vaccination.col_with"), width=22), Column(t("fields.carer"), width=18)]
    return [
        Column(t("vaccination.col_number"), "number", 5),
        Column(t("fields.full_name"), width=26),
        Column(t("vaccination.col_born"), width=12),
        Column(t("vaccination.col_address"), width=28),
        Column(t("vaccination.col_unit"), width=14),
        Column(t("fields.phone"), width=13),
        Column(t("vaccination.col_given"), width=14),
        Column(t("vaccination.col_last"), "date", 12),
        Column(t("vaccination.col_next"), width=18),
        Column(t("vaccination.col_due"), "date", 12),
        Column(t("vaccination.col_state"), width=28),
        *(more if name == "at_home" else []),
        Column(t("vaccination.col_reason"), width=24),
    ]


def _rows(name: str, lines: Iterable[DoseLine], phones: dict[str, str]) -> Iterator[list[object]]:
    for number, one in enumerate(lines, 1):
        found = one.status
        yield [
            number,
            one.full_name,
            one.born,
            one.address,
            one.unit,
            words.phone_words(phones[one.person]) if one.person in phones else None,
            given_words(found),
            found.last_dose_on,
            dose_word(found.next_dose),
            found.next_due,
            status_words(found, until=one.until),
            *((one.with_person, one.carer) if name == "at_home" else ()),
            one.reason,
        ]


def _phones(c: Any) -> dict[str, str]:
    found = c.execute(
        "SELECT p.id, coalesce(p.phone, h.phone) FROM person AS p LEFT JOIN household AS h ON h.id = p.household"
        " WHERE NOT p.deleted"
    )
    return {person: phone for person, phone in found if phone}
