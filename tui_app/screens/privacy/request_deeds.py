"""What can be done with a request of a data subject, by the same keys in the register and where it is shown whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui_app.records.data_requests import RequestKind, RequestState
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.requests.register import Request

STEPS = ("answer", "done", "refuse", "cancel")


class RequestDeeds(WorkScreen[None]):
    """A key stands where the request can take the step; a deletion ends by erasing or by a refusal."""

    leaves_when_refused = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "a", "step('answer')", "privacy.key_answer", id="request.answer", tooltip="privacy.key_answer_tip"
        ),
        Binding("x", "step('done')", "privacy.key_done", id="request.done", tooltip="privacy.key_done_tip"),
        Binding("d", "erase", "privacy.key_erase", id="request.erase", tooltip="privacy.key_erase_tip"),
        Binding(
            "r", "step('refuse')", "privacy.key_refuse", id="request.refuse", tooltip="privacy.key_refuse_tip"
        ),
        Binding("c", "step('cancel')", show=False, id="request.cancel", tooltip="privacy.key_cancel_tip"),
        Binding("g", "person", show=False, id="request.person", tooltip="privacy.key_person_tip"),
    ]

    @property
    @abstractmethod
    def chosen(self) -> Request | None:
        """The request that the keys act on."""

    @abstractmethod
    def reload(self) -> None:
        """Read again."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only steps that this request can take."""
        if action in ("step", "erase", "person"):
            one = self.chosen if self.is_mounted else None
            return one is not None and _may(one, action, str(parameters[0]) if parameters else "")
        return super().check_action(action, parameters)

    def action_step(self, step: str) -> None:
        """Note the step with its day and, at the end, its words."""
        from tui_app.screens.privacy.request_forms import StepForm

        if self.chosen is not None:
            self.app.push_screen(StepForm(self.chosen, step), lambda _: self.reload())

    def action_erase(self) -> None:
        """See what erasing the person would do; nothing is removed yet."""
        if self.chosen is not None:
            self.push_erase(self.chosen, lambda _: self.reload())

    def push_erase(self, one: Request, then: Callable[[bool | None], None]) -> None:
        """Open what erasing would do; ``then`` hears whether it was done."""
        from tui_app.screens.privacy.erase import EraseScreen

        self.app.push_screen(EraseScreen(one.person, one.full_name, one.id), then)

    def action_person(self) -> None:
        """Open the card of whom the request is about."""
        from tui_app.screens.people.person_card import PersonCardScreen

        if self.chosen is not None:
            self.app.push_screen(PersonCardScreen(self.chosen.person))


def _may(one: Request, action: str, step: str) -> bool:
    if action == "person":
        return bool(one.full_name)
    if not one.may_act:
        return False
    if action == "erase" or step == "done":
        return (one.kind == RequestKind.DELETION) == (action == "erase")
    return step != "answer" or one.state == RequestState.OPEN
