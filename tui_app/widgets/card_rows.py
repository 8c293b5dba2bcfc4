"""The lists behind the tabs of a person's card, and its overview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word, yes_no
from tui_app.i18n import t
from tui_app.records.code_words import ETHNIC_GROUPS
from tui_app.services.access.access import Entry
from tui_app.services.duplicates.decided import Decision
from tui_app.services.people.cards import Change, Event, PersonCard, Standing
from tui_app.text import place_words
from tui_app.widgets.ages import age_text
from tui_app.widgets.need_words import need_words
from tui_app.widgets.phones import phone_text
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.sent_words import sent_line, sent_mark
from tui_app.widgets.symbols import symbol
from tui_app.widgets.visit_sheet import label

LISTED = ("tests", "visits", "history")
TABS = ("overview", "f0", "doses", *LISTED)


_UNSAID = ("person", "commune")  # fields of a change that tell a reader nothing


def columns(tab: str) -> list[Column]:
    """The columns of a tab's list."""
    when = Column("when", t("person.column_when"), width=16)
    by = Column("by", t("person.column_by"), width=8, flex=1, optional=1)
    sent = Column("sent", t("receipts.col_receipt"), width=14, optional=3)
    if tab == "tests":
        return [
            when,
            Column("method", t("person.column_test"), width=12),
            Column("result", t("person.column_result"), width=12, flex=1, tone=lambda row: row.tone),
            by,
            sent,
        ]
    if tab == "visits":
        return [
            when,
            Column("found", t("person.column_found"), width=16, flex=3),
            Column("how", t("person.column_how"), width=14),
            Column("note", t("person.column_note"), width=8, flex=2, optional=2),
            by,
            sent,
        ]
    return [
        when,
        Column("what", t("person.column_what"), width=20, flex=3),
        by,
        Column("sent", t("person.column_sent"), width=10),
    ]


def rows(tab: str, card: PersonCard) -> list[Row]:
    """The rows of a tab's list, newest first."""
    if tab == "tests":
        return [_test(event) for event in card.events if event.kind == "test_result"]
    if tab == "visits":
        return [_screening(event) for event in card.events if event.kind == "screening"]
    dated = [(change.at, _change(place, change)) for place, change in enumerate(card.changes)]
    dated += [(look.at, _look(place, look)) for place, look in enumerate(card.looks)]
    dated += [(merge.at, _merge(merge)) for merge in card.merges]
    return [row for _, row in sorted(dated, key=lambda pair: pair[0], reverse=True)]


def _merge(merge: Decision) -> Row:
    names = [name for name in (merge.merged_name, merge.reason) if name]
    what = t("duplicates.merged_from", name=" · ".join(names))
    return Row(f"merge:{merge.id}", (show_moment(merge.at), what, merge.who, ""))


def heading(card: PersonCard) -> str:
    """Name, sex, age and birth on one line."""
    fields = card.fields
    born = fields.get("birth_date") or fields.get("birth_year")
    words = [
        str(fields.get("full_name", "")),
        code_word("sex", fields.get("sex")),
        t("person.age", age=age_text(card.age)),
    ]
    if fields.get("birth_date"):
        words.append(t("person.born", date=show_date(str(fields["birth_date"]))))
    elif born:
        words.append(t("person.born", date=born))
    return " · ".join(words)


def gone(fields: Mapping[str, Any]) -> str:
    """That the person died or moved away, and when; empty for everybody else."""
    if fields.get("died_on"):
        return t("person.gone_died", date=show_date(str(fields["died_on"])))
    if fields.get("moved_on"):
        key = "person.gone_moved_to" if fields.get("moved_to") else "person.gone_moved"
        return t(key, date=show_date(str(fields["moved_on"])), place=fields.get("moved_to", ""))
    return ""


def warned(words: str) -> tuple[str, Content]:
    """A line of the overview to be seen first."""
    return symbol("warning"), Content.styled(words, "bold $text-warning")


