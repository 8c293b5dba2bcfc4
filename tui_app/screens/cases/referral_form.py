"""Sending a patient on: where to, why, how; it answers the alert it comes from, and its slip goes into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.i18n import t
from tui_app.records.observations import AlertState
from tui_app.screens.cases.case_form import CaseForm
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.cases import alerts
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.cases.case_card import case_card
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import Entry
from tui_app.services.treatment import referrals
from tui_app.services.treatment.referrals import Sending
from tui_app.widgets import alert_words
from tui_app.widgets.case_row import why_lines
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField


class ReferralForm(CaseForm):
    """``about``: id of the case; ``alert``: the one it answers, the newest unanswered one of the case when not given.
    Answers the referral's id."""

    form = "referral"
    title_key = "case.refer_title"

    def __init__(self, about: str, name: str, alert: str | None = None) -> None:
        super().__init__(about, name)
        self._alert = alert

    def opened(self, c: Any) -> Opened:
        """Proposed as the reason: the signs of the alert."""
        now, sets = self.app.clock(), rule_sets(c)
        case = live_row(c, "case", self.about)
        line = alerts.alert_line(c, self._alert, now) if self._alert else _waiting(c, self.about, now)
        values = {"sent_from": str(case.body.get("managed_by") or "")}
        if line is not None:
            values["reason"] = alert_words.reason(line, sets)
        return Opened(case.body, values, (line, why_lines(sets, line.findings) if line else ()))

    def says(self, opened: Opened) -> Sequence[str]:
        """The signs, and that the alert is answered with the referral."""
        line, signs = opened.more
        return [] if line is None else [t("case.refer_answers"), *signs]

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """Where to first."""
        return [
            FormRow("sent_to", TextField(max_length=120)),
            FormRow("reason", TextField(max_length=1000)),
            FormRow("transport", TextField(max_length=120)),
            FormRow("sent_from", TextField(max_length=120)),
            FormRow("note", TextField(max_length=500)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        names = ("sent_to", "reason", "transport", "sent_from", "note")
        self.take_text(entry, values, *names, required=("sent_to", "reason"))
        return entry

    def write(self, entry: Entry) -> str:
        """Make the referral and answer the alert, in one save."""
        line: AlertLine | None = self._opened.more[0] if self._opened else None
        sending = Sending(**entry.fields, alert=line.id if line else None)
        return referrals.make(self.workspace.store, self.workspace.user, self.about, sending)

    def saved(self, record: str, entry: Entry) -> str:
        """Where to."""
        return t("f0.alert_referred", where=entry.fields["sent_to"])


def _waiting(c: Any, case: str, now: Any) -> AlertLine | None:
    found = case_card(c, case, now).alerts
    return next((one for one in found if one.state == AlertState.OPEN), None)
