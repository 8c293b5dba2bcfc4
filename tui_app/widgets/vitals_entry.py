"""One patient's look in full: the vital signs as fields, the monitoring sheet as questions with one key an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from tui_app.errors import FieldProblem
from tui_app.i18n import language, t
from tui_app.records.observations import Contacted
from tui_app.rules.sheet import Item, Sheet
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import Form, FormRow
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.symbols import Tone
from tui_app.widgets.text_field import DigitField, TextField
from tui_app.widgets.typed_text import TypedText
from tui_app.widgets.vitals_cells import PRESSURE, TEMPERATURE, typed_on

ANSWERS = {"1": True, "0": False, "delete": None, "backspace": None}
COUNTS = ("pulse", "respiratory_rate", "spo2")
PRESSURES = ("systolic_bp", "diastolic_bp")


class _ImpliedField(TextField):
    """A field in which `tui_app.widgets.vitals_cells` sets the comma or stroke that was not typed."""

    COMPOSES: ClassVar[bool] = False
    NAME: ClassVar[str]

    def accepts(self, value: str) -> bool:
        """What the cells of the grid accept."""
        text = ""
        for character in value:
            longer = typed_on(self.NAME, text, character)
            if longer is None:
                return False
            text = longer
        return True

    def _change(self, typed: TypedText) -> None:
        text = ""
        for character in typed.text:
            text = typed_on(self.NAME, text, character) or text
        super()._change(typed if text == typed.text else TypedText.at_end(text))


class TemperatureField(_ImpliedField):
    """375 is 37,5."""

    NAME = TEMPERATURE


class PressureField(_ImpliedField):
    """12080 is 120/80."""

    NAME = PRESSURE


class SheetList(RowList, inherit_bindings=False):
    """The questions of the monitoring sheet. 1 yes, 0 no, Del not asked; each goes on to the next question."""

    KEYS_HELP: ClassVar[tuple[tuple[str, str], ...]] = (
        ("1 0", "f0.keys_yes_no"),
        ("Del", "f0.keys_not_asked"),
        *RowList.KEYS_HELP[:3],
    )

    class Answered(Message):
        """A question got an answer, or lost it."""

        def __init__(self, sheet: SheetList) -> None:
            super().__init__()
            self.sheet = sheet

        @property
        def control(self) -> SheetList:
            return self.sheet

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(_columns(True), id=id, states=False, empty=t("f0.sheet_empty"))
        self.answers: dict[str, bool] = {}
        self._items: dict[str, tuple[Item, ...]] = {}
        self._places: list[tuple[str, str]] = []
        self._verified = True

    def ask(self, sheet: Sheet, answers: Mapping[str, bool]) -> None:
        """Show the questions of a sheet with the answers so far, by code."""
        self._items = {"symptoms": tuple(sheet.symptoms), "signs": tuple(sheet.signs)}
        self._verified = sheet.verified or not sheet.rule_sets
        self.set_columns(_columns(self._verified))
        self._places = [(block, item.code) for block, items in self._items.items() for item in items]
        self.answers = dict(answers)
        self._show_all(0)

    def codes(self, block: str) -> list[str]:
        """Codes of the questions of a block, from the top."""
        return [code for of, code in self._places if of == block]

    def said(self, block: str) -> tuple[str, ...] | None:
        """Codes of a block (``symptoms``, ``signs``) that are there; None while nobody asked.

        A block with a question left open and nothing found says nothing: missing is never "none".
        """
        codes = self.codes(block)
        found = tuple(code for code in codes if self.answers.get(code))
        return found if found or (codes and all(code in self.answers for code in codes)) else None

    @property
    def half_asked(self) -> int:
        """Questions left open in blocks of which some were answered."""
        left = 0
        for items in self._items.values():
            answered = sum(item.code in self.answers for item in items)
            left += len(items) - answered if answered else 0
        return left

    def rest_no(self) -> None:
        """Whatever was not asked is not there: asked together."""
        for _, code in self._places:
            self.answers.setdefault(code, False)
        self._show_all(self.cursor)
        self.post_message(self.Answered(self))

    async def _on_key(self, event: events.Key) -> None:
        if event.key not in ANSWERS or not self._places:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        code, answer = self._places[self.cursor][1], ANSWERS[event.key]
        if answer is None:
            self.answers.pop(code, None)
        else:
            self.answers[code] = answer
        self._show_all(self.cursor if answer is None else self.cursor + 1)
        self.post_message(self.Answered(self))

    def relabel(self) -> None:
        """Make the words anew after a change of language."""
        self.set_columns(_columns(self._verified))
        self._show_all(self.cursor)

    def _show_all(self, place: int) -> None:
        rows = []
        for block, items in self._items.items():
            for item in items:
                answer = self.answers.get(item.code)
                word = "f0.not_asked" if answer is None else "f0.answer_yes" if answer else "f0.answer_no"
                name = item.vi if language() == "vi" else item.en
                mark = "!" if block == "signs" else ""
                rows.append(Row(item.code, (mark, name, t(word)), tone="strong" if answer else ""))
        self.show(ListSource(rows), at=rows[min(place, len(rows) - 1)].key if rows else None)


def _columns(verified: bool) -> list[Column]:
    title = t("f0.column_item") if verified else f"{t('f0.column_item')} ({t('rules.unverified')})"
    return [
        Column("mark", "", width=1, tone=lambda row: "warning"),
        Column("item", title, width=20, flex=1),
        Column("answer", t("f0.column_answer"), width=9, tone=_answer_tone),
    ]


def _answer_tone(row: Row) -> Tone:
    said = row.cells[2]
    return "warning" if said == t("f0.answer_yes") else "muted" if said == t("f0.not_asked") else ""


class VitalsEntry(Horizontal):
    """Fields on the left, questions on the right. It keeps nothing but what it shows."""

    class Changed(Message):
        """Something was typed or answered."""

    class Submitted(Message):
        """Enter in the last field."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.fields: dict[str, Any] = {}

    def compose(self) -> ComposeResult:
        """The form and the sheet."""
        yield Form(self._rows(), id="vitals")
        yield SheetList(id="sheet")

    def _rows(self) -> Sequence[FormRow]:
        contacted = [(code.value, t(f"f0.contacted_{code}")) for code in Contacted]
        self.fields = {
            TEMPERATURE: TemperatureField(),
            **{name: DigitField(max_length=3) for name in COUNTS},
            PRESSURE: PressureField(),
            "contacted": Choice(contacted),
            "note": TextField(max_length=300),
        }
        return [FormRow(name, field, t(f"f0.label_{name}")) for name, field in self.fields.items()]

    @property
    def sheet(self) -> SheetList:
        """The questions."""
        return self.query_one(SheetList)

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    def typed(self) -> dict[str, str]:
        """What the fields hold, without the empty ones."""
        return {name: value for name, value in self.form.values().items() if value}

    def body(self) -> dict[str, Any]:
        """What a draft keeps."""
        return {"typed": self.typed(), "answers": dict(self.sheet.answers)}

    def fill(self, typed: Mapping[str, str], sheet: Sheet, answers: Mapping[str, bool]) -> None:
        """Show a patient's draft, or an empty form."""
        self.form.set_values({name: typed.get(name, "") for name in self.fields})
        self.mark_problems(())
        self.sheet.ask(sheet, answers)

    def mark_problems(self, problems: Sequence[FieldProblem]) -> None:
        """Mark the fields that hold what cannot be, and go to the first; what is wrong is said elsewhere."""
        wrong = {PRESSURE if problem.field in PRESSURES else problem.field for problem in problems}
        for name, field in self.fields.items():
            field.status = "problem" if name in wrong else ""
        first = next((field for name, field in self.fields.items() if name in wrong), None)
        if first is not None:
            self.screen.set_focus(first)

    @on(Form.Changed)
    @on(SheetList.Answered)
    def _changed(self, message: Message) -> None:
        message.stop()
        self.mark_problems(())
        self.post_message(self.Changed())

    @on(Form.Submitted)
    def _submitted(self, message: Message) -> None:
        """Enter behind the note goes on with the questions."""
        message.stop()
        self.screen.set_focus(self.sheet)
