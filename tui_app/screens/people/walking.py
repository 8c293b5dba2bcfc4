"""The walking order of an alley: a door goes up or down or to a typed place, and all are numbered anew in one save."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.people import walking
from tui_app.services.people.walking import Before, Walk
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import DigitField, TextField
from tui_app.widgets.visit_sheet import label
from tui_app.widgets.warning_line import WarningLine


class WalkingScreen(WorkScreen[None]):
    """The alley of one household. Nothing is kept until Ctrl+S; then Ctrl+Z gives the old numbers back."""

    leaves_when_refused = True
    AUTO_FOCUS = "#steps"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "step(-1)", "walking.key_up", id="walking.up", tooltip="walking.key_up_tip"),
        Binding("j", "step(1)", "walking.key_down", id="walking.down", tooltip="walking.key_down_tip"),
        Binding("shift+up", "step(-1)", show=False, system=True, id="walking.shift_up"),
        Binding("shift+down", "step(1)", show=False, system=True, id="walking.shift_down"),
        Binding("g", "place", "walking.key_place", id="walking.place", tooltip="walking.key_place_tip"),
        Binding("a", "alley", "walking.key_alley", id="walking.alley", tooltip="walking.key_alley_tip"),
        Binding("ctrl+s", "save", "walking.key_save", id="walking.save", tooltip="walking.key_save_tip"),
        Binding("ctrl+z", "undo", show=False, id="walking.undo", tooltip="walking.key_undo_tip"),
        Binding("escape", "back", "app.key_back", id="walking.back", tooltip="walking.key_back_tip"),
    ]

    def __init__(self, household: str) -> None:
        super().__init__()
        self.household = household
        self.walk: Walk | None = None
        self._steps: list[Walk] = []
        self._saved: list[Before] = []
        self._warned = False

    def compose(self) -> ComposeResult:
        """The doors, and a field for a place while one is typed."""
        yield from self.frame_top("walking.title")
        yield RowList(_columns(), id="steps", states=False, empty=t("widgets.list_loading"))
        yield WarningLine()
        yield DigitField(id="place", max_length=4)
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Read the alley."""
        self.query_one("#place").display = False
        self._read()

    def _read(self) -> None:
        def show(found: Walk) -> None:
            self.walk = found
            self._steps.clear()
            self._paint(self.household)

        self.read(lambda c: walking.walk(c, self.household), show)

    @property
    def _list(self) -> RowList:
        return self.query_one("#steps", RowList)

    @property
    def _here(self) -> str | None:
        row = self._list.cursor_row
        return row.key if row is not None else None

    def _paint(self, at: str | None = None) -> None:
        if self.walk is None:
            return
        rows = [
            Row(
                step.household,
                (
                    str(place),
                    "–" if step.walk_order is None else str(step.walk_order),
                    label(step.code, step.address),
                    step.head_name or "?",
                ),
            )
            for place, step in enumerate(self.walk.steps, 1)
        ]
        self._list.show(ListSource(rows), at=at)
        alley = self.walk.alley or t("walking.no_alley")
        title = t("walking.title_alley", alley=alley, unit=self.walk.unit)
        changed = sum(step.walk_order != place for place, step in enumerate(self.walk.steps, 1))
        self.set_title(title, t("walking.changed", count=changed) if changed else t("walking.as_kept"))

    def language_changed(self) -> None:
        """Make the sentences anew."""
        super().language_changed()
        self._list.set_columns(_columns())
        self._paint()

    # ---- moving

    def _put(self, household: str, place: int) -> None:
        if self.walk is None:
            return
        moved = self.walk.moved(household, place)
        if moved != self.walk:
            self._steps.append(self.walk)
            self.walk, self._warned = moved, False
            self.query_one(WarningLine).say("")
        self._paint(household)

    def action_step(self, by: int) -> None:
        """The door under the cursor goes up or down."""
        if self.walk is not None and self._here is not None:
            self._put(self._here, self.walk.place_of(self._here) + by)

    def action_place(self) -> None:
        """Type where the door under the cursor goes."""
        if self._here is not None:
            field = self.query_one("#place", TextField)
            field.value, field.placeholder, field.display = "", t("walking.place"), True
            field.focus()

    @on(TextField.Submitted, "#place")
    def _placed(self, message: TextField.Submitted) -> None:
        here = self._here
        self._close_field()
        if here is not None and message.field.value.isdecimal():
            self._put(here, int(message.field.value))

    def _close_field(self) -> None:
        self.query_one("#place").display = False
        self._list.focus()

    def action_alley(self) -> None:
        """Put the door under the cursor into another alley, at once; the order must be saved before."""
        here, walk = self._here, self.walk
        if here is None or walk is None:
            return
        if self._steps:
            self.query_one(WarningLine).say(t("walking.save_first"))
            return
        step = next(step for step in walk.steps if step.household == here)
        store, who = self.workspace.store, self.workspace.user

        def answered(alley: str | None) -> None:
            if alley is None:
                return

            def then(before: Before) -> None:
                self._saved.append(before)
                self.household = here
                self.app.say(t("walking.in_alley", door=label(step.code, step.address)))
                self._read()

            self.save(lambda: walking.put_in_alley(store, who, here, alley), then)

        title = t("walking.ask_alley", door=label(step.code, step.address))
        self.app.push_screen(Ask(title, field=TextField(walk.alley, max_length=80)), answered)

    # ---- saving and leaving

    def action_save(self) -> None:
        """Number all doors as they stand."""
        if self.walk is None:
            return
        store, who = self.workspace.store, self.workspace.user
        order, here = [step.household for step in self.walk.steps], self._here

        def then(before: Before) -> None:
            if before:
                self._saved.append(before)
            self.household = here or self.household
            self.app.say(t("walking.saved", count=len(before)) if before else t("walking.nothing"))
            self._read()

        self.save(lambda: walking.set_order(store, who, order), then)

    def action_undo(self) -> None:
        """Take the last step back, or the last save."""
        if self._steps:
            self.walk = self._steps.pop()
            self._paint(self._here)
            return
        if not self._saved:
            self.app.say(t("walking.nothing_to_undo"))
            return
        store, who, before = self.workspace.store, self.workspace.user, self._saved.pop()

        def then(_: Before) -> None:
            self.app.say(t("walking.taken_back"))
            self._read()

        self.save(lambda: walking.put_back(store, who, before), then)

    def action_back(self) -> None:
        """Back; an order that is not kept yet is warned of once."""
        if self.query_one("#place").display:
            self._close_field()
            return
        if self._steps and not self._warned:
            self._warned = True
            self.query_one(WarningLine).say(t("walking.not_kept"))
            return
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("place", t("walking.col_place"), width=4, align="right"),
        Column("kept", t("walking.col_kept"), width=7, align="right", tone=lambda row: "muted"),
        Column("door", t("walking.col_door"), width=24, flex=2),
        Column("head", t("walking.col_head"), width=18, flex=2, names=True),
    ]
