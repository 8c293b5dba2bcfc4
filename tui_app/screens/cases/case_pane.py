"""The F0 tab of a person's card: chart, lines, and the keys for all that is done with a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.screens.cases import case_doing, case_lines
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.services.cases.case_card import CaseCard
from tui_app.services.cases.case_overview import CHARTED, Overview, half_days
from tui_app.widgets import case_row, case_standing, case_story
from tui_app.widgets.case_row import CaseRow
from tui_app.widgets.day_chart import DayChart
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.screens.frame.base import WorkScreen


class CasePane(Vertical):
    """Shows an `Overview`; ``reload`` of the screen is called after each save."""

    app: GonhaApp
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left",
            "chart(-1)",
            show=False,
            key_display="← →",
            id="case.chart_left",
            tooltip="case.key_chart_tip",
        ),
        Binding(
            "right",
            "chart(1)",
            "case.key_chart",
            key_display="← →",
            id="case.chart",
            tooltip="case.key_chart_tip",
        ),
        Binding("n", "do('open')", "case.key_open", id="case.open", tooltip="case.key_open_tip"),
        Binding("m", "do('measure')", "f0.key_measure", id="case.measure", tooltip="f0.key_measure_tip"),
        Binding("a", "do('answer')", "f0.key_answer", id="case.answer", tooltip="f0.key_answer_tip"),
        Binding("x", "do('refer')", "case.key_refer", id="case.refer", tooltip="case.key_refer_tip"),
        Binding("t", "do('give')", "case.key_give", id="case.give", tooltip="case.key_give_tip"),
        Binding(
            "c", "do('contacts')", "case.key_contacts", id="case.contacts", tooltip="case.key_contacts_tip"
        ),
        Binding("d", "do('change')", "case.key_change", id="case.change", tooltip="case.key_change_tip"),
        Binding("k", "do('end')", "case.key_end", id="case.end", tooltip="case.key_end_tip"),
        Binding("r", "do('reopen')", "case.key_reopen", id="case.reopen", tooltip="case.key_reopen_tip"),
        Binding(
            "f",
            "do('follow_up')",
            "case.key_follow_up",
            id="case.follow_up",
            tooltip="case.key_follow_up_tip",
        ),
        Binding("p", "do('papers')", "case.key_papers", id="case.papers", tooltip="case.key_papers_tip"),
        Binding("ctrl+z", "undo", show=False, id="case.undo", tooltip="case.key_undo_tip"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.seen: Overview | None = None
        self.chosen: str | None = None
        self._chart = 0
        self._rows: dict[str, CaseRow] = {}

    def compose(self) -> ComposeResult:
        """The chart above, the lines below it, beside them why when there is room."""
        yield DayChart(id="chart")
        with Horizontal(id="case"):
            yield RowList(case_row.columns(), id="case_rows", empty=t("widgets.list_loading"))
            with VerticalScroll(id="why", can_focus=False):
                yield Static("", markup=False)

    # ---- showing

    @property
    def host(self) -> WorkScreen[Any]:
        """The screen it stands on."""
        screen: Any = self.screen
        found: WorkScreen[Any] = screen
        return found

    @property
    def card(self) -> CaseCard | None:
        """The case shown."""
        return self.seen.card if self.seen else None

    @property
    def line(self) -> CaseRow | None:
        """The line under the cursor."""
        row = self.query_one("#case_rows", RowList).cursor_row
        return self._rows.get(row.key) if row else None

    @property
    def count(self) -> int | None:
        """How many alerts wait, for the tab; None without any."""
        card = self.card
        return sum(one.state == "open" for one in card.alerts) or None if card else None

    def show(self, seen: Overview) -> None:
        """Show a person's cases as they were read."""
        self.seen = seen
        card, here = seen.card, self.line
        rows = [] if card is None else [*case_standing.rows(seen, card), *case_story.rows(seen, card)]
        self._rows = {row.key: row for row in rows}
        listed = self.query_one("#case_rows", RowList)
        listed.empty = t("case.empty_positive" if seen.positive else "case.empty")
        listed.set_columns(case_row.columns())
        top = rows[0].key if here and _was_answered(here, self._rows) else None
        listed.show(ListSource([row.row() for row in self._rows.values()]), at=top)
        self._paint_chart()
        self._paint_why()
        self.screen.refresh_bindings()

    def _paint_chart(self) -> None:
        seen, chart = self.seen, self.query_one(DayChart)
        card = self.card
        if seen is None or card is None:
            chart.show("", None)
            return
        field = CHARTED[self._chart]
        found = half_days(seen, card, field)
        key = "case.chart" if found.points else "case.chart_empty"
        since = show_date(found.first)
        chart.show(t(key, what=t(f"f0.label_{field}"), since=since), found)

    @on(RowList.Highlighted, "#case_rows")
    def _paint_why(self) -> None:
        line, box = self.line, self.query_one("#why Static", Static)
        if line is None:
            box.update("")
            return
        lines = [Content.styled(line.what, "bold"), Content(line.said), Content("")]
        box.update(Content("\n").join([*lines, *map(Content, line.why)]))

    # ---- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What an open case allows, what an ended one does, and what there is before there is one."""
        if action in ("chart", "undo"):
            return self.card is not None
        return action != "do" or self._may(str(parameters[0]))

    def _may(self, what: str) -> bool:
        seen, card = self.seen, self.card
        if what == "open":
            return seen is not None and not any(head.ended_on is None for head in seen.heads)
        if seen is None or card is None:
            return False
        if what == "follow_up":
            return not seen.is_open and card.fields.get("outcome") == "recovered"
        return what == "papers" or seen.is_open != (what == "reopen")

    def action_chart(self, by: int) -> None:
        """Another vital sign over the days."""
        self._chart = (self._chart + by) % len(CHARTED)
        self._paint_chart()

    @on(RowList.Selected, "#case_rows")
    def _entered(self, message: RowList.Selected) -> None:
        """Enter: what can be done with the line, else why it says so."""
        message.stop()
        line = self.line
        if line is None:
            return
        if line.kind == "case":
            self.chosen = line.ident
            self.reload()
        elif not case_lines.act_on(self, line):
            self.why(line)

    def why(self, line: CaseRow) -> None:
        """Show what a line rests on."""
        self.app.push_screen(WhyScreen(f"{line.what} · {line.when}".rstrip(" ·"), [line.said, "", *line.why]))

    def reload(self) -> None:
        """Read again."""
        reload: Any = getattr(self.screen, "reload", None)
        if reload is not None:
            reload()

    def action_do(self, what: str) -> None:
        """One of `DEEDS`."""
        DEEDS[what](self)

    def action_undo(self) -> None:
        """Take back what the line under the cursor says."""
        case_lines.take_back(self)


def _was_answered(line: CaseRow, rows: Mapping[str, CaseRow]) -> bool:
    """Whether the alert of a line waited and waits no more: its line moves far down, and others may wait at the top."""
    now = rows.get(line.key)
    return line.kind == "alert" and line.state == "danger" and now is not None and now.state != "danger"


DEEDS: dict[str, Callable[[CasePane], None]] = {
    "open": case_doing.open_case,
    "measure": case_doing.measure,
    "answer": case_doing.answer,
    "refer": case_doing.refer,
    "give": case_doing.give,
    "contacts": case_doing.note_contacts,
    "change": case_doing.change,
    "end": case_doing.end,
    "reopen": case_doing.reopen,
    "follow_up": case_doing.follow_up,
    "papers": case_doing.papers,
}
"""What each key does with the case."""
