"""The parts a rule set is made of, as its TOML file writes them. Every word comes in Vietnamese and English."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

import msgspec

from tui_app.rules.condition import Condition
from tui_app.rules.parts import Mark, Part


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words for people."""

    vi: str
    en: str


class Cover(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A subject the set judges, of which ages (from ≤ age < below, completed months), and when if not as long as
    the set itself."""

    subject: str
    from_months: int = 0
    below_months: int | None = None
    effective_from: date | None = None
    effective_to: date | None = None


class Conflict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where documents disagree and nobody has settled it; told with the findings of ``lines``."""

    id: str
    vi: str
    en: str
    lines: tuple[str, ...] = ()


class Line(Part, frozen=True, kw_only=True):
    """One rule: what it is about, of which ages, when it holds.

    ``outcome``: the grade or class it gives; ``or_worse``: it may be said though a worse one could not be ruled out;
    ``optional``: an input it lacks does not keep a milder one from being said; ``printed``: the limit, where the
    document prints it otherwise than ``when`` does; ``document``: where the line comes from another one.
    """

    id: str
    vi: str
    en: str
    when: Condition
    from_months: int = 0
    below_months: int | None = None
    printed: str = ""
    outcome: str = ""
    or_worse: bool = False
    optional: bool = False
    document: str = ""


class Orientation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where somebody of a risk class is to be cared for (xử trí, cách ly, điều trị)."""

    outcome: str
    vi: str
    en: str


class SheetPart(Part, frozen=True, kw_only=True):
    """What the monitoring sheet asks of an age group besides the vital signs."""

    from_months: int = 0
    below_months: int | None = None
    symptoms: tuple[str, ...]
    signs: tuple[str, ...] = ()


class SlotTimes(Part, frozen=True, kw_only=True):
    """A half-day of the day of monitoring, Viet Nam time: it lasts from ``starts`` to the start of the next one; the
    round ``opens``, a reading is ``due``, and is ``overdue`` afterwards."""

    slot: Literal["am", "pm"]
    starts: time
    opens: time
    due: time
    overdue: time


class RepeatedSpo2(Part, frozen=True, kw_only=True):
    """When a second SpO2 is valid (seconds after the first, both ends included) and which of the two then counts."""

    from_seconds: int
    to_seconds: int
    counts: Literal["first", "repeat", "lower"]
    vi: str
    en: str


class ReleaseRule(Part, frozen=True, kw_only=True):
    """How an isolation at home ends. Days are counted as ``convention`` of its set says.

    ``days``: full days before it may end; ``test_from_day``: a test before that day does not count; ``methods``: of
    the negative test; ``supervised``: whether health staff must do or watch it, with how sure that is.
    ``still_positive``: full days when a test from ``test_from_day`` on is positive, by whether fully vaccinated, and
    ``later_negative_ends``: whether a later negative test ends it before.
    """

    id: str
    vi: str
    en: str
    days: int
    test_from_day: int
    methods: tuple[Literal["antigen", "pcr"], ...]
    supervised: bool
    supervised_verified: bool
    supervised_mark: Mark
    still_positive: StillPositive | None = None


class StillPositive(Part, frozen=True, kw_only=True):
    """How long it goes on when a test is still positive. ``tested_again``: a negative test from its last day on is
    needed too; otherwise the days alone end it."""

    id: str
    vi: str
    en: str
    vaccinated_days: int
    other_days: int
    later_negative_ends: bool
    tested_again: bool = False


class Convention(Part, frozen=True, kw_only=True):
    """How days are counted: the number of the day of the first positive test."""

    id: str
    first_day: int
    vi: str
    en: str


class DischargeRule(Part, frozen=True, kw_only=True):
    """When somebody may leave hospital, and for how many days they watch themselves then."""

    id: str
    vi: str
    en: str
    negative: tuple[Literal["antigen", "pcr"], ...]
    ct_from: float
    watch_days: int


class WatchRule(Part, frozen=True, kw_only=True):
    """How long a contact is isolated and then watches itself, in days after the last contact. ``protected``: whom it
    is about, None everybody; ``none_any_more``: no isolation."""

    id: str
    vi: str
    en: str
    protected: bool | None = None
    isolation_days: int = 0
    self_watch_days: int = 0
    test_days: tuple[int, ...] = ()
    none_any_more: bool = False


class Medicine(Part, frozen=True, kw_only=True):
    """A kit or drug. ``says``: what the document says about its use, told and never applied; ``days``: how long a
    giving lasts by the document; ``max_days``: the longest; ``groups``: kinds of drug in it, so that the same kind
    given twice is seen."""

    code: str
    kind: Literal["kit", "drug"]
    vi: str
    en: str
    says_vi: str = ""
    says_en: str = ""
    days: int | None = None
    max_days: int | None = None
    groups: tuple[str, ...] = ()


class Caution(Part, frozen=True, kw_only=True):
    """When a medicine is not to be given (``contraindicated``), or what the document asks for is not there
    (``not_met``): ``when`` describes that state."""

    id: str
    items: tuple[str, ...]
    vi: str
    en: str
    when: Condition
    outcome: Literal["contraindicated", "not_met"] = "contraindicated"
    printed: str = ""


class FollowUp(Part, frozen=True, kw_only=True):
    """Checks after recovery: ``within_months`` by the document, ``due_months`` when they are due."""

    id: str
    vi: str
    en: str
    within_months: int
    due_months: tuple[int, ...]


class Attention(Part, frozen=True, kw_only=True):
    """What the house looks at besides the documents. ``spo2_fall``: percent points below the reading before, from which
    somebody is worse; ``alert_late_minutes``: how long an alert may stand without an answer;
    ``one_treatment_days``: within how many days of the giving before it the same drug, for which nobody said how long
    it lasts, goes on with one treatment, None where that is always another giving; ``same_drug_hours``: how many hours
    have to lie between two givings of it, None where nobody says."""

    id: str
    vi: str
    en: str
    spo2_fall: int
    alert_late_minutes: int
    one_treatment_days: int | None = None
    same_drug_hours: int | None = None


class RosterRule(Part, frozen=True, kw_only=True):
    """Why something stands on the roster where no other set says so. ``overdue_days``: how many days after it is due
    it is overdue, None never; ``look_back_days``: how many days before today count."""

    id: str
    vi: str
    en: str
    document: str = ""
    overdue_days: int | None = None
    look_back_days: int = 0


class ReportDue(Part, frozen=True, kw_only=True):
    """When a report is due: ``at`` (Viet Nam time), so many days after the last day it is about. ``kind``: as the
    report's."""

    id: str
    kind: str
    vi: str
    en: str
    days_after: int
    at: time


class EventDue(Part, frozen=True, kw_only=True):
    """Within how many hours something is to be told after it was found. ``kind``: what."""

    id: str
    kind: Literal["outbreak_declared", "outbreak_ended", "case"]
    vi: str
    en: str
    hours: int


class OutbreakEnd(Part, frozen=True, kw_only=True):
    """After how many days without a new case an outbreak may be declared over."""

    id: str
    vi: str
    en: str
    quiet_days: int


class RiskRule(Part, frozen=True, kw_only=True):
    """How somebody comes to be in a group. ``group``: its code; ``by``: what decides, ``membership`` for a row that a
    person wrote; ``from_years``: age in completed years; ``elderly``: the age that counts as old; ``codes``: conditions
    that count, all of them when empty; ``without``: ethnic codes that do not count; ``of_group``: the group it narrows;
    ``max_days``: after which a row without an end is doubtful."""

    id: str
    group: str
    by: Literal[
        "age",
        "conditions",
        "ethnicity",
        "mobility",
        "membership",
        "unvaccinated",
        "lives_with",
        "carer",
    ]
    vi: str
    en: str
    document: str = ""
    from_years: int | None = None
    elderly: bool = False
    codes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    of_group: str = ""
    max_days: int | None = None


class EnoughDoses(Part, frozen=True, kw_only=True):
    """How many doses are enough from an age on (completed years, from ≤ age < below)."""

    id: str
    vi: str
    en: str
    document: str = ""
    from_years: int
    below_years: int | None = None
    doses: int
