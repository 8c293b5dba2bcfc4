"""The patient under the cursor of the F0 board: why so, what was measured when, whom to call."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui_app.clock import VIETNAM, from_wire, show_time
from tui_app.codes import code_word
from tui_app.i18n import language, t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.cases.board import BoardLine
from tui_app.services.judging.rule_sets import rule_words
from tui_app.widgets.ages import age_text
from tui_app.widgets.f0_rows import standing_words
from tui_app.widgets.fitted import fitted
from tui_app.widgets.phones import phone_text
from tui_app.widgets.signs import sign
from tui_app.widgets.spo2_trend import trend_text
from tui_app.widgets.symbols import symbol
from tui_app.widgets.vitals_lines import number_text

NARROW = 2  # lines
MEASURED = ("temperature_c", "pulse", "respiratory_rate")


class F0Patient(Widget):
    """Two lines below the list, or a fact a line beside it from 120 cells."""

    DEFAULT_CSS = f"F0Patient {{ height: {NARROW}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._line: BoardLine | None = None
        self._sets: RuleSets | None = None
        self._today = ""

    def show(self, line: BoardLine | None, sets: RuleSets | None, today: str) -> None:
        """Show a patient; ``today``: ISO day."""
        self._line, self._sets, self._today = line, sets, today
        self.refresh()

    def render(self) -> Content:
        """Why first; then who and where."""
        line = self._line
        if line is None:
            return Content("")
        if self.size.height > NARROW:
            return Content("\n").join(self.facts(line))
        why = self._why(line)
        first = Content("  ").join(why) if why else Content(t("f0.no_finding"))
        unverified = f" · {t('rules.unverified')}" if any(not one.verified for one in line.why) else ""
        second = " · ".join(
            filter(None, (_twice(line), line.address, phone_text(line.phone), self._no_answer(line)))
        )
        room = max(1, self.size.width)
        if unverified and first.cell_length > room:  # the mark stands in the part that is cut off
            first = fitted(first, max(1, room - len(unverified))) + unverified
        return Content("\n").join(fitted(one, room) for one in (first, Content(second.strip(" ·"))))

    def _why(self, line: BoardLine) -> list[Content]:
        if self._sets is None:
            return []
        said = [rule_words(self._sets, finding, language()) for finding in line.why]
        return [Content(f"{sign('pointer')} {words}") for words in said]

    def facts(self, line: BoardLine) -> list[Content]:
        """All that is known of a patient, a fact a line."""
        why = self._why(line)
        who = f"{line.full_name} · {t('person.age', age=age_text(line.age))}"
        parts = [
            Content.styled(who, "bold"),
            *([Content.styled(_twice(line), "bold")] if _twice(line) else []),
            Content(standing_words(line)),
            Content(f"{t('fields.severity_grade')}: {code_word('severity_grade', line.severity_grade)}"),
            Content(f"{t('fields.risk_class')}: {code_word('risk_class', line.risk_class)}"),
            Content(""),
            *(why or [Content.styled(t("f0.no_finding"), "$text-muted")]),
            Content(""),
            Content(f"SpO2  {trend_text(line.spo2).strip()}{self._when(line, 'spo2')}"),
            *(self._value(line, name) for name in MEASURED),
            Content(""),
            Content(line.address),
            Content(t("f0.patient_phone", phone=phone_text(line.phone))),
            Content(
                t("f0.patient_managed", managed=line.managed_by or "?", followed=line.followed_by or "?")
            ),
        ]
        calls = self._no_answer(line)
        return [*parts, Content.styled(calls, "bold")] if calls else parts

    def _value(self, line: BoardLine, name: str) -> Content:
        value = number_text(getattr(line, name)) or "?"
        return Content(f"{t(f'f0.value_{name}', value=value)}{self._when(line, name)}")

    def _when(self, line: BoardLine, name: str) -> str:
        at = line.measured.get(name) or (
            line.last_at if name == "spo2" and line.spo2[-1:] != (None,) else None
        )
        if at is None:
            return ""
        local = from_wire(at).astimezone(VIETNAM)
        when = show_time(at) if local.date().isoformat() == self._today else local.strftime("%d/%m %H:%M")
        return f"  {when}"

    def _no_answer(self, line: BoardLine) -> str:
        return t("f0.no_answer_times", count=line.no_answer) if line.no_answer else ""


def _twice(line: BoardLine) -> str:
    """That the person has several open cases; empty for one."""
    if line.open_cases < 2:
        return ""
    return f"{symbol('conflict')} {t('f0.open_cases', count=line.open_cases)}"
