"""The home-treatment record as paper: what happened upright, the monitoring grid lying at the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tui_app.clock import VIETNAM
from tui_app.i18n import language, t
from tui_app.papers import slot_grid, words
from tui_app.papers.home_record import HomeRecord, grades, last_slot
from tui_app.papers.letterhead import letterhead
from tui_app.papers.pdf import MISSING, SIGNATURES, Paper
from tui_app.papers.table import Column, Table
from tui_app.services.judging.findings import open_findings
from tui_app.services.treatment.medicine import flags_words

_LINE, _SOURCE, _FACTS = 10.0, 8.0, 15.0  # points, points, mm of the facts of the outcome
_ELIGIBLE = ("eligible", "not_eligible")


def as_pdf(record: HomeRecord, sets: Any, now: datetime) -> bytes:
    """The finished paper."""
    fields = record.card.fields
    head = letterhead(record.area, now.astimezone(VIETNAM).date(), managed_by=fields.get("managed_by") or "")
    paper = Paper(
        t("papers.record_title"),
        now,
        remark=words.remark(now, record.card.id, record.person.get("full_name", "")),
    )
    paper.heading(head)
    paper.title(t("papers.record_title"), t("papers.record_code", code=words.short_code(record.card.id)))
    _who(paper, record)
    _entry(paper, record, sets)
    _course(paper, record, sets)
    _alerts(paper, record, sets)
    _medicine(paper, record, sets)
    _tests(paper, record)
    _referrals(paper, record, sets)
    _outcome(paper, record, sets)
    _visits(paper, record, sets)
    paper.signatures((t("papers.sign_follower"), t("papers.sign_chief")))
    _grid(paper, record, sets, now)
    return paper.write()


def _who(paper: Paper, record: HomeRecord) -> None:
    person = record.person
    paper.section(t("papers.part_person"))
    paper.facts([(t("papers.full_name"), person.get("full_name", "").upper())], columns=1, after=0)
    paper.facts(
        [
            (t("papers.birth"), words.birth_words(person, record.age)),
            (t("papers.sex"), words.coded("sex", person.get("sex"))),
            (t("papers.national_id"), person.get("national_id", "")),
            (t("papers.insurance"), person.get("insurance_number", "")),
            (t("papers.phone"), words.phone_words(person.get("phone"))),
            (t("papers.occupation"), person.get("occupation", "")),
            (t("papers.carer"), person.get("carer", "")),
        ]
    )
    paper.facts(
        [
            (t("papers.address"), words.address_words(record.household, record.area)),
            (t("papers.risk"), words.risk_words(record.risk_groups, record.conditions)),
        ],
        columns=1,
    )


def _entry(paper: Paper, record: HomeRecord, sets: Any) -> None:
    fields = record.card.fields
    paper.section(t("papers.part_entry"))
    paper.facts(
        [
            (t("papers.source"), words.coded("source", fields.get("source"))),
            (t("papers.started"), words.day_words(fields.get("started_on"))),
            (t("papers.first_positive"), words.day_words(fields.get("first_positive_on"))),
            (t("papers.onset"), words.day_words(fields.get("onset_on"))),
            (t("papers.doses"), words.number_words(fields.get("basic_doses"))),
            (t("papers.last_dose"), words.day_words(fields.get("last_dose_on"))),
            (t("papers.pregnant"), words.said(fields.get("pregnant"))),
            (t("papers.delivered"), words.day_words(fields.get("delivered_on"))),
            (t("papers.self_care"), words.said(fields.get("self_care"))),
            (t("papers.can_report"), words.said(fields.get("can_report"))),
            (t("papers.carer_able"), words.said(fields.get("carer_able"))),
            (t("papers.follower"), fields.get("followed_by") or ""),
        ]
    )
    said = t(f"papers.{record.eligible}") if record.eligible in _ELIGIBLE else t("papers.eligibility_unknown")
    paper.line(t("papers.eligibility", said=said), bold=True)
    for line in words.finding_words(sets, record.eligibility):
        paper.line(f"• {line}", size=10)


def _course(paper: Paper, record: HomeRecord, sets: Any) -> None:
    sources = words.Sources(sets)
    rows = [
        (
            words.moment_words(at),
            t(f"papers.course_{field}"),
            words.coded(field, code),
            "\n".join(sources.words(findings)) or t("papers.taken_over"),
        )
        for at, field, code, findings in grades(record)
    ]
    table = Table(
        [
            Column(t("papers.when"), 27, "C"),
            Column(t("papers.of_what"), 25),
            Column(t("papers.grade"), 30),
            Column(t("papers.why"), 90),
        ],
        rows or [(MISSING, MISSING, MISSING, t("papers.not_judged"))],
        size=8.5,
    )
    _put(paper, table, t("papers.part_course"), sources)


def _alerts(paper: Paper, record: HomeRecord, sets: Any) -> None:
    rows, sources = [], words.Sources(sets)
    for one in record.alerts:
        answer = [words.coded("state", one.state, "alert"), one.told_to]
        if one.answered_at:
            answer.append(words.moment_words(one.answered_at))
        signs = "\n".join(sources.words(one.findings)) or MISSING
        rows.append((words.moment_words(one.at), signs, "\n".join(filter(None, answer))))
    table = Table(
        [
            Column(t("papers.when"), 27, "C"),
            Column(t("papers.danger_signs"), 105),
            Column(t("papers.answered"), 42),
        ],
        rows or [(MISSING, t("papers.no_alerts"), MISSING)],
        size=8.5,
    )
    _put(paper, table, t("papers.part_alerts"), sources)


def _medicine(paper: Paper, record: HomeRecord, sets: Any) -> None:
    rows = []
    for one in record.given:
        amount = " ".join(filter(None, (words.number_words(one.quantity), one.unit)))
        flags = flags_words(sets, one.flags)
        if one.flag_reason:
            flags.append(t("papers.given_because", reason=one.flag_reason))
        rows.append(
            (
                words.day_words(one.on),
                one.words,
                amount,
                words.number_words(one.days),
                one.prescribed_by or MISSING,
                "\n".join(flags) or MISSING,
            )
        )
    table = Table(
        [
            Column(t("papers.given_on"), 20, "C"),
            Column(t("papers.drug"), 42),
            Column(t("papers.quantity"), 18, "C"),
            Column(t("papers.days"), 12, "C"),
            Column(t("papers.prescribed"), 26),
            Column(t("papers.flags"), 56),
        ],
        rows or [(MISSING, t("papers.nothing_given"), *[MISSING] * 4)],
        size=8.5,
    )
    paper.table(table, section=t("papers.part_medicine"))


def _tests(paper: Paper, record: HomeRecord) -> None:
    rows = [
        (
            words.moment_words(row.body["at"]),
            words.coded("method", row.body.get("method")),
            words.coded("result", row.body["result"]),
            words.number_words(row.body.get("ct_value")),
            row.body.get("supervised_by") or MISSING,
        )
        for row in record.tests
    ]
    table = Table(
        [
            Column(t("papers.when"), 30, "C"),
            Column(t("papers.method"), 30),
            Column(t("papers.result"), 30),
            Column(t("papers.ct"), 20, "C"),
            Column(t("papers.supervised"), 50),
        ],
        rows or [(MISSING, t("papers.no_tests"), MISSING, MISSING, MISSING)],
    )
    paper.table(table, section=t("papers.part_tests"))


def _referrals(paper: Paper, record: HomeRecord, sets: Any) -> None:
    rows, sources = [], words.Sources(sets)
    for row in record.referrals:
        body = row.body
        why = [body["reason"], *sources.words(open_findings(body.get("findings")))]
        arrived = words.moment_words(body.get("acknowledged_at"))
        if body.get("withdrawn"):
            arrived = t("papers.withdrawn")
        rows.append((words.moment_words(body["at"]), body["sent_to"], "\n".join(why), arrived))
    table = Table(
        [
            Column(t("papers.when"), 27, "C"),
            Column(t("papers.sent_to"), 45),
            Column(t("papers.reason"), 75),
            Column(t("papers.arrived"), 27, "C"),
        ],
        rows or [(MISSING, t("papers.no_referrals"), MISSING, MISSING)],
        size=8.5,
    )
    _put(paper, table, t("papers.part_referrals"), sources)


def _put(paper: Paper, table: Table, section: str, sources: words.Sources) -> None:
    """A table, and below it what its findings rest on."""
    paper.table(table, section=section, keep=paper.tall(sources.lines, _SOURCE))
    for line in sources.lines:
        paper.note(line, paper.width, _SOURCE)


def _outcome(paper: Paper, record: HomeRecord, sets: Any) -> None:
    card, fields = record.card, record.card.fields
    release = card.release.findings if card.release else ()
    lines = [f"• {line}" for line in words.finding_words(sets, release)]
    if card.convention:
        lines.insert(0, t("papers.grid_convention", convention=card.convention))
    paper.section(t("papers.part_outcome"), _FACTS + paper.tall(lines, _LINE) + SIGNATURES)
    paper.facts(
        [
            (t("papers.outcome"), words.coded("outcome", fields.get("outcome"), "case")),
            (t("papers.ended"), words.day_words(fields.get("ended_on"))),
            (t("papers.place"), words.coded("place", fields.get("place"))),
            (t("papers.followed_days"), MISSING if card.day is None else str(card.day)),
        ]
    )
    for line in lines:
        paper.line(line, size=_LINE)


def _visits(paper: Paper, record: HomeRecord, sets: Any) -> None:
    """Visits after the recovery; nothing is asked of somebody who has not recovered."""
    if not record.visits and not record.card.follow_up_on:
        return
    rows = [
        (
            words.moment_words(row.body["at"]),
            words.day_words(row.body.get("due_on")),
            words.said(row.body.get("well")),
            _symptom_words(sets, row.body.get("symptoms")),
            "\n".join(filter(None, (row.body.get("needs"), row.body.get("note")))) or MISSING,
        )
        for row in record.visits
    ]
    table = Table(
        [
            Column(t("papers.when"), 27, "C"),
            Column(t("papers.visit_due"), 22, "C"),
            Column(t("papers.visit_well"), 22, "C"),
            Column(t("papers.visit_symptoms"), 48),
            Column(t("papers.visit_needs"), 55),
        ],
        rows or [(MISSING, MISSING, MISSING, t("papers.no_visits"), MISSING)],
        size=8.5,
    )
    paper.table(table, section=t("papers.part_visits"), keep=SIGNATURES)


def _symptom_words(sets: Any, codes: list[str] | None) -> str:
    if codes is None:
        return MISSING
    return ", ".join(sets.word(code, language()) for code in codes) or t("papers.book_no_symptom")


def _grid(paper: Paper, record: HomeRecord, sets: Any, now: datetime) -> None:
    until = last_slot(record, sets, now)
    asked = slot_grid.asked_of(sets, record.zero, record.age)
    for first in slot_grid.days_from(record.zero, record.readings):
        paper.new_page(landscape=True)
        paper.title(
            t("papers.grid_title"),
            t(
                "papers.grid_of",
                name=record.person.get("full_name", ""),
                code=words.short_code(record.card.id),
            ),
        )
        slot_grid.draw(paper, asked, record.readings, first, record.zero, until, record.card.convention)
