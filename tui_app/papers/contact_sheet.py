"""The sheet of a contact who is watched at home (form 5.5): a line a day, filled as far as somebody looked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from tui_app.bootstrap import Workspace
from tui_app.clock import to_wire, today
from tui_app.i18n import t
from tui_app.papers import words
from tui_app.papers.letterhead import letterhead
from tui_app.papers.pdf import BY_HAND, MISSING, SIGNATURES, Paper
from tui_app.papers.table import Column, Table
from tui_app.services.cases.contact_lists import Check, ContactLine, Day, contact_line
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.station.unit_names import named_on
from tui_app.store.rows import table

FORMATS = ("pdf",)
KIND = "contact-sheet"
DAYS = 14
_LEGEND = 9.0  # points
_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("fever", frozenset({"fever"})),
    ("cough", frozenset({"cough", "productive_cough"})),
    ("sore_throat", frozenset({"sore_throat"})),
    ("runny_nose", frozenset({"runny_nose", "sneezing"})),
    ("aches", frozenset({"fatigue", "muscle_ache", "chills"})),
    ("dyspnoea", frozenset({"dyspnoea"})),
)
"""The suspicious symptoms of the form and the codes that each column stands for."""


def write_sheet(workspace: Workspace, contact: str, *, blank: bool = False) -> bytes:
    """The sheet of a contact; that it was made is noted first. ``blank``: no line is filled. Raises NotFound,
    NotOpened.
    """
    now, day = workspace.clock(), today(workspace.clock)
    with workspace.store.write() as c:
        line = contact_line(c, contact, day)
        row = live_row(c, "contact", contact)
        known = table("case").read(c, [line.case]).get(line.case)  # the patient may be another unit's
        person = table("person").read(c, [line.person]).get(line.person)
        area = table("area").read(c, [row.area]).get(row.area)
        kind, about = ("person", line.person) if line.person else ("contact", contact)
        words.note_paper(c, workspace.user, to_wire(now), KIND, kind, about)
        sets = rule_sets(c)
    case = known.body if known else {}
    phone = (person.body if person else row.body).get("phone")
    over = line.watch_until if line.watch_until and line.watch_until < day else None
    head = letterhead(named_on(area.body, over) if area else {}, day, managed_by=case.get("managed_by", ""))
    paper = Paper(
        t("papers.contact_title"),
        now,
        remark=words.remark(now, contact, line.full_name),
    )
    paper.heading(head)
    paper.title(t("papers.contact_title"), t("papers.contact_level", level=line.level))
    paper.facts(
        [
            (t("papers.watched_from"), words.day_words(line.last_met_on)),
            (t("papers.watched_until"), _until(line)),
            (t("papers.full_name"), line.full_name.upper()),
            (t("papers.age"), words.age_words(line.age)),
            (t("papers.phone"), words.phone_words(phone)),
            (t("papers.met"), words.coded("met", line.met)),
            (t("papers.protected"), words.said(line.protected)),
            (t("papers.follower"), case.get("followed_by", "")),
        ]
    )
    lives = words.address_words({"address": line.address}, area.body if area else {}) if line.address else ""
    paper.facts([(t("papers.address"), lives), (t("papers.call"), BY_HAND)], columns=1)
    for words_of_rule in words.finding_words(sets, line.findings):
        paper.line(f"• {words_of_rule}", size=10)
    paper.gap(1.5)
    days = Table(
        [
            Column(t("papers.day_number"), 9, "C"),
            Column(t("papers.day"), 20, "C"),
            Column(t("papers.temperature"), 15, "C"),
            *(Column(t(f"papers.contact_{name}"), 17, "C") for name, _ in _SIGNS),
            Column(t("papers.contact_well"), 17, "C"),
            Column(t("papers.contact_away"), 17, "C"),
        ],
        _rows(line, () if blank else line.checks, None if blank else day),
        above=[("", 3), (t("papers.contact_signs"), len(_SIGNS)), ("", 2)],
        size=8,
        tall=7.5,
    )
    legend = t("papers.contact_legend")
    paper.table(days, keep=paper.tall([legend], _LEGEND) + SIGNATURES)
    paper.line(legend, size=_LEGEND)
    paper.signatures((t("papers.sign_contact"), t("papers.sign_follower")))
    return paper.write()


def _until(line: ContactLine) -> str:
    """The last day; that the rule of the day asks for none is an answer and no dash."""
    none = any(one.outcome == "none_any_more" for one in line.findings)
    return t("contacts.no_watch") if none else words.day_words(line.watch_until)


def _rows(line: ContactLine, checks: Sequence[Check], today_: date | None) -> list[list[str]]:
    """A line a day from the day after the last meeting, or from the first look where that was earlier; as many as the
    form has, more when it was longer. ``today_``: None for a sheet to be filled by hand."""
    seen: dict[date, list[Day]] = defaultdict(list)
    for check in checks:
        seen[check.day.on].append(check.day)
    last = max([*seen, line.watch_until or line.last_met_on, line.last_met_on + timedelta(days=DAYS)])
    day = min([*seen, line.last_met_on + timedelta(days=1)])
    rows = []
    while day <= last:
        missed = today_ is not None and line.last_met_on < day < today_ and line.watched(day)
        number = (day - line.last_met_on).days
        rows.append([str(number), f"{day:%d/%m/%Y}", *_day(seen.get(day, ()), missed=missed)])
        day += timedelta(days=1)
    return rows


def _day(looks: Sequence[Day], *, missed: bool) -> list[str]:
    """The cells of a day; several looks at it make one line that hides none: the highest temperature, every symptom."""
    if not looks:
        return [MISSING if missed else ""] * (len(_SIGNS) + 3)
    seen = [one for one in looks if not one.away]
    if not seen:
        return [*[MISSING] * (len(_SIGNS) + 2), t("papers.mark")]
    temperature = max((one.temperature_c for one in seen if one.temperature_c is not None), default=None)
    asked = [set(one.symptoms) for one in seen if one.symptoms is not None]
    found = set().union(*asked)
    marks = [
        MISSING if not asked else t("papers.mark") if found & codes else t("papers.grid_no")
        for _, codes in _SIGNS
    ]
    well = {one.well for one in seen}
    said = t("papers.grid_no") if False in well or found else t("papers.mark") if True in well else MISSING
    return [words.number_words(temperature), *marks, said, ""]