def overview(card: PersonCard, fields: Mapping[str, Any]) -> list[tuple[str, str | Content]]:
    """All that is known, what matters most first. ``fields``: with masked or shown numbers."""
    house = card.household
    groups = [_standing("risk_group", one) for one in card.risk_groups]
    conditions = [_standing("condition", one, treatment=True) for one in card.conditions]
    doses = fields.get("reported_doses")
    why_not = fields.get("contraindication_reason")
    ethnicity = str(fields.get("ethnicity") or "")
    facts: list[tuple[str, str | Content]] = []
    if gone(fields):
        facts.append(warned(gone(fields)))
    for name, standings in (("risk_groups", groups), ("conditions", conditions)):
        if standings:
            facts.append((t(f"fields.{name}"), Content.styled("; ".join(standings), "bold $text-warning")))
    if not groups and not conditions:
        facts.append((t("fields.risk_groups"), t("person.no_risk")))
    if card.needs:
        facts.append((t("support.card"), Content.styled(need_words(card.needs), "bold $text-warning")))
    facts += [
        (t("person.last_found"), _last(card, "screening")),
        (t("person.last_test"), _last(card, "test_result")),
        (
            t("person.household_of"),
            place_words(
                label(house.get("code", ""), house.get("address", "")), house.get("alley"), card.unit
            ),
        ),
        (t("fields.relation_to_head"), str(fields.get("relation_to_head") or "")),
        (t("fields.phone"), phone_text(fields.get("phone"))),
        (t("fields.national_id"), str(fields.get("national_id") or "")),
        (t("fields.insurance_number"), str(fields.get("insurance_number") or "")),
        (t("fields.reported_doses"), "" if doses is None else str(doses)),
        (t("fields.contraindicated"), _with_reason(fields.get("contraindicated"), why_not)),
        (t("fields.mobility_limited"), yes_no(fields.get("mobility_limited"))),
        (t("fields.residence_type"), code_word("residence_type", fields.get("residence_type"))),
        (t("fields.ethnicity"), ETHNIC_GROUPS.get(ethnicity, ethnicity)),
        (t("fields.occupation"), str(fields.get("occupation") or "")),
    ]
    optional = ("citizen_id_old", "carer", "note")
    facts += [(t(f"fields.{name}"), str(fields[name])) for name in optional if fields.get(name)]
    if card.changed_at:
        who = t("person.changed_by", moment=show_moment(card.changed_at), who=card.changed_by or "?")
        facts.append((t("person.changed"), who))
    facts.append((t("receipts.standing"), sent_line(card.sent)))
    return facts


def _last(card: PersonCard, kind: str) -> str:
    event = next((event for event in card.events if event.kind == kind and _says(event)), None)
    if event is None:
        return t("person.never")
    found = _found(event) if kind == "screening" else code_word("result", event.fields["result"])
    return f"{show_moment(event.at)[:10]}: {found}"


def _says(event: Event) -> bool:
    return event.fields.get("wellbeing") != "not_asked"


def _found(event: Event) -> str:
    signs = ", ".join(code_word("symptoms", code) for code in event.fields["symptoms"])
    return signs or code_word("wellbeing", event.fields["wellbeing"])


def _standing(field: str, one: Standing, *, treatment: bool = False) -> str:
    words = [t("person.since", date=show_date(one.since))] if one.since else []
    if treatment:
        key = {True: "person.treated", False: "person.not_treated", None: "person.treatment_unknown"}[
            one.treated
        ]
        words.append(t(key))
    if one.detail:
        words.append(one.detail)
    name = code_word(field, one.code)
    return f"{name} ({', '.join(words)})" if words else name


def _with_reason(value: bool | None, reason: object) -> str:
    return t("person.contraindicated_why", value=yes_no(value), reason=reason) if reason else yes_no(value)


def _test(event: Event) -> Row:
    result = str(event.fields["result"])
    ct = event.fields.get("ct_value")
    return Row(
        key=event.record,
        cells=(
            show_moment(event.at),
            code_word("method", event.fields["method"]),
            code_word("result", result) + (f" (CT {ct:g})".replace(".", ",") if ct is not None else ""),
            str(event.fields["by"]),
            sent_mark(event.sent),
        ),
        state="warning" if result == "positive" else "steady" if result == "negative" else "unknown",
        tone="strong" if result == "positive" else "",
    )


def _screening(event: Event) -> Row:
    wellbeing = event.fields["wellbeing"]
    extra = [
        f"{t(f'fields.{name}')}: {yes_no(event.fields[name])}"
        for name in ("exposure", "travel")
        if event.fields[name] is not None
    ]
    return Row(
        key=event.record,
        cells=(
            show_moment(event.at),
            "; ".join([_found(event), *extra]),
            code_word("asked", event.fields["asked"]),
            str(event.fields["note"]),
            str(event.fields["by"]),
            sent_mark(event.sent),
        ),
        state={"well": "steady", "unwell": "warning"}.get(wellbeing, "unknown"),  # type: ignore[arg-type]
    )


def _change(place: int, change: Change) -> Row:
    names = ", ".join(dict.fromkeys(t(f"fields.{name}") for name in change.fields if name not in _UNSAID))
    what = t("person.history_new") if change.new else t("person.history_changed", fields=names)
    sent = f"{symbol('sent')} {t('person.history_sent')}" if change.sent else t("person.history_unsent")
    return Row(
        key=str(place),
        cells=(show_moment(change.at), what, change.who, sent),
        state=None if change.sent else "unsent",
    )


def _look(place: int, look: Entry) -> Row:
    words = code_word("what", look.what)
    if look.detail:
        words += f" ({code_word('detail', look.detail)})"
    return Row(key=f"look{place}", cells=(show_moment(look.at), words, look.who, ""), tone="muted")
