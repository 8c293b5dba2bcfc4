"""Whom to call: the number large, why, what was before."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.services.cases.board import BoardLine
from tui_app.widgets.ages import age_text
from tui_app.widgets.f0_rows import seen_words, standing_words
from tui_app.widgets.fitted import fitted
from tui_app.widgets.phones import phone_text
from tui_app.widgets.signs import sign
from tui_app.widgets.spo2_trend import trend_text


class CallCard(Widget, can_focus=True):
    """Three lines. It has the focus while it rings, so letters are keys and no text."""

    DEFAULT_CSS = "CallCard { height: 3; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._patient: BoardLine | None = None
        self._number: str | None = None
        self._calls = 0
        self._today = ""

    def show(self, patient: BoardLine, number: str | None, calls: int, today: str) -> None:
        """Show a patient; ``number``: None while it is read, empty when there is none; ``calls``: unanswered ones;
        ``today``: ISO day."""
        self._patient, self._number, self._calls, self._today = patient, number, calls, today
        self.refresh()

    def render(self) -> Content:
        """The number first."""
        patient = self._patient
        if patient is None:
            return Content("")
        number = t("f0.no_number") if self._number == "" else phone_text(self._number)
        name = f"{patient.full_name} · {t('person.age', age=age_text(patient.age))}"
        calls = f" · {t('f0.no_answer_times', count=self._calls)}" if self._calls else ""
        front = sign("pointer") if self.has_focus else " "
        day = t("f0.day_number", day="?" if patient.day is None else patient.day)
        lines = [
            Content.assemble(
                f"{front} ", Content.styled(number, "bold reverse"), "  ", Content.styled(name, "bold"), calls
            ),
            Content(f"  {standing_words(patient)} · {day} · {patient.address}"),
            Content(
                f"  {t('f0.before', when=seen_words(patient, self._today), spo2=trend_text(patient.spo2).strip())}"
            ),
        ]
        room = max(1, self.size.width)
        return Content("\n").join(fitted(line, room) for line in lines)
