"""What Enter offers on a line of the F0 tab besides seeing why, and how each line is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_app.i18n import t
from tui_app.screens.cases import case_doing
from tui_app.screens.cases.case_saving import ask_why, keep, name_of, open_form, store, sure, user
from tui_app.screens.frame.paper_file import slip_paper, write_paper
from tui_app.services.cases import alerts, cases, contacts, follow_ups
from tui_app.services.treatment import medicine, referrals
from tui_app.widgets.case_row import CaseRow
from tui_app.widgets.dialogs import Choose

if TYPE_CHECKING:
    from tui_app.screens.cases.case_pane import CasePane

Deed = Callable[["CasePane", CaseRow], None]


def act_on(pane: CasePane, line: CaseRow) -> bool:
    """Do the one thing a line asks for, or offer what can be done with it besides seeing why; False when that is all
    there is."""
    if line.kind in _AT_ONCE and not (line.kind == "alert" and line.state != "danger"):
        _AT_ONCE[line.kind](pane, line)
        return True
    offered = _OFFERED.get(line.kind)
    if offered is None:
        return False

    def chosen(what: str | None) -> None:
        if what is not None:
            offered[what](pane, line)

    options = [(what, t(f"case.do_{what}")) for what in offered]
    pane.app.push_screen(Choose(line.what, options, text=line.said), chosen)
    return True


def take_back(pane: CasePane) -> None:
    """Take back what the line under the cursor says, by a correcting record."""
    line = pane.line
    if line is None:
        return
    undo = _TAKEN_BACK.get(line.kind)
    unanswered = line.kind == "alert" and line.state == "danger"
    never_changed = pane.card is not None and line.ident == pane.card.id and line.kind != "ended"
    if undo is None or unanswered or never_changed:
        pane.app.say(t("case.nothing_to_undo"))
    else:
        undo(pane, line)


# ---- deeds


def _asking_why(title: str, service: Callable[..., Any], done: str) -> Deed:
    """A deed that asks for a reason and saves it with the record of the line."""

    def deed(pane: CasePane, line: CaseRow) -> None:
        ask_why(pane, t(title), lambda why: service(store(pane), user(pane), line.ident, why), t(done))

    return deed


def _decide(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.exchange.conflict import ConflictScreen

    waiting = pane.seen.conflicts if pane.seen else ()
    record = next((one.record for one in waiting if one.id == line.ident), None)
    open_form(pane, ConflictScreen(record=record, at=line.ident))


def _correct_days(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.cases.case_days import CaseDaysForm

    open_form(pane, CaseDaysForm(line.ident, name_of(pane)))


def _arrived(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.cases.arrival_form import ArrivalForm

    open_form(pane, ArrivalForm(line.ident, name_of(pane)))


def _slip(pane: CasePane, line: CaseRow) -> None:
    write_paper(pane.host, slip_paper(line.ident))


def _look(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.cases.contact_forms import ContactDayForm

    open_form(pane, ContactDayForm(line.ident, line.said.partition(" · ")[0]))


def _correct_contact(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.cases.contact_forms import CorrectContactForm

    open_form(pane, CorrectContactForm(line.ident, line.said.partition(" · ")[0]))


def _watch_again(pane: CasePane, line: CaseRow) -> None:
    job = contacts.watch_again
    keep(pane, lambda: job(store(pane), user(pane), line.ident), t("case.watched_again"))


def _correct_visit(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.cases.follow_up_form import FollowUpForm

    if pane.card is not None:
        open_form(pane, FollowUpForm(pane.card.id, name_of(pane), visit=line.ident))


def _undo_event(pane: CasePane, line: CaseRow) -> None:
    job = cases.undo
    said = f"{line.what}: {line.said}"
    sure(pane, said, lambda: job(store(pane), user(pane), line.ident), t("case.taken_back"))


def _why(pane: CasePane, line: CaseRow) -> None:
    pane.why(line)


_open_alert_again = _asking_why("case.alert_again_title", alerts.take_back, "case.alert_open_again")
_withdraw = _asking_why("case.withdraw_title", referrals.withdraw, "referral.withdrawn")
_end_watch = _asking_why("case.end_watch_title", contacts.end_watch, "contacts.watch_ended")
_return = _asking_why("case.take_medicine_back_title", medicine.take_back, "medicine.taken_back")
_withdraw_visit = _asking_why(
    "case.withdraw_visit_title", follow_ups.withdraw_follow_up, "case.visit_withdrawn"
)

_AT_ONCE: dict[str, Deed] = {
    "conflict": _decide,
    "due": lambda pane, _: case_doing.follow_up(pane),
    "alert": lambda pane, _: case_doing.answer(pane),
    "twice": lambda pane, _: case_doing.end_mistaken(pane),
}
_OFFERED: dict[str, dict[str, Deed]] = {
    "day": {"why": _why, "correct_days": _correct_days},
    "referral": {"why": _why, "arrived": _arrived, "slip": _slip, "withdraw": _withdraw},
    "contact": {
        "why": _why,
        "look": _look,
        "correct_contact": _correct_contact,
        "end_watch": _end_watch,
        "watch_again": _watch_again,
    },
    "dispense": {"why": _why, "take_back": _return},
    "follow_up": {"why": _why, "correct_visit": _correct_visit, "withdraw_visit": _withdraw_visit},
}
_TAKEN_BACK: dict[str, Deed] = {
    **dict.fromkeys(("event", "place", "hand_over", "follower", "severity", "risk_class"), _undo_event),
    "ended": lambda pane, _: case_doing.reopen(pane),
    "dispense": _return,
    "referral": _withdraw,
    "contact": _watch_again,
    "follow_up": _withdraw_visit,
    "alert": _open_alert_again,
}
