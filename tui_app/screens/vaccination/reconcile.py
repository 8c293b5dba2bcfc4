"""A list from the national system beside the doses recorded here: rows that differ are marked and accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.vaccination import reconciling
from tui_app.services.vaccination.reconcile_words import row_lines, short_words
from tui_app.services.vaccination.reconciling import STATES, Compared, Reconciliation
from tui_app.widgets.dialogs import Ask, Choose, Confirm
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.symbols import State
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField

PATH_LENGTH = 500
_LOOKS: dict[str, State] = {
    "differing": "warning",
    "only_there": "unknown",
    "ambiguous": "unknown",
    "only_here": "unknown",
    "matched": "steady",
}


def ask_file(screen: WorkScreen[Any]) -> None:
    """Ask for the list, then show what comparing it came to."""

    def answered(typed: str | None) -> None:
        if typed and typed.strip():
            screen.app.push_screen(ReconcileScreen(Path(typed.strip()).expanduser()))

    field = TextField(composing=False, max_length=PATH_LENGTH)
    screen.app.push_screen(Ask(t("reconcile.ask_file"), t("reconcile.ask_file_text"), field=field), answered)


class ReconcileScreen(WorkScreen[None]):
    """``path``: the list. Nothing is written until rows are accepted; that is one import, which can be undone."""

    AUTO_FOCUS = "#compared"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "reconcile.key_open", id="reconcile.open", tooltip="reconcile.key_open_tip"),
        Binding(
            "a", "accept", "reconcile.key_accept", id="reconcile.accept", tooltip="reconcile.key_accept_tip"
        ),
        Binding("ctrl+z", "undo", show=False, id="reconcile.undo", tooltip="reconcile.key_undo_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "f0.key_next_tab",
            id="reconcile.next",
            tooltip="vaccination.key_next_tab_tip",
        ),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            show=False,
            id="reconcile.previous",
            tooltip="vaccination.key_previous_tab_tip",
        ),
        Binding("escape", "back", "app.key_back", id="reconcile.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.found: Reconciliation | None = None
        self._sets: RuleSets | None = None
        self._chosen: dict[str, str] = {}
        self._batch = ""

    def compose(self) -> ComposeResult:
        """Tabs and the list."""
        yield from self.frame_top("reconcile.key")
        yield TabLine([], id="tabs")
        yield RowList(_columns(), id="compared", markable=True, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Compare."""
        self.reload()

    def reload(self) -> None:
        """Read the list and compare it with what is here now."""
        workspace, path, chosen = self.workspace, self.path, dict(self._chosen)

        def job() -> tuple[Reconciliation, RuleSets]:
            found = reconciling.reconcile(workspace, path, chosen=chosen)
            with workspace.store.read() as c:
                return found, rule_sets(c)

        def show(answer: tuple[Reconciliation, RuleSets]) -> None:
            self.found, self._sets = answer
            self._paint()

        self._run(job, show, "reconcile")

    # ---- showing

    @property
    def _tab(self) -> str:
        return self.query_one("#tabs", TabLine).chosen or STATES[0]

    def _paint(self) -> None:
        found = self.found
        if found is None:
            return
        self.query_one("#tabs", TabLine).show(
            [Tab(state, f"reconcile.tab_{state}", len(found.of(state))) for state in STATES]
        )
        listed = self.query_one("#compared", RowList)
        listed.empty = t("reconcile.empty")
        listed.set_columns(_columns())
        listed.show(ListSource([_row(one) for one in found.of(self._tab)]))
        bad = len(found.listed.bad_rows)
        self.set_title(
            t("reconcile.title", file=found.listed.file_name),
            t("reconcile.bad_cells", count=bad) if bad else "",
        )
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @on(TabLine.Chosen)
    def _tab_chosen(self) -> None:
        self._paint()

    @property
    def _under(self) -> Compared | None:
        row = self.query_one("#compared", RowList).cursor_row
        return (
            next((one for one in self.found.rows if row and one.key == row.key), None) if self.found else None
        )

    # ---- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Rows that differ are accepted; what was accepted here can be undone."""
        if action == "accept":
            return bool(self.found) and self._tab == "differing"
        if action == "undo":
            return bool(self._batch)
        return super().check_action(action, parameters)

    def action_tab(self, by: int) -> None:
        """Next or previous tab."""
        self.query_one("#tabs", TabLine).step(by)

    @on(RowList.Selected, "#compared")
    def action_open(self) -> None:
        """What differs, field by field; who is meant, where that is the question."""
        one, sets = self._under, self._sets
        if one is None or sets is None:
            return
        if not one.candidates or one.why == "reconcile.why_twice":
            self.app.push_screen(WhyScreen(f"{one.full_name} · {one.birth}", list(row_lines(sets, one))))
            return

        def chosen(person: str | None) -> None:
            if person is not None:
                self._chosen[one.key] = person
                self.reload()

        options = [(who.person, f"{who.full_name} · {who.birth} · {who.unit}") for who in one.candidates]
        title = t("reconcile.choose", name=one.full_name, birth=one.birth)
        self.app.push_screen(Choose(title, options, text=t(one.why)), chosen)

    def action_accept(self) -> None:
        """Accept the marked rows, else the one under the cursor, after asking."""
        found, listed = self.found, self.query_one("#compared", RowList)
        if found is None:
            return
        under = [self._under.key] if self._under else []
        keys = sorted(listed.marked) or under
        rows = [one for one in found.of("differing") if one.key in keys and one.to_write]
        if not rows:
            self.app.say(t("reconcile.nothing_to_accept"))
            return
        doses = sum(len(one.to_write) for one in rows)
        text = t("reconcile.accept_text", persons=len(rows), doses=doses)

        def sure(yes: bool | None) -> None:
            if yes:
                self._accept(found, [one.key for one in rows])

        self.app.push_screen(Confirm(t("reconcile.key_accept"), text, yes=t("reconcile.accept_yes")), sure)

    def _accept(self, found: Reconciliation, keys: list[str]) -> None:
        workspace = self.workspace

        def done(accepted: reconciling.Accepted) -> None:
            self._batch = accepted.batch
            self.query_one("#compared", RowList).mark(())
            self.app.say(t("reconcile.accepted_here", added=accepted.added, changed=accepted.changed))
            self.reload()

        self.save(lambda: reconciling.accept(workspace, found, keys), done)

    def action_undo(self) -> None:
        """Take back what was accepted last."""
        from tui_app.services.lists.import_batches import undo_import

        workspace, batch = self.workspace, self._batch

        def done(undone: Any) -> None:
            self._batch = ""
            self.app.say(t("cli.undone", removed=undone.removed, kept=undone.kept))
            self.reload()

        self.save(lambda: undo_import(workspace, batch), done)

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("row", t("reconcile.col_row"), width=5, align="right"),
        Column("name", t("vaccination.col_name"), width=20, flex=2, names=True),
        Column("birth", t("vaccination.col_born"), width=10),
        Column("what", t("reconcile.col_what"), width=26, flex=3),
    ]


def _row(one: Compared) -> Row:
    cells = (str(one.row or ""), one.full_name, one.birth, short_words(one))
    return Row(one.key, cells, _LOOKS[one.state])
