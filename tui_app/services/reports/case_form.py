"""The case form (Mẫu 01 Phụ lục I QĐ 97/QĐ-PB): what is recorded of a case, field by field, and by when it is due.

The form names a person: it is gathered behind the gate, and whoever writes it on paper notes that. A restricted
condition is on no field of it. What the records do not hold is not recorded, never "no". Filed as a report it is
figures only: how many fields were filled in, and which were not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, day_bounds, from_wire, show_date, show_moment, to_wire
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.cases import CaseEventKind, CaseOutcome, CasePlace, CaseSource
from tui_app.records.code_words import ETHNIC_GROUPS
from tui_app.records.visits import TestMethod, TestOutcome
from tui_app.rules.findings import Finding
from tui_app.rules.outbreak import event_due
from tui_app.services.access import gate
from tui_app.services.cases.case_card import CaseCard, case_card
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.reports.kinds import Due, Figure, Kind, Period
from tui_app.services.reports.periods import day_period
from tui_app.services.station.unit_names import named_on
from tui_app.services.visits.standing import OF_PERSON, standing
from tui_app.store.rows import table
from tui_app.store.search_terms import national_phone
from tui_app.text import place_words

NAME = "case_form"
PARTS: Mapping[str, tuple[str, ...]] = {
    "person": (
        *("full_name", "national_id", "birth", "sex", "ethnicity", "nationality", "occupation", "phone"),
        *("address", "workplace"),
    ),
    "disease": ("vaccinated", "classification", "onset_on"),
    "tests": ("sampled", "test_kind", "test_result"),
    "treatment": ("treatment", "admitted_on", "left_on", "final"),
    "history": ("history",),
}
"""The fields of the form in its order. Nationality and place of work or study are in no record, and so by hand."""


@dataclass(frozen=True, slots=True)
class CaseForm:
    """``fields``: name -> words, None for what is not recorded; ``diagnosed_at``: wire moment from which the hours run;
    ``exact``: whether that hour is known, else it is the start of the day; ``due``: moment (aware) and the rule, None
    when no document in force says."""

    case: str
    area: str
    person: str
    full_name: str
    commune: Mapping[str, Any]
    managed_by: str
    fields: Mapping[str, str | None]
    diagnosed_at: str
    exact: bool
    due: tuple[datetime, Finding] | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that are not recorded."""
        return tuple(name for name, words in self.fields.items() if words is None)


def case_form(c: Any, case: str, now: datetime) -> CaseForm:
    """Gather the form as it stands; the caller notes the access. Raises NotFound, NotOpened."""
    card = case_card(c, case, now)
    person = live_row(c, "person", card.person_id).body
    unit = table("area").read(c, [card.area]).get(card.area)
    moment, exact = _diagnosed(card)
    day = moment.astimezone(VIETNAM).date()
    commune = named_on(unit.body, day) if unit else {}
    return CaseForm(
        case=case,
        area=card.area,
        person=card.person_id,
        full_name=str(person.get("full_name") or ""),
        commune=commune,
        managed_by=str(card.fields.get("managed_by") or ""),
        fields={
            **_of_person(person, card, commune),
            **_of_disease(c, card, person),
            **_of_tests(card),
            **_of_treatment(card),
            "history": _history(c, card.person_id, day),
        },
        diagnosed_at=to_wire(moment),
        exact=exact,
        due=event_due(rule_sets(c), "case", moment, day),
    )


def _diagnosed(card: CaseCard) -> tuple[datetime, bool]:
    """When the case was found: its first positive test, else the first moment of the day, which is never too late."""
    first = date.fromisoformat(str(card.fields.get("first_positive_on") or card.fields["started_on"]))
    for test in reversed(card.tests):
        at = from_wire(str(test.body["at"]))
        if test.body.get("result") == TestOutcome.POSITIVE and at.astimezone(VIETNAM).date() == first:
            return at, True
    return datetime.combine(first, time(0), VIETNAM), False


