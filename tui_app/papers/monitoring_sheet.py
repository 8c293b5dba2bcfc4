"""The monitoring sheet of an infected person at home (form 5.3, QĐ 261/QĐ-BYT, Phụ lục 2): fourteen days on a page."""

from __future__ import annotations

from tui_app.bootstrap import Workspace
from tui_app.clock import to_wire
from tui_app.i18n import t
from tui_app.papers import slot_grid, words
from tui_app.papers.home_record import HomeRecord, home_record, last_slot
from tui_app.papers.pdf import Paper
from tui_app.services.judging.rule_sets import rule_sets

FORMATS = ("pdf",)
KIND = "monitoring-sheet"


def write_sheet(workspace: Workspace, case: str, *, blank: bool = False) -> bytes:
    """The sheet with what was measured, or ``blank`` to be written by hand; that it was made is noted first.

    Raises NotFound, NotOpened.
    """
    now = workspace.clock()
    with workspace.store.write() as c:
        found = home_record(c, case, now, workspace.user)
        words.note_paper(c, workspace.user, to_wire(now), KIND, "person", found.card.person_id)
        sets = rule_sets(c)
    paper = Paper(
        t("papers.grid_title"),
        now,
        landscape=True,
        remark=words.remark(now, case, found.person.get("full_name", "")),
    )
    asked = slot_grid.asked_of(sets, found.zero, found.age)
    readings = () if blank else found.readings
    until = None if blank else last_slot(found, sets, now)
    for number, first in enumerate(slot_grid.days_from(found.zero, readings)):
        if number:
            paper.new_page(landscape=True)
        paper.title(t("papers.grid_title"))
        _who(paper, found)
        slot_grid.draw(paper, asked, readings, first, found.zero, until, found.card.convention)
    return paper.write()


def _who(paper: Paper, found: HomeRecord) -> None:
    person, fields = found.person, found.card.fields
    last_dose = words.day_words(fields.get("last_dose_on"))
    paper.facts(
        [
            (t("papers.full_name"), person.get("full_name", "").upper()),
            (t("papers.birth"), words.birth_words(person, found.age)),
            (t("papers.sex"), words.coded("sex", person.get("sex"))),
            (t("papers.phone"), words.phone_words(person.get("phone"))),
            (t("papers.occupation"), person.get("occupation", "")),
            (t("papers.contact_person"), person.get("carer", "")),
            (t("papers.first_positive"), words.day_words(fields.get("first_positive_on"))),
            (t("papers.started"), words.day_words(fields.get("started_on"))),
            (
                t("papers.vaccination"),
                t(
                    "papers.doses_until",
                    doses=words.number_words(fields.get("basic_doses")),
                    last=last_dose,
                ),
            ),
        ],
        columns=3,
        size=9.5,
    )
    paper.facts(
        [
            (t("papers.address"), words.address_words(found.household, found.area)),
            (t("papers.conditions"), words.risk_words((), found.conditions)),
        ],
        size=9.5,
    )
