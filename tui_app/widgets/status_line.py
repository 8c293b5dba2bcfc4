"""The last line of every screen: whose laptop, what waits, the last exchange, the time. It asks nobody: the
App counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui_app.clock import VIETNAM, from_wire, show_date, show_time
from tui_app.i18n import t
from tui_app.widgets.fitted import fitted
from tui_app.widgets.signs import sign
from tui_app.widgets.symbols import symbol

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.services.station.status import Status

Part = tuple[str, str, str]  # long form, short form, style


class StatusLine(Widget):
    """station · unit · user (role) │ !! n cảnh báo │ ▲ n chưa gửi │ drafts │ ⚠ conflicts │ last sync │ time."""

    DEFAULT_CSS = "StatusLine { height: 1; padding: 0 1; }"

    app: GonhaApp

    def on_mount(self) -> None:
        """Repaint this one line when a count, a message or the minute changes."""
        for name in ("status", "said", "minute"):
            self.watch(self.app, name, self._repaint, init=False)

    def _repaint(self) -> None:
        self.refresh()

    def render(self) -> Content:
        """A message for the moment in the place of the name, then as many words as the width holds."""
        width = self.size.width
        parts = [
            *_counts(self.app.status, self.app.today().isoformat()),
            (self.app.minute, self.app.minute, ""),
        ]
        said = self.app.said
        who = said or self._who()
        for short in (False, True):
            right = _joined(parts, short)
            if Content(who).cell_length + 3 + right.cell_length <= width:
                break
        room = max(0, width - right.cell_length - 3)
        left = fitted(Content.styled(who, "bold" if said else ""), room)
        gap = max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * gap, right)

    def _who(self) -> str:
        workspace, status = self.app.workspace, self.app.status
        if workspace is None:
            return t("app.locked") if self.app.has_workspace else ""
        person = f"{workspace.user} ({t(f'app.role_{workspace.role}')})"
        place = status.place if status else ""
        dot = f" {sign('dot')} "
        return dot.join(part for part in (place.replace(" · ", dot), person) if part)


def _counts(status: Status | None, today: str) -> list[Part]:
    if status is None:
        return []
    parts: list[Part] = []
    if status.alerts:
        mark = f"{symbol('danger')} {status.alerts}"
        parts.append((f"{mark} {t('f0.alerts')}", mark, "bold $text-error"))
    if status.unsent:
        mark = f"{symbol('unsent')} {status.unsent}"
        parts.append((f"{mark} {t('app.unsent')}", mark, "bold $text-accent"))
    elif status.has_server:
        parts.append((f"{symbol('sent')} {t('app.all_sent')}", symbol("sent"), ""))
    if status.drafts:
        mark = f"{sign('draft')} {status.drafts}"
        parts.append((f"{mark} {t('app.drafts')}", mark, ""))
    if status.open_conflicts:
        mark = f"{symbol('conflict')} {status.open_conflicts}"
        parts.append((f"{mark} {t('app.conflicts')}", mark, "bold $text-warning"))
    if status.stopped:
        mark = f"{symbol('warning')} {status.stopped}"
        parts.append((f"{mark} {t('app.stopped')}", mark, "bold $text-warning"))
    warned = symbol("warning")
    if status.locked_units:
        words = t("gate.ended", count=status.locked_units)
        parts.append((f"{warned} {words}", f"{warned} {status.locked_units}", "bold $text-warning"))
    elif status.locks_in is not None:
        words = t("gate.ends_in", days=status.locks_in)
        parts.append((f"{warned} {words}", warned, "bold $text-warning"))
    if status.clock_back:
        parts.append((f"{warned} {t('gate.clock_back')}", warned, "bold $text-warning"))
    if status.last_sync is not None:
        moment, outcome = status.last_sync
        mark = symbol("sent") if outcome in ("done", "waiting") else symbol("warning")
        when = _when(moment, today)
        parts.append((f"{t('app.synced')} {mark} {when}", f"{mark} {when}", ""))
    else:
        words = t("app.never_synced") if status.has_server else t("app.no_server")
        parts.append((words, "", ""))
    return parts


def _when(moment: str, today: str) -> str:
    local = from_wire(moment).astimezone(VIETNAM)
    return show_time(moment) if local.date().isoformat() == today else show_date(local.date())[:5]


def _joined(parts: list[Part], short: bool) -> Content:
    bar = f" {sign('bar')} "
    shown = [(brief if short else words, style) for words, brief, style in parts]
    pieces: list[Content | str] = []
    for words, style in shown:
        if words:
            pieces += [bar, Content.styled(words, style)] if pieces else [Content.styled(words, style)]
    return Content.assemble(*pieces)
