"""One scale on a day: its inputs, each of which opens its records or its source and can be typed in."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.i18n import language, t
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.frame.base import ReadingScreen
from tui_app.screens.levels.level_typing import publish, type_choice, type_input
from tui_app.services.levels.history import Kept
from tui_app.services.levels.inputs import Input, Origin
from tui_app.services.levels.judging import Judged, judge
from tui_app.services.levels.keeping import keep_level
from tui_app.services.levels.kept_words import kept_words
from tui_app.services.levels.level_words import level_words, scale_words
from tui_app.services.levels.words import (
    choice_words,
    document_words,
    figure_words,
    finding_words,
    how_words,
    input_words,
    missing_words,
    source_words,
    value_words,
)
from tui_app.services.station.station_values import StationValue
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine

_IN_FORCE = "in_force"
_UNKNOWN = (Origin.MISSING, Origin.STALE)


class LevelScreen(ReadingScreen[None]):
    """``scale``: which; ``day``: as it is judged on this day."""

    AUTO_FOCUS = "#inputs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "levels.key_open", id="level.open", tooltip="levels.key_input_tip"),
        Binding("n", "type", "levels.key_type", id="level.type", tooltip="levels.key_type_tip"),
        Binding("w", "why", "levels.key_why", id="level.why", tooltip="levels.key_why_tip"),
        Binding("k", "keep", "levels.key_keep", id="level.keep", tooltip="levels.key_keep_tip"),
        Binding("c", "publish", "levels.key_publish", id="level.publish", tooltip="levels.key_publish_tip"),
        Binding("l", "history", "levels.key_history", id="level.history", tooltip="levels.key_history_tip"),
        Binding("escape", "back", "app.key_back", id="level.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, scale: str, day: date) -> None:
        super().__init__()
        self.scale = scale
        self.day = day
        self.found: Judged | None = None

    def compose(self) -> ComposeResult:
        """What is missing, then the inputs and choices."""
        yield from self.frame_top("levels.screen_title")
        yield WarningLine(id="missing")
        yield RowList(input_columns(), id="inputs", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Judge."""

        def show(found: Judged) -> None:
            self.found = found
            self._paint()

        self.read(lambda c: judge(c, self.day, self.scale), show, group="level")

    def _paint(self) -> None:
        found = self.found
        if found is None:
            return
        listed = self.query_one("#inputs", RowList)
        listed.empty = missing_words(found)
        listed.set_columns(input_columns())
        rows = [_input_row(found, one) for one in found.inputs] + list(map(_choice_row, found.choices))
        if kept := found.now or found.before:
            rows.append(_kept_row(kept))
        listed.show(ListSource(rows))
        unverified = "" if found.verified else t("rules.unverified")
        lacks = missing_words(found) if rows else ""  # an empty list says it itself
        self.query_one("#missing", WarningLine).say(lacks or unverified)
        level = f"{scale_words(self.scale)}: {level_words(self.scale, found.level)}"
        self.set_title(level, figure_words(found) or show_date(self.day))
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A target is met or not; it is not set for a day."""
        if action in ("keep", "publish", "history"):
            return self.scale not in ("care_capacity", "death_target")
        return super().check_action(action, parameters)

    @property
    def _chosen(self) -> Input | StationValue | None:
        row = self.query_one("#inputs", RowList).cursor_row
        if row is None or self.found is None:
            return None
        both: list[Input | StationValue] = [*self.found.inputs, *self.found.choices]
        return next((one for one in both if one.name == row.key), None)

    # ---- keys

    @on(RowList.Selected, "#inputs")
    def action_open(self) -> None:
        """The records behind the input; who says so where there are none."""
        one, row = self._chosen, self.query_one("#inputs", RowList).cursor_row
        if row is not None and row.key == _IN_FORCE:
            self.action_history()
        elif isinstance(one, StationValue):
            self.app.push_screen(WhyScreen(t(f"station.{one.name}"), [choice_words(one)]))
        elif one is not None:
            self._open(one)

    def _open(self, one: Input) -> None:
        rules = self.found.rules if self.found else None
        counted = one.counted
        if counted is not None and counted.share is not None:
            from tui_app.screens.vaccination.figure import FigureScreen

            self.app.push_screen(FigureScreen(counted.share, self.day))
        elif counted is not None and counted.kind == "case":
            from tui_app.screens.levels.level_records import LevelRecordsScreen

            self.app.push_screen(LevelRecordsScreen(input_words(one.name, rules), counted.ids))
        else:
            said = [f"{value_words(one)} · {source_words(one)}"]
            if one.origin is Origin.COUNTED:
                said.append(t("levels.not_listed"))
            elif one.origin is Origin.MISSING:
                said = [value_words(one), t("levels.typed_none")]
            self.app.push_screen(WhyScreen(input_words(one.name, rules), said))

    def action_type(self) -> None:
        """Type the input in, or change the choice."""
        one = self._chosen
        if isinstance(one, StationValue):
            type_choice(self, one, self.day)
        elif one is not None and one.name == "published":
            self.action_publish()
        elif one is not None and self.found is not None:
            type_input(self, one, self.found)

    def action_why(self) -> None:
        """Document, the lines that decided, what is missing, what was in force."""
        found = self.found
        if found is None:
            return
        lines = [level_words(found.scale, found.level), missing_words(found), document_words(found)]
        lines += [f"• {finding_words(finding, found.rules)}" for finding in found.findings]
        lines += [*map(choice_words, found.choices), *how_words(found)]
        if found.before:
            date_words, level = show_date(found.before.day), kept_words(found.before)
            lines.append(t("levels.before", date=date_words, level=level))
        if found.rules and found.rules.note:
            lines.append(str(getattr(found.rules.note, language())))
        self.app.push_screen(WhyScreen(scale_words(found.scale), [line for line in lines if line]))

    def action_keep(self) -> None:
        """Set the level worked out, with a reason or none."""
        workspace, scale, day = self.workspace, self.scale, self.day

        def answered(reason: str | None) -> None:
            if reason is not None:
                self.save(
                    lambda: keep_level(workspace.store, workspace.user, scale, day, reason),
                    lambda _: self.reload(),
                )

        level = level_words(scale, self.found.level if self.found else None)
        title = t("levels.ask_keep", scale=scale_words(scale), level=level, date=show_date(day))
        self.app.push_screen(Ask(title, t("levels.ask_reason"), field=TextField(max_length=200)), answered)

    def action_publish(self) -> None:
        """Set the level that was published."""
        publish(self, self.scale, self.day)

    def action_history(self) -> None:
        """Levels of this scale that were set."""
        from tui_app.screens.levels.level_history import LevelHistoryScreen

        self.app.push_screen(LevelHistoryScreen(self.scale))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _kept_row(kept: Kept) -> Row:
    by = t("levels.published_by", source=kept.source) if kept.source else t("levels.computed")
    cells = (t("levels.col_in_force"), level_words(kept.scale, kept.level), f"{show_date(kept.day)}, {by}")
    return Row(_IN_FORCE, cells)


def input_columns() -> list[Column]:
    """Of a list of inputs, as they are or as they were kept."""
    return [
        Column("name", t("levels.col_input"), width=26, flex=2),
        Column("value", t("levels.col_value"), width=22, align="right"),
        Column("source", t("levels.col_source"), width=22, flex=1),
    ]


def _input_row(found: Judged, one: Input) -> Row:
    cells: tuple[Any, ...] = (input_words(one.name, found.rules), value_words(one), source_words(one))
    return Row(one.name, cells, "unknown" if one.origin in _UNKNOWN else None)


def _choice_row(one: StationValue) -> Row:
    value = t(f"station.{one.name}_{one.value}")
    since = t("station.usual") if one.as_of is None else f"{one.source} {show_date(one.as_of)}"
    return Row(one.name, (t(f"station.{one.name}"), value, since.strip()))
