"""What happened in a case, as lines of the F0 tab: visits after recovery, events, medicine, referrals, contacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sync.protocol import Row
from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word, yes_no
from tui_app.i18n import language, t
from tui_app.records.observations import AlertState
from tui_app.services.care.event_words import change_words, reason_words, taken_back
from tui_app.services.cases.case_card import CaseCard
from tui_app.services.cases.case_overview import Overview
from tui_app.services.cases.contact_lists import Check, ContactLine
from tui_app.services.treatment.medicine import Given, flags_words
from tui_app.text import decimal
from tui_app.widgets.ages import age_text
from tui_app.widgets.case_row import CaseRow, findings_of, short_day, short_moment, why_lines
from tui_app.widgets.case_standing import alert_row, event_why


def rows(seen: Overview, card: CaseCard) -> Iterator[CaseRow]:
    """Due dates first, then what happened, newest first."""
    yield from _after_recovery(seen, card)
    for alert in card.alerts:
        if alert.state != AlertState.OPEN:
            yield alert_row(seen, alert)
    backs = taken_back(card.events)
    undone = set(backs.values())
    yield from (_event(seen, row, back=row.id in backs, undone=row.id in undone) for row in card.events)
    yield from (_given(seen, one) for one in reversed(seen.given))
    yield from (_referral(seen, row) for row in card.referrals)
    yield from (contact_row(seen, one) for one in seen.contacts)
    for head in seen.heads:
        if head.id != card.id:
            said = code_word("outcome", head.outcome) if head.outcome else t("case.still_open")
            yield CaseRow("case", head.id, t("case.other_case"), said, short_day(head.started_on))


def _after_recovery(seen: Overview, card: CaseCard) -> Iterator[CaseRow]:
    answered = {str(row.body.get("due_on")): row for row in card.follow_ups}
    for due in card.follow_up_on:
        visit = answered.pop(due.isoformat(), None)
        if visit is None:
            yield CaseRow(
                "due", due.isoformat(), t("case.follow_up_due"), t("case.not_seen_yet"), short_day(due)
            )
        else:
            yield _visit(seen, visit)
    yield from (_visit(seen, visit) for visit in answered.values())


def _visit(seen: Overview, row: Row) -> CaseRow:
    body = row.body
    well = t("case.well", answer=yes_no(body.get("well")))
    symptoms = "" if body.get("symptoms") is None else _symptom_words(seen, body["symptoms"])
    said = " · ".join(filter(None, (well, symptoms, body.get("needs"), body.get("note"))))
    due = t("case.answers_due", date=short_day(body.get("due_on")) or "?")
    return CaseRow("follow_up", row.id, t("case.follow_up"), said, short_moment(body["at"]), (due,), "steady")


def _event(seen: Overview, row: Row, *, back: bool, undone: bool) -> CaseRow:
    body = row.body
    kind = str(body.get("event"))
    said = change_words(row)
    if back:
        said = t("case.amends", said=said)
    if undone:
        said = t("case.undone", said=said)
    said = " · ".join(filter(None, (said, reason_words(row))))
    on = (t("case.holds_from", date=show_date(body["on"])),) if body.get("on") else ()
    return CaseRow(
        "event",
        row.id,
        code_word("event", kind),
        said,
        short_moment(body["at"]),
        (*event_why(seen, row), *on),
        tone="muted" if undone else "",
    )


def _given(seen: Overview, one: Given) -> CaseRow:
    said = [one.words, f"{decimal(one.quantity)} {one.unit}".strip() if one.quantity is not None else ""]
    if one.days is not None:
        said.append(t("case.for_days", days=one.days))
    if one.flags:
        said.append(t("case.flags", count=len(one.flags)))
    why = flags_words(seen.sets, one.flags)
    if one.flag_reason:
        why.append(t("case.given_because", reason=one.flag_reason))
    if one.prescribed_by:
        why.append(t("case.prescribed", who=one.prescribed_by))
    if one.lot:
        why.append(t("case.lot", lot=one.lot))
    why += [one.note] if one.note else []
    why.append(t("case.written_by", who=one.who or "?", moment=short_moment(one.at)))
    return CaseRow(
        "dispense",
        one.id,
        t("case.given"),
        " · ".join(filter(None, said)),
        short_moment(one.at),
        tuple(why),
        "warning" if one.flags else None,
    )


def _referral(seen: Overview, row: Row) -> CaseRow:
    body = row.body
    if body.get("withdrawn"):
        state = t("referral.state_withdrawn")
    elif body.get("acknowledged_at"):
        state = t("referral.state_arrived", at=short_moment(body["acknowledged_at"]))
    else:
        state = t("referral.state_waiting")
    why = [t("case.reason", reason=body["reason"]), *why_lines(seen.sets, findings_of(body.get("findings")))]
    for name in ("transport", "acknowledged_by", "note"):
        if body.get(name):
            why.append(f"{t(f'fields.{name}')}: {body[name]}")
    waits = not body.get("withdrawn") and not body.get("acknowledged_at")
    return CaseRow(
        "referral",
        row.id,
        t("case.referral"),
        f"{body['sent_to']} · {state}",
        short_moment(body["at"]),
        tuple(why),
        "warning" if waits else None,
        "muted" if body.get("withdrawn") else "",
    )


def contact_row(seen: Overview, one: ContactLine) -> CaseRow:
    """A contact: how watched, and whether somebody saw them today."""
    name = f"{one.full_name} ({age_text(one.age)})" if one.age else one.full_name
    if one.ended_on is not None:
        state = t("contacts.ended", date=show_date(one.ended_on))
    elif one.watch_until is not None:
        state = t("contacts.until", date=show_date(one.watch_until))
    else:
        none = any(finding.outcome == "none_any_more" for finding in one.findings)
        state = t("contacts.no_watch" if none else "contacts.unknown_watch")
    parts = [name, state]
    due = one.watched(seen.day) and not one.checked(seen.day)
    if one.watched(seen.day):
        parts.append(t("contacts.not_seen" if due else "contacts.seen"))
    why = [
        t("case.last_met", date=show_date(one.last_met_on), how=code_word("met", one.met)),
        *why_lines(seen.sets, one.findings),
    ]
    for check in one.checks:
        why.append(_look(seen, check))
    return CaseRow(
        "contact",
        one.id,
        f"F{one.level}",
        " · ".join(parts),
        short_day(one.last_met_on),
        tuple(why),
        "warning" if due else None,
    )


def _look(seen: Overview, check: Check) -> str:
    day = check.day
    said = [t("case.away")] if day.away else []
    if day.well is not None:
        said.append(t("case.well", answer=yes_no(day.well)))
    if day.temperature_c is not None:
        said.append(f"{decimal(day.temperature_c)} °C")
    if day.symptoms is not None:
        said.append(_symptom_words(seen, day.symptoms))
    said += [day.note] if day.note else []
    return f"{show_moment(check.at)} {check.who}: {', '.join(said)}"


def _symptom_words(seen: Overview, codes: Iterable[str]) -> str:
    return ", ".join(seen.sets.word(code, language()) for code in codes) or t("case.none_found")
