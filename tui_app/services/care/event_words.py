"""What an event of a case changed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync.protocol import Row
from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word
from tui_app.i18n import catalogue, language, t
from tui_app.records.cases import CaseEventKind
from tui_app.services.care.entry import UNSURE
from tui_app.services.care.known import ANSWERED_UNTIL_THEN, DAY_FIELDS
from tui_app.services.judging.rule_sets import outcome_word
from tui_app.services.people.values import field_word

_CODED: dict[str, str] = {
    CaseEventKind.OPENED: "place",
    CaseEventKind.PLACE: "place",
    CaseEventKind.SEVERITY: "severity_grade",
    CaseEventKind.RISK_CLASS: "risk_class",
    CaseEventKind.ENDED: "outcome",
    CaseEventKind.REOPENED: "outcome",
    CaseEventKind.NO_ANSWER: "slot",
}


def change_words(event: Row) -> str:
    """What it was before and after; "" where neither is said."""
    kind = str(event.body.get("event"))
    names = ("was",) if kind == ANSWERED_UNTIL_THEN else ("was", "became")  # the other one is the alert's id
    said = [_word(kind, str(event.body[name])) for name in names if event.body.get(name)]
    return " → ".join(said)


def taken_back(events: Iterable[Row]) -> dict[str, str]:
    """Event -> the one it takes back. One that judges an earlier one again amends it too and takes nothing back."""
    by_id = {event.id: event.body for event in events}
    found = {}
    for ident, body in by_id.items():
        old = by_id.get(str(body.get("amends")))
        if old is None or _again(body):
            continue
        if (old.get("was"), old.get("became")) == (body.get("became"), body.get("was")):
            found[ident] = str(body["amends"])
    return found


def reason_words(event: Row) -> str:
    """Why it was written: as somebody said, or the field whose correction judged an earlier event again."""
    reason = str(event.body.get("reason") or "")
    return t("care.judged_again", field=field_word(reason, "case")) if _again(event.body) else reason


def _again(body: Mapping[str, Any]) -> bool:
    return bool(body.get("amends")) and body.get("reason") in catalogue(language(), "fields")


def _word(kind: str, code: str) -> str:
    if kind in DAY_FIELDS:
        return show_date(code)
    if kind == ANSWERED_UNTIL_THEN:
        return t("care.answered_at", at=show_moment(code))
    if kind in _CODED:
        return code_word(_CODED[kind], code, "case")
    return t("case.unsure") if code == UNSURE else outcome_word(kind, code)
