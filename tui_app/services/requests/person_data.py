"""What is kept about the person of a request, as it is handed to them (rules §4, duty 5): their own records in words.

What is about somebody else is left out: whose contact they were, whom they met. What the station keeps of its own work
(approvals, who does what today, questions about a record, merges) is no data about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.protocol import Row
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.data_requests import RequestKind
from tui_app.records.words import IDS
from tui_app.services.access import gate
from tui_app.services.people.values import field_word, kind_of, tells_restricted, value_words
from tui_app.services.requests import register
from tui_app.services.requests.belongings import Belongings, belongings
from tui_app.store.rows import table

ORDER = (
    *("person", "person_identifier", "household", "risk_membership", "person_condition", "vaccination_dose"),
    *("case", "case_event", "observation", "alert", "test_result", "dispense", "referral", "follow_up_visit"),
    *("contact", "contact_check", "screening", "support_need", "data_request"),
)
"""Types that are handed over, in this order."""
_DAYS = ("at", "given_on", "started_on", "last_met_on", "on", "received_on", "opened_on")


@dataclass(frozen=True, slots=True)
class PersonData:
    """``person``: their record; ``records``: type -> bodies, oldest first, without what may not be shown."""

    person: str
    full_name: str
    area: str
    records: Mapping[str, tuple[Mapping[str, Any], ...]]


def person_data(c: Any, request: str) -> PersonData:
    """The data of the person of a request for access, without a restricted condition; the caller notes that it left.

    Raises NotFound; NotOpened unless a chief; InvalidFields for a request of another kind.
    """
    gate.check_chief(c)
    asked = table(register.TYPE).read(c, [request]).get(request)
    if asked is None or asked.body.get("kind") != RequestKind.ACCESS:
        raise InvalidFields([FieldProblem("request", "privacy.not_access")])
    found = belongings(c, str(asked.body["person"]))
    kept = {kind: tuple(_bodies(c, found, kind)) for kind in ORDER}
    person = table("person").read(c, [found.person])[found.person]
    gate.check(c, person.area, "person", found.person)
    return PersonData(
        found.person,
        str(person.body.get("full_name") or ""),
        person.area,
        {kind: bodies for kind, bodies in kept.items() if bodies},
    )


def line_words(type_name: str, body: Mapping[str, Any]) -> str:
    """A record on one line: each field by its name."""
    return "; ".join(
        f"{field_word(name, type_name)}: {value_words(type_name, name, value)}"
        for name, value in body.items()
    )


def _bodies(c: Any, found: Belongings, kind: str) -> Iterator[Mapping[str, Any]]:
    ids = found.ids(kind)
    if kind == "household":
        ids = [
            str(row.body["household"])
            for row in _rows(c, "person", found.members)
            if row.body.get("household")
        ]
    rows = [row for row in _rows(c, kind, ids) if _is_theirs(c, found, row)]
    for row in sorted(rows, key=_day):
        body = {name: value for name, value in row.body.items() if _shown(kind, name, value)}
        if not any(tells_restricted(kind, value) for value in body.values()):
            yield body


def _rows(c: Any, kind: str, ids: Any) -> list[Row]:
    return [row for row in table(kind).read(c, list(dict.fromkeys(ids))).values() if not row.deleted]


def _is_theirs(c: Any, found: Belongings, row: Row) -> bool:
    """Whether a record of a contact is of theirs with somebody ill, not of somebody else with them."""
    if row.type == "contact":
        return row.body.get("person") in found.members
    if row.type == "contact_check":
        of = table("contact").read(c, [str(row.body.get("contact"))])
        return any(one.body.get("person") in found.members for one in of.values())
    return True


def _shown(kind: str, name: str, value: Any) -> bool:
    """Neither a pointer to another record nor a judgement's inner parts."""
    if value in (None, "", []) or name in (*IDS, "given_name") or kind_of(kind, name) == "reference":
        return False
    return not (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict)))


def _day(row: Row) -> str:
    return next((str(row.body[name]) for name in _DAYS if row.body.get(name)), "")
