"""Why somebody is on a risk list: a line a group, each to be opened; groups are added and ended here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.frame.base import ReadingScreen
from tui_app.screens.frame.deeds import note_deed, take_back
from tui_app.services.access import access
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.risk import risk_groups
from tui_app.services.risk.risk_why import Reason, Reasons, risk_why
from tui_app.services.risk.risk_words import group_word, reason_words, short_reason
from tui_app.widgets.dialogs import Ask, Choose, Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField

_OWN = "*"
FARTHEST = timedelta(days=3653)
"""How far ahead an end may be said."""


class RiskWhyScreen(ReadingScreen[None]):
    """``person``: their id. That it was opened is noted like a card."""

    AUTO_FOCUS = "#reasons"
    leaves_when_refused = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "read", "risk.why_read", id="why.read", tooltip="risk.why_read_tip"),
        Binding("a", "add", "risk.why_add", id="why.add", tooltip="risk.why_add_tip"),
        Binding("x", "end", "risk.why_end", id="why.end", tooltip="risk.why_end_tip"),
        Binding("n", "need", "risk.key_need", id="why.need", tooltip="risk.key_need_tip"),
        Binding("o", "open", "risk.key_open", id="why.open", tooltip="risk.why_card_tip"),
        Binding("ctrl+z", "undo", show=False, id="why.undo", tooltip="support.key_undo_tip"),
        Binding("escape", "back", "app.key_back", id="why.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, person: str) -> None:
        super().__init__()
        self.person = person
        self._found: Reasons | None = None
        self._sets: RuleSets | None = None

    def compose(self) -> ComposeResult:
        """The list of reasons."""
        yield from self.frame_top("risk.title")
        yield RowList(_columns(), id="reasons", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Note that the person was looked at."""
        store, who = self.workspace.store, self.workspace.user
        self.note(lambda: access.note_opened(store, who, "person", self.person))

    def reload(self) -> None:
        """Read why."""
        day = self.app.today()

        def job(c: Any) -> tuple[Reasons, RuleSets]:
            return risk_why(c, self.person, day), rule_sets(c)

        def show(answer: tuple[Reasons, RuleSets]) -> None:
            self._found, self._sets = answer
            self._paint()

        self.read(job, show, group="why")

    @property
    def _reasons(self) -> list[Reason]:
        return [*self._found.reasons, *self._found.ended] if self._found else []

    @property
    def reason(self) -> Reason | None:
        """The reason under the cursor."""
        place = self.query_one("#reasons", RowList).cursor
        return self._reasons[place] if place < len(self._reasons) else None

    def _paint(self) -> None:
        found, sets = self._found, self._sets
        if found is None or sets is None:
            return
        self.set_title(t("risk.why_title", name=found.full_name))
        listed = self.query_one("#reasons", RowList)
        listed.empty = t("risk.why_none")
        rows = [_row(sets, place, one) for place, one in enumerate(self._reasons)]
        listed.show(ListSource(rows))

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.query_one("#reasons", RowList).set_columns(_columns())
        self._paint()

    # ---- keys

    @on(RowList.Selected, "#reasons")
    def action_read(self) -> None:
        """All that is known of the reason under the cursor."""
        one, sets = self.reason, self._sets
        if one is not None and sets is not None:
            text = "\n".join(reason_words(sets, one))
            self.app.push_screen(Notice(group_word(sets, one.group), text))

    def action_add(self) -> None:
        """Put the person into a group: which, from when, for pregnancy until when."""
        sets = self._sets
        if sets is None:
            return
        groups = risk_groups.groups_by_hand(sets, self.app.today())
        options = [(code, group_word(sets, code)) for code in groups] + [(_OWN, t("risk.own_group"))]

        def chosen(code: str | None) -> None:
            if code == _OWN:
                ask = Ask(
                    t("risk.ask_own_group"),
                    t("risk.ask_own_group_text"),
                    field=TextField(max_length=risk_groups.GROUP_LENGTH),
                )
                self.app.push_screen(ask, lambda typed: self._ask_start(typed) if typed else None)
            elif code is not None:
                self._ask_start(code)

        self.app.push_screen(Choose(t("risk.choose_group"), options), chosen)

    def _ask_start(self, code: str) -> None:
        today, word = self.app.today(), self._word(code)

        def on(day: date | None) -> None:
            start = day or today
            if code == risk_groups.OFTEN_ENDS:
                self._ask_end(code, start)
            else:
                self._put_in(code, start, None)

        self._ask_day(t("risk.ask_start", group=word), t("risk.ask_start_text"), on, latest=today)

    def _ask_end(self, code: str, start: date) -> None:
        self._ask_day(
            t("risk.ask_end", group=self._word(code)),
            t("risk.ask_end_text"),
            lambda day: self._put_in(code, start, day),
            after=start,
        )

    def _put_in(self, code: str, start: date, end: date | None) -> None:
        store, who = self.workspace.store, self.workspace.user
        self._change(
            code,
            lambda: risk_groups.add_to_group(store, who, self.person, code, started_on=start, ended_on=end),
            t("risk.added", group=self._word(code)),
        )

    def _change(self, code: str, job: Callable[[], object], words: str) -> None:
        """Do something with a row of a group, so that it can be taken back."""
        store, who, person = self.workspace.store, self.workspace.user, self.person

        def kept() -> tuple[str | None, str | None] | None:
            with store.read() as c:
                before = risk_groups.days_of(c, person, code)
            job()
            return before

        def then(before: tuple[str | None, str | None] | None) -> None:
            back = partial(risk_groups.put_back, store, who, person, code, before)
            note_deed(self.app, back, t("support.undone", what=words))
            self.app.say(words)
            self.reload()

        self.save(kept, then)

    def action_undo(self) -> None:
        """Take the last change of this session back."""
        take_back(self, self.reload)

    def action_end(self) -> None:
        """End the group under the cursor, if a person wrote it."""
        one, today = self.reason, self.app.today()
        if one is None:
            return
        if not one.row:
            self.app.say(t("risk.end_not_written"))
            return
        store, who, word = self.workspace.store, self.workspace.user, self._word(one.group)

        def on(day: date | None) -> None:
            end = day or today
            self._change(
                one.group,
                lambda: risk_groups.end_group(store, who, self.person, one.group, on=end),
                t("risk.ended", group=word),
            )

        start = date.fromisoformat(one.started_on) if one.started_on else None
        self._ask_day(t("risk.ask_end_now", group=word), t("risk.ask_start_text"), on, from_day=start)

    def action_need(self) -> None:
        """Write down what the person needs."""
        from tui_app.screens.risk.need_dialogs import choose_need

        if self._found is not None:
            choose_need(self, self._found.full_name, person=self.person, then=self.reload)

    def action_open(self) -> None:
        """Open the person's card."""
        from tui_app.screens.people.person_card import PersonCardScreen

        self.app.push_screen(PersonCardScreen(self.person))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)

    def _word(self, code: str) -> str:
        return group_word(self._sets, code) if self._sets else code

    def _ask_day(
        self,
        title: str,
        text: str,
        then: Any,
        *,
        latest: date | None = None,
        after: date | None = None,
        from_day: date | None = None,
    ) -> None:
        """Ask for a day; ``then`` gets None for an empty answer. ``latest``: the last one that may be said."""

        last = latest or self.app.today() + FARTHEST

        def check(typed: str) -> str:
            if not typed.strip():
                return ""
            found = checks.day(typed, last, "started_on")
            if found.problem is not None:
                return str(found.problem)
            too_early = (after and found.value and found.value <= after) or (
                from_day and found.value and found.value < from_day
            )
            return t("risk.bad_end") if too_early else ""

        def answered(typed: str | None) -> None:
            if typed is not None:
                then(checks.day(typed, last, "started_on").value if typed.strip() else None)

        field = TextField(placeholder=show_date(self.app.today()), max_length=20, composing=False)
        self.app.push_screen(Ask(title, text, field=field, check=check), answered)


def _columns() -> list[Column]:
    return [
        Column("group", t("risk.why_column_group"), width=22),
        Column("how", t("risk.why_column_how"), width=30, flex=1),
    ]


def _row(sets: RuleSets, place: int, one: Reason) -> Row:
    how = short_reason(sets, one)
    return Row(
        key=str(place),
        cells=(group_word(sets, one.group), f"{t('risk.why_ended')} · {how}" if one.holds is False else how),
        state="unknown" if one.holds is None else None,
        tone="muted" if one.holds is False else "",
    )
