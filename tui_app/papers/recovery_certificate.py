"""The certificate that home isolation is over and the patient recovered (form 5.6), given by the managing station.

It says by which rule, test and way of counting days; nothing is certified of a case that did not end in recovery.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, from_wire, to_wire, today
from tui_app.errors import UserError
from tui_app.i18n import t
from tui_app.papers import words
from tui_app.papers.home_record import HomeRecord, home_record
from tui_app.papers.letterhead import letterhead
from tui_app.papers.pdf import Paper
from tui_app.records.cases import CaseEventKind, CaseOutcome
from tui_app.records.visits import TestOutcome
from tui_app.services.judging.findings import open_findings
from tui_app.services.judging.rule_sets import rule_sets

FORMATS = ("pdf",)
KIND = "recovery-certificate"


def write_certificate(workspace: Workspace, case: str) -> bytes:
    """The certificate of a case; that it was made is noted first. Raises NotFound, NotOpened, UserError for a case
    that did not end in recovery.
    """
    now = workspace.clock()
    with workspace.store.write() as c:
        found = home_record(c, case, now, workspace.user)
        if found.card.fields.get("outcome") != CaseOutcome.RECOVERED or not found.card.fields.get("ended_on"):
            raise UserError("papers.not_recovered")
        words.note_paper(c, workspace.user, to_wire(now), KIND, "person", found.card.person_id)
        sets = rule_sets(c)
    return _drawn(found, sets, workspace)


def _drawn(found: HomeRecord, sets: Any, workspace: Workspace) -> bytes:
    now, person, fields = workspace.clock(), found.person, found.card.fields
    ended = date.fromisoformat(fields["ended_on"])
    head = letterhead(found.area, today(workspace.clock), managed_by=fields.get("managed_by") or "")
    remark = words.remark(now, found.card.id, person.get("full_name", ""))
    paper = Paper(t("papers.certificate_title"), now, remark=remark)
    paper.heading(head)
    paper.title(t("papers.certificate_title"))
    paper.line(t("papers.certificate_by", office=head.office), after=1)
    paper.facts([(t("papers.full_name"), person.get("full_name", "").upper())], columns=1, after=0)
    paper.facts(
        [
            (t("papers.birth"), words.birth_words(person, None)),
            (t("papers.sex"), words.coded("sex", person.get("sex"))),
            (t("papers.national_id"), person.get("national_id", "")),
            (t("papers.phone"), words.phone_words(person.get("phone"))),
        ],
        after=0,
    )
    paper.facts([(t("papers.address"), words.address_words(found.household, found.area))], columns=1)
    last = _last_negative(found, ended)
    test = last.body if last else {}
    paper.facts(
        [
            (t("papers.first_positive"), words.day_words(fields.get("first_positive_on"))),
            (t("papers.isolated"), _period(found, ended)),
            (t("papers.last_test"), _test_words(test)),
            (t("papers.supervised"), test.get("supervised_by", "")),
        ],
        columns=1,
    )
    paper.line(t("papers.certificate_says"), bold=True, after=1.5)
    if found.card.convention:
        paper.line(t("papers.grid_convention", convention=found.card.convention), size=10)
    event = _ending(found)
    for line in words.finding_words(sets, open_findings(event.body.get("findings")) if event else ()):
        paper.line(f"• {line}", size=10)
    if event and event.body.get("reason"):
        paper.line(t("papers.certificate_because", reason=event.body["reason"]), size=10)
    paper.signatures((t("papers.sign_person"), t("papers.sign_stamp")))
    return paper.write()


def _period(found: HomeRecord, ended: date) -> str:
    return t(
        "papers.isolated_days",
        since=words.day_words(found.zero),
        until=words.day_words(ended),
        days=(ended - found.zero).days,
    )


def _last_negative(found: HomeRecord, ended: date) -> Row | None:
    """The negative test the end rests on, or the last one up to it."""
    event = _ending(found)
    named = event.body.get("test") if event else None
    for row in reversed(found.tests):
        if row.id == named:
            return row
        on = from_wire(row.body["at"]).astimezone(VIETNAM).date()
        if not named and on <= ended and row.body.get("result") == TestOutcome.NEGATIVE:
            return row
    return None


def _test_words(test: dict[str, Any]) -> str:
    if not test:
        return ""
    parts = (
        words.coded("method", test.get("method")),
        words.coded("result", test["result"]),
        words.moment_words(test["at"]),
    )
    return ", ".join(parts)


def _ending(found: HomeRecord) -> Row | None:
    """The event that ended the case."""
    return next((row for row in reversed(found.events) if row.body["event"] == CaseEventKind.ENDED), None)
