"""What the forms about a case share: what the rules say stands above them, proposed values count when left alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.screens.frame.form_screen import FormScreen, Opened
from tui_app.services.people.entries import NO, YES, Entry
from tui_app.services.station import drafts
from tui_app.text import clean
from tui_app.widgets.choice import Choice
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine

TRUTH = {YES: True, NO: False}


class CaseForm(FormScreen):
    """``about``: id of the case, or of what the form is about; ``name``: whom it is about. ``form``: names its draft;
    ``title``: catalogue key, with ``{name}``."""

    leaves_when_refused = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "pagedown",
            "read(1)",
            "case.key_read",
            key_display="PgUp PgDn",
            priority=True,  # a form scrolls by these keys as well
            id="case_form.down",
            tooltip="case.key_read_tip",
        ),
        Binding(
            "pageup",
            "read(-1)",
            show=False,
            key_display="PgUp PgDn",
            priority=True,  # a form scrolls by these keys as well
            id="case_form.up",
            tooltip="case.key_read_tip",
        ),
    ]
    form: ClassVar[str] = ""
    title_key: ClassVar[str] = ""

    def __init__(self, about: str, name: str) -> None:
        super().__init__()
        self.about = about
        self.name_of_person = name

    @property
    def draft_key(self) -> str:
        """One draft for each record a form is about."""
        return f"{self.form}:{self.about}"

    def words(self) -> str:
        """What is done, and for whom."""
        return t(self.title_key, name=self.name_of_person)

    def compose(self) -> ComposeResult:
        """The frame, what the rules say, the form."""
        yield from self.frame_top(self.words())
        with VerticalScroll(id="says", can_focus=False):
            yield Static("", markup=False)
        yield WarningLine()
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The key that reads on is named when there is more than has room."""
        self.watch(self.query_one("#says"), "virtual_size", self.refresh_bindings, init=False)

    def says(self, opened: Opened) -> Sequence[str]:
        """What stands above the form."""
        return ()

    def tell(self, lines: Sequence[str]) -> None:
        """Show lines above the form; none takes the place away."""
        box = self.query_one("#says", VerticalScroll)
        box.display = bool(lines)
        box.query_one(Static).update("\n".join(lines))

    async def _put_form(self, values: Mapping[str, str]) -> None:
        await super()._put_form(values)
        if self._opened is not None:
            self.tell(self.says(self._opened))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is more to read than has room."""
        if action == "read":
            return bool(self.query("#says") and self.query_one("#says", VerticalScroll).max_scroll_y)
        return super().check_action(action, parameters)

    def action_read(self, by: int) -> None:
        """Scroll what stands above the form."""
        box = self.query_one("#says", VerticalScroll)
        box.scroll_relative(y=by * max(1, box.size.height - 1), animate=False)

    # ---- what was typed

    def whole(self, typed: Mapping[str, str]) -> dict[str, str]:
        """All fields: as typed, else as proposed."""
        proposed = self._opened.values if self._opened else {}
        return {**proposed, **typed}

    @property
    def today(self) -> date:
        """The calendar day in Viet Nam."""
        return self.app.today()

    def take_day(self, entry: Entry, values: Mapping[str, str], name: str, *, required: bool = False) -> None:
        """Take a day as typed, dd/mm/yyyy."""
        day = entry.take(name, checks.day(values.get(name, ""), self.today, name))
        if required and day is None and not any(one.field == name for one in entry.problems):
            entry.problems.append(FieldProblem(name, "problems.missing"))

    def take_text(
        self, entry: Entry, values: Mapping[str, str], *names: str, required: Sequence[str] = ()
    ) -> None:
        """Take texts; those of ``required`` may not be empty."""
        for name in names:
            entry.fields[name] = clean(values.get(name, ""))
            if name in required and not entry.fields[name]:
                entry.problems.append(FieldProblem(name, "problems.missing"))

    def take_number(self, entry: Entry, values: Mapping[str, str], name: str) -> None:
        """Take a number with a decimal comma or point; None when there is none."""
        text = values.get(name, "").replace(",", ".")
        entry.fields[name] = float(text) if any(map(str.isdigit, text)) else None

    def ticked(self, values: Mapping[str, str], name: str) -> tuple[str, ...]:
        """The codes that are ticked."""
        return tuple(filter(None, values.get(name, "").split(",")))

    def take_truth(self, entry: Entry, values: Mapping[str, str], *names: str) -> None:
        """Take answers: yes, no, or None when nobody asked."""
        for name in names:
            entry.fields[name] = TRUTH.get(values.get(name, ""))

    # ---- saving

    @abstractmethod
    def write(self, entry: Entry) -> str:
        """Save (in a worker); the answer is the record's id."""

    def store(self, entry: Entry, typed: Mapping[str, str]) -> str:
        """Save; the draft has become a record."""
        record = self.write(entry)
        drafts.discard(self.workspace.store, self.draft_key)
        return record

    def saved(self, record: str, entry: Entry) -> str:
        """What to say after saving."""
        return t("case.saved", name=self.name_of_person)


def yes_no_choice() -> Choice:
    """Yes or no, nothing chosen until a person does."""
    return Choice([(YES, t("codes.yes")), (NO, t("codes.no"))])


def yes_no_answer(value: bool | None) -> str:
    """What `yes_no_choice` shows of an answer."""
    return "" if value is None else YES if value else NO


def code_choice(field: str, codes: Any) -> Choice:
    """The codes of a field by their words."""
    return Choice([(str(code), code_word(field, code)) for code in codes])


def day_field() -> TextField:
    """A day, as people type it."""
    return TextField(max_length=20, composing=False)


def day_text(day: date | str | None) -> str:
    """A day as a form shows it; empty when it is not known."""
    return show_date(day) if day else ""
