"""What is done with a case from the F0 tab: which form or question each key opens, and what is taken back how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_app.i18n import t
from tui_app.screens.paper_file import case_papers, choose_paper, contact_paper, slip_paper, write_paper
from tui_app.services import alerts, cases, contacts, medicine, referrals
from tui_app.services.board import board
from tui_app.widgets.case_row import CaseRow
from tui_app.widgets.dialogs import Ask, Choose, Confirm

if TYPE_CHECKING:
    from tui_app.screens.case_pane import CasePane

LONG = 300


def _name(pane: CasePane) -> str:
    return str(pane.card.person.get("full_name") or "") if pane.card else ""


def _form(pane: CasePane, form: Any) -> None:
    """Open a form; what it saved is seen when it is closed, as the screen below is resumed then."""
    pane.app.push_screen(form)


# ---- keys


def open_case(pane: CasePane) -> None:
    """A new case of the person."""
    from tui_app.screens.case_open import OpenCaseForm

    person: str = pane.host.person  # type: ignore[attr-defined]
    name: str = pane.host.full_name  # type: ignore[attr-defined]
    _form(pane, OpenCaseForm(person, name))


def measure(pane: CasePane) -> None:
    """The form of one reading."""
    from tui_app.screens.vitals_form import VitalsFormScreen

    card, now = pane.card, pane.app.clock()
    if card is None:
        return

    def show(found: Any) -> None:
        if found is None:
            pane.app.say(t("case.not_at_home"))
        else:
            _form(pane, VitalsFormScreen(found))

    pane.host.read(
        lambda c: next((line for line in board(c, now) if line.case == card.id), None), show, group="measure"
    )


def answer(pane: CasePane) -> None:
    """The alert under the cursor, else the newest nobody has answered."""
    from tui_app.screens.alert import AlertScreen

    line, card = pane.line, pane.card
    waiting = [one.id for one in card.alerts if one.state == "open"] if card else []
    here = [line.ident] if line is not None and line.kind == "alert" and line.ident in waiting else []
    if here or waiting:
        _form(pane, AlertScreen((here or waiting)[0], must_answer=False))
    else:
        pane.app.say(t("f0.no_alert", name=_name(pane)))


def refer(pane: CasePane) -> None:
    """A referral, then its slip."""
    from tui_app.screens.referral_form import ReferralForm

    if pane.card is None:
        return

    def made(referral: str | None) -> None:
        if referral is not None:
            write_paper(pane.host, slip_paper(referral))

    pane.app.push_screen(ReferralForm(pane.card.id, _name(pane)), made)


def give(pane: CasePane) -> None:
    """A medicine."""
    from tui_app.screens.medicine_form import MedicineForm

    if pane.card is not None:
        _form(pane, MedicineForm(pane.card.id, _name(pane)))


def note_contacts(pane: CasePane) -> None:
    """Everybody at home, or somebody by name."""
    from tui_app.screens.contact_forms import HouseholdContactsForm, NamedContactForm

    if pane.card is None:
        return
    case, name = pane.card.id, _name(pane)

    def chosen(which: str | None) -> None:
        if which is not None:
            _form(pane, {"household": HouseholdContactsForm, "named": NamedContactForm}[which](case, name))

    options = [(one, t(f"case.contacts_{one}")) for one in ("household", "named")]
    pane.app.push_screen(Choose(t("case.contacts_title", name=name), options), chosen)


def change(pane: CasePane) -> None:
    """One of the things that can change."""
    from tui_app.screens.case_change import CHANGES, ChangeCaseForm

    if pane.card is None:
        return
    case, name = pane.card.id, _name(pane)

    def chosen(what: str | None) -> None:
        if what is not None:
            _form(pane, ChangeCaseForm(case, name, what))

    options = [(one, t(f"fields.{one}")) for one in CHANGES]
    pane.app.push_screen(Choose(t("case.change_what", name=name), options), chosen)


def end(pane: CasePane) -> None:
    """The end, with what the rules say of it."""
    from tui_app.screens.case_end import EndCaseForm

    if pane.card is not None:
        _form(pane, EndCaseForm(pane.card.id, _name(pane), pane.card.person_id))


def reopen(pane: CasePane) -> None:
    """Ask why, then open the case again."""
    if pane.card is None:
        return
    case = pane.card.id
    _ask_why(
        pane,
        t("case.reopen_title", name=_name(pane)),
        lambda reason: cases.reopen(_store(pane), _user(pane), case, reason),
        t("case.reopened", name=_name(pane)),
    )


def follow_up(pane: CasePane) -> None:
    """A visit after recovery."""
    from tui_app.screens.follow_up_form import FollowUpForm

    if pane.card is not None:
        _form(pane, FollowUpForm(pane.card.id, _name(pane)))


def papers(pane: CasePane) -> None:
    """The papers of the case, and of the contact or referral under the cursor."""
    if pane.card is None:
        return
    found, line = list(case_papers(pane.card.id)), pane.line
    if line is not None and line.kind == "referral":
        found.insert(0, slip_paper(line.ident))
    if line is not None and line.kind == "contact":
        found.insert(0, contact_paper(line.ident))
    choose_paper(pane.host, found)


# ---- what Enter does with a line


def act_on(pane: CasePane, line: CaseRow) -> bool:
    """Offer what can be done with a line besides seeing why; False when that is all there is."""
    if line.kind == "conflict":
        from tui_app.screens.conflict import ConflictScreen

        _form(pane, ConflictScreen(record=line.ident))
        return True
    if line.kind == "due":
        follow_up(pane)
        return True
    doing = _DOING.get(line.kind)
    if doing is None or (line.kind == "alert" and line.state != "danger"):
        return False
    if line.kind == "alert":
        answer(pane)
        return True

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

    _form(pane, ArrivalForm(line.ident, _name(pane)))


def _slip(pane: CasePane, line: CaseRow) -> None:
    write_paper(pane.host, slip_paper(line.ident))


def _withdraw(pane: CasePane, line: CaseRow) -> None:
    job = referrals.withdraw
    _ask_why(
        pane,
        t("case.withdraw_title"),
        lambda reason: job(_store(pane), _user(pane), line.ident, reason),
        t("referral.withdrawn"),
    )


def _look(pane: CasePane, line: CaseRow) -> None:
    from tui_app.screens.contact_forms import ContactDayForm

    _form(pane, ContactDayForm(line.ident, line.said.partition(" · ")[0]))


def _end_watch(pane: CasePane, line: CaseRow) -> None:
    job = contacts.end_watch
    _ask_why(
        pane,
        t("case.end_watch_title"),
        lambda reason: job(_store(pane), _user(pane), line.ident, reason),
        t("contacts.watch_ended"),
    )


def _watch_again(pane: CasePane, line: CaseRow) -> None:
    _keep(
        pane,
        lambda: contacts.watch_again(_store(pane), _user(pane), line.ident),
        t("case.watched_again"),
    )


def _take_medicine_back(pane: CasePane, line: CaseRow) -> None:
    job = medicine.take_back
    _ask_why(
        pane,
        t("case.take_medicine_back_title"),
        lambda reason: job(_store(pane), _user(pane), line.ident, reason),
        t("medicine.taken_back"),
    )


Doing = dict[str, Callable[["CasePane", CaseRow], None]]
_DOING: dict[str, Doing] = {
    "alert": {},
    "referral": {"why": _why, "arrived": _arrived, "slip": _slip, "withdraw": _withdraw},
    "contact": {"why": _why, "look": _look, "end_watch": _end_watch, "watch_again": _watch_again},
    "dispense": {"why": _why, "take_back": _take_medicine_back},
}


# ---- taking back


def take_back(pane: CasePane) -> None:
    """Take back what the line under the cursor says, by a correcting record."""
    line = pane.line
    if line is None:
        return
    store, who = _store(pane), _user(pane)
    if line.kind in ("event", "place", "hand_over", "follower", "severity", "risk_class"):
        text, done = f"{line.what}: {line.said}", t("case.taken_back")
        _sure(pane, text, lambda: cases.undo(store, who, line.ident), done)
    elif line.kind == "ended":
        reopen(pane)
    elif line.kind == "dispense":
        _take_medicine_back(pane, line)
    elif line.kind == "referral":
        _withdraw(pane, line)
    elif line.kind == "contact":
        _watch_again(pane, line)
    elif line.kind == "alert":
        _sure(pane, line.said, lambda: alerts.take_back(store, who, line.ident), t("case.alert_open_again"))
    else:
        pane.app.say(t("case.nothing_to_undo"))


def _sure(pane: CasePane, text: str, job: Callable[[], Any], done: str) -> None:
    def answered(sure: bool | None) -> None:
        if sure:
            _keep(pane, job, done)

    pane.app.push_screen(Confirm(t("case.undo_title"), text, yes=t("case.undo_yes")), answered)


def _ask_why(pane: CasePane, title: str, job: Callable[[str], Any], done: str) -> None:
    """Ask for a reason, which may not be empty, then save."""

    def check(typed: str) -> str:
        return "" if typed.strip() else t("case.reason_missing")

    def answered(reason: str | None) -> None:
        if reason is not None:
            _keep(pane, lambda: job(reason.strip()), done)

    pane.app.push_screen(Ask(title, t("case.reason_text"), check=check), answered)


def _keep(pane: CasePane, job: Callable[[], Any], done: str) -> None:
    def then(_: Any) -> None:
        pane.app.say(done)
        pane.reload()

    pane.host.save(job, then)


def _store(pane: CasePane) -> Any:
    return pane.host.workspace.store


def _user(pane: CasePane) -> str:
    return pane.host.workspace.user
