"""A report's figures beside those filed, and what does not add up. What is done with it is `ReportScreen`'s."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from textual import on
from textual.app import ComposeResult

from tui_app.clock import show_moment
from tui_app.i18n import t
from tui_app.screens.frame.base import ReadingScreen
from tui_app.services.reports.filed import Filed, changes
from tui_app.services.reports.filing import Report, report
from tui_app.services.reports.kinds import Figure, Kind
from tui_app.services.reports.shown import shown
from tui_app.services.reports.words import kind_word, period_words, version_words
from tui_app.widgets.report_rows import figure_columns, figure_key, figure_rows
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.warning_line import WarningLine


class ReportFiguresScreen(ReadingScreen[None]):
    """``day``: of its period; ``subject``, ``name``: what it is about. Esc goes from a version or an earlier moment
    back to now, then out."""

    AUTO_FOCUS = "#figures"

    def __init__(self, kind: Kind, day: date, subject: str = "", name: str = "") -> None:
        super().__init__()
        self.kind, self.day, self.subject, self.name_of_subject = kind, day, subject, name
        self.found: Report | None = None
        self.as_of: datetime | None = None
        self.version = 0  # 0: the figures of now

    def compose(self) -> ComposeResult:
        """What does not add up or is not of now, then the figures."""
        yield from self.frame_top(kind_word(self.kind.name))
        yield WarningLine(id="gaps")
        yield RowList(figure_columns(0), id="figures", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Count."""
        kind, day, as_of, subject, now = self.kind, self.day, self.as_of, self.subject, self.app.clock()

        self.fresh = False

        def show(found: Report) -> None:
            self.found, self.fresh = found, self.is_behind_dialogs
            self._paint()

        self.read(lambda c: report(c, kind, day, now, as_of=as_of, subject=subject), show, group="report")

    # ---- showing

    @property
    def this(self) -> Filed | None:
        """The version that is looked at; None for the figures of now or of an earlier moment."""
        versions = self.found.versions if self.found else ()
        return next((one for one in versions if one.version == self.version), None)

    def _paint(self) -> None:
        found, this = self.found, self.this
        if found is None:
            return
        made = shown(found, this, self.name_of_subject)
        beside = found.filed if this is None else self._before(this)
        differences = found.since if this is None else changes(found.versions, this)
        changed = {(one.name, one.unit): one for one in differences} if beside else {}
        listed = self.query_one("#figures", RowList)
        listed.empty = t("reports.no_figures")
        listed.set_columns(figure_columns(beside.version if beside else 0))
        listed.show(ListSource(list(figure_rows(self.kind, made.figures, beside, changed, made.off))))
        self.query_one("#gaps", WarningLine).say(" · ".join(self._warnings(made.gaps)))
        title = " · ".join(
            filter(None, (kind_word(self.kind.name), self.name_of_subject, period_words(found.period)))
        )
        self.set_title(title, self._state())
        self.refresh_bindings()

    def _warnings(self, gaps: tuple[str, ...]) -> Iterator[str]:
        found, this = self.found, self.this
        if found is None:
            return
        if this is not None:
            yield version_words(this)
        elif self.as_of is not None:
            yield t("reports.as_known", at=show_moment(found.as_of))
        elif not found.over:
            yield t("reports.period_runs")
        yield from gaps

    def _state(self) -> str:
        """The right of the title: filed or not, and how much is other since."""
        found = self.found
        if found is None or found.filed is None:
            return t("reports.not_filed")
        words = t("reports.filed_version", version=found.filed.version)
        return f"{words} · {t('reports.changed_count', count=len(found.since))}" if found.since else words

    def _before(self, this: Filed) -> Filed | None:
        versions = self.found.versions if self.found else ()
        return next((one for one in versions if one.id == this.supersedes), None)

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @property
    def figure(self) -> Figure | None:
        row = self.query_one("#figures", RowList).cursor_row if self.query("#figures") else None
        if row is None or self.found is None:
            return None
        figures = self.this.figures if self.this else self.found.figures
        return next((one for one in figures if figure_key(one) == row.key), None)

    @on(RowList.Highlighted, "#figures")
    def _moved(self) -> None:
        self.refresh_bindings()

    def action_back(self) -> None:
        """To the figures of now, then back."""
        if self.version:
            self.version = 0
            self._paint()
        elif self.as_of is not None:
            self.as_of = None
            self.reload()
        else:
            self.dismiss(None)
