"""Cases, readings and judgements as lines for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, show_moment, to_wire
from tui_app.codes import code_word, yes_no
from tui_app.commands.common import put, put_json, say
from tui_app.i18n import language, t

if TYPE_CHECKING:
    from sync.protocol import Row
    from tui_app.rules.findings import Finding, Judgement
    from tui_app.services.cases.alerts import AlertLine
    from tui_app.services.cases.board import BoardLine
    from tui_app.services.cases.cases import CaseCard, CaseHead


def plain(value: Any) -> dict[str, Any]:
    """A dataclass as one JSON object; days as yyyy-mm-dd, an age as its lowest and highest months."""
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}


def judgement_json(said: Judgement) -> dict[str, Any]:
    """A judgement as `gonha rules judge` prints it."""
    answer: dict[str, Any] = {
        "findings": [one.kept() for one in said.findings],
        "missing": list(said.missing),
        "unsure": list(said.unsure),
    }
    return answer | ({"not_judged": list(said.not_judged)} if said.not_judged else {})


def line_json(line: BoardLine) -> dict[str, Any]:
    """A line of the F0 board."""
    answer = plain(line)
    answer.pop("words")
    return answer


def alert_json(alert: AlertLine) -> dict[str, Any]:
    """An alert."""
    return plain(alert)


def card_json(card: CaseCard) -> dict[str, Any]:
    """A case with all that belongs to it."""
    answer = plain(card)
    answer["observations"] = [
        {**_row(look.row), "stands": look.stands, "taken_back": look.taken_back} for look in card.observations
    ]
    return answer


def tell_judgement(workspace: Workspace, as_json: bool, said: Judgement, **more: Any) -> None:
    """Print what was said of a reading."""
    if as_json:
        put_json({**more, **judgement_json(said)})
        return
    from tui_app.services.judging.rule_sets import input_word, kind_words, rule_sets, unsaid_words

    for one, words in zip(said.findings, finding_words(workspace, said.findings), strict=True):
        put(f"{kind_words(one)}: {words}")
    if said.missing:
        names = ", ".join(input_word(name, language()) for name in said.missing)
        put(t("care.missing", fields=names))
    with workspace.store.read() as c:
        sets = rule_sets(c)
    for words in unsaid_words(sets, said.unsure, said.not_judged):
        put(words)
    if more.get("alert"):
        say("care.alert_opened", id=more["alert"])


def finding_words(workspace: Workspace, findings: Iterable[Finding]) -> list[str]:
    """Findings as people read them: sign, value, limit, document, and whether it was read there."""
    from tui_app.services.judging.rule_sets import rule_sets, rule_words

    with workspace.store.read() as c:
        sets = rule_sets(c)
    return [rule_words(sets, one, language()) for one in findings]


def head_line(head: CaseHead) -> str:
    """A case in a list."""
    state = code_word("outcome", head.outcome, "case") if head.ended_on else code_word("place", head.place)
    day = "" if head.day is None else t("care.day", day=head.day)
    alerts = t("care.alerts", count=head.alerts) if head.alerts else ""
    twice = head.ended_on is None and head.open_cases > 1
    open_cases = t("care.open_cases", count=head.open_cases) if twice else ""
    said = (head.id, head.full_name, open_cases, show_date(head.started_on), state, day, alerts)
    return "  ".join(filter(None, said))


def put_card(workspace: Workspace, card: CaseCard) -> None:
    """A case with its history, newest first."""
    name, code = card.person.get("full_name", "?"), card.fields
    put(f"{name}  {card.household.get('address', '')}  {card.unit}".rstrip())
    day = "?" if card.day is None else str(card.day)
    put(t("care.card_day", day=day, convention=card.convention))
    state = code.get("outcome")
    put(
        t(
            "care.card_state",
            place=code_word("place", code.get("place")),
            grade=code_word("severity_grade", code.get("severity_grade")),
            risk=code_word("risk_class", code.get("risk_class")),
            managed_by=code.get("managed_by") or "?",
            followed_by=code.get("followed_by") or "?",
        )
    )
    if state:
        put(t("care.card_ended", outcome=code_word("outcome", state, "case"), on=show_date(code["ended_on"])))
    else:
        for line in _release_lines(workspace, card):
            put("  " + line)
    for alert in card.alerts:
        put("!! " + alert_line(alert, finding_words(workspace, alert.findings)))
    called = _words(workspace)
    for look in card.observations:
        if look.stands and not look.taken_back:
            put(f"  {show_moment(look.row.body['at'])}  {_vitals(look.row, called)}  {tail(look.row.id)}")
    for due in _still_due(card):
        put("  " + t("care.follow_up_due", on=show_date(due)))
    for visit in card.follow_ups:
        put("  " + visit_line(visit, called))
    for line in _event_lines(card.events):
        put("  " + line)


def _release_lines(workspace: Workspace, card: CaseCard) -> Iterator[str]:
    """Whether the isolation may end today, and why."""
    from tui_app.commands.rules_words import release_lines
    from tui_app.services.judging.rule_sets import kind_words, rule_sets

    found = card.release.findings
    for one, words in zip(found, finding_words(workspace, found), strict=True):
        yield f"{kind_words(one)}: {words}"
    with workspace.store.read() as c:
        sets = rule_sets(c)
    yield from map(str.strip, release_lines(card.release, sets))


def tail(ident: str) -> str:
    """The end of an id, long enough to call the record by."""
    return f"({ident[-8:]})"


def visit_line(visit: Row, words: Callable[[str], str]) -> str:
    """A visit after a recovery."""
    body = visit.body
    due = t("care.follow_up_answers", on=show_date(body["due_on"])) if body.get("due_on") else ""
    well = "" if body.get("well") is None else t("case.well", answer=yes_no(body["well"]).lower())
    said = (
        show_moment(body["at"]),
        due,
        well,
        _ticked(body.get("symptoms"), words),
        body.get("needs"),
        body.get("note"),
        tail(visit.id),
    )
    return "  ".join(filter(None, said))


def _still_due(card: CaseCard) -> list[date]:
    answered = {row.body.get("due_on") for row in card.follow_ups}
    return [due for due in card.follow_up_on if due.isoformat() not in answered]


def _words(workspace: Workspace) -> Callable[[str], str]:
    from tui_app.services.judging.rule_sets import rule_sets

    with workspace.store.read() as c:
        sets = rule_sets(c)
    return lambda code: sets.word(code, language())


def _ticked(codes: list[str] | None, words: Callable[[str], str]) -> str:
    return "" if codes is None else ", ".join(map(words, codes)) or t("care.none_found")


def alert_line(alert: AlertLine, why: list[str]) -> str:
    """An alert in a list."""
    state = t("care.alert_late") if alert.late else code_word("state", alert.state, "alert")
    said = (
        alert.id,
        state,
        show_moment(alert.at),
        alert.full_name,
        alert.phone,
        alert.told_to,
        "; ".join(why),
    )
    return "  ".join(filter(None, said))


def _event_lines(events: Sequence[Row]) -> Iterator[str]:
    """The history of a case, with what takes something back and what was taken back."""
    from tui_app.services.care.event_words import change_words, reason_words, taken_back

    backs = taken_back(events)
    undone = set(backs.values())
    for event in events:
        change = change_words(event)
        if event.id in backs:
            change = t("case.amends", said=change)
        if event.id in undone:
            change = t("case.undone", said=change)
        kind = code_word("event", event.body.get("event"))
        at = show_moment(event.body["at"])
        said = (at, kind, change, reason_words(event), event.who, tail(event.id))
        yield "  ".join(filter(None, said))


def note_export(workspace: Workspace, type_name: str, detail: str = "ndjson") -> None:
    """Note that a list that names people goes out. Raises NotOpened."""
    from tui_app.services.access import gate
    from tui_app.services.access.access import log_export
    from tui_app.services.station.units import held

    with workspace.store.write() as c:
        areas = set(gate.open_only(c, (unit.id for unit in held(c))))
        units = [unit for unit in held(c) if unit.id in areas]
        log_export(c, workspace.user, to_wire(workspace.clock()), units, type_name, detail)


def _vitals(row: Row, words: Callable[[str], str]) -> str:
    from tui_app.services.care.vitals import MEASURED
    from tui_app.services.people.values import field_word, value_words

    said = [
        f"{field_word(name)} {value_words('observation', name, row.body[name])}"
        for name in MEASURED
        if row.body.get(name) is not None
    ]
    asked = [
        f"{field_word(name)}: {_ticked(row.body[name], words)}"
        for name in ("symptoms", "signs")
        if row.body.get(name) is not None
    ]
    return " · ".join([*said, *asked])


def _row(row: Row) -> dict[str, Any]:
    return {"id": row.id, "who": row.who, **row.body}


def _plain(value: Any) -> Any:
    # most are one of these: 500 lines of the board take 10 ms, without this 42
    if value is None or isinstance(value, (str, int, float)):
        return value
    from sync.protocol import Row
    from tui_app.rules.age import Age
    from tui_app.rules.findings import Finding

    if isinstance(value, Row):
        return _row(value)
    if isinstance(value, Age):
        return [value.low_months, value.high_months]
    if isinstance(value, Finding):
        return value.kept()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return plain(value) if hasattr(value, "__dataclass_fields__") else value
