"""How a case stands, as lines of the F0 tab: alerts, day, release, grades with their rules, who, the last values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync.protocol import Row
from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import language, t
from tui_app.records.cases import CaseEventKind
from tui_app.records.observations import AlertState
from tui_app.services.care.entry import UNSURE, outcome_of
from tui_app.services.care.event_words import reason_words
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.cases.case_card import CaseCard, CaseLook
from tui_app.services.cases.case_overview import Overview, counted, last_said, standing
from tui_app.services.judging.rule_sets import input_word, outcome_word, unsaid_words
from tui_app.services.people.values import field_word, type_word
from tui_app.widgets.case_row import CaseRow, findings_of, short_day, short_moment, why_lines
from tui_app.widgets.signs import sign
from tui_app.widgets.symbols import State
from tui_app.widgets.vitals_lines import number_text

VITALS = ("spo2", "temperature_c", "respiratory_rate", "pulse", "blood_pressure")
SAID = ("symptoms", "signs")


def rows(seen: Overview, card: CaseCard) -> Iterator[CaseRow]:
    """What must be seen first comes first."""
    for alert in card.alerts:
        if alert.state == AlertState.OPEN:
            yield alert_row(seen, alert)
    going_on = sum(head.ended_on is None for head in seen.heads)
    if going_on > 1:
        said = t("case.twice_keys", count=going_on)
        yield CaseRow("twice", card.person_id, t("case.twice"), said, state="conflict", tone="danger")
    for conflict in seen.conflicts:
        said = field_word(conflict.field, conflict.type)
        if conflict.record != card.id:
            said = f"{type_word(conflict.type)} · {said}"
        yield CaseRow("conflict", conflict.id, t("case.conflict"), said, state="conflict", tone="danger")
    yield _day(card)
    yield _ended(card) if card.fields.get("ended_on") else release_row(seen, card)
    yield from (_judged(seen, card, kind) for kind in ("severity", "risk_class", "eligibility"))
    yield from _unsaid(seen, card)
    yield from (_value(seen, card, field) for field in VITALS)
    yield from (_asked(seen, card, field) for field in SAID)
    for field in ("place", "managed_by", "followed_by"):
        yield _held(card, field)


def alert_row(seen: Overview, alert: AlertLine) -> CaseRow:
    """An alert, whatever became of it."""
    waits = alert.state == AlertState.OPEN
    state = code_word("state", alert.state, "alert")
    said = f"{state} · {alert.told_to}" if alert.told_to else state
    if alert.late:
        said = t("case.alert_late")
    signs = why_lines(seen.sets, alert.findings)
    return CaseRow(
        "alert",
        alert.id,
        t("case.alert"),
        said,
        short_moment(alert.at),
        signs,
        "danger" if waits else "steady",
        "danger" if waits else "",
        leads=True,
    )


def _day(card: CaseCard) -> CaseRow:
    number = "?" if card.day is None else str(card.day)
    since = short_day(card.fields.get("first_positive_on"))
    return CaseRow(
        "day",
        card.id,
        t("case.day", day=number),
        card.convention,
        since,
        (t("case.positive_on", date=since or "?"),),
        "unknown" if card.day is None else None,
        "strong",
    )


def release_row(seen: Overview, card: CaseCard) -> CaseRow:
    """What the rules of today say of the end."""
    answer = card.release
    key = {True: "case.may_end", False: "case.may_not_end", None: "case.end_unknown"}[answer.may_end]
    said = t(key)
    when = t("case.earliest", date=show_date(answer.earliest)) if answer.earliest else ""
    if answer.may_end is not True:
        reasons = ", ".join(outcome_word(one.kind, one.outcome) for one in answer.findings if one.outcome)
        said = " · ".join(filter(None, (said, when, reasons)))
    why = (*why_lines(seen.sets, answer.findings), *((when,) if when else ()), card.convention)
    state: State = "steady" if answer.may_end else "unknown" if answer.may_end is None else "warning"
    return CaseRow("release", card.id, t("case.release"), said, "", why, state)


def _ended(card: CaseCard) -> CaseRow:
    outcome = code_word("outcome", str(card.fields.get("outcome") or ""))
    return CaseRow(
        "ended", card.id, t("case.ended"), outcome, short_day(card.fields["ended_on"]), (), "steady", "strong"
    )


_FIELDS = {"severity": "severity_grade", "risk_class": "risk_class"}


def _judged(seen: Overview, card: CaseCard, kind: str) -> CaseRow:
    """A grade, a class or the eligibility, with the event it rests on."""
    event = next((row for row in card.events if row.body.get("event") == kind), None)
    field = _FIELDS.get(kind)
    code = str((card.fields.get(field) if field else event and event.body.get("became")) or "")
    why = event_why(seen, event) if event else ()
    unknown = code in ("", UNSURE)
    said = t("case.unsure") if unknown else outcome_word(kind, code)
    last = last_said(card, kind) if field else ""
    if last not in ("", code):
        said = t("case.last_says", said=said, last=outcome_word(kind, last))
    inputs = seen.missing.get(kind, ())
    missing = t("case.missing", fields=", ".join(input_word(one, language()) for one in inputs))
    now = seen.judged.get(kind)
    outcome = outcome_of(now, CaseEventKind(kind)) if now else None
    if unknown and inputs:
        why = (missing, *why)
    elif unknown and now and not last and outcome not in (None, UNSURE):
        said = t(
            f"case.now_says_{'held' if field else 'asked'}", said=said, now=outcome_word(kind, str(outcome))
        )
        why = (*why_lines(seen.sets, findings_of([one.kept() for one in now.findings])), *why)
    rests_on = findings_of(event.body.get("findings")) if event else []
    grave = code in ("severe", "critical", "very_high", "high", "not_eligible")
    return CaseRow(
        kind,
        event.id if event else card.id,
        field_word(field, "case") if field else t("case.eligibility"),
        said,
        short_moment(event.body["at"]) if event else "",
        why or (t("case.no_rule"),),
        "unknown" if unknown else "warning" if grave else None,
        leads=bool(inputs and not last) if unknown else bool(rests_on),
    )


def _unsaid(seen: Overview, card: CaseCard) -> Iterator[CaseRow]:
    """What could not be judged, when anything could not: nothing found is not the same as nothing there."""
    unsure, not_judged = seen.unsaid
    short = unsaid_words(seen.sets, unsure, not_judged, documents=False)
    if short:
        why = tuple(unsaid_words(seen.sets, unsure, not_judged))
        yield CaseRow("unsaid", card.id, t("case.unsaid"), "; ".join(short), "", why, "unknown")


def event_why(seen: Overview, event: Row) -> tuple[str, ...]:
    """What an event rests on: its findings, the reason given, who wrote it."""
    body = event.body
    words = reason_words(event)
    reason = (t("case.reason", reason=words),) if words else ()
    by = t("case.written_by", who=event.who or "?", moment=short_moment(body["at"]))
    return (*why_lines(seen.sets, findings_of(body.get("findings"))), *reason, by)


def _held(card: CaseCard, field: str) -> CaseRow:
    value = card.fields.get(field)
    said = code_word("place", value) if field == "place" else str(value or "?")
    kind = {"managed_by": "hand_over", "followed_by": "follower"}.get(field, field)
    last = next((row for row in card.events if row.body.get("event") == kind), None)
    on = short_day(last.body.get("on")) if last else ""
    return CaseRow(kind, last.id if last else card.id, field_word(field, "case"), said, on)


def _value(seen: Overview, card: CaseCard, field: str) -> CaseRow:
    """The last measured value with its own time; one that was never measured is a dash."""
    for look in standing(card):
        said = _value_words(look, field)
        if said:
            found = [
                one for one in findings_of([f.kept() for f in look.findings]) if _about(one.field, field)
            ]
            danger = any(one.kind == "danger_sign" for one in found)
            return CaseRow(
                "vital",
                field,
                t(f"f0.label_{field}"),
                said,
                short_moment(look.row.body["at"]),
                why_lines(seen.sets, found) or (t("case.no_sign"),),
                "danger" if danger else None,
                "danger" if danger else "",
            )
    return CaseRow(
        "vital", field, t(f"f0.label_{field}"), sign("unmeasured"), "", (t("case.never_measured"),), "unknown"
    )


def _value_words(look: CaseLook, field: str) -> str:
    body = look.row.body
    if field == "blood_pressure":
        upper, lower = body.get("systolic_bp"), body.get("diastolic_bp")
        return "" if upper is None and lower is None else f"{_number(upper)}/{_number(lower)}"
    value = counted(look, field)
    if field != "spo2" or body.get("spo2_repeat") is None:
        return number_text(value)
    return t(
        "case.spo2_twice",
        counts=_number(value),
        first=_number(body.get("spo2")),
        repeat=_number(body["spo2_repeat"]),
        seconds=_number(body.get("spo2_repeat_after")),
    )


def _number(value: Any) -> str:
    return number_text(value) or sign("unmeasured")


def _about(finding_field: str, field: str) -> bool:
    if field == "blood_pressure":
        return "systolic" in finding_field or "diastolic" in finding_field
    return field in finding_field


def _asked(seen: Overview, card: CaseCard, field: str) -> CaseRow:
    """Symptoms or signs as they were last asked."""
    label = t(f"case.{field}")
    for look in standing(card):
        codes = look.row.body.get(field)
        if codes is not None:
            said = ", ".join(seen.sets.word(code, language()) for code in codes) or t("case.none_found")
            found = [
                one
                for one in findings_of([f.kept() for f in look.findings])
                if field in one.field.split(", ")
            ]
            return CaseRow(
                "vital", field, label, said, short_moment(look.row.body["at"]), why_lines(seen.sets, found)
            )
    return CaseRow("vital", field, label, t("case.never_asked"), "", (), "unknown")
