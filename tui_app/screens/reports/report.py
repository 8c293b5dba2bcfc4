"""One report: looked at, filed with a reason, printed, compared with its versions, as it was known, and typed into."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.reports.report_figures import ReportFiguresScreen
from tui_app.services.reports.behind import LISTED
from tui_app.services.reports.filing import Report, file_report
from tui_app.services.reports.kinds import Kind
from tui_app.services.reports.shown import shown
from tui_app.services.reports.typing_in import type_in
from tui_app.services.reports.words import (
    changes_words,
    due_words,
    kind_word,
    name_words,
    period_words,
    version_words,
)
from tui_app.widgets.dialogs import Ask, Choose, Confirm
from tui_app.widgets.row_list import RowList
from tui_app.widgets.text_field import TextField

_LONG = 1000


class ReportScreen(ReportFiguresScreen):
    """What is done with a report."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "reports.key_behind", id="report.open", tooltip="reports.key_behind_tip"),
        Binding("f", "file", "reports.key_file", id="report.file", tooltip="reports.key_file_tip"),
        Binding("p", "paper", "reports.key_paper", id="report.paper", tooltip="reports.key_paper_tip"),
        Binding(
            "v", "version", "reports.key_version", id="report.version", tooltip="reports.key_version_tip"
        ),
        Binding("b", "past", "reports.key_past", id="report.past", tooltip="reports.key_past_tip"),
        Binding("w", "why", "reports.key_why", id="report.why", tooltip="reports.key_why_tip"),
        Binding("m", "type", "reports.key_type", id="report.type", tooltip="reports.key_type_tip"),
        Binding("escape", "back", "app.key_back", id="report.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, kind: Kind, day: date, subject: str = "", name: str = "") -> None:
        super().__init__(kind, day, subject, name)
        self._said: dict[str, str] = {}  # texts written for it and not filed yet

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the report of now is filed and typed into, and by the chief; only some figures are typed in."""
        now = self.as_of is None and self.version == 0 and self.workspace.role == "chief"
        if action == "file":
            return now
        if action == "type":
            figure = self.figure
            return now and figure is not None and figure.name in self.kind.typed and not figure.kind
        if action == "version":
            return bool(self.found and self.found.versions)
        if action == "past":
            return self.kind.recounts
        return super().check_action(action, parameters)

    # ---- keys

    @on(RowList.Selected, "#figures")
    def action_open(self) -> None:
        """The records behind the figure."""
        from tui_app.screens.reports.report_behind import BehindScreen

        figure = self.figure
        if figure is None:
            return
        if not figure.listed:
            self.app.say(t("reports.not_listed"))
        elif figure.kind not in LISTED or not figure.ids:
            self.app.say(t("reports.nothing_behind"))
        else:
            self.app.push_screen(BehindScreen(name_words(self.kind, figure), figure.kind, figure.ids))

    def action_file(self) -> None:
        """File it: sure at first, with a reason when it was filed before; what a person must write is asked first."""
        found = self.found
        if found is None:
            return
        said = {**(found.filed.narrative if found.filed else {}), **self._said}
        left = [name for name in found.wanted if not said.get(name)]
        if left:
            self._ask_words(left[0], len(left))
        else:
            self._ask_file(found)

    def _ask_words(self, name: str, left: int) -> None:
        """Ask for a text, offering what was said last of the same kind; what was said is kept when this is left."""

        def missing(text: str) -> str:
            return "" if text.strip() else t("reports.say_needed")

        def answered(text: str | None) -> None:
            if text is not None:
                self._said[name] = text
                self.action_file()

        of_kind = [text for other, text in self._said.items() if _kind_of(other) == _kind_of(name)]
        field = TextField(of_kind[-1] if of_kind else "", max_length=_LONG)
        words = t("reports.say_left", count=left)
        self.app.push_screen(Ask(self.kind.say_word(name), words, field=field, check=missing), answered)

    def _ask_file(self, found: Report) -> None:
        title = t("reports.ask_file", name=f"{kind_word(self.kind.name)} {period_words(found.period)}")
        if found.filed is None:
            doubts = [*([] if found.over else [t("reports.period_runs_ask")]), *shown(found).gaps]
            text = "\n".join((*doubts, t("reports.ask_file_text")))
            self.app.push_screen(Confirm(title, text), lambda sure: self._file("") if sure else None)
            return
        changed = changes_words(self.kind, found.since)
        again = t("reports.ask_reason", version=found.filed.version, changes=changed or "–")
        self.app.push_screen(
            Ask(title, again, field=TextField(max_length=300)),
            lambda reason: self._file(reason) if reason is not None else None,
        )

    def _file(self, reason: str) -> None:
        store, who, kind, said = self.workspace.store, self.workspace.user, self.kind, dict(self._said)
        day, subject = self.day, self.subject

        def then(_: str) -> None:
            self._said.clear()
            self.app.say(t("reports.was_filed"))
            self.reload()

        self.save(
            lambda: file_report(store, who, kind, day, subject=subject, reason=reason, narrative=said),
            then,
        )

    def action_paper(self) -> None:
        """Write it into a file: the version that is looked at, else the latest, else the figures of now."""
        from tui_app.screens.frame.paper_file import report_paper, write_paper

        found = self.found
        if found is not None:
            this = self.this or (None if self.as_of else found.filed)
            write_paper(self, report_paper(found, this, self.name_of_subject))

    def action_version(self) -> None:
        """Choose a filed version, or the figures of now."""
        found = self.found
        if found is None:
            return
        options = [("0", t("reports.of_now"))]
        options += [(str(one.version), version_words(one)) for one in found.versions]

        def chosen(version: str | None) -> None:
            if version is not None:
                self.version = int(version)
                self._paint()

        self.app.push_screen(Choose(t("reports.ask_version"), options, value=str(self.version)), chosen)

    def action_past(self) -> None:
        """As it was known at an earlier moment."""
        from tui_app.screens.cases.f0_past import ask_moment

        def chosen(moment: datetime) -> None:
            self.as_of, self.version = moment, 0
            self.reload()

        proposed = self.as_of or self.app.clock()
        ask_moment(self, proposed, chosen, title="reports.ask_past", text="reports.ask_past_text")

    def action_why(self) -> None:
        """How it was counted, by which choices, rules and deadline, and what changed."""
        from tui_app.screens.cases.case_why import WhyScreen

        found = self.found
        if found is None:
            return
        made = shown(found, self.this, self.name_of_subject)
        lines = [*made.head[1:], *made.gaps, due_words(found), *made.remarks]
        if self.this is None and found.filed is not None and found.since:
            changed = changes_words(self.kind, found.since)
            lines.insert(0, t("reports.since_filed", version=found.filed.version, changes=changed))
        self.app.push_screen(WhyScreen(made.title, lines))

    def action_type(self) -> None:
        """Type in a number that no record can tell, with where it is from: ``2 đồn biên phòng``."""
        figure = self.figure
        if figure is None:
            return

        def answered(typed: str | None) -> None:
            if typed is None:
                return
            number, _, source = typed.strip().partition(" ")
            store, who, kind, day = self.workspace.store, self.workspace.user, self.kind, self.day
            self.save(
                lambda: type_in(store, who, kind, day, {figure.name: number}, source.strip()),
                lambda _: self.reload(),
            )

        title = name_words(self.kind, figure)
        self.app.push_screen(
            Ask(title, t("reports.ask_number"), field=TextField(max_length=200), check=_number_problem),
            answered,
        )


def _kind_of(name: str) -> str:
    """Of a text that is asked for: ``cause`` of ``cause@Khu phố 1``."""
    return name.partition("@")[0]


def _number_problem(typed: str) -> str:
    number = typed.strip().partition(" ")[0]
    return "" if number.isascii() and number.isdigit() else t("reports.bad_number", value=number)
