"""A form: labels in one column, a field beside each, and what is wrong below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.widgets.choice import Choice
from tui_app.widgets.text_field import TextField

Field = TextField | Choice


@dataclass(frozen=True, slots=True)
class FormRow:
    """A field with its name in the record; ``label`` is by default what the catalogue calls the field."""

    name: str
    field: Field
    label: str = ""

    @property
    def words(self) -> str:
        """The label shown."""
        return self.label or t(f"fields.{self.name}")


class Form(VerticalScroll, can_focus=False):
    """Rows to fill in. Tab, Enter and down go on, Shift+Tab and up go back; Enter in the last field submits.

    The form keeps nothing but what the fields show; whoever uses it checks and stores ``values()``.
    """

    KEYS_HELP: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Tab Enter ↓", "widgets.keys_next_field"),
        ("Shift+Tab ↑", "widgets.keys_previous_field"),
    )
    DEFAULT_CSS = """
    Form {
        height: auto; max-height: 1fr; scrollbar-size-vertical: 1;
        & > Horizontal { height: auto; }
        & .form--label { height: 1; color: $text-muted; }
        & .form--problem { height: auto; color: $text-error; }
    }
    """

    class Changed(Message):
        """A person changed a field."""

        def __init__(self, form: Form, name: str, value: str) -> None:
            super().__init__()
            self.form = form
            self.name = name
            self.value = value

        @property
        def control(self) -> Form:
            return self.form

    class Submitted(Message):
        """Enter in the last field."""

        def __init__(self, form: Form) -> None:
            super().__init__()
            self.form = form

        @property
        def control(self) -> Form:
            return self.form

    def __init__(self, rows: Sequence[FormRow], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = tuple(rows)
        self._problems: dict[str, Static] = {}

    def compose(self) -> ComposeResult:
        """Each row, and under it a line that stays away until something is wrong."""
        width = max((cell_len(row.words) for row in self.rows), default=0) + 2
        for row in self.rows:
            label = Static(row.words, classes="form--label", markup=False)
            label.styles.width = width
            yield Horizontal(label, row.field)
            problem = Static("", classes="form--problem", markup=False)
            problem.styles.padding = (0, 0, 0, width + 1)
            problem.display = False
            self._problems[row.name] = problem
            yield problem

    def values(self) -> dict[str, str]:
        """What the fields hold, by name; empty means nothing was given."""
        return {row.name: row.field.value for row in self.rows}

    def set_values(self, values: Mapping[str, str]) -> None:
        """Fill the fields that ``values`` names; the others stay."""
        for row in self.rows:
            if row.name in values:
                row.field.value = values[row.name]

    def set_problems(self, problems: Sequence[FieldProblem]) -> list[FieldProblem]:
        """Show each problem under its field and go to the first; no problems clears all.

        Returns the problems of fields that are not in this form, for the caller to show elsewhere.
        """
        by_name: dict[str, list[str]] = {}
        for problem in problems:
            by_name.setdefault(problem.field, []).append(str(problem))
        first: Field | None = None
        for row in self.rows:
            self._show_problem(row, "\n".join(by_name.get(row.name, ())))
            if row.name in by_name and first is None:
                first = row.field
        if first is not None:
            self.screen.set_focus(first)
        known = {row.name for row in self.rows}
        return [problem for problem in problems if problem.field not in known]

    def focus_first(self) -> None:
        """Start at the top."""
        self.screen.set_focus(self.rows[0].field)

    def _show_problem(self, row: FormRow, words: str) -> None:
        line = self._problems[row.name]
        if not words and not line.display:
            return  # a new layout at each letter would be felt
        line.update(words)
        line.display = bool(words)
        row.field.status = "problem" if words else ""

    def _row_of(self, field: object) -> FormRow | None:
        return next((row for row in self.rows if row.field is field), None)

    def _step(self, field: object, by: int) -> bool:
        """To the field ``by`` rows on; False at the ends."""
        place = next((place for place, row in enumerate(self.rows) if row.field is field), None)
        if place is None or not 0 <= place + by < len(self.rows):
            return False
        self.screen.set_focus(self.rows[place + by].field)
        return True

    async def _on_key(self, event: events.Key) -> None:
        # at the ends the key goes on to whatever surrounds the form
        step = {"down": 1, "up": -1}.get(event.key)
        if step is not None and self._step(self.screen.focused, step):
            event.stop()
            event.prevent_default()

    @on(TextField.Submitted)
    @on(Choice.Submitted)
    def go_on(self, message: TextField.Submitted | Choice.Submitted) -> None:
        """Enter: the next field, or the end of the form."""
        message.stop()
        if not self._step(message.control, 1):
            self.post_message(self.Submitted(self))

    @on(TextField.Changed)
    @on(Choice.Changed)
    def tell_change(self, message: TextField.Changed | Choice.Changed) -> None:
        """What was wrong is being put right; tell who keeps drafts."""
        message.stop()
        row = self._row_of(message.control)
        if row is not None:
            self._show_problem(row, "")
            self.post_message(self.Changed(self, row.name, message.value))
