"""Short questions and saves of the F0 tab: a reason is asked, something is kept, the tab is read again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_app.i18n import t
from tui_app.widgets.dialogs import Ask, Confirm

if TYPE_CHECKING:
    from tui_app.screens.cases.case_pane import CasePane
    from tui_app.store.engine import Store


def name_of(pane: CasePane) -> str:
    """The patient's name."""
    return str(pane.card.person.get("full_name") or "") if pane.card else ""


def open_form(pane: CasePane, form: Any) -> None:
    """Open a form; what it saved is seen when it is closed, as the screen below is resumed then."""
    pane.app.push_screen(form)


def sure(pane: CasePane, text: str, job: Callable[[], Any], done: str) -> None:
    """Ask before something is taken back."""

    def answered(yes: bool | None) -> None:
        if yes:
            keep(pane, job, done)

    pane.app.push_screen(Confirm(t("case.undo_title"), text, yes=t("case.undo_yes")), answered)


def ask_why(pane: CasePane, title: str, job: Callable[[str], Any], done: str) -> None:
    """Ask for a reason, which may not be empty, then save."""

    def check(typed: str) -> str:
        return "" if typed.strip() else t("case.reason_missing")

    def answered(reason: str | None) -> None:
        if reason is not None:
            keep(pane, lambda: job(reason.strip()), done)

    pane.app.push_screen(Ask(title, t("case.reason_text"), check=check), answered)


def keep(pane: CasePane, job: Callable[[], Any], done: str) -> None:
    """Save, say so, read again."""

    def then(_: Any) -> None:
        pane.app.say(done)
        pane.reload()

    pane.host.save(job, then)


def store(pane: CasePane) -> Store:
    """Where records are kept."""
    return pane.host.workspace.store


def user(pane: CasePane) -> str:
    """Who saves."""
    return pane.host.workspace.user
