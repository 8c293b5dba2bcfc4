"""What is done with a case from the F0 tab: which form or question each key opens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.cases import CaseOutcome
from tui_app.screens.cases.case_saving import ask_why, name_of, open_form, store, user
from tui_app.screens.frame.paper_file import case_papers, choose_paper, contact_paper, slip_paper, write_paper
from tui_app.services.cases import cases
from tui_app.services.cases.board import board
from tui_app.services.cases.cases import CaseHead
from tui_app.widgets.dialogs import Choose

if TYPE_CHECKING:
    from tui_app.screens.cases.case_pane import CasePane


def open_case(pane: CasePane) -> None:
    """A new case of the person."""
    from tui_app.screens.cases.case_open import OpenCaseForm

    person: str = pane.host.person  # type: ignore[attr-defined]
    name: str = pane.host.full_name  # type: ignore[attr-defined]
    open_form(pane, OpenCaseForm(person, name))


def measure(pane: CasePane) -> None:
    """The form of one reading."""
    from tui_app.screens.vitals.vitals_form import VitalsFormScreen

    card, now = pane.card, pane.app.clock()
    if card is None:
        return

    def show(found: Any) -> None:
        if found is None:
            pane.app.say(t("case.not_at_home"))
        else:
            open_form(pane, VitalsFormScreen(found))

    pane.host.ask(lambda c: next((line for line in board(c, now) if line.case == card.id), None), show)


def answer(pane: CasePane) -> None:
    """The alert under the cursor, else the newest nobody has answered."""
    from tui_app.screens.vitals.alert import AlertScreen

    line, card = pane.line, pane.card
    waiting = [one.id for one in card.alerts if one.state == "open"] if card else []
    here = [line.ident] if line is not None and line.kind == "alert" and line.ident in waiting else []
    if here or waiting:
        open_form(pane, AlertScreen((here or waiting)[0], must_answer=False))
    else:
        pane.app.say(t("f0.no_alert", name=name_of(pane)))


def refer(pane: CasePane) -> None:
    """A referral, then its slip."""
    from tui_app.screens.cases.referral_form import ReferralForm

    if pane.card is None:
        return

    def made(referral: str | None) -> None:
        if referral is not None:
            write_paper(pane.host, slip_paper(referral))

    pane.app.push_screen(ReferralForm(pane.card.id, name_of(pane)), made)


def give(pane: CasePane) -> None:
    """A medicine."""
    from tui_app.screens.cases.medicine_form import MedicineForm

    if pane.card is not None:
        open_form(pane, MedicineForm(pane.card.id, name_of(pane)))


def note_contacts(pane: CasePane) -> None:
    """Everybody at home, or somebody by name."""
    from tui_app.screens.cases.contact_forms import HouseholdContactsForm, NamedContactForm

    if pane.card is None:
        return
    case, name = pane.card.id, name_of(pane)

    def chosen(which: str | None) -> None:
        if which is not None:
            open_form(
                pane, {"household": HouseholdContactsForm, "named": NamedContactForm}[which](case, name)
            )

    options = [(one, t(f"case.contacts_{one}")) for one in ("household", "named")]
    pane.app.push_screen(Choose(t("case.contacts_title", name=name), options), chosen)


def change(pane: CasePane) -> None:
    """One of the things that can change."""
    from tui_app.screens.cases.case_change import CHANGES, ChangeCaseForm
    from tui_app.screens.cases.case_days import CaseDaysForm
    from tui_app.screens.cases.case_facts import CaseFactsForm

    if pane.card is None:
        return
    case, name = pane.card.id, name_of(pane)

    def chosen(what: str | None) -> None:
        if what in others:
            open_form(pane, others[what](case, name))
        elif what is not None:
            open_form(pane, ChangeCaseForm(case, name, what))

    others = {"facts": CaseFactsForm, "days": CaseDaysForm}
    options = [*((one, t(f"fields.{one}")) for one in CHANGES), *((one, t(f"case.{one}")) for one in others)]
    pane.app.push_screen(Choose(t("case.change_what", name=name), options), chosen)


def end(pane: CasePane) -> None:
    """The end, with what the rules say of it."""
    from tui_app.screens.cases.case_end import EndCaseForm

    if pane.card is not None:
        open_form(pane, EndCaseForm(pane.card.id, name_of(pane), pane.card.person_id))


def end_mistaken(pane: CasePane) -> None:
    """Of several open cases of the person, end one as mistaken: which, then why."""
    seen, day = pane.seen, pane.app.today()
    going_on = [head for head in seen.heads if head.ended_on is None] if seen else []

    def chosen(case: str | None) -> None:
        if case is None:
            return
        mistaken = partial(cases.end_case, store(pane), user(pane), case, CaseOutcome.MISTAKEN, day)
        done = t("case.ended_mistaken", name=name_of(pane))
        ask_why(pane, t("case.mistaken_title"), mistaken, done)

    options = [(head.id, _case_words(head)) for head in going_on]
    if options:
        pane.app.push_screen(Choose(t("case.which_mistaken", name=name_of(pane)), options), chosen)


def _case_words(head: CaseHead) -> str:
    """What tells a case from another of the same person."""
    positive = show_date(head.first_positive_on) if head.first_positive_on else "?"
    said = t("case.head", since=show_date(head.started_on), positive=positive)
    return " · ".join(filter(None, (said, code_word("place", head.place), head.managed_by)))


def reopen(pane: CasePane) -> None:
    """Ask why, then open the case again; a death or a move that was noted with the person goes back with it when a
    person says so."""
    card = pane.card
    if card is None:
        return
    case, title = card.id, t("case.reopen_title", name=name_of(pane))
    noted = cases.noted_with_person(card.fields, card.person)

    def chosen(what: str | None) -> None:
        if what is not None:
            job = partial(cases.reopen, store(pane), user(pane), case, person_too=what == "both")
            ask_why(pane, title, job, t("case.reopened", name=name_of(pane)))

    if not noted:
        chosen("case")
        return
    day = show_date(card.fields["ended_on"])
    options = [(one, t(f"case.reopen_{one}")) for one in ("both", "case")]
    text = t("case.reopen_noted", field=t(f"fields.{noted}"), date=day)
    pane.app.push_screen(Choose(title, options, text=text), chosen)


def follow_up(pane: CasePane) -> None:
    """A visit after recovery."""
    from tui_app.screens.cases.follow_up_form import FollowUpForm

    if pane.card is not None:
        open_form(pane, FollowUpForm(pane.card.id, name_of(pane)))


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
