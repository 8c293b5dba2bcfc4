"""Words about somebody who is to be erased in records of others: for each what shall stand there instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from sync.texts import Text
from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.requests import words
from tui_app.services.requests.erasing import Plan
from tui_app.services.requests.mentions import Mention
from tui_app.services.requests.rewording import Decisions, problem_of
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField

LONG = 500  # letters of the new words


class ErasedWordsScreen(WorkScreen[Decisions]):
    """``plan``: what erasing would do; ``decisions``: what was decided so far. Answers what is decided now; Esc keeps
    it too."""

    AUTO_FOCUS = "#texts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "write", "privacy.key_words_new", id="words.new", tooltip="privacy.key_words_new_tip"
        ),
        Binding("x", "remove", "privacy.key_words_out", id="words.out", tooltip="privacy.key_words_out_tip"),
        Binding(
            "l", "leave", "privacy.key_words_leave", id="words.leave", tooltip="privacy.key_words_leave_tip"
        ),
        Binding("escape", "back", "app.key_back", id="words.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, plan: Plan, decisions: Decisions) -> None:
        super().__init__()
        self.decisions: dict[Text, str | None] = dict(decisions)
        self._plan = plan
        self._found: Mapping[str, tuple[Mention, str]] = {
            "/".join(text): (one, text[2]) for one in plan.named_in for text in one.named()
        }

    def compose(self) -> ComposeResult:
        """What is said now under the cursor, below the list of what will stand."""
        yield from self.frame_top("privacy.title_words")
        yield Notice(lambda: t("privacy.words_about"), id="about")
        yield RowList(_columns(), id="texts", states=False, empty=t("privacy.words_none"))
        yield Notice(self._now, id="now")
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Show them."""
        self._paint()

    def language_changed(self) -> None:
        """Make the lines anew."""
        super().language_changed()
        self._paint()

    def _paint(self) -> None:
        listed = self.query_one("#texts", RowList)
        listed.set_columns(_columns())
        listed.show(
            ListSource(
                [
                    Row(key, (words.where(one, field), words.instead(one, field, self.decisions)))
                    for key, (one, field) in self._found.items()
                ]
            )
        )
        self._moved()

    @on(RowList.Highlighted, "#texts")
    def _moved(self) -> None:
        self.query_one("#now", Notice).refresh(layout=True)

    def _now(self) -> str:
        found = self._under
        return t("privacy.words_now", text=found[0].texts[found[1]]) if found else ""

    @property
    def _under(self) -> tuple[Mention, str] | None:
        row = self.query_one("#texts", RowList).cursor_row
        return self._found.get(row.key) if row is not None else None

    @on(RowList.Selected, "#texts")
    def action_write(self) -> None:
        """Type what shall stand there."""
        found = self._under
        if found is None:
            return
        one, field = found
        text = (one.type, one.id, field)
        begun = self.decisions.get(text) or one.editable(field)

        def wrong(new: str) -> str:
            problem = problem_of(self._plan.named_in, text, new, self._plan.names)
            return str(problem) if problem else ""

        def typed(new: str | None) -> None:
            if new is not None:
                self._decide(text, new)

        line = TextField(begun, max_length=max(LONG, len(begun)))
        ask = Ask(
            words.where(one, field), t("privacy.words_now", text=one.texts[field]), field=line, check=wrong
        )
        self.app.push_screen(ask, typed)

    def action_remove(self) -> None:
        """Nothing stands there."""
        self._decide_here("")

    def action_leave(self) -> None:
        """What stands there stays."""
        self._decide_here(None)

    def _decide_here(self, new: str | None) -> None:
        found = self._under
        if found is None:
            return
        text = (found[0].type, found[0].id, found[1])
        problem = problem_of(self._plan.named_in, text, new, self._plan.names) if new is not None else None
        if problem:
            self.app.say(str(problem))
        else:
            self._decide(text, new)

    def _decide(self, text: Text, new: str | None) -> None:
        self.decisions[text] = new
        self._paint()

    def action_back(self) -> None:
        """Back to what erasing would do."""
        self.dismiss(self.decisions)


def _columns() -> list[Column]:
    return [
        Column("where", t("privacy.col_where"), width=30, flex=1),
        Column("instead", t("privacy.col_instead"), width=30, flex=1),
    ]
