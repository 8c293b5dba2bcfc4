"""How somebody on a risk list looks: in the list, and below or beside it."""

from __future__ import annotations

from collections.abc import Collection

from textual.content import Content
from textual.widget import Widget

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.risk.risk_people import AGE_UNSURE, FORGOTTEN, RiskPerson
from tui_app.services.risk.risk_words import group_word
from tui_app.services.visits.last_contacts import days_ago
from tui_app.text import place_words
from tui_app.widgets.ages import age_text
from tui_app.widgets.fitted import fitted
from tui_app.widgets.phones import phone_text
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.signs import sign
from tui_app.widgets.symbols import Tone

NARROW = 3  # lines
_CONTACT = 3  # place of its column


def columns() -> list[Column]:
    """The columns of the list; they stand in 80 cells."""
    return [
        Column("name", t("risk.column_name"), width=17, flex=2, names=True),
        Column("age", t("risk.column_age"), width=5, align="right"),
        Column("groups", t("risk.column_groups"), width=18, flex=4),
        Column("contact", t("risk.column_contact"), width=9, tone=_contact_tone),
        Column("needs", t("risk.column_needs"), width=10, flex=1),
        Column("doses", t("risk.column_doses"), width=3, align="right"),
        Column("place", t("risk.column_place"), width=20, flex=2, optional=1),
    ]


def row_of(one: RiskPerson, sets: RuleSets, given: Collection[str]) -> Row:
    """A person's row. ``given``: persons given out for today."""
    needs = dict.fromkeys((*one.needs, *one.house_needs))
    return Row(
        key=one.person,
        cells=(
            one.full_name,
            age_text(one.age),
            ", ".join(group_word(sets, code) for code in one.named_groups) or group_word(sets, AGE_UNSURE),
            t("risk.given_mark") if one.person in given else contact_words(one),
            ", ".join(code_word("kind", kind) for kind in needs),
            "?" if one.doses is None else str(one.doses),
            one.door.place,
        ),
        state="warning" if one.has(FORGOTTEN) else "unknown" if one.unsure else None,
    )


def contact_words(one: RiskPerson) -> str:
    """How long ago the last contact was; only that it is too long where it is."""
    if one.contact_at is None:
        return t("risk.contact_over", days=one.book.overdue_days)
    days = days_ago(one.contact_at, one.book.rules.day)
    return t("risk.contact_days", days=days) if days else t("risk.contact_today")


def _contact_tone(row: Row) -> Tone:
    said = str(row.cells[_CONTACT])
    return "good" if said == t("risk.given_mark") else "warning" if said.startswith(">") else ""


class RiskFacts(Widget):
    """Three lines below the list, or a fact a line beside it from 120 cells."""

    DEFAULT_CSS = f"RiskFacts {{ height: {NARROW}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._one: RiskPerson | None = None
        self._sets: RuleSets | None = None
        self._contact: str | None = None

    def show(self, one: RiskPerson | None, sets: RuleSets | None) -> None:
        """Show a person; the last contact comes by `contacted`."""
        self._one, self._sets, self._contact = one, sets, one.contact_at if one else None
        self.refresh()

    def contacted(self, person: str, at: str | None) -> None:
        """The last contact ever of a person, if it is still the one shown."""
        if self._one is not None and self._one.person == person:
            self._contact = at
            self.refresh()

    def render(self) -> Content:
        """Groups first, then what they need and when they were met, then where they are."""
        one, sets = self._one, self._sets
        if one is None or sets is None:
            return Content("")
        groups = ", ".join(self._group(one, sets, code) for code in one.named_groups)
        unsure = ", ".join(group_word(sets, code) for code in one.unsure_groups)
        said = [f"{sign('pointer')} {groups}" if groups else ""]
        said.append(t("risk.panel_unsure", groups=unsure) if unsure else "")
        state = [self._contact_words(one), *self._needs(one)]
        if one.doses is not None:
            state.append(t("risk.panel_doses", doses=one.doses))
        place = place_words(one.door.address, one.door.alley, one.door.unit)
        where = [
            place,
            t("risk.panel_phone", phone=phone_text(one.phone)) if one.phone else "",
            t("risk.panel_carer", carer=one.carer) if one.carer else "",
        ]
        if self.size.height > NARROW:
            who = Content.styled(f"{one.full_name} · {t('person.age', age=age_text(one.age))}", "bold")
            parts = [*said, "", *state, "", *where]
            return Content("\n").join([who, Content(""), *(Content(part) for part in parts)])
        room = max(1, self.size.width)
        lines = (" · ".join(filter(None, part)) for part in (said, state, where))
        return Content("\n").join(fitted(Content(line), room) for line in lines)

    def _group(self, one: RiskPerson, sets: RuleSets, code: str) -> str:
        word = group_word(sets, code)
        return f"{word} ({t('risk.unverified')})" if code in one.book.rules.unverified else word

    def _contact_words(self, one: RiskPerson) -> str:
        if self._contact is None:
            return t("risk.panel_never")
        days = days_ago(self._contact, one.book.rules.day)
        date = show_date(one.book.rules.day.fromordinal(one.book.rules.day.toordinal() - days))
        return t("risk.panel_contact", date=date, days=days)

    def _needs(self, one: RiskPerson) -> list[str]:
        said = []
        for key, kinds in (("panel_needs", one.needs), ("panel_house_needs", one.house_needs)):
            if kinds:
                said.append(t(f"risk.{key}", needs=", ".join(code_word("kind", kind) for kind in kinds)))
        return said
