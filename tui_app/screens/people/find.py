"""Find (F2): one field, and the persons and households it means, renewed at each key in a worker."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from tui_app.i18n import t
from tui_app.records.scans import is_scan
from tui_app.screens.frame.base import WorkScreen
from tui_app.screens.people.scanned import answer_scan
from tui_app.services.access import access, gate
from tui_app.services.people import finding, people
from tui_app.services.people.finding import Found
from tui_app.store.search import Hit
from tui_app.widgets import hit_rows
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.text_field import TextField

LIMIT = 100
STOPPED_TYPING = 1.0  # seconds without a key


class FindScreen(WorkScreen[None]):
    """The typing stays in the field; the arrows move in what was found; Enter opens it."""

    AUTO_FOCUS = "#query"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "find.key_open", id="find.open", tooltip="find.key_open_tip"),
        Binding(
            "down", "move(1)", "find.key_move", key_display="↑ ↓", id="find.down", tooltip="find.key_move_tip"
        ),
        Binding("up", "move(-1)", show=False, system=True, id="find.up"),
        Binding("pagedown", "move(10)", show=False, system=True, id="find.pagedown"),
        Binding("pageup", "move(-10)", show=False, system=True, id="find.pageup"),
        Binding("f9", "visit", "find.key_visit", id="find.visit", tooltip="find.key_visit_tip"),
        Binding("ctrl+n", "new", "find.key_new", id="find.new", tooltip="find.key_new_tip"),
        Binding("escape", "back", "app.key_back", id="find.back", tooltip="find.key_clear_tip"),
    ]

    heading: ClassVar[str] = "find.title"
    """Catalogue key."""

    def __init__(self, query: str = "") -> None:
        super().__init__()
        self._first = query
        self._answered = ""
        self._hits: dict[str, Hit] = {}
        self._units: dict[str, str] = {}
        self._identity = ""
        self._noting: Timer | None = None
        self._locked = 0
        self._counts_only = False

    def compose(self) -> ComposeResult:
        """The field and the list."""
        yield from self.frame_top(self.heading)
        yield TextField(self._first, id="query", placeholder=t("find.field"), max_length=600)
        yield RowList(hit_rows.columns(), id="hits", states=False, empty=t("find.start"))
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Back from a card: what was changed there shows here."""
        self._search()

    def begin_anew(self) -> None:
        """Find somebody else: the name found before is not what the next one begins with."""
        self.query_one("#query", TextField).clear()

    # ---- searching

    @property
    def _list(self) -> RowList:
        return self.query_one("#hits", RowList)

    @property
    def query_text(self) -> str:
        """What is typed."""
        return self.query_one("#query", TextField).value

    @on(TextField.Changed, "#query")
    def _typed(self) -> None:
        self._search()

    def _search(self) -> None:
        query = self.query_text
        self.read(self._asker(query), lambda answer: self._show(query, answer), group="find")

    def _asker(self, query: str) -> Any:
        units = self._units

        def job(c: Any) -> tuple[Found | None, dict[str, str]]:
            if gate.is_viewer(c):
                return None, {}
            names = units or {area.id: area.name for area in people.areas(c)}
            return finding.search(c, query, limit=LIMIT), names

        return job

    def _show(self, query: str, answer: tuple[Found | None, dict[str, str]]) -> None:
        found, self._units = answer
        self._counts_only, found = found is None, found or Found(())
        self._answered, self._locked = query, found.locked
        self._hits = {hit.id: hit for hit in found.hits}
        self._paint()
        self._identity = found.identity
        if self._noting is not None:
            self._noting.stop()
        self._noting = self.set_timer(STOPPED_TYPING, self._note_search)

    def _note_search(self) -> None:
        """Note that an identity number was asked for: once typing stopped, since twelve digits begin with nine."""
        kind, self._identity = self._identity, ""
        if kind and self.app.workspace is not None:
            store, who = self.workspace.store, self.workspace.user
            self.note(lambda: access.note_identity_search(store, who, kind))

    def _paint(self) -> None:
        hits, query, day = list(self._hits.values()), self._answered, self.app.today()
        asked = query.strip()
        self._list.empty = t("find.nothing", words=asked) if asked else t("find.start")
        if self._counts_only:
            self._list.empty = t("gate.find_counts_only")
        found = LazySource(
            hits, lambda hit: hit_rows.row_of(hit, query, self._units, day), lambda hit: str(hit.id)
        )
        self._list.show(found, at=hits[0].id if hits else None)
        key = "find.count_more" if len(hits) == LIMIT else "find.count_one"
        counts = t(key, count=len(hits)) if asked else ""
        if self._locked:
            counts += " · " + t("gate.find_locked", count=self._locked)
        self.set_title(self.heading, counts)

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.query_one("#query", TextField).placeholder = t("find.field")
        self._list.set_columns(hit_rows.columns())
        self._paint()

    # ---- choosing

    @property
    def hit(self) -> Hit | None:
        """What the cursor stands on."""
        row = self._list.cursor_row
        return self._hits.get(row.key) if row else None

    def action_move(self, by: int) -> None:
        """Move in the list, the field keeps the typing."""
        self._list.move_to(self._list.cursor + by)

    @on(TextField.Submitted, "#query")
    @on(RowList.Selected, "#hits")
    def action_open(self) -> None:
        """Open what the cursor stands on; a scanner's Enter waits for what its line found."""
        self._with_answer(self._open)

    def action_visit(self) -> None:
        """Open the visit sheet of the household."""
        self._with_answer(self._visit)

    def _with_answer(self, then: Any) -> None:
        query = self.query_text
        if query == self._answered:
            then()
            return

        def show(answer: Any) -> None:
            self._show(query, answer)
            then()

        self.ask(self._asker(query), show)

    def _open(self) -> None:
        from tui_app.screens.people.household import HouseholdScreen
        from tui_app.screens.people.person_card import PersonCardScreen

        if is_scan(self._answered):
            answer_scan(self, self._answered)
            return
        hit = self.hit
        if hit is not None:
            self._note_found(hit)
            self.app.push_screen(
                PersonCardScreen(hit.id) if hit.kind == "person" else HouseholdScreen(hit.id)
            )

    def _visit(self) -> None:
        from tui_app.screens.visits.visit import VisitScreen

        hit = self.hit
        if hit is not None and hit.household:
            self._note_found(hit)
            self.app.push_screen(VisitScreen(hit.household))

    def _note_found(self, hit: Hit) -> None:
        self._note_search()
        if hit.kind != "person" or not hit.number:
            return
        store, who, query = self.workspace.store, self.workspace.user, self._answered

        def job() -> None:
            with store.read() as c:
                kind = finding.matched_identity(c, hit.id, query)
            if kind:
                access.note_identity_search(store, who, kind, hit.id)

        self.note(job)

    def action_new(self) -> None:
        """Add a household."""
        from tui_app.screens.people.household_form import HouseholdForm

        self.app.push_screen(HouseholdForm(), self._made)

    def _made(self, household: str | None) -> None:
        from tui_app.screens.people.household import HouseholdScreen

        if household:
            self.app.push_screen(HouseholdScreen(household))

    def action_back(self) -> None:
        """Empty the field first, then go back."""
        self._note_search()
        field = self.query_one("#query", TextField)
        if field.value:
            field.clear()
            self._search()
        else:
            self.dismiss()
