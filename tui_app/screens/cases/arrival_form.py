"""A patient who was sent on has arrived: who said so, and whether care goes on in hospital."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.i18n import t
from tui_app.screens.cases.case_form import CaseForm, yes_no_choice
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import YES, Entry
from tui_app.services.treatment import referrals
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField


class ArrivalForm(CaseForm):
    """``about``: id of the referral, which it answers."""

    form = "arrival"
    title_key = "case.arrival_title"

    def opened(self, c: Any) -> Opened:
        """Nothing is proposed."""
        return Opened(live_row(c, "referral", self.about).body, {})

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """Who said so, and whether the place of care changes."""
        return [
            FormRow("acknowledged_by", TextField(max_length=120)),
            FormRow("admitted", yes_no_choice(), t("case.admitted")),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        entry = Entry()
        self.take_text(entry, typed, "acknowledged_by", required=("acknowledged_by",))
        entry.fields["admitted"] = typed.get("admitted") == YES
        return entry

    def write(self, entry: Entry) -> str:
        """Note the arrival."""
        said = entry.fields
        referrals.acknowledge(
            self.workspace.store,
            self.workspace.user,
            self.about,
            said["acknowledged_by"],
            admitted=said["admitted"],
        )
        return self.about

    def saved(self, record: str, entry: Entry) -> str:
        """That it is noted."""
        return t("referral.acknowledged")
