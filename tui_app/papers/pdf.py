"""A sheet of A4 as offices here write it: national heading, number, place and date, tables, signatures.

Drawn with fpdf2, which takes 0,7 s to import and so is loaded when the first sheet is asked for. The font lies beside
the program (`assets/fonts`); letters are NFC, as they are kept.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from tui_app.i18n import language, t
from tui_app.papers.table import LINE, POINT, Table
from tui_app.settings import asset

if TYPE_CHECKING:
    from tui_app.papers.letterhead import Letterhead

MISSING = "–"
"""What was not measured, not asked or not known. Never an empty cell that could pass for normal."""
BY_HAND = "…" * 30
"""What somebody writes on the paper."""
_UNBROKEN = "\N{NO-BREAK SPACE}"
FONT = "Tinos"
_LEFT, _RIGHT, _TOP, _BOTTOM = 20.0, 15.0, 14.0, 16.0  # mm
_WIDE_SIDE, _WIDE_TOP = 10.0, 10.0
SIGNATURES = 36.0
"""mm that who signs takes."""
_SECTION = 11.5  # points
_UNDER_SECTION, _AFTER_TABLE = 15.0, 1.5  # mm


class Paper:
    """A document being drawn from top to bottom. ``title``: for its window, names nobody; ``made``: when, aware;
    ``remark``: at the foot of every page, two lines at most."""

    def __init__(self, title: str, made: datetime, *, landscape: bool = False, remark: str = "") -> None:
        self.pdf = _sheet()("L" if landscape else "P", "mm", "A4")
        self.pdf.remark = remark
        self._margins(landscape)
        self.pdf.set_auto_page_break(True, _BOTTOM)
        add_fonts(self.pdf)
        self.pdf.set_title(title)
        self.pdf.set_lang(language())
        self.pdf.set_creation_date(made)
        self.pdf.set_line_width(0.2)
        self.pdf.c_margin = 0  # words begin where tables do
        self._font("", 11)
        self.pdf.add_page()

    @property
    def width(self) -> float:
        """Between the margins, in mm."""
        return float(self.pdf.epw)

    @property
    def left(self) -> float:
        """Where lines begin, in mm from the left."""
        return float(self.pdf.l_margin)

    @property
    def room(self) -> float:
        """What is left of this page, in mm."""
        return float(self.pdf.page_break_trigger) - self.y

    @staticmethod
    def line_height(size: float) -> float:
        """Of a line of words, in mm."""
        return size * POINT * LINE

    @property
    def y(self) -> float:
        """Where the next line begins, in mm from the top."""
        return float(self.pdf.get_y())

    def new_page(self, *, landscape: bool = False) -> None:
        """Begin a page, upright or lying."""
        self.pdf.add_page("L" if landscape else "P")  # which draws the foot of the page before
        self._margins(landscape)
        self.at(self.left, self.pdf.t_margin)

    def remark(self, text: str) -> None:
        """What stands at the foot from this page on."""
        self.pdf.remark = text

    def write(self) -> bytes:
        """The finished file."""
        out = io.BytesIO()
        self.pdf.output(out)
        return out.getvalue()

    # -- parts of a document

    def heading(self, head: Letterhead) -> None:
        """Whose paper it is on the left, the national words on the right; then the number, left to be written by hand,
        place and date."""
        left, top = self.left, self.y
        half = self.width * 0.42
        self._centred(left, top, half, ((head.above, ""), (head.office, "B")), rule=0.3)
        below = self.y
        self._centred(
            left + half,
            top,
            self.width - half,
            ((t("papers.nation"), "B"), (t("papers.motto"), "B")),
            rule=0.55,
        )
        self.pdf.set_xy(left, max(below, self.y) + 2.5)  # a long name takes more lines than the nation's
        self._font("", 11.5)
        line = self.line_height(11.5)
        self.pdf.cell(half, line, t("papers.number", number="……/……"), align="C")
        place, comma, day = head.place_and_day.rpartition(", ")
        words = f"{place}{comma}{day.replace(' ', _UNBROKEN)}"
        self.pdf.multi_cell(self.width - half, line, words, align="C", new_x="LMARGIN", new_y="NEXT")
        self.pdf.ln(2)

    def title(self, text: str, under: str = "") -> None:
        """The name of the document, and what it belongs to."""
        self.line(text, size=14, bold=True, align="C", after=0.5)
        if under:
            self.line(under, size=11, align="C", after=0.5)
        self.pdf.ln(1.5)

    def section(self, text: str, below: float = _UNDER_SECTION) -> None:
        """A heading that is never left alone at the foot of a page. ``below``: mm that stand with it."""
        self.keep_together(1.2 + _SECTION * POINT * LINE + 0.8 + below)
        self.pdf.ln(1.2)
        self.line(text, size=_SECTION, bold=True, after=0.8)

    def line(
        self, text: str, *, size: float = 11, bold: bool = False, align: str = "L", after: float = 0.0
    ) -> None:
        """Words as wide as the sheet, on as many lines as they take."""
        self._font("B" if bold else "", size)
        self.pdf.multi_cell(self.width, size * POINT * LINE, text, align=align, new_x="LMARGIN", new_y="NEXT")
        if after:
            self.pdf.ln(after)

    def facts(
        self,
        pairs: Sequence[tuple[str, str]],
        *,
        columns: int = 2,
        size: float = 11,
        after: float = 1,
        inset: float = 0,
    ) -> None:
        """Labels with their values, side by side; an empty value is shown as missing. ``after``, ``inset``: mm left
        free below and on the left."""
        gap = 4.0
        width = (self.width - inset - gap * (columns - 1)) / columns
        for start in range(0, len(pairs), columns):
            row = pairs[start : start + columns]
            tall = max(self._fact(0, label, value, width, size, draw=False) for label, value in row)
            self.keep_together(tall)
            top = self.y
            for place, (label, value) in enumerate(row):
                self._fact(self.left + inset + place * (width + gap), label, value, width, size, draw=True)
                self.pdf.set_y(top)
            self.pdf.set_xy(self.left, top + tall)
        self.pdf.ln(after)

    def table(self, table: Table, *, section: str = "", keep: float = 0.0) -> None:
        """A table whose head is repeated on every page. ``section``: a heading that stands with its first row;
        ``keep``: mm below the last row that stand with it, for who signs there."""
        if section:
            self.section(section, table.head_height(self.pdf) + sum(table.heights(self.pdf)[:1]))
        table.draw(self.pdf, keep=keep + _AFTER_TABLE if keep else 0)
        self.pdf.ln(_AFTER_TABLE)

    def height(self, table: Table) -> float:
        """How tall a table is in mm, on one page."""
        return table.head_height(self.pdf) + sum(table.heights(self.pdf)) + _AFTER_TABLE

    def tall(self, lines: Sequence[str], size: float) -> float:
        """How tall lines as wide as the sheet are, in mm."""
        self._font("", size)
        line = self.line_height(size)
        told = (
            self.pdf.multi_cell(self.width, line, one, align="L", dry_run=True, output="HEIGHT")
            for one in lines
        )
        return float(sum(told))

    def signatures(self, roles: Sequence[str]) -> None:
        """Where each one signs, side by side and kept together; room for the hand."""
        self.keep_together(SIGNATURES)
        self.pdf.ln(3)
        top = self.y
        self.sign_at(self.left, top, self.width, roles)
        self.at(self.left, top + 32)

    def sign_at(self, x: float, y: float, width: float, roles: Sequence[str], *, hint: str = "") -> None:
        """The same at a place on this page. ``hint``: how to sign, where it is not the usual way."""
        share = width / len(roles)
        for place, role in enumerate(roles):
            lines = ((role, "B"), (hint or t("papers.sign_hint"), ""))
            self._centred(x + place * share, y, share, lines, rule=0)

    def note(self, text: str, width: float, size: float = 8.5) -> None:
        """Small words from here on, ``width`` mm wide."""
        self._font("", size)
        self.pdf.multi_cell(width, size * POINT * LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def gap(self, tall: float) -> None:
        """Leave so many mm free."""
        self.pdf.ln(tall)

    def at(self, x: float, y: float) -> None:
        """Go on at a place on this page, in mm."""
        self.pdf.set_xy(x, y)

    def keep_together(self, tall: float) -> None:
        """Begin a new page unless so many mm are left on this one."""
        if self.pdf.will_page_break(tall):
            self.pdf.add_page()

    def qr(self, modules: Sequence[Sequence[bool]], x: float, y: float, side: float) -> None:
        """A QR as `draw_qr` draws it, on this page."""
        draw_qr(self.pdf, modules, x, y, side)

    # -- how

    def _margins(self, landscape: bool) -> None:
        if landscape:
            self.pdf.set_margins(_WIDE_SIDE, _WIDE_TOP, _WIDE_SIDE)
        else:
            self.pdf.set_margins(_LEFT, _TOP, _RIGHT)

    def _font(self, style: str, size: float) -> None:
        self.pdf.set_font(FONT, style, size)

    def _centred(
        self, x: float, y: float, width: float, lines: Sequence[tuple[str, str]], *, rule: float
    ) -> None:
        """Lines in the middle of a block; ``rule``: a stroke under them, as a share of the width."""
        for words, style in lines:
            self._font(style, 11.5)
            self.pdf.set_xy(x, y)
            self.pdf.multi_cell(width, 11.5 * POINT * LINE, words, align="C", new_x="LEFT", new_y="NEXT")
            y = self.y
        if rule:
            middle, length = x + width / 2, width * rule
            self.pdf.line(middle - length / 2, y + 0.6, middle + length / 2, y + 0.6)

    def _fact(self, x: float, label: str, value: str, width: float, size: float, *, draw: bool) -> float:
        """One label and value; how tall it is in mm."""
        line = size * POINT * LINE
        self._font("", size)
        label = f"{label}: "
        taken = self.pdf.get_string_width(label) + 0.6
        if draw:
            self.pdf.set_x(x)
            self.pdf.cell(taken, line, label)
        self._font("B", size)
        told: Any = self.pdf.multi_cell(
            width - taken,
            line,
            value or MISSING,
            align="L",
            dry_run=not draw,
            output="HEIGHT",
            padding=0,
            new_x="LMARGIN",
            new_y="NEXT",
        )
        return float(told)


def draw_qr(pdf: Any, modules: Sequence[Sequence[bool]], x: float, y: float, side: float) -> None:
    """A QR, its quiet zone within ``modules``, ``side`` mm wide, at a place on a page."""
    dot = side / len(modules)
    pdf.set_fill_color(0)
    for down, row in enumerate(modules):
        across = 0
        while across < len(row):
            run = across
            while run < len(row) and row[run]:
                run += 1
            if run > across:
                pdf.rect(x + across * dot, y + down * dot, (run - across) * dot, dot, style="F")
            across = max(run, across + 1)


def add_fonts(pdf: Any) -> None:
    """Make `FONT` known to a document, upright and bold."""
    for style, name in (("", "Regular"), ("B", "Bold")):
        pdf.add_font(FONT, style, asset("fonts", f"Tinos-{name}.ttf"))


@cache
def _sheet() -> Any:
    from fpdf import FPDF

    class Sheet(FPDF):
        """A document whose pages are numbered."""

        remark = ""

        def footer(self) -> None:
            """The remark on the left, the page's number on the right."""
            self.set_y(-14)
            self.set_font(FONT, "", 8.5)
            page = t("papers.page", page=self.page_no(), pages="{nb}")
            self.multi_cell(self.epw * 0.85, 3.8, self.remark, align="L", new_x="RIGHT", new_y="TOP")
            self.cell(self.epw * 0.15, 3.8, page, align="R")

    return Sheet
