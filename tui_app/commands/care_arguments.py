"""What the commands about cases share: ids by their end, days, facts and vital signs as they are typed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM
from tui_app.commands.common import Arguments, day_of
from tui_app.errors import InvalidFields, NotFound, UserError
from tui_app.i18n import t
from tui_app.text import fold

if TYPE_CHECKING:
    from tui_app.services.care.vitals import Vitals

VITALS = (
    "temperature_c",
    "pulse",
    "respiratory_rate",
    "spo2",
    "spo2_repeat",
    "spo2_repeat_after",
    "blood_pressure",
    "symptoms",
    "signs",
)
TICKED = ("symptoms", "signs")
SLOTS = ("am", "pm")
SHORTEST_END = 6  # letters of an id that name a record where only one ends so


def add_vitals(parser: argparse.ArgumentParser) -> None:
    """The vital signs as options, as a person types them."""
    for name in VITALS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="V", help=t(f"care.help_{name}"))
    parser.add_argument("--contacted", metavar="HOW", help=t("care.help_contacted"))


def typed_vitals(arguments: Arguments) -> dict[str, str]:
    """The options of `add_vitals` that were given."""
    given = {name: getattr(arguments, name) for name in (*VITALS, "contacted")}
    return {name: value for name, value in given.items() if value is not None}


def vitals_of(workspace: Workspace, typed: dict[str, str]) -> Vitals:
    """Vital signs as typed, symptoms and signs by code or in words. Raises InvalidFields, one problem a field."""
    from tui_app.services.care.vitals import check_vitals

    ticked = {name: ",".join(codes_of(workspace, typed[name])) for name in TICKED if name in typed}
    checked = check_vitals(typed | ticked)
    if checked.vitals is None:
        raise InvalidFields(list(checked.problems))
    return checked.vitals


def codes_of(workspace: Workspace, typed: str) -> list[str]:
    """Symptoms or signs with commas between them, each by its code or its words; what nobody knows stays as typed."""
    from tui_app.rules.reading_lines import by_words
    from tui_app.services.judging.rule_sets import rule_sets

    parts = [part.strip() for part in typed.split(",") if part.strip()]
    with workspace.store.read() as c:
        known = rule_sets(c).words
    spoken = {} if known.keys() >= set(parts) else by_words(known)
    return [part if part in known else spoken.get(fold(part).strip(), part) for part in parts]


def whole_id(workspace: Workspace, type_name: str, typed: str) -> str:
    """The id of the record of a type that is called so, or the only one that ends so. Raises NotFound."""
    with workspace.store.read() as c:
        found = c.execute(f'SELECT id FROM "{type_name}" WHERE id = ?', (typed,)).fetchall()
        if not found and len(typed) >= SHORTEST_END:
            ends = (len(typed), typed)
            found = c.execute(
                f'SELECT id FROM "{type_name}" WHERE NOT deleted AND substr(id, -?) = ? LIMIT 2', ends
            ).fetchall()
    if len(found) != 1:
        raise NotFound("errors.record_not_found", kind=type_name)
    return str(found[0][0])


def moment_of(text: str | None) -> datetime | None:
    """A moment given as an option, in Viet Nam time when it names no other. Raises UserError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError("care.bad_moment", moment=text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def slot_of(text: str | None) -> tuple[date, str] | None:
    """A half-day given as ``2022-03-14/am``. Raises UserError."""
    if not text:
        return None
    written, _, half = text.rpartition("/")
    day = day_of(written)
    if day is None or half not in SLOTS:
        raise UserError("care.bad_slot", slot=text)
    return day, half


def yes_no_of(text: str | None) -> bool | None:
    """yes, no, or not asked."""
    return None if text is None else text == "yes"


def facts_of(given: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """NAME=VALUE pairs about the entry of a case. Raises UserError for another name."""
    from tui_app.services.people.values import read_value

    facts: dict[str, Any] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or name not in names:
            raise UserError("care.bad_fact", given=pair, names=", ".join(names))
        facts[name] = read_value("case", name, value)
    return facts
