"""A few fields asked above a screen, checked together before they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import on
from textual.widget import Widget

from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.widgets.dialogs import Dialog
from tui_app.widgets.form import Form, FormRow

Typed = Mapping[str, str]


class AskRows(Dialog[Typed | None]):
    """Answers what the fields hold by name, None for Esc. ``values``: what stands in them at first; ``check``: what is
    wrong with them, by field; the dialog stays open and shows it."""

    DEFAULT_CSS = """
    AskRows Form { width: 64; max-height: 14; }
    AskRows Form TextField { width: 24; }
    """

    def __init__(
        self,
        title: str,
        rows: Sequence[FormRow],
        values: Typed,
        check: Callable[[Typed], Sequence[FieldProblem]],
        *,
        text: str = "",
    ) -> None:
        super().__init__(title, text, hint=t("widgets.ask_rows_hint"), back=None)
        self._form = Form(rows)
        self._values = values
        self._check = check

    def asked(self) -> Sequence[Widget]:
        """The fields."""
        return (self._form,)

    def on_mount(self) -> None:
        """Begin in the first field."""
        self._form.set_values(self._values)
        self._form.focus_first()

    @on(Form.Submitted)
    def _answer(self, message: Form.Submitted) -> None:
        message.stop()
        typed = self._form.values()
        problems = self._check(typed)
        self._form.set_problems(problems)
        if not problems:
            self.dismiss(typed)

    @on(Form.Changed)
    def _typed(self, message: Form.Changed) -> None:
        message.stop()
