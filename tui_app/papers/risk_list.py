"""Form 5.1, the list of persons of the risk groups, as a lying PDF to sign, a spreadsheet or CSV. Restricted conditions
are never on it (Luật HIV 2020 Điều 30)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, from_wire, show_date, show_moment, to_wire, today
from tui_app.codes import code_word
from tui_app.errors import UserError
from tui_app.i18n import t
from tui_app.papers import pdf, sheets, words
from tui_app.papers.letterhead import Letterhead, station_head
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.table import Column as PaperColumn
from tui_app.papers.table import Table
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.access.access import log_export
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.risk.risk_form import FormLine, form_lines
from tui_app.services.risk.risk_people import RiskPerson
from tui_app.services.risk.risk_words import group_word
from tui_app.services.station.units import held
from tui_app.text import place_words

FORMATS = ("pdf", *sheets.FORMATS)
KIND = "risk-list"
PDF_MOST = 2000
"""Persons a PDF may have: about ten seconds of drawing."""
_SIZE, _NOTE_SIZE = 6.5, 8.5


def write_risk_list(
    workspace: Workspace, people: Sequence[RiskPerson], file_format: str, *, about: str = ""
) -> bytes:
    """Form 5.1 of these persons as pdf, xlsx or csv; noted first in each unit it takes. ``about``: what was chosen.

    Raises NotOpened for a viewer or when none of the units may be opened, UserError for a PDF of too many.
    """
    if file_format == "pdf" and len(people) > PDF_MOST:
        raise UserError("risk.form_too_long", count=len(people), most=PDF_MOST)
    now = workspace.clock()
    with workspace.store.write() as c:
        areas = set(gate.open_only(c, dict.fromkeys(one.area for one in people)))
        units = [unit for unit in held(c) if unit.id in areas]
        log_export(c, workspace.user, to_wire(now), units, "person", KIND)
        lines = form_lines(c, [one for one in people if one.area in areas])
        head = station_head(c, today(workspace.clock))
        sets = rule_sets(c)
    rows = [_row(number, line, sets) for number, line in enumerate(lines, 1)]
    notes = [
        *([t("risk.form_about", about=about)] if about else []),
        *_unverified(people, sets),
        t("risk.form_made", at=show_moment(now), who=workspace.user, count=len(lines)),
    ]
    if file_format == "pdf":
        return _pdf(head, rows, notes, now)
    out = io.BytesIO()
    title = t("risk.form_title")
    write_table(out, file_format, title=title, heading=head, columns=_columns(), rows=rows, notes=notes)
    return out.getvalue()


def _pdf(head: Letterhead, rows: Sequence[Sequence[object]], notes: Sequence[str], now: datetime) -> bytes:
    remark = t("papers.made_at", at=words.moment_words(now))
    paper = pdf.Paper(t("risk.form_title"), now, landscape=True, remark=remark)
    paper.heading(head)
    paper.title(t("risk.form_title"))
    columns = [
        PaperColumn(column.title, column.width + 2, "L" if column.kind == "text" else "C")
        for column in _columns()
    ]
    printed = [[words.cell_words(None if cell == "" else cell) for cell in row] for row in rows]
    below = paper.tall(notes, _NOTE_SIZE) + pdf.SIGNATURES
    paper.table(Table(columns, printed, size=_SIZE, padding=0.4), keep=below)
    for note in notes:
        paper.line(note, size=_NOTE_SIZE)
    paper.signatures((t("papers.sign_writer"), t("papers.sign_chief")))
    return paper.write()


def _unverified(people: Sequence[RiskPerson], sets: RuleSets) -> list[str]:
    """That groups on the list rest on rules nobody read in their document."""
    named = {code for one in people for code in one.named_groups if code in one.book.rules.unverified}
    words_of = ", ".join(sorted(group_word(sets, code) for code in named))
    return [t("risk.form_unverified", groups=words_of)] if named else []


def _columns() -> list[Column]:
    return [
        Column(t("risk.form_number"), "number", 5),
        Column(t("risk.form_name"), "text", 22),
        Column(t("risk.form_year"), "number", 7),
        Column(t("risk.form_sex"), "text", 6),
        Column(t("risk.form_national_id"), "text", 14),
        Column(t("risk.form_address"), "text", 26),
        Column(t("risk.form_phone"), "text", 13),
        Column(t("risk.form_conditions"), "text", 20),
        Column(t("risk.form_treated_at"), "text", 14),
        Column(t("risk.form_doses"), "number", 6),
        Column(t("risk.form_last_dose"), "date", 11),
        Column(t("risk.form_reason"), "text", 14),
        Column(t("risk.form_moves"), "text", 8),
        Column(t("risk.form_at_home"), "text", 24),
        Column(t("risk.form_test_on"), "date", 11),
        Column(t("risk.form_test"), "text", 9),
        Column(t("risk.form_note"), "text", 26),
    ]


def _row(number: int, line: FormLine, sets: RuleSets) -> list[object]:
    one = line.line
    year = int(one.birth_date[:4]) if one.birth_date else one.birth_year
    moves = "" if line.mobility_limited is None else words.said(not line.mobility_limited)
    carer = [t("risk.form_carer", carer=one.carer)] if one.carer else []
    return [
        number,
        one.full_name,
        year,
        code_word("sex", one.sex) if one.sex else "",
        line.national_id,
        place_words(one.door.address, one.door.alley, one.door.unit),
        words.phone_words(line.phone) if line.phone else "",
        words.risk_words((), line.conditions) if line.conditions else "",
        "; ".join(line.treated_at),
        line.doses,
        line.last_dose_on,
        line.reason,
        moves,
        "; ".join([*carer, *line.at_home]),
        line.test[0] if line.test else None,
        code_word("result", line.test[1]) if line.test else "",
        _note(line, sets),
    ]


def _note(line: FormLine, sets: RuleSets) -> str:
    one = line.line
    said = [group_word(sets, code) for code in one.named_groups]
    needs = [code_word("kind", kind) for kind in (*one.needs, *one.house_needs)]
    if needs:
        said.append(t("risk.form_needs", needs=", ".join(dict.fromkeys(needs))))
    if line.contact_at:
        said.append(t("risk.form_contact", date=show_date(_day(line.contact_at))))
    return "; ".join(said)


def _day(at: str) -> date:
    return from_wire(at).astimezone(VIETNAM).date()
