"""What Enter offers on a line of the F0 tab besides seeing why, and how each line is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_app.i18n import t
from tui_app.screens import case_doing
from tui_app.screens.case_saving import ask_why, keep, name_of, open_form, store, sure, user
from tui_app.screens.paper_file import slip_paper, write_paper
from tui_app.services import alerts, cases, contacts, medicine, referrals
from tui_app.widgets.case_row import CaseRow
from tui_app.widgets.dialogs import Choose

if TYPE_CHECKING:
    from tui_app.screens.case_pane import CasePane


def act_on(pane: CasePane, line: CaseRow) -> bool:
    """Offer what can be done with a line besides seeing why; False when that is all there is."""
    if line.kind == "conflict":
        from tui_app.screens.conflict import ConflictScreen

        waiting = pane.seen.conflicts if pane.seen else ()
        record = next((one.record for one in waiting if one.id == line.ident), None)
        open_form(pane, ConflictScreen(record=record, at=line.ident))
        return True
    if line.kind == "due":
        case_doing.follow_up(pane)
        return True
    if line.kind == "alert" and line.state == "danger":
        case_doing.answer(pane)
        return True
    doing = _DOING.get(line.kind)
    if doing is None:
        return False

    def chosen(what: str | None) -> None:
        if what is not None:
            doing[what](pane, line)

    options = [(what, t(f"case.do_{what}")) for what in doing]
    pane.app.push_screen(Choose(line.what, options, text=line.said), chosen)
    return True


def _why(pane: CasePane, line: CaseRow) -> None:
    pane.why(line)


def _arrived(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.arrival_form import ArrivalForm

    open_form(pane, ArrivalForm(line.ident, name_of(pane)))


def _slip(pane: CasePane, line: CaseRow) -> None:
    write_paper(pane.host, slip_paper(line.ident))


def _withdraw(pane: CasePane, line: CaseRow) -> None:
    job = referrals.withdraw
    ask_why(
        pane,
        t("case.withdraw_title"),
        lambda reason: job(store(pane), user(pane), line.ident, reason),
        t("referral.withdrawn"),
    )


def _look(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.contact_forms import ContactDayForm

    open_form(pane, ContactDayForm(line.ident, line.said.partition(" · ")[0]))


def _end_watch(pane: CasePane, line: CaseRow) -> None:
    job = contacts.end_watch
    ask_why(
        pane,
        t("case.end_watch_title"),
        lambda reason: job(store(pane), user(pane), line.ident, reason),
        t("contacts.watch_ended"),
    )


def _watch_again(pane: CasePane, line: CaseRow) -> None:
    keep(
        pane,
        lambda: contacts.watch_again(store(pane), user(pane), line.ident),
        t("case.watched_again"),
    )


def _take_medicine_back(pane: CasePane, line: CaseRow) -> None:
    job = medicine.take_back
    ask_why(
        pane,
        t("case.take_medicine_back_title"),
        lambda reason: job(store(pane), user(pane), line.ident, reason),
        t("medicine.taken_back"),
    )


Doing = dict[str, Callable[["CasePane", CaseRow], None]]
_DOING: dict[str, Doing] = {
    "referral": {"why": _why, "arrived": _arrived, "slip": _slip, "withdraw": _withdraw},
    "contact": {"why": _why, "look": _look, "end_watch": _end_watch, "watch_again": _watch_again},
    "dispense": {"why": _why, "take_back": _take_medicine_back},
}


# ---- taking back


_EVENTS = frozenset({"event", "place", "hand_over", "follower", "severity", "risk_class"})


def take_back(pane: CasePane) -> None:
    """Take back what the line under the cursor says, by a correcting record."""
    line = pane.line
    if line is None:
        return
    kept, who = store(pane), user(pane)
    if line.kind in _EVENTS and pane.card is not None and line.ident != pane.card.id:
        text, done = f"{line.what}: {line.said}", t("case.taken_back")
        sure(pane, text, lambda: cases.undo(kept, who, line.ident), done)
    elif line.kind == "ended":
        case_doing.reopen(pane)
    elif line.kind == "dispense":
        _take_medicine_back(pane, line)
    elif line.kind == "referral":
        _withdraw(pane, line)
    elif line.kind == "contact":
        _watch_again(pane, line)
    elif line.kind == "alert" and line.state != "danger":
        sure(pane, line.said, lambda: alerts.take_back(kept, who, line.ident), t("case.alert_open_again"))
    else:
        pane.app.say(t("case.nothing_to_undo"))
