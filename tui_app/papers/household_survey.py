"""Form 5.2, the survey of a household: who lives there with the columns of form 5.1, what they need, who asked; filled
with what is known, or to be filled by hand. Restricted conditions are never on it."""

from __future__ import annotations

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, to_wire, today
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.papers import words
from tui_app.papers.letterhead import letterhead
from tui_app.papers.pdf import MISSING, SIGNATURES, Paper
from tui_app.papers.table import Column, Table
from tui_app.records.visits import SupportKind
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.risk import support_needs
from tui_app.services.risk.risk_form import FormLine, form_lines
from tui_app.services.risk.risk_lists import household_people
from tui_app.services.risk.risk_words import group_word
from tui_app.services.risk.support_needs import Need
from tui_app.store.rows import table

FORMATS = ("pdf",)
KIND = "household-survey"
_SIZE = 11.0  # points
_SPARE, _SPARE_HEIGHT = 3, 7.0  # empty rows for who was not known before, mm
_COLUMNS = {
    "number": 5.0,
    "name": 22.0,
    "year": 7.0,
    "sex": 6.0,
    "national_id": 15.0,
    "conditions": 22.0,
    "treated_at": 14.0,
    "doses": 6.0,
    "last_dose": 11.0,
    "reason": 14.0,
    "moves": 8.0,
    "groups": 22.0,
    "person_needs": 18.0,
}
"""Columns with their share of the sheet."""


def write_survey(workspace: Workspace, household: str, *, blank: bool = False) -> bytes:
    """The survey of a household as PDF; that it was made is noted first. ``blank``: with names and address only.

    Raises NotFound, NotOpened.
    """
    now = workspace.clock()
    day = today(workspace.clock)
    with workspace.store.write() as c:
        door = live_row(c, "household", household)
        words.note_paper(c, workspace.user, to_wire(now), KIND, "household", household)
        lines = form_lines(c, household_people(c, day, household))
        needs = [] if blank else support_needs.needs(c, household=household)
        area = next((row.body for row in table("area").read(c, [door.area]).values()), {})
        sets = rule_sets(c)
        head_name = next(
            (one.line.full_name for one in lines if one.line.person == door.body.get("head")), ""
        )
        rows = [_row(number, one, sets, needs, blank) for number, one in enumerate(lines, 1)]
    head = letterhead(area, day)
    paper = Paper(
        t("risk.survey_title"), now, landscape=True, remark=t("papers.made_at", at=words.moment_words(now))
    )
    paper.heading(head)
    paper.title(t("risk.survey_title"))
    paper.line(
        t(
            "risk.survey_household",
            head=head_name or MISSING,
            address=words.address_words(door.body, area),
            phone=words.phone_words(door.body.get("phone")),
            count=len(lines),
        )
    )
    columns = [Column(t(f"risk.survey_{name}"), width) for name, width in _COLUMNS.items()]
    empty = [[str(len(rows) + 1 + more), *[""] * (len(columns) - 1)] for more in range(_SPARE)]
    whole = [need for need in needs if not need.person]
    said = "; ".join(f"{code_word('kind', need.kind)} {need.note}".strip() for need in whole)
    kinds = "   ".join(f"[  ] {code_word('kind', kind)}" for kind in SupportKind)
    below = [t("risk.survey_needs", needs=said or kinds), t("risk.survey_asked")]
    table_ = Table(columns, [*rows, *empty], size=7.5, padding=0.5, tall=_SPARE_HEIGHT)
    paper.table(table_, keep=paper.tall(below, _SIZE) + SIGNATURES)
    for line in below:
        paper.line(line, size=_SIZE)
    paper.signatures((t("risk.survey_head_signs"), t("risk.survey_asker_signs")))
    return paper.write()


def _row(number: int, one: FormLine, sets: RuleSets, needs: list[Need], blank: bool) -> list[str]:
    person, unknown = one.line, "" if blank else MISSING  # what nobody knows is asked at the door
    year = person.birth_date[:4] if person.birth_date else str(person.birth_year or unknown)
    sex = code_word("sex", person.sex) if person.sex else unknown
    who = [str(number), person.full_name, year, sex]
    if blank:
        return [*who, *[""] * (len(_COLUMNS) - len(who))]
    own = [need for need in needs if need.person == person.person]
    moves = "" if one.mobility_limited is None else words.said(not one.mobility_limited)
    return [
        *who,
        one.national_id or MISSING,
        words.risk_words((), one.conditions),
        "; ".join(one.treated_at) or MISSING,
        MISSING if one.doses is None else str(one.doses),
        show_date(one.last_dose_on) if one.last_dose_on else MISSING,
        one.reason or MISSING,
        moves or MISSING,
        ", ".join(group_word(sets, code) for code in person.named_groups) or MISSING,
        ", ".join(code_word("kind", need.kind) for need in own) or MISSING,
    ]
