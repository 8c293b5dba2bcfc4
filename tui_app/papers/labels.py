"""Sheets of labels: the QR of a door or of a person's card, with nothing on it that tells who lives there.

Twenty-four to a sheet of A4, 70 × 37 mm each, the common ready-cut size. A door's label shows its household's number;
on a person's card the name is left to be written by hand.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tui_app import qr
from tui_app.bootstrap import Workspace
from tui_app.clock import to_wire
from tui_app.errors import UserError
from tui_app.i18n import language, t
from tui_app.papers.pdf import FONT, add_fonts, draw_qr
from tui_app.papers.table import LINE, POINT
from tui_app.records.tokens import spelled, token
from tui_app.services.access import gate
from tui_app.services.access.access import log_export
from tui_app.services.people.doors import walking_order
from tui_app.services.station.units import Units
from tui_app.store.rows import table

ACROSS, DOWN = 3, 8
WIDTH, TALL = 70.0, 37.0  # mm
QR_SIDE = 29.0  # mm; a token takes a QR of version 1, so a module is 1 mm
_MARGIN = 4.0
KIND = "labels"


def write_labels(
    workspace: Workspace, *, persons: bool = False, unit: str | None = None
) -> tuple[int, bytes]:
    """The labels of all households (or cards of all persons living there), in walking order; how many, and the PDF.

    ``unit``: only this one, by name or code. That they were made is noted first. Raises NotFound, UserError when there
    is nobody, NotOpened.
    """
    now = workspace.clock()
    with workspace.store.write() as c:
        gate.check_role(c)
        areas = _areas(c, unit)
        found = _records(c, persons, {area.id for area in areas})
        if not found:
            raise UserError("identity.labels_none")
        log_export(c, workspace.user, to_wire(now), areas, "person" if persons else "household", KIND)
    sheet = _Sheets(
        t("identity.cards_title" if persons else "identity.labels_title"), now, ACROSS, DOWN, WIDTH, TALL
    )
    for type_name, ident, code, unit_name in found:
        _draw(sheet, token(type_name, ident), _words(persons, code), unit_name)
    return len(found), sheet.write()


def _words(persons: bool, code: str) -> str:
    if persons:
        return t("identity.label_name") + "…" * 14
    return t("identity.label_door", code=code) if code else t("identity.label_door_bare")


def _areas(c: Any, unit: str | None) -> list[Any]:
    units = Units(c, unit)
    shut = gate.closed(c)
    if unit is not None and units.default is not None:
        gate.check(c, units.default.area)
        return [units.default]
    return [row for row in table("area").where(c) if row.id not in shut]


def _records(c: Any, persons: bool, areas: set[str]) -> list[tuple[str, str, str, str]]:
    """(type, id, household's number, unit) in walking order, persons of a door by birth."""
    doors = [row for row in c.execute(_DOORS) if row["area"] in areas]
    doors.sort(key=walking_order)
    if not persons:
        return [("household", row["id"], row["code"] or "", row["unit_name"] or "") for row in doors]
    living: dict[str, list[str]] = {}
    for ident, household in c.execute(_PERSONS):
        living.setdefault(household, []).append(ident)
    return [
        ("person", ident, row["code"] or "", row["unit_name"] or "")
        for row in doors
        for ident in living.get(row["id"], ())
    ]


_DOORS = """SELECT h.id, h.area, h.code, h.address, h.alley, h.walk_order, a.unit_name FROM household AS h
LEFT JOIN area AS a ON a.id = h.area WHERE NOT h.deleted"""
_PERSONS = """SELECT id, household FROM person WHERE NOT deleted AND died_on IS NULL AND moved_on IS NULL
ORDER BY coalesce(birth_date, birth_year || '-12-31', '9999'), id"""


def _draw(sheet: _Sheets, written: str, words: str, unit: str) -> None:
    x, y = sheet.next_label()
    sheet.qr(qr.modules(written), x + _MARGIN / 2, y + (TALL - QR_SIDE) / 2, QR_SIDE)
    left, width = x + QR_SIDE + _MARGIN, WIDTH - QR_SIDE - 2 * _MARGIN
    sheet.words(left, y + 7, width, words, 11, bold=True)
    sheet.words(left, y + 14, width, unit, 9)
    sheet.words(left, y + 20, width, spelled(written), 8.5)
    sheet.words(left, y + 27, width, t("identity.label_foot"), 7)


class _Sheets:
    """Sheets of A4 cut into equal labels, ``across`` × ``down``, each ``width`` × ``tall`` mm, without margins."""

    def __init__(self, title: str, made: datetime, across: int, down: int, width: float, tall: float) -> None:
        from fpdf import FPDF

        self.pdf = FPDF("P", "mm", "A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margins(0, 0, 0)
        self.pdf.c_margin = 0
        add_fonts(self.pdf)
        self.pdf.set_title(title)
        self.pdf.set_lang(language())
        self.pdf.set_creation_date(made)
        self._across, self._down, self._size = across, down, (width, tall)
        self._count = 0

    def next_label(self) -> tuple[float, float]:
        """The upper left corner of the next label, on a new page when the last is full."""
        place = self._count % (self._across * self._down)
        if place == 0:
            self.pdf.add_page()
        self._count += 1
        down, across = divmod(place, self._across)
        width, tall = self._size
        left = (self.pdf.w - self._across * width) / 2
        top = (self.pdf.h - self._down * tall) / 2
        return left + across * width, top + down * tall

    def words(self, x: float, y: float, width: float, text: str, size: float, *, bold: bool = False) -> None:
        """One line at a place, smaller when it would be wider than ``width`` mm."""
        self.pdf.set_font(FONT, "B" if bold else "", size)
        wide = self.pdf.get_string_width(text)
        if wide > width:
            self.pdf.set_font(FONT, "B" if bold else "", size * width / wide)
        self.pdf.set_xy(x, y)
        self.pdf.cell(width, size * POINT * LINE, text)

    def qr(self, modules: Sequence[Sequence[bool]], x: float, y: float, side: float) -> None:
        """A QR as `draw_qr` draws it."""
        draw_qr(self.pdf, modules, x, y, side)

    def write(self) -> bytes:
        """The finished file."""
        out = io.BytesIO()
        self.pdf.output(out)
        return out.getvalue()
