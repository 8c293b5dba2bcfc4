"""How long records are kept: whom each rule keeps and until when, whose time is over, whom no rule keeps."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.screens.frame.counted import Counted, CountedScreen
from tui_app.services.requests.kept_overview import KeptOverview, RuleKeeps, kept_overview
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row

OVER, FREE = "over", "free"


class KeptScreen(WorkScreen[None]):
    """One line a rule, then two of those it keeps no longer."""

    leaves_when_refused = True
    AUTO_FOCUS = "#rules"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "privacy.key_who", id="kept.open", tooltip="privacy.key_who_tip"),
        Binding("escape", "back", "app.key_back", id="kept.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: KeptOverview | None = None

    def compose(self) -> ComposeResult:
        """What the list is for, the list, the journal."""
        yield from self.frame_top("privacy.title_kept")
        yield Notice(lambda: t("privacy.kept_about"), id="about")
        yield RowList(_columns(), id="rules", states=False, empty=t("widgets.list_loading"))
        yield Notice(self._journal, id="journal")
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read again whenever the screen comes to the front."""
        self.reload()

    def records_changed(self) -> None:
        """After a sync."""
        self.reload()

    def reload(self) -> None:
        """Go through the records of everybody; some tenths of a second for a large ward."""
        day = self.app.today()

        def show(found: KeptOverview) -> None:
            self._found = found
            self._paint()

        self.read(lambda c: kept_overview(c, day), show, group="kept")

    def _paint(self) -> None:
        found, listed = self._found, self.query_one("#rules", RowList)
        if found is None:
            return
        listed.set_columns(_columns())
        listed.show(ListSource([*map(_row, found.rules), *_let_go(found)]))
        self.query_one("#journal", Notice).refresh(layout=True)

    def _journal(self) -> str:
        found = self._found
        if found is None:
            return ""
        return t("privacy.kept_journal", count=found.journal, over=found.journal_over)

    def language_changed(self) -> None:
        """The rules come in the language they were read in."""
        super().language_changed()
        self.reload()

    @on(RowList.Selected, "#rules")
    def action_open(self) -> None:
        """The persons of the line."""
        row, found = self.query_one("#rules", RowList).cursor_row, self._found
        if row is None or found is None:
            return
        persons = {OVER: found.over, FREE: found.free} | {_key(one): one.persons for one in found.rules}
        if persons[row.key]:
            counted = [Counted("persons", "privacy.tab_persons", "person", persons[row.key])]
            self.app.push_screen(CountedScreen(str(row.cells[0]), counted))
        else:
            self.app.say(t("command.no_records"))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("rule", t("privacy.col_rule"), width=52, flex=1),
        Column("persons", t("privacy.col_persons"), width=7, align="right"),
        Column("first", t("privacy.col_first"), width=10),
        Column("last", t("privacy.col_last"), width=10, optional=1),
        Column("document", t("privacy.col_document"), width=24, optional=2),
    ]


def _key(one: RuleKeeps) -> str:
    return f"{one.rule_set}/{one.rule}"


def _row(one: RuleKeeps) -> Row:
    unsure = "" if one.verified else f" [{t('rules.unverified')}]"
    return Row(
        _key(one),
        (
            one.words,
            str(len(one.persons)),
            show_date(one.first) if one.first else "",
            show_date(one.last) if one.last else "",
            one.document + unsure,
        ),
    )


def _let_go(found: KeptOverview) -> list[Row]:
    return [
        Row(name, (t(f"privacy.kept_{name}"), str(len(persons)), "", "", ""))
        for name, persons in ((OVER, found.over), (FREE, found.free))
    ]
