"""The journal of access, for the chief: who opened, exported or was refused which named record, the newest first.

Looking at it is itself noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.records.access import Access
from tui_app.screens.cases.case_form import day_field, day_text
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.access import access, gate
from tui_app.services.access.access import Entry, Wanted
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.values import type_word
from tui_app.services.requests import retention
from tui_app.services.requests.retention import Keeping
from tui_app.widgets.ask_rows import AskRows
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, LazySource, Row

LINES = 1000  # read at most; a file takes all
DAYS = ("since_day", "until_day")
CARDS = ("person", "household")
"""Types that have a card of their own."""

Seen = tuple[list[Entry], list[str], Keeping | None]


class JournalScreen(WorkScreen[None]):
    """Lines of everybody, at first; filters leave some of them."""

    leaves_when_refused = True
    AUTO_FOCUS = "#lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "privacy.key_card", id="journal.open", tooltip="privacy.key_card_tip"),
        Binding(
            "slash", "filter", "privacy.key_filter", id="journal.filter", tooltip="privacy.key_filter_tip"
        ),
        Binding("u", "only_user", "privacy.key_user", id="journal.user", tooltip="privacy.key_user_tip"),
        Binding(
            "r", "only_record", "privacy.key_record", id="journal.record", tooltip="privacy.key_record_tip"
        ),
        Binding("p", "paper", "privacy.key_export", id="journal.export", tooltip="privacy.key_export_tip"),
        Binding("escape", "back", "app.key_back", id="journal.back", tooltip="privacy.key_all_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.wanted = Wanted()
        self._entries: dict[str, Entry] = {}
        self._users: list[str] = []
        self._kept: Keeping | None = None

    def compose(self) -> ComposeResult:
        """What is filtered and how long it is kept, then the lines."""
        yield from self.frame_top("privacy.title_journal")
        yield Notice(self._about, id="about")
        yield RowList(_columns(), id="lines", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read again whenever the screen comes to the front."""
        self.reload()

    def records_changed(self) -> None:
        """After a sync."""
        self.reload()

    def reload(self) -> None:
        """Read the lines that are wanted; that they were looked at is noted."""
        wanted, day = self.wanted, self.app.today()
        store, who = self.workspace.store, self.workspace.user

        def job(c: Any) -> Seen:
            gate.check_chief(c)
            kept = retention.journal_kept(rule_sets(c), day, day)
            return access.entries(c, wanted, limit=LINES), access.users(c), kept

        def show(seen: Seen) -> None:
            lines, self._users, self._kept = seen
            self._entries = _by_key(lines)
            self._paint()
            self.note(lambda: access.note_journal_read(store, who))

        self.read(job, show, group="journal")

    def _paint(self) -> None:
        self._list.empty = t("gate.access_none")
        self._list.set_columns(_columns())
        found = list(self._entries.items())
        self._list.show(LazySource(found, lambda one: _row(*one), lambda one: one[0]))
        key = "privacy.lines_most" if len(found) == LINES else "privacy.lines"
        self.set_title("privacy.title_journal", t(key, count=len(found)))
        self.query_one("#about", Notice).refresh(layout=True)

    def _about(self) -> str:
        said = [" · ".join(_filter_words(self.wanted)) or t("privacy.unfiltered")]
        if self._kept is not None:
            kept = self._kept
            said.append(
                t(
                    "requests.journal_kept",
                    words=kept.words,
                    document=kept.document,
                    on=show_date(kept.until),
                )
            )
        return "\n".join(said)

    def language_changed(self) -> None:
        """Make columns and words anew; the rule comes in the language it was read in."""
        super().language_changed()
        self.reload()

    @property
    def _list(self) -> RowList:
        return self.query_one("#lines", RowList)

    @property
    def chosen(self) -> Entry | None:
        """The line under the cursor."""
        row = self._list.cursor_row
        return self._entries.get(row.key) if row is not None else None

    # ---- keys

    def action_filter(self) -> None:
        """Ask for user, deed and days."""
        today, now = self.app.today(), self.wanted

        def check(typed: Mapping[str, str]) -> list[FieldProblem]:
            days = [checks.day(typed[name], today, name) for name in DAYS]
            problems = [one.problem for one in days if one.problem]
            first, last = (one.value for one in days)
            if first is not None and last is not None and first > last:
                problems.append(FieldProblem(DAYS[1], "case.book_backwards"))
            return problems

        def answered(typed: Mapping[str, str] | None) -> None:
            if typed is not None:
                first, last = (checks.day(typed[name], today, name).value for name in DAYS)
                self._want(replace(now, who=typed["who"], what=typed["what"], first=first, last=last))

        rows = [
            FormRow("who", Choice([(who, who) for who in self._users]), t("privacy.filter_who")),
            FormRow(
                "what",
                Choice([(str(what), code_word("what", what)) for what in Access]),
                t("requests.col_what"),
            ),
            *(FormRow(name, day_field()) for name in DAYS),
        ]
        days = dict(zip(DAYS, (day_text(now.first), day_text(now.last)), strict=True))
        values = {"who": now.who, "what": now.what, **days}
        self.app.push_screen(
            AskRows(t("privacy.filter_title"), rows, values, check, text=t("privacy.filter_text")), answered
        )

    def action_only_user(self) -> None:
        """Only the lines of who did this one."""
        if self.chosen is not None:
            self._want(replace(self.wanted, who=self.chosen.who))

    def action_only_record(self) -> None:
        """Only the lines about the record of this one."""
        if self.chosen is not None and self.chosen.record:
            self._want(replace(self.wanted, record=self.chosen.record))

    def _want(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.reload()

    @on(RowList.Selected, "#lines")
    def action_open(self) -> None:
        """Open the card of the record, where it has one and is still here."""
        from tui_app.screens.people.household import HouseholdScreen
        from tui_app.screens.people.person_card import PersonCardScreen

        one = self.chosen
        if one is None:
            return
        if one.record_type not in CARDS or not one.name:
            self.app.say(t("privacy.no_card"))
            return
        card = PersonCardScreen if one.record_type == "person" else HouseholdScreen
        self.app.push_screen(card(one.record))

    def action_paper(self) -> None:
        """Write the lines that are wanted into a file, all of them."""
        from tui_app.screens.frame.paper_file import write_paper
        from tui_app.screens.privacy.privacy_papers import journal_paper

        write_paper(self, journal_paper(self.wanted, self.app.today()))

    def action_back(self) -> None:
        """Take the filters away, else back."""
        if self.wanted != Wanted():
            self._want(Wanted())
        else:
            self.dismiss(None)


def _by_key(lines: Sequence[Entry]) -> dict[str, Entry]:
    """The lines by what they say, so that the cursor stays with its line when newer ones come above it."""
    found: dict[str, Entry] = {}
    for one in lines:
        key = "|".join((one.at, one.who, one.what, one.record, one.detail))
        while key in found:
            key += "'"
        found[key] = one
    return found


def _filter_words(wanted: Wanted) -> list[str]:
    said = []
    if wanted.who:
        said.append(t("privacy.only_user", who=wanted.who))
    if wanted.what:
        said.append(code_word("what", wanted.what))
    if wanted.first:
        said.append(t("privacy.only_first", day=show_date(wanted.first)))
    if wanted.last:
        said.append(t("privacy.only_last", day=show_date(wanted.last)))
    if wanted.record:
        said.append(t("privacy.only_record", record=f"…{wanted.record[-6:]}"))
    return said


def _columns() -> list[Column]:
    return [
        Column("at", t("requests.col_at"), width=16),
        Column("who", t("requests.col_who"), width=10, flex=1),
        Column("what", t("requests.col_what"), width=20, flex=1),
        Column("about", t("privacy.col_about"), width=24, flex=2),
        Column("record", t("requests.col_record"), width=8, optional=1, tone=lambda row: "muted"),
    ]


def _row(key: str, one: Entry) -> Row:
    what = code_word("what", one.what)
    if one.detail:
        what = f"{what} ({code_word('detail', one.detail)})"
    kind = type_word(one.record_type) if one.record_type else ""
    about = f"{one.name} ({kind})" if one.name else kind
    return Row(key, (show_moment(one.at), one.who, what, about, f"…{one.record[-6:]}" if one.record else ""))
