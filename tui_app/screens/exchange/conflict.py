"""Xung đột: fields whose values met. A digit decides, Ctrl+Z asks again; nothing here waits for the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from sync.record import same
from tui_app.i18n import t
from tui_app.screens.frame.unmask_screen import UnmaskScreen
from tui_app.services.access.access import MASKED
from tui_app.services.exchange import resolving
from tui_app.services.exchange.questions import OPEN, RESOLVED, SETTLED, Choice, Question, questions
from tui_app.services.people.values import field_word, type_word
from tui_app.widgets.choice_lines import ChoiceLine, ChoiceLines, by_words
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.symbols import State
from tui_app.widgets.text_field import TextField

EACH = "3"
_STATES: dict[str, State] = {OPEN: "conflict", SETTLED: "steady", RESOLVED: "sent"}
Job = Callable[[], Question]


class ConflictScreen(UnmaskScreen):
    """All questions, or with ``record`` those of one record; ``at``: the one to begin with."""

    AUTO_FOCUS = "#questions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "take(0)", "resolve.key_first", id="conflict.first", tooltip="resolve.key_first_tip"),
        Binding("2", "take(1)", "resolve.key_second", id="conflict.second", tooltip="resolve.key_second_tip"),
        Binding("3", "each", "resolve.key_each", id="conflict.each", tooltip="resolve.key_each_tip"),
        *(
            Binding(
                str(digit),
                f"take({digit - 2})",
                show=False,
                id=f"conflict.take_{digit}",
                tooltip="resolve.key_more_tip",
            )
            for digit in range(4, 10)
        ),
        Binding("x", "swap", "resolve.key_swap", id="conflict.swap", tooltip="resolve.key_swap_tip"),
        Binding("ctrl+z", "undo", "resolve.key_undo", id="conflict.undo", tooltip="resolve.key_undo_tip"),
        Binding("n", "next", "resolve.key_next", id="conflict.next", tooltip="resolve.key_next_tip"),
        Binding("o", "open", "resolve.key_open", id="conflict.open", tooltip="resolve.key_open_tip"),
        Binding("escape", "back", "app.key_back", id="conflict.back", tooltip="app.key_back_tip"),
    ]
    noted_as = "conflict"

    def __init__(self, *, record: str | None = None, at: str | None = None) -> None:
        super().__init__()
        self.record = record
        self.questions: dict[str, Question] = {}
        self._at = at
        self._order: list[str] = []
        self._done: list[tuple[str, str]] = []  # what Ctrl+Z takes back: (decided | swapped, question)

    def compose(self) -> ComposeResult:
        """The fields, and below them the values of the one under the cursor."""
        yield from self.frame_top("resolve.title")
        yield RowList(_columns(), id="questions", empty=t("widgets.list_loading"))
        yield Notice(self._heading, id="about")
        yield Notice(self._says, id="says")
        yield ChoiceLines(id="choices")
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Whatever happened elsewhere is read again."""
        self.records_changed()

    def records_changed(self) -> None:
        """Read everything again."""
        self._reload(self._at)
        self._at = None

    def _reload(self, at: str | None = None) -> None:
        restricted = self.workspace.sees_restricted

        def show(found: list[Question]) -> None:
            self.questions = {one.id: one for one in found}
            known = [ident for ident in self._order if ident in self.questions]
            self._order = known + [one.id for one in found if one.id not in set(known)]
            rows = self.query_one("#questions", RowList)
            rows.empty = t("resolve.empty")
            rows.show(ListSource([_row(self.questions[ident]) for ident in self._order]), at=at)
            self.set_title("resolve.title", self._counts)
            self.paint_numbers()

        self.read(
            lambda c: questions(c, record=self.record, restricted=restricted),
            show,
            group="questions",
        )

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.query_one("#questions", RowList).set_columns(_columns())
        self._reload()

    # ---- what is shown

    @property
    def asked(self) -> Question | None:
        """The question under the cursor."""
        row = self.query_one("#questions", RowList).cursor_row if self.is_mounted else None
        return self.questions.get(row.key) if row is not None else None

    @property
    def hides(self) -> bool:
        """Whether numbers are masked now."""
        return not self.unmasked

    @on(RowList.Highlighted)
    @on(RowList.Shown)
    def paint_numbers(self) -> None:
        """Show the question under the cursor."""
        asked = self.asked
        self.query_one("#choices", ChoiceLines).show(self._lines(asked) if asked else ())
        for name in ("about", "says"):
            self.query_one(f"#{name}", Notice).refresh(layout=True)
        self.refresh_bindings()

    def _counts(self) -> str:
        opened = sum(one.state == OPEN for one in self.questions.values())
        return t("resolve.counts", open=opened) if opened else t("resolve.counts_none")

    def _heading(self) -> str:
        asked = self.asked
        if asked is None:
            return ""
        whose = " · ".join(filter(None, (asked.whose.name or asked.whose.code, asked.whose.detail)))
        line = t("resolve.field_line", field=field_word(asked.field, asked.type), type=type_word(asked.type))
        return f"{whose} · {line}"

    def _says(self) -> str:
        asked = self.asked
        if asked is None:
            return ""
        key = f"resolve.says_{asked.state}" if asked.state in _STATES else "resolve.says_open"
        value = asked.chosen if asked.state == RESOLVED else asked.current
        words = [t(key, value=self._value(asked, value))] if asked.here or asked.state == RESOLVED else []
        if not asked.here:
            words.append(t("resolve.says_not_here"))
        if asked.severe:
            words.append(t("resolve.says_severe"))
        if asked.field in MASKED and self.hides:
            words.append(t("resolve.masked"))
        return " ".join(words)

    def _value(self, asked: Question, value: Any, name: str = "") -> str:
        if not name:
            name = next((one.name for one in asked.choices if same(one.value, value)), "")
        return asked.words(value, name, hide=self.hides, restricted=self.workspace.sees_restricted)

    def _lines(self, asked: Question) -> list[ChoiceLine]:
        decidable = asked.here and asked.state != RESOLVED
        lines = [
            self._line(asked, choice, _digit(place) if decidable else "")
            for place, choice in enumerate(asked.choices)
        ]
        if decidable and asked.each:
            both = t(f"resolve.each_{asked.each}", value=self._value(asked, asked.together))
            lines.insert(min(2, len(lines)), ChoiceLine(EACH, both))
        return lines

    def _line(self, asked: Question, choice: Choice, digit: str) -> ChoiceLine:
        shown = asked.here and same(choice.value, asked.current)
        chosen = asked.state == RESOLVED and same(choice.value, asked.chosen)
        value = self._value(asked, choice.value, choice.name)
        if choice.reason:
            value += f" ({t('resolve.was_deleted_why', reason=choice.reason)})"
        mark = t("resolve.chosen_mark") if chosen else t("resolve.now_shown") if shown else ""
        return ChoiceLine(
            digit, value, by_words(choice), mark, first=chosen or (shown and asked.state != RESOLVED)
        )

    # ---- keys

    def masked_record(self) -> tuple[str, str] | None:
        """The record of a telephone or identity number."""
        asked = self.asked
        return (asked.type, asked.record) if asked is not None and asked.field in MASKED else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done with the question under the cursor."""
        if action not in ("take", "each", "swap", "undo", "next", "open"):
            return super().check_action(action, parameters)
        asked = self.asked
        if asked is None:
            return False
        decidable = asked.here and asked.state != RESOLVED
        if action == "take":
            return decidable and isinstance(parameters[0], int) and parameters[0] < len(asked.choices)
        if action == "each":
            return decidable and bool(asked.each)
        if action == "swap":
            return asked.here and asked.state == SETTLED
        if action == "undo":
            return bool(self._done) or asked.state == RESOLVED
        if action == "next":
            return any(one.state == OPEN and one is not asked for one in self.questions.values())
        return asked.here and asked.type in ("person", "household")

    def action_take(self, place: int) -> None:
        """Choose a value, and go on to the next question."""
        asked, workspace = self.asked, self.workspace
        if asked is None:
            return
        value = self._value(asked, asked.choices[place].value, asked.choices[place].name)
        done = t("resolve.done_taken", field=field_word(asked.field, asked.type), value=value)
        self._decide(asked, lambda: resolving.take(workspace, asked.id, place), done)

    def action_each(self) -> None:
        """Keep all the values, or write down what to ask."""
        asked, workspace = self.asked, self.workspace
        if asked is None:
            return
        if asked.each != "ask":
            done = t("resolve.done_each", field=field_word(asked.field, asked.type))
            self._decide(asked, lambda: resolving.take_each(workspace, asked.id), done)
            return

        def write(text: str | None) -> None:
            if text is not None:
                self._do(
                    lambda: resolving.ask_later(workspace, asked.id, text), t("resolve.done_asked"), asked.id
                )

        title = t("resolve.ask_title", field=field_word(asked.field, asked.type))
        field = TextField(max_length=200)
        check = _something
        self.app.push_screen(Ask(title, t("resolve.ask_text"), field=field, check=check), write)

    def action_swap(self) -> None:
        """Show the other value of a field that settled by itself."""
        asked, workspace = self.asked, self.workspace
        if asked is not None:
            done = t("resolve.done_swapped", field=field_word(asked.field, asked.type))
            self._do(lambda: resolving.swap(workspace, asked.id), done, asked.id, note="swapped")

    def action_undo(self) -> None:
        """Take the last decision back, else ask again about the decided question under the cursor."""
        asked, workspace = self.asked, self.workspace
        what, ident = self._done.pop() if self._done else ("decided", asked.id if asked else "")
        one = self.questions.get(ident)
        if one is None:
            return
        way = resolving.swap if what == "swapped" else resolving.undo
        key = "resolve.done_swapped" if what == "swapped" else "resolve.done_undone"
        self._do(lambda: way(workspace, ident), t(key, field=field_word(one.field, one.type)), ident)

    def action_next(self) -> None:
        """The next question that waits, round and round."""
        found = self._next_open()
        if found is not None:
            self.query_one("#questions", RowList).move_to(self._order.index(found))

    @on(RowList.Selected)
    def action_open(self) -> None:
        """Open the card of the person or household."""
        asked = self.asked
        if asked is None or not asked.here:
            return
        if asked.type == "person":
            from tui_app.screens.people.person_card import PersonCardScreen

            self.app.push_screen(PersonCardScreen(asked.record))
        elif asked.type == "household":
            from tui_app.screens.people.household import HouseholdScreen

            self.app.push_screen(HouseholdScreen(asked.record))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)

    # ---- doing

    def _decide(self, asked: Question, job: Job, done: str) -> None:
        self._do(job, done, self._next_open() or asked.id, note="decided", ident=asked.id)

    def _do(self, job: Job, done: str, then_at: str, *, note: str = "", ident: str = "") -> None:
        def then(_: Question) -> None:
            if note:
                self._done.append((note, ident or then_at))
            self.app.say(done)
            self._reload(then_at)

        self.save(job, then)

    def _next_open(self) -> str | None:
        asked = self.asked
        here = self._order.index(asked.id) if asked is not None else -1
        for ident in (*self._order[here + 1 :], *self._order[: here + 1]):
            if self.questions[ident].state == OPEN and (asked is None or ident != asked.id):
                return ident
        return None


def _digit(place: int) -> str:
    """1, 2, then 4 and on: 3 is for all of them."""
    digit = place + 1 if place < 2 else place + 2
    return str(digit) if digit < 10 else ""


def _something(typed: str) -> str:
    return "" if typed.strip() else t("resolve.ask_missing")


def _columns() -> list[Column]:
    return [
        Column("whose", t("resolve.col_whose"), width=20, flex=3),
        Column("field", t("resolve.col_field"), width=18, flex=2),
        Column("kind", t("resolve.col_kind"), width=12, flex=1, optional=1),
        Column("state", t("resolve.col_state"), width=11),
    ]


def _row(one: Question) -> Row:
    whose = " · ".join(filter(None, (one.whose.name or one.whose.code, one.whose.detail)))
    return Row(
        one.id,
        (whose, field_word(one.field, one.type), type_word(one.type), t(f"resolve.state_{one.state}")),
        state=_STATES.get(one.state, "unknown"),
        tone="muted" if one.state == RESOLVED else "",
    )
