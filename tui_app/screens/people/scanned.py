"""What happens after a scan, on any screen: the record opens, or what the card says is shown and a person chooses.

A card is a claim: nothing of it is written before somebody has seen it in the form and saved.
"""

from __future__ import annotations

from typing import Any

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.access import access
from tui_app.services.people import identity, moving
from tui_app.services.people.finding import IDENTITY
from tui_app.services.people.identity import Difference, Match, Recognised
from tui_app.services.people.values import field_word
from tui_app.widgets.dialogs import Choose, Notice

FORM_FIELDS = ("full_name", "sex", *IDENTITY)
MOST = 5
"""Persons a question names; digits choose among them."""


def answer_scan(screen: WorkScreen[Any], line: str) -> None:
    """Look in a worker whom or what the line means, then act."""
    screen.ask(lambda c: identity.recognise(c, line), lambda found: _act(screen, found))


def _act(screen: WorkScreen[Any], found: Recognised) -> None:
    scan = found.scan
    if scan.token is not None:
        if found.record is None:
            screen.app.push_screen(Notice(t("identity.token_title"), t("identity.token_nowhere")))
        else:
            open_record(screen, *found.record)
    elif not scan.fields.keys() & {"national_id", "insurance_number"} or scan.kind == "garbled":
        screen.app.push_screen(Notice(t("identity.garbled_title"), _explained(found)))
    else:
        _note(screen, found)
        _card(screen, found)


def open_record(screen: WorkScreen[Any], type_name: str, ident: str) -> None:
    """Open a person's card or a household."""
    from tui_app.screens.people.household import HouseholdScreen
    from tui_app.screens.people.person_card import PersonCardScreen

    screen.app.push_screen(PersonCardScreen(ident) if type_name == "person" else HouseholdScreen(ident))


def _card(screen: WorkScreen[Any], found: Recognised) -> None:
    first = found.matches[0] if found.matches else None
    if first is not None and first.by and not first.differs and len(found.matches) == 1:
        screen.app.say(t("identity.agrees"))
        open_record(screen, "person", first.person)
        return
    options: list[tuple[str, str]] = []
    for match in found.matches[:MOST]:
        options.append((f"open:{match.person}", t("identity.open", who=_who(match))))
        if match.differs:
            options.append((f"take:{match.person}", t("identity.take", name=match.full_name)))
    here = getattr(screen, "household", None)
    if not any(match.by for match in found.matches):
        if isinstance(here, str):
            options.append((f"new:{here}", t("identity.new_here")))
        options += [("new:", t("identity.new")), ("door:", t("identity.new_door"))]

    def chosen(option: str | None) -> None:
        if option is not None:
            _chosen(screen, found, *option.split(":", 1))

    screen.app.push_screen(Choose(_title(found), options, text=_text(found)), chosen)


def _chosen(screen: WorkScreen[Any], found: Recognised, what: str, ident: str) -> None:
    from tui_app.screens.people.household_form import HouseholdForm
    from tui_app.screens.people.person_form import PersonForm
    from tui_app.screens.people.pick_household import PickHouseholdScreen, Place

    given = _given(found)

    def add(household: str | None) -> None:
        if household:
            screen.app.push_screen(PersonForm(household=household, given=given), made)

    def made(person: str | None) -> None:
        if person:
            open_record(screen, "person", person)

    def picked(place: Place | None) -> None:
        add(place[0] if place else None)

    if what == "open":
        open_record(screen, "person", ident)
    elif what == "take":
        match = next(one for one in found.matches if one.person == ident)
        differing = {"birth_date" if one.field == "birth_year" else one.field for one in match.differs}
        given = {name: value for name, value in given.items() if name in differing}
        screen.app.push_screen(PersonForm(ident, given=given), made)
    elif what == "door":
        screen.app.push_screen(HouseholdForm(), add)
    elif ident:
        add(ident)
    else:
        name = found.scan.fields.get("full_name", "")
        screen.app.push_screen(
            PickHouseholdScreen(t("identity.pick", name=name), moving.doors_for_new), picked
        )


def _given(found: Recognised) -> dict[str, str]:
    """The card's fields as the person's form shows them."""
    fields = found.scan.fields
    given = {name: fields[name] for name in FORM_FIELDS if name in fields}
    if "birth_date" in fields or "birth_year" in fields:
        given["birth_date"] = (
            show_date(fields["birth_date"]) if "birth_date" in fields else fields["birth_year"]
        )
    return given


def _note(screen: WorkScreen[Any], found: Recognised) -> None:
    """That somebody was looked for by a number, once for each kind; never the number."""
    store, who = screen.workspace.store, screen.workspace.user
    by = {match.by: match.person for match in reversed(found.matches) if match.by}
    kind = "national_id" if "national_id" in found.scan.fields else "insurance_number"
    noted = by or {kind: ""}

    def job() -> None:
        for field, person in noted.items():
            access.note_identity_search(store, who, field, person)

    screen.note(job)


# ---- words


def _title(found: Recognised) -> str:
    if not found.matches:
        return t("identity.nobody")
    if not found.matches[0].by:
        return t("identity.perhaps")
    return t("identity.several") if len(found.matches) > 1 else t("identity.differs")


def _text(found: Recognised) -> str:
    scan = found.scan
    told = [scan.fields.get("full_name", t("identity.no_name")), _value("birth_date", _birth(scan.fields))]
    told += [scan.fields["address"]] if "address" in scan.fields else []
    lines = [t("identity.on_card", card=" · ".join(told))]
    for match in found.matches[:MOST]:
        lines += [_difference(match, one, named=len(found.matches) > 1) for one in match.differs]
    lines += [t(f"identity.garbled_{one}") for one in scan.garbled]
    lines += [str(doubt) for doubt in scan.doubts]
    return "\n".join(dict.fromkeys(lines))


def _difference(match: Match, one: Difference, *, named: bool) -> str:
    words = t(
        "identity.difference",
        field=field_word(one.field, "person"),
        card=_value(one.field, one.on_card),
        record=_value(one.field, one.in_record),
    )
    return f"{match.full_name}: {words}" if named else words


def _value(field: str, value: str) -> str:
    if not value:
        return t("codes.unset")
    if field in IDENTITY:
        return access.masked(value)
    if field == "sex":
        return code_word("sex", value)
    return show_date(value) if len(value) == 10 and value[4] == "-" else value


def _birth(fields: dict[str, str]) -> str:
    return fields.get("birth_date") or fields.get("birth_year") or ""


def _who(match: Match) -> str:
    parts = [match.full_name, _value("birth_date", match.birth), match.address]
    gone = t("identity.gone") if match.gone else ""
    return " · ".join(part for part in (*parts, gone) if part)


def _explained(found: Recognised) -> str:
    words = [t(f"identity.garbled_{one}") for one in found.scan.garbled] or [t("identity.not_read")]
    return "\n".join([*words, t("identity.scan_again")])