def _of_person(
    person: Mapping[str, Any], card: CaseCard, commune: Mapping[str, Any]
) -> dict[str, str | None]:
    household, phone = card.household, person.get("phone")
    born, year = person.get("birth_date"), person.get("birth_year")
    places = (household.get("address"), household.get("alley"), commune.get("unit_name"))
    ethnicity = person.get("ethnicity")
    return {
        "full_name": str(person.get("full_name") or "").upper() or None,
        "national_id": person.get("national_id"),
        "birth": show_date(born) if born else str(year) if year else None,
        "sex": code_word("sex", person["sex"]) if person.get("sex") else None,
        "ethnicity": ETHNIC_GROUPS.get(ethnicity, ethnicity) if ethnicity else None,
        "nationality": None,
        "occupation": person.get("occupation"),
        "phone": national_phone(phone) if phone else None,
        "address": place_words(*places, commune.get("commune_name")) or None,
        "workplace": None,
    }


def _of_disease(c: Any, card: CaseCard, person: Mapping[str, Any]) -> dict[str, str | None]:
    onset = card.fields.get("onset_on")
    return {
        "vaccinated": _vaccinated(c, card, person),
        "classification": _classification(card),
        "onset_on": show_date(onset) if onset else None,
    }


def _vaccinated(c: Any, card: CaseCard, person: Mapping[str, Any]) -> str | None:
    """Yes with how many times, no, or not recorded; doses that were written down before what somebody said."""
    count = c.execute(
        "SELECT count(*) FROM vaccination_dose WHERE person = ? AND NOT deleted", (card.person_id,)
    ).fetchone()[0]
    said = next(
        (n for n in (person.get("reported_doses"), card.fields.get("basic_doses")) if n is not None), None
    )
    if count:
        return t("forms.vaccinated", count=count)
    if said is None:
        return None
    return t("forms.vaccinated_said", count=said) if said else t("forms.not_vaccinated_said")


def _classification(card: CaseCard) -> str | None:
    """Confirmed in a laboratory by a positive PCR; a rapid test alone is told as what it is, and decided by nobody
    here."""
    positive = {test.body.get("method") for test in _illness(card) if _is_positive(test)}
    if TestMethod.PCR in positive:
        return t("forms.class_laboratory")
    return t("forms.class_rapid") if TestMethod.ANTIGEN in positive else None


def _of_tests(card: CaseCard) -> dict[str, str | None]:
    tests = [test.body for test in _illness(card)]
    if not tests:
        return dict.fromkeys(("sampled", "test_kind", "test_result"))
    said = {
        "sampled": [show_moment(str(test["at"])) for test in tests],
        "test_kind": [code_word("method", test.get("method")) for test in tests],
        "test_result": [code_word("result", test.get("result")) for test in tests],
    }
    return {name: "; ".join(words) for name, words in said.items()}


def _illness(card: CaseCard) -> list[Row]:
    """Its tests from the first positive or the first day on that decide: the first positive one and the latest of each
    method, oldest first."""
    began = min(filter(None, (card.fields.get("first_positive_on"), card.fields["started_on"])))
    since = day_bounds(date.fromisoformat(began))[0]
    tests = [one for one in reversed(card.tests) if str(one.body["at"]) >= since]
    latest = {str(one.body.get("method")): one for one in tests}.values()
    chosen = {one.id for one in (*[one for one in tests if _is_positive(one)][:1], *latest)}
    return [one for one in tests if one.id in chosen]


def _is_positive(test: Row) -> bool:
    return bool(test.body.get("result") == TestOutcome.POSITIVE)


def _of_treatment(card: CaseCard) -> dict[str, str | None]:
    fields, admitted, left = card.fields, None, None
    if fields.get("source") == CaseSource.DISCHARGE:
        left = str(fields["started_on"])
    for event in reversed(card.events):  # the oldest first
        if event.body.get("event") == CaseEventKind.PLACE:
            if event.body.get("became") == CasePlace.HOSPITAL:
                admitted, left = event.body.get("on"), None
            elif event.body.get("was") == CasePlace.HOSPITAL:
                left = event.body.get("on")
    outcome, ended = fields.get("outcome"), fields.get("ended_on")
    if outcome == CaseOutcome.HOSPITAL:
        admitted = ended
    elif outcome == CaseOutcome.DIED or (outcome and fields.get("place") == CasePlace.HOSPITAL):
        left = ended
    place = fields.get("place")
    return {
        "treatment": t(f"forms.treatment_{place}") if place else None,
        "admitted_on": show_date(admitted) if admitted else None,
        "left_on": show_date(left) if left else None,
        "final": code_word("outcome", outcome, "case") if outcome else None,
    }


