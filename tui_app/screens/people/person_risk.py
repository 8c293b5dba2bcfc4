"""What a person's card does about risk: why somebody is listed, what they need, restricted conditions."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui_app.screens.frame.numbers import NumbersScreen
from tui_app.services.people.cards import PersonCard


class PersonRiskScreen(NumbersScreen):
    """``person``: their id; ``card``: once it is read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "need", "support.key_need", show=False, id="card.need", tooltip="support.key_need_tip"),
        Binding("w", "why", "risk.key_why", show=False, id="card.why", tooltip="risk.key_why_tip"),
        Binding(
            "k",
            "restricted",
            "risk.key_restricted",
            show=False,
            id="card.restricted",
            tooltip="risk.key_restricted_tip",
        ),
        Binding("ctrl+z", "undo", show=False, id="card.undo", tooltip="support.key_undo_tip"),
    ]
    person: str
    card: PersonCard | None

    @abstractmethod
    def reload(self) -> None:
        """Read the card again."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Restricted conditions for those alone who may see them."""
        if action == "restricted":
            return self.app.workspace is not None and self.workspace.sees_restricted
        return super().check_action(action, parameters)

    @property
    def full_name(self) -> str:
        """The person's name, empty until the card is read."""
        return str(self.card.fields.get("full_name", "")) if self.card else ""

    def action_need(self) -> None:
        """Write down what the person needs, or what became of it."""
        from tui_app.screens.risk.need_dialogs import choose_need

        choose_need(self, self.full_name, person=self.person, then=self.reload)

    def action_undo(self) -> None:
        """Take the last need of this session back."""
        from tui_app.screens.frame.deeds import take_back

        take_back(self, self.reload)

    def action_why(self) -> None:
        """Why the person is on which risk lists."""
        from tui_app.screens.risk.risk_why import RiskWhyScreen

        self.app.push_screen(RiskWhyScreen(self.person))

    def action_restricted(self) -> None:
        """See and write restricted conditions; each look is noted."""
        from tui_app.screens.people.restricted_dialog import show_restricted

        show_restricted(self, self.person, self.full_name)
