"""The vaccination tab of a person's card: how they stand and why, the doses, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.rules.follow_up import months_later
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.services.vaccination import vaccination
from tui_app.services.vaccination.vaccination_card import VaccinationCard
from tui_app.widgets import dose_rows
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.app import GonhaApp

REASON_LENGTH = 200
MONTHS_AHEAD = 60  # a postponement of more is a slip of the keys


class VaccinationPane(Vertical):
    """Shows a `VaccinationCard`; the screen reads again after each save."""

    app: GonhaApp
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", "vaccination.key_add", id="dose.add", tooltip="vaccination.key_add_tip"),
        Binding(
            "x", "remove", "vaccination.key_remove", id="dose.remove", tooltip="vaccination.key_remove_tip"
        ),
        Binding(
            "p",
            "postpone",
            "vaccination.key_postpone",
            id="dose.postpone",
            tooltip="vaccination.key_postpone_tip",
        ),
        Binding("k", "never", "vaccination.key_never", id="dose.never", tooltip="vaccination.key_never_tip"),
        Binding("0", "none", "vaccination.key_none", id="dose.none", tooltip="vaccination.key_none_tip"),
        Binding("r", "clear", "vaccination.key_clear", id="dose.clear", tooltip="vaccination.key_clear_tip"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.card: VaccinationCard | None = None

    def compose(self) -> ComposeResult:
        """One list: how the person stands, then each dose."""
        yield RowList(dose_rows.columns(), id="dose_rows", empty=t("widgets.list_loading"))

    @property
    def count(self) -> int | None:
        """How many doses are recorded, for the tab."""
        return len(self.card.doses) if self.card else None

    def show(self, card: VaccinationCard) -> None:
        """Show a person's vaccination as it was read."""
        self.card = card
        listed = self.query_one("#dose_rows", RowList)
        listed.set_columns(dose_rows.columns())
        listed.show(ListSource(dose_rows.rows(card)))
        self.screen.refresh_bindings()

    # ---- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dose is taken back under the cursor; what stands against a dose is cleared where something does."""
        if action == "remove":
            return self._dose is not None
        if action == "none":
            return self.card is not None and not self.card.doses
        if action == "clear":
            return bool(self.card and self.card.stands)
        return True

    @property
    def _dose(self) -> str | None:
        if not self.query("#dose_rows"):
            return None
        row = self.query_one("#dose_rows", RowList).cursor_row
        return row.key if row is not None and row.key != dose_rows.STATUS else None

    @property
    def _person(self) -> tuple[str, str]:
        host: Any = self.screen
        return host.person, host.full_name

    @on(RowList.Highlighted, "#dose_rows")
    def _moved(self) -> None:
        self.screen.refresh_bindings()

    @on(RowList.Selected, "#dose_rows")
    def _entered(self, message: RowList.Selected) -> None:
        """Enter: why the person stands so, or correct the dose."""
        message.stop()
        dose = self._dose
        if dose is not None:
            self._open(dose)
        elif self.card is not None and self.card.status is not None:
            title, lines = dose_rows.why(self.card)
            self.app.push_screen(WhyScreen(title, lines))

    def action_add(self) -> None:
        """Record a dose."""
        self._open(None)

    def _open(self, dose: str | None) -> None:
        from tui_app.screens.vaccination.dose_form import DoseForm

        self.app.push_screen(DoseForm(*self._person, dose), lambda _: self._reload())

    def action_remove(self) -> None:
        """Take a dose back, with the reason."""
        dose = self._dose
        if dose is not None:
            self._ask_why(
                "remove",
                lambda store, who, reason: vaccination.remove_dose(store, who, dose, reason),
                "removed",
            )

    def action_never(self) -> None:
        """Not to be vaccinated at all, with the reason."""
        person = self._person[0]
        self._ask_why(
            "never",
            lambda store, who, reason: vaccination.contraindicate(store, who, person, reason),
            "contraindicated",
        )

    def action_none(self) -> None:
        """No dose at all, with the reason."""
        person = self._person[0]
        self._ask_why(
            "none",
            lambda store, who, reason: vaccination.not_vaccinated(store, who, person, reason),
            "noted_none",
        )

    def action_postpone(self) -> None:
        """Not before a day, with the reason."""
        person, today = self._person[0], self.app.today()

        def check(typed: str) -> str:
            day = _later_day(typed, today)
            return "" if day is not None and day > today else t("vaccination.ask_day_later")

        def answered(typed: str | None) -> None:
            until = _later_day(typed or "", today)
            if until is not None:
                self._ask_why(
                    "postpone",
                    lambda store, who, reason: vaccination.postpone(store, who, person, until, reason),
                    "postponed",
                    date=show_date(until),
                )

        field = TextField(max_length=20, composing=False)
        title = t("vaccination.ask_until", name=self._person[1])
        self.app.push_screen(Ask(title, t("vaccination.ask_until_text"), field=field, check=check), answered)

    def action_clear(self) -> None:
        """They may be vaccinated after all."""
        workspace, person = self._workspace, self._person[0]
        self._keep(
            lambda: vaccination.clear(workspace.store, workspace.user, person), t("vaccination.cleared")
        )

    # ---- saving

    @property
    def _workspace(self) -> Any:
        host: Any = self.screen
        return host.workspace

    def _ask_why(self, what: str, job: Callable[[Any, str, str], None], done: str, **params: Any) -> None:
        workspace = self._workspace

        def answered(reason: str | None) -> None:
            if reason is not None:
                said = t(f"vaccination.{done}", **params)
                self._keep(lambda: job(workspace.store, workspace.user, reason), said)

        title = t(f"vaccination.ask_{what}", name=self._person[1])
        needed = t("vaccination.reason_needed")
        ask = Ask(
            title,
            t("vaccination.ask_reason"),
            field=TextField(max_length=REASON_LENGTH),
            check=lambda typed: "" if typed.strip() else needed,
        )
        self.app.push_screen(ask, answered)

    def _keep(self, job: Callable[[], Any], done: str) -> None:
        def then(_: Any) -> None:
            self.app.say(done)
            self._reload()

        host: Any = self.screen
        host.save(job, then)

    def _reload(self) -> None:
        host: Any = self.screen
        host.reload()


def _later_day(typed: str, today: date) -> date | None:
    """A day that may lie ahead; None for what is no day."""
    return checks.day(typed, months_later(today, MONTHS_AHEAD), "postponed_until").value
