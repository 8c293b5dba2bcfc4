"""What to know of a person at the door, and which digit means which sign."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui_app.clock import show_moment
from tui_app.codes import alert_words, code_word, yes_no
from tui_app.i18n import t
from tui_app.records.visits import Asked, Symptom
from tui_app.services.visits.visit_lines import VisitLine
from tui_app.widgets.ages import age_text
from tui_app.widgets.fitted import fitted

NARROW = 3  # lines


class Legend(Widget):
    """Which digit sets which sign. Looked up at each painting, so that a change of language shows."""

    DEFAULT_CSS = "Legend { height: auto; max-height: 2; padding: 0 1; }"

    def render(self) -> Content:
        """Digits bold, words behind them."""
        parts: list[Content | str] = []
        for number, sign in enumerate(Symptom, 1):
            parts += [" "] if parts else []
            parts += [Content.styled(str(number), "bold"), f" {code_word('symptoms', sign)}"]
        return Content.assemble(*parts)


class PersonAtDoor(Widget):
    """The person under the cursor: three lines below the sheet, or a fact a line beside it."""

    DEFAULT_CSS = f"PersonAtDoor {{ height: {NARROW}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._line: VisitLine | None = None
        self._note = ""

    def show(self, line: VisitLine | None, note: str) -> None:
        """Show a person; ``note``: the visit's."""
        self._line, self._note = line, note
        self.refresh()

    def render(self) -> Content:
        """The person, risk, what was found now, what was found before."""
        note = [Content(t("visit.household_note", note=self._note))] if self._note else []
        line = self._line
        if line is None:
            return Content("\n").join(note)
        if self.size.height > NARROW:
            doses = "?" if line.reported_doses is None else line.reported_doses
            said = [_who(line), _risk(line), *_now(line), Content(t("visit.person_doses", doses=doses))]
            return Content("\n").join([*said, *_before(line), *note])
        gap, dot = Content("  "), Content(" · ")
        lines = [gap.join([_who(line), _risk(line)]), dot.join([*_now(line), *note]), dot.join(_before(line))]
        room = max(1, self.size.width)
        return Content("\n").join(fitted(one, room) for one in lines)


def _who(line: VisitLine) -> Content:
    known = [t("visit.person_age", age=age_text(line.age)), line.relation]
    return Content.assemble(
        Content.styled(line.full_name, "bold"), "  ", " · ".join(part for part in known if part)
    )


def _risk(line: VisitLine) -> Content:
    if not line.alerts:
        return Content.styled(t("visit.person_no_risk"), "$text-muted")
    return Content.styled(t("visit.person_risk", alerts=alert_words(line.alerts)), "bold $text-warning")


def _now(line: VisitLine) -> list[Content]:
    said = [Content(code_word("wellbeing", line.wellbeing or "not_asked"))]
    if line.symptoms:
        said = [Content.styled(_signs(line.symptoms), "bold")]
    elif line.asked == Asked.ALL:
        said = [Content(f"{code_word('wellbeing', line.wellbeing)}, {t('visit.asked_all')}")]
    if line.note:
        said.append(Content(t("visit.person_note", note=line.note)))
    return said


def _before(line: VisitLine) -> list[Content]:
    before = t("visit.person_no_before")
    if line.before is not None:
        found = _signs(line.before.symptoms) or code_word("wellbeing", line.before.wellbeing).lower()
        before = t("visit.person_before", date=show_moment(line.before.at)[:5], found=found)
    return [
        Content(before),
        Content(t("visit.person_exposure", value=yes_no(line.exposure))),
        _travel(line),
    ]


def _travel(line: VisitLine) -> Content:
    when = line.arrived_on.strftime("%d/%m") if line.arrived_on else ""
    said = " ".join(filter(None, (line.travel_from, when)))
    return Content(
        t("visit.person_travel", value=f"{yes_no(line.travel)}, {said}" if said else yes_no(line.travel))
    )


def _signs(symptoms: tuple[Symptom, ...]) -> str:
    return ", ".join(code_word("symptoms", sign) for sign in symptoms)