def _history(c: Any, person: str, day: date) -> str | None:
    """The last contact with another case and the last visit that told of exposure or a journey, up to the day of the
    diagnosis; who the other one is stays unsaid."""
    said = []
    contact = c.execute(_CONTACT, (person, day.isoformat())).fetchone()
    if contact is not None:
        said.append(
            t("forms.history_contact", level=contact["level"], date=show_date(contact["last_met_on"]))
        )
    line = c.execute(_LINE, (person, person, day_bounds(day)[1])).fetchone()
    if line is not None:
        on = show_date(from_wire(line["at"]).astimezone(VIETNAM).date())
        if line["exposure"]:
            said.append(t("forms.history_exposure", date=on))
        if line["travel"] or line["travel_from"]:
            said.append(t("forms.history_travel", place=line["travel_from"] or "?", date=on))
    return "; ".join(said) or None


_CONTACT = """
SELECT level, last_met_on FROM contact WHERE person = ? AND NOT deleted AND last_met_on <= ?
ORDER BY last_met_on DESC, id LIMIT 1
"""
_LINE = f"""
WITH {standing(OF_PERSON)}
SELECT v.at, s.exposure, s.travel, s.travel_from FROM screening AS s JOIN standing AS v ON v.id = s.visit
WHERE s.person = ? AND NOT s.deleted AND (s.exposure OR s.travel OR s.travel_from IS NOT NULL) AND v.at < ?
ORDER BY v.at DESC LIMIT 1
"""

# ---- as a kind of report


def _count(c: Any, period: Period, as_of: datetime, subject: str) -> tuple[Figure, ...]:
    form = case_form(c, subject, as_of)
    filled = len(form.fields) - len(form.missing)
    return (
        Figure("filled", filled, "case", (subject,), form.area),
        Figure("not_recorded", len(form.missing), unit=form.area, detail={"fields": list(form.missing)}),
    )


def _subjects(c: Any, period: Period) -> tuple[tuple[str, str], ...]:
    """The cases found on a day; by unit and the end of their id, naming nobody."""
    return tuple((row["id"], f"{row['unit_name'] or ''} …{row['id'][-6:]}") for row in _found(c, period))


def _deadlines(c: Any, period: Period) -> dict[str, Due]:
    """As each form says it, without gathering the forms."""
    sets, begins = rule_sets(c), day_bounds(period.first)[0]
    said = {}
    for row in _found(c, period):
        since = from_wire(row["tested"] or begins).astimezone(VIETNAM)
        one = event_due(sets, "case", since, period.first)
        if one is not None:
            said[str(row["id"])] = one
    return said


def _found(c: Any, period: Period) -> list[Any]:
    """The cases found on a day, none of a day on which no document asks for each."""
    sets, shut = rule_sets(c), gate.closed(c)
    asked = any(
        rule.kind == "case" for one in sets.in_force("event_due", period.first) for rule in one.event_due
    )
    if not asked:
        return []
    rows = c.execute(_FOUND, (period.first.isoformat(), *day_bounds(period.first)))
    return [row for row in rows if row["area"] not in shut]


_FOUND = """
SELECT k.id, k.area, a.unit_name, (
    SELECT min(t.at) FROM test_result AS t
    WHERE t.person = k.person AND t.result = 'positive' AND NOT t.deleted AND t.at >= ?2 AND t.at < ?3
        AND NOT EXISTS (SELECT 1 FROM test_result AS later WHERE later.amends = t.id AND NOT later.deleted)
) AS tested
FROM "case" AS k LEFT JOIN area AS a ON a.id = k.area
WHERE NOT k.deleted AND k.outcome IS NOT 'mistaken' AND coalesce(k.first_positive_on, k.started_on) = ?1
ORDER BY k.id
"""

CASE_FORM = Kind(
    name=NAME,
    subject_needed=True,
    period=day_period,
    count=_count,
    due_kind=NAME,
    deadlines=_deadlines,
    recounts=False,
    subjects=_subjects,
)
